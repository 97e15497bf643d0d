"""Starting motifs from enriched k-mers: the warm start of networks that read motifs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri_exp
from scipy.stats import binom

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import Words, prepare, score_positions
from motifbook.onehot import Letters, shuffle

Floats = npt.NDArray[np.float64]
MOST_WORDS = 20_000
FEWEST = 5  # sequences that must hold a word
FEW, LESS_IF_FEW = 150, 1.5  # few sequences: a false start costs little, a missed one the motif
SHUFFLED, MOST_SHUFFLES = 3000, 10  # few sequences are shuffled several times, to know chance well


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
        fewer than 150 sequences (of 60 without a motif, the best word has 3.4 in the median and
        4.0 in one set of twenty).
    max_rows
        Sequences used per contrast, drawn at random among those with a measured value; more cost
        time and add little.
    similarity
        Two seeds this alike (`compare.similarity`) are one; 0.7 was too greedy.
    rounds
        Re-estimations of each motif from its best sites.
    """

    k: int | None = None
    z_score: float = 5.0
    max_rows: int = 8000
    similarity: float = 0.85
    rounds: int = 5


def find_seeds(
    letters: Letters,
    readout: npt.ArrayLike | None = None,
    *,
    rows: npt.NDArray[np.int64] | None = None,
    width: int = 16,
    n_seeds: int = 12,
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
    seed: int | None = None,
    options: SeedOptions | None = None,
) -> list[Motif]:
    """Find motifs whose words go with a readout, or are more common than in shuffled sequences.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    readout : (n,) or (n, n_readouts)
        Measured values, binary or continuous; NaN where not measured. None compares with
        dinucleotide shuffles alone.
    rows : (n_rows,)
        Numbers of the rows to use; all by default.
    width
        Columns of each seed.
    n_seeds
        At most so many, strongest first.
    alphabet
        The one `letters` are written in.
    both_strands
        Count a word and its reverse complement as one.
    options
        See `SeedOptions`.

    Returns
    -------
    list of Motif
        `info` holds "z_score", "word" and "contrast" ("up", "down" or "enriched").

    Notes
    -----
    Per readout two contrasts (sequences with high against low values, and the reverse; letter
    composition regressed out), and one against dinucleotide shuffles of the same sequences (several
    of each where there are few), which finds motifs equally common everywhere and is blind to base
    composition. Each contrast is greedy: the word with the largest z score becomes a matrix, which
    is re-estimated from the best site per sequence; its sites are masked; repeat. The z score of
    word presence p against what composition leaves of the readout, y, is ``sum(y p) / sqrt(n var(y)
    mean(p) (1 - mean(p)))``: the test of two proportions where readouts are binary.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (400, 60)).astype(np.uint8)
    >>> letters[:200, 20:30] = DNA.codes("ATGACTCATC")
    >>> readout = np.repeat([1, 0], 200)
    >>> [found] = find_seeds(letters, readout, width=14, n_seeds=1, seed=0)
    >>> similarity(found, Motif.from_sites("planted", ["ATGACTCATC"])) > 0.9
    True
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    options = options or SeedOptions()
    rng = _check.generator(seed, "seeds")
    k = options.k or int(np.log(MOST_WORDS) / np.log(alphabet.n_letters))
    read = alphabet if both_strands else replace(alphabet, complement="")
    search = _Search(width, n_seeds, read, k, options)
    if letters.shape[1] < max(width, k):
        return []
    values = np.full((len(letters), 0), np.nan)
    if readout is not None:
        values = np.asarray(readout, dtype=np.float64).reshape(len(letters), -1)
    rows = rng.permutation(len(letters) if rows is None else rows)
    found: list[Motif] = []
    for contrast in _contrasts(letters, values, rows, search, rng):
        found.extend(_greedy(contrast, search))
    found.sort(key=lambda motif: -float(motif.info["z_score"]))
    chosen = _distinct(found, options.similarity)[:n_seeds]
    return [replace(motif, alphabet=alphabet) for motif in chosen]


@dataclass(frozen=True)
class _Search:
    width: int
    n_seeds: int
    alphabet: Alphabet  # without complements where one strand is read
    k: int
    options: SeedOptions


@dataclass(frozen=True)
class _Contrast:
    """Sequences, a value for each, and those to draw sites from."""

    name: str
    letters: Letters
    value: Floats
    carriers: npt.NDArray[np.int64]
    is_exact: bool = False  # two values of unequal number: z scores by the exact tail of a count


def _contrasts(
    letters: Letters,
    values: Floats,
    rows: npt.NDArray[np.int64],
    search: _Search,
    rng: np.random.Generator,
) -> Iterator[_Contrast]:
    """Two contrasts per column of `values`, (n, n_readouts), then one against shuffles.

    Each uses the first of these `rows` that have a value.
    """
    n_letters, most = search.alphabet.n_letters, search.options.max_rows
    high_anywhere = np.zeros(len(letters), dtype=bool)
    for column in values.T:
        measured = rows[np.isfinite(column[rows])][:most]
        value = column[measured]
        if len(measured) < 20 or value.std() == 0:
            continue
        own = letters[measured]
        beyond = _beyond_composition(value, own, n_letters)
        low, high = np.quantile(value, (1 / 3, 2 / 3))
        top, bottom = value >= max(high, value.min() + 1e-9), value <= min(low, value.max() - 1e-9)
        high_anywhere[measured[top]] = True
        yield _Contrast("up", own, beyond, np.flatnonzero(top))
        yield _Contrast("down", own, -beyond, np.flatnonzero(bottom))
    high = rows[high_anywhere[rows]]
    own = letters[(high if len(high) else rows)[:most]]
    n_each = int(np.clip(SHUFFLED // len(own), 1, MOST_SHUFFLES))
    copies = np.tile(own, (n_each, 1))
    background = shuffle(copies, n_letters, seed=int(rng.integers(2**31)))
    value = np.repeat([1.0, -1.0], [len(own), len(background)])
    value -= value.mean()
    both = np.concatenate([own, background])
    yield _Contrast("enriched", both, value, np.arange(len(own)), is_exact=n_each > 1)


def _beyond_composition(value: Floats, letters: Letters, n_letters: int) -> Floats:
    """What the shares of letters and their squares leave of a value, (n,).

    Where positives are richer in G and C, every G+C-rich word would otherwise stand out.
    """
    shares = np.stack([(letters == code).mean(axis=1) for code in range(n_letters)], axis=1)
    shares -= shares.mean(axis=0)
    terms = np.concatenate([np.ones((len(value), 1)), shares, shares**2], axis=1)
    weights, *_ = np.linalg.lstsq(terms, value, rcond=None)
    beyond: Floats = value - terms @ weights
    return beyond


def _greedy(contrast: _Contrast, search: _Search) -> Iterator[Motif]:
    """Strongest word -> motif -> mask its sites -> next, until no word stands out."""
    letters = contrast.letters.copy()
    counts = _WordCounts(letters, contrast.value, search, contrast.is_exact)
    enough = search.options.z_score
    if contrast.is_exact and len(contrast.carriers) < FEW:
        enough -= LESS_IF_FEW
    for _ in range(search.n_seeds):
        word, z_score = counts.strongest()
        if z_score < enough:
            return
        ppm, n_sites = _refine(_word_ppm(word, search), letters[contrast.carriers], search)
        name = "".join(search.alphabet.letters[code] for code in word)
        info = {"z_score": z_score, "contrast": contrast.name, "word": name}
        yield Motif(name, ppm, n_sites=n_sites, alphabet=search.alphabet, info=info)
        changed = _mask_sites(letters, ppm, word, search)
        counts.update(letters, changed)


class _WordCounts:
    """How strongly the presence of each word goes with the value; kept up to date under masking."""

    def __init__(
        self, letters: Letters, value: Floats, search: _Search, is_exact: bool = False
    ) -> None:
        self._search = search
        self._value = value
        self._is_exact = is_exact
        self._n_words = search.alphabet.n_letters**search.k
        self._canonical = _canonical_words(search)
        self._words = self._sorted_words(letters)

    def _sorted_words(self, letters: Letters) -> npt.NDArray[np.int32]:
        """Canonical word at every position, sorted per row; repeats and unknowns are n_words."""
        k, base = self._search.k, self._search.alphabet.n_letters
        n_starts = letters.shape[1] - k + 1
        words = np.zeros((len(letters), n_starts), dtype=np.int32)
        unknown = np.zeros(words.shape, dtype=bool)
        for offset in range(k):
            column = letters[:, offset : offset + n_starts]
            words *= base
            words += column
            unknown |= column >= base
        words = self._canonical[np.where(unknown, self._n_words, words)]
        words.sort(axis=1)
        words[:, 1:][words[:, 1:] == words[:, :-1]] = self._n_words
        return words

    def update(self, letters: Letters, changed: npt.NDArray[np.int64]) -> None:
        """Count again those rows whose letters were masked."""
        self._words[changed] = self._sorted_words(letters[changed])

    def strongest(self) -> tuple[npt.NDArray[np.int64], float]:
        """The word with the largest z score, as letter codes, and that score."""
        flat = self._words.ravel()
        present = np.bincount(flat, minlength=self._n_words + 1)[:-1]
        z_scores = self._exact(present) if self._is_exact else self._normal(present)
        z_scores[present < FEWEST] = 0.0
        best = int(z_scores.argmax())
        return _letters_of(best, self._search), float(z_scores[best])

    def _normal(self, present: npt.NDArray[np.int64]) -> Floats:
        """Z score of each word, (n_words,), present in so many rows."""
        n, n_starts = self._words.shape
        value = np.repeat(self._value, n_starts)
        total = np.bincount(self._words.ravel(), weights=value, minlength=self._n_words + 1)[:-1]
        share = present / n
        spread = np.sqrt(np.maximum(n * share * (1 - share), 1.0)) * self._value.std()
        z_scores: Floats = total / spread
        return z_scores

    def _exact(self, present: npt.NDArray[np.int64]) -> Floats:
        """The same from the binomial tail of how many of these rows have the higher value."""
        is_high = self._value > 0
        high = np.bincount(self._words[is_high].ravel(), minlength=self._n_words + 1)[:-1]
        z_scores: Floats = -ndtri_exp(
            np.minimum(binom.logsf(high - 1, present, is_high.mean()), -1e-9)
        )
        return z_scores


def _letters_of(word: int, search: _Search) -> npt.NDArray[np.int64]:
    base, k = search.alphabet.n_letters, search.k
    return np.array([(word // base**power) % base for power in range(k - 1, -1, -1)])


def _canonical_words(search: _Search) -> npt.NDArray[np.int32]:
    """For every word the one that stands for it, (n_words + 1,); the last entry is "no word".

    A word and its reverse complement are one. Repeats of one or two letters (AAAAAAA, CACACAC) are
    no words: real genomes are full of them.
    """
    base, k = search.alphabet.n_letters, search.k
    n_words = base**k
    numbers = np.arange(n_words)
    digits = np.stack([(numbers // base**power) % base for power in range(k - 1, -1, -1)])
    canonical = numbers.copy()
    if search.alphabet.has_strands:
        partner = search.alphabet.complement_codes[digits[::-1]]
        other = (partner * (base ** np.arange(k - 1, -1, -1))[:, None]).sum(axis=0)
        canonical = np.minimum(numbers, other)
    period_two = (digits[2:] == digits[:-2]).all(axis=0)
    canonical[period_two] = n_words
    return np.append(canonical, n_words).astype(np.int32)


def _word_ppm(word: npt.NDArray[np.int64], search: _Search) -> Floats:
    n_letters = search.alphabet.n_letters
    ppm = np.full((n_letters, search.width), 1 / n_letters)
    first = (search.width - len(word)) // 2
    for offset, code in enumerate(word):
        if 0 <= first + offset < search.width:
            ppm[:, first + offset] = 0.1 / (n_letters - 1)
            ppm[code, first + offset] = 0.9
    return ppm


def _refine(ppm: Floats, letters: Letters, search: _Search) -> tuple[Floats, float]:
    """Re-estimate a matrix from the upper 40 % of the best sites per sequence."""
    letters = letters[:2000]
    n_letters = search.alphabet.n_letters
    words = prepare(letters, n_letters)
    n_sites = 0
    for round_ in range(search.options.rounds):
        if round_ > 1:
            ppm = _centered(ppm)
        best, start, is_reverse = _best_sites(ppm, words, search)
        chosen = np.flatnonzero(best >= np.quantile(best, 0.6))
        positions = start[chosen, None] + np.arange(search.width)
        sites = letters[chosen[:, None], positions]
        if search.alphabet.has_strands:
            flipped = search.alphabet.complement_codes[sites[:, ::-1]]
            sites = np.where(is_reverse[chosen, None], flipped, sites)
        counts = np.stack([(sites == code).sum(axis=0) for code in range(n_letters)]) + 0.5
        ppm = counts / counts.sum(axis=0)
        n_sites = len(chosen)
    return ppm, float(n_sites)


def _centered(ppm: Floats) -> Floats:
    """Move the informative columns to the middle; columns that come in are uniform."""
    bits = (ppm * np.log2(ppm * len(ppm))).sum(axis=0)
    informative = np.flatnonzero(bits > 0.3)
    if not len(informative):
        return ppm
    shift = (ppm.shape[1] - 1 - informative[0] - informative[-1]) // 2
    moved = np.full_like(ppm, 1 / len(ppm))
    if shift >= 0:
        moved[:, shift:] = ppm[:, : ppm.shape[1] - shift]
    else:
        moved[:, :shift] = ppm[:, -shift:]
    return moved


def _log_odds(ppm: Floats) -> Floats:
    odds: Floats = np.log(np.maximum(ppm, 0.02) * len(ppm))
    return odds


def _best_sites(
    ppm: Floats, words: Words, search: _Search
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Score, start and strand of the best window of every sequence."""
    forward = score_positions(_log_odds(ppm), words)
    start, best = forward.argmax(axis=1), forward.max(axis=1)
    is_reverse = np.zeros(len(best), dtype=bool)
    if search.alphabet.has_strands:
        order = search.alphabet.complement_codes[:-1]
        reverse = score_positions(_log_odds(ppm[order, ::-1]), words)
        is_reverse = reverse.max(axis=1) > best
        start = np.where(is_reverse, reverse.argmax(axis=1), start)
        best = np.maximum(best, reverse.max(axis=1))
    return best, start, is_reverse


