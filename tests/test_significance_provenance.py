"""Rows that chose a motif cannot test it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import motifbook as mb
from motifbook.data import store
from motifbook.discover import use
from motifbook.motif.learned import JUDGED_ON, LEARNED_FROM, share_seen, sketch
from motifbook.significance.provenance import refuse_seen
from motifbook.significance.rows import take_rows

QUICK = mb.DiscoverOptions(n_restarts=1, n_filters=4, passes=2)


@pytest.fixture(scope="module", autouse=True)
def validation_judges():
    """The validation rows of these small sets judge alone, as those of large sets do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(use, "FEWEST_JUDGES", 50)
        yield


@pytest.fixture(scope="module")
def motifs(trained):
    return mb.read_motifs(*trained)


def test_rows_that_trained_the_network_are_refused(trained, motifs):
    adata = trained.adata
    for rows, share in ((None, 80), ("train", 100), ("validation", 100)):
        with pytest.raises(mb.InputError, match=rf"about {share}% of the.*`rows=\"test\"`"):
            refuse_seen(motifs, adata, take_rows(adata, rows))
    assert refuse_seen(motifs, adata, take_rows(adata, "test")) == ()


def test_other_sequences_are_fine_and_reverse_complements_are_not_others(trained, motifs):
    other = mb.simulate(n=60, length=80, rule="single", seed=5)
    assert refuse_seen(motifs, other, take_rows(other)) == ()
    turned = trained.adata[trained.adata.obs["split"] == "train"].copy()
    del turned.obs["split"]
    turned.obs["sequence"] = [
        sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
        for sequence in turned.obs["sequence"]
    ]
    with pytest.raises(mb.InputError, match=r"100% of the.*trained on other rows \(`mb.split`"):
        refuse_seen(motifs, turned, take_rows(turned))


def test_motifs_without_a_past(trained):
    taken = take_rows(trained.adata, "test")
    mine = mb.Motif("mine", mb.database.motif("MA0080.7").ppm)
    [note] = refuse_seen([mine, replace(mine, name="other")], trained.adata, taken)
    assert note.startswith("Where 2 motifs (mine, other) come from is not known")
    assert refuse_seen([mb.database.motif("MA0080.7")], trained.adata, taken) == ()


def test_test_rows_that_judged_the_use_are_told(trained, motifs):
    judged = [replace(motif, info={**motif.info, JUDGED_ON: "held-out"}) for motif in motifs]
    [note] = refuse_seen(judged, trained.adata, take_rows(trained.adata, "test"))
    assert "test rows had a say in which motifs are used" in note


@pytest.fixture(scope="module")
def halves():
    """Counts of which half a network is trained on, a half tests its motifs."""
    adata = mb.simulate(n=600, length=60, rule="single", seed=1)
    adata.X = np.random.default_rng(0).poisson(4 + 12 * adata.X).astype(np.float32)
    adata.var["kind"] = "continuous"
    return adata, mb.halve_readout(adata, seed=0)


def test_one_half_of_a_readout_may_test_what_the_other_chose(halves, tmp_path):
    adata, two = halves
    model = mb.MotifSyntaxNet(1, width=12)
    mb.fit(model, two.choose, seed=0, progress=False, options=mb.FitOptions(n_steps=60))
    mb.save(model, tmp_path / "half.motifbook")
    motifs = mb.read_motifs(mb.load(tmp_path / "half.motifbook"), two.choose)
    assert motifs
    assert refuse_seen(motifs, two.test, take_rows(two.test)) == ()
    for book in (adata, two.test):  # whose readouts judge which motifs are used
        read = mb.read_motifs(model, book, include_unused=True)
        with pytest.raises(mb.InputError, match=r"of the 600 sequences that are to test it"):
            refuse_seen(read, two.test, take_rows(two.test))
    for book in (adata, two.choose, mb.halve_readout(adata, seed=1).test):
        with pytest.raises(mb.InputError, match=r"of the 600 sequences that are to test it"):
            refuse_seen(motifs, book, take_rows(book))
    store.add_motifs(adata, motifs)
    mb.write(adata, tmp_path / "book.h5ad")
    again = store.get_motifs(mb.read(tmp_path / "book.h5ad"))
    assert refuse_seen(again, two.test, take_rows(two.test)) == ()


