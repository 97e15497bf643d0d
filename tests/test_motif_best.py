"""The best match of each motif in each sequence, against the scan and plain loops."""

import numpy as np
import pytest

from motifbook import InputError
from motifbook.alphabet import PROTEIN
from motifbook.motif import best, database
from motifbook.motif.best import best_matches, known_windows
from motifbook.motif.distribution import in_steps
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs
from motifbook.onehot import encode, reverse_complement

UNIFORM = (0.25, 0.25, 0.25, 0.25)
AT_RICH = (0.4, 0.1, 0.1, 0.4)


def random_motif(seed, width):
    ppm = np.random.default_rng(seed).dirichlet(np.full(4, 0.3), size=width).T
    return Motif(f"random{seed}", ppm)


def random_letters(seed, n, length, unknown=0.0):
    shares = np.append(np.array(AT_RICH) * (1 - unknown), unknown)
    return np.random.default_rng(seed).choice(5, p=shares, size=(n, length)).astype(np.uint8)


def joined(motifs, letters, **options):
    """Scores, starts and hits of all motifs, (n, n_motifs) each."""
    found = [np.empty((len(letters), len(motifs))) for _ in range(3)]
    for block in best_matches(motifs, letters, **options):
        for array, values in zip(found, (block.scores, block.starts, block.is_hit)):
            array[:, block.numbers] = values
    return found


def test_scores_are_the_largest_of_all_windows_and_strands():
    motifs = [random_motif(seed, width) for seed, width in enumerate([5, 9, 9, 14])]
    letters = random_letters(0, 40, 30, unknown=0.02)
    scores, starts, _ = joined(motifs, letters, background=AT_RICH)
    for number, motif in enumerate(motifs):
        pssm = in_steps(Motif("m", motif.ppm, background=AT_RICH).pssm()) / 1000
        pssm = np.column_stack([pssm.T, np.full(motif.width, -np.inf)]).T
        for row in range(len(letters)):
            at = np.arange(motif.width)
            windows = [letters[row, i : i + motif.width] for i in range(31 - motif.width)]
            forward = np.array([pssm[window, at].sum() for window in windows])
            turned = [reverse_complement(window[None])[0] for window in windows]
            both = np.maximum(forward, [pssm[window, at].sum() for window in turned])
            assert scores[row, number] == pytest.approx(both.max(), abs=1e-4)
            assert both[int(starts[row, number])] == pytest.approx(both.max(), abs=1e-9)


@pytest.mark.parametrize("strands", [True, False])
def test_hits_are_those_of_the_scan(strands):
    motifs = [m for m in database.collection("JASPAR2026_vertebrates") if m.width > 8][::60]
    motifs = [motif.renamed(str(number)) for number, motif in enumerate(motifs)]
    letters = random_letters(1, 500, 80, unknown=0.01)
    options = {"p_value": 2e-3, "strands": strands}
    _, _, is_hit = joined(motifs, letters, **options)
    hits = scan_motifs(motifs, letters, **options)
    expected = np.zeros_like(is_hit)
    expected[hits["sequence"], hits["motif"].astype(int)] = 1
    assert 500 < expected.sum() < expected.size / 2
    np.testing.assert_array_equal(is_hit, expected)


def test_equal_matches_are_found_anywhere():
    letters = encode(["TTGATATTTTTTTTTTGATATT"] * 2000)
    _, starts, _ = joined([Motif.from_sites("GATA", ["GATA"])], letters, strands=False)
    places, counts = np.unique(starts, return_counts=True)
    assert places.tolist() == [2, 16]
    assert 0.45 < counts[0] / 2000 < 0.55


def test_a_short_motif_has_its_best_words_as_hits():
    motif = Motif.from_sites("GATA", ["GATA"] * 3 + ["CATA"] * 2 + ["TATA"])
    letters = encode(["CCGATACC", "CCCATACC", "CCTATCCC"])
    [found] = best_matches([motif], letters, background=UNIFORM, strands=False)
    assert found.is_hit[:, 0].tolist() == [True, True, False]
    assert found.hit_p_values.tolist() == [2 * 0.25**4]
    [found] = best_matches([motif], letters, p_value=0.05)
    assert found.is_hit[:, 0].tolist() == [True, True, True]
    assert found.hit_p_values[0] <= 0.05


def test_blocks_of_sequences_and_motifs_change_nothing(monkeypatch):
    motifs = [random_motif(seed, 6 + seed % 3) for seed in range(10)]
    letters = random_letters(2, 50, 40)
    whole = joined(motifs, letters)
    monkeypatch.setattr(best, "_MOST_WINDOWS", 100)
    monkeypatch.setattr(best, "_MOST_BESTS", 100)
    blocks = list(best_matches(motifs, letters))
    assert [len(block.numbers) for block in blocks] == [2, 2, 2, 1, 2, 1]
    np.testing.assert_array_equal(joined(motifs, letters)[0], whole[0])


def test_sequences_without_a_window_have_no_match():
    motif = random_motif(0, 8)
    scores, _, is_hit = joined([motif], encode(["ACGTACG"] * 2), p_value=1)
    assert np.isneginf(scores).all()
    assert not is_hit.any()
    scores, _, is_hit = joined([motif], encode(["ACGTNACGTACG", "NNNNNNNNNNNN"]), p_value=1)
    assert np.isneginf(scores).all()
    assert list(best_matches([], random_letters(0, 2, 9))) == []


def test_known_windows_by_hand():
    letters = encode(["ACNGT", "ACGTA"])
    assert known_windows(letters, 4, 2).tolist() == [[True, False, False, True], [True] * 4]
    assert known_windows(letters, 4, 6).shape == (2, 0)


def test_proteins_have_one_strand():
    motif = Motif.from_sites("RRxS", ["RRAS", "RRLS"], alphabet=PROTEIN)
    [found] = best_matches(
        [motif], encode(["MKRRASLWW", "SARRWWWWW"], PROTEIN), background=[0.05] * 20
    )
    assert found.is_hit[:, 0].tolist() == [True, False]
    assert found.starts[0, 0] == 2


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="`p_value` is 0; expected a probability"):
        list(best_matches([random_motif(0, 8)], random_letters(0, 3, 20), p_value=0))
    with pytest.raises(InputError, match=r"`letters` has shape \(20,\)"):
        list(best_matches([random_motif(0, 8)], random_letters(0, 3, 20)[0]))
