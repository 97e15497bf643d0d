"""Pairs that are worth more together are found; where there are none, none is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook.formula.interactions import COLUMNS, MOST, find_interactions
from motifbook.formula.regression import regress
from motifbook.formula.residual_context import fit_context
from motifbook.formula.rows import Rows


def simulated(n=3000, n_motifs=8, n_readouts=2, *, bonus=0.0, seed=0):
    """Soft counts, additive effects, and a bonus where motifs 1 and 4 meet, in readout 0 alone."""
    rng = np.random.default_rng([seed, 11])
    counts = rng.poisson(0.5, (n, n_motifs)) * rng.uniform(0.6, 1.0, (n, n_motifs))
    readout = counts @ rng.normal(0, 0.6, (n_motifs, n_readouts))
    readout += rng.normal(size=readout.shape) * (0.8 + 0.3 * counts[:, :1])
    readout[:, 0] += bonus * ((counts[:, 1] > 0) & (counts[:, 4] > 0))
    return counts, readout


def found(counts, readout, kinds=("continuous", "continuous"), **more):
    rows = np.arange(len(counts))
    parts = np.split(rows, [len(rows) * 6 // 10, len(rows) * 7 // 10])
    names = [f"m{number}" for number in range(counts.shape[1])]
    return find_interactions(
        counts, counts, readout, kinds=kinds, rows=Rows(*parts), motifs=names,
        readouts=["Dev", "Hk"][: len(kinds)], **more,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_bonus_for_two_motifs_is_found_in_its_readout(seed):
    result = found(*simulated(bonus=1.5, seed=seed), seed=seed)
    assert (1, 4) in result.pairs
    strongest = result.table.loc[result.table["q_value"].idxmin()]
    assert tuple(strongest[["motif", "partner", "readout"]]) == ("m1", "m4", "Dev")
    assert strongest["lower"] > 0
    assert result.table["score"].idxmax() in (0, 1)
    assert result.gain[0] > 0.01


def test_nothing_is_found_in_sums_and_p_values_hold_their_level():
    """Of 40 data sets, 2 may let a pair pass at q < 0.05 on average; 7 are too many."""
    results = [found(*simulated(n=1500, seed=seed), seed=seed) for seed in range(40)]
    assert sum(len(result.pairs) > 0 for result in results) < 7
    p_values = np.concatenate([result.table["p_value"] for result in results])
    assert 0.02 < (p_values < 0.05).mean() < 0.08
    assert abs(np.mean([result.gain for result in results])) < 0.005


def test_a_pair_is_tested_as_a_product_on_the_inference_rows_alone():
    counts, readout = simulated(bonus=1.5)
    result = found(counts, readout)
    unseen = slice(2100, None)
    pairs = result.table[["motif", "partner"]].drop_duplicates().map(lambda name: int(name[1:]))
    products = [counts[unseen, a] * counts[unseen, b] for a, b in pairs.to_numpy()]
    columns = np.column_stack([counts[unseen], *products])
    referee = regress(columns, readout[unseen], ["continuous"] * 2)
    assert len(pairs) == MOST
    np.testing.assert_allclose(result.table["coefficient"], referee.weights[8:].ravel())
    np.testing.assert_allclose(result.table["p_value"], referee.p_value[9:].ravel())


def test_binary_and_missing_readouts_are_served():
    counts, readout = simulated(n=6000, bonus=2.0)
    readout[::7, 0] = np.nan
    readout[:, 1] = readout[:, 1] > np.median(readout[:, 1])
    result = found(counts, readout, ("continuous", "binary"), families=np.arange(6000) // 2)
    assert (1, 4) in result.pairs
    assert np.isfinite(result.table["p_value"]).all()
    assert np.isfinite(result.gain).all()


def test_pairs_that_never_meet_are_not_tried():
    counts, readout = simulated()
    counts[counts[:, 2] > 0, 3] = 0
    table = found(counts, readout).table
    assert not ((table["motif"] == "m2") & (table["partner"] == "m3")).any()
    few = found(*simulated(n=60))
    assert few.pairs == ()
    assert tuple(few.table.columns) == COLUMNS
    assert few.table.empty


def test_deviations_have_mean_zero_and_the_scores_are_their_derivatives():
    counts, readout = simulated(bonus=1.5)
    context = fit_context(counts, readout - readout.mean(axis=0), seed=0)
    scaled = torch.as_tensor((counts - context.center) / context.spread, dtype=torch.float32)
    network = context.network.train()
    assert network(scaled)[1].mean(dim=0).abs().max() < 1e-5
    network.eval()
    step = torch.zeros(8)
    step[4] = 0.01
    with torch.no_grad():
        moved = (network(scaled + step)[1] - network(scaled - step)[1]).mean(dim=0)[:, 1] / 0.02
        step = step.roll(-3)  # now motif 1
        moved += (network(scaled + step)[1] - network(scaled - step)[1]).mean(dim=0)[:, 4] / 0.02
    assert context.scores(counts)[1, 4] == pytest.approx(moved.abs().max().item(), rel=0.02)


def test_the_same_seed_gives_the_same_context_and_touches_no_global_state():
    counts, readout = simulated(n=600)
    before = torch.random.get_rng_state()
    one, same, other = (fit_context(counts, readout, seed=seed) for seed in (0, 0, 1))
    assert (one.predict(counts) == same.predict(counts)).all()
    assert (one.predict(counts) != other.predict(counts)).any()
    assert (torch.random.get_rng_state() == before).all()
