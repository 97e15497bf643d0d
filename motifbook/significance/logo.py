"""The matrix of a chosen word in these sequences: for figures and names, never for the test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.motif.matrix import Motif
from motifbook.motif.refine import Sample, Search, SeedOptions, informative, refine
from motifbook.motif.word_counts import Spacing
from motifbook.onehot import Letters
from motifbook.significance.surroundings import FLANK, Surroundings
from motifbook.significance.words import windows, word_numbers

Booleans = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
BESIDE = 3  # letters beside the word that refinement may take in
STRONG = 1 / 3  # share of the sequences, most extreme readouts, that are compared
SURE = 0.9  # probability of the word's own letters at the start
CLEAR_BITS = 0.25  # columns at the ends with less are cut off
CLEAR = 2.0  # standard errors by which a variant of the word must be more frequent
MOST = 0.5  # of the word's own count that a variant may have: the word was chosen, not the variant
FEWEST, PSEUDOCOUNT = 15.0, 0.5  # sites that the word counts at least; of every letter


def word_motif(
    word: Bytes,
    letters: Letters,
    towards: Floats,
    alphabet: Alphabet,
    *,
    both_strands: bool = True,
) -> Motif:
    """Refine a word to a matrix by the sequences whose readout it moves most.

    Parameters
    ----------
    word : (k,)
        Letter codes.
    letters : (n, length)
        Letter codes of the sequences.
    towards : (n,)
        Larger where more of the motif is expected: the readout that earlier motifs leave, its sign
        turned if the motif lowers it.
    alphabet
        Of both.
    both_strands
        Whether sites on the other strand count.

    Returns
    -------
    Motif
        Named by the word; wider than it where the letters beside it are clear.

    Notes
    -----
    The third of the sequences with the largest values is compared with the third with the
    smallest. Expectation (see `motif.refine`) finds the best matrix, unless it wanders off to a
    more frequent motif, or to the constant ends of a library. Then a letter of the word counts as
    often as, among the first, more sequences hold the word with that letter in its place; letters
    beside the word are those beside its copies.
    """
    order = np.argsort(towards, kind="stable")
    n_strong = max(int(STRONG * len(order)), 1)
    high, low = letters[order[::-1][:n_strong]], letters[order[:n_strong]]
    read = alphabet if both_strands else replace(alphabet, complement="")
    background = Surroundings(letters, read, read.has_strands).background()
    ppm, n_sites = _refined(word, Sample(high, low, read.n_letters), read, background)
    if not _spells(ppm, word):
        ppm = _anchored(word, high, low, read)
        n_sites = float(_holds(word[None], high, read).sum())
    clear = informative(ppm, background, CLEAR_BITS)
    if len(clear):
        ppm = ppm[:, clear[0] : clear[-1] + 1]
    name = "".join(alphabet.letters[code] for code in word)
    return Motif(name, ppm, n_sites=max(n_sites, 1.0), alphabet=alphabet)


def _refined(
    word: Bytes, sample: Sample, alphabet: Alphabet, background: Floats
) -> tuple[Floats, float]:
    """Matrix and number of sites once the word was re-estimated round after round."""
    beside = min(BESIDE, (sample.letters.shape[1] - len(word)) // 2)
    start = np.repeat(background, len(word) + 2 * beside, axis=1)
    own = np.arange(len(word)) + beside
    start[:, own] = (1 - SURE) / (alphabet.n_letters - 1)
    start[word, own] = SURE
    spacing = Spacing(alphabet, tuple(range(len(word))))
    search = Search(start.shape[1], 1, [spacing], background, SeedOptions())
    return refine(start, sample, search)


def _spells(ppm: Floats, word: Bytes) -> bool:
    """Whether the strongest letters, somewhere in the matrix, are still the word."""
    strongest = np.lib.stride_tricks.sliding_window_view(ppm.argmax(axis=0), len(word))
    return bool((strongest == word).all(axis=1).any())


def _anchored(word: Bytes, high: Letters, low: Letters, alphabet: Alphabet) -> Floats:
    """Matrix of the word's copies in the first sequences, and of the variants in excess there."""
    ppm = Surroundings(high, alphabet, alphabet.has_strands).matrix(word)
    ppm[:, FLANK : FLANK + len(word)] = _variants(word, high, low, alphabet)
    return ppm


def _variants(word: Bytes, high: Letters, low: Letters, alphabet: Alphabet) -> Floats:
    """Letter shares of the word's own columns, (n_letters, k)."""
    n_letters, k = alphabet.n_letters, len(word)
    columns, codes = np.divmod(np.arange(n_letters * k), n_letters)
    variants = np.repeat(word[None], n_letters * k, axis=0)
    variants[np.arange(n_letters * k), columns] = codes
    is_word = codes == word[columns]
    counts = []
    for letters in (high, low):
        holds = _holds(variants, letters, alphabet)
        own = holds[:, is_word][:, :1]  # sequences that hold the word show no variant
        counts.append(np.where(is_word, own, holds & ~own).sum(axis=0).astype(np.float64))
    excess = counts[0] - counts[1]
    excess[excess < CLEAR * np.sqrt(counts[0] + counts[1])] = 0.0
    most = max(float(excess[is_word][0]), FEWEST)
    excess = np.where(is_word, most, np.minimum(excess, MOST * most))
    shares = excess.reshape(k, n_letters).T + PSEUDOCOUNT
    found: Floats = shares / shares.sum(axis=0)
    return found


def _holds(words: Bytes, letters: Letters, alphabet: Alphabet) -> Booleans:
    """Which sequences hold which words, (n, n_words)."""
    found = windows(letters, words.shape[1], alphabet.n_letters)
    strands = [words]
    if alphabet.has_strands:
        strands.append(alphabet.complement_codes[words[:, ::-1]])
    numbers = np.stack([word_numbers(one, alphabet.n_letters) for one in strands], axis=1)
    return np.stack([np.isin(found, pair).any(axis=1) for pair in numbers], axis=1)
