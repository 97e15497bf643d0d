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
