"""ContextualRegression: readouts are linear in the numbers of motifs (Liu & Wang 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.models.context import PositiveLayer, PublishedReader, ResidualContext
from motifbook.models.network import MotifNetwork, Phase
from motifbook.models.site_layer import SiteLayer, either, site_width

CONTEXTS = ("none", "residual", "published")
PUBLISHED_FILTERS, PUBLISHED_WIDTH, PUBLISHED_PASSES, PUBLISHED_RATE = 64, 8, 100, 1e-3
RESIDUAL_HIDDEN, PUBLISHED_HIDDEN = 32, 64
THRESHOLD_RATE, RATE = 0.03, 0.01  # of everything but the motifs
TUNED_ROWS = 3600  # training rows for which the penalties' weights were chosen
LEAST_SPREAD = 1e-3  # sites squared: counts that vary less are not blown up


@dataclass(frozen=True)
class ContextOptions:
    """Penalties and learning rates of a `ContextualRegression`; the defaults were measured.

    Parameters
    ----------
    group
        Weight on the length of each motif's coefficients over readouts: drives motifs that no
        readout needs to zero.
    columns
        Weight on how far the columns of motifs lie from the background: keeps flanks flat.
    rate
        Learning rate of the motifs; thresholds learn at 0.03, the rest at 0.01.
    n_formulas
        Filters and readouts are divided, in order, into so many formulas of their own, trained side
        by side: restarts as one network.
    hidden
        Units of the context network's hidden layers; by default 32, published 64.
    ridge
        Weight on the squared deviations of the residual context, summed over terms.
    lasso, utopia, dense, activation
        Weights of the published penalties: on the size of the context's weights, on their
        distance from equal ones, on the dense layers, and on activations.
    """

    group: float = 0.002
    columns: float = 1e-4
    rate: float = 0.15
    n_formulas: int = 1
    hidden: int | None = None
    ridge: float = 0.02
    lasso: float = 1e-4
    utopia: float = 1e-4
    dense: float = 1e-4
    activation: float = 2e-8


class ContextualRegression(MotifNetwork):
    """A linear formula in the numbers of motifs, which are learned with it.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    n_filters, width
        How many motifs, at most, of how many letters; by default 16 of 12, for proteins of 6, in
        the published layout 64 of 8.
    context
        "none": every motif has one coefficient per readout. "residual": the coefficients may
        deviate from sequence to sequence, on average not at all; the deviations show interactions.
        "published": the layout of the paper: non-negative filters on one strand, averaged over the
        sequence, times weights that a second network computes for each sequence.
    positions
        Number of equally long parts of the sequence whose sites count separately.
    alphabet
        "DNA", "RNA" or "protein".
    reverse_complement
        Read both strands; by default where the alphabet has two, in the published layout never.
    options
        See `ContextOptions`.

    Raises
    ------
    InputError
        If a number or a name is not as expected, or the published layout is asked for positions.

    Notes
    -----
    With z the standardized counts of sites (`SiteLayer`) the prediction of readout c is
    ``intercept_c + sum_k (beta_ck + delta_ck(z)) z_k``, where delta is zero without context, and
    centered and penalized with the residual one. The published form (Liu & Wang 2022, arXiv
    2208.09559; 2017, arXiv 1710.10728) is ``intercept_c + sum_k w_ck(x) phi_k(x)``. Its phi is a
    linear function of letter frequencies, and phi and w cannot be told apart: it is here to be
    compared with. We train it by Adam at 1e-3, where the authors take stochastic gradient descent.

    Examples
    --------
    >>> network = ContextualRegression(2, n_filters=3, width=8)
    >>> network(torch.eye(4).repeat(5, 1, 10)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self,
        n_readouts: int,
        *,
        n_filters: int | None = None,
        width: int | None = None,
        context: str = "none",
        positions: int = 1,
        alphabet: str | Alphabet = "DNA",
        reverse_complement: bool | None = None,
        options: ContextOptions | dict[str, Any] | None = None,
    ) -> None:
        alphabet = named(alphabet)
        _check.one_of(context, "context", CONTEXTS)
        published = context == "published"
        n_filters = (PUBLISHED_FILTERS if published else 16) if n_filters is None else n_filters
        if width is None:
            width = PUBLISHED_WIDTH if published else site_width(alphabet)
        both = alphabet.has_strands and not published
        both = both if reverse_complement is None else reverse_complement
        options = _options(options)
        settings = {"n_filters": n_filters, "width": width, "context": context}
        settings |= {"positions": positions, "reverse_complement": both, "options": asdict(options)}
        super().__init__(n_readouts, alphabet, settings)
        self.positions = _check.whole_number(positions, "positions", high=1 if published else None)
        self.options = options
        self.warm_start = not published
        self.passes = PUBLISHED_PASSES if published else type(self).passes
        self.motifs: SiteLayer | PositiveLayer
        self.published: PublishedReader | None = None
        self.context: ResidualContext | None = None
        if published:
            self.motifs = PositiveLayer(n_filters, width, alphabet, both)
            hidden = options.hidden or PUBLISHED_HIDDEN
            self.published = PublishedReader(n_filters, n_readouts, hidden)
        else:
            self.motifs = SiteLayer(n_filters, width, alphabet, both)
            self._build(context == "residual")

    def _build(self, has_context: bool) -> None:
        n_terms = self.motifs.n_filters * self.positions
        self.intercept = nn.Parameter(torch.zeros(self.n_readouts))
        self.coefficients = nn.Parameter(torch.zeros(self.n_readouts, n_terms))
        self.normalize = nn.BatchNorm1d(n_terms, eps=LEAST_SPREAD, affine=False)
        self.register_buffer("own", self._own_terms(n_terms))
        self.own: torch.Tensor
        self._deviation: torch.Tensor | None = None
        if has_context:
            hidden = self.options.hidden or RESIDUAL_HIDDEN
            self.context = ResidualContext(n_terms, self.n_readouts, hidden)

    def _own_terms(self, n_terms: int) -> torch.Tensor:
        """1 where a term belongs to the formula of a readout, (n_readouts, n_terms)."""
        n = self.options.n_formulas
        if self.n_readouts % n or self.motifs.n_filters % n:
            raise _check.InputError(
                f"`n_formulas` is {n} for {self.n_readouts} readouts and {self.motifs.n_filters} "
                "filters; expected a number that divides both."
            )
        return torch.kron(torch.eye(n), torch.ones(self.n_readouts // n, n_terms // n))

    def head(self, activation: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from `motifs.strands`, (n, n_channels, n_starts)."""
        if self.published is not None:
            prediction: torch.Tensor = self.published(self.motifs.join_strands(activation), blocked)
            return prediction
        n_strands = activation.shape[1] // self.motifs.n_filters
        return self._formula(either(activation.chunk(n_strands, dim=1)))

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from one-hot sequences, (n, n_letters, length)."""
        if isinstance(self.motifs, PositiveLayer):
            if self.training:
                self.motifs.keep_positive()
        elif self.training:  # the same as by `head`, faster
            self.check_input(onehot)
            return self._formula(self.motifs.occupancy(onehot))
        return super().forward(onehot)

    def counts(self, sites: torch.Tensor) -> torch.Tensor:
        """Number of sites per motif and part of the sequence, (n, n_filters * positions).

        `sites` : (n, n_filters, n_starts); a site lies where its middle letter does.
        """
        if self.positions == 1:
            return sites.sum(dim=2)
        width = self.motifs.width
        length = sites.shape[2] + width - 1
        ends = torch.linspace(0, length, self.positions + 1).round().int() - width // 2
        inner = ends[1:-1].clamp(0, sites.shape[2]).tolist()
        parts = [part.sum(dim=2) for part in sites.tensor_split(inner, dim=2)]
        return torch.stack(parts, dim=2).flatten(1)

    def _formula(self, sites: torch.Tensor) -> torch.Tensor:
        counts: torch.Tensor = self.normalize(self.counts(sites))
        prediction = self.intercept + counts @ (self.coefficients * self.own).T
        if self.context is None:
            return prediction
        self._deviation = self.context(counts) * self.own
        return prediction + torch.einsum("nct,nt->nc", self._deviation, counts)

    def groups(self) -> dict[str, list[nn.Parameter]]:
        """The motifs, their thresholds, the coefficients, and what depends on the sequence."""
        layer = list(self.motifs.parameters())
        context = [] if self.context is None else list(self.context.parameters())
        own = {id(parameter) for parameter in layer + context}
        rest = [parameter for parameter in self.parameters() if id(parameter) not in own]
        return {"motifs": layer[:1], "thresholds": layer[1:], "formula": rest, "context": context}

    def phases(self) -> Sequence[Phase]:
        """The formula, then its residual context; the published layout at once, at one rate.

        A context that learns with the motifs only fits noise.
        """
        if self.published is not None:
            rates = {"motifs": PUBLISHED_RATE, "formula": PUBLISHED_RATE}
            return (Phase("training", 1.0, rates, cools=False),)
        rates = {"motifs": self.options.rate, "thresholds": THRESHOLD_RATE, "formula": RATE}
        if self.context is None:
            return (Phase("training", 1.0, rates),)
        later = {"formula": RATE, "context": RATE}
        return (Phase("formula", 0.6, rates), Phase("context", 0.4, later))

    def penalty(self, progress: float, n_rows: int) -> torch.Tensor:
        """Motifs that no readout needs and deviations, or what the paper penalizes."""
        o = self.options
        if self.published is not None:
            return self.published.penalty(
                lasso=o.lasso, utopia=o.utopia, dense=o.dense, activation=o.activation
            )
        per_motif = (self.coefficients * self.own).reshape(self.n_readouts, -1, self.positions)
        lengths = per_motif.norm(dim=(0, 2))
        total: torch.Tensor = o.group * lengths.sum() / (self.n_readouts * o.n_formulas) ** 0.5
        if isinstance(self.motifs, SiteLayer):
            total = total + o.columns * self.motifs.column_lengths().sum() / o.n_formulas
        total = total * (TUNED_ROWS / n_rows) ** 0.75  # falls a little faster than noise does
        if self._deviation is not None:
            total = total + o.ridge * (self._deviation**2).sum(dim=2).mean()
        return total


def _options(given: ContextOptions | dict[str, Any] | None) -> ContextOptions:
    """Options as they are, from a dictionary of some, or the defaults."""
    if given is None or isinstance(given, dict):
        for name in given or {}:
            _check.one_of(name, "options", [field.name for field in fields(ContextOptions)])
        given = ContextOptions(**(given or {}))
    if not isinstance(given, ContextOptions):
        raise _check.InputError(
            f"`options` is {_check.shown(given)}; expected such as {{'group': 0.004}}."
        )
    for name, value in asdict(given).items():
        if name == "n_formulas" or (name == "hidden" and value is not None):
            _check.whole_number(value, name)
        elif name != "hidden":
            _check.number(value, name, low=0, what="a number")
    return given
