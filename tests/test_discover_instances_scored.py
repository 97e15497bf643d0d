"""Precision, recall and auPRC of instances, counted by hand."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, Motif
from motifbook.data import schema
from motifbook.exercises import instance_scores

A, B = Motif.from_sites("A", ["GATTACAG"]), Motif.from_sites("B", ["CCGTGTCA"])
STRANGER = Motif.from_sites("stranger", ["TTTTTTTT"])
SITES = [("s0", 10, 18, "+", "A"), ("s0", 30, 38, "-", "B"), ("s1", 5, 13, "+", "A")]


def book() -> ad.AnnData:
    obs = pd.DataFrame({"sequence": ["A" * 50] * 2}, index=["s0", "s1"])
    adata = ad.AnnData(X=np.zeros((2, 1), np.float32), obs=obs)
    adata.uns[schema.TRUTH] = {
        "motifs": {motif.name: motif.ppm for motif in (A, B)},
        "sites": pd.DataFrame(SITES, columns=["sequence", "start", "end", "strand", "motif"]),
    }
    return adata


def calls(*rows) -> pd.DataFrame:
    table = [
        (sequence, start, end, "+", motif, score, 0.1)
        for sequence, start, end, motif, score in rows
    ]
    return pd.DataFrame(table, columns=list(schema.HIT_COLUMNS))


def scored(*rows, motifs=None, adata=None) -> pd.DataFrame:
    motifs = motifs or [A.renamed("x"), B.renamed("y"), STRANGER]
    return instance_scores(calls(*rows), motifs, adata or book()).set_index("planted")


def test_half_of_the_letters_and_the_right_motif_make_a_right_instance():
    table = scored(
        ("s0", 14, 22, "x", 5.0),  # right: half of its letters
        ("s1", 10, 18, "x", 4.0),  # wrong: three of eight letters
        ("s0", 30, 38, "x", 3.0),  # wrong: it is a B
        ("s0", 30, 38, "y", 2.0),  # right
    )
    assert table.loc["A", ["n_sites", "n_instances"]].tolist() == [2, 3]
    assert table.loc["A", "precision"] == pytest.approx(1 / 3)
    assert table.loc["A", "recall"] == 1 / 2
    assert table.loc["B", ["precision", "recall", "auprc"]].tolist() == [1, 1, 1]
    assert table.loc["all", "precision"] == 1 / 2
    assert table.loc["all", "recall"] == pytest.approx(2 / 3)
    assert table.loc["all", "auprc"] == pytest.approx((1 + 2 / 4) / 3)


def test_a_planted_site_counts_once_for_the_best_score():
    table = scored(("s0", 11, 19, "x", 1.0), ("s0", 10, 18, "x", 2.0))
    assert table.loc["A", "precision"] == 1 / 2
    assert table.loc["A", "auprc"] == 1 / 2  # the better one comes first and is right


def test_half_of_the_shorter_one_is_enough():
    short = Motif.from_sites("x", ["GATTA"])
    assert scored(("s0", 8, 12, "x", 1.0), motifs=[short]).loc["A", "recall"] == 1 / 2
    assert scored(("s0", 7, 11, "x", 1.0), motifs=[short]).loc["A", "recall"] == 0


def test_a_motif_like_none_planted_is_always_wrong():
    table = scored(("s0", 10, 18, "stranger", 1.0))
    assert table.loc["all", ["n_instances", "precision"]].tolist() == [1, 0]
    assert np.isnan(table.loc["A", "precision"])


def test_only_sites_of_the_sequences_at_hand_count():
    table = scored(("s1", 5, 13, "x", 1.0), adata=book()[["s1"]].copy())
    assert table.loc["all", ["n_sites", "recall"]].tolist() == [1, 1]


def test_no_instances_have_no_precision():
    table = scored()
    assert table["recall"].tolist() == [0, 0, 0]
    assert table["precision"].isna().all()


def test_real_data_and_other_tables_are_refused():
    with pytest.raises(InputError, match="`instances` has no column 'sequence'"):
        instance_scores(pd.DataFrame({"start": [1]}), [A], book())
    with pytest.raises(InputError, match="has no known truth"):
        instance_scores(calls(), [A], ad.AnnData(np.zeros((1, 1), np.float32)))
