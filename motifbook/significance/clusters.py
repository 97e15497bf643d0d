"""Which motifs of a dictionary are the same finding: shifts, neighbors, other strand, copies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.significance.dictionary import Activations
from motifbook.significance.prepare import Prepared

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
CORRELATED = 0.7
MISMATCHES = 1
HELD = 0.8  # of a cluster's sum of squares
SHIFTED = 3  # a word is shifted by up to a third of its letters


def relatives(activations: Activations, prepared: Prepared, column: int) -> Booleans:
    """Which columns belong to the cluster of one, (n_columns,).

    Parameters
    ----------
    activations
        The dictionary.
    prepared
        Its columns.
    column
        The one that was chosen.

    Returns
    -------
    (n_columns,)
        True for the column itself, for columns that correlate with it by .7 or more (sign apart),
        and for words that differ from it in one letter, or are it shifted by up to a third of its
        letters, on either strand.

    Notes
    -----
    Relatives depend on the sequences alone, never on a readout, so tests of later steps stay valid
    without them.
    """
    with_it = prepared.columns.T @ prepared.columns[:, column]
    related: Booleans = np.abs(with_it) >= CORRELATED
    if activations.words.size:
        words = activations.words[prepared.motifs]
        related = related | similar_words(words, words[column])
        if activations.both_strands:
            other = activations.alphabet.complement_codes[words[column][::-1]]
            related |= similar_words(words, other)
    related[column] = True
    return related


def cluster_directions(prepared: Prepared, cluster: Booleans, most: int) -> Floats:
    """Main directions of a cluster's columns, (n, n_directions), `most` at most.

    As many as hold four fifths of their sum of squares.

    Examples
    --------
    >>> from motifbook.significance.prepare import prepare
    >>> rng = np.random.default_rng(0)
    >>> ready = prepare(rng.random((30, 4)), rng.normal(size=30))
    >>> cluster_directions(ready, np.array([True, True, False, False]), 5).shape
    (30, 2)
    """
    columns = prepared.columns[:, cluster]
    squares, vectors = np.linalg.eigh((columns.T @ columns).astype(np.float64))
    held = np.cumsum(squares[::-1]) / squares.sum()
    n = min(int(np.searchsorted(held, HELD)) + 1, most)
    main = vectors[:, ::-1][:, :n].astype(np.float32)
    directions: Floats = (columns @ main).astype(np.float64)
    return directions


def similar_words(words: npt.NDArray[np.uint8], word: npt.NDArray[np.uint8]) -> Booleans:
    """Which words, (n_words, k), are one, (k,), with a letter changed, or shifted.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> words = np.stack([DNA.codes(text) for text in ("GATAAG", "GCTAAG", "ATAAGC", "GCCAAG")])
    >>> similar_words(words, words[0]).tolist()
    [True, True, True, False]
    """
    k = len(word)
    similar: Booleans = (words != word).sum(axis=1) <= MISMATCHES
    for shift in range(1, k // SHIFTED + 1):
        similar |= (words[:, shift:] == word[:-shift]).all(axis=1)
        similar |= (words[:, :-shift] == word[shift:]).all(axis=1)
    return similar
