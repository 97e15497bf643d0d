"""Short words that go with a readout, as motifs of which only exact matches are sites."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.formula.counting import CountedMotif
from motifbook.formula.kmers import word_counts, word_texts
from motifbook.formula.penalized import lasso_path_of
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
LENGTHS = 3  # the longest three: 4, 5 and 6 letters of DNA


def word_motifs(
    letters: Letters,
    readout: npt.ArrayLike,
    rows: IntArray,
    *,
    alphabet: Alphabet,
    n: int,
    both_strands: bool = True,
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
    rows
        Numbers of the rows that choose.
    n
        How many words, at most.
    both_strands
        Whether a word and its reverse complement are one.

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
    >>> readout = np.tile([1.0, 0.0], 200)[:, None]
    >>> found = word_motifs(letters, readout, np.arange(400), alphabet=DNA, n=1)
    >>> found[0].motif.name
    'CTTATC'
    """
    values = np.asarray(readout, dtype=np.float64)[rows]
    scale = np.nanstd(values, axis=0)
    values = values / np.where(scale > 0, scale, 1.0)
    tables = word_counts(letters[rows], alphabet, both_strands=both_strands)
    lengths = range(max(1, len(tables) - LENGTHS + 1), len(tables) + 1)
    texts = [x for size in lengths for x in word_texts(alphabet, size, both_strands=both_strands)]
    table = np.hstack(tables[-LENGTHS:])
    del tables
    models = lasso_path_of(table, values)
    spread = table.std(axis=0)[:, None]
    strengths = [np.linalg.norm(model.coefficients * spread, axis=1) for model in models]
    return [_exact(texts[word], alphabet) for word in _strongest(strengths, n)]


def _strongest(strengths: Sequence[Floats], size: int) -> IntArray:
    """Columns of the `size` strongest words, at the first penalty that leaves so many."""
    enough = (strength for strength in strengths if (strength > 0).sum() >= size)
    strength = next(enough, strengths[-1])
    order = np.argsort(-strength, kind="stable")[:size]
    return order[strength[order] > 0]


def _exact(word: str, alphabet: Alphabet) -> CountedMotif:
    counted = CountedMotif(Motif.from_sites(word, [word], alphabet=alphabet), 0.0)
    return CountedMotif(counted.motif, float(counted.weights().max(axis=0).sum()) - 1.0)
