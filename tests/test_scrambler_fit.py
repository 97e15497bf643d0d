"""Training a scrambler: planted letters are found, and nothing but the scrambler changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import motifbook as mb
from motifbook.attribution.scrambler.result import Look
from motifbook.models.foreign_inputs import Input
from motifbook.onehot import encode
from tests.toys import book, word

SHORT = mb.ScramblerOptions(n_steps=80)
FEW = mb.ScramblerOptions(n_steps=3)  # where only what is around the training matters
ignores_chance = pytest.mark.filterwarnings("ignore::motifbook.ScramblerWarning")


SITE = "GATAAGCA"  # long enough that chance makes none


class Finds(nn.Module):
    """Logit 6 where the site stands, else about -6: 4 less for every letter that differs."""

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        best = nn.functional.conv1d(onehot, word(SITE)).amax(dim=2)
        return 4 * (best - 6.5)


class Both(nn.Module):
    """Two sequences that both need the site; the second number beside them counts for nothing."""

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        logits = torch.cat([Finds()(onehot) for onehot in given[:2]], dim=1)
        return logits.sum(dim=1, keepdim=True) - 6


def finds(length: int = 30) -> mb.Foreign:
    return mb.Foreign(
        Finds(), readouts=["bound"], kinds="binary", length=length, probabilities=False
    )


def planted(n: int = 200, length: int = 30, seed: int = 0, share: float = 1.0):
    """Sequences of C, G and T with the site somewhere, and where, (n, length)."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(list("CGT"), (n, length))
    is_site = np.zeros((n, length), dtype=bool)
    for number in range(int(share * n)):
        first = rng.integers(3, length - len(SITE))
        rows[number, first : first + len(SITE)] = list(SITE)
        is_site[number, first : first + len(SITE)] = True
    return ["".join(row) for row in rows], is_site


def importance(scrambler, sequences, bits=0.3, alphabet="DNA"):
    """Of sequences, (n, length), by the scorer and the rule alone."""
    codes = torch.as_tensor(encode(sequences, mb.alphabet.named(alphabet)).astype(int))
    n_letters = scrambler.model.alphabet.n_letters
    onehot = nn.functional.one_hot(codes, n_letters + 1)[..., :n_letters].transpose(1, 2).float()
    with torch.no_grad():
        return scrambler.rule.select(scrambler.scorer(onehot), onehot, bits).importance.numpy()


def fit(model, adata, **settings):
    return mb.fit_scrambler(
        model, adata, **{"seed": 0, "device": "cpu", "progress": False, "options": FEW} | settings
    )


@pytest.mark.parametrize(
    ("bits", "mode"),
    [
        (None, "inclusion"),
        pytest.param(0.4, "inclusion", marks=pytest.mark.slow),
        pytest.param(0.3, "exclusion", marks=pytest.mark.slow),
        pytest.param("25%", "enhance", marks=pytest.mark.slow),
    ],
)
def test_planted_letters_are_found(bits, mode):
    sequences, _ = planted()
    scrambler = fit(
        finds(), book(sequences), bits=bits, mode=mode, options=SHORT, background="uniform"
    )
    others, is_other = planted(seed=1)
    found = importance(scrambler, others, 0.4 if bits is None else scrambler.bits)
    top = np.argsort(-found, axis=1)[:, :8]
    assert np.take_along_axis(is_other, top, axis=1).mean() > 0.8
    assert not any("no better than random" in note for note in scrambler.notes)


@ignores_chance
def test_the_same_seed_gives_the_same_scores_and_nothing_else_moves():
    model, adata = finds(), book(planted(40)[0])
    model.train()
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first, again, other = (fit(model, adata, seed=seed) for seed in (5, 5, 6))
    some = planted(4)[0]
    np.testing.assert_array_equal(importance(first, some), importance(again, some))
    assert (importance(first, some) != importance(other, some)).any()
    assert first.history.equals(again.history)
    assert torch.equal(state, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads
    assert model.training


@ignores_chance
def test_the_network_is_handed_back_as_it_came():
    model = mb.CNN(n_readouts=1, n_filters=2, width=6)
    adata = mb.simulate(n=60, length=30, rule="single", seed=0)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=3))
    model.motifs.requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    needed = [parameter.requires_grad for parameter in model.parameters()]
    fit(model, adata)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert needed == [parameter.requires_grad for parameter in model.parameters()]
    assert not model.training


