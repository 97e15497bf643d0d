"""Ledidi's gradient design, by the library of that name where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from motifbook import _check
from motifbook.design.assemble import assemble
from motifbook.design.climb import SEARCH, worth
from motifbook.design.problem import Path, Problem
from motifbook.design.prune import prune
from motifbook.design.relax import refuse_no_gradient
from motifbook.onehot import Letters

N_SAMPLES = 16  # sequences per step, the library's own default


def ledidi(problem: Problem) -> list[Path]:
    """Let Ledidi edit each start, for `n_steps` steps or as many as calls allow.

    It is told the price of a letter, `least_gain`, and where letters may change. It knows no
    other constraints: what it proposes is pruned, and walked to as far as they allow.

    Raises
    ------
    InputError
        If the library is not installed, or the network has no gradients.

    Notes
    -----
    Schreiber, Lu and Noble, Ledidi, bioRxiv 2020.05.21.109686, in the library's own code,
    which works on one sequence at a time; see `relax`, which is of the same kind.
    """
    engine = _engine()
    refuse_no_gradient(problem)
    proposals = [_designed(problem, engine, row) for row in range(len(problem.starts))]
    return assemble(problem, prune(problem, np.stack(proposals)))


def _engine() -> Any:
    try:
        from ledidi import Ledidi
    except ImportError:
        raise _check.InputError(
            "`method` is 'ledidi', and the library ledidi is not installed. Install it "
            "(`pip install \"motifbook[design]\"`), or use 'gradient', which works likewise."
        ) from None
    return Ledidi


def _designed(problem: Problem, engine: Any, row: int) -> Letters:
    """The best of the samples that Ledidi ends with for one try, (length,)."""
    start = problem.scorer.onehot(problem.starts[row : row + 1])
    n_steps, n_calls = problem.options.n_steps, problem.options.n_calls
    if n_calls is not None:
        n_steps = min(n_steps, int(SEARCH * n_calls) // N_SAMPLES - 1)
    designer = engine(
        _Score(problem, row, start),
        shape=start.shape[1:],
        output_loss=lambda scores, _: -scores.mean(),
        l=problem.options.least_gain,
        batch_size=N_SAMPLES,
        max_iter=max(1, n_steps),
        verbose=False,
        random_state=int(problem.rng.integers(2**31)),
    ).to(start.device)
    with torch.enable_grad():
        made = designer.fit_transform(start, start.new_zeros(1, 1)).detach().argmax(dim=1)
    samples = made.to(torch.uint8).cpu().numpy()
    samples = np.where(problem.editable[row], samples, problem.starts[row])
    rows = np.full(len(samples), row)
    best: Letters = samples[worth(problem, problem.scorer.scores(samples), samples, rows).argmax()]
    return best


class _Score(nn.Module):
    """The score as a network, which sees the start wherever letters must not change."""

    def __init__(self, problem: Problem, row: int, start: torch.Tensor) -> None:
        super().__init__()
        self._scorer, self._start = problem.scorer, start
        self._may_change = torch.as_tensor(problem.editable[row], device=start.device)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Score relaxed sequences, (n, n_letters, length), (n, 1)."""
        return self._scorer.relaxed(torch.where(self._may_change, onehot, self._start))[:, None]
