"""A formula over learned motifs: sites by hand, deviations that cancel, the published layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

import motifbook as mb
from motifbook import InputError
from motifbook.alphabet import DNA
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.positions import Positions
from motifbook.models import ContextualRegression, SiteLayer
from motifbook.models.context import lopsidedness, mean_activation
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode, onehot

GATA = np.array([[1, 7, 1, 7], [1, 1, 1, 1], [7, 1, 1, 1], [1, 1, 7, 1]]) / 10
BEST, OTHER = np.log(0.7 / 0.25), np.log(0.1 / 0.25)


def letters(*sequences: str) -> torch.Tensor:
    return torch.as_tensor(onehot(encode(list(sequences), DNA)))


def random_letters(n: int, length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)


def layer_of(ppm: np.ndarray, threshold: float, *, both: bool = True) -> SiteLayer:
    layer = SiteLayer(1, ppm.shape[1], DNA, both)
    layer.seed([ppm], letters("ACGTACGTACGT"))
    with torch.no_grad():
        layer.bias.fill_(-threshold)
    return layer


def test_a_window_is_a_site_by_its_log_odds_less_the_threshold():
    layer = layer_of(GATA, 2.0, both=False)
    scores = torch.tensor([4 * BEST, 3 * BEST + OTHER]).float()
    sites = layer.strands(letters("GATA", "GATC")).flatten()
    assert_close(sites, torch.sigmoid(scores - 2.0), rtol=1e-5, atol=1e-6)


def test_filters_are_probabilities_that_can_be_read():
    assert_close(layer_of(GATA, 0.0).ppms()[0], torch.as_tensor(GATA).float())


def test_a_palindrome_is_one_site_not_two():
    acgt = np.eye(4) * 0.96 + 0.01
    layer = layer_of(acgt, 4.0)
    strands = layer.strands(letters("ACGT")).flatten()
    assert strands[0] == strands[1] > 0.75
    one = layer.occupancy(letters("ACGT")).item()
    assert one == pytest.approx(1 - (1 - strands[0].item()) ** 2, abs=1e-6)
    assert one < 1


def test_half_a_site_per_sequence_to_begin_with():
    background = torch.as_tensor(onehot(random_letters(400, 100)))
    layer = SiteLayer(2, 10, DNA, True)
    layer.seed([np.random.default_rng(1).dirichlet(np.ones(4), 10).T], background)
    sites = (layer(background) >= 0.5).sum(dim=(0, 2)) / len(background)
    assert_close(sites, torch.full((2,), 0.5), rtol=0, atol=0.02)


def test_the_network_and_the_formula_count_the_same_sites():
    codes = random_letters(50, 40)
    codes[:25, 18:26] = DNA.codes("CAGATAAG")
    ppm = np.eye(4)[DNA.codes("CAGATAAG")].T * 0.92 + 0.02
    network = ContextualRegression(1, n_filters=1, width=8)
    network.motifs.seed([ppm], torch.as_tensor(onehot(codes)))
    with torch.no_grad():
        network.motifs.bias.fill_(-6.0)
        got = network.counts(network.motifs.occupancy(torch.as_tensor(onehot(codes))))
    counted = [CountedMotif(Motif("GATA", ppm), 6.0, 1.0)]
    expected = count_sites(counted, codes, Positions.named("anywhere", 40))
    assert np.abs(got.numpy() - expected).max() < 0.05  # weak windows beside the best


def test_positions_divide_the_sites_where_the_formula_divides_them():
    codes = random_letters(30, 60)
    network = ContextualRegression(1, n_filters=2, width=7, positions=4)
    sites = network.motifs.occupancy(torch.as_tensor(onehot(codes))).detach()
    where = torch.as_tensor(Positions.named(4, 60).weights()[:, 3 : 3 + sites.shape[2]])
    expected = torch.einsum("nfs,ps->nfp", sites.double(), where).flatten(1)
    assert_close(network.counts(sites).double(), expected, rtol=1e-5, atol=1e-5)


def test_deviations_cancel_over_the_batch():
    network = ContextualRegression(2, n_filters=3, width=6, context="residual")
    with torch.no_grad():
        network.context.last.weight.normal_()
    deviation = network.train().context(torch.randn(50, 3))
    assert deviation.shape == (50, 2, 3)
    assert deviation.std() > 0.1
    assert deviation.mean(dim=0).abs().max() < 1e-5


def test_formulas_side_by_side_do_not_touch_each_other():
    options = {"n_formulas": 2}
    network = ContextualRegression(2, n_filters=4, width=6, options=options)
    with torch.no_grad():
        network.coefficients.normal_()
    network(torch.as_tensor(onehot(random_letters(20, 30))))[:, 0].sum().backward()
    touched = network.motifs.weight.grad.abs().amax(dim=(1, 2)) > 0
    assert touched.tolist() == [True, True, False, False]


@pytest.mark.parametrize("n", [2, 3])
def test_formulas_that_do_not_divide_the_filters_are_refused(n):
    with pytest.raises(InputError, match=rf"`n_formulas` is {n} for 3 readouts and 4 filters"):
        ContextualRegression(3, n_filters=4, options={"n_formulas": n})


def test_the_published_features_are_letter_frequencies():
    codes = random_letters(300, 400)
    codes[:150][codes[:150] == 0] = 2  # composition varies
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = ContextualRegression(1, context="published").eval()
    assert (network.motifs.n_filters, network.motifs.width) == (64, 8)
    encoded = torch.as_tensor(onehot(codes))
    phi = mean_activation(network.motifs(encoded)).detach().numpy()
    shares = encoded.mean(dim=2).numpy()
    fitted = shares @ np.linalg.lstsq(shares, phi, rcond=None)[0]
    unexplained = ((phi - fitted) ** 2).sum(axis=0) / ((phi - phi.mean(axis=0)) ** 2).sum(axis=0)
    assert np.median(unexplained) < 0.01
    assert unexplained.max() < 0.15  # filters whose weights differ most between columns


def test_utopia_is_equal_weights():
    equal, alone = torch.ones(5, 1, 16), torch.eye(16)[:5, None]
    assert lopsidedness(equal).item() == pytest.approx(0, abs=1e-6)
    assert lopsidedness(alone).item() == pytest.approx(1 - 1 / 4)


def test_the_published_layout_starts_at_random_and_stays_positive():
    adata = mb.simulate(n=200, length=80, rule="additive", seed=0)
    model = ContextualRegression(2, context="published", n_filters=4)
    with pytest.raises(InputError, match=r"published layout starts at random; expected `warm_st"):
        mb.fit(model, adata, progress=False, options=mb.FitOptions(5, warm_start=True))
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=30))
    before = model.train()(letters("ACGT" * 20))
    assert model.motifs.weight.min() >= 0
    assert torch.isfinite(before).all()


def test_what_the_published_layout_has_not_is_refused():
    with pytest.raises(InputError, match=r"`positions` is 4; expected a whole number, 1 to 1"):
        ContextualRegression(1, context="published", positions=4)
    with pytest.raises(InputError, match=r"`context` is 'publish'; .*Did you mean 'published'"):
        ContextualRegression(1, context="publish")
    with pytest.raises(InputError, match=r"`options` is 'laso'; expected one of .*'lasso'"):
        ContextualRegression(1, options={"laso": 1.0})
    with pytest.raises(InputError, match=r"`options` is 3; expected such as \{'group'"):
        ContextualRegression(1, options=3)


def test_a_fitted_formula_predicts_the_same_on_both_strands_and_after_reading(tmp_path):
    adata = mb.simulate(n=300, length=80, rule="additive", seed=0)
    model = mb.ContextualRegression(2, n_filters=4)
    history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=60))
    assert any("start from enriched words" in note for note in history.notes)
    onehot_ = letters(*adata.obs["sequence"][:20])
    flipped = onehot_[:, [3, 2, 1, 0]].flip(2)
    with torch.no_grad():
        assert_close(model(flipped), model(onehot_), rtol=1e-5, atol=1e-5)
    mb.save(model, tmp_path / "formula.motifbook")
    again = mb.load(tmp_path / "formula.motifbook")
    np.testing.assert_array_equal(mb.predict(again, adata), mb.predict(model, adata))


@pytest.mark.slow
def test_a_fitted_formula_explains_unseen_rows_and_shows_its_motifs():
    adata = mb.simulate(n=3000, length=100, rule="additive", seed=0)
    adata.obs["split"] = np.repeat(["train", "validation", "test"], [2000, 400, 600])
    model = mb.ContextualRegression(2, context="residual")
    mb.fit(model, adata, seed=0, progress=False)
    scores = mb.evaluate(model, adata, split="test")
    assert scores["r2"].min() > 0.45
    consensus = [motif.consensus.upper() for motif in mb.read_motifs(model, adata)]
    assert any("GGAA" in word or "TTCC" in word for word in consensus)  # SPI1
    assert len(mb.call_instances(model, adata[:50]))
