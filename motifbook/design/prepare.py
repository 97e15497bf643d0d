"""From what was asked to a problem that a search can begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from motifbook import _check
from motifbook.design.constraints import Constraints
from motifbook.design.limits import Limits
from motifbook.design.options import DesignOptions
from motifbook.design.problem import IntArray, Move, Path, Problem
from motifbook.design.repair import repair
from motifbook.design.scorer import Scorer
from motifbook.design.starts import Starts
from motifbook.motif.matrix import Motif


@dataclass(frozen=True, eq=False)
class Prepared:
    """A problem, and where its tries come from.

    Parameters
    ----------
    problem
        Its starts keep to the constraints.
    names, numbers
        Of what each try begins with, (n_tries,); numbers are rows of what was given.
    notes
        Sentences on what was mended and what could not be.
    """

    problem: Problem
    names: list[str]
    numbers: IntArray
    notes: tuple[str, ...]

    def whole(self, paths: Sequence[Path]) -> list[Path]:
        """The paths from what was given on: with the repair of their start as first edit."""
        mended = []
        for path in paths:
            given = self.problem.origins[path.row]
            if (given == path.letters[0]).all():
                mended.append(path)
                continue
            letters = np.vstack([given, path.letters])
            mended.append(replace(path, letters=letters, moves=(Move("repair"), *path.moves)))
        return mended

    def constraints(self, paths: Sequence[Path]) -> Constraints:
        """What the paths kept to; an `edit_mask` of several rows gets one for each path."""
        kept_to = self.problem.limits.constraints
        mask = np.asarray(kept_to.edit_mask)
        if mask.ndim < 2:
            return kept_to
        return replace(kept_to, edit_mask=mask[self.numbers[[path.row for path in paths]]])


def prepare(
    starts: Starts,
    scorer: Scorer,
    *,
    constraints: Constraints,
    motifs: Sequence[Motif],
    options: DesignOptions,
    n: int,
    rng: np.random.Generator,
) -> Prepared:
    """Repeat starts to `n_tries` per design, and mend those that break constraints.

    Raises
    ------
    InputError
        If constraints do not fit the sequences, or no start can be mended.
    """
    limits = Limits(constraints, scorer.alphabet)
    n_tries = n * options.n_tries
    some = np.arange(len(starts.names))
    if len(some) > n_tries:
        some = np.sort(rng.permutation(some)[:n_tries])
    letters, names = starts.letters[some], [starts.names[row] for row in some]
    editable = limits.editable(letters, some)
    repaired = repair(limits, letters, editable, n_edits=constraints.n_edits, rng=rng)
    if not repaired.is_fine.any():
        limits.refuse_stuck(letters, editable, names)
        raise _check.InputError(
            f"No start could be mended. {' '.join(repaired.sentences)} Expected constraints that "
            "can be met; relax one."
        )
    rows = np.resize(np.flatnonzero(repaired.is_fine), n_tries)
    problem = Problem(
        scorer=scorer,
        origins=letters[rows],
        starts=repaired.letters[rows],
        editable=editable[rows],
        limits=limits,
        n_edits=constraints.n_edits,
        motifs=motifs,
        options=options,
        rng=rng,
    )
    numbers = np.zeros_like(rows) if starts.are_random else some[rows]
    return Prepared(problem, [names[row] for row in rows], numbers, repaired.sentences)
