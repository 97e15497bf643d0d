"""What the figures of tests share: rows of their table, and the words that say what became of one.

Objects of `significance` are taken by their attributes: figures stand below it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.motif.matrix import Motif

Row = Mapping[Hashable, Any]
_COLUMNS = (
    *("readout", "step", "motif", "cluster", "effect", "lower", "upper"),
    *("log_p", "fwer_p_value", "q_value", "kept", "naive_p_value"),
)


class TestedLike(Protocol):
    """A p-value and how it came about."""

    @property
    def log_p(self) -> float:
        """Natural logarithm."""


class FindingLike(Protocol):
    """What `tests.finding(row)` returns."""

    @property
    def motif(self) -> Motif:
        """As the figure shows it."""

    @property
    def tested(self) -> TestedLike:
        """The test."""

    @property
    def naive_log_p(self) -> float:
        """As if the motif had not been chosen."""


class OptionsLike(Protocol):
    """Settings that words refer to."""

    control: str
    alpha: float
    fdr: float
    level: float


class TestsLike(Protocol):
    """What figures need to know of `mb.test_motifs`."""

    @property
    def table(self) -> pd.DataFrame:
        """One row per readout and motif."""

    @property
    def readouts(self) -> pd.DataFrame:
        """One row per readout."""

    @property
    def options(self) -> Any:  # OptionsLike
        """Settings."""

    def finding(self, row: int) -> Any:  # FindingLike
        """What stands behind a row of the table."""


class NullLike(Protocol):
    """What `tests.null(row)` returns."""

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """(n_draws,)."""

    @property
    def observed(self) -> float:
        """The statistic of the data."""

    @property
    def what(self) -> str:
        """The statistic in words."""


def rows_of(tests: TestsLike | pd.DataFrame, readout: str | None = None) -> pd.DataFrame:
    """The table of tests, of one readout or all; its index is the number of the row.

    Raises
    ------
    InputError
        If these are no tests, a column is missing, or there is no such readout.
    """
    table = tests if isinstance(tests, pd.DataFrame) else getattr(tests, "table", None)
    if not isinstance(table, pd.DataFrame):
        raise _check.InputError(
            f"`tests` is {_check.shown(tests)}; expected what `mb.test_motifs(adata)` returns."
        )
    _check.columns(table.columns, _COLUMNS, "`tests.table`")
    rows = table.reset_index(drop=True)
    if readout is not None:
        _check.one_of(readout, "readout", rows["readout"].unique().tolist())
        rows = rows[rows["readout"] == readout]
    return rows


def logos_of(tests: TestsLike | pd.DataFrame, rows: pd.DataFrame) -> dict[int, Motif]:
    """Motifs of rows by their numbers; none of a table."""
    if isinstance(tests, pd.DataFrame):
        return {}
    return {int(row): tests.finding(int(row)).motif for row in rows.index}


def interval_words(tests: TestsLike | pd.DataFrame) -> str:
    """Return such as "90 % interval"."""
    options = getattr(tests, "options", None)
    return "interval" if options is None else f"{100 * options.level:g} % interval"


def verdict(tests: TestsLike, row: int) -> str:
    """Return whether a row of the table is kept, and if not, why not.

    Raises
    ------
    InputError
        If there is no such row.
    """
    table = rows_of(tests)
    row = _check.whole_number(row, "row", low=0, high=len(table) - 1)
    this = table.loc[row]
    if this["kept"]:
        return "kept"
    options, readouts = tests.options, tests.readouts
    among = readouts.set_index("readout")["q_value"]
    share = 1.0 if len(readouts) == 1 else float((among <= options.fdr).mean())
    if len(readouts) > 1 and among[this["readout"]] > options.fdr:
        return (
            f"not kept: among {len(readouts)} readouts this one was not chosen "
            f"(q = {among[this['readout']]:.2g}, above {options.fdr:g})"
        )
    is_fdr = options.control == "fdr"
    level = f"{(options.fdr if is_fdr else options.alpha) * share:.2g}"
    if not this["step"]:
        name, value = ("q", "q_value") if is_fdr else ("Holm's p", "fwer_p_value")
        return f"not kept: {name} = {this[value]:.2g}, above {level}"
    own = table[table["readout"] == this["readout"]]
    first = int(own.loc[~own["kept"].astype(bool), "step"].iloc[0])
    if is_fdr:
        return f"not kept: at a false discovery rate of {level} steps are kept up to {first - 1}"
    return f"not kept: first p above {level} was step {first}"