@ignores_chance
def test_one_of_several_readouts_is_as_a_network_that_has_it_alone():
    class Several(nn.Module):
        def forward(self, onehot):
            return torch.cat([onehot[:, 2].sum(1, keepdim=True), Finds()(onehot)], dim=1)

    several = mb.Foreign(
        Several(),
        readouts=["n_g", "bound"],
        kinds=["continuous", "binary"],
        length=30,
        probabilities=False,
    )
    sequences = planted(40)[0]
    alone = importance(fit(finds(), book(sequences)), sequences)
    for readout in (1, "bound", ["bound"], slice(1, None)):
        chosen = fit(several, book(sequences), readout=readout)
        np.testing.assert_array_equal(importance(chosen, sequences), alone)
        assert chosen.choice.names == ["bound"]
    both = fit(several, book(sequences), readout=None)
    made = fit(several, book(sequences), readout=lambda outputs: outputs[:, 1] - outputs[:, 0])
    assert both.choice.names == ["n_g", "bound"]
    assert made.choice.kinds == ["continuous"]
    assert (importance(both, sequences) != alone).any()


@ignores_chance
@pytest.mark.parametrize("inputs", ["tied", "untied", "joint"])
def test_several_inputs(inputs):
    model = mb.Foreign(
        Both(),
        readouts=["bound"],
        kinds="binary",
        inputs={"sequence": Input(30), "partner": Input(24)},
        extra=["temperature"],
        probabilities=False,
    )
    sequences, partners = planted(40)[0], planted(40, 24, seed=1)[0]
    adata = book(sequences)
    adata.obs["partner"] = partners
    adata.obs["temperature"] = np.linspace(10, 40, 40)
    options = mb.ScramblerOptions(n_steps=3, inputs=inputs, reads=("extra",))
    scrambler = fit(model, adata, options=options)
    assert len(scrambler.scorer.networks) == (2 if inputs == "untied" else 1)
    assert scrambler.scorer.mean.tolist() == pytest.approx([25.0])
    assert scrambler.training.scores.shape == (40, 54)


@ignores_chance
def test_swapping_inputs_swaps_scores():
    model = mb.Foreign(
        Both(),
        readouts=["bound"],
        kinds="binary",
        inputs={"sequence": Input(30), "partner": Input(30)},
        probabilities=False,
    )
    sequences, partners = planted(40)[0], planted(40, seed=1)[0]
    adata = book(sequences)
    adata.obs["partner"] = partners
    scrambler = fit(model, adata, background="uniform")
    joined = importance(scrambler, [a + b for a, b in zip(sequences, partners)])
    swapped = importance(scrambler, [b + a for a, b in zip(sequences, partners)])
    np.testing.assert_allclose(np.roll(swapped, 30, axis=1), joined, atol=1e-5)


@pytest.mark.slow
def test_sequences_with_nothing_to_explain_get_little_of_the_budget_of_a_data_set():
    sequences, is_site = planted(share=0.5, length=60)
    options = mb.ScramblerOptions(n_steps=120, scope="data set")
    scrambler = fit(finds(60), book(sequences), bits=0.1, options=options, background="uniform")
    score = torch.as_tensor(scrambler.training.scores)
    onehot = torch.eye(4)[torch.as_tensor(scrambler.training.letters.astype(int))].transpose(1, 2)
    selection = scrambler.rule.select(score, onehot, 0.1, is_shared=True)
    spent = scrambler.rule.spent(selection, onehot).numpy()
    assert abs(spent.mean() - 0.1) < 1e-3
    assert spent[~is_site.any(axis=1)].mean() < 0.2 * spent[is_site.any(axis=1)].mean()


