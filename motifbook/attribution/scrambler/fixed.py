"""Letters that a scrambler never alters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.background import Part
from motifbook.onehot import Letters, decode

FREE = ".N"


def fixed_positions(
    asked: str | npt.ArrayLike | None, letters: Letters, parts: Sequence[Part]
) -> npt.NDArray[np.bool_]:
    """Return where letters are fixed, (length,).

    Parameters
    ----------
    asked
        A text with the letters that stand in every sequence, "." and (but for alphabets that have
        it) "N" where they are free; or (length,) of True where fixed; None for nowhere.
    letters : (n, length)
        Of all sequences.
    parts
        The sequences that stand end to end in them.

    Raises
    ------
    InputError
        If `asked` has another length, other letters than the sequences, or fixes all of them.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> from motifbook.onehot import encode
    >>> fixed_positions("AC.N", encode(["ACGT", "ACTT"]), [Part(0, 4, DNA)])
    array([ True,  True, False, False])
    """
    length = letters.shape[1]
    if asked is None:
        return np.zeros(length, dtype=bool)
    if isinstance(asked, str):
        fixed = _of_text(asked, letters, parts)
    else:
        fixed = np.asarray(asked)
        expected = f"a text of {length} letters, or ({length},) of True and False"
        _check.shape(fixed, "fixed", expected, length)
        if fixed.dtype != bool:
            raise _check.InputError(f"`fixed` holds {fixed.dtype}; expected {expected}.")
    if fixed.all():
        raise _check.InputError(
            "`fixed` fixes all letters; expected some that may be altered: write N or . there."
        )
    return fixed


def _of_text(text: str, letters: Letters, parts: Sequence[Part]) -> npt.NDArray[np.bool_]:
    if len(text) != letters.shape[1]:
        raise _check.InputError(
            f"`fixed` has {len(text)} letters, the sequences {letters.shape[1]}; expected as many."
        )
    fixed = np.zeros(len(text), dtype=bool)
    for part in parts:
        span = slice(part.first, part.end)
        written = np.array(list(text[span].upper()))
        free = [letter for letter in FREE if letter not in part.alphabet.letters]
        fixed[span] = ~np.isin(written, free)
        held = [np.array(list(row)) for row in decode(letters[:, span], part.alphabet)]
        for number, row in enumerate(held):
            _refuse_others(row, written, fixed[span], number)
    return fixed


def _refuse_others(
    row: npt.NDArray[np.str_],
    written: npt.NDArray[np.str_],
    fixed: npt.NDArray[np.bool_],
    number: int,
) -> None:
    others = np.flatnonzero(fixed & (row != written))
    if len(others):
        place = int(others[0])
        raise _check.InputError(
            f"`fixed` has {written[place]} at position {place}, sequence {number} has "
            f"{row[place]}; expected the same letter in every sequence. Write N where they differ."
        )
