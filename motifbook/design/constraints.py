"""What a sequence must keep to: what can be made, what must not change, what must not occur."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.design.enzymes import recognition_sites
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif

CODES = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG",
}  # fmt: skip
_GC, _GC_WINDOW = (0.25, 0.65), (50, 0.52)
_NUCLEOTIDES_ONLY = ("gc", "gc_window", "avoid_sites", "start_codons")


@dataclass(frozen=True, eq=False)
class Constraints:
    """What designs keep to; all but the last three speak of what is ordered, flanks included.

    By default, what suppliers of double-stranded DNA fragments commonly ask for.

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
        Names of restriction enzymes, as Biopython spells them, that must find no site.
    avoid
        Words that must not occur on either strand, N and other ambiguity codes allowed.
    start_codons
        Whether ATG may occur on the strand as written. Where it may not, those that lie in
        `flanks` or `fixed` letters as a whole still may: they are the construct's own.
    forbid, require : list of Motif
        Motifs that must not, or must, have a site on either strand (p-value of a position 1e-4
        or less; the best words alone if a motif is too short for that).
    flanks
        Letters that are ordered before and after each design, such as adapters; the network does
        not see them.
    n_letters
        Fewest and most letters of what is ordered; None for any.
    fixed
        Stretches of the design that stay as they are, 0-based and half-open, from the end if
        negative; (-20, None) are the last twenty letters.
    edit_mask : (length,) or (n_starts, length) bool
        Where letters may change; None for everywhere that is not `fixed`.
    n_edits
        Most letters that may differ from the start; None for any.

    Raises
    ------
    InputError
        If a value makes no sense, two contradict each other, or there is no such enzyme.

    Notes
    -----
    The defaults (25 to 65 % G and C, windows of 50 that differ by 52 % at most, no ten equal
    letters in a row, no repeat of 20) are of the kind that suppliers of DNA fragments publish, and
    of no company in particular. Products differ, and change: ask yours.

    RNA has one strand; enzymes are looked for in the DNA that it is made from. What makes no
    sense for proteins is absent by default, and refused if asked for.

    Examples
    --------
    >>> Constraints(gc=(0.4, 0.6), flanks=("ACTGGCC", "CGTTGAG")).homopolymer
    9
    >>> Constraints.none(avoid=["AATAAA"]).gc is None
    True

    Without sites of a known motif, by its id in JASPAR:

    >>> from motifbook.motif.database import motif
    >>> Constraints(forbid=[motif("MA0035.5")]).forbid[0].name
    'GATA1'
    """

    gc: tuple[float, float] | None = _GC
    gc_window: tuple[int, float] | None = _GC_WINDOW
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

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "gc": _pair(self.gc, "gc", "(0.25, 0.65), the least and largest share"),
            "gc_window": _pair(self.gc_window, "gc_window", "(50, 0.52)"),
            "avoid_sites": _words(self.avoid_sites, "avoid_sites", "['EcoRI', 'BsaI']"),
            "avoid": tuple(w.upper() for w in _words(self.avoid, "avoid", "['AATAAA', 'GGNCC']")),
            "forbid": tuple(motif_list(self.forbid, "forbid")),
            "require": tuple(motif_list(self.require, "require")),
            "flanks": tuple(one.upper() for one in _flanks(self.flanks)),
            "n_letters": _pair(self.n_letters, "n_letters", "(180, 300), the fewest and most"),
            "fixed": tuple(_stretch(one) for one in _listed(self.fixed)),
            "edit_mask": _mask(self.edit_mask),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        self._check_numbers()
        self._check_contradictions()
        recognition_sites(self.avoid_sites)

    @classmethod
    def none(cls, **fields: Any) -> Constraints:
        """Only what `fields` say; nothing that companies ask for."""
        off = dict.fromkeys(("gc", "gc_window", "homopolymer", "repeat"))
        return cls(**{**off, **fields})

    def _check_numbers(self) -> None:
        if self.gc is not None:
            hint = "a share, 0.65 for 65 %,"
            low, high = (_check.number(x, "gc", low=0, high=1, what=hint) for x in self.gc)
            _refuse_crossed("gc", low, high)
        if self.gc_window is not None:
            _check.whole_number(self.gc_window[0], "gc_window", low=2)
            _check.number(self.gc_window[1], "gc_window", low=0, high=1, what="a share")
        if isinstance(self.homopolymer, dict):
            for most in self.homopolymer.values():
                _check.whole_number(most, "homopolymer")
        elif self.homopolymer is not None:
            _check.whole_number(self.homopolymer, "homopolymer")
        if self.repeat is not None:
            _check.whole_number(self.repeat, "repeat", low=2)
        if not isinstance(self.start_codons, bool):
            raise _check.InputError(
                f"`start_codons` is {_check.shown(self.start_codons)}; expected False for no ATG, "
                "or True for any."
            )
        if self.n_letters is not None:
            low, high = (_check.whole_number(x, "n_letters") for x in self.n_letters)
            _refuse_crossed("n_letters", low, high)
        if self.n_edits is not None:
            _check.whole_number(self.n_edits, "n_edits")

    def _check_contradictions(self) -> None:
        n_flanks = len(self.flanks[0]) + len(self.flanks[1])
        if self.n_letters is not None and self.n_letters[1] <= n_flanks:
            raise _check.InputError(
                f"`n_letters` allows {self.n_letters[1]} letters, and `flanks` have {n_flanks}; "
                "expected room for a design between them. `n_letters` counts flanks too."
            )
        motif_list([*self.forbid, *self.require], "require")
        for motif in self.require:
            if any(motif is other for other in self.forbid):
                raise _check.InputError(
                    f"Motif {motif.name!r} is in `forbid` and in `require`; expected one of the "
                    "two. Leave it out of the other."
                )

    def of(self, alphabet: Alphabet) -> Constraints:
        """The same for sequences of an alphabet: without defaults that make no sense there.

        Raises
        ------
        InputError
            If letters, words or motifs are of another alphabet, or something asked for makes no
            sense in it.
        """
        for word in self.avoid:
            for letter in word:
                if not choices(letter, alphabet):
                    raise _check.InputError(
                        f"`avoid` has the word {word!r} with {letter!r}; expected letters of "
                        f"{alphabet.name}, {alphabet.letters}, or {alphabet.unknown} for any."
                    )
        if isinstance(self.homopolymer, dict):
            for letter in self.homopolymer:
                _check.one_of(letter, "homopolymer", alphabet.letters)
        for side, flank in zip(("left", "right"), self.flanks):
            _refuse_letters(flank, side, alphabet)
        for motif in [*self.forbid, *self.require]:
            if motif.alphabet != alphabet:
                raise _check.InputError(
                    f"Motif {motif.name!r} is written in {motif.alphabet.name} letters, the "
                    f"sequences in {alphabet.name}; expected one alphabet."
                )
        left, right = (
            "".join(alphabet.letters[code] for code in alphabet.codes(flank))
            for flank in self.flanks
        )
        fitting = self if alphabet.is_nucleotides else self._without_nucleotides(alphabet)
        return replace(fitting, flanks=(left, right))

    def _without_nucleotides(self, alphabet: Alphabet) -> Constraints:
        usual = Constraints()
        for name in _NUCLEOTIDES_ONLY:
            if getattr(self, name) not in (getattr(usual, name), None):
                raise _check.InputError(
                    f"`{name}` is {_check.shown(getattr(self, name))} for {alphabet.name} "
                    "sequences; expected DNA or RNA for that. Leave it out."
                )
        return replace(self, gc=None, gc_window=None)


def choices(letter: str, alphabet: Alphabet) -> str:
    """Letters that one of a word stands for; "" if it is none of the alphabet.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> choices("R", DNA), choices("N", DNA), choices("U", DNA), choices("J", DNA)
    ('AG', 'ACGT', 'T', '')
    """
    code = int(alphabet.codes(letter)[0])
    if code < alphabet.n_letters:
        return alphabet.letters[code]
    if letter.upper() == alphabet.unknown:
        return alphabet.letters
    meant = CODES.get(letter.upper(), "") if alphabet.is_nucleotides else ""
    return "".join(alphabet.letters[code] for code in alphabet.codes(meant))


def _pair(value: Any, name: str, example: str) -> Any:
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise _check.InputError(
            f"`{name}` is {_check.shown(value)}; expected two numbers, such as {example}."
        )
    return tuple(value)


def _refuse_crossed(name: str, low: float, high: float) -> None:
    if low > high:
        raise _check.InputError(
            f"`{name}` is ({low:g}, {high:g}); expected the smaller first. Swap them."
        )


def _words(value: Any, name: str, example: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _check.InputError(
            f"`{name}` is {_check.shown(value)}; expected a list, such as {example}."
        )
    words = tuple(str(word) for word in value)
    if not all(words):
        raise _check.InputError(f"`{name}` holds an empty word; expected such as {example}.")
    return words


def _flanks(value: Any) -> tuple[str, str]:
    is_pair = isinstance(value, (tuple, list)) and len(value) == 2
    if not is_pair or not all(isinstance(one, str) for one in value):
        raise _check.InputError(
            f"`flanks` is {_check.shown(value)}; expected two strings, what comes before and "
            "after each design; '' for nothing."
        )
    return value[0], value[1]


def _refuse_letters(flank: str, side: str, alphabet: Alphabet) -> None:
    bad = np.flatnonzero(alphabet.codes(flank) >= alphabet.n_letters)
    if len(bad):
        raise _check.InputError(
            f"The {side} one of `flanks` has {flank[bad[0]]!r} at position {bad[0]}; expected "
            f"{alphabet.name} letters, {alphabet.letters}."
        )


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, (tuple, list)) and all(isinstance(one, (tuple, list)) for one in value):
        return value
    raise _check.InputError(
        f"`fixed` is {_check.shown(value)}; expected a list of stretches, such as "
        "[(0, 20), (-20, None)]."
    )


def _stretch(value: Any) -> tuple[int, int | None]:
    whole = [isinstance(edge, (int, np.integer)) for edge in value]
    if len(value) == 2 and whole[0] and (whole[1] or value[1] is None):
        start, end = int(value[0]), None if value[1] is None else int(value[1])
        if end is None or (start < 0) != (end < 0) or start < end:
            return start, end
    raise _check.InputError(
        f"`fixed` has the stretch {_check.shown(tuple(value))}; expected its first letter and the "
        "one after its last, such as (0, 20), or (-20, None) for the last twenty."
    )


def _mask(value: Any) -> npt.NDArray[np.bool_] | None:
    if value is None:
        return None
    expected = "(length,) or (n_starts, length) bool, true somewhere"
    try:
        mask = np.array(value)
    except ValueError:  # rows of different lengths
        raise _check.InputError(
            f"`edit_mask` is {_check.shown(value)}; expected {expected}."
        ) from None
    if mask.dtype != bool or mask.ndim not in (1, 2) or not mask.any():
        raise _check.InputError(
            f"`edit_mask` has shape {mask.shape} and type {mask.dtype}; expected {expected}."
        )
    mask.flags.writeable = False
    return mask