@ignores_chance
def test_fixed_letters_are_never_altered():
    seen = []

    class Watched(Finds):
        def forward(self, onehot):
            seen.append(onehot.detach())
            return super().forward(onehot)

    model = mb.Foreign(Watched(), readouts=["y"], kinds="binary", length=30, probabilities=False)
    sequences = ["ACG" + text[3:] for text in planted(40)[0]]
    options = mb.ScramblerOptions(n_steps=3, fixed="ACG" + 27 * ".")
    seen.clear()
    scrambler = fit(model, book(sequences), options=options, bits=0.1)
    start = torch.eye(4)[[0, 1, 2]].T
    assert all(torch.allclose(onehot[:, :, :3], start.expand(len(onehot), 4, 3)) for onehot in seen)
    assert (importance(scrambler, sequences)[:, :3] == 0).all()


@ignores_chance
def test_padding_stays_zeros_and_is_not_counted():
    seen = []

    class Watched(Finds):
        def forward(self, onehot):
            seen.append(onehot.detach())
            return super().forward(onehot)

    model = mb.Foreign(Watched(), readouts=["y"], kinds="binary", length=30, probabilities=False)
    seen.clear()
    scrambler = fit(model, book([*planted(20)[0], *planted(20, 20)[0]]), bits=0.2)
    assert all(set(onehot.sum(dim=(1, 2)).round().tolist()) <= {20.0, 30.0} for onehot in seen)
    assert {float(onehot.sum(dim=1).max()) for onehot in seen} == {1.0}
    short = importance(scrambler, ["N" * 5 + planted(1, 20)[0][0] + "N" * 5])
    assert (short[0, [*range(5), *range(25, 30)]] == 0).all()


@ignores_chance
@pytest.mark.parametrize("alphabet", ["RNA", "protein"])
def test_other_alphabets(alphabet):
    rng = np.random.default_rng(0)
    letters = mb.alphabet.named(alphabet).letters
    sequences = ["".join(row) for row in rng.choice(list(letters), (40, 25))]
    network = nn.Sequential(nn.Flatten(), nn.Linear(len(letters) * 25, 1))
    model = mb.Foreign(network, readouts=["y"], kinds="continuous", length=25, alphabet=alphabet)
    scrambler = fit(model, book(sequences, alphabet), background="uniform")
    assert scrambler.ceiling == pytest.approx(np.log2(len(letters)), rel=1e-4)
    found = importance(scrambler, sequences, 0.5, alphabet)
    assert found.shape == (40, 25)


@ignores_chance
@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "repress"},
        {"background": "dinucleotide", "bits": 0.2},
        {"background": [0.1, 0.2, 0.3, 0.4]},
        {"options": mb.ScramblerOptions(n_steps=3, mask_dropout=0.5, smoothing=1.5)},
        {"options": mb.ScramblerOptions(n_steps=3, scope="data set")},
        {"options": mb.ScramblerOptions(n_steps=3, sampling="mean", curriculum="step")},
        {"options": mb.ScramblerOptions(n_steps=3, divergence=lambda a, b: -b.mean(dim=(1, 2)))},
        {"options": mb.ScramblerOptions(n_steps=3, network={"dropout": 0.2, "norm": "batch"})},
    ],
    ids=["repress", "pairs", "array", "dropout", "data set", "mean", "own function", "batch norm"],
)
def test_settings_run_and_masks_have_their_budget(settings):
    sequences = planted(40)[0]
    scrambler = fit(finds(), book(sequences), **settings)
    onehot = torch.eye(4)[torch.as_tensor(encode(sequences).astype(int))].transpose(1, 2)
    selection = scrambler.rule.select(scrambler.scorer(onehot), onehot, 0.2)
    assert (scrambler.rule.spent(selection, onehot) - 0.2).abs().max() < 1e-3
    assert np.isfinite(scrambler.history.to_numpy()).all()


