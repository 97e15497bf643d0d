"""Short words as motifs of which only exact matches are sites."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook.alphabet import DNA, PROTEIN
from motifbook.formula.counting import count_sites
from motifbook.formula.kmers import word_counts, word_texts
from motifbook.formula.penalized import fit_terms
from motifbook.formula.positions import Positions
from motifbook.formula.word_sites import word_motifs
from motifbook.onehot import encode


def planted(n=900, seed=0):
    """GATAAG adds 1 to the first readout, CACGTG takes 1 from the second."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n, 100)).astype(np.uint8)
    readout = rng.normal(0, 0.5, (n, 2))
    for number, (word, effect) in enumerate((("GATAAG", 1), ("CACGTG", -1))):
        for row in np.flatnonzero(rng.random(n) < 0.4):
            start = rng.integers(0, 94)
            letters[row, start : start + 6] = encode([word])
            readout[row, number] += effect
    readout[rng.random(n) < 0.3, 1] = np.nan
    return letters, readout


def test_the_words_that_count_are_found():
    letters, readout = planted()
    rows = np.arange(900)
    found = word_motifs(letters, readout, rows[:700], alphabet=DNA, n=10)
    assert {one.motif.name for one in found[:2]} == {"CTTATC", "CACGTG"}


def test_only_exact_matches_are_sites_on_either_strand():
    letters, readout = planted()
    rows = np.arange(900)
    found = word_motifs(letters, readout, rows[:700], alphabet=DNA, n=2)
    gata = next(one for one in found if one.motif.name == "CTTATC")
    tests = encode(["CCCTTATCCC", "CCGATAAGCC", "CCCTTATGCC"])
    counts = count_sites([gata], tests, Positions.named("anywhere", 10))
    assert counts.ravel().tolist() == [1, 1, 0]


def test_rows_beyond_those_given_do_not_matter():
    letters, readout = planted()
    rows = np.arange(900)
    found = word_motifs(letters, readout, rows[:500], alphabet=DNA, n=10)
    readout[500:] = 100
    again = word_motifs(letters, readout, rows[:500], alphabet=DNA, n=10)
    assert [one.motif.name for one in found] == [one.motif.name for one in again]


def test_texts_are_those_of_the_columns():
    for size in (1, 3, 4):
        texts = word_texts(DNA, size)
        for column, text in enumerate(texts):
            counts = word_counts(encode([text]), DNA, longest=size)[size - 1]
            assert counts[0].nonzero()[0].tolist() == [column]


def test_proteins_have_words_of_two():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 20, (400, 30)).astype(np.uint8)
    readout = ((letters[:, :-1] == 3) & (letters[:, 1:] == 7)).sum(axis=1)[:, None].astype(float)
    found = word_motifs(letters, readout, np.arange(400), alphabet=PROTEIN, n=10)
    assert found[0].motif.name == PROTEIN.letters[3] + PROTEIN.letters[7]


def test_terms_of_any_unit_are_shrunk_alike():
    rng = np.random.default_rng(0)
    x = rng.normal(5, 1, (300, 4))
    y = x[:, :1] + rng.normal(0, 1, (300, 1))
    rows = np.arange(300)
    plain = fit_terms(x, y, rows, rows[200:])
    scaled = fit_terms(x * [1e3, 1, 1e-3, 10], y, rows, rows[200:])
    ratio = plain.coefficients[:, 0] / scaled.coefficients[:, 0]
    np.testing.assert_allclose(ratio, [1e3, 1, 1e-3, 10], rtol=1e-3)
    assert plain.coefficients[0, 0] == pytest.approx(1, abs=0.2)
