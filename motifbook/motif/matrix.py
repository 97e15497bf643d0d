"""The one motif type of the book. Everything that finds, draws or tests a motif uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet, named
from motifbook.onehot import Letters, encode

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motif:
    """A pattern of preferred letters at consecutive positions.

    Parameters
    ----------
    name
        What figures and files call it.
    ppm : (n_letters, width)
        Position probability matrix: each column sums to 1; rows in the alphabet's order
        (A, C, G, T).
    background : (n_letters,)
        Letter probabilities outside the motif; uniform by default.
    n_sites
        From how many sequences the matrix was made; None if that is not known.
    alphabet
        `DNA`, `RNA`, `PROTEIN` or your own.
    info
        What else is known of it, by name. Files fill "id" and "url"; `read_motifs` fills "use"
        (rise of the held-out loss when the motif is silenced), "used" (bool), "filters" and
        "source".

    Raises
    ------
    InputError
        If `ppm` has another shape, a value outside 0 to 1, or a column that does not sum to 1.

    Examples
    --------
    >>> Motif("GATA", np.eye(4)[[2, 0, 3, 0]].T).icm().max(axis=0)
    array([2., 2., 2., 2.])
    """

    name: str
    ppm: FloatArray
    background: tuple[float, ...] = ()
    n_sites: float | None = None
    alphabet: Alphabet = DNA
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "alphabet", named(self.alphabet))
        n_letters = self.alphabet.n_letters
        ppm = _check.numbers(self.ppm, "ppm", f"({n_letters}, width) probabilities").copy()
        if ppm.ndim != 2 or ppm.shape[0] != n_letters or ppm.shape[1] == 0:
            transposed = ppm.ndim == 2 and ppm.shape[1] == n_letters
            hint = f" A (width, {n_letters}) matrix needs `.T`." if transposed else ""
            raise _check.InputError(
                f"Motif {self.name!r}: `ppm` has shape {ppm.shape}; expected ({n_letters}, width) "
                f"with rows {', '.join(self.alphabet.letters)}.{hint}"
            )
        _refuse_improbable(self.name, ppm)
        ppm = np.clip(ppm, 0, None)
        ppm /= ppm.sum(axis=0)
        ppm.flags.writeable = False
        object.__setattr__(self, "ppm", ppm)
        object.__setattr__(self, "background", _background(self.background, self.alphabet))

    @classmethod
    def from_pfm(cls, name: str, pfm: npt.ArrayLike, **fields: Any) -> Motif:
        """Make a motif from letter counts, (n_letters, width), kept as they are (no pseudocount).

        `fields` go to `Motif`; `n_sites` becomes the largest column sum.

        Raises
        ------
        InputError
            If a count is negative or not a number, or a column has no counts.
        """
        counts = _check.numbers(pfm, "pfm", "(n_letters, width) counts")
        if not np.isfinite(counts).all() or (counts < 0).any():
            worst = counts[~(counts >= 0) | ~np.isfinite(counts)][0]
            raise _check.InputError(
                f"Motif {name!r}: `pfm` holds {worst:g}; expected counts of 0 or more."
            )
        totals = counts.sum(axis=0)
        if (totals == 0).any():
            column = int(np.flatnonzero(totals == 0)[0])
            raise _check.InputError(
                f"Motif {name!r}: column {column} of `pfm` has no counts. Remove that column, "
                "or give it the background's counts."
            )
        fields.setdefault("n_sites", float(totals.max(initial=0)))
        return cls(name, counts / totals, **fields)

    @classmethod
    def from_sites(
        cls, name: str, sites: Sequence[str], *, pseudocount: float = 0.0, **fields: Any
    ) -> Motif:
        """Make a motif from aligned sites of one width, such as ["TGACTCA", "TGAGTCA"].

        `pseudocount` is added to every letter's count; unknown letters count for none.
        """
        widths = {len(site) for site in sites}
        if len(widths) != 1:
            raise _check.InputError(
                f"Motif {name!r}: sites have lengths {sorted(widths)}; expected one length. "
                "Align or trim them first."
            )
        alphabet = named(fields.get("alphabet", DNA))
        letters = encode(sites, alphabet)
        pfm = count_letters(letters, alphabet.n_letters) + pseudocount
        fields.setdefault("n_sites", float(len(sites)))
        return cls.from_pfm(name, pfm, **fields)

    def __repr__(self) -> str:
        sites = "" if self.n_sites is None else f", n_sites={self.n_sites:g}"
        return f"Motif({self.name!r}, {self.consensus}, {self.bits:.1f} bits{sites})"

    @property
    def width(self) -> int:
        """How many positions it spans."""
        return int(self.ppm.shape[1])

    @property
    def bits(self) -> float:
        """Total information content: the sum of the logo's heights, in bits."""
        return float(self.icm().sum())

    @property
    def consensus(self) -> str:
        """The likeliest letter per position; lower case below 1 bit, unknown below 0.25 bits."""
        heights = self.icm().sum(axis=0)
        symbols = []
        for best, height in zip(self.ppm.argmax(axis=0), heights):
            letter = self.alphabet.letters[int(best)]
            if height < 0.25:
                letter = self.alphabet.unknown.lower()
            symbols.append(letter if height >= 1 else letter.lower())
        return "".join(symbols)

    def icm(self) -> FloatArray:
        """Information content matrix in bits, (n_letters, width): letter heights of the logo.

        Each letter's probability times the column's relative entropy to `background`
        (Schneider & Stephens 1990, Nucleic Acids Res 18:6097; no small-sample correction).
        """
        ratio = np.divide(
            self.ppm,
            np.asarray(self.background)[:, None],
            where=self.ppm > 0,
            out=np.ones_like(self.ppm),
        )
        bits: FloatArray = self.ppm * (self.ppm * np.log2(ratio)).sum(axis=0)
        return bits

    def pssm(self, pseudocount: float = 0.01) -> FloatArray:
        """Log2 odds of each letter against `background`, (n_letters, width).

        `pseudocount` is the share of background mixed into every column, so that a letter never
        seen is unlikely, not impossible.
        """
        background = np.asarray(self.background)[:, None]
        mixed = (1 - pseudocount) * self.ppm + pseudocount * background
        odds: FloatArray = np.log2(mixed / background)
        return odds

    def reverse_complement(self) -> Motif:
        """The same motif read from the other strand."""
        order = self.alphabet.complement_codes[:-1]
        background = tuple(self.background[code] for code in order)
        return replace(self, ppm=self.ppm[order, ::-1], background=background)

    def trim(self, bits: float = 0.3) -> Motif:
        """Drop the flanks whose columns hold less than `bits`; the best column always stays."""
        heights = self.icm().sum(axis=0)
        keep = np.flatnonzero(heights >= min(bits, heights.max()))
        return replace(self, ppm=self.ppm[:, keep[0] : keep[-1] + 1])

    def renamed(self, name: str) -> Motif:
        """The same motif under another name."""
        return replace(self, name=name)

    def _repr_html_(self) -> str:
        from motifbook import plot  # a picture is only drawn where there is a front end

        return str(plot.logo_svg(self))


