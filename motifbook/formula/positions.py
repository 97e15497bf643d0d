"""Where along the sequence a site counts: everywhere alike, in bins, or smoothly."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline

from motifbook import _check

Floats = npt.NDArray[np.float64]
SMOOTH = 6  # cubic splines along the sequence
DEGREE = 3


@dataclass(frozen=True)
class Positions:
    """How the worth of a site may depend on where it lies.

    Parameters
    ----------
    kind
        "anywhere": one count per motif. "bins": one per motif and bin, all bins equally long.
        "smooth": one per motif and cubic spline, so that the worth is a smooth curve.
    n
        Number of bins or splines; 1 for "anywhere".
    length
        Letters of the sequences.
    """

    kind: str
    n: int
    length: int

    @classmethod
    def named(cls, given: str | int, length: int) -> Positions:
        """Read "anywhere", a number of bins, or "smooth".

        Raises
        ------
        InputError
            If it is something else, or more bins than letters.
        """
        if isinstance(given, str):
            _check.one_of(given, "positions", ("anywhere", "smooth"))
            return cls(given, 1 if given == "anywhere" else SMOOTH, length)
        n = _check.whole_number(given, "positions", high=length)
        return cls("anywhere" if n == 1 else "bins", n, length)

    @property
    def names(self) -> list[str]:
        """What tables call them: "" for anywhere, "0-50" for letters 0 to 49, "spline 1"."""
        if self.kind == "anywhere":
            return [""]
        if self.kind == "smooth":
            return [f"spline {number + 1}" for number in range(self.n)]
        return [f"{start}-{end}" for start, end in self.spans()]

    def spans(self) -> list[tuple[int, int]]:
        """First and last letter (half-open) of each bin; the whole sequence otherwise."""
        n = self.n if self.kind == "bins" else 1
        ends = np.linspace(0, self.length, n + 1).round().astype(int).tolist()
        spans = list(itertools.pairwise(ends))
        return spans if self.kind == "bins" else spans * self.n

    def weights(self) -> Floats:
        """What a site centered at each letter adds to each count, (n, length); columns sum to 1."""
        if self.kind == "anywhere":
            return np.ones((1, self.length))
        if self.kind == "bins":
            letters = np.arange(self.length)
            return np.array([(letters >= a) & (letters < b) for a, b in self.spans()], dtype=float)
        inner = np.linspace(0, self.length, self.n - DEGREE + 1)
        knots = np.concatenate([[0.0] * DEGREE, inner, [float(self.length)] * DEGREE])
        centers = np.arange(self.length) + 0.5
        basis: Floats = BSpline.design_matrix(centers, knots, DEGREE).toarray().T
        return basis
