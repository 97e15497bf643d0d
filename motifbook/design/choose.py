"""Which of many finished searches are returned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook.design.assemble import final
from motifbook.design.problem import Path
from motifbook.design.scorer import FloatArray


def choose(paths: Sequence[Path], scores: FloatArray, n: int, distance: float) -> list[Path]:
    """Choose the best that differ, best first; fewer than `n` if there are not so many.

    Parameters
    ----------
    scores : (n_paths,)
        Of what each path ends with.
    distance
        Least share of letters in which any two that are chosen differ; no two are equal.
    """
    letters = final(paths)
    chosen: list[int] = []
    for number in np.argsort(-scores, kind="stable").tolist():
        share = (letters[chosen] != letters[number]).mean(axis=1)
        if not len(share) or (share.min() >= distance and share.min() > 0):
            chosen.append(number)
        if len(chosen) == n:
            break
    return [paths[number] for number in chosen]
