"""MotifSyntaxNet: filters that are motifs, and above them only what can be read.

Implements the method of Tseng, Scalia, Eraslan, Biancalani 2024 (ARGMINN, arXiv 2410.06211),
written independently, with a recipe of our own that finds the same motifs from every seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.models import penalties
from motifbook.models.attention_syntax import AttentionSyntax
from motifbook.models.motif_layer import MotifLayer, usual_width
from motifbook.models.network import MotifNetwork, Phase
from motifbook.models.pair_reader import PairReader
from motifbook.models.pair_table import SHORTEST

TUNED_ROWS = 6400  # training rows for which the penalties' weights were chosen
ROWS_AT_ONCE = 16  # when a phase begins
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
    published
        The penalties, normalization and schedule of the paper in place of ours; see
        `MotifSyntaxNet.published`.
    """

    claim: float = 0.1
    sparse: float = 1e-3
    response: float = 2e-3
    bend: float = 1e-2
    pair: float = 5e-4
    reach: int = 50
    max_pair_filters: int = 10
    n_layers: int = 2
    published: bool = False


class MotifSyntaxNet(MotifNetwork):
    """A network whose filters are motifs and whose upper layers are their syntax.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    n_filters
        At most so many motifs; `seed` drops those beyond what the data suggest.
    width
        Letters a filter spans; two more than the longest motif expected. By default 20, for
        proteins 10, and up to twice as many if an enriched word turns out to be part of a longer
        motif.
    syntax
        "pairs": each motif's response to its best match and to the number of its sites, plus a
        weight for pairs of motifs at each distance. "attention": the published reader of motif
        tokens, for rules of more than two motifs or longer range. "both": the first, plus an
        attention that starts at nothing and adds what the curves and pairs cannot say.
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
        width: int | None = None,
        syntax: str = "pairs",
        alphabet: str | Alphabet = "DNA",
        reverse_complement: bool | None = None,
        options: SyntaxOptions | dict[str, Any] | None = None,
    ) -> None:
        alphabet = named(alphabet)
        _check.whole_number(n_filters, "n_filters")
        may_grow = width is None
        width = usual_width(alphabet, 20) if width is None else width
        _check.one_of(syntax, "syntax", ("pairs", "attention", "both"))
        options = _options(options)
        both = alphabet.has_strands if reverse_complement is None else reverse_complement
        settings = {"n_filters": n_filters, "width": width, "syntax": syntax}
        settings |= {"reverse_complement": both, "options": asdict(options)}
        super().__init__(n_readouts, alphabet, settings)
        self.options, self.syntax = options, syntax
        self.longest = 2 * width if may_grow else width
        self.made_with = (n_filters, width, both)
        self.largest: torch.Tensor
        self.register_buffer("largest", torch.ones(n_filters))
        self._build(n_filters, width, both)
        self._fired: torch.Tensor | None = None  # what the penalties look at
        if options.published:
            self.warm_start, self.passes = False, 40
            self.show_both_strands = alphabet.has_strands

    def _build(self, n_filters: int, width: int, both: bool) -> None:
        self.settings |= {"n_filters": n_filters, "width": width}
        self.largest = torch.ones(n_filters)
        self.motifs = MotifLayer(n_filters, width, self.alphabet, both)
        self.normalize: nn.Module = nn.Identity()
        self.reader: PairReader | AttentionSyntax
        self.attention: AttentionSyntax | None = None
        if self.syntax == "pairs":
            self.reader = PairReader(self.n_readouts, n_filters, both, self.options.reach)
            return
        self.normalize = nn.BatchNorm1d(self.motifs.n_channels)
        attention = AttentionSyntax(
            self.motifs.n_channels,
            self.n_readouts,
            n_layers=self.options.n_layers,
            values_as_keys=self.options.published,
        )
        if self.syntax == "attention":
            self.reader = attention
            return
        self.reader = PairReader(self.n_readouts, n_filters, both, self.options.reach)
        self.attention = attention
        nn.init.zeros_(attention.readout.weight)
        nn.init.zeros_(attention.readout.bias)

    def as_made(self) -> None:
        """Take back the filters that `seed` dropped and the letters that it added."""
        n_filters, width, both = self.made_with
        if (self.motifs.n_filters, self.motifs.width) != (n_filters, width):
            self._rebuild(n_filters, width, both)

    def _rebuild(self, n_filters: int, width: int, both: bool) -> None:
        place = self.largest.device
        self._build(n_filters, width, both)
        self.to(place)

    @classmethod
    def published(
        cls,
        n_readouts: int,
        *,
        n_filters: int = 8,
        width: int = 10,
        n_layers: int = 4,
        alphabet: str | Alphabet = "DNA",
    ) -> MotifSyntaxNet:
        """The layout, penalties and schedule of the paper, in our own implementation.

        Random filters on one strand each, sequences shown with their reverse complements, batch
        normalization, attention that scores tokens by their values, the overlap penalty with its
        geometric ramp, 40 passes.
        """
        options = SyntaxOptions(published=True, n_layers=n_layers)
        return cls(
            n_readouts,
            n_filters=n_filters,
            width=width,
            syntax="attention",
            alphabet=alphabet,
            reverse_complement=False,
            options=options,
        )

    def head(self, activation: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from activations, (n, n_channels, n_starts)."""
        fired = activation
        if not self.options.published:
            if self.training:
                self._follow_largest(activation)
            fired = self.relative(activation)
        self._fired = fired if self.training else None
        if isinstance(self.reader, AttentionSyntax):
            fired = self.normalize(fired)
        prediction: torch.Tensor = self.reader(fired, blocked)
        if self.attention is not None:
            prediction = prediction + self.attention(self.normalize(fired), blocked)
        return prediction

    def relative(self, activation: torch.Tensor) -> torch.Tensor:
        """Activations divided by the largest each filter has shown, (n, n_channels, n_starts)."""
        largest = self.largest.repeat(activation.shape[1] // len(self.largest))
        return activation / largest[:, None]

    @torch.no_grad()
    def attention_shares(self, activation: torch.Tensor) -> torch.Tensor:
        """Where each head looks, (n, n_layers, n_heads, n_starts), with `syntax="attention"`.

        Raises
        ------
        InputError
            If the network reads its motifs otherwise.
        """
        if not isinstance(self.reader, AttentionSyntax):
            raise _check.InputError(
                f"`syntax` of the network is {self.syntax!r}; expected 'attention'."
            )
        fired = activation if self.options.published else self.relative(activation)
        return self.reader.attention(self.normalize(fired))

    @torch.no_grad()
    def _follow_largest(self, activation: torch.Tensor) -> None:
        now = self.motifs.join_strands(activation.amax(dim=2)).amax(dim=0)
        if self.shares is not None:
            now = self.shares.largest(now)
        self.largest.copy_(torch.maximum(0.999 * self.largest, now).clamp_min(1e-3))

    def seed(self, ppms: Sequence[Any], onehot: torch.Tensor, n_spare: int = 3) -> None:
        """Start from motifs, each (n_letters, width'); thresholds are set on `onehot`.

        Filters beyond the motifs and `n_spare` random ones are dropped: with more, a network
        learns noise. They become as wide as the longest motif, up to `longest`.
        """
        layer = self.motifs
        needed = min(len(ppms) + n_spare, layer.n_filters)
        width = max(layer.width, min(max(map(_width, ppms), default=0), self.longest))
        if (needed, width) != (layer.n_filters, layer.width):
            self._rebuild(needed, width, layer.reverse_complement)
        super().seed(ppms, onehot, n_spare)
        with torch.no_grad():
            best = self.motifs(onehot[:500]).amax(dim=(0, 2))
            self.largest.copy_(best.clamp_min(1e-3))

    def groups(self) -> dict[str, list[nn.Parameter]]:
        """The motifs, their reader, its table of pairs, and the attention beside it."""
        table = [self.reader.pairs.weight] if isinstance(self.reader, PairReader) else []
        single = [p for p in self.reader.parameters() if all(p is not weight for weight in table)]
        groups = {"motifs": list(self.motifs.parameters()), "reader": single, "pairs": table}
        attention = groups["reader"]
        if self.attention is not None:
            attention = groups["attention"] = list(self.attention.parameters())
        attention += self.normalize.parameters()
        return groups

    def phases(self) -> Sequence[Phase]:
        """Pairs: one phase, the table fastest. Attention: first the reader on resting motifs."""
        if self.options.published:
            return (Phase("training", 1.0, {"motifs": 1e-3, "reader": 1e-3}, cools=False),)
        if self.syntax == "attention":
            return (
                Phase("reader", 0.3, {"reader": 3e-3}),
                Phase("motifs and reader", 0.7, {"motifs": 1e-3, "reader": 3e-3}),
            )
        rates = {"motifs": 1e-2, "reader": 1e-2, "pairs": 1e-1}
        if self.syntax == "both":
            rates["attention"] = 3e-3
        return (Phase("training", 1.0, rates),)

    @torch.no_grad()
    def begin_phase(self, phase: Phase, onehot: torch.Tensor, readout: torch.Tensor) -> None:
        """Fit the reader to the starting motifs, and open its table for pairs that matter."""
        if isinstance(self.reader, PairReader):
            features = [self.reader.features(part) for part in self._relative_parts(onehot)]
            residual = self.reader.start(torch.cat(features), readout)
            parts = self._relative_parts(onehot)
            self.reader.open_pairs(parts, residual, self.options.max_pair_filters)

    def _relative_parts(self, onehot: torch.Tensor) -> Iterator[torch.Tensor]:
        """Relative activations of a few rows at a time: all at once would take gigabytes."""
        for part in torch.split(onehot, ROWS_AT_ONCE):
            yield self.relative(self.motifs.strands(part))

    def penalty(self, progress: float, n_rows: int) -> torch.Tensor:
        """Overlap, sparseness and unneeded terms, rising over the first part of training.

        Weights are those of `SyntaxOptions` for 6,400 rows and fall with the number of rows to
        the power 3/4, a little faster than the noise that they hold down: more data may show more.
        """
        weight: torch.Tensor = self.motifs.weight
        if self._fired is None:
            return weight.new_zeros(())
        if self.options.published:
            return published_penalty(weight, self._fired.float(), progress)
        o, n_rows_seen = self.options, PENALTY_ROWS
        if self.shares is not None:
            n_rows_seen = max(1, PENALTY_ROWS // self.shares.n)
        strength = min(progress / 0.4, 1.0) * (TUNED_ROWS / n_rows) ** 0.75
        total = o.claim * penalties.claim(weight, self._fired[:n_rows_seen].float())
        total = total + o.sparse * penalties.sparse_filters(weight)
        if isinstance(self.reader, PairReader):
            total = total + o.response * self.reader.response_size()
            total = total + o.bend * self.reader.bend_size()
            total = total + o.pair * self.reader.pairs.table().abs().sum()
        scaled: torch.Tensor = strength * total
        return scaled


def _options(given: SyntaxOptions | dict[str, Any] | None) -> SyntaxOptions:
    """Options as they are, from a dictionary of some, or the defaults."""
    options = given if isinstance(given, SyntaxOptions) else None
    if given is None or isinstance(given, dict):
        for name in given or {}:
            _check.one_of(name, "options", [field.name for field in fields(SyntaxOptions)])
        options = SyntaxOptions(**(given or {}))
    if options is None:
        raise _check.InputError(
            f"`options` is {_check.shown(given)}; expected such as {{'reach': 80}}."
        )
    _check.whole_number(options.reach, "reach", low=SHORTEST)
    _check.whole_number(options.n_layers, "n_layers")
    return options


def _width(ppm: Any) -> int:
    return int(np.shape(ppm)[1])


def published_penalty(
    weight: torch.Tensor, activation: torch.Tensor, progress: float
) -> torch.Tensor:
    """Overlap and L1 with the paper's weights: none for a quarter, a geometric ramp, constant.

    `weight` and `activation` as for `penalties.overlap`; a scalar.
    """
    if progress < 0.25:
        return weight.new_zeros(())
    ramp = min((progress - 0.25) / 0.5, 1.0)
    overlap = 10 ** (0.5 + 4.5 * ramp)  # 10^0.5 to 1e5
    lasso = 10 ** (-3 + ramp)  # 1e-3 to 1e-2
    penalty: torch.Tensor = overlap * penalties.overlap(weight, activation)
    return penalty + lasso * weight.abs().sum()
