"""Pairs of motifs at fixed distances: one weight for each pair, orientation and distance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as nnf
from torch import nn

CEILING = 1.5  # largest relative activation that enters a pair
SHORTEST = 4  # start distances below this are the same site seen twice
PAIRS_AT_ONCE = 5_000_000  # in memory; filters that were not seeded fire everywhere
DENSE = 0.02  # where filters fire at a larger part of the starts, Fourier's transform is faster
VALUES_AT_ONCE = 6_000_000  # of the spectra, which take some 200 MB then


class PairTable(nn.Module):
    """Weight of every ordered pair of channels at every distance, used for few filters at a time.

    Parameters
    ----------
    n_readouts, n_filters
        Size of the table.
    both_strands
        Channels come in two strands; a pair and its mirror image on the other strand share one
        weight.
    reach
        Largest distance between window starts, in letters.

    Notes
    -----
    Readout += sum over channels c, c' and distances d of ``T[c, c', d] sum_i z_c(i) z_c'(i + d)``
    with z cut at 1.5 (our form of the syntax of Tseng et al. 2024; for fixed motifs it is linear,
    so that training always ends at the same table). Motifs fire at few positions, so the sum runs
    over the pairs of firings alone.
    """

    def __init__(
        self, n_readouts: int, n_filters: int, *, both_strands: bool, reach: int = 50
    ) -> None:
        super().__init__()
        self.n_readouts, self.n_filters, self.both_strands = n_readouts, n_filters, both_strands
        self.n_channels = n_filters * (2 if both_strands else 1)
        self.reach, self.n_distances = reach, reach - SHORTEST + 1
        shape = (n_readouts, self.n_channels, self.n_channels, self.n_distances)
        self.weight = nn.Parameter(torch.zeros(shape))
        self.register_buffer("in_use", torch.zeros(n_filters, dtype=torch.bool))
        self.in_use: torch.Tensor

    def table(self) -> torch.Tensor:
        """Weights, (n_readouts, n_channels, n_channels, n_distances), equal to their mirror image.

        Entry [r, c, c', d] belongs to channel c followed by channel c' after `SHORTEST` + d letters
        between window starts. Filters not in use have zeros.
        """
        channels = self._channels_in_use().float()
        weight = self.weight * channels[:, None, None] * channels[None, :, None]
        if not self.both_strands:
            return weight
        other = torch.roll(torch.arange(self.n_channels), self.n_filters)
        mirrored = weight[:, other][:, :, other].transpose(1, 2)
        return 0.5 * (weight + mirrored)

    def _channels_in_use(self) -> torch.Tensor:
        return self.in_use.repeat(2) if self.both_strands else self.in_use

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Contribution of all pairs, (n, n_readouts), from z >= 0, (n, n_channels, n_starts)."""
        if not bool(self.in_use.any()):
            return z.new_zeros(len(z), self.n_readouts)
        product, entry, row = self.pairs(z)
        flat = self.table().flatten(1).t().contiguous()  # (n_entries, n_readouts)
        offsets = torch.searchsorted(row, torch.arange(len(z), device=z.device))
        summed: torch.Tensor = nnf.embedding_bag(
            entry, flat, offsets, mode="sum", per_sample_weights=product
        )
        return summed

    def pairs(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """All pairs of firings within reach.

        Returns
        -------
        product, entry, row : (n_pairs,)
            Product of the two activations, number of the table's entry, row of `z`; rows ascend.
        """
        channels = torch.nonzero(self._channels_in_use())[:, 0]
        used = z[:, channels].transpose(1, 2)  # (n, n_starts, n_used)
        n_starts = used.shape[1]
        rows, starts, ranks = torch.nonzero(used.detach(), as_tuple=True)
        place = rows * (n_starts + 2 * self.reach) + starts
        first = torch.searchsorted(place, place + SHORTEST)
        beyond = torch.searchsorted(place, place + self.reach, right=True)
        counts = beyond - first
        left = torch.repeat_interleave(torch.arange(len(place), device=z.device), counts)
        ahead = torch.arange(len(left), device=z.device)
        right = ahead - (torch.cumsum(counts, 0) - counts)[left] + first[left]
        values, channel = used[rows, starts, ranks].clamp(max=CEILING), channels[ranks]
        distance = starts[right] - starts[left] - SHORTEST
        entry = (channel[left] * self.n_channels + channel[right]) * self.n_distances + distance
        return values[left] * values[right], entry, rows[left]

    def _add_pairs(
        self, sums: torch.Tensor, z: torch.Tensor, centered: torch.Tensor, measured: torch.Tensor
    ) -> None:
        """Add to sums of `score_test`, (3, n_readouts, n_entries), firing by firing."""
        first = 0
        for few in self._with_few_pairs(z):
            product, entry, row = self.pairs(few)
            value = centered[first + row].t() * product
            counted = measured[first + row].t().to(value)
            first += len(few)
            for total, part in zip(sums, (value, value**2, counted)):
                total.index_add_(1, entry, part)

    def _add_spectra(
        self, sums: torch.Tensor, z: torch.Tensor, centered: torch.Tensor, measured: torch.Tensor
    ) -> None:
        """Add the same as `_add_pairs`: for all distances at once, by Fourier's transform.

        The sum over positions of ``z_c(i) z_c'(i + d)`` has the transform ``conj(Z_c) Z_c'``. In
        float64, since the sums hold few small products beside many large ones.
        """
        home = torch.device("cpu") if z.device.type == "mps" else z.device  # that has no float64
        size = 2 ** math.ceil(math.log2(z.shape[2] + self.reach))  # so that nothing comes round
        used = self._channels_in_use().to(z)[:, None]
        value = (z.clamp(max=CEILING) * used).to(home).double()
        tables = sums.view(3, -1, *self.weight.shape[1:])
        terms = ((value, centered), (value**2, centered**2), ((value > 0).double(), measured))
        for table, (factor, weights) in zip(tables, terms):
            spectrum = torch.fft.rfft(factor, size).permute(2, 0, 1)  # (n_waves, n, n_channels)
            most = max(1, VALUES_AT_ONCE // (len(spectrum) * self.n_channels))  # channels
            for readout, weight in enumerate(weights.t().to(home).double()):
                weighted = (spectrum * weight[:, None]).conj().transpose(1, 2)
                for first, some in zip(range(0, self.n_channels, most), weighted.split(most, 1)):
                    product = torch.bmm(some, spectrum).permute(1, 2, 0)
                    found = torch.fft.irfft(product, size)[..., SHORTEST : self.reach + 1]
                    table[readout, first : first + most] += found.to(table)

    def _with_few_pairs(self, z: torch.Tensor) -> Iterator[torch.Tensor]:
        """Rows of z, (n, n_channels, n_starts), in blocks of about `PAIRS_AT_ONCE` at most."""
        n_firing = (z > 0).sum(dim=(1, 2)).float()
        expected = (n_firing**2 * self.n_distances / max(z.shape[2], 1)).cumsum(0)
        block = torch.div(expected, PAIRS_AT_ONCE, rounding_mode="floor")
        sizes = torch.unique_consecutive(block, return_counts=True)[1]
        return iter(torch.split(z, sizes.tolist()))

    def score_test(self, parts: Iterable[torch.Tensor], residual: torch.Tensor) -> torch.Tensor:
        """How strongly each pair goes with what is left to explain.

        Parameters
        ----------
        parts : each (n_rows, n_channels, n_starts)
            Activations, for all filters in use, of a few rows after the other: the pairs of many
            rows take memory.
        residual : (n, n_readouts)
            Readout minus prediction; NaN where not measured.

        Returns
        -------
        (n_filters, n_filters)
            Largest absolute z score over readouts, orientations and distances.
        """
        measured = ~torch.isnan(residual)
        centered = torch.where(measured, residual - residual.nanmean(0), 0.0)
        sums = residual.new_zeros(3, residual.shape[1], self.weight[0].numel())
        first = 0
        for z in _of_some_values(parts):
            rows = slice(first, first + len(z))
            first += len(z)
            is_dense = float((z > 0).float().mean()) > DENSE
            add = self._add_spectra if is_dense else self._add_pairs
            add(sums, z, centered[rows], measured[rows])
        total, squares, n_pairs = sums
        score = total.abs() / squares.clamp_min(1e-12).sqrt()
        strongest = torch.where(n_pairs > 19.5, score, 0.0).amax(dim=0)
        per_pair = strongest.view(self.n_channels, self.n_channels, -1).amax(2)
        if self.both_strands:
            per_pair = per_pair.view(2, self.n_filters, 2, self.n_filters).amax((0, 2))
        return torch.maximum(per_pair, per_pair.t())


def _of_some_values(parts: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Activations, (n, n_channels, n_starts), in parts of at least `VALUES_AT_ONCE` of them."""
    waiting: list[torch.Tensor] = []
    for part in parts:
        waiting.append(part)
        if sum(one.numel() for one in waiting) >= VALUES_AT_ONCE:
            yield torch.cat(waiting)
            waiting = []
    if waiting:
        yield torch.cat(waiting)
