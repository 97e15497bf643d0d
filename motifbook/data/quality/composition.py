"""What sequences are made of, and how well that alone tells one class from the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from motifbook.alphabet import Alphabet
from motifbook.data.splits.stretches import BLOCK
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Composition:
    """Letters of each sequence.

    Parameters
    ----------
    lengths : (n,)
        Letters from the first known to the last known one.
    counts : (n, n_letters)
        How often each letter occurs.
    cpg : (n,)
        Share of CG among all two letters in a row; NaN for proteins.
    variety : (n,)
        How even the pairs of neighboring letters are: their entropy relative to the largest that
        the sequence could have. 0 for one letter repeated, near 1 for random sequences.
    """

    lengths: IntArray
    counts: IntArray
    cpg: FloatArray
    variety: FloatArray

    @property
    def n_unknown(self) -> IntArray:
        """Unknown letters inside each sequence, (n,)."""
        unknown: IntArray = self.lengths - self.counts.sum(axis=1)
        return unknown

    def share(self, codes: list[int]) -> FloatArray:
        """Share of some letters among the known ones of each sequence, (n,); NaN without any."""
        known = self.counts.sum(axis=1)
        found: FloatArray = self.counts[:, codes].sum(axis=1) / np.where(known, known, np.nan)
        return found


def composition(letters: Letters, alphabet: Alphabet) -> Composition:
    """Count letters and pairs of neighboring letters of letter codes, (n, length)."""
    starts = range(0, len(letters), BLOCK) if len(letters) else [0]
    parts = [_of_block(letters[start : start + BLOCK], alphabet) for start in starts]
    return Composition(*(np.concatenate(column) for column in zip(*parts)))


def _of_block(
    block: Letters, alphabet: Alphabet
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    k, n = alphabet.n_letters, len(block)
    known = block < k
    last = block.shape[1] - known[:, ::-1].argmax(axis=1) if block.size else np.zeros(n, int)
    first = known.argmax(axis=1) if block.size else last
    lengths = np.where(known.any(axis=1), last - first, 0)
    counts = np.stack([(block == code).sum(axis=1) for code in range(k)], axis=1)
    pairs = _pair_counts(block, k)
    n_pairs = pairs.sum(axis=1)
    some = np.where(n_pairs, n_pairs, np.nan)
    cpg = np.full(n, np.nan)
    if alphabet.is_nucleotides:
        cpg = pairs[:, alphabet.letters.index("C") * k + alphabet.letters.index("G")] / some
    share = pairs / some[:, None]
    entropy = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1)
    most = np.log2(np.minimum(some, k * k))
    variety = entropy / np.where(most > 0, most, np.nan)
    return lengths.astype(np.int64), counts.astype(np.int64), cpg, variety


def _pair_counts(block: Letters, k: int) -> IntArray:
    """How often each two letters follow each other, (n, k * k)."""
    n, side = len(block), k + 1  # one row and one column for unknown
    codes = block[:, :-1].astype(np.int32) * side + block[:, 1:]
    codes += (np.arange(n, dtype=np.int32) * side * side)[:, None]
    counts = np.bincount(codes.ravel(), minlength=n * side * side).reshape(n, side, side)
    return counts[:, :k, :k].reshape(n, k * k)


def auroc(values: FloatArray, is_positive: npt.NDArray[np.bool_]) -> float:
    """How well `values`, (n,), rank positives above negatives: 0.5 for not at all; NaN left out.

    Examples
    --------
    >>> auroc(np.array([0.1, 0.2, 0.3, 0.4]), np.array([False, False, True, True]))
    1.0
    """
    there = ~np.isnan(values)
    ranks = rankdata(values[there])
    positive = is_positive[there]
    n_high, n_low = int(positive.sum()), int((~positive).sum())
    if not n_high or not n_low:
        return float("nan")
    return float((ranks[positive].sum() - n_high * (n_high + 1) / 2) / (n_high * n_low))


def correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson r of two arrays, (n,), where both are there; NaN where one does not vary."""
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < 3:
        return float("nan")
    x, y = (values[both] - values[both].mean() for values in (first, second))
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else float("nan")
