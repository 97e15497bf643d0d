"""From a word to a matrix: re-estimate it from its best sites, and let it grow if it goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from motifbook.alphabet import Alphabet
from motifbook.motif.scan import Words, prepare, score_positions
from motifbook.motif.word_counts import Spacing
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
MOST_ROWS = 2000  # to draw sites from
SHARES = np.linspace(0.1, 0.4, 13)  # of the sequences may carry a motif
GROWING_BITS = 0.5  # a column this clear beyond the edge makes a motif grow


@dataclass(frozen=True)
class SeedOptions:
    """How seeds are searched; the defaults were measured (methods of Tseng 2024, our recipe).

    Parameters
    ----------
    k
        Letters per word; by default 7 for nucleotides, which recovers degenerate motifs better
        than 6, and 3 for proteins: at most 20,000 different words.
    z_score
        A word must stand out by this many standard errors; by 1.5 less against the shuffles of
        fewer than 150 sequences (of 60 without a motif, the best word has 3.5 in the median and
        3.9 in one set of twenty; `benchmarks/few.py`).
    max_rows
        Sequences used per contrast, drawn at random among those with a measured value; more cost
        time and add little.
    similarity
        Two seeds this alike (`compare.similarity`) are one; 0.7 was too greedy.
    rounds
        Re-estimations of each motif from its best sites.
    longest
        A motif that goes on beyond `width` may grow to so many letters; by default none does.
    """

    k: int | None = None
    z_score: float = 5.0
    max_rows: int = 8000
    similarity: float = 0.85
    rounds: int = 5
    longest: int = 0


@dataclass(frozen=True)
class Search:
    """What all steps of the search for seeds share."""

    width: int
    n_seeds: int
    spacings: list[Spacing]  # of the words that are counted
    background: Floats  # (n_letters, 1)
    options: SeedOptions

    @property
    def alphabet(self) -> Alphabet:
        """Without complements where one strand is read."""
        return self.spacings[0].alphabet

    @property
    def z_score(self) -> float:
        """By how much a word must stand out: more if words are also tried with gaps."""
        n_spacings = len(self.spacings)
        wanted = self.options.z_score
        return wanted if n_spacings == 1 else float(norm.isf(norm.sf(wanted) / n_spacings))


class Sample:
    """Sequences that may carry a motif, (n, length), and others to compare with."""

    def __init__(self, letters: Letters, others: Letters, n_letters: int) -> None:
        self.letters = letters[:MOST_ROWS]
        self.words = prepare(self.letters, n_letters)
        self.others = prepare(others[:MOST_ROWS], n_letters)


def refine(ppm: Floats, sample: Sample, search: Search) -> tuple[Floats, float]:
    """Re-estimate a matrix from its best sites, round after round; return how many they are."""
    sites = sample.letters[:0]
    for round_ in range(search.options.rounds):
        if round_ > 1:
            ppm = _centered(ppm, search.background)
        sites = _sites(ppm, sample, search)
        ppm = _shares(sites, search.alphabet.n_letters)
    return ppm, float(len(sites))


def grown(ppm: Floats, sample: Sample, search: Search) -> Floats:
    """Take in what goes on beyond the edges, up to the last clear position."""
    width = ppm.shape[1]
    flank = min(search.options.longest, sample.letters.shape[1] // 2) - width
    if flank <= 0:
        return ppm
    wide = _shares(_sites(ppm, sample, search, flank), search.alphabet.n_letters)
    clear = informative(wide, search.background, GROWING_BITS)
    if not ((clear < flank) | (clear >= flank + width)).any():
        return ppm
    first = max(clear[0] - 1, 0)
    end = min(max(clear[-1] + 2, first + width), first + width + flank)
    return wide[:, first:end]


def _sites(ppm: Floats, sample: Sample, search: Search, flank: int = 0) -> Letters:
    """The best sites of the sequences that carry the motif, (n, flank + width + flank).

    Unknown beyond the ends of a sequence.
    """
    letters = sample.letters
    best, start, is_reverse = _best_sites(ppm, sample.words, search)
    other, *_ = _best_sites(ppm, sample.others, search)
    chosen = np.flatnonzero(best >= np.quantile(best, 1 - _share_of_carriers(best, other)))
    places = start[chosen, None] + np.arange(-flank, ppm.shape[1] + flank)
    sites: Letters = letters[chosen[:, None], places.clip(0, letters.shape[1] - 1)]
    sites[(places < 0) | (places >= letters.shape[1])] = search.alphabet.n_letters
    if search.alphabet.has_strands:
        flipped = search.alphabet.complement_codes[sites[:, ::-1]]
        sites = np.where(is_reverse[chosen, None], flipped, sites)
    return sites


def _share_of_carriers(best: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Share of sequences, 0.1 to 0.4, whose best scores set them apart most from the others'.

    With a fixed share, a rare motif would be estimated from its own sites and from lookalikes, and
    two motifs that resemble each other would become one.
    """
    cuts = np.quantile(best, 1 - SHARES)
    beyond = 1 - np.searchsorted(np.sort(other), cuts) / max(len(other), 1)
    return float(SHARES[(SHARES - beyond).argmax()])


def _shares(sites: Letters, n_letters: int) -> Floats:
    """Shares of the letters at each position of some sites, (n_letters, width)."""
    counts = np.stack([(sites == code).sum(axis=0) for code in range(n_letters)]) + 0.5
    shares: Floats = counts / counts.sum(axis=0)
    return shares


def _centered(ppm: Floats, background: Floats) -> Floats:
    """Move the informative columns to the middle; columns that come in are the background."""
    clear = informative(ppm, background)
    if not len(clear):
        return ppm
    shift = (ppm.shape[1] - 1 - clear[0] - clear[-1]) // 2
    moved = np.repeat(background, ppm.shape[1], axis=1)
    if shift >= 0:
        moved[:, shift:] = ppm[:, : ppm.shape[1] - shift]
    else:
        moved[:, :shift] = ppm[:, -shift:]
    return moved


def informative(ppm: Floats, background: Floats, bits: float = 0.3) -> npt.NDArray[np.int64]:
    """Columns with more than so many bits."""
    return np.flatnonzero((ppm * np.log2(ppm / background)).sum(axis=0) > bits)


def log_odds(ppm: Floats, background: Floats) -> Floats:
    """Log odds of the letters, (n_letters, width), bounded from below."""
    odds: Floats = np.log(np.maximum(ppm / background, 0.02 * len(ppm)))
    return odds


def _best_sites(
    ppm: Floats, words: Words, search: Search
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Score, start and strand of the best window of every sequence."""
    odds = log_odds(ppm, search.background)
    forward = score_positions(odds, words)
    start, best = forward.argmax(axis=1), forward.max(axis=1)
    is_reverse = np.zeros(len(best), dtype=bool)
    if search.alphabet.has_strands:
        order = search.alphabet.complement_codes[:-1]
        reverse = score_positions(odds[order, ::-1], words)
        is_reverse = reverse.max(axis=1) > best
        start = np.where(is_reverse, reverse.argmax(axis=1), start)
        best = np.maximum(best, reverse.max(axis=1))
    return best, start, is_reverse
