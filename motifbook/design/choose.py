"""Which of many finished searches are returned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook.design.assemble import final
from motifbook.design.problem import Path
from motifbook.design.scorer import FloatArray

FEW = 0.5  # where few letters change, this share of them is difference enough


def choose(paths: Sequence[Path], scores: FloatArray, n: int, distance: float) -> list[Path]:
    """Choose the best that differ, best first; fewer than `n` if there are not so many.

    Each in turn, from the best down, is taken if it differs from all that were taken before: so
    the best is always there, and a larger `distance` costs score further down.

    Parameters
    ----------
    scores : (n_paths,)
        Of what each path ends with.
    distance
        Least share of letters in which any two that are chosen differ; where a design changes few
        letters, half as many as it changes. No two are equal.
    """
    letters = final(paths)
    n_changed = (letters != np.stack([path.letters[0] for path in paths])).sum(axis=1)
    n_needed = np.maximum(1, np.minimum(distance * letters.shape[1], FEW * n_changed))
    chosen: list[int] = []
    for number in np.argsort(-scores, kind="stable").tolist():
        differs = (letters[chosen] != letters[number]).sum(axis=1)
        if (differs >= np.minimum(n_needed[chosen], n_needed[number])).all():
            chosen.append(number)
        if len(chosen) == n:
            break
    return [paths[number] for number in chosen]


def shortfall(n_chosen: int, n: int, distance: float) -> tuple[str, ...]:
    """A sentence, if there are fewer designs than were asked for.

    Examples
    --------
    >>> shortfall(20, 20, 0.05)
    ()
    """
    if n_chosen == n:
        return ()
    return (
        f"{n_chosen} of {n} designs: the other searches ended with the same letters, or with fewer "
        f"than {distance:.0%} that differ. More searches (`n_tries`), a smaller `distance`, more "
        "starts or fewer constraints would give more.",
    )
