"""What a `MotifSyntaxNet` makes of its motifs: a curve per motif, and a table of pairs."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from motifbook.models.pair_table import PairTable

N_KNOTS = 6  # steps of a response's bends
SIGNIFICANT = 5.0  # standard errors from which a pair opens the table


class PairReader(nn.Module):
    """A curve per motif, and a table per pair of motifs."""

    def __init__(self, n_readouts: int, n_filters: int, both_strands: bool, reach: int) -> None:
        super().__init__()
        self.n_filters = n_filters
        self.slope = nn.Parameter(torch.zeros(n_readouts, n_filters))
        self.sites = nn.Parameter(torch.zeros(n_readouts, n_filters))
        self.bends = nn.Parameter(torch.zeros(n_readouts, n_filters, N_KNOTS))
        self.constant = nn.Parameter(torch.zeros(n_readouts))
        self.pairs = PairTable(n_readouts, n_filters, both_strands=both_strands, reach=reach)

    def forward(self, relative: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
        """Predict, (n, n_readouts), from relative activations, (n, n_channels, n_starts).

        Nothing fires in `blocked` windows, so they need no care here.
        """
        weight = torch.cat([self.slope, self.sites, self.bends.flatten(1)], dim=1)
        single: torch.Tensor = self.features(relative) @ weight.t() + self.constant
        paired: torch.Tensor = self.pairs(relative)
        return single + paired

    def features(self, relative: torch.Tensor) -> torch.Tensor:
        """Best match, log of summed sites, and steps climbed, (n, n_filters * (2 + N_KNOTS))."""
        per_strand = relative.view(len(relative), -1, self.n_filters, relative.shape[2])
        best = per_strand.amax(dim=(1, 3))
        total = per_strand.sum(dim=(1, 3))
        return torch.cat([best, torch.log1p(total), self.steps(best).flatten(1)], dim=1)

    @staticmethod
    def steps(best: torch.Tensor) -> torch.Tensor:
        """Share of each step that a match has climbed, (..., N_KNOTS), 0 to 1."""
        knots = torch.arange(N_KNOTS, device=best.device) / N_KNOTS
        return ((best[..., None] - knots) * N_KNOTS).clamp(0, 1)

    def response(self, best: torch.Tensor) -> torch.Tensor:
        """What one site of this strength adds, (n_readouts, n_filters, n_points).

        `best`, (n_points,), is relative to the strongest match, 0 to 1.
        """
        bent = self.bends @ self.steps(best).t()
        straight: torch.Tensor = self.slope[..., None] * best
        return straight + bent + self.sites[..., None] * torch.log1p(best)

    def response_size(self) -> torch.Tensor:
        """Sum over filters of the length of their coefficients (group lasso); a scalar."""
        single = self.slope.pow(2) + self.sites.pow(2) + self.bends.pow(2).sum(dim=2)
        size: torch.Tensor = (single.sum(dim=0) + 1e-8).sqrt().sum()
        return size

    def bend_size(self) -> torch.Tensor:
        """Sum of absolute bends: how far responses are from straight lines; a scalar."""
        return self.bends.abs().sum()

    def start(self, features: torch.Tensor, readout: torch.Tensor) -> torch.Tensor:
        """Fit curves to the motifs as they are; return what is left to explain, (n, n_readouts).

        `features` are those of `self.features`, (n, n_filters * (2 + N_KNOTS)).
        Newton steps on the ridge-penalized loss: logistic for binary readouts, least squares for
        continuous ones. NaN where nothing was measured.
        """
        features = torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
        residual = torch.full_like(readout, torch.nan)
        for column in range(readout.shape[1]):
            measured = ~torch.isnan(readout[:, column])
            if not measured.any():
                continue
            x, y = features[measured], readout[measured, column]
            weight, expected = newton(x, y)
            residual[measured, column] = y - expected
            n = self.n_filters
            self.slope[column], self.sites[column] = weight[:n], weight[n : 2 * n]
            self.bends[column] = weight[2 * n : -1].view(n, N_KNOTS)
            self.constant[column] = weight[-1]
        return residual

    def open_pairs(self, parts: Iterable[torch.Tensor], residual: torch.Tensor, most: int) -> None:
        """Let those filters into the table whose pairs explain what single motifs do not.

        A pair enters if its score test passes 5 standard errors at some distance: with a hundred
        thousand entries tried, less than one is expected by chance. `parts` as for
        `PairTable.score_test`.
        """
        pairs = self.pairs
        pairs.in_use.fill_(True)
        strongest = pairs.score_test(parts, residual)
        pairs.in_use.fill_(False)
        order = torch.argsort(strongest.amax(dim=1), descending=True)[:most]
        chosen = [int(f) for f in order if strongest[f].max() > SIGNIFICANT]
        pairs.in_use[chosen] = True


def newton(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Ridge regression of y, (n,), on x, (n, n_features): weights and expected values.

    Logistic if y holds only 0 and 1. The last feature, the constant, is not penalized.
    """
    ridge = torch.full((x.shape[1],), 1e-2 * len(x) ** 0.5, device=x.device)
    ridge[-1] = 1e-6
    is_binary = bool(((y == 0) | (y == 1)).all())
    weight = x.new_zeros(x.shape[1])
    expected = torch.sigmoid(x @ weight) if is_binary else x @ weight
    for _ in range(8 if is_binary else 1):
        spread = expected * (1 - expected) if is_binary else torch.ones_like(y)
        curvature = (x * spread[:, None]).t() @ x + torch.diag(ridge)
        weight = weight + torch.linalg.solve(curvature, x.t() @ (y - expected) - ridge * weight)
        expected = torch.sigmoid(x @ weight) if is_binary else x @ weight
    return weight, expected
