"""Masks optimized for each sequence by itself, without or after a scrambler network."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from tqdm.auto import tqdm

from motifbook.attribution.scrambler.reading import Level, Reader, slices
from motifbook.attribution.scrambler.result import FloatArray, Masks
from motifbook.attribution.scrambler.scorer import smooth

ROWS = 64  # sequences optimized together
DRAWS = 32  # of which each mask is judged
RATE = 0.1  # learning rate of scores
_BETAS = (0.9, 0.99)


@dataclass(frozen=True)
class Search:
    """How scores are optimized.

    Parameters
    ----------
    n_steps
        Of Adam, for every sequence.
    n_draws
        Sequences drawn from a mask at each step.
    start_share
        Part of the ceiling at which the budget begins to fall; 0 for a budget that does not fall.
    fall
        Part of the steps over which it falls.
    smoothing
        Letters, standard deviation of the Gaussian that scores are averaged with; 0 for none.
    """

    n_steps: int = 150
    n_draws: int = 4
    start_share: float = 0.8
    fall: float = 0.6
    smoothing: float = 0.0

    def budget(self, step: int, last: float, ceiling: torch.Tensor) -> torch.Tensor:
        """Budget at a step, (n, 1), for a last one and ceilings, (n,)."""
        done = min(1.0, step / max(1.0, self.fall * self.n_steps)) if self.start_share else 1.0
        first = (self.start_share * ceiling).clamp_min(last)[:, None]
        budget: torch.Tensor = first ** (1 - done) * last**done
        return budget


def optimize(
    reader: Reader,
    budget: float,
    search: Search,
    *,
    start: FloatArray | None = None,
    allowed: FloatArray | None = None,
    progress: bool = False,
) -> Masks:
    """Masks, each the best that is found for its sequence at a budget; see `optimize_scores`."""
    scores = optimize_scores(
        reader, budget, search, start=start, allowed=allowed, progress=progress
    )
    return reader.explain(scores, Level(budget), DRAWS, allowed)


def optimize_scores(
    reader: Reader,
    budget: float,
    search: Search,
    *,
    start: FloatArray | None = None,
    allowed: FloatArray | None = None,
    progress: bool = False,
) -> FloatArray:
    """Scores, (n, length), of the best mask that is found for each sequence at a budget.

    Parameters
    ----------
    start : (n, length)
        Scores to start from; None for 0 everywhere.
    allowed : (n, length)
        0 where a letter may not be selected.

    Notes
    -----
    Linder et al. 2022, optimization of single examples; here with an exact budget that falls.
    Sequences are independent of each other but for the random numbers of a batch of 64.
    Interrupting keeps those that are done and warns of the others.
    """
    found = np.zeros((len(reader.rows), reader.length), dtype=np.float32)
    begin = found if start is None else start
    with tqdm(total=len(found), desc="masks", disable=not progress, leave=False) as bar:
        for part in slices(len(found), ROWS):
            may = None if allowed is None else reader.tensor(allowed, part)
            try:
                score = _descend(reader, part, reader.tensor(begin, part), may, (budget, search))
            except KeyboardInterrupt:
                found[part.start :] = begin[part.start :]
                warnings.warn(
                    f"Interrupted: masks of sequences {part.start} to {len(found) - 1} are as they "
                    "began.",
                    stacklevel=2,
                )
                break
            found[part] = score.cpu().numpy()
            bar.update(part.stop - part.start)
    return found


def _descend(
    reader: Reader,
    part: slice,
    start: torch.Tensor,
    allowed: torch.Tensor | None,
    plan: tuple[float, Search],
) -> torch.Tensor:
    """Scores of some rows, (n_part, length)."""
    last, search = plan
    rule, batch = reader.rule, reader.rows.batch(part, reader.predictor)
    spans, ceiling = reader.predictor.model.spans(reader.length), rule.ceiling(batch.onehot)
    change = torch.zeros_like(start, requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=RATE, betas=_BETAS)
    for step in range(search.n_steps):
        score = start + smooth(change, search.smoothing, spans)
        budget = search.budget(step, last, ceiling)
        selection = rule.select(score, batch.onehot, budget, allowed=allowed)
        loss = rule.loss(selection, batch, reader.predictor, search.n_draws, reader.generator)
        optimizer.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return (start + smooth(change, search.smoothing, spans)).detach()
