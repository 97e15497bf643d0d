"""MotifSyntaxNet: filters that are motifs, and above them only what can be read.

Implements the method of Tseng, Scalia, Eraslan, Biancalani 2024 (ARGMINN, arXiv 2410.06211),
written independently, with a recipe of our own that finds the same motifs from every seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.models import penalties
from motifbook.models.attention_syntax import AttentionSyntax
from motifbook.models.motif_layer import MotifLayer
from motifbook.models.network import MotifNetwork, Phase
from motifbook.models.pair_table import PairTable

N_KNOTS = 6  # steps of the response's bends to the best match
CEILING = 1.5  # largest relative activation that enters a pair
SPARE = 3  # random filters beside the seeded ones
PENALTY_ROWS = 32  # of a batch, on which overlap is measured: unbiased and cheap


@dataclass(frozen=True)
class SyntaxOptions:
    """Penalties and syntax of a `MotifSyntaxNet`; the defaults were measured.

    Parameters
    ----------
    claim
        Weight of `penalties.claim`.
    sparse
        Weight of `penalties.sparse_filters`.
    response
        Weight on the length of each motif's response: drives unneeded filters to zero.
    bend
        Weight on the bends of responses: straight lines unless the data ask for a curve.
    pair
        Weight on the size of pair weights.
    reach
        Largest distance between the starts of two windows of a pair, in letters.
    max_pair_filters
        Filters in the pair table, at most.
    n_layers
        Layers of the attention syntax.
    """

    claim: float = 0.1
    sparse: float = 1e-3
    response: float = 2e-3
    bend: float = 1e-2
    pair: float = 5e-4
    reach: int = 50
    max_pair_filters: int = 10
    n_layers: int = 2


class MotifSyntaxNet(MotifNetwork):
    """A network whose filters are motifs and whose upper layers are their syntax.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    n_filters
        At most so many motifs; `seed` drops those beyond what the data suggest.
    width
        Letters a filter spans; two more than the longest motif expected.
    syntax
        "pairs": each motif's response to its best match and to the number of its sites, plus a
        weight for pairs of motifs at each distance. "attention": the published reader of motif
        tokens, for rules of more than two motifs or longer range.
    alphabet
        "DNA", "RNA" or "protein".
    reverse_complement
        Read both strands with the same weights; by default where the alphabet has two.
    options
        See `SyntaxOptions`.

    Notes
    -----
    With relative activations a (largest seen = 1), m the best match and S the sum over sites,
    the pair form predicts ``c + sum_f response_f(m_f) + v_f log(1 + S_f) + pairs``; `response_f` is
    a straight line in m, bent where the data ask for it. Every term is a curve or a table that
    can be drawn.
    """

    warm_start = True

    def __init__(
        self,
        n_readouts: int,
        *,
        n_filters: int = 32,
        width: int = 20,
        syntax: str = "pairs",
        alphabet: str | Alphabet = "DNA",
        reverse_complement: bool | None = None,
        options: SyntaxOptions | dict[str, Any] | None = None,
    ) -> None:
        alphabet = named(alphabet)
        _check.whole_number(n_filters, "n_filters")
        _check.one_of(syntax, "syntax", ("pairs", "attention"))
        if not isinstance(options, SyntaxOptions):
            options = SyntaxOptions(**(options or {}))
        both = alphabet.has_strands if reverse_complement is None else reverse_complement
        settings = {"n_filters": n_filters, "width": width, "syntax": syntax}
        settings |= {"reverse_complement": both, "options": asdict(options)}
        super().__init__(n_readouts, alphabet, settings)
        self.options, self.syntax = options, syntax
        self.largest: torch.Tensor
        self.register_buffer("largest", torch.ones(n_filters))
        self._build(n_filters, width, both)
        self._relative: torch.Tensor | None = None

    def _build(self, n_filters: int, width: int, both: bool) -> None:
        self.settings["n_filters"] = n_filters
        self.largest = torch.ones(n_filters)
        self.motifs = MotifLayer(n_filters, width, self.alphabet, both)
        if self.syntax == "pairs":
            reader = PairReader(self.n_readouts, n_filters, both, self.options.reach)
        else:
            reader = AttentionSyntax(
                self.motifs.n_channels, self.n_readouts, n_layers=self.options.n_layers
            )
        self.reader: PairReader | AttentionSyntax = reader

    def head(self, activation: torch.Tensor) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from activations, (n, n_channels, n_starts)."""
        if self.training:
            self._follow_largest(activation)
        relative = self.relative(activation)
        self._relative = relative if self.training else None
        prediction: torch.Tensor = self.reader(relative)
        return prediction

    def relative(self, activation: torch.Tensor) -> torch.Tensor:
        """Activations divided by the largest each filter has shown, (n, n_channels, n_starts)."""
        largest = self.largest.repeat(activation.shape[1] // len(self.largest))
        return activation / largest[:, None]

    @torch.no_grad()
    def _follow_largest(self, activation: torch.Tensor) -> None:
        now = self.motifs.join_strands(activation.amax(dim=2)).amax(dim=0)
        self.largest.copy_(torch.maximum(0.999 * self.largest, now).clamp_min(1e-3))

    def seed(self, ppms: Sequence[Any], onehot: torch.Tensor) -> None:
        """Start from motifs, each (n_letters, width'); thresholds are set on `onehot`.

        Filters beyond the motifs and three spare ones are dropped: with more, a network learns
        noise.
        """
        layer = self.motifs
        needed = len(ppms) + SPARE
        if needed < layer.n_filters:
            self._build(needed, layer.width, layer.reverse_complement)
        super().seed(ppms, onehot)
        with torch.no_grad():
            best = self.motifs(onehot[:500]).amax(dim=(0, 2))
            self.largest.copy_(best.clamp_min(1e-3))

    def groups(self) -> dict[str, list[nn.Parameter]]:
        """The motifs, what reads them one by one, and the table of pairs."""
        table = [self.reader.pairs.weight] if isinstance(self.reader, PairReader) else []
        single = [p for p in self.reader.parameters() if all(p is not weight for weight in table)]
        return {"motifs": list(self.motifs.parameters()), "reader": single, "pairs": table}

    def phases(self) -> Sequence[Phase]:
        """One phase; what reads the motifs learns faster than they do."""
        return (Phase("training", 1.0, {"motifs": 1e-2, "reader": 1e-2, "pairs": 1e-1}),)

    @torch.no_grad()
    def begin_phase(self, phase: Phase, onehot: torch.Tensor, readout: torch.Tensor) -> None:
        """Fit the reader to the starting motifs, and open its table for pairs that matter."""
        if isinstance(self.reader, PairReader):
            relative = self.relative(self.motifs.strands(onehot))
            residual = self.reader.start(relative, readout)
            self.reader.open_pairs(relative, residual, self.options.max_pair_filters)

    def penalty(self, progress: float) -> torch.Tensor:
        """Overlap, sparseness and unneeded terms, rising over the first part of training."""
        o, weight = self.options, self.motifs.weight
        rise = min(progress / 0.4, 1.0)
        if rise == 0 or self._relative is None:
            return weight.new_zeros(())
        total = o.claim * penalties.claim(
            weight, self._relative[:PENALTY_ROWS], self.motifs.n_filters
        )
        total = total + o.sparse * penalties.sparse_filters(weight)
        if isinstance(self.reader, PairReader):
            total = total + o.response * self.reader.response_size()
            total = total + o.bend * self.reader.bend_size()
            total = total + o.pair * self.reader.pairs.table().abs().sum()
        return rise * total


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

    def forward(self, relative: torch.Tensor) -> torch.Tensor:
        """Predict, (n, n_readouts), from relative activations, (n, n_channels, n_starts)."""
        weight = torch.cat([self.slope, self.sites, self.bends.flatten(1)], dim=1)
        single = self.features(relative) @ weight.t() + self.constant
        return single + self.pairs(relative.clamp(max=CEILING))

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
        return self.slope[..., None] * best + bent + self.sites[..., None] * torch.log1p(best)

    def response_size(self) -> torch.Tensor:
        """Sum over filters of the length of their coefficients (group lasso); a scalar."""
        single = self.slope.pow(2) + self.sites.pow(2) + self.bends.pow(2).sum(dim=2)
        return (single.sum(dim=0) + 1e-8).sqrt().sum()

    def bend_size(self) -> torch.Tensor:
        """Sum of absolute bends: how far responses are from straight lines; a scalar."""
        return self.bends.abs().sum()

    def start(self, relative: torch.Tensor, readout: torch.Tensor) -> torch.Tensor:
        """Fit curves to the motifs as they are; return what is left to explain, (n, n_readouts).

        Newton steps on the ridge-penalized loss: logistic for binary readouts, least squares for
        continuous ones. Residuals are 0 where nothing was measured.
        """
        features = self.features(relative)
        features = torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
        residual = torch.zeros_like(readout)
        for column in range(readout.shape[1]):
            measured = ~torch.isnan(readout[:, column])
            x, y = features[measured], readout[measured, column]
            weight, expected = newton(x, y)
            residual[measured, column] = y - expected
            n = self.n_filters
            self.slope[column], self.sites[column] = weight[:n], weight[n : 2 * n]
            self.bends[column] = weight[2 * n : -1].view(n, N_KNOTS)
            self.constant[column] = weight[-1]
        return residual

    def open_pairs(self, relative: torch.Tensor, residual: torch.Tensor, most: int) -> None:
        """Let those filters into the table whose pairs explain what single motifs do not.

        A pair enters if its score test passes 5 standard errors at some distance: with a hundred
        thousand entries tried, less than one is expected by chance.
        """
        pairs = self.pairs
        pairs.in_use.fill_(True)
        strongest = pairs.score_test(relative.clamp(max=CEILING), residual)
        pairs.in_use.fill_(False)
        order = torch.argsort(strongest.amax(dim=1), descending=True)[:most]
        chosen = [int(f) for f in order if strongest[f].max() > 5.0]
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
