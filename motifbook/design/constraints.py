"""What a sequence must keep to: what can be made, what must not change, what must not occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy.typing as npt

from motifbook.motif.matrix import Motif


@dataclass(frozen=True, eq=False)
class Constraints:
    """What designs keep to; those of the ordered sequence count its flanks.

    By default, what companies ask of double-stranded fragments.

    Parameters
    ----------
    gc
        Least and largest share of G and C, 0 to 1; None for any.
    gc_window
        Letters of a window, and by how much the shares of G and C of any two may differ; None
        for any.
    homopolymer
        Most equal letters in a row, or letter -> that; None for any.
    repeat
        Shortest stretch that must not occur twice, on either strand; None for any.
    avoid_sites
        Names of restriction enzymes, as Biopython spells them, that must not cut.
    avoid
        Words that must not occur on either strand, N and other ambiguity codes allowed.
    start_codons
        Whether ATG may occur on the strand as written.
    forbid, require : list of Motif
        Motifs that must not, or must, have a site (p-value 1e-4 per position, 1e-3 for none).
    flanks
        Letters that are ordered before and after each design, such as adapters; the network does
        not see them.
    n_letters
        Fewest and most letters of what is ordered, flanks included; None for any.
    fixed
        Stretches of the design that stay as they are, 0-based and half-open, from the end if
        negative; (-20, None) are the last twenty letters.
    edit_mask : (length,) or (n_starts, length) bool
        Where letters may change; None for everywhere that is not `fixed`.
    n_edits
        Most letters that may differ from the start; None for any.
    """

    gc: tuple[float, float] | None = (0.25, 0.65)
    gc_window: tuple[int, float] | None = (50, 0.52)
    homopolymer: int | dict[str, int] | None = 9
    repeat: int | None = 20
    avoid_sites: Sequence[str] = ()
    avoid: Sequence[str] = ()
    start_codons: bool = True
    forbid: Sequence[Motif] = ()
    require: Sequence[Motif] = ()
    flanks: tuple[str, str] = ("", "")
    n_letters: tuple[int, int] | None = None
    fixed: Sequence[tuple[int, int | None]] = ()
    edit_mask: npt.ArrayLike | None = field(default=None, repr=False)
    n_edits: int | None = None
