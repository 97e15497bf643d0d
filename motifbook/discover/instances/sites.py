"""Where do the filters of each motif fire, and what does the network lose without that site?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf

from motifbook import _check
from motifbook.discover.windows import places_in_windows
from motifbook.models.attention_syntax import AttentionSyntax
from motifbook.models.motif_syntax_net import MotifSyntaxNet
from motifbook.models.network import MotifNetwork
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.train.batches import as_tensor, encode_batch, evaluating, pick_device, threads

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_CELLS_AT_ONCE = 20_000_000  # activations in memory at a time


@dataclass(frozen=True)
class Sites:
    """Places of motifs in sequences, one row each.

    Parameters
    ----------
    row, motif, start : (n_sites,)
        Number of the sequence and of the motif; column of the letters at which it starts.
    sign : (n_sites,)
        1 where it reads as it is drawn, -1 on the other strand.
    activation : (n_sites,)
        Of its strongest filter, relative to the largest that filter has shown.
    match : (n_sites,)
        Log2 odds of the letters under the motif's own matrix against uniform letters, in bits.
    weight : (n_sites, n_readouts)
        What the network's outputs lose without this site: logits for binary readouts, standard
        deviations for continuous ones.
    attention : (n_sites,)
        Largest share of attention at the site's windows, over layers and heads; NaN for networks
        without attention.
    """

    row: IntArray
    motif: IntArray
    start: IntArray
    sign: IntArray
    activation: FloatArray
    match: FloatArray
    weight: FloatArray
    attention: FloatArray

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Sites:
        """Some of the sites."""
        return Sites(*(getattr(self, field.name)[which] for field in fields(self)))

    @staticmethod
    def joined(parts: Sequence[Sites]) -> Sites:
        """All sites of several tables, at least one."""
        return Sites(
            *(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Sites))
        )


class _Batch(NamedTuple):
    """Some sequences: number of the first, activation of all channels, blocked windows."""

    first: int
    letters: torch.Tensor  # (n, length) uint8
    activation: torch.Tensor  # (n, n_channels, n_starts)
    blocked: torch.Tensor | None


class SiteFinder:
    """Finds the sites of motifs that a network sees.

    Parameters
    ----------
    network
        Trained.
    motifs
        Read from its filters, perhaps renamed or reverse-complemented.
    batch_size, device
        As for `mb.predict`.
    """

    def __init__(
        self, network: MotifNetwork, motifs: Sequence[Motif], *, device: str, batch_size: int
    ) -> None:
        self.batch_size = _check.whole_number(batch_size, "batch_size")
        self.network, self.device = network, pick_device(device)
        self.widths = torch.tensor([motif.width for motif in motifs], device=self.device)
        self.places = places_in_windows(network, motifs)
        self.odds = torch.as_tensor(_odds(motifs, network.alphabet.n_letters), device=self.device)

    @torch.no_grad()
    def largest(self, letters: Letters) -> npt.NDArray[np.float32]:
        """Largest activation of each channel, (n_channels,), the same on both strands."""
        layer = self.network.motifs
        best = torch.zeros(layer.n_channels, device=self.device)
        for batch in self._batches(letters):
            best = torch.maximum(best, batch.activation.amax(dim=(0, 2)))
        both = layer.join_strands(best[None])[0].clamp_min(1e-6).cpu()
        largest: npt.NDArray[np.float32] = both.repeat(layer.n_channels // layer.n_filters).numpy()
        return largest

    @torch.no_grad()
    def activations(
        self, letters: Letters, largest: npt.NDArray[np.float32]
    ) -> list[npt.NDArray[np.float32]]:
        """Activation of every place where a motif's filters fire, per motif, unordered."""
        found: list[list[npt.NDArray[np.float32]]] = [[] for _ in self.widths]
        for batch in self._batches(letters):
            best, _ = self._peaks(batch, largest)
            for number, one in enumerate(best.unbind(1)):
                found[number].append(one[one > 0].cpu().numpy())
        return [np.concatenate([*parts, np.zeros(0, np.float32)]) for parts in found]

    @torch.no_grad()
    def sites(self, letters: Letters, largest: npt.NDArray[np.float32], least: FloatArray) -> Sites:
        """Find all sites with an activation of `least`, (n_motifs,), or more, by row."""
        parts = [self._none()]
        limits = torch.as_tensor(least, dtype=torch.float32, device=self.device)
        for batch in self._batches(letters):
            best, signs = self._peaks(batch, largest)
            is_site = (best > 0) & (best >= limits[:, None])
            row, motif, start = torch.nonzero(is_site, as_tuple=True)
            order = torch.argsort(row * best.shape[2] + start, stable=True)
            row, motif, start = row[order], motif[order], start[order]
            at = (row, motif, start)
            weight, attention = self._without(batch, *at)
            match = self._match(batch.letters, *at, signs[at])
            columns = (
                row + batch.first, motif, start, signs[at], best[at], match, weight, attention
            )  # fmt: skip
            parts.append(Sites(*(column.cpu().numpy() for column in columns)))
        return Sites.joined(parts)

    def _none(self) -> Sites:
        empty = np.zeros(0, dtype=np.int64)
        weight = np.zeros((0, self.network.n_readouts))
        return Sites(empty, empty, empty, empty, np.zeros(0), np.zeros(0), weight, np.zeros(0))

    def _batches(self, letters: Letters) -> Iterator[_Batch]:
        layer, n_letters = self.network.motifs, self.network.alphabet.n_letters
        cells = max(layer.n_channels, 2 * len(self.widths)) * max(letters.shape[1], 1)
        at_once = max(1, min(self.batch_size, _CELLS_AT_ONCE // cells))
        with evaluating(self.network, self.device), threads():
            for first in range(0, len(letters), at_once):
                batch = as_tensor(letters[first : first + at_once]).to(self.device)
                onehot = encode_batch(batch, n_letters)
                activation, blocked = layer.strands(onehot), layer.blocked(onehot)
                yield _Batch(first, batch, activation, blocked)

    def _peaks(
        self, batch: _Batch, largest: npt.NDArray[np.float32]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Activation where it is a motif's best, else 0, and strand, (n, n_motifs, length) each.

        Filters and strands are joined by the place of the motif. Of two places of a motif that
        share half of its letters or more, the better one stays, of equals the first.
        """
        known = batch.letters < self.network.alphabet.n_letters
        n, length = known.shape
        relative = batch.activation / torch.as_tensor(largest, device=self.device)[:, None]
        strands = relative.new_zeros(2, n, len(self.widths), length)
        for place in self.places:
            width = int(self.widths[place.motif])
            first = max(0, -place.start)  # windows from which on the motif lies in the sequence
            last = min(relative.shape[2], length - width - place.start + 1)
            if last > first:
                span = slice(first + place.start, last + place.start)
                on_strand = strands[int(place.sign < 0), :, place.motif, span]
                torch.maximum(on_strand, relative[:, place.channel, first:last], out=on_strand)
        best = torch.maximum(*strands)
        signs = 1 - 2 * (strands[1] > strands[0]).long()
        for number, width in enumerate(self.widths.tolist()):
            one = best[:, number]
            one[:, : length - width + 1] *= known[:, : length - width + 1] & known[:, width - 1 :]
            one *= _is_first_best(one, width // 2)
        return best, signs

    def _match(
        self,
        letters: torch.Tensor,
        row: torch.Tensor,
        motif: torch.Tensor,
        start: torch.Tensor,
        sign: torch.Tensor,
    ) -> torch.Tensor:
        """Log2 odds of sites under the motifs' matrices, (n_sites,)."""
        columns = torch.arange(self.odds.shape[3], device=self.device)
        at = (start[:, None] + columns).clamp(max=letters.shape[1] - 1)
        codes = letters[row[:, None], at].long()
        bits = self.odds[(sign < 0).long()[:, None], motif[:, None], codes, columns]
        return bits.sum(dim=1)

    def _without(
        self, batch: _Batch, row: torch.Tensor, motif: torch.Tensor, start: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight, (n_sites, n_readouts), and attention, (n_sites,), of sites."""
        _, _, activation, blocked = batch
        head, n_starts = self.network.head, activation.shape[2]
        whole, shares = head(activation, blocked), self._attention(activation)
        at_once = max(1, _CELLS_AT_ONCE // activation[0].numel())
        weights, seen = [whole[:0]], [shares[:0, 0]]
        for first in range(0, len(row), at_once):
            part = slice(first, first + at_once)
            rows = row[part]
            site, channel, window = self._windows(motif[part], start[part], n_starts)
            silent = activation[rows]
            silent[site, channel, window] = 0
            without = head(silent, None if blocked is None else blocked[rows])
            weights.append(whole[rows] - without)
            most = shares.new_zeros(len(rows))
            seen.append(most.scatter_reduce(0, site, shares[rows[site], window], "amax"))
        return torch.cat(weights), torch.cat(seen)

    def _windows(
        self, motif: torch.Tensor, start: torch.Tensor, n_starts: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What sees each site: numbers of site, channel and window, (n_seen,) each.

        Windows in which the motif lies on half of the site's letters or more, on either strand.
        """
        found = [start.new_zeros(3, 0)]
        for place in self.places:
            site = torch.nonzero(motif == place.motif)[:, 0]
            half = int(self.widths[place.motif]) // 2
            shifts = torch.arange(-half, half + 1, device=self.device)
            window = (start[site, None] - place.start + shifts).flatten()
            site = site.repeat_interleave(len(shifts))
            channel = torch.full_like(site, place.channel)
            inside = (window >= 0) & (window < n_starts)
            found.append(torch.stack([site, channel, window])[:, inside])
        site, channel, window = torch.cat(found, dim=1)
        return site, channel, window

    @property
    def has_attention(self) -> bool:
        """Whether the network reads its motifs by attention."""
        return isinstance(getattr(self.network, "reader", None), AttentionSyntax)

    def _attention(self, activation: torch.Tensor) -> torch.Tensor:
        """Largest share of attention per window, (n, n_starts); NaN where there is none."""
        network = self.network
        if isinstance(network, MotifSyntaxNet) and self.has_attention:
            return network.attention_shares(activation).amax(dim=(1, 2))
        return torch.full_like(activation[:, 0], torch.nan)


def _odds(motifs: Sequence[Motif], n_letters: int) -> npt.NDArray[np.float32]:
    """Log2 odds as drawn and on the other strand, (2, n_motifs, n_letters + 1, longest).

    Unknown letters and columns beyond a motif have 0.
    """
    longest = max((motif.width for motif in motifs), default=0)
    odds = np.zeros((2, len(motifs), n_letters + 1, longest), dtype=np.float32)
    for number, motif in enumerate(motifs):
        odds[0, number, :n_letters, : motif.width] = motif.pssm()
        if motif.alphabet.has_strands:
            odds[1, number, :n_letters, : motif.width] = motif.reverse_complement().pssm()
    return odds


def _is_first_best(values: torch.Tensor, reach: int) -> torch.Tensor:
    """Whether no value within `reach` is larger, and none before as large, (n, length)."""
    if not reach:
        return torch.ones_like(values, dtype=torch.bool)
    padded = nnf.pad(values, (reach, reach), value=-torch.inf)
    most = nnf.max_pool1d(padded[:, None], reach, stride=1)[:, 0]  # of `reach` values from each on
    before, after = most[:, : values.shape[1]], most[:, reach + 1 :]
    return (values > before) & (values >= after)
