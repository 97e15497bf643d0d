"""Starting motifs from enriched k-mers: the warm start of networks that read motifs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook._one_thread import one_thread
from motifbook.alphabet import DNA, Alphabet
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif
from motifbook.motif.refine import Sample, Search, SeedOptions, grown, informative, log_odds, refine
from motifbook.motif.scan import UNKNOWN_SCORE, prepare, score_positions
from motifbook.motif.word_counts import Word, WordCounts, spacings
from motifbook.onehot import Letters, shuffle

Floats = npt.NDArray[np.float64]
MOST_WORDS = 20_000
FEW, LESS_IF_FEW = 150, 1.5  # few sequences: a false start costs little, a missed one the motif
SHUFFLED, MOST_SHUFFLES = 3000, 30  # few sequences are shuffled several times, to know chance well


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
        Columns of each seed; see also `SeedOptions.longest`.
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
    if letters.shape[1] < max(width, k):
        return []
    values = np.full((len(letters), 0), np.nan)
    if readout is not None:
        values = np.asarray(readout, dtype=np.float64).reshape(len(letters), -1)
    rows = rng.permutation(len(letters) if rows is None else rows)
    background = _background(letters[rows[: options.max_rows]], alphabet.n_letters)
    search = Search(width, n_seeds, spacings(read, k), background, options)
    found: list[Motif] = []
    for contrast in _contrasts(letters, values, rows, search, rng):
        found.extend(_greedy(contrast, search))
    found.sort(key=lambda motif: -float(motif.info["z_score"]))
    chosen = _distinct(found, options.similarity)[:n_seeds]
    return [replace(motif, alphabet=alphabet) for motif in chosen]


def _background(letters: Letters, n_letters: int) -> Floats:
    """Shares of letters that a motif is seen against, (n_letters, 1).

    Uniform for nucleotides: the recipe was measured so. Amino acids differ tenfold: against a
    uniform background every flank of a motif would prefer L to W.
    """
    if n_letters <= 4:
        return np.full((n_letters, 1), 1 / n_letters)
    counts = np.bincount(letters.ravel(), minlength=n_letters + 1)[:n_letters] + 1.0
    shares: Floats = counts[:, None] / counts.sum()
    return shares


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
    search: Search,
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


@one_thread
def _greedy(contrast: _Contrast, search: Search) -> Iterator[Motif]:
    """Strongest word -> motif -> mask its sites -> next, until no word stands out."""
    letters = contrast.letters.copy()
    counts = WordCounts(letters, contrast.value, search.spacings, contrast.is_exact)
    enough = search.z_score
    if contrast.is_exact and len(contrast.carriers) < FEW:
        enough -= LESS_IF_FEW
    for _ in range(search.n_seeds):
        word = counts.strongest()
        if word.z_score < enough:
            return
        carriers, others = letters[contrast.carriers], letters[contrast.value < 0]
        sample = Sample(carriers, others, search.alphabet.n_letters)
        ppm, n_sites = refine(_word_ppm(word, search), sample, search)
        info = {"z_score": word.z_score, "contrast": contrast.name, "word": word.text}
        shares = tuple(search.background[:, 0])
        whole = grown(ppm, sample, search)
        yield Motif(word.text, whole, shares, n_sites, search.alphabet, info)
        changed = _mask_sites(letters, ppm, word, search)
        counts.update(letters, changed)


def _word_ppm(word: Word, search: Search) -> Floats:
    n_letters = search.alphabet.n_letters
    ppm = np.repeat(search.background, search.width, axis=1)
    first = (search.width - len(word.text)) // 2
    for offset, code in zip(word.offsets, word.codes):
        if 0 <= first + offset < search.width:
            ppm[:, first + offset] = 0.1 / (n_letters - 1)
            ppm[code, first + offset] = 0.9
    return ppm


def _mask_sites(letters: Letters, ppm: Floats, word: Word, search: Search) -> npt.NDArray[np.int64]:
    """Write unknown over every site above 0.55 of the best possible score; return changed rows."""
    odds = log_odds(ppm, search.background)
    clear = informative(ppm, search.background)
    columns = np.arange(min(clear, default=0), max(clear, default=len(odds.T) - 1) + 1)
    exact = np.zeros((len(ppm), len(word.text)))
    exact[word.codes, word.offsets] = 1
    targets = [(odds, columns, 0.55 * odds.max(axis=0).sum(), UNKNOWN_SCORE)]
    targets.append((exact, np.array(word.offsets), len(word.codes) - 0.5, 0.0))
    words = prepare(letters, search.alphabet.n_letters)
    changed = np.zeros(len(letters), dtype=bool)
    for matrix, span, cut, unknown in targets:
        for oriented, own_span in _orientations(matrix, span, search):
            rows, starts = np.nonzero(score_positions(oriented, words, unknown=unknown) > cut)
            letters[rows[:, None], starts[:, None] + own_span] = search.alphabet.n_letters
            changed[rows] = True
    return np.flatnonzero(changed)


def _orientations(
    matrix: Floats, span: npt.NDArray[np.int64], search: Search
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