def _mask_sites(
    letters: Letters, ppm: Floats, word: npt.NDArray[np.int64], search: _Search
) -> npt.NDArray[np.int64]:
    """Write unknown over every site above 0.55 of the best possible score; return changed rows."""
    odds = _log_odds(ppm)
    informative = np.flatnonzero((ppm * np.log2(ppm * len(ppm))).sum(axis=0) > 0.3)
    columns = np.arange(min(informative, default=0), max(informative, default=len(odds.T) - 1) + 1)
    exact = np.eye(len(ppm))[:, word]
    targets = [(odds, columns, 0.55 * odds.max(axis=0).sum())]
    targets.append((exact, np.arange(len(word)), len(word) - 0.5))
    words = prepare(letters, search.alphabet.n_letters)
    changed = np.zeros(len(letters), dtype=bool)
    for matrix, span, cut in targets:
        for oriented, own_span in _orientations(matrix, span, search):
            rows, starts = np.nonzero(score_positions(oriented, words) > cut)
            letters[rows[:, None], starts[:, None] + own_span] = search.alphabet.n_letters
            changed[rows] = True
    return np.flatnonzero(changed)


def _orientations(
    matrix: Floats, span: npt.NDArray[np.int64], search: _Search
) -> Iterator[tuple[Floats, npt.NDArray[np.int64]]]:
    yield matrix, span
    if search.alphabet.has_strands:
        order = search.alphabet.complement_codes[:-1]
        yield matrix[order, ::-1], matrix.shape[1] - 1 - span


def _distinct(motifs: list[Motif], limit: float) -> list[Motif]:
    kept: list[Motif] = []
    for motif in motifs:
        if all(max(similarity(motif, k), similarity(k, motif)) < limit for k in kept):
            kept.append(motif)
    return kept
