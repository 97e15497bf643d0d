"""The training of a scrambler: masks, draws, predictions, and a step downhill."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tqdm.auto import tqdm

from motifbook.attribution import chance
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.scrambler.budgets import Budget
from motifbook.attribution.scrambler.mask_rule import MaskRule, Selection
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.result import Look
from motifbook.attribution.scrambler.rows import Rows
from motifbook.attribution.scrambler.scorer import Scorer

LOOKS = 30  # in one training
_BETAS = (0.5, 0.9)
_WARM_UP = 0.2  # part of the steps until the full learning rate
_JUDGED = 32  # rows whose loss is looked at
_SHOWN = 6  # rows whose masks are looked at
_BLOCKS = (1, 5)  # letters that are dropped together


@dataclass(frozen=True)
class Lesson:
    """What a scorer is to learn.

    Parameters
    ----------
    rule
        What its scores mean.
    rows
        All that were handed in.
    train, watched
        Numbers of those that it learns from, and is judged on.
    budget
        Of its masks.
    options
        Of the training.
    """

    rule: MaskRule
    rows: Rows
    train: npt.NDArray[np.int64]
    watched: npt.NDArray[np.int64]
    budget: Budget
    options: ScramblerOptions


class Trainer:
    """One training in progress; `run` takes all steps.

    Attributes
    ----------
    looks
        One dictionary per look: "step", "loss", "bits", "validation_loss".
    stopped
        "finished", "stopped" (by `watch`) or "interrupted".
    """

    def __init__(self, scorer: Scorer, lesson: Lesson, predictor: Predictor, seed: int) -> None:
        self.scorer, self.lesson, self.predictor = scorer, lesson, predictor
        self.generator = chance.generator(seed)
        self.order = _passes(lesson.train, lesson.options.n_rows, np.random.default_rng(seed))
        self.optimizer = torch.optim.Adam(scorer.parameters(), betas=_BETAS)
        self.looks: list[dict[str, float]] = []
        self.stopped = "finished"
        self._seed = seed
        self._since: list[torch.Tensor] = []  # loss and bits of each step since the last look

    def run(self, progress: bool) -> None:
        """Take all steps, or those until it is stopped."""
        n_steps = self.lesson.options.n_steps
        every = max(1, n_steps // LOOKS)
        self.scorer.train()
        bar = tqdm(total=n_steps, desc="scrambler", unit="step", disable=not progress, leave=False)
        try:
            with bar:
                for step in range(1, n_steps + 1):
                    self._since.append(self._step((step - 1) / n_steps))
                    bar.update()
                    if (step % every == 0 or step == n_steps) and not self._look(step, bar):
                        self.stopped = "stopped"
                        break
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        self.scorer.eval()

    def _step(self, progress: float) -> torch.Tensor:
        """Take one step; its loss and mean bits, (2,)."""
        lesson, options = self.lesson, self.lesson.options
        chosen = next(self.order)
        batch = lesson.rows.batch(chosen, self.predictor)
        allowed = self._dropped(batch.onehot) if options.mask_dropout else None
        score = self.scorer(batch.onehot, self._beside(chosen), allowed)
        budget = lesson.budget.at(progress, options, len(chosen), self.generator).to(score.device)
        selection = self._select(score, batch.onehot, budget, allowed)
        losses = lesson.rule.loss(selection, batch, self.predictor, options.n_draws, self.generator)
        loss, spent = losses.mean(), lesson.rule.spent(selection, batch.onehot)
        total = loss + options.budget_weight * self._penalty(spent, budget)
        for group in self.optimizer.param_groups:
            group["lr"] = _learning_rate(progress, options)
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return torch.stack([loss.detach(), spent.detach().mean()])

    def _select(
        self,
        score: torch.Tensor,
        onehot: torch.Tensor,
        budget: torch.Tensor,
        allowed: torch.Tensor | None = None,
    ) -> Selection:
        """Select at a budget, (n, 1), in training: shared ones are met by the batch."""
        options = self.lesson.options
        if options.budget_form != "exact":
            return self.lesson.rule.select(score, onehot, allowed=allowed)
        is_shared = options.scope == "data set"
        return self.lesson.rule.select(
            score, onehot, budget[:1] if is_shared else budget, allowed=allowed, is_shared=is_shared
        )

    def _penalty(self, spent: torch.Tensor, budget: torch.Tensor) -> torch.Tensor:
        form, over = self.lesson.options.budget_form, spent - budget[:, 0]
        if form == "exact":
            return torch.zeros((), device=spent.device)
        return (over**2 if form == "target" else over.clamp_min(0)).mean()

    def _beside(self, chosen: npt.NDArray[np.int64]) -> torch.Tensor:
        return torch.as_tensor(self.lesson.rows.beside[chosen], device=self.predictor.device)

    def _dropped(self, onehot: torch.Tensor) -> torch.Tensor:
        """0 in random blocks of positions that may not be selected, (n, length)."""
        n, _, length = onehot.shape
        size, device = (n, 1, 1), onehot.device

        def uniform(*shape: int) -> torch.Tensor:
            return chance.uniform(*shape, drawing=self.generator, device=device)

        rate = self.lesson.options.mask_dropout * uniform(*size)
        split = uniform(*size)
        allowed = torch.ones(n, length, device=device)
        for width, share in zip(_BLOCKS, (split, 1 - split)):
            is_left = (uniform(n, 1, length // width + 2) >= rate * share).float()
            offset = int(uniform(1) * width)
            allowed *= is_left.repeat_interleave(width, dim=2)[:, 0, offset : offset + length]
        return allowed

    @torch.no_grad()
    def _look(self, step: int, bar: Any) -> bool:
        """Write down how it goes; whether to go on."""
        lesson = self.lesson
        chosen = lesson.watched[:_JUDGED]
        self.scorer.eval()
        batch = lesson.rows.batch(chosen, self.predictor)
        score = self.scorer(batch.onehot, self._beside(chosen))
        budget = torch.full((len(chosen), 1), lesson.budget.usual, device=score.device)
        selection = self._select(score, batch.onehot, budget)
        same = chance.generator(self._seed)
        losses = lesson.rule.loss(selection, batch, self.predictor, lesson.options.n_draws, same)
        self.scorer.train()
        loss, bits = torch.stack(self._since).mean(dim=0).tolist()
        self._since.clear()
        value = float(losses.mean())
        self.looks.append({"step": step, "loss": loss, "bits": bits, "validation_loss": value})
        bar.set_postfix(validation=f"{value:.3f}")
        if lesson.options.watch is None:
            return True
        look = Look(
            step=step,
            n_steps=lesson.options.n_steps,
            losses=np.array([one["loss"] for one in self.looks], dtype=np.float32),
            bits=np.array([one["bits"] for one in self.looks], dtype=np.float32),
            numbers=chosen[:_SHOWN],
            importance=selection.importance[:_SHOWN].cpu().numpy(),
        )
        return lesson.options.watch(look) is not False

    def table(self) -> pd.DataFrame:
        """The looks."""
        return pd.DataFrame(self.looks, columns=["step", "loss", "bits", "validation_loss"])


def _passes(
    train: npt.NDArray[np.int64], size: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Rows of each step, in a new order for each pass; what is left of a pass is left out."""
    size = min(size, len(train))
    while True:
        order = rng.permutation(train)
        for first in range(0, len(order) - size + 1, size):
            yield order[first : first + size]


def _learning_rate(progress: float, options: ScramblerOptions) -> float:
    """Up along a cosine to the peak, and down to nothing (Smith & Topin 2017)."""
    if options.rate == "constant":
        return options.learning_rate
    if progress < _WARM_UP:
        return options.learning_rate * (0.52 - 0.48 * math.cos(math.pi * progress / _WARM_UP))
    done = (progress - _WARM_UP) / (1 - _WARM_UP)
    return options.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
