"""What a score means: which letters are kept, what that costs, and how well it does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution.background import Background
from motifbook.attribution.draws import scramble, scramble_choices
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.scrambler.masks import (
    Cost,
    at_budget,
    bits_kept,
    gate,
    softplus_keep,
    softplus_remove,
)
from motifbook.attribution.scrambler.objective import Objective

_RARE = 1e-3  # probabilities of choices are taken as no smaller: bounds one draw's pull


@dataclass(frozen=True)
class Selection:
    """What scores select.

    Parameters
    ----------
    importance : (n, length)
        Probability of selecting each letter; 0 where the mask does not decide.
    keep : (n, length)
        Probability of keeping each letter; 1 where the mask does not decide.
    bits : (n, length)
        What is selected at each position: kept, or in "exclusion" removed.
    """

    importance: torch.Tensor
    keep: torch.Tensor
    bits: torch.Tensor


@dataclass(frozen=True)
class Batch:
    """Some rows, on the device.

    Parameters
    ----------
    onehot : (n, n_letters, length)
    extra : (n, n_extra)
        Numbers that the predictor reads beside the letters.
    reference : (n, n_readouts)
        What draws are compared with: predictions, or measured values on the same scale.
    """

    onehot: torch.Tensor
    extra: torch.Tensor
    reference: torch.Tensor


@dataclass(frozen=True)
class MaskRule:
    """How scores become masks, and how masks are judged; the same before and after training.

    Parameters
    ----------
    objective
        The mode and the divergence.
    background
        What replaces letters.
    fixed : (length,) bool
        Positions whose letters are never altered.
    counts
        "bits" or "letters": what a budget is the mean of, over positions where the mask decides.
    scope
        "sequence": each sequence has the budget; "data set": all have it together.
    parametrization
        "gate" or "softplus".
    sampling
        See `draws.scramble`.
    """

    objective: Objective
    background: Background
    fixed: npt.NDArray[np.bool_]
    counts: str = "bits"
    scope: str = "sequence"
    parametrization: str = "gate"
    sampling: str = "gate"

    @property
    def mode(self) -> str:
        """Of `objective`."""
        return self.objective.mode

    def free(self, onehot: torch.Tensor) -> torch.Tensor:
        """1 where the mask decides, (n, length): known letters that are not fixed."""
        decides = torch.as_tensor(~self.fixed, device=onehot.device)
        return (onehot.sum(dim=1) > 0) * decides.float()

    def ceiling(self, onehot: torch.Tensor) -> torch.Tensor:
        """The largest budget, (n,): the mean over free positions when all are selected."""
        free, everything = self.free(onehot), self._letter_background(onehot).log2().neg()
        most = everything if self.counts == "bits" else torch.ones_like(free)
        return (most * free).sum(dim=1) / free.sum(dim=1).clamp_min(1)

    def select(
        self,
        score: torch.Tensor,
        onehot: torch.Tensor,
        budget: torch.Tensor | float | None = None,
        *,
        allowed: torch.Tensor | None = None,
        is_shared: bool = False,
    ) -> Selection:
        """Select letters by scores, (n, length), which are moved to the budget unless it is None.

        Parameters
        ----------
        budget : (n, 1) or a number
            Mean bits, or share of letters, per free position.
        allowed : (n, length)
            0 where a letter may not be selected although the mask decides on it; None for nowhere.
        is_shared
            Whether the budget holds for all sequences together.
        """
        free, background = self.free(onehot), self._letter_background(onehot)
        selectable = free if allowed is None else free * allowed
        if budget is not None:
            cost = self._cost(background, selectable)
            score = at_budget(score, cost, free, budget, is_shared=is_shared)
        importance = self._probability(score, background) * selectable
        changed = importance if self.mode == "exclusion" else 1 - importance
        bits = self._bits(importance, background) * selectable
        return Selection(importance, 1 - free * changed, bits)

    def nothing(self, onehot: torch.Tensor) -> Selection:
        """Select no letter at all."""
        free = self.free(onehot)
        keep = torch.ones_like(free) if self.mode == "exclusion" else 1 - free
        return Selection(torch.zeros_like(free), keep, torch.zeros_like(free))

    def shift(self, score: torch.Tensor, onehot: torch.Tensor, budget: float) -> float:
        """Solve for the number to add to all scores, (n, length), for the budget of them all."""
        free = self.free(onehot)
        cost = self._cost(self._letter_background(onehot), free)
        moved = at_budget(score, cost, free, budget, is_shared=True)
        return float((moved - score)[0, 0])

    def spent(self, selection: Selection, onehot: torch.Tensor) -> torch.Tensor:
        """Mean bits, or share of letters, selected per free position, (n,)."""
        free = self.free(onehot)
        cost = selection.bits if self.counts == "bits" else selection.importance
        return cost.sum(dim=1) / free.sum(dim=1).clamp_min(1)

    def loss(
        self,
        selection: Selection,
        batch: Batch,
        predictor: Predictor,
        n_draws: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """What training makes small, (n,), with gradients into the selection.

        By "reinforce" gradients come from how draws compare, none of them through the network: a
        choice becomes likelier by how much less its draw lost than the other draws of its sequence
        (Williams 1992, Mach Learn 8:229). For networks whose own gradients say little: nearly
        switches, flat once a motif lacks a letter.
        """
        keep, extra = selection.keep, batch.extra.repeat_interleave(n_draws, dim=0)
        if self.sampling == "reinforce":
            with torch.no_grad():
                kept, drawn = scramble_choices(
                    batch.onehot, keep, self.background, n_draws, generator
                )
                reference = batch.reference.repeat_interleave(n_draws, dim=0)
                losses = self.objective.loss(reference, predictor(drawn, extra)[:, None])
            pull = reinforced(losses.reshape(-1, n_draws), kept, keep)
            return losses.reshape(-1, n_draws).mean(dim=1) + pull - pull.detach()
        drawn = scramble(
            batch.onehot, keep, self.background, n_draws, generator, sampling=self.sampling
        )
        predicted = predictor(drawn, extra)
        drawn_readouts = predicted.reshape(-1, n_draws, predicted.shape[1])
        return self.objective.loss(batch.reference, drawn_readouts)

    def divergence(self, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """See `Objective.divergence`."""
        return self.objective.divergence(reference, drawn)

    def _letter_background(self, onehot: torch.Tensor) -> torch.Tensor:
        """Background probability of each letter, (n, length); 1 for unknown ones: no bits."""
        columns = torch.as_tensor(self.background.probabilities, device=onehot.device)
        return (onehot * columns).sum(dim=1) + (1 - onehot.sum(dim=1))

    def _probability(self, score: torch.Tensor, background: torch.Tensor) -> torch.Tensor:
        if self.parametrization == "gate":
            return gate(score)
        is_removed = self.mode == "exclusion"
        return (softplus_remove if is_removed else softplus_keep)(score, background)

    def _bits(self, importance: torch.Tensor, background: torch.Tensor) -> torch.Tensor:
        if self.mode != "exclusion":
            return bits_kept(importance, background)
        return -background.log2() - bits_kept(1 - importance, background)

    def _cost(self, background: torch.Tensor, selectable: torch.Tensor) -> Cost:
        """What each position costs, given scores."""
        if self.counts == "letters":
            return lambda score: self._probability(score, background) * selectable
        return lambda score: (
            self._bits(self._probability(score, background), background) * (selectable)
        )


def reinforced(losses: torch.Tensor, kept: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
    """Something whose gradient is that of the expected loss, (n,), estimated from draws alone.

    `losses`, (n, n_draws), of the choices `kept`, (n, n_draws, length), with probabilities `keep`,
    (n, length); each is compared with the mean of the other draws.
    """
    n_draws = losses.shape[1]
    worse = (losses - losses.mean(dim=1, keepdim=True)) * n_draws / (n_draws - 1)
    chance = keep.clamp(_RARE, 1 - _RARE)[:, None]
    likely = (kept * chance.log() + (1 - kept) * (1 - chance).log()).sum(dim=2)
    return (worse * likely).mean(dim=1)
