"""The constraints as a search asks for them: many sequences at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.alphabet import Alphabet
from motifbook.design.constraints import Constraints
from motifbook.onehot import Letters


class Limits:
    """Counts how often sequences break constraints, for the search.

    What is ordered is checked once more at the end, by other code (`check`).
    """

    def __init__(self, constraints: Constraints, alphabet: Alphabet) -> None:
        self._constraints, self._alphabet = constraints, alphabet

    def count(self, letters: Letters) -> npt.NDArray[np.int64]:
        """How often each of the sequences, (n, length) letter codes, breaks a constraint, (n,).

        Unknown letters at both ends are padding, and not part of a sequence.
        """
        return np.zeros(len(letters), dtype=np.int64)

    def editable(self, letters: Letters, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Where the starts, (n, length), may change, (n, length); `rows` are their numbers."""
        known = letters < self._alphabet.n_letters
        seen: npt.NDArray[np.bool_] = np.maximum.accumulate(known, axis=1)
        seen &= np.maximum.accumulate(known[:, ::-1], axis=1)[:, ::-1]
        return seen