def count_letters(letters: Letters, n_letters: int = 4) -> FloatArray:
    """Count each letter per position, (n_letters, width), over aligned codes, (n, width)."""
    counts = [(letters == code).sum(axis=0) for code in range(n_letters)]
    return np.array(counts, dtype=np.float64)


def _refuse_improbable(name: str, ppm: FloatArray) -> None:
    sums = ppm.sum(axis=0)
    if not np.isfinite(sums).all():
        column = int(np.flatnonzero(~np.isfinite(sums))[0])
        raise _check.InputError(
            f"Motif {name!r}: column {column} of `ppm` holds a value that is not a number."
        )
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > 1e-2:
        raise _check.InputError(
            f"Motif {name!r}: column {worst} of `ppm` sums to {sums[worst]:.3g}; "
            "expected 1. Counts go through `Motif.from_pfm`."
        )
    if ppm.min() < -1e-6:
        raise _check.InputError(
            f"Motif {name!r}: `ppm` holds {ppm.min():.3g}; expected probabilities from 0 to 1. "
            "Weights and log odds are not probabilities."
        )


def _background(given: Sequence[float], alphabet: Alphabet) -> tuple[float, ...]:
    expected = f"{alphabet.n_letters} probabilities in the order {alphabet.letters}"
    values = _check.numbers(given, "background", expected)
    if values.size == 0:
        return (1 / alphabet.n_letters,) * alphabet.n_letters
    fits = values.shape == (alphabet.n_letters,) and (values > 0).all()
    if not fits or abs(values.sum() - 1) > 1e-2:
        shown = tuple(round(float(value), 4) for value in values.ravel())
        raise _check.InputError(
            f"`background` is {shown}; expected {alphabet.n_letters} probabilities above 0 that "
            f"sum to 1, in the order {alphabet.letters}."
        )
    return tuple(float(value) for value in values / values.sum())
