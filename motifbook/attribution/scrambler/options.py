"""Settings of a scrambler; their defaults were measured, and the published ones have a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ScramblerOptions:
    """Expert settings of `fit_scrambler`."""

    n_steps: int = 300
    n_rows: int = 32  # sequences per step
    n_draws: int = 4
    learning_rate: float = 2e-3
    start_share: float = 0.8  # of the ceiling: where the budget begins to fall
    fall: float = 0.6  # part of the steps over which it falls
    parametrization: str = "gate"  # "gate" | "softplus"
    sampling: str = "gate"
    budget_form: str = "exact"  # "exact" | "target" | "max"
    budget_weight: float = 10.0
    scope: str = "sequence"  # "sequence" | "data set"
    smoothing: float = 0.0  # letters, sd of the Gaussian; 0 for none
    mask_dropout: float = 0.0
    network: dict[str, Any] = field(default_factory=dict)
    watch: Callable[..., Any] | None = None
