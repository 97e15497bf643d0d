"""Planted motifs and their syntax come back, and nothing else does; with the default settings."""

from __future__ import annotations

import functools
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import Motif
from motifbook.alphabet import RNA
from motifbook.discover.syntax.weights import pair_table
from motifbook.motif.compare import similarity

FOUND, SPURIOUS = 0.9, 0.6  # similarity from which a motif is found, and below which it is foreign


class Result(NamedTuple):
    """A trained network, its data, the planted motifs and those read from it."""

    model: mb.MotifSyntaxNet
    adata: ad.AnnData
    truth: dict[str, Motif]
    motifs: list[Motif]


@functools.cache
def learn(rule: str, seed: int, *, n: int = 4000, permuted: bool = False) -> Result:
    adata = mb.simulate(n, 200, rule=rule, seed=seed)
    adata.obs["split"] = mb.split(adata, fractions=(0.65, 0.05, 0.3), seed=seed)
    if permuted:
        adata.X = np.random.default_rng(seed).permutation(adata.X)
    model = mb.MotifSyntaxNet(n_readouts=adata.n_vars)
    mb.fit(model, adata, seed=seed, progress=False)
    truth = {name: Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()}
    return Result(model, adata, truth, mb.read_motifs(model, adata))


def closest(motifs: list[Motif], truth: Motif) -> Motif:
    return max(motifs, key=lambda motif: similarity(motif, truth))


def is_foreign(motif: Motif, result: Result) -> bool:
    return max(similarity(motif, true) for true in result.truth.values()) < SPURIOUS


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_all_motifs_are_found_and_few_others(seed):
    result = learn("tut2", seed)
    for true in result.truth.values():
        assert similarity(closest(result.motifs, true), true) >= FOUND
    assert sum(is_foreign(motif, result) for motif in result.motifs) <= 1
    assert mb.evaluate(result.model, result.adata)["auroc"][0] >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_weights_of_the_pair_lie_at_the_planted_gaps(seed):
    result = learn("tut2", seed)
    tal, gata = (closest(result.motifs, result.truth[name]) for name in ("TAL1::TCF3", "GATA1"))
    table = pair_table(result.model, result.motifs)
    is_pair = [{a, b} == {tal.name, gata.name} for a, b in zip(table.motif_a, table.motif_b)]
    pair = table[is_pair]
    is_planted = pair["gap"].between(6, 10)
    assert pair.loc[is_planted, "effect"].abs().sum() >= 0.8 * pair["effect"].abs().sum()
    assert pair.loc[is_planted, "effect"].idxmax() == pair["effect"].idxmax()


@pytest.mark.slow
def test_permuted_readouts_teach_nothing():
    result = learn("tut2", 0, permuted=True)
    assert 0.45 <= mb.evaluate(result.model, result.adata)["auroc"][0] <= 0.55
    assert result.motifs == []


@pytest.mark.slow
def test_a_motif_that_vetoes_another_is_found():
    result = learn("repress", 0, n=3000)
    for true in result.truth.values():
        assert similarity(closest(result.motifs, true), true) >= FOUND


@pytest.mark.slow
def test_motifs_of_continuous_readouts_are_found():
    result = learn("additive", 0, n=2000)
    for true in result.truth.values():
        assert similarity(closest(result.motifs, true), true) >= FOUND
    assert sum(is_foreign(motif, result) for motif in result.motifs) <= 1
    assert (mb.evaluate(result.model, result.adata)["pearson"] > 0.5).all()


def rna(n: int = 1000, length: int = 60) -> tuple[ad.AnnData, Motif]:
    """Half of the sequences hold a site of a Pumilio-like motif; the others do not."""
    rng = np.random.default_rng(0)
    ppm = np.full((4, 8), 0.04)
    for column, letter in enumerate("UGUAAAUA"):
        ppm["ACGU".index(letter), column] = 0.88
    ppm[:, 4] = (0.4, 0.2, 0.05, 0.35)
    truth = Motif("PUM", ppm, alphabet=RNA)
    letters = rng.integers(0, 4, (n, length))
    starts = rng.integers(0, length - 8, n // 2)
    for row, start in enumerate(starts):
        letters[row, start : start + 8] = [rng.choice(4, p=column) for column in truth.ppm.T]
    sequences = ["".join("ACGU"[code] for code in row) for row in letters]
    obs = pd.DataFrame({"sequence": sequences}, index=[f"s{row}" for row in range(n)])
    readout = (np.arange(n) < n // 2).astype(np.float32)[:, None]
    var = pd.DataFrame(index=["bound"])
    adata = ad.AnnData(X=readout, obs=obs, var=var, uns={"alphabet": "RNA"})
    adata.obs["split"] = mb.split(adata, seed=0)
    return adata, truth


def test_a_motif_of_rna_is_found_on_the_strand_it_is_on():
    adata, truth = rna()
    model = mb.MotifSyntaxNet(1, width=12, alphabet="RNA")
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=150))
    [motif] = mb.read_motifs(model, adata)
    assert similarity(motif, truth) >= FOUND
    assert motif.alphabet is RNA
    assert mb.evaluate(model, adata)["auroc"][0] > 0.85
