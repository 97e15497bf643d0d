"""Every motif of a report has a p-value of rows that did not find it, or says why not."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook.data import store
from motifbook.discover import use
from motifbook.report import Settings, analyze, html
from motifbook.report.methods import methods
from motifbook.report.page import page
from motifbook.report.pictures import pictures
from motifbook.report.tables import motif_table
from motifbook.report.tested import _said_once

QUIET = Settings(seed=0, progress=False)


@pytest.fixture(scope="module", autouse=True)
def validation_judges():
    """The validation rows of these small sets judge alone, as those of large sets do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(use, "FEWEST_JUDGES", 50)
        yield


def analyzed(adata, model):
    return analyze(adata, model, known=None, baselines=[], designs=0, settings=QUIET)


@pytest.fixture(scope="module")
def found(trained):
    return analyzed(trained.adata, trained.model)


def test_a_planted_motif_holds_on_rows_that_did_not_find_it(found, trained):
    n = int((trained.adata.obs["split"] == "test").sum())
    tested = found.tested
    first = found.cards[0].motif.name
    assert tested.table.loc[first, "p_adjusted"] < 0.01
    assert (tested.n, tested.n_motifs, tested.have_judged) == (n, len(found.motifs), False)
    words = tested.words(first)
    assert words.startswith(f"p = {tested.brief(first)} on the {n} test sequences that neither")
    text = page(found, pictures(found))
    assert html.text(f"p = {tested.brief(first)}, adjusted") in text
    assert html.text(f"P-values are {tested.conditions} (Holm).") in text
    assert "Each motif was tested as it is" in " ".join(methods(found))


def test_tables_hold_the_p_value(found):
    table = motif_table(found).set_index("motif")
    for name, row in found.tested.table.iterrows():
        assert table.loc[name, "p_adjusted"] == row["p_adjusted"] >= row["p_value"]
    assert (table["not_tested"] == "").all()
    kept = store.get_tests(found.adata)
    assert kept["motif"].tolist() == found.tested.table.index.tolist()


def test_rows_that_judged_count_unused_motifs_too(trained):
    adata = trained.adata[trained.adata.obs["split"] != "validation"].copy()
    tested = analyzed(adata, trained.model).tested
    assert tested.have_judged
    everything = mb.read_motifs(trained.model, adata, include_unused=True)
    assert tested.n_motifs == len(everything) > len(mb.read_motifs(trained.model, adata))
    assert "unused ones among them" in tested.conditions


def test_without_rows_kept_out_motifs_are_not_tested(trained):
    seen = trained.adata[trained.adata.obs["split"] == "train"].copy()
    found = analyzed(seen, trained.model)
    reason = "not tested: no sequences were kept out of training and of the choice of motifs"
    assert found.tested.words("motif_1") == reason
    assert "Motifs were not tested: no sequences" in " ".join(methods(found))
    assert np.isnan(motif_table(found)["p_value"]).all()
    assert reason in page(found, pictures(found))


def test_a_network_without_a_record_of_its_rows_is_not_tested(trained):
    model = copy.deepcopy(trained.model)
    model.training_hashes = torch.zeros(0, dtype=torch.int64)
    words = analyzed(trained.adata, model).tested.words("motif_1")
    assert words == "not tested: the network does not say which sequences it was trained on"


def test_what_the_test_refuses_is_told(trained):
    adata = trained.adata.copy()
    adata.X[(adata.obs["split"] == "test").to_numpy()] = 1
    assert "is 1 in all" in analyzed(adata, trained.model).tested.reason


def test_one_of_each_family_of_near_copies_is_tested(trained):
    adata = trained.adata.copy()
    sequences = adata.obs["sequence"].to_numpy(dtype=object)
    rows = np.flatnonzero(adata.obs["split"] == "test")
    half = len(rows) // 2
    for first, second in zip(rows[:half], rows[half:]):  # the second differs in its last letter
        sequences[second] = sequences[first][:-1] + "ACGT"[sequences[first][-1] == "A"]
        adata.X[second] = adata.X[first]
    adata.obs["sequence"] = sequences
    found = analyzed(adata, trained.model)
    n = len(rows) - half
    assert found.tested.n == n
    said = f"{len(rows)} test sequences are {n} families of near copies and single sequences."
    assert said in page(found, pictures(found))
    assert "as if they were independent" not in " ".join(found.tested.notes)


def test_notes_of_many_readouts_are_told_once():
    notes = [f"{n} of 278 rows without a measurement were left out." for n in (12, 7, 5)]
    said = "12 of 278 rows without a measurement were left out. And the like for 2 other readouts."
    assert _said_once([*notes, "Something else."]) == [said, "Something else."]
