"""Settings of a scrambler; their defaults were measured, and the published ones have a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.draws import SAMPLINGS
from motifbook.attribution.scrambler.objective import DIVERGENCES, Function
from motifbook.attribution.scrambler.result import Look
from motifbook.attribution.scrambler.scorer import INPUTS
from motifbook.models.mask_network import SETTINGS

_WORDS = {
    "rate": ("one cycle", "constant"),
    "curriculum": ("fall", "step", "none"),
    "parametrization": ("gate", "softplus"),
    "sampling": SAMPLINGS,
    "budget_form": ("exact", "target", "max"),
    "scope": ("sequence", "data set"),
    "reference": ("prediction", "measured"),
    "side": ("high", "low"),
    "inputs": INPUTS,
}
_READABLE = ("measured", "extra")


@dataclass(frozen=True)
class ScramblerOptions:
    """Expert settings of `fit_scrambler`.

    Parameters
    ----------
    n_steps, n_rows, n_draws
        Steps of training, sequences per step, and draws from the mask of each.
    learning_rate, rate
        Of Adam (betas 0.5, 0.9); "one cycle" peaks there and falls to nothing, or "constant".
    curriculum, start_share, fall
        "fall": the budget starts at `start_share` of the ceiling and falls evenly on a log scale
        over the first part `fall` of the steps. "step": it stays there that long. "none".
    lowest_share
        Of the ceiling: the smallest budget of a network for every budget. Below what one motif
        needs, a mask learns to bet on one of several copies.
    parametrization
        "gate" or, as published, "softplus".
    sampling
        "gate"; "reinforce" for networks whose gradients mislead, such as those trained so long that
        a motif is there or not: draws are compared, and no gradient passes the network; as
        published "straight-through" or "gumbel"; "mean" for none, whose masks look fine and fail
        when sequences are drawn from them.
    budget_form, budget_weight
        "exact": every mask has its budget. "target", "max": the squared distance from it, or the
        excess over it, is added to the loss with this weight, as published.
    scope
        "sequence": each has the budget; "data set": all have it together, so that sequences with
        nothing to explain get little.
    divergence
        "auto" by the kinds of readouts; or "kl", "symmetric", "squared" (in variances of the
        reference), "softmax" (readouts are logits of classes), "profile" (readouts are rates), or
        a function of reference, (n, n_readouts), and draws, (n, n_draws, n_readouts), that returns
        (n,), small where they agree.
    reference
        What draws are compared with: the "prediction" or what was "measured".
    side
        The class that "exclusion" destroys: predictions above ("high") or below ("low") the
        middle, which is 0.5 for binary readouts and the mean for continuous ones.
    inputs
        Of networks that read several sequences: "tied" (one mask network reads each), "untied"
        (each has its own) or "joint" (one reads them end to end).
    reads
        What the mask network is told beside the letters: "measured" readouts, "extra" numbers.
    fixed
        Letters that are never altered: a text such as "NN..ACG..", whose letters stand in every
        sequence while N and . are free; or (length,) of True where fixed.
    smoothing
        Letters, standard deviation of the Gaussian that averages scores; 0 for none.
    mask_dropout
        Largest share of positions that may not be selected, in random blocks, so that training
        sees second-best sets; 0 for none.
    network
        Settings of the mask network: "width", "dilations", "blocks", "n_filters", "dropout",
        "norm" and "start", as `motifbook.models.mask_network.MaskNetwork` takes them.
    watch
        Called with a `Look` some 30 times; training stops when it returns False.

    Raises
    ------
    InputError
        If a word or number does not fit.
    """

    n_steps: int = 300
    n_rows: int = 32
    n_draws: int = 4
    learning_rate: float = 2e-3
    rate: str = "one cycle"
    curriculum: str = "fall"
    start_share: float = 0.8
    fall: float = 0.6
    lowest_share: float = 0.08
    parametrization: str = "gate"
    sampling: str = "gate"
    budget_form: str = "exact"
    budget_weight: float = 10.0
    scope: str = "sequence"
    divergence: str | Function = "auto"
    reference: str = "prediction"
    side: str = "high"
    inputs: str = "tied"
    reads: tuple[str, ...] = ()
    fixed: str | npt.NDArray[np.bool_] | None = None
    smoothing: float = 0.0
    mask_dropout: float = 0.0
    network: dict[str, Any] = field(default_factory=dict)
    watch: Callable[[Look], Any] | None = None

    def __post_init__(self) -> None:
        for name, allowed in _WORDS.items():
            _check.one_of(getattr(self, name), name, allowed)
        if not callable(self.divergence):
            _check.one_of(self.divergence, "divergence", DIVERGENCES)
        self._check_kinds()
        for name in ("n_steps", "n_rows", "n_draws"):
            _check.whole_number(getattr(self, name), name)
        for name in ("start_share", "fall", "mask_dropout"):
            _check.number(getattr(self, name), name, low=0, high=1)
        _check.number(self.lowest_share, "lowest_share", low=1e-4, high=1)
        for name in ("learning_rate", "budget_weight", "smoothing"):
            _check.number(getattr(self, name), name, low=0)
        if self.sampling == "reinforce" and self.n_draws == 1:
            raise _check.InputError(
                "`n_draws` is 1; expected 2 or more, since `sampling='reinforce'` compares draws."
            )

    def _check_kinds(self) -> None:
        """Refuse what is of another type."""
        is_function = self.watch is None or callable(self.watch)
        kinds: dict[str, tuple[bool, str]] = {
            "reads": (isinstance(self.reads, (tuple, list)), 'such as ("measured",), or ()'),
            "network": (isinstance(self.network, dict), 'such as {"dilations": (1, 2, 4, 8)}'),
            "watch": (is_function, "a function of a `Look`, or None"),
        }
        for name, (fits, expected) in kinds.items():
            if not fits:
                raise _check.InputError(
                    f"`{name}` is {_check.shown(getattr(self, name))}; expected {expected}."
                )
        for word in self.reads:
            _check.one_of(word, "reads", _READABLE)
        for name in self.network:
            _check.one_of(name, "network", SETTINGS)

    @classmethod
    def published(cls, n: int, *, n_passes: int = 10, **changes: Any) -> ScramblerOptions:
        """Return the settings as published, for `n` training rows.

        Parameters
        ----------
        n_passes
            Over the rows, trimmed to whole steps of 32.
        **changes
            To these settings. ``divergence="auto"`` for continuous readouts, and to enhance or
            repress; ``sampling="gumbel"`` or ``budget_form="max"`` where the authors
            used them; ``curriculum="step"`` with ``fall=1 / n_passes`` and ``start_share=0.9`` is
            the first pass at many bits of their analyses.

        Notes
        -----
        Linder et al. 2022: straight-through draws, 32 of each sequence, scores through a softplus,
        a quadratic penalty on the distance from the budget with a weight set by hand (10 in most
        of their runs), symmetric relative entropy, 5 groups of 4 residual blocks, Adam at a
        constant 1e-4.

        Examples
        --------
        >>> ScramblerOptions.published(1000).n_steps
        310
        """
        settings: dict[str, Any] = {
            "n_steps": n_passes * max(1, n // 32),
            "n_draws": 32,
            "learning_rate": 1e-4,
            "rate": "constant",
            "curriculum": "none",
            "parametrization": "softplus",
            "sampling": "straight-through",
            "budget_form": "target",
            "divergence": "symmetric",
            "network": {"blocks": 4, "start": "glorot"},
        }
        return cls(**(settings | changes))
