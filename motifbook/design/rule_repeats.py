"""The rule that no stretch of letters occurs twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.design.ordered import BoolArray, IntArray, Ordered, in_a_row, spread
from motifbook.design.rule import Rule

Numbers = npt.NDArray[np.uint64]

_FACTOR = 0x9E3779B97F4A7C15  # a large odd number
_INVERSE = pow(_FACTOR, -1, 2**64)


def repeat_rule(size: int) -> Rule:
    """Make the rule that no `size` letters occur twice, on either strand if there are two.

    Notes
    -----
    Stretches are compared by polynomials of their letters modulo 2 ** 64, which follow from sums
    along the sequence (Karp & Rabin 1987, IBM J Res Dev 31:249). Equal ones are never missed;
    different ones are hardly ever taken as equal, and then the search keeps off a sequence that
    it need not.
    """
    return _Repeat(f"a repeat of {size} letters", size)


@dataclass(frozen=True, eq=False)
class _Repeat(Rule):
    size: int

    def _values(self, ordered: Ordered) -> Numbers:
        """A number per stretch, (n, n_stretches), equal for equal ones; all others differ."""
        width, size = ordered.width, self.size
        up, down = _powers(_FACTOR, width), _powers(_INVERSE, width)
        n_stretches = max(width - size + 1, 0)
        values = _sums(ordered.letters, up, size) * down[:n_stretches]
        if ordered.alphabet.has_strands:
            partners = ordered.alphabet.complement_codes[ordered.letters]
            values = np.minimum(values, _sums(partners, down, size) * up[size - 1 :])
        alone = np.arange(n_stretches, dtype=np.uint64)
        return np.where(in_a_row(ordered.known, size), values, alone)

    def count(self, ordered: Ordered) -> IntArray:
        values = np.sort(self._values(ordered), axis=1)
        n_copies: IntArray = (values[:, 1:] == values[:, :-1]).sum(axis=1)
        return n_copies

    def columns(self, ordered: Ordered) -> BoolArray:
        values = self._values(ordered)
        order = values.argsort(axis=1)
        values = np.take_along_axis(values, order, axis=1)
        same = values[:, 1:] == values[:, :-1]
        copied = np.pad(same, ((0, 0), (0, 1))) | np.pad(same, ((0, 0), (1, 0)))
        begins = np.zeros(values.shape, dtype=bool)
        np.put_along_axis(begins, order, copied[:, : values.shape[1]], axis=1)
        return spread(begins, self.size, ordered.width)


def _powers(factor: int, n: int) -> Numbers:
    """Powers 0 to n - 1, (n,), modulo 2 ** 64."""
    factors: Numbers = np.full(n, factor, dtype=np.uint64)
    factors[:1] = 1
    return factors.cumprod(dtype=np.uint64)


def _sums(letters: npt.NDArray[np.uint8], weights: Numbers, size: int) -> Numbers:
    """Sum of (code + 1) * weight over each stretch, (n, n_stretches), modulo 2 ** 64."""
    if letters.shape[1] < size:
        return np.zeros((len(letters), 0), dtype=np.uint64)
    so_far = ((letters.astype(np.uint64) + np.uint64(1)) * weights).cumsum(axis=1)
    sums: Numbers = so_far[:, size - 1 :].copy()
    sums[:, 1:] -= so_far[:, :-size]
    return sums
