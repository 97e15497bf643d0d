from __future__ import annotations

import copy
import pickle

import logomaker
import numpy as np
import pandas as pd
import pytest
from Bio import motifs as biopython

from motifbook import InputError, Motif
from motifbook.alphabet import PROTEIN, RNA
from motifbook.motif.matrix import count_letters
from motifbook.onehot import encode

SITES = ["TGACTCA", "TGAGTCA", "TGACTCA", "TTACTCA", "TGAGTAA", "GGACTCA"]
SKEWED = (0.3, 0.2, 0.1, 0.4)


def referee(sites=SITES):
    return biopython.create(sites)


def in_rows(matrix):
    """Biopython's matrix as an array, (4, width)."""
    return np.array([matrix[letter] for letter in "ACGT"])


def random_motif(width=9, seed=0, **fields):
    ppm = np.random.default_rng(seed).dirichlet([0.5] * 4, size=width).T
    return Motif("random", ppm, **fields)


def test_counts_of_sites_agree_with_biopython():
    motif = Motif.from_sites("AP1", SITES)
    np.testing.assert_allclose(motif.ppm, in_rows(referee().counts.normalize()))
    assert (motif.width, motif.n_sites) == (7, 6)


def test_pseudocounts_of_sites_agree_with_biopython():
    motif = Motif.from_sites("AP1", SITES, pseudocount=0.5)
    np.testing.assert_allclose(motif.ppm, in_rows(referee().counts.normalize(pseudocounts=0.5)))


def test_unknown_letters_of_sites_count_for_none():
    motif = Motif.from_sites("AC", ["AC", "AN", "TC"])
    np.testing.assert_allclose(motif.ppm, [[2 / 3, 0], [0, 1], [0, 0], [1 / 3, 0]])
    assert motif.n_sites == 3


def test_counts_become_probabilities_column_by_column():
    motif = Motif.from_pfm("x", [[2, 0], [0, 1], [1, 3], [1, 0]])
    np.testing.assert_allclose(motif.ppm, [[0.5, 0], [0, 0.25], [0.25, 0.75], [0.25, 0]])
    assert motif.n_sites == 4
    assert Motif.from_pfm("x", np.ones((4, 2)), n_sites=100).n_sites == 100


def test_information_of_known_columns_is_known():
    columns = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]]).T
    icm = Motif("x", columns).icm()
    np.testing.assert_allclose(icm.sum(axis=0), [2, 1, 0], atol=1e-12)
    np.testing.assert_allclose(icm[:, 1], [0.5, 0.5, 0, 0])
    assert Motif("x", columns).bits == pytest.approx(3)


def test_information_agrees_with_biopython():
    instance = referee()
    instance.background = dict(zip("ACGT", SKEWED))
    motif = Motif.from_sites("AP1", SITES, background=SKEWED)
    np.testing.assert_allclose(motif.icm().sum(axis=0), instance.relative_entropy)


@pytest.mark.parametrize("background", [(0.25,) * 4, SKEWED])
def test_logo_heights_agree_with_logomaker(background):
    motif = random_motif(background=background)
    table = logomaker.transform_matrix(
        pd.DataFrame(motif.ppm.T, columns=list("ACGT")),
        from_type="probability",
        to_type="information",
        background=np.array(background),
    )
    np.testing.assert_allclose(motif.icm(), table.to_numpy().T, atol=1e-6)


def test_log_odds_agree_with_biopython():
    share = 0.01
    n = len(SITES)
    background = dict(zip("ACGT", SKEWED))
    counted = {letter: n * share / (1 - share) * p for letter, p in background.items()}
    wanted = referee().counts.normalize(pseudocounts=counted).log_odds(background)
    motif = Motif.from_sites("AP1", SITES, background=SKEWED)
    np.testing.assert_allclose(motif.pssm(pseudocount=share), in_rows(wanted))


def test_the_mean_score_of_sites_is_the_information():
    motif = random_motif()
    assert (motif.ppm * motif.pssm(pseudocount=0)).sum() == pytest.approx(motif.bits)


def test_the_other_strand_agrees_with_biopython():
    turned = Motif.from_sites("AP1", SITES, background=SKEWED).reverse_complement()
    wanted = referee().reverse_complement().counts.normalize()
    np.testing.assert_allclose(turned.ppm, in_rows(wanted))
    assert turned.background == pytest.approx((0.4, 0.1, 0.2, 0.3))
    assert turned.n_sites == 6


def test_turning_twice_changes_nothing_and_keeps_the_information():
    motif = random_motif(background=SKEWED)
    turned = motif.reverse_complement()
    np.testing.assert_allclose(turned.reverse_complement().ppm, motif.ppm)
    np.testing.assert_allclose(turned.icm(), motif.icm()[::-1, ::-1])


def test_trim_drops_flat_flanks_only():
    flat, sharp = np.full(4, 0.25), np.eye(4)[2]
    motif = Motif("x", np.array([flat, sharp, flat, sharp, flat, flat]).T, n_sites=7)
    assert motif.trim().width == 3
    assert motif.trim().n_sites == 7
    np.testing.assert_array_equal(motif.trim().ppm, motif.ppm[:, 1:4])
    assert motif.trim(0).width == 6


def test_trim_keeps_the_best_column_of_a_flat_motif():
    ppm = np.array([[0.25] * 4, [0.4, 0.2, 0.2, 0.2], [0.25] * 4]).T
    np.testing.assert_array_equal(Motif("flat", ppm).trim().ppm, ppm[:, 1:2])


def test_the_consensus_shows_how_sure_each_letter_is():
    ppm = np.array([[0, 0, 1, 0], [0.75, 0.25, 0, 0], [0.1, 0.7, 0.1, 0.1], [0.25] * 4]).T
    assert Motif("x", ppm).consensus == "GAcn"


