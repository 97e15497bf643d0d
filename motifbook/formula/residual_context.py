"""A small network for what a formula leaves: coefficients that depend on the other motifs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from motifbook import _check
from motifbook.models.context import ResidualContext
from motifbook.train.batches import seeded, threads

Floats = npt.NDArray[np.float64]
HIDDEN = 32
RIDGE = 0.02  # per squared deviation, standardized
PASSES, MOST_STEPS, BATCH = 20, 500, 256
RATE = 0.003


class _Network(nn.Module):
    def __init__(self, n_motifs: int, n_readouts: int) -> None:
        super().__init__()
        self.intercept = nn.Parameter(torch.zeros(n_readouts))
        self.slopes = nn.Parameter(torch.zeros(n_readouts, n_motifs))
        self.context = ResidualContext(n_motifs, n_readouts, HIDDEN)

    def forward(self, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Readouts, (n, n_readouts), and deviations, (n, n_readouts, n_motifs)."""
        deviations = self.context(counts)
        weights = self.slopes + deviations
        return self.intercept + torch.einsum("nck,nk->nc", weights, counts), deviations


@dataclass(frozen=True)
class FittedContext:
    """What a residual context has learned, on the standardized scale of its counts.

    Parameters
    ----------
    network
        In evaluation mode.
    center, spread : (n_motifs,)
        Of the counts it was fitted to.
    scale : (n_readouts,)
        Of the residuals.
    """

    network: _Network
    center: Floats
    spread: Floats
    scale: Floats

    def predict(self, counts: Floats) -> Floats:
        """What it adds to the formula, (n, n_readouts), in readout units."""
        with torch.no_grad(), threads():
            parts = [
                self.network(part)[0] for part in torch.split(self._standardized(counts), BATCH)
            ]
        return torch.cat(parts).double().numpy() * self.scale

    def scores(self, counts: Floats) -> Floats:
        """How much one motif moves the coefficient of another, (n_motifs, n_motifs), symmetric.

        The mean over sequences of the derivative of a deviation by a count, both ways added, and
        the largest over readouts; per deviation of the readout's residuals and of both counts.
        """
        context = self.network.context
        with torch.no_grad(), threads():
            hidden = torch.tanh(context.first(self._standardized(counts)))
            slope = 1 - hidden.square().mean(dim=0)
            moved = (context.last.weight * slope) @ context.first.weight
            n_motifs = counts.shape[1]
            by_readout = moved.reshape(-1, n_motifs, n_motifs)
            both = (by_readout + by_readout.transpose(1, 2)).abs().amax(dim=0)
        return both.double().numpy()

    def _standardized(self, counts: Floats) -> torch.Tensor:
        return torch.as_tensor((counts - self.center) / self.spread, dtype=torch.float32)


def fit_context(counts: Floats, residuals: Floats, *, seed: int) -> FittedContext:
    """Fit deviations of coefficients to what a formula leaves.

    Parameters
    ----------
    counts : (n, n_motifs)
        Counts of sites, not changed by the fit.
    residuals : (n, n_readouts)
        Measured minus formula; NaN where not measured.

    Notes
    -----
    ``sum_k (beta_k + delta_k(z)) z_k`` with standardized counts z; delta from one hidden layer,
    centered over the batch, so that beta and delta can be told apart, and held by a ridge. Fitted
    by Adam for 20 passes, at most 500 steps.
    """
    spread = counts.std(axis=0)
    scale = np.nanstd(residuals, axis=0)
    center, spread = counts.mean(axis=0), np.where(spread > 0, spread, 1.0)
    scale = np.where(scale > 0, scale, 1.0)
    with seeded(seed):
        network = _Network(counts.shape[1], residuals.shape[1])
    fitted = FittedContext(network, center, spread, scale)
    targets = torch.as_tensor(residuals / scale, dtype=torch.float32)
    with threads():
        _train(network, fitted._standardized(counts), targets, seed)
    network.eval()
    return fitted


def _train(network: _Network, counts: torch.Tensor, targets: torch.Tensor, seed: int) -> None:
    rng = _check.generator(seed, "context")
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    measured = ~targets.isnan()
    targets = targets.nan_to_num()
    n_steps = min(MOST_STEPS, max(1, PASSES * len(counts) // BATCH))
    for _ in range(n_steps):
        rows = torch.as_tensor(rng.integers(len(counts), size=BATCH))
        prediction, deviations = network(counts[rows])
        errors = (prediction - targets[rows]).square()[measured[rows]].mean()
        loss = errors + RIDGE * deviations.square().sum(dim=2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
