"""Starting motifs from the data's words: planted ones are found, noise gives none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.motif.compare import similarity
from motifbook.motif.seeds import SeedOptions, find_seeds
from motifbook.onehot import encode, reverse_complement

WORD = "CTTGAACGGA"


def random_letters(n: int = 400, length: int = 60, n_letters: int = 4, seed: int = 0):
    return np.random.default_rng(seed).integers(0, n_letters, (n, length)).astype(np.uint8)


def plant(letters, word=WORD, rows=slice(None), alphabet=DNA, seed=1):
    """Write the word at a random place of each of these rows."""
    codes = alphabet.codes(word)
    chosen = np.arange(len(letters))[rows]
    last = letters.shape[1] - len(codes)
    starts = np.random.default_rng(seed).integers(0, last + 1, len(chosen))
    letters[chosen[:, None], starts[:, None] + np.arange(len(codes))] = codes
    return letters


@pytest.fixture
def half():
    """The word in the first half; 1 for them, 0 for the others."""
    return plant(random_letters(), rows=slice(200)), np.repeat([1.0, 0.0], 200)


def shows(motif: Motif, word: str = WORD) -> bool:
    return similarity(motif, Motif.from_sites("truth", [word], alphabet=motif.alphabet)) > 0.9


def test_a_planted_word_is_found_whole(half):
    [seed] = find_seeds(*half, width=16, seed=0)
    assert seed.width == 16
    assert shows(seed)
    assert seed.info["contrast"] in ("up", "enriched")
    assert seed.n_sites == 80  # the best two fifths of the carriers


def test_its_word_stands_out_as_in_a_test_of_two_proportions():
    n = 1600
    letters = plant(random_letters(2 * n), rows=slice(n // 4))
    readout = np.repeat([1.0, 0.0], n)
    [seed] = find_seeds(letters, readout, width=16, both_strands=False, seed=0)
    word = seed.info["word"]
    assert word in WORD
    assert len(word) == 7
    has_word = np.array([word in "".join("ACGT"[i] for i in row) for row in letters])
    first, second, p = has_word[:n].mean(), has_word[n:].mean(), has_word.mean()
    z_score = (first - second) / np.sqrt(p * (1 - p) * 2 / n)
    assert seed.info["z_score"] == pytest.approx(z_score, rel=0.05)  # composition regressed out


def test_among_few_sequences_it_stands_out_by_the_tail_of_a_count():
    letters = plant(random_letters(60), rows=slice(25))
    [seed] = find_seeds(letters, width=16, both_strands=False, seed=0)
    assert seed.info["contrast"] == "enriched"
    word = seed.info["word"]
    assert word in WORD
    n_with = sum(word in "".join("ACGT"[i] for i in row) for row in letters)
    best = norm.isf(binom.sf(n_with - 1, n_with, 1 / 31))  # if none of the thirty shuffles held it
    assert 0.6 * best < seed.info["z_score"] <= best + 1e-6


def test_few_sequences_of_noise_rarely_give_a_seed():
    n_seeds = [len(find_seeds(random_letters(60, seed=s), width=12, seed=s)) for s in range(20)]
    assert np.mean(n_seeds) < 1


def test_a_word_counts_once_per_sequence(half):
    letters, readout = half
    [once] = find_seeds(letters, readout, width=16, both_strands=False, seed=0)
    letters[:5] = np.resize(DNA.codes(once.info["word"] + "G"), letters.shape[1])
    [again] = find_seeds(letters, readout, width=16, both_strands=False, seed=0)
    assert again.info["z_score"] <= once.info["z_score"] * 1.01


def test_composition_alone_makes_no_word_of_a_readout_stand_out():
    rng = np.random.default_rng(0)
    readout = np.repeat([1.0, 0.0], 300)
    shares = np.where(readout[:, None, None] == 1, [0.2, 0.3, 0.3, 0.2], [0.3, 0.2, 0.2, 0.3])
    letters = (rng.random((600, 150, 1)) > shares.cumsum(2)[:, :, :3]).sum(2).astype(np.uint8)
    assert find_seeds(letters, readout, width=12, seed=0) == []


def test_words_that_go_with_low_values_are_found_too(half):
    letters, readout = half
    [seed] = find_seeds(letters, -readout, width=16, seed=0)
    assert seed.info["contrast"] == "down"
    assert shows(seed)


def test_continuous_values_lead_to_the_same_words(half):
    letters, readout = half
    noisy = 50 * readout + np.random.default_rng(0).normal(0, 20, len(readout))
    seeds = find_seeds(letters, noisy, width=16, seed=0)
    assert shows(seeds[0])
    assert len(seeds) == 1


def test_a_word_that_is_everywhere_is_found_against_shuffles():
    letters = plant(random_letters())
    for readout in (None, np.random.default_rng(1).integers(0, 2, 400)):
        [seed] = find_seeds(letters, readout, width=16, seed=0)
        assert seed.info["contrast"] == "enriched"
        assert shows(seed)


def test_both_strands_are_one_word(half):
    letters, readout = half
    turned = letters.copy()
    turned[:100] = reverse_complement(letters[:100])
    [both] = find_seeds(turned, readout, width=16, seed=0)
    alone = find_seeds(turned, readout, width=16, both_strands=False, seed=0)
    assert shows(both)
    assert len(alone) == 2  # the word and its reverse complement
    assert both.info["z_score"] > alone[0].info["z_score"]


def test_each_readout_brings_its_words():
    letters, other = random_letters(600), "CCGGTATGCC"
    plant(letters, rows=slice(200))
    plant(letters, other, rows=slice(200, 400))
    readout = np.zeros((600, 2))
    readout[:200, 0] = readout[200:400, 1] = 1
    readout[500:, 0] = np.nan
    readout[:50, 1] = np.nan
    found = find_seeds(letters, readout, width=16, seed=0)
    assert len(found) == 2
    assert any(shows(seed, WORD) for seed in found)
    assert any(shows(seed, other) for seed in found)


@pytest.mark.parametrize("seed", range(5))
def test_noise_gives_no_seeds(seed):
    letters = random_letters(1000, seed=seed)
    readout = np.random.default_rng(seed + 50).integers(0, 2, 1000)
    assert find_seeds(letters, readout, seed=seed) == []


def test_base_composition_is_no_motif_but_planted_motifs_are_found():
    adata = mb.simulate(3000, 200, rule="gc", seed=0)
    letters = encode(adata.obs["sequence"].tolist())
    enriched = [
        seed
        for seed in find_seeds(letters, adata.X, width=16, n_seeds=30, seed=0)
        if seed.info["contrast"] == "enriched"
    ]
    for name, ppm in adata.uns["truth"]["motifs"].items():
        assert max(similarity(seed, Motif(name, ppm)) for seed in enriched) > 0.9
    assert len(enriched) <= 4


def test_words_of_two_letters_in_turn_are_no_words():
    for repeat in ("CA", "AA"):
        letters = plant(random_letters(length=24), repeat * 12)
        assert find_seeds(letters, np.arange(400), seed=0) == []


@pytest.mark.parametrize(
    ("alphabet", "word"), [(RNA, "UGUAAAUAUC"), (PROTEIN, "RGDWKYCHMF")], ids=["RNA", "protein"]
)
def test_other_alphabets(alphabet, word):
    letters = plant(random_letters(n_letters=alphabet.n_letters), word, slice(200), alphabet)
    readout = np.repeat([1, 0], 200)
    seed = find_seeds(letters, readout, width=16, alphabet=alphabet, seed=0)[0]
    assert word in seed.consensus
    assert seed.alphabet is alphabet


def test_unknown_letters_and_padding_are_no_words(half):
    letters, readout = half
    padded = np.pad(letters, ((0, 0), (12, 5)), constant_values=4)
    padded[:, 14] = 4
    assert shows(find_seeds(padded, readout, width=16, seed=0)[0])


def test_the_same_seed_gives_the_same_seeds(half):
    first, again = (find_seeds(*half, width=16, seed=3) for _ in range(2))
    assert [s.info for s in first] == [s.info for s in again]
    assert all((a.ppm == b.ppm).all() for a, b in zip(first, again))


def test_the_letters_handed_in_are_left_alone(half):
    before = half[0].copy()
    find_seeds(*half, width=16, seed=0)
    assert (half[0] == before).all()


def test_no_more_seeds_than_wanted_and_the_strongest_first():
    letters, words = random_letters(900), [WORD, "CCGGTATGCC", "TTAGCGCAAG"]
    for number, word in enumerate(words):
        plant(letters, word, slice(0, 300 + 200 * number), seed=number)
    seeds = find_seeds(letters, width=16, seed=0)
    scores = [seed.info["z_score"] for seed in seeds]
    assert len(seeds) == 3
    assert scores == sorted(scores, reverse=True)
    [strongest] = find_seeds(letters, width=16, n_seeds=1, seed=0)
    assert strongest.info == seeds[0].info


def test_the_bar_can_be_raised(half):
    assert find_seeds(*half, seed=0, options=SeedOptions(z_score=50)) == []


@pytest.mark.parametrize("length", [3, 6, 9])
def test_sequences_shorter_than_a_motif_give_no_seeds(length):
    assert find_seeds(random_letters(length=length), width=10) == []
    assert find_seeds(random_letters(length=length), width=5) == []


def test_a_readout_that_hardly_was_measured_does_not_count():
    readout = np.full(400, np.nan)
    readout[:10] = 1
    readout[10:19] = 0
    assert find_seeds(random_letters(), readout, seed=0) == []


def test_one_sequence_without_its_first_axis_is_refused():
    with pytest.raises(InputError, match=r"`letters` has shape \(60,\); expected \(n, length\)"):
        find_seeds(random_letters()[0])


def test_rows_may_be_chosen_by_number(half):
    letters, readout = half
    rows = np.arange(400)[::-2]
    [by_number] = find_seeds(letters, readout, rows=rows, seed=0)
    [cut_out] = find_seeds(letters[rows], readout[rows], seed=0)
    np.testing.assert_array_equal(by_number.ppm, cut_out.ppm)
    assert shows(by_number)


def test_a_readout_measured_in_few_rows_is_searched_in_all_of_them():
    letters = plant(random_letters(4000), rows=slice(100))
    readout = np.full(4000, np.nan)
    readout[:200] = np.repeat([1.0, 0.0], 100)
    options = SeedOptions(max_rows=200)
    [sparse] = find_seeds(letters, readout, seed=0, options=options)
    [alone] = find_seeds(letters[:200], readout[:200], seed=0, options=options)
    assert shows(sparse)
    assert shows(alone)
    assert sparse.info["z_score"] > 10


def test_values_not_measured_count_nothing():
    letters, readout = plant(random_letters(), rows=slice(200)), np.repeat([1.0, 0.0], 200)
    gaps = np.random.default_rng(0).random(400) < 0.3
    options = SeedOptions(max_rows=400)
    rows = np.arange(400)
    masked = find_seeds(
        letters, np.where(gaps, np.nan, readout), rows=rows, seed=0, options=options
    )
    dropped = find_seeds(letters, readout, rows=rows[~gaps], seed=0, options=options)
    for motifs in (masked, dropped):
        assert len(motifs) == 1
        assert shows(motifs[0])
    assert masked[0].n_sites == dropped[0].n_sites


def test_a_seed_grows_to_the_whole_of_a_long_motif():
    rng = np.random.default_rng(1)
    letters = rng.integers(0, 4, (600, 120)).astype(np.uint8)
    site = "TGACTCATACGTACATTCCAGGATT"
    letters[:300, 40 : 40 + len(site)] = DNA.codes(site)
    readout = np.repeat([1, 0], 300)
    options = SeedOptions(longest=40)
    grown = find_seeds(letters, readout, width=14, n_seeds=1, seed=0, options=options)[0]
    assert similarity(grown, Motif.from_sites("planted", [site])) > 0.95
    assert find_seeds(letters, readout, width=14, n_seeds=1, seed=0)[0].width == 14


def test_a_seed_that_is_whole_does_not_grow():
    rng = np.random.default_rng(2)
    letters = rng.integers(0, 4, (600, 120)).astype(np.uint8)
    letters[:300, 40:50] = DNA.codes("ATGACTCATC")
    readout = np.repeat([1, 0], 300)
    [found] = find_seeds(
        letters, readout, width=14, n_seeds=1, seed=0, options=SeedOptions(longest=40)
    )
    assert found.width == 14
