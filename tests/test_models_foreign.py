"""A torch network of the user's own, in the shape of the book."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pytest
import torch
from scipy.special import expit
from torch import nn
from toys import Words, book, linear, quiet, words

import motifbook as mb
from motifbook import InputError


class Result(nn.Module):
    """Returns the same values, given per sequence, whatever it reads."""

    def __init__(self, result):
        super().__init__()
        self.result = result

    def forward(self, onehot):
        return self.result(len(onehot)) if callable(self.result) else self.result


def wrap(network, n=1, kinds="binary", **options):
    names = [f"r{number}" for number in range(n)]
    return mb.Foreign(network, readouts=names, kinds=kinds, length=40, **options)


def share_of_a(onehot):
    return onehot[:, :1].mean(dim=2)


def test_predictions_are_the_networks_own():
    adata = book([*quiet(6), "C" * 36 + "GATA"])
    prediction = mb.predict(words(), adata)
    assert prediction.shape == (7, 2)
    assert prediction[:, 0] == pytest.approx([expit(1)] * 6 + [expit(3)])
    assert prediction[:, 1] == pytest.approx([0] * 6 + [1])


@pytest.mark.parametrize("alphabet", ["DNA", "RNA", "protein"])
def test_letters_may_come_last(alphabet):
    n_letters = {"DNA": 4, "RNA": 4, "protein": 20}[alphabet]
    weight = torch.randn(40 * n_letters, generator=torch.Generator().manual_seed(0))

    class LettersLast(nn.Module):
        def forward(self, onehot):
            assert onehot.shape[1:] == (40, n_letters)
            return onehot.reshape(len(onehot), -1) @ weight

    model = wrap(LettersLast(), kinds="continuous", alphabet=alphabet, axes="letters last")
    letters = model.alphabet.letters
    rng = np.random.default_rng(0)
    adata = book(["".join(rng.choice(list(letters), 40)) for _ in range(5)], alphabet)
    expected = [
        sum(weight[i * n_letters + letters.index(letter)] for i, letter in enumerate(sequence))
        for sequence in adata.obs["sequence"]
    ]
    np.testing.assert_allclose(mb.predict(model, adata)[:, 0], expected, rtol=1e-4, atol=1e-4)


def test_what_it_returns_is_reduced_by_output():
    class Profile(nn.Module):
        def forward(self, onehot):
            return {"profile": onehot, "count": None}

    model = wrap(Profile(), 4, "continuous", output=lambda result: result["profile"].sum(dim=2))
    assert mb.predict(model, book(["A" * 30 + "G" * 10]))[0].tolist() == [30, 0, 10, 0]


def test_probabilities_become_logits_and_come_back():
    class Shares(nn.Module):
        def forward(self, onehot):
            return torch.cat([share_of_a(onehot), 7 * share_of_a(onehot)], dim=1)

    model = wrap(Shares(), 2, ["binary", "continuous"], probabilities=True)
    adata = book(["A" * 10 + "C" * 30, "A" * 40])
    np.testing.assert_allclose(mb.predict(model, adata)[:, 0], [0.25, 1], atol=1e-5)
    table = mb.marginalize(model, "GG", ["A" * 20 + "C" * 20], start=0)
    assert table["effect"][0] == pytest.approx(np.log(18 / 22))
    assert table["effect"][1] == pytest.approx(-0.35)
    sure = mb.predict(model, book(["C" * 40]))
    assert 0 < sure[0, 0] < 1e-5


def test_probabilities_that_nobody_called_so_are_refused():
    model, adata = wrap(Result(lambda n: torch.linspace(0.1, 0.9, n))), book(quiet(20))
    with pytest.raises(
        InputError, match=r"0\.1 to 0\.9 .* look like probabilities.*`probabil.*True"
    ):
        mb.predict(model, adata)
    logits = wrap(Result(lambda n: torch.linspace(0.1, 0.9, n)), probabilities=False)
    assert mb.predict(logits, adata)[0, 0] == pytest.approx(expit(0.1))
    few = wrap(Result(lambda n: torch.linspace(0.1, 0.9, n)))
    assert mb.predict(few, adata[:5]).shape == (5, 1)  # too few to tell


def test_logits_called_probabilities_are_refused():
    model = wrap(Result(lambda n: torch.linspace(-2, 3, n)), probabilities=True)
    with pytest.raises(InputError, match=r"returned -2 to 3 for binary .*`probabilities=False`"):
        mb.predict(model, book(quiet(4)))


def test_the_network_is_left_as_it_was():
    inner = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(160, 1), nn.BatchNorm1d(1))
    inner.train()
    inner[3].eval()
    inner[2].weight.requires_grad_(False)
    before = {name: value.clone() for name, value in inner.state_dict().items()}
    model = wrap(inner, kinds="continuous")
    first, second = (mb.predict(model, book(quiet(8))) for _ in range(2))
    np.testing.assert_array_equal(first, second)  # dropout is off
    assert [part.training for part in inner] == [True, True, True, False]
    assert inner.training
    assert not inner[2].weight.requires_grad
    assert inner[2].bias.requires_grad
    for name, value in inner.state_dict().items():
        assert torch.equal(value, before[name])


def test_gradients_reach_the_letters():
    onehot = torch.zeros(1, 4, 40, requires_grad=True)
    network = linear()
    network(onehot).sum().backward()
    assert torch.equal(onehot.grad.flatten(), network.network[1].weight.flatten())


def test_networks_of_other_precision_are_served():
    inner = nn.Sequential(nn.Flatten(), nn.Linear(160, 1)).double()
    assert mb.predict(wrap(inner, kinds="continuous"), book(quiet(3))).shape == (3, 1)


def test_it_is_evaluated_like_any_other():
    sequences = book([*quiet(10), *(s[:36] + "GATA" for s in quiet(10, seed=1))])
    labelled = ad.AnnData(X=np.repeat([0.0, 1.0], 10)[:, None], obs=sequences.obs)
    model = wrap(Words(), output=lambda result: result[:, 0], probabilities=False)
    assert mb.evaluate(model, labelled, split=None)["auroc"][0] == 1.0


def test_it_is_not_trained():
    adata = mb.simulate(n=60, length=80, rule="single", seed=0)
    model = mb.Foreign(
        nn.Sequential(nn.Flatten(), nn.Linear(320, 1)), readouts="r", kinds="binary", length=80
    )
    weight = model.network[1].weight.clone()
    with pytest.raises(
        InputError, match=r"A Foreign network is not trained here; .*MotifSyntaxNet"
    ):
        mb.fit(model, adata, seed=0, progress=False)
    assert torch.equal(model.network[1].weight, weight)


def test_other_lengths_are_refused():
    with pytest.raises(InputError, match=r"have 20 letters, the network reads 40.*length=40"):
        mb.predict(words(), book(["ACGT" * 5]))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            lambda n: (torch.zeros(n, 1),) * 2,
            r"The network returned a tuple for 3 .*`output=lambda",
        ),
        (lambda n: torch.zeros(n, 2), r"tensor of shape \(3, 2\) for 3 sequences; .*= \(3, 1\)"),
        (lambda n: torch.zeros(n, 1, 40), r"returned a tensor of shape \(3, 1, 40\)"),
        (lambda n: None, r"The network returned None"),
    ],
)
def test_results_of_another_shape_are_refused(result, said):
    with pytest.raises(InputError, match=said):
        mb.predict(wrap(Result(result)), book(quiet(3)))


def test_networks_that_fail_say_why():
    model = wrap(nn.Sequential(nn.Flatten(), nn.Linear(99, 1)))
    with pytest.raises(InputError, match=r"Your Sequential cannot read .*\(3, 4, 40\).*99.*`axes`"):
        mb.predict(model, book(quiet(3)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"network": "net.pt"},
            r"`network` is 'net\.pt'; expected a torch network with its weights",
        ),
        ({"network": mb.CNN(1)}, r"`network` is a CNN of the book already.*Use it as it is"),
        ({"readouts": 1}, r"`readouts` is 1; expected names"),
        ({"readouts": ["x", "x"]}, r"expected a different name for each"),
        ({"output": 1.5}, r"`output` is 1\.5; expected a function, a number, a key"),
        ({"kinds": None}, r"`kinds` is 'None'; expected one of 'binary', 'continuous'"),
        ({"readouts": []}, r"`kinds` has 0 words for 0 readouts; expected at least one"),
        ({"kinds": ["binary"] * 2}, r"`kinds` has 2 words for 1 readouts"),
        ({"kinds": "logit"}, r"`kinds` is 'logit'; expected one of 'binary', 'continuous'"),
        ({"length": 0}, r"`length` is 0; expected a whole number, 1 or more"),
        ({"axes": "last"}, r"`axes` is 'last'; expected one of 'letters first', 'letters last'"),
        ({"probabilities": "no"}, r"`probabilities` is 'no'; expected one of None, True, False"),
        ({"alphabet": "DNS"}, r"`alphabet` is 'DNS'; expected one of .*Did you mean"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(changed, said):
    given = {"network": Words(), "readouts": ["a"], "kinds": "binary", "length": 40}
    with pytest.raises(InputError, match=said):
        mb.Foreign(**{**given, **changed})


def test_predictions_that_are_no_numbers_are_refused():
    net = nn.Sequential(nn.Flatten(), nn.Linear(4 * 20, 1))
    model = mb.Foreign(
        net, readouts=["x"], kinds="continuous", length=20, output=lambda result: result * np.nan
    )
    with pytest.raises(InputError, match=r"predicts NaN or infinity for 3 of 3 sequences"):
        mb.predict(model, mb.simulate(3, 20, rule="single", seed=0))
