"""What each motif contributes to each sequence, and how the readout goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, blend
from motifbook.plot.layout import frame, shorten, unit_words
from motifbook.plot.panel import Dots, FloatArray, Line, Mark, Page, Panel, Text, boxes, ticks
from motifbook.plot.shades import levels, shade, strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# All in pixels, the origin being the lower left corner of the map.
_HIGH, _LEAST, _GAP = 400.0, 24.0, 5.0  # all groups, one group, between two
_ROW = 2.0  # of the map, at least
_CELL = (14.0, 48.0)  # column of the map, least and most
_APART, _BOXES, _BOX = 34.0, 230.0, 22.0  # left of the readout, its axis, the height of a box
_ABOVE, _STRIP = 46.0, 127.0  # above the map, and the strip of shades there
_TOP = 0.98  # quantile of the contributions that gets the deepest shade


def contributions(
    contributions: pd.DataFrame | npt.ArrayLike,
    clusters: npt.ArrayLike,
    readout: npt.ArrayLike,
    *,
    names: Sequence[str] = (),
    unit: str = "readout",
    ax: Axes | None = None,
) -> Axes:
    """Draw groups of sequences by what each motif contributes to them, beside their readout.

    Parameters
    ----------
    contributions : (n, n_motifs)
        What each motif adds to one readout: ``formula.contributions(adata)[:, :, 0]``, or a table
        with a column per motif.
    clusters : (n,)
        The group of each sequence: a number or a word.
    readout : (n,)
        Measured values; NaN where not measured.
    names
        Of the motifs; of a table its columns.
    unit
        Of the contributions: "readout" or "logit".
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If the lengths differ, or there are no sequences.

    Notes
    -----
    Left: sequences from top to bottom, neighbors averaged where there are more than fit; orange
    adds, blue takes away. Right: median, quartiles, 5th to 95th percentile of the readout; of a
    binary one the share of ones with its 95 % interval. Groups are ordered by their mean.
    """
    from motifbook.plot import axes

    return axes.draw(_panel(_table(contributions, names), clusters, readout, unit), ax)


def contributions_svg(
    contributions: pd.DataFrame | npt.ArrayLike,
    clusters: npt.ArrayLike,
    readout: npt.ArrayLike,
    *,
    names: Sequence[str] = (),
    unit: str = "readout",
) -> str:
    """Return `contributions` as SVG text."""
    panel = _panel(_table(contributions, names), clusters, readout, unit)
    groups = ", ".join(label for _, label in panel.yticks or ())
    summary = f"Groups of sequences, highest readout first: {groups}."
    return svg.write(Page([[panel]], "Contributions of motifs to sequences", summary))


@dataclass(frozen=True)
class _Group:
    """Sequences of one cluster, and where they are drawn."""

    name: str
    values: FloatArray  # (n, n_motifs)
    readout: FloatArray  # (n_measured,)
    low: float = 0.0
    high: float = 0.0

    @property
    def mean(self) -> float:
        """Of the readout; below all others where nothing was measured."""
        return float(self.readout.mean()) if len(self.readout) else -np.inf

    def rows(self) -> FloatArray:
        """Rows of the map from above, neighbors averaged."""
        ordered = self.values[np.argsort(-self.values.sum(axis=1), kind="stable")]
        n_rows = min(len(ordered), int((self.high - self.low) / _ROW))
        starts = np.arange(n_rows) * len(ordered) // n_rows
        sums: FloatArray = np.add.reduceat(ordered, starts, axis=0)
        return sums / np.diff([*starts, len(ordered)])[:, None]


def _table(values: pd.DataFrame | npt.ArrayLike, names: Sequence[str]) -> pd.DataFrame:
    """One row per sequence, one column per motif."""
    if isinstance(values, pd.DataFrame):
        return values
    given = _check.numbers(values, "contributions", "an array (n, n_motifs)")
    _check.shape(given, "contributions", "(n, n_motifs), of one readout", None, None)
    called = list(names) or [f"motif {number + 1}" for number in range(given.shape[1])]
    _check.shape(np.empty(len(called)), "names", f"{given.shape[1]} names", given.shape[1])
    return pd.DataFrame(given, columns=called)


def _panel(
    table: pd.DataFrame, clusters: npt.ArrayLike, readout: npt.ArrayLike, unit: str
) -> Panel:
    labels, measured = np.asarray(clusters).astype(str), np.asarray(readout, np.float64)
    for name, given in (("clusters", labels), ("readout", measured)):
        _check.shape(given, name, f"({len(table)},), one per row of `contributions`", len(table))
    if not table.size:
        raise _check.InputError(
            f"`contributions` has shape {table.shape}; expected at least one sequence and one "
            "motif."
        )
    values = table.to_numpy(np.float64)
    groups = _groups(values, labels, measured)
    names = [shorten(str(name), 24) for name in table.columns]
    cell = float(np.clip(420 / len(names), *_CELL))
    words = f"what a motif adds ({unit_words([unit])})"
    axis = _Axis.of(measured, max(cell * len(names), _STRIP + 6.2 * len(words)) + _APART)
    top = float(np.quantile(np.abs(values), _TOP)) or float(np.abs(values).max()) or 1.0
    high = groups[0].high
    marks = [_map(group, cell, top) for group in groups]
    marks += [*strip((0, high + 14), (7, 9), top, words), *axis.ground(high)]
    marks += [mark for group in groups for mark in axis.box(group)]
    for i, name in enumerate(names):
        marks.append(Text(cell * (i + 0.5), 0, name, INK, "end", (4, -6), is_turned=True))
    below = max(40.0, 12 + 6.2 * max(map(len, names)))
    labelled = [
        ((g.low + g.high) / 2, f"{shorten(g.name, 16)} (n = {len(g.values):,})") for g in groups
    ]
    panel = Panel(
        marks,
        (0, axis.left + _BOXES + 12),
        (-below, high + _ABOVE),
        xticks=(),
        yticks=labelled,
        has_y_line=False,
    )
    margin = frame(panel)
    return replace(panel, size=(panel.x[1] + margin.left + 2, panel.y[1] + below + margin.top + 2))


def _groups(values: FloatArray, labels: npt.NDArray[np.str_], readout: FloatArray) -> list[_Group]:
    """Clusters from the highest readout to the lowest, each with its place."""
    found = []
    for name in np.unique(labels):
        own = labels == name
        found.append(_Group(str(name), values[own], readout[own & np.isfinite(readout)]))
    placed: list[_Group] = []
    low = 0.0
    for group in sorted(found, key=lambda group: (group.mean, group.name)):
        high = low + max(_LEAST, _HIGH * len(group.values) / len(values))
        placed.append(replace(group, low=low, high=high))
        low = high + _GAP
    return placed[::-1]


def _map(group: _Group, cell: float, top: float) -> Mark:
    rows = group.rows()
    n_rows, n_columns = rows.shape
    row, column = np.divmod(np.arange(rows.size), n_columns)
    step = (group.high - group.low) / n_rows
    upper = group.high - step * row
    colors = [shade(level) for level in levels(rows.ravel(), top).tolist()]
    return boxes((cell * column, cell * (column + 1)), (upper - step, upper), colors)


@dataclass(frozen=True)
class _Axis:
    """The axis of the readout, right of the map."""

    left: float
    low: float  # readout at the left end
    scale: float  # pixels per unit of the readout
    middle: float  # median of all sequences; share of ones where there are but 0 and 1
    is_binary: bool

    @classmethod
    def of(cls, readout: FloatArray, left: float) -> _Axis:
        known = readout[np.isfinite(readout)]
        if np.isin(known, (0, 1)).all():
            return cls(left, 0.0, _BOXES, float(known.mean()) if len(known) else 0.0, True)
        low, middle, high = np.quantile(known, [0.01, 0.5, 0.99]).tolist()
        return cls(left, low, _BOXES / ((high - low) or 1.0), middle, False)

    def at(self, value: float) -> float:
        """Pixels of a value; what lies beyond the axis stands at its end."""
        return self.left + float(np.clip((value - self.low) * self.scale, 0, _BOXES))

    def ground(self, high: float) -> list[Mark]:
        """The axis, its ticks and words, and the median of all."""
        middle = self.at(self.middle)
        marks: list[Mark] = [
            Line([middle, middle], [0, high], GRAY, width=1, dashed=True),
            Line([self.left, self.left + _BOXES], [0, 0], INK, width=1),
            Text(
                self.left,
                high + 14,
                f"{'share of ones' if self.is_binary else 'readout'} (dashed: all sequences)",
            ),
        ]
        for value, words in ticks(self.low, self.low + _BOXES / self.scale, about=4):
            x = self.at(value)
            marks += [Line([x, x], [0, -4], INK, 1), Text(x, 0, words, INK, "middle", (0, -16))]
        return marks

    def box(self, group: _Group) -> list[Mark]:
        """Percentiles of one group's readout; the share of ones, and its interval."""
        if not len(group.readout):
            return []
        if self.is_binary:
            return self._share(group)
        ends = np.quantile(group.readout, [0.05, 0.25, 0.5, 0.75, 0.95])
        least, first, median, third, most = (self.at(value) for value in ends.tolist())
        y = (group.low + group.high) / 2
        low, high = y - _BOX / 2, y + _BOX / 2
        return [
            Line([least, most], [y, y], BLUE, width=1.5),
            boxes(([first], [third]), ([low], [high]), blend(BLUE, 0.35)),
            Line([median, median], [low, high], BLUE, width=2.5),
        ]

    def _share(self, group: _Group) -> list[Mark]:
        """Share of ones with its 95 % interval (Wilson)."""
        n, share = len(group.readout), float(group.readout.mean())
        spread = 1.96 * np.sqrt(share * (1 - share) / n + (0.98 / n) ** 2)
        center, scale = share + 1.96**2 / (2 * n), 1 + 1.96**2 / n
        low, high = self.at((center - spread) / scale), self.at((center + spread) / scale)
        y = (group.low + group.high) / 2
        return [Line([low, high], [y, y], BLUE, width=2), Dots([self.at(share)], [y], BLUE, 4)]
