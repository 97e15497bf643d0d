"""The matrix of a chosen word in these sequences: for figures and names, never for the test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.motif.matrix import Motif
from motifbook.motif.refine import Sample, Search, SeedOptions, informative, log_odds, refine
from motifbook.motif.scan import prepare, score_positions
from motifbook.motif.word_counts import Spacing
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
FLANK = 3  # letters beside the word that may belong to the motif
STRONG = 1 / 3  # share of the sequences, most extreme readouts, that sites are taken from
SURE = 0.9  # probability of the word's own letters at the start
CLEAR_BITS = 0.25  # columns at the ends with less are cut off
SHOWN = 0.5  # of the matrix's best log odds that the word must reach, else it has wandered off


def word_motif(
    word: npt.NDArray[np.uint8],
    letters: Letters,
    towards: Floats,
    alphabet: Alphabet,
    *,
    both_strands: bool = True,
) -> Motif:
    """Refine a word to a matrix from its best sites in the sequences whose readout it moves most.

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
        Named by the word; up to three letters wider on either side.

    Notes
    -----
    Expectation in the third of the sequences with the largest values, against the third with the
    smallest (see `motif.refine`). If refinement wanders off to another motif, the word remains.
    """
    name = "".join(alphabet.letters[code] for code in word)
    order = np.argsort(towards, kind="stable")
    n_strong = max(int(STRONG * len(order)), 1)
    high, low = letters[order[::-1][:n_strong]], letters[order[:n_strong]]
    background = _background(letters, alphabet.n_letters)
    flank = min(FLANK, (letters.shape[1] - len(word)) // 2)
    start = np.repeat(background, len(word) + 2 * flank, axis=1)
    own = np.arange(len(word)) + flank
    start[:, own] = (1 - SURE) / (alphabet.n_letters - 1)
    start[word, own] = SURE
    read = alphabet if both_strands else replace(alphabet, complement="")
    spacing = Spacing(read, tuple(range(len(word))))
    search = Search(start.shape[1], 1, [spacing], background, SeedOptions())
    ppm, n_sites = refine(start, Sample(high, low, alphabet.n_letters), search)
    clear = informative(ppm, background, CLEAR_BITS)
    if len(clear):
        ppm = ppm[:, clear[0] : clear[-1] + 1]
    refined = Motif(name, ppm, n_sites=n_sites, alphabet=alphabet)
    if _holds(refined, word, background):
        return refined
    return Motif(name, start[:, own], alphabet=alphabet)


def _background(letters: Letters, n_letters: int) -> Floats:
    """Share of each letter in the sequences, (n_letters, 1).

    Against a uniform background, the flanks of a motif would be A and T where most letters are.
    """
    counts = np.bincount(letters.ravel(), minlength=n_letters)[:n_letters] + 1.0
    shares: Floats = counts[:, None] / counts.sum()
    return shares


def _holds(motif: Motif, word: npt.NDArray[np.uint8], background: Floats) -> bool:
    """Whether the word is still what the matrix shows."""
    unknown = np.full(motif.width, motif.alphabet.n_letters, dtype=np.uint8)
    padded = np.concatenate([unknown, word, unknown])[None]
    odds = log_odds(motif.ppm, background)
    own = score_positions(odds, prepare(padded, motif.alphabet.n_letters), unknown=0.0)
    return bool(own.max() >= SHOWN * odds.max(axis=0).sum())
