"""The constraints as a search asks for them: many sequences at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.design.constraints import Constraints
from motifbook.design.ordered import BoolArray, IntArray, Ordered
from motifbook.design.rule import Rule
from motifbook.design.rule_letters import letter_rules
from motifbook.design.rule_motifs import motif_rules
from motifbook.design.rule_repeats import repeat_rule
from motifbook.design.rule_words import word_rules
from motifbook.onehot import Letters

_ROWS_AT_ONCE = 1024  # their letters stay in the processor's cache


class Limits:
    """Counts how often sequences break constraints, for the search.

    What is ordered is checked once more at the end, by other code (`check_order`).

    Attributes
    ----------
    constraints, alphabet
        As given, without what makes no sense in the alphabet.
    rules
        What is counted.
    """

    def __init__(self, constraints: Constraints, alphabet: Alphabet) -> None:
        self.constraints, self.alphabet = constraints.of(alphabet), alphabet
        asked = self.constraints
        self.rules: list[Rule] = letter_rules(asked, alphabet)
        if asked.repeat is not None:
            self.rules.append(repeat_rule(asked.repeat))
        self.rules += word_rules(asked, alphabet) + motif_rules(asked)
        self._flanks = [alphabet.codes(flank) for flank in self.constraints.flanks]

    def count(self, letters: Letters) -> IntArray:
        """How badly each of the sequences, (n, length) letter codes, breaks constraints, (n,).

        0 for not at all. Unknown letters at both ends are padding, and not part of a sequence.
        """
        counts = np.zeros(len(letters), dtype=np.int64)
        for first in range(0, len(letters), _ROWS_AT_ONCE):
            ordered = self.ordered(letters[first : first + _ROWS_AT_ONCE])
            for rule in self.rules:
                counts[first : first + _ROWS_AT_ONCE] += rule.count(ordered)
        return counts

    def ordered(self, letters: Letters) -> Ordered:
        """Return the sequences, (n, length), with their flanks."""
        left, right = self._flanks
        n, length = letters.shape
        first, end = self._ends(letters)
        with_flanks = np.full(
            (n, len(left) + length + len(right)), self.alphabet.n_letters, dtype=np.uint8
        )
        rows = np.arange(n)[:, None]
        with_flanks[:, len(left) : len(left) + length] = letters
        with_flanks[rows, first + np.arange(len(left))] = left
        with_flanks[rows, len(left) + end + np.arange(len(right))] = right
        kept = ~self.in_order(self._free(first, end, length))
        return Ordered(with_flanks, first, end + len(left) + len(right), kept, self.alphabet)

    def editable(self, letters: Letters, rows: IntArray) -> BoolArray:
        """Where the starts, (n, length), may change, (n, length); `rows` are their numbers.

        Raises
        ------
        InputError
            If a stretch of `fixed` lies beyond a start, or `edit_mask` has another shape.
        """
        first, end = self._ends(letters)
        self._refuse_beyond(int((end - first).min()))
        length = letters.shape[1]
        free = self._free(first, end, length)
        mask = self.constraints.edit_mask
        return free if mask is None else free & self._mask_rows(np.asarray(mask), rows, length)

    def refuse_stuck(self, letters: Letters, editable: BoolArray, names: Sequence[str]) -> None:
        """Refuse starts, (n, length), that break a constraint where no letter may change.

        Parameters
        ----------
        editable : (n, length) bool
            Where each may change.
        names
            Of the starts.

        Raises
        ------
        InputError
            Naming the constraint and the place.
        """
        ordered = self.ordered(letters)
        may = self.in_order(editable)
        for rule in self.rules:
            stuck = rule.stuck(ordered, may)
            if stuck.any():
                row = int(stuck.any(axis=1).argmax())
                place = self._place(ordered, row, stuck[row])
                raise _check.InputError(
                    f"Start {names[row]!r} has {rule.name}, at {place}, "
                    "where no letter may change; expected starts that can be mended. Relax that "
                    "constraint, change the flanks, or let those letters change."
                )

    def broken(self, letters: Letters) -> list[str]:
        """Name what any of the sequences, (n, length), breaks."""
        ordered = self.ordered(letters)
        return [rule.name for rule in self.rules if rule.count(ordered).any()]

    def in_order(self, editable: BoolArray) -> BoolArray:
        """The same columns, (n, length), in what is ordered, (n, width)."""
        left, right = self._flanks
        return np.pad(editable, ((0, 0), (len(left), len(right))))

    def _ends(self, letters: Letters) -> tuple[IntArray, IntArray]:
        """Where each design begins and ends, (n, 1) each."""
        known = letters < self.alphabet.n_letters
        first = known.argmax(axis=1)[:, None]
        end = letters.shape[1] - known[:, ::-1].argmax(axis=1)[:, None]
        return first, end

    def _free(self, first: IntArray, end: IntArray, length: int) -> BoolArray:
        """Where there are letters that are not `fixed`, (n, length)."""
        columns = np.arange(length)
        free: BoolArray = (first <= columns) & (columns < end)
        for start, stop in self.constraints.fixed:
            begin = start + (first if start >= 0 else end)
            until = end if stop is None else stop + (first if stop >= 0 else end)
            free &= (columns < begin) | (until <= columns)
        return free

    def _refuse_beyond(self, shortest: int) -> None:
        for start, stop in self.constraints.fixed:
            begin = start + shortest * (start < 0)
            until = shortest if stop is None else stop + shortest * (stop < 0)
            if not 0 <= begin < until <= shortest:
                raise _check.InputError(
                    f"`fixed` has the stretch ({start}, {stop}), and the shortest start has "
                    f"{shortest} letters; expected letters 0 to {shortest} of it. Flanks do not "
                    "count here."
                )

    def _place(self, ordered: Ordered, row: int, columns: BoolArray) -> str:
        """Where the true ones of `columns`, (width,), of a row lie, in words."""
        places = np.flatnonzero(columns)
        begin, last = int(places[0]), int(places[-1])
        left, right = map(len, self._flanks)
        first, end = int(ordered.first[row, 0]), int(ordered.end[row, 0])
        parts = {
            "the left flank": (first, first + left),
            "the sequence": (first + left, end - right),
            "the right flank": (end - right, end),
            "the sequence with its flanks": (first, end),
        }
        part = next(name for name, (a, b) in parts.items() if a <= begin and last < b)
        return f"letters {begin - parts[part][0]} to {last - parts[part][0]} of {part}"

    @staticmethod
    def _mask_rows(mask: BoolArray, rows: IntArray, length: int) -> BoolArray:
        n_starts = int(rows.max(initial=0)) + 1
        if mask.shape[-1] != length or (mask.ndim == 2 and len(mask) < n_starts):
            raise _check.InputError(
                f"`edit_mask` has shape {mask.shape}; expected ({length},) or ({n_starts}, "
                f"{length}), starts padded with unknown letters on both sides to one length."
            )
        return mask if mask.ndim == 1 else mask[rows]
