"""Networks whose best sequence is known in closed form, and problems of design made of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from motifbook.design.constraints import Constraints
from motifbook.design.goal import read_goal
from motifbook.design.limits import Limits
from motifbook.design.options import DesignOptions
from motifbook.design.problem import Problem
from motifbook.design.scorer import scoring
from motifbook.models.network import Network, Record
from motifbook.onehot import Letters

FREE = Constraints(gc=None, gc_window=None, homopolymer=None, repeat=None)


class Linear(Network):
    """Sums of one weight per readout, letter and place, (n_readouts, 4, length)."""

    def __init__(self, weights: np.ndarray, *, has_gradient: bool = True) -> None:
        super().__init__(len(weights), "DNA", {})
        self.weights = torch.nn.Parameter(torch.tensor(weights, dtype=torch.float32))
        self.has_gradient = has_gradient
        names = list("ab")[: len(weights)]
        n = len(weights)
        self.record = Record(names, ["continuous"] * n, [0.0] * n, [1.0] * n, weights.shape[2])

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        outputs = torch.einsum("ncl,rcl->nr", onehot, self.weights)
        return outputs if self.has_gradient else outputs.detach()


def some_weights(length: int = 20, n_readouts: int = 1, seed: int = 0) -> np.ndarray:
    """Eighths, which float sums hold exactly; four different ones at every place."""
    rng = np.random.default_rng(seed)
    eighths = np.stack(
        [[rng.choice(16, 4, replace=False) for _ in range(length)] for _ in range(n_readouts)]
    )
    return eighths.transpose(0, 2, 1) / 8.0


@contextlib.contextmanager
def posed(
    networks: Network | list[Network],
    starts: Letters,
    goal: Any = "max",
    constraints: Constraints = FREE,
    *,
    seed: int = 0,
    batch_size: int = 256,
    **settings: Any,
) -> Iterator[Problem]:
    """A problem of design; `settings` go to the options."""
    first = networks[0] if isinstance(networks, list) else networks
    wanted = read_goal(goal, None, first.record)
    options = DesignOptions(**{"n_steps": 200, "least_gain": 0.0, "caution": 1.0, **settings})
    limits = Limits(constraints, first.alphabet)
    rows = np.arange(len(starts))
    with scoring(networks, wanted, caution=options.caution, batch_size=batch_size) as scorer:
        yield Problem(
            scorer=scorer,
            origins=starts,
            starts=starts,
            editable=limits.editable(starts, rows),
            limits=limits,
            n_edits=constraints.n_edits,
            motifs=(),
            options=options,
            rng=np.random.default_rng(seed),
        )


def random_letters(n: int, length: int = 20, seed: int = 1) -> Letters:
    """Letter codes, (n, length)."""
    return np.random.default_rng(seed).integers(4, size=(n, length)).astype(np.uint8)
