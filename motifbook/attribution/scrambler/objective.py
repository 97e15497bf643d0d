"""What a mask is good at: how far predictions of its draws are from where they should be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf

from motifbook import _check

MODES = ("inclusion", "exclusion", "enhance", "repress")
DIVERGENCES = ("auto", "kl", "symmetric", "squared", "softmax", "profile")
_TINY = 1e-9

Function = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Objective:
    """How the predictions of draws, (n, n_draws, n_readouts), are judged.

    Parameters
    ----------
    mode
        "inclusion": they should equal the reference. "exclusion": they should leave the class that
        the reference is in. "enhance", "repress": they should be high, low.
    divergence_of
        Of draws from the reference; a name of `DIVERGENCES`, or a function of reference,
        (n, n_readouts), and draws that returns (n,).
    kinds
        "binary" (predictions are logits) or "continuous", of each readout.
    middle, variance
        Of the reference predictions, of each readout; logit 0 is the middle of binary ones.
    side
        "high" or "low": the class that exclusion destroys.
    """

    mode: str
    divergence_of: str | Function
    kinds: tuple[str, ...]
    middle: tuple[float, ...]
    variance: tuple[float, ...]
    side: str = "high"

    def divergence(self, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """How far draws, (n, n_draws, n_readouts), are from (n, n_readouts), on average: (n,)."""
        if not isinstance(self.divergence_of, str):
            return _own(self.divergence_of, reference, drawn)
        whole = {"softmax": _softmax, "profile": _profile}.get(self.divergence_of)
        if whole is not None:
            return whole(reference[:, None], drawn).mean(dim=1)
        return self._by_readout(reference[:, None], drawn).mean(dim=(1, 2))

    def loss(self, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """What training makes small, (n,)."""
        if self.mode == "inclusion":
            return self.divergence(reference, drawn)
        if self.mode == "exclusion":
            return self._left_in_class(reference, drawn)
        sign = 1.0 if self.mode == "enhance" else -1.0
        binary, deviation = self._is_binary(drawn), self._sd(drawn)
        return torch.where(binary, nnf.softplus(-sign * drawn), -sign * drawn / deviation).mean(
            dim=(1, 2)
        )

    def in_class(self, reference: torch.Tensor) -> torch.Tensor:
        """Whether each prediction, (n, n_readouts), is in the class that exclusion destroys."""
        sign = 1.0 if self.side == "high" else -1.0
        return sign * (reference - torch.tensor(self.middle, device=reference.device)) > 0

    def concerns(self, reference: torch.Tensor) -> torch.Tensor:
        """Whether the objective says anything of each sequence, (n,)."""
        if self.mode == "exclusion" and not self._is_whole:
            return self.in_class(reference).any(dim=1)
        return torch.ones(len(reference), dtype=torch.bool, device=reference.device)

    @property
    def _is_whole(self) -> bool:
        """Whether readouts are judged together, so that none has a class of its own."""
        return self.divergence_of in ("softmax", "profile") or callable(self.divergence_of)

    def _left_in_class(self, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """Bounded below, unlike a divergence that is to be large."""
        if self._is_whole:
            return torch.exp(-self.divergence(reference, drawn))
        sign = 1.0 if self.side == "high" else -1.0
        counted = self.in_class(reference).float()[:, None]
        moved = sign * (drawn - reference[:, None]) / self._sd(drawn)
        left = torch.where(
            self._is_binary(drawn), nnf.softplus(sign * drawn), torch.sigmoid(moved)
        ).mean(dim=1, keepdim=True)
        return (left * counted).sum(dim=(1, 2)) / counted.sum(dim=(1, 2)).clamp_min(1)

    def _by_readout(self, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        squared = (drawn - reference) ** 2 / self._sd(drawn) ** 2
        if self.divergence_of == "squared":
            return squared
        relative = _bernoulli(reference, drawn)
        if self.divergence_of == "symmetric":
            relative = relative + _bernoulli(drawn, reference)
        return torch.where(self._is_binary(drawn), relative, squared)

    def _is_binary(self, like: torch.Tensor) -> torch.Tensor:
        return torch.tensor([kind == "binary" for kind in self.kinds], device=like.device)

    def _sd(self, like: torch.Tensor) -> torch.Tensor:
        return torch.tensor([math.sqrt(value) for value in self.variance], device=like.device)


def make_objective(
    mode: str,
    divergence: str | Function,
    kinds: list[str],
    reference: npt.NDArray[np.float32],
    side: str = "high",
) -> Objective:
    """Make the objective that is asked for, scaled to references, (n, n_readouts), of training.

    Raises
    ------
    InputError
        If mode, divergence and readouts do not go together.
    """
    _check.one_of(mode, "mode", MODES)
    if not callable(divergence):
        _refuse_other_readouts(divergence, kinds)
    if mode in ("enhance", "repress") and divergence not in ("auto", "kl", "squared"):
        raise _check.InputError(
            f'`divergence` is {_check.shown(divergence)} with `mode="{mode}"`; expected "auto": '
            "nothing is compared there, readouts are to be high or low. For a loss of your own use "
            '`mode="inclusion"`.'
        )
    is_binary = np.array([kind == "binary" for kind in kinds])
    middle = np.where(is_binary, 0.0, reference.mean(axis=0, dtype=np.float64))
    variance = reference.var(axis=0, dtype=np.float64)
    variance = np.where(variance > _TINY, variance, 1.0)
    return Objective(
        mode, divergence, tuple(kinds), tuple(middle.tolist()), tuple(variance.tolist()), side
    )


def _refuse_other_readouts(divergence: str, kinds: list[str]) -> None:
    if divergence in ("kl", "symmetric") and set(kinds) != {"binary"}:
        raise _check.InputError(
            f'`divergence` is "{divergence}" for {" and ".join(sorted(set(kinds)))} readouts; '
            'expected binary ones. "auto" chooses by their kinds.'
        )
    if divergence in ("softmax", "profile") and len(kinds) < 2:
        raise _check.InputError(
            f'`divergence` is "{divergence}" for one readout; expected several, which are judged '
            "together: `readout=None` for all, or their names."
        )


def _bernoulli(reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    """Relative entropy of two-sided coins, from logits."""
    p = torch.sigmoid(reference)
    return p * (nnf.logsigmoid(reference) - nnf.logsigmoid(drawn)) + (1 - p) * (
        nnf.logsigmoid(-reference) - nnf.logsigmoid(-drawn)
    )


def _softmax(reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    before = torch.log_softmax(reference, dim=-1)
    return (before.exp() * (before - torch.log_softmax(drawn, dim=-1))).sum(dim=-1)


def _profile(reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    before, after = (
        (rates.clamp_min(0) + _TINY) / (rates.clamp_min(0) + _TINY).sum(dim=-1, keepdim=True)
        for rates in (reference, drawn)
    )
    return (before * (before.log() - after.log())).sum(dim=-1)


def _own(function: Function, reference: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    value = function(reference, drawn)
    if isinstance(value, torch.Tensor) and value.shape == (len(reference),):
        if not torch.isfinite(value).all():
            raise _check.InputError("`divergence` made NaN or infinity; expected numbers.")
        if torch.is_grad_enabled() and drawn.requires_grad and not value.requires_grad:
            raise _check.InputError(
                "`divergence` made values that do not depend on the draws, or were detached from "
                "them; expected torch operations on these, without `detach` or `numpy`."
            )
        return value
    got = getattr(value, "shape", value)
    raise _check.InputError(
        f"`divergence` made {_check.shown(got)} of a reference of shape {tuple(reference.shape)} "
        f"and draws of shape {tuple(drawn.shape)}; expected ({len(reference)},), one value per "
        "sequence."
    )
