"""Where the rows and columns of a figure of tests lie."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from motifbook.motif.matrix import Motif
from motifbook.plot.p_values import effect_words, log_of, p_words, words_width
from motifbook.plot.tested_rows import Row

_ROWS = (30.0, 22.0)  # pixels of a row, of few and of many
_MANY = 15
_COLUMN, _LOGO, _EFFECTS, _GAP = 8.0, 130.0, 220.0, 16.0  # pixels: letter, logos, dots, columns
_NO_EFFECTS = 60.0  # pixels of the dots where there are none
_FARTHEST = 3.0  # ends of intervals are drawn up to so many times the largest effect
SIGN = 14.0  # pixels of the sign before a p-value


@dataclass(frozen=True)
class RowLayout:
    """Where rows and columns lie; the axis counts readout units, y counts rows from below."""

    rows: Sequence[Row]
    y: list[float]  # middle of each row
    heads: list[tuple[str, float]]  # readouts and the heights of their names; none of a single one
    low: float  # of the axis of effects
    high: float
    logos: Mapping[int, Motif]

    @classmethod
    def of(cls, table: pd.DataFrame, logos: Mapping[int, Motif]) -> RowLayout:
        """Lay out rows of the table of tests, with the logos of some."""
        records: list[dict[Hashable, Any]] = table.to_dict("records")
        rows = [{**row, "row": int(number)} for number, row in zip(table.index, records)]
        several = len(table["readout"].unique()) > 1
        slots: list[str | Row] = []
        for number, row in enumerate(rows):
            if several and (not number or rows[number - 1]["readout"] != row["readout"]):
                slots.append(str(row["readout"]))
            slots.append(row)
        heights = len(slots) - 0.5 - np.arange(len(slots))
        placed = list(zip(slots, heights.tolist()))
        low, high = _reach(table)
        return cls(
            rows,
            [y for slot, y in placed if not isinstance(slot, str)],
            [(slot, y) for slot, y in placed if isinstance(slot, str)],
            low,
            high,
            logos,
        )

    @property
    def n_slots(self) -> int:
        """Rows, names of readouts included."""
        return len(self.rows) + len(self.heads)

    @property
    def row_pixels(self) -> float:
        """Height of a row."""
        return _ROWS[self.n_slots > _MANY]

    @property
    def top(self) -> float:
        """Upper end, above the heads of the columns."""
        return self.n_slots + 40 / self.row_pixels

    @property
    def has_effects(self) -> bool:
        """Whether any was measured."""
        return any(np.isfinite(row["effect"]) for row in self.rows)

    @property
    def unit(self) -> float:
        """Readout units per pixel."""
        return (self.high - self.low) / (_EFFECTS if self.has_effects else _NO_EFFECTS)

    @property
    def letter(self) -> float:
        """Pixels of one letter of a logo."""
        widest = max((motif.width for motif in self.logos.values()), default=1)
        return min(_COLUMN, _LOGO / widest)

    @property
    def first(self) -> float:
        """Left end, where the logos begin."""
        widest = max((motif.width for motif in self.logos.values()), default=-1)
        return self.low - (widest + 1) * self.letter * self.unit

    @functools.cached_property
    def columns(self) -> list[tuple[str, list[str], float]]:
        """Head, words of each row and left end in pixels right of the effects."""
        found = []
        left = _GAP
        for head, words in _columns(self.rows):
            found.append((head, words, left))
            sign = SIGN if head == "p-value" else 0.0
            left += max(words_width(one) for one in (head, *words)) + sign + _GAP
        return found

    @property
    def last(self) -> float:
        """Right end, behind the last column."""
        head, words, left = self.columns[-1]
        width = max(words_width(one) for one in (head, *words)) + SIGN
        return self.high + (left + width) * self.unit


def _columns(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Heads and words of the columns of numbers."""
    effects = [effect_words(row["effect"], row["lower"], row["upper"]) for row in rows]
    columns = [("", effects), ("p-value", [p_words(row["log_p"]) for row in rows])]
    if not all(row["step"] for row in rows):
        holm = ["" if row["step"] else p_words(log_of(row["fwer_p_value"])) for row in rows]
        columns.append(("Holm's", holm))
    naive = [row["naive_p_value"] for row in rows]
    if not np.isnan(naive).all():
        words = ["" if np.isnan(p_value) else p_words(log_of(p_value)) for p_value in naive]
        columns.append(("naive", words))
    return columns


def _reach(table: pd.DataFrame) -> tuple[float, float]:
    """Ends of the axis of effects."""
    effects = table["effect"].to_numpy(np.float64)
    farthest = _FARTHEST * float(np.nanmax(np.abs(effects), initial=0.0))
    ends = table.loc[np.isfinite(effects), ["effect", "lower", "upper"]].to_numpy(np.float64)
    inside = np.clip(ends[~np.isnan(ends)], -farthest, farthest)
    low, high = float(inside.min(initial=0.0)), float(inside.max(initial=0.0))
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room
