"""Which engine suits a readout, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.significance.transform import (
    finite_readout,
    has_few_values,
    normal_scores,
    normal_scores_beside,
)

Floats = npt.NDArray[np.float64]
FEWEST = 30  # sequences below which rank scores are too coarse for a Gaussian test
GAUSSIAN = ("maxt", "conditional", "line", "seism")
NORMAL_ONLY = (
    "Engine {!r} tested measured values, so its p-values hold only if their noise is normal: few "
    "large values make them far too small. See `.qq()`, or use engine='permutation'."
)


@dataclass(frozen=True)
class Choice:
    """An engine, the readout on its scale, and the reason.

    Parameters
    ----------
    engine
        Its name.
    readout : (n,)
        Normal scores for engines that ask for normal noise, else unchanged.
    why
        One sentence without its end.
    on_ranks
        Whether `readout` holds normal scores.
    notes
        A sentence where the engine's p-values ask for more than was looked at.
    """

    engine: str
    readout: Floats
    why: str
    on_ranks: bool = False
    notes: tuple[str, ...] = ()


def choose_engine(
    readout: npt.ArrayLike,
    engine: str = "auto",
    *,
    scores: str = "auto",
    has_blocks: bool = False,
    beside: Floats | None = None,
    seed: int | None = None,
) -> Choice:
    """Choose the engine that "auto" stands for, and the scale of the readout.

    Parameters
    ----------
    readout : (n,)
        Without missing values.
    engine
        "auto", or the one that is wanted.
    scores
        See `TestOptions`.
    has_blocks
        Whether rows may be exchanged within blocks only, which permutations alone can do.
    beside : (n, n_covariates)
        Orthonormal covariates; what they leave of the ranks is ranked again.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        If an engine for normal noise is wanted for a readout of few values, or for blocks.

    Examples
    --------
    >>> choose_engine([0, 1] * 40).engine
    'permutation'
    """
    values = finite_readout(readout)
    few = has_few_values(values)
    n_values = len(np.unique(values))
    if engine in GAUSSIAN and few:
        raise _check.InputError(
            f"`engine` is {engine!r}, which needs normal noise, but the readout has {n_values} "
            'distinct values. Use engine="permutation" (or "auto").'
        )
    if engine in GAUSSIAN and has_blocks:
        raise _check.InputError(
            f"`engine` is {engine!r}, which exchanges no rows, but there are `blocks`. Use "
            'engine="permutation" (or "auto"), or take the blocks out as a covariate: '
            "`covariates=[...]`."
        )
    if engine == "auto":
        is_free = scores == "measured"  # of any law of the noise
        why = _reason(n_values, len(values), few, has_blocks, is_free)
        is_maxt = not few and not has_blocks and not is_free and len(values) >= FEWEST
        engine = "maxt" if is_maxt else "permutation"
    else:
        why = "as asked for"
    if engine not in GAUSSIAN:
        return Choice(engine, values, why)
    if scores == "measured":
        return Choice(engine, values, why, notes=(NORMAL_ONLY.format(engine),))
    if beside is None:
        return Choice(engine, normal_scores(values, seed=seed), why, on_ranks=True)
    return Choice(engine, normal_scores_beside(values, beside, seed=seed), why, on_ranks=True)


def _reason(n_values: int, n: int, few: bool, has_blocks: bool, is_free: bool) -> str:
    if few:
        return f"the readout has {n_values} distinct values, so it is permuted"
    if has_blocks:
        return "there are blocks, so the readout is permuted within them"
    if n < FEWEST:
        return f"{n} sequences are few, so the readout is permuted"
    if is_free:
        return "measured values need not have normal noise, so the readout is permuted"
    return "the readout has many values: its ranks are made normal, and the largest score is tested"
