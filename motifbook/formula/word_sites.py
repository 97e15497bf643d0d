"""Short words that go with a readout, as motifs of which only exact matches are sites."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.formula.counting import CountedMotif
from motifbook.formula.kmers import word_counts, word_texts
from motifbook.formula.penalized import lasso_path_of, ridge_path, squared_errors
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SIZES = (10, 20, 40, 80)  # how many words are tried
LENGTHS = 3  # the longest three: 4, 5 and 6 letters of DNA


def word_motifs(
    letters: Letters,
    readout: npt.ArrayLike,
    discover: IntArray,
    tune: IntArray,
    *,
    alphabet: Alphabet,
    both_strands: bool = True,
    sizes: Sequence[int] = SIZES,
) -> list[CountedMotif]:
    """Choose short words that together explain readouts.

    With few sequences, motifs learned letter by letter fit the sequences they were learned from;
    words have nothing to fit but which of them count.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    readout : (n, n_readouts)
        What covariates leave of the readouts; NaN where not measured.
    discover, tune
        Row numbers: words are chosen on the first, how many on the second.
    both_strands
        Whether a word and its reverse complement are one.
    sizes
        How many words are tried.

    Returns
    -------
    list of CountedMotif
        Strongest first; a site is an exact match.

    Notes
    -----
    A lasso of the counts of all words of 4 to 6 letters (proteins: 1 and 2), one path per readout;
    words in the order of their standardized coefficients, readouts joined by the root of the sum
    of squares, at the first penalty that leaves enough of them.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (400, 60)).astype(np.uint8)
    >>> letters[::2, 20:26] = [2, 0, 3, 0, 0, 2]  # GATAAG, or CTTATC on the other strand
    >>> rows, readout = np.arange(400), np.tile([1.0, 0.0], 200)[:, None]
    >>> found = word_motifs(letters, readout, rows[:300], rows[300:], alphabet=DNA)
    >>> found[0].motif.name
    'CTTATC'
    """
    values = np.asarray(readout, dtype=np.float64)
    scale = np.nanstd(values[discover], axis=0)
    values = values / np.where(scale > 0, scale, 1.0)
    tables = word_counts(letters, alphabet, both_strands=both_strands)
    lengths = range(max(1, len(tables) - LENGTHS + 1), len(tables) + 1)
    texts = [x for size in lengths for x in word_texts(alphabet, size, both_strands=both_strands)]
    table = np.hstack(tables[-LENGTHS:])
    models = lasso_path_of(table[discover], values[discover])
    spread = table[discover].std(axis=0)[:, None]
    strengths = [np.linalg.norm(model.coefficients * spread, axis=1) for model in models]
    tried = [_strongest(strengths, size) for size in sizes]
    errors = []
    for words in tried:
        columns = table[:, words] / np.maximum(spread[words, 0], 1e-6)
        path = ridge_path(columns[discover], values[discover])
        scored = [squared_errors(values[tune], model.predict(columns[tune])) for model in path]
        errors.append(np.min(scored, axis=0).mean())
    best = tried[int(np.argmin(errors))]
    return [_exact(texts[word], alphabet) for word in best]


def _strongest(strengths: Sequence[Floats], size: int) -> IntArray:
    """Columns of the `size` strongest words, at the first penalty that leaves so many."""
    enough = (strength for strength in strengths if (strength > 0).sum() >= size)
    strength = next(enough, strengths[-1])
    order = np.argsort(-strength, kind="stable")[:size]
    return order[strength[order] > 0]


def _exact(word: str, alphabet: Alphabet) -> CountedMotif:
    counted = CountedMotif(Motif.from_sites(word, [word], alphabet=alphabet), 0.0)
    return CountedMotif(counted.motif, float(counted.weights().max(axis=0).sum()) - 1.0)
