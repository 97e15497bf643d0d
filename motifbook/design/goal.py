"""What a design should reach, as one number per sequence: the higher, the better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import logit

from motifbook import _check
from motifbook.models.network import Record

Combine = Callable[[torch.Tensor], torch.Tensor]
Wanted = str | float
Asked = Wanted | Mapping[str, Wanted] | Combine

_SURE = 1e-6  # the probability nearest to 0 and 1 that can be asked for


@dataclass(frozen=True)
class Aim:
    """What is wanted of one readout.

    Parameters
    ----------
    number, name, kind
        Of the readout; kinds are "binary" or "continuous".
    scale
        What counts as 1: the spread of a continuous readout in training; 1 logit.
    direction
        1 for as high as possible, -1 for as low as possible, 0 for as near as possible to `value`.
    value
        On the scale where effects add up (logits for binary readouts); NaN without one.
    """

    number: int
    name: str
    kind: str
    scale: float
    direction: int
    value: float = float("nan")

    def score(self, outputs: torch.Tensor) -> torch.Tensor:
        """Score of outputs, (n, n_readouts), in units of `scale`, (n,)."""
        own = outputs[:, self.number]
        if self.direction:
            return self.direction * own / self.scale
        return -(own - self.value).abs() / self.scale

    @property
    def words(self) -> str:
        """What is wanted, such as "Hk as high as possible"."""
        if self.direction:
            return f"{self.name} as {'high' if self.direction > 0 else 'low'} as possible"
        shown = 1 / (1 + np.exp(-self.value)) if self.kind == "binary" else self.value
        return f"{self.name} near {shown:.3g}"


@dataclass(frozen=True)
class Goal:
    """The sum of what is wanted of each readout, or a function of all.

    Parameters
    ----------
    aims
        One per readout that was named; with `combine`, all readouts, for tables.
    combine
        Makes the score, (n,), of the outputs, (n, n_readouts), of a network; None for the sum.
    """

    aims: tuple[Aim, ...]
    combine: Combine | None = None

    def score(self, outputs: torch.Tensor) -> torch.Tensor:
        """Score of a network's outputs, (n, n_readouts) where effects add up, (n,)."""
        if self.combine is None:
            return torch.stack([aim.score(outputs) for aim in self.aims]).sum(dim=0)
        shape = tuple(outputs.shape)
        try:
            score = self.combine(outputs)
        except Exception as error:  # whatever a function of the user's raises
            raise _check.InputError(
                f"`goal` failed on outputs of shape {shape} ({type(error).__name__}: "
                f"{_check.reason(error)}); expected a function that makes one value per sequence "
                "of them, with torch."
            ) from error
        if not isinstance(score, torch.Tensor) or score.shape != (len(outputs),):
            got = getattr(score, "shape", score)
            raise _check.InputError(
                f"`goal` made {_check.shown(got)} of outputs of shape {shape}; "
                f"expected a tensor of shape ({len(outputs)},), one value per sequence."
            )
        if not torch.isfinite(score).all():
            raise _check.InputError(
                "`goal` made NaN or infinity; expected numbers. Mind roots and logarithms, and "
                "let low values stand for what is not wanted."
            )
        return score.to(outputs.dtype)

    @property
    def names(self) -> list[str]:
        """Names of the readouts it speaks of."""
        return [aim.name for aim in self.aims]

    @property
    def words(self) -> str:
        """What is wanted, in words."""
        if self.combine is not None:
            name = getattr(self.combine, "__name__", "<lambda>")
            name = "a function of the readouts" if name == "<lambda>" else name
            return f"{name} as high as possible"
        return ", ".join(aim.words for aim in self.aims)


def read_goal(goal: Asked, readout: int | str | None, record: Record) -> Goal:
    """Understand what was asked for.

    Parameters
    ----------
    goal
        "max", "min" or a value on the scale of the measurement (a probability for binary
        readouts), of `readout`; or readout -> one of these; or a function that makes a score,
        (n,), of the network's outputs, (n, n_readouts), logits for binary ones.
    readout
        Number or name; by default the first.
    record
        Of the trained network.

    Raises
    ------
    InputError
        If there is no such readout, or the goal is none of these.

    Examples
    --------
    >>> record = Record(["Dev", "Hk"], ["continuous"] * 2, [0.0, 0.0], [1.0, 2.0], 249)
    >>> read_goal({"Dev": "min", "Hk": 3}, None, record).words
    'Dev as low as possible, Hk near 3'
    """
    if callable(goal):
        everything = range(len(record.readouts))
        return Goal(tuple(_aim("max", number, record) for number in everything), goal)
    if not isinstance(goal, Mapping):
        return Goal((_aim(goal, _number(0 if readout is None else readout, record), record),))
    if readout is not None:
        raise _check.InputError(
            f"`readout` is {_check.shown(readout)} and `goal` names its own; expected one of the "
            "two. Leave `readout` out."
        )
    aims = [_aim(wanted, _number(name, record, "goal"), record) for name, wanted in goal.items()]
    if not aims or len({aim.number for aim in aims}) < len(aims):
        raise _check.InputError(
            f"`goal` is {_check.shown(goal)}; expected one or more different readouts of "
            f"{', '.join(record.readouts)}."
        )
    return Goal(tuple(aims))


def _number(readout: object, record: Record, name: str = "readout") -> int:
    """Number of a readout that the argument `name` asks for."""
    if isinstance(readout, str):
        _check.one_of(readout, name, record.readouts)
        return record.readouts.index(readout)
    return _check.whole_number(readout, name, low=0, high=len(record.readouts) - 1)


def _aim(wanted: object, number: int, record: Record) -> Aim:
    name, kind = record.readouts[number], record.kinds[number]
    scale = 1.0 if kind == "binary" else record.scale[number]
    if isinstance(wanted, str):
        _check.one_of(wanted, "goal", ("max", "min"))
        return Aim(number, name, kind, scale, 1 if wanted == "max" else -1)
    if kind == "binary":
        chance = _check.number(wanted, "goal", low=0, high=1, what='"max", "min" or a probability')
        return Aim(number, name, kind, scale, 0, float(logit(np.clip(chance, _SURE, 1 - _SURE))))
    return Aim(
        number, name, kind, scale, 0, _check.number(wanted, "goal", what='"max", "min" or a number')
    )