def test_a_network_that_goes_on_remembers_what_trained_it_before(halves):
    adata, two = halves
    model = mb.MotifSyntaxNet(1, n_filters=4, width=8)
    first, on = mb.FitOptions(n_steps=15), mb.FitOptions(n_steps=1, warm_start=False)
    other = mb.simulate(n=100, length=60, rule="single", seed=5)
    other.var["kind"] = "continuous"
    mb.fit(model, adata, seed=0, progress=False, options=first)
    for book, tester in ((other, adata), (two.choose, two.test), (two.choose, two.test)):
        mb.fit(model, book, seed=0, progress=False, options=on)
        read = mb.read_motifs(model, book, include_unused=True)
        with pytest.raises(mb.InputError, match=r"of the 600 sequences that are to test it"):
            refuse_seen(read, tester, take_rows(tester))
    mb.fit(model, two.choose, seed=0, progress=False, options=first)  # anew
    read = mb.read_motifs(model, two.choose, include_unused=True)
    assert refuse_seen(read, two.test, take_rows(two.test)) == ()


def test_words_of_one_half_are_tested_on_the_other_alone(halves):
    adata, two = halves
    options = mb.TestOptions(k=4, n_steps=1)
    chosen = mb.test_motifs(two.choose, options=options, seed=0).motifs
    assert refuse_seen(chosen, two.test, take_rows(two.test)) == ()
    for book in (adata, two.choose):
        with pytest.raises(mb.InputError, match=r"about 100% of the 600 sequences"):
            refuse_seen(chosen, book, take_rows(book))
    given = mb.test_motifs(two.test, chosen, engine="permutation", options=options, seed=0).motifs
    with pytest.raises(mb.InputError, match=r"about 100% of the 600 sequences"):
        refuse_seen(given, two.test, take_rows(two.test))


@pytest.mark.slow
def test_motifs_of_a_formula_know_the_rows_that_found_and_chose_them(tmp_path):
    adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.6, 0.1, 0.3), seed=0)
    adata.uns["part"] = "half:choose"
    known = [mb.database.motif(name) for name in ("MA0080.7", "MA0489.3", "MA0139.2")]
    options = mb.FormulaOptions(
        discover=QUICK, selection="lasso", interactions=False, baselines=False
    )
    formula = mb.fit_formula(adata, known=known, options=options, seed=0, progress=False)
    mb.save_formula(formula, tmp_path / "formula.json")
    chosen = mb.read_formula(tmp_path / "formula.json").motifs
    assert chosen
    hashes = {part: take_rows(adata, part).hashes for part in ("train", "validation", "test")}
    for motif in chosen:
        assert motif.info["part"] == "half:choose"
        assert [share_seen(motif, hashes[part]) for part in hashes] == [1, 1, 0]
    given = mb.fit_formula(adata, motifs=known, options=options, seed=0, progress=False)
    assert not any(LEARNED_FROM in motif.info for motif in given.motifs)


def test_few_rows_beside_a_large_training_are_not_taken_for_others_unsaid(trained):
    """A motif remembers 1,024 sequences; of 20 rows none may be among them, though all were."""
    rng = np.random.default_rng(0)
    adata, motif = trained.adata, mb.database.motif("MA0080.7")
    few, many = (take_rows(adata, np.arange(adata.n_obs) < n) for n in (20, adata.n_obs))
    smaller = np.arange(1024, dtype=np.uint64)  # hashes below those of all rows
    motif = replace(motif, info={LEARNED_FROM: smaller})
    [note] = refuse_seen([motif], adata, few)
    assert "with which 0 of these 20 rows could be compared" in note
    motif = replace(motif, info={LEARNED_FROM: sketch(rng.integers(2**64, size=1100, dtype="u8"))})
    assert refuse_seen([motif], adata, many) == ()
    motif = replace(motif, info={LEARNED_FROM: smaller[:1000]})  # all that chose it
    assert refuse_seen([motif], adata, few) == ()