def test_motifs_show_themselves_in_one_line():
    motif = Motif.from_sites("GATA", ["GATA"] * 20)
    assert repr(motif) == "Motif('GATA', GATA, 8.0 bits, n_sites=20)"
    assert repr(Motif("GATA", motif.ppm)) == "Motif('GATA', GATA, 8.0 bits)"


def test_other_alphabets_have_their_own_rows():
    pumilio = Motif.from_sites("PUM2", ["UGUAAAUA", "UGUAUAUA"], alphabet=RNA)
    assert (pumilio.consensus, pumilio.bits) == ("UGUAAAUA", 15)
    zinc = Motif.from_sites("zinc finger", ["CPYC"], alphabet=PROTEIN)
    assert zinc.ppm.shape == (20, 4)
    assert zinc.bits == pytest.approx(4 * np.log2(20))
    with pytest.raises(InputError, match="RNA sequences have no complement"):
        pumilio.reverse_complement()


def test_a_motif_cannot_be_changed_through_its_source_or_itself():
    ppm = np.eye(4)
    motif = Motif("x", ppm)
    ppm[:] = 0.25
    assert motif.bits == 8
    with pytest.raises(ValueError, match="read-only"):
        motif.ppm[0, 0] = 0
    assert motif.renamed("y").name == "y"
    assert motif.name == "x"


def test_motifs_can_be_copied_pickled_and_put_into_sets():
    motif = random_motif(info={"id": "MA0001.1"})
    for twin in (copy.deepcopy(motif), pickle.loads(pickle.dumps(motif))):
        np.testing.assert_array_equal(twin.ppm, motif.ppm)
        assert (twin.name, twin.info) == (motif.name, motif.info)
    assert len({motif, motif, random_motif()}) == 2


def test_small_rounding_errors_are_mended():
    motif = Motif("rounded", np.full((4, 3), 0.251))
    np.testing.assert_allclose(motif.ppm.sum(axis=0), 1)
    assert Motif("signed zero", np.eye(4) - 1e-9 * (1 - np.eye(4))).ppm.min() == 0


def test_letters_are_counted_per_position():
    counts = count_letters(encode(["AAN", "ACT"]))
    np.testing.assert_array_equal(counts, [[2, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    ("ppm", "sentence"),
    [
        (np.eye(4)[:, :3].T, r"has shape \(3, 4\); expected \(4, width\).*needs `\.T`"),
        (np.zeros((4, 0)), r"has shape \(4, 0\); expected \(4, width\) with rows A, C, G, T\.$"),
        (np.full(4, 0.25), r"has shape \(4,\); expected"),
        (np.full((2, 4, 5), 0.25), r"has shape \(2, 4, 5\); expected"),
        (np.full((4, 6), 10.0), "column 0 of `ppm` sums to 40; expected 1.*from_pfm"),
        (np.full((4, 2), np.nan), "column 0 of `ppm` holds a value that is not a number"),
        (np.array([[0.25, 2], [0.25, -1], [0.25, 0], [0.25, 0]]), "holds -1; expected prob"),
    ],
)
def test_what_is_no_probability_matrix_is_refused(ppm, sentence):
    with pytest.raises(InputError, match=f"Motif 'x'.*{sentence}"):
        Motif("x", ppm)


@pytest.mark.parametrize(
    ("pfm", "sentence"),
    [
        ([[1], [-2], [0], [0]], "`pfm` holds -2; expected counts of 0 or more"),
        ([[1], [np.nan], [0], [0]], "`pfm` holds nan; expected counts"),
        ([[1], [np.inf], [0], [0]], "`pfm` holds inf; expected counts"),
        ([[1, 0], [1, 0], [1, 0], [1, 0]], "column 1 of `pfm` has no counts"),
        (np.ones((5, 4)), r"has shape \(5, 4\).*needs `\.T`"),
        ([], "column 0 of `pfm` has no counts"),
    ],
)
def test_what_is_no_count_matrix_is_refused(pfm, sentence):
    with pytest.raises(InputError, match=f"Motif 'x'.*{sentence}"):
        Motif.from_pfm("x", pfm)


@pytest.mark.parametrize(
    ("sites", "sentence"),
    [
        (["ACG", "AC"], r"sites have lengths \[2, 3\]; expected one length"),
        ([], r"sites have lengths \[\]; expected one length"),
        (["AC", "A?"], r"Sequence 1 has '\?' at position 1"),
        (["AN", "CN"], "column 1 of `pfm` has no counts"),
        ([""], r"`ppm` has shape \(4, 0\); expected \(4, width\)"),
    ],
)
def test_sites_that_make_no_motif_are_refused(sites, sentence):
    with pytest.raises(InputError, match=sentence):
        Motif.from_sites("x", sites)


@pytest.mark.parametrize(
    "background", [(0.5, 0.5), (0.5, 0.5, 0, 0), (1, 1, 1, 1), (0.3, 0.3, 0.3, float("nan"))]
)
def test_impossible_backgrounds_are_refused(background):
    with pytest.raises(InputError, match=r"`background` is \(.*; expected 4 probabilities above 0"):
        Motif("x", np.eye(4), background=background)


def test_one_string_is_no_list_of_sites():
    with pytest.raises(InputError, match="one string, 'GATA'; expected a list"):
        Motif.from_sites("x", "GATA")


def test_an_alphabet_can_be_named():
    motif = Motif("site", np.full((4, 3), 0.25), alphabet="RNA")
    assert motif.alphabet.letters == "ACGU"
    with pytest.raises(InputError, match=r"`alphabet` is 'XNA'; expected one of"):
        Motif("site", np.full((4, 3), 0.25), alphabet="XNA")
