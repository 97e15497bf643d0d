"""What every method of search is handed, and what it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook.design.limits import Limits
from motifbook.design.options import DesignOptions
from motifbook.design.scorer import FloatArray, Scorer
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

IntArray = npt.NDArray[np.int64]

NO_LIMIT = 10**12  # sequences; more than any search scores


@dataclass(frozen=True)
class Move:
    """What one edit was meant to do.

    Parameters
    ----------
    kind
        "add", "remove", "move", "strengthen" or "weaken" a motif; "letters" for
        others; "repair" for what makes a start keep to the constraints.
    motif
        Its name; "" for none.
    start, end, strand
        Where the motif lies then, 0-based and half-open, in columns of the letters; for "remove",
        where it lay. -1 and "" for none.
    """

    kind: str
    motif: str = ""
    start: int = -1
    end: int = -1
    strand: str = ""


@dataclass(frozen=True, eq=False)
class Path:
    """A start and what each edit made of it.

    Parameters
    ----------
    row
        Number of the try: row of `Problem.starts`.
    letters : (n_moves + 1, length) uint8
        The start, then the letters after each edit.
    moves
        One per edit.
    """

    row: int
    letters: Letters
    moves: tuple[Move, ...] = ()

    def then(self, letters: Letters, move: Move) -> Path:
        """The path with one more edit, after which the letters are (length,)."""
        return replace(self, letters=np.vstack([self.letters, letters]), moves=(*self.moves, move))


def first(paths: Sequence[Path]) -> Letters:
    """What each path begins with, (n, length)."""
    return np.stack([path.letters[0] for path in paths])


def final(paths: Sequence[Path]) -> Letters:
    """What each path ends with, (n, length)."""
    return np.stack([path.letters[-1] for path in paths])


@dataclass(frozen=True, eq=False)
class Problem:
    """A goal, sequences to begin with, and what must be kept to.

    Parameters
    ----------
    scorer
        Says how good sequences are.
    origins : (n_tries, length) uint8
        Letter codes of what each try was given to begin with; `n_edits` counts from these.
    starts : (n_tries, length) uint8
        The same, repaired where they broke a constraint.
    editable : (n_tries, length) bool
        Where each may change.
    limits
        Counts broken constraints.
    n_edits
        Most letters that may differ from the start; None for any.
    motifs
        What can be placed and gives edits names; may be empty.
    options, rng
        Settings, and the source of chance.
    """

    scorer: Scorer
    origins: Letters
    starts: Letters
    editable: npt.NDArray[np.bool_]
    limits: Limits
    n_edits: int | None
    motifs: Sequence[Motif]
    options: DesignOptions
    rng: np.random.Generator

    def allowed(self, letters: Letters, rows: IntArray) -> npt.NDArray[np.bool_]:
        """Whether each candidate, (n, length), of the tries `rows`, (n,), keeps to all, (n,)."""
        differs = letters != self.starts[rows]
        fine: npt.NDArray[np.bool_] = ~(differs & ~self.editable[rows]).any(axis=1)
        if self.n_edits is not None:
            n_changed = (letters != self.origins[rows]).sum(axis=1)
            fine &= n_changed <= self.n_edits
        if fine.any():
            fine[fine] = self.limits.count(letters[fine]) == 0
        return fine

    def few_enough(
        self, letters: Letters, rows: IntArray, liking: FloatArray | None = None
    ) -> Letters:
        """Candidates, (n, length), with as many letters changed back as `n_edits` asks for.

        The least liked first, by `liking`, (n, length), below 1; at random without it.
        """
        if self.n_edits is None:
            return letters
        origins, starts = self.origins[rows], self.starts[rows]
        n_over = (letters != origins).sum(axis=1) - self.n_edits
        order = self.rng.random(letters.shape) if liking is None else liking.copy()
        order[(letters == starts) | (starts != origins)] = 1  # changing these back would not help
        back = order.argsort(axis=1).argsort(axis=1) < n_over[:, None]
        return np.where(back & (order < 1), starts, letters)

    def calls_left(self, share: float = 1.0) -> int:
        """How many sequences may still be scored, of that share of `n_calls` for every try."""
        limit = self.options.n_calls
        if limit is None:
            return NO_LIMIT
        return int(share * limit * len(self.starts)) - self.scorer.n_calls
