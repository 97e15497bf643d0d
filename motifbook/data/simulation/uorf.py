"""5' untranslated regions: upstream start codons, and the stop codons that end what they open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, encode

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

READOUT = "load"
CODON = 3
START = encode(["ATG"])
STOPS = encode(["TAA", "TAG", "TGA"])


@dataclass(frozen=True)
class UorfRule:
    """How many ribosomes an mRNA carries, by the reading frames that its 5' UTR opens.

    The sequence is the UTR; the start codon of the protein stands right behind it. An upstream
    start codon (ATG) with a stop codon in its frame is a short reading frame of its own and lowers
    the load by `own`. One without, out of frame, overlaps the protein and lowers it by
    `overlapping`; one without, in frame, lengthens the protein and lowers nothing. The strongest
    of these counts, once: a second start, or a second stop, changes nothing.

    Parameters
    ----------
    n_starts, n_stops
        Smallest and largest number planted per sequence, drawn evenly. All that is planted in a
        sequence is in one frame.
    starts, stops
        First letters at which they may stand; () for anywhere in the first and the second half.
    load
        Of a sequence without upstream starts, in ribosomes.
    own, overlapping
        What they take from it.
    noise
        Standard deviation of the measurement.
    by_chance
        Whether starts and stops may stand in the background too; they count like planted ones.

    Raises
    ------
    InputError
        If a number is out of range, or there are fewer places than codons.

    Examples
    --------
    >>> import motifbook as mb
    >>> two_stops = UorfRule((1, 1), (2, 2), (8, 11, 14), (35, 38, 41, 44, 47), by_chance=False)
    >>> adata = mb.simulate(100, 50, rule=two_stops, seed=0)
    >>> adata.uns["truth"]["sites"]["motif"].value_counts().tolist()
    [200, 100]
    """

    n_starts: tuple[int, int] = (0, 2)
    n_stops: tuple[int, int] = (0, 2)
    starts: tuple[int, ...] = ()
    stops: tuple[int, ...] = ()
    load: float = 8.0
    own: float = 5.0
    overlapping: float = 3.0
    noise: float = 0.5
    by_chance: bool = True

    def __post_init__(self) -> None:
        for name in ("n_starts", "n_stops"):
            given = getattr(self, name)
            if not isinstance(given, (tuple, list)) or len(given) != 2:
                raise _check.InputError(
                    f"`{name}` is {_check.shown(given)}; expected the smallest and the largest "
                    "number of codons, such as (0, 2)."
                )
            smallest, largest = given
            _check.whole_number(smallest, name, low=0)
            _check.whole_number(largest, name, low=smallest)
        for name in ("load", "own", "overlapping", "noise"):
            _check.number(getattr(self, name), name, low=0)
        for name in ("starts", "stops"):
            places, most = getattr(self, name), getattr(self, f"n_{name}")[1]
            if not isinstance(places, (tuple, list)):
                raise _check.InputError(
                    f"`{name}` is {_check.shown(places)}; expected places such as (10, 22), or ()."
                )
            if places and len(places) < most:
                raise _check.InputError(
                    f"`{name}` has {len(places)} places for up to {most} codons; expected as many."
                )

    @property
    def motifs(self) -> dict[str, Motif]:
        """The codons, as matrices."""
        stop = [[0, 2 / 3, 2 / 3], [0, 0, 0], [0, 1 / 3, 1 / 3], [1, 0, 0]]
        return {
            "start": Motif("start", np.eye(4)[START[0]].T),
            "stop": Motif("stop", np.array(stop)),
        }

    @property
    def readouts(self) -> tuple[str, ...]:
        """Names of the readouts."""
        return (READOUT,)


def true_load(letters: Letters, rule: UorfRule) -> FloatArray:
    """Load, (n,), of UTRs given as letter codes, (n, length), without noise.

    Examples
    --------
    >>> true_load(encode(["CATGCCCTAAC", "CATGCCCTCAC", "CCATGCCTCAC"]), UorfRule()).tolist()
    [3.0, 5.0, 8.0]
    """
    length = letters.shape[1]
    is_start, is_stop = find(letters, START), find(letters, STOPS)
    lowered = np.zeros(len(letters))
    for frame in range(CODON):
        starts = is_start[:, frame::CODON]
        stops = is_stop[:, frame::CODON]
        opened = np.logical_or.accumulate(starts, axis=1)
        own = (opened & stops).any(axis=1)
        last_stop = np.logical_or.accumulate(stops[:, ::-1], axis=1)[:, ::-1]
        overlapping = (starts & ~last_stop).any(axis=1) & ((length - frame) % CODON != 0)
        lowered = np.maximum(lowered, np.where(overlapping, rule.overlapping, 0.0))
        lowered = np.maximum(lowered, np.where(own, rule.own, 0.0))
    return rule.load - lowered


def find(letters: Letters, codons: Letters) -> BoolArray:
    """Whether one of the codons, (n_codons, 3), starts at each letter, (n, length - 2)."""
    windows = np.lib.stride_tricks.sliding_window_view(letters, CODON, axis=1)
    found: BoolArray = (windows[:, :, None] == codons).all(axis=3).any(axis=2)
    return found
