"""What a mask keeps, in bits, and scores moved so that it keeps exactly so much.

A mask keeps the letter at a position with probability `keep`, and else draws another one from the
background. The letter is then seen with probability p = keep + (1 - keep) b, b being its background
probability; the bits kept are the relative entropy of that column to the background.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as nnf

from motifbook.attribution.chance import uniform

_TINY = 1e-7
_STEPS = 16  # halvings: a range of some 70 down to 1e-3, where one step of Newton is exact

Cost = Callable[[torch.Tensor], torch.Tensor]


def bits_kept(keep: torch.Tensor, background: torch.Tensor) -> torch.Tensor:
    """Bits at each position, any shape.

    Parameters
    ----------
    keep
        Probability of keeping the letter.
    background
        Probability of that letter in the background, above 0; same shape.

    Notes
    -----
    Linder et al. 2022, the conservation term: relative entropy of the scrambled column to the
    background. All letters but the observed one shrink by the factor 1 - keep.

    Examples
    --------
    >>> quarter = torch.full((3,), 0.25)
    >>> [round(float(value), 3) for value in bits_kept(torch.tensor([0.0, 0.5, 1.0]), quarter)]
    [0.0, 0.451, 2.0]
    """
    seen = keep + (1 - keep) * background
    others = 1 - seen
    shrunk = others * torch.log((1 - keep).clamp_min(_TINY))
    return (seen * torch.log((seen / background).clamp_min(_TINY)) + shrunk) / math.log(2)


def gate(score: torch.Tensor) -> torch.Tensor:
    """Probability of selecting each position: our parametrization."""
    return torch.sigmoid(score)


def softplus_keep(score: torch.Tensor, background: torch.Tensor) -> torch.Tensor:
    """Probability of keeping each letter in the published parametrization.

    Notes
    -----
    Linder et al. 2022: the column is softmax(log b + s (2 x - 1)) with s = softplus(score). Of the
    observed letter the odds to the background grow by e^(2 s), which is a mixture of letter and
    background.
    """
    odds = background * torch.expm1((2 * nnf.softplus(score)).clamp_max(40.0))
    return odds / (1 + odds)


def softplus_remove(score: torch.Tensor, background: torch.Tensor) -> torch.Tensor:
    """Probability of removing each letter in the published exclusion: 1 / s in place of s."""
    strength = (2 / nnf.softplus(score).clamp_min(_TINY)).clamp_max(40.0)
    odds = background * torch.expm1(strength)
    return 1 / (1 + odds)


def at_budget(
    score: torch.Tensor,
    cost: Cost,
    free: torch.Tensor,
    budget: torch.Tensor | float,
    *,
    is_shared: bool = False,
) -> torch.Tensor:
    """Shift scores so that the mean cost over free positions is exactly the budget.

    Parameters
    ----------
    score : (n, length)
        Of each position.
    cost
        What each position costs, (n, length), given scores; rises with them.
    free : (n, length)
        1 where the mask decides, 0 elsewhere.
    budget : (n, 1) or a number
        Mean cost per free position.
    is_shared
        Whether all sequences share one shift, and the budget holds for them together.

    Returns
    -------
    (n, length)
        Shifted scores. Gradients see the shift move with the scores (implicit function theorem),
        so that no position can gain without others losing.
    """
    axes = (0, 1) if is_shared else (1,)
    n_free = free.sum(dim=axes, keepdim=True).clamp_min(1)
    spread = score.detach().abs().amax(dim=axes, keepdim=True)

    def mean_cost(scores: torch.Tensor) -> torch.Tensor:
        return (cost(scores) * free).sum(dim=axes, keepdim=True) / n_free

    low, high = -spread - 30, spread + 30
    with torch.no_grad():
        for _ in range(_STEPS):
            middle = (low + high) / 2
            is_below = mean_cost(score + middle) < budget
            low, high = torch.where(is_below, middle, low), torch.where(is_below, high, middle)
    shift, width = (low + high) / 2, high - low
    leaf = shift.clone().requires_grad_(True)
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(mean_cost(score.detach() + leaf).sum(), leaf)
    spent, slope = mean_cost(score + shift), slope.clamp_min(1e-6)
    step = ((spent.detach() - budget) / slope).clamp(-width, width)
    return score + shift - step - (spent - spent.detach()) / slope


def elsewhere(score: torch.Tensor, free: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The scores of each row, (n, length), in random order among its free positions."""
    noise = uniform(*score.shape, drawing=generator, device=score.device)
    places = (free < 0.5).to(torch.uint8).argsort(dim=1, stable=True)  # free ones first, in order
    origins = (noise + (free < 0.5) * 2).argsort(dim=1)  # free ones first, in random order
    return score.scatter(1, places, score.gather(1, origins))
