"""Where in a filter's window lies the motif that was read from it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from motifbook.discover.filters import weight_ppms
from motifbook.discover.use import filters_of
from motifbook.models.network import MotifNetwork
from motifbook.motif.columns import motif_list
from motifbook.motif.compare import align
from motifbook.motif.matrix import Motif


@dataclass(frozen=True)
class Place:
    """Where a motif lies when a channel fires: `motif` on strand `sign` at [start, end).

    Parameters
    ----------
    channel, filter
        Of the motif layer.
    motif
        Number of the motif.
    sign
        1 where the motif reads as it is drawn, -1 on the other strand.
    start, end
        Letters from the start of the window; they may lie outside of it.
    """

    channel: int
    filter: int
    motif: int
    sign: int
    start: int
    end: int

    def moved(self, by: int) -> Place:
        """The same place in a window that starts `by` letters later."""
        return replace(self, start=self.start + by, end=self.end + by)


def places_in_windows(network: MotifNetwork, motifs: Sequence[Motif]) -> list[Place]:
    """Return the place of every channel that belongs to a motif, for a window that starts at 0.

    `motifs`, one or several, are those of `read_motifs`, perhaps renamed or reverse-complemented.

    Raises
    ------
    InputError
        If a motif was not read from the network's filters.
    """
    layer, ppms = network.motifs, weight_ppms(network)
    found = []
    for number, motif in enumerate(motif_list(motifs)):
        for f in filters_of(motif, network):
            placed = align(Motif("filter", ppms[f], alphabet=network.alphabet), motif)
            sign = 1 if placed.strand == "+" else -1
            start, end = placed.offset, placed.offset + motif.width
            found.append(Place(f, f, number, sign, start, end))
            if layer.reverse_complement:
                start, end = layer.width - end, layer.width - start
                found.append(Place(f + layer.n_filters, f, number, -sign, start, end))
    return found