@ignores_chance
def test_what_was_measured_can_be_the_reference_and_be_read():
    adata = mb.simulate(n=40, length=30, rule="single", seed=0)
    model = mb.CNN(n_readouts=1, n_filters=2, width=6)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=3))
    options = mb.ScramblerOptions(n_steps=3, reference="measured", reads=("measured",))
    adata.X[0] = np.nan
    scrambler = fit(model, adata, options=options)
    assert "1 rows without a measured value were left out." in scrambler.notes
    assert scrambler.scorer.mean.shape == (1,)
    with pytest.raises(mb.InputError, match="`readout` is the function <lambda>; expected names"):
        fit(model, adata, options=options, readout=lambda outputs: outputs[:, 0])
    adata.X[:] = np.nan
    with pytest.raises(mb.InputError, match="No row has a measured value"):
        fit(model, adata, options=options)


@ignores_chance
def test_training_rows_are_learned_from_and_validation_rows_watched():
    adata = book(planted(40)[0])
    adata.obs["split"] = ["train"] * 20 + ["validation"] * 10 + ["test"] * 10
    scrambler = fit(finds(), adata)
    assert scrambler.training.watched.tolist() == list(range(20, 30))
    assert len(scrambler.training.scores) == 20
    assert any("trained on 20 rows" in note for note in scrambler.notes)
    with pytest.raises(mb.InputError, match=r"No row of .*'train'"):
        fit(finds(), adata[20:].copy())


@ignores_chance
def test_exclusion_learns_from_the_class_it_destroys():
    model, adata = finds(), book(planted(80, share=0.5)[0])
    scrambler = fit(model, adata, mode="exclusion", bits=0.5)
    assert "trained on the 40 of 80 rows" in scrambler.notes[0]
    with pytest.raises(mb.InputError, match=r'No row is predicted above the middle.*`side="low"`'):
        fit(model, adata[40:].copy(), mode="exclusion")
    low = mb.ScramblerOptions(n_steps=3, side="low")
    assert "below" in fit(model, adata, mode="exclusion", options=low).notes[0]


@ignores_chance
def test_it_can_be_watched_and_stopped():
    looks: list[Look] = []

    def watch(look: Look) -> bool:
        looks.append(look)
        return len(looks) < 20

    options = mb.ScramblerOptions(n_steps=60, watch=watch)
    adata = book(planted(40)[0])
    scrambler = fit(finds(), adata, options=options)
    assert [look.step for look in looks] == list(range(2, 42, 2))
    assert looks[-1].n_steps == 60
    assert looks[-1].importance.shape == (6, 30)
    assert len(looks[-1].losses) == len(looks[-1].bits) == 20
    assert len(scrambler.history) == 20
    assert "Training was stopped after 40 steps." in scrambler.notes


@ignores_chance
def test_an_interrupted_cell_keeps_what_was_learned():
    def interrupts(look: Look) -> None:
        if look.step == 3:
            raise KeyboardInterrupt

    options = mb.ScramblerOptions(n_steps=30, watch=interrupts)
    scrambler = fit(finds(), book(planted(40)[0]), options=options)
    assert "Training was interrupted after 3 steps." in scrambler.notes
    assert importance(scrambler, planted(2)[0]).shape == (2, 30)


def test_arguments_are_checked():
    adata = book(planted(10)[0])
    with pytest.raises(mb.InputError, match=r"less than 1.* bits per position, the ceiling"):
        fit(finds(), adata, bits=5)
    with pytest.raises(mb.InputError, match=r"`options` is {'n_steps': 3}; expected such as"):
        fit(finds(), adata, options={"n_steps": 3})
    with pytest.raises(mb.InputError, match="`mode` is 'occlusion'; expected one of"):
        fit(finds(), adata, mode="occlusion")
    with pytest.raises(mb.InputError, match="has not been trained yet"):
        fit(mb.CNN(n_readouts=1), adata)
