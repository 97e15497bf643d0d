"""Which budget a mask has at each step of training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from motifbook import _check
from motifbook.attribution.scrambler.options import ScramblerOptions

_CROWDED = 4  # budgets crowd where they are small: high ones teach little


@dataclass(frozen=True)
class Budget:
    """What masks may select, mean per position where they decide.

    Parameters
    ----------
    counts
        "bits" or "letters" (a share of them).
    goal
        So much; None for every budget from `lowest` to `start`.
    start, lowest
        Where training starts, and the smallest that a network for every budget sees.
    ceiling
        What selecting everything would cost.
    """

    counts: str
    goal: float | None
    start: float
    lowest: float
    ceiling: float

    @property
    def usual(self) -> float:
        """The goal, or the geometric middle of all budgets."""
        return self.goal if self.goal is not None else math.sqrt(self.lowest * self.start)

    def at(
        self, progress: float, options: ScramblerOptions, n: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Budgets of `n` sequences, (n, 1), when a part `progress` of the training is done."""
        goal = self.lowest if self.goal is None else self.goal
        now = goal
        if options.curriculum == "fall" and self.start > goal:
            now = self.start * (goal / self.start) ** min(1.0, progress / max(options.fall, 1e-9))
        if options.curriculum == "step" and progress < options.fall:
            now = self.start
        if self.goal is not None:
            return torch.full((n, 1), now)
        one_for_all = options.scope == "data set"
        share = torch.rand(1 if one_for_all else n, 1, generator=generator)
        return (now * (self.start / now) ** share**_CROWDED).expand(n, 1)


def asked_budget(bits: object, ceiling: float, options: ScramblerOptions) -> Budget:
    """Return the budget for `bits`, a number, "5%" or None; `ceiling` is in bits.

    Raises
    ------
    InputError
        If it is none of these, or masks cannot have it.
    """
    counts, goal = _parsed(bits)
    if ceiling <= 0:
        raise _check.InputError(
            "The sequences hold 0 bits; expected known letters that the background does not always "
            "draw: there is nothing to select."
        )
    ceiling = ceiling if counts == "bits" else 1.0
    if goal is not None and goal >= ceiling:
        unit = "bits" if counts == "bits" else "of the letters"
        raise _check.InputError(
            f"`bits` is {_check.shown(bits)}; expected less than {ceiling:.3g} {unit} per "
            "position, the ceiling: as much as all letters hold against the background. A tenth of "
            f"it, {_tenth(counts, ceiling)}, is usual."
        )
    if goal is None and options.budget_form != "exact":
        raise _check.InputError(
            f'`bits` is None with `budget_form="{options.budget_form}"`; expected a number: a '
            f"penalty holds masks to one budget. `bits={ceiling / 10:.2g}` is a tenth of the "
            "ceiling."
        )
    lowest = options.lowest_share * ceiling
    start = max(options.start_share * ceiling, lowest if goal is None else goal)
    return Budget(counts, goal, start, lowest, ceiling)


def _tenth(counts: str, ceiling: float) -> str:
    return f"`bits={ceiling / 10:.2g}`" if counts == "bits" else '`bits="10%"`'


def _parsed(bits: object) -> tuple[str, float | None]:
    if bits is None:
        return "bits", None
    expected = 'bits per position, such as 0.2, a share of the letters, such as "5%", or None'
    counts, text = "bits", bits
    if isinstance(bits, str) and bits.strip().endswith("%"):
        counts, text = "letters", bits.strip()[:-1]
    elif isinstance(bits, (str, bool)):
        raise _check.InputError(f"`bits` is {_check.shown(bits)}; expected {expected}.")
    goal = _check.number(text, "bits", what=expected) / (1 if counts == "bits" else 100)
    if goal <= 0:
        raise _check.InputError(
            f"`bits` is {_check.shown(bits)}; expected {expected}, above 0. None trains for every "
            "budget."
        )
    return counts, goal
