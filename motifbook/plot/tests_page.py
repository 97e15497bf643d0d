"""One motif's test on one page: its place among the others, its logo, its null distribution."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, blend
from motifbook.plot.layout import shorten
from motifbook.plot.logo import logo_panel
from motifbook.plot.null_distribution import null_panel
from motifbook.plot.p_values import effect_words, log_of, p_words
from motifbook.plot.panel import Line, Mark, Page, Panel, Text
from motifbook.plot.significance import sign_of, tests_panel
from motifbook.plot.tested_rows import (
    NullLike,
    Row,
    TestsLike,
    interval_words,
    rows_of,
    verdict,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 10  # motifs of the readout, beside the chosen one
_LINE, _HIGH = 17.0, 240.0  # pixels: a line of words, the null distribution
_LOGO, _WORDS = 200.0, 470.0  # pixels: widths of the logo and of the words beside it
_CHAINS = 8  # drawn of a walk


def tests_page_svg(
    tests: TestsLike, row: int, null: NullLike | None = None, *, statistic: str = ""
) -> str:
    """Return a motif's test as SVG text: the tests of its readout, its logo, what was compared.

    Parameters
    ----------
    tests
        From `mb.test_motifs`.
    row
        Of `tests.table`.
    null
        From `tests.null(row)`, of engines that draw.
    statistic
        What was tested, in words; shown where there is no `null`.

    Raises
    ------
    InputError
        If these are no tests, or there is no such row.
    """
    return svg.write(tests_page(tests, row, null, statistic=statistic))


def tests_page_figure(
    tests: TestsLike, row: int, null: NullLike | None = None, *, statistic: str = ""
) -> Figure:
    """Draw the page of `tests_page_svg` with matplotlib, for print."""
    from motifbook.plot import axes

    return axes.figure(tests_page(tests, row, null, statistic=statistic))


def tests_page(
    tests: TestsLike, row: int, null: NullLike | None = None, *, statistic: str = ""
) -> Page:
    """Describe the page of `tests_page_svg`."""
    table = rows_of(tests)
    row = _check.whole_number(row, "row", low=0, high=len(table) - 1)
    this = table.loc[row].to_dict()
    finding = tests.finding(row)
    every = tests_panel(tests, this["readout"], n=_SHOWN, chosen=row)
    logo = logo_panel(finding.motif, title=shorten(str(this["motif"]), 24))
    facts = _facts_panel(_facts(tests, this, statistic if null is None else ""), this, tests, row)
    logo = replace(
        logo, xticks=(), yticks=(), ylabel="", size=(min(logo.size[0], _LOGO), facts.size[1])
    )
    rows = [[every], [logo, facts]]
    if null is not None:
        trace = getattr(finding, "trace", None)
        width = max(every.size[0], _LOGO + _WORDS) - Page.gap * (trace is not None)
        share = 1.0 if trace is None else 0.6
        drawn = [null_panel(null, finding, size=(share * width, _HIGH))]
        if trace is not None:
            drawn.append(_walk(trace, null.observed, (0.4 * width, _HIGH)))
        rows.append(drawn)
    title = f"Test of {this['motif']} for {this['readout']}"
    return Page(rows, title, f"{verdict(tests, row)}, p = {p_words(this['log_p'])}.")


@dataclass(frozen=True)
class _Fact:
    """A line of words: what it is, and how much."""

    name: str
    words: str
    is_struck: bool = False
    after: str = ""  # not struck


def _facts(tests: TestsLike, this: Row, statistic: str) -> list[_Fact]:
    effect = effect_words(this["effect"], this["lower"], this["upper"])
    if np.isfinite(this["effect"]):
        of = "" if this["effect_of"] == this["motif"] else f" of {shorten(this['effect_of'])}"
        effect += f" readout units, {interval_words(tests)}{of}"
    facts = [
        _Fact("p-value", p_words(this["log_p"])),
        _Fact("family-wise p", p_words(log_of(this["fwer_p_value"]))),
        _Fact("q-value", p_words(log_of(this["q_value"]))),
        _Fact("effect", effect),
        _Fact("sequences", f"{this['n_sequences']:,} with a hit"),
        _Fact("step", _place(tests, this)),
        _Fact("engine", _engine(tests, this)),
        _Fact("draws", _draws(this)),
    ]
    if not np.isnan(this["naive_p_value"]):
        naive = p_words(log_of(this["naive_p_value"]))
        after = "as if not chosen with these values: not valid"
        facts.insert(1, _Fact("naive p-value", naive, True, after))
    return [*facts, _Fact("statistic", statistic)] if statistic else facts


def _place(tests: TestsLike, this: Row) -> str:
    """Where in the selection the motif was tested."""
    if not this["step"]:
        return "none: these values did not choose it"
    table = rows_of(tests, this["readout"])
    earlier = table[table["step"] < this["step"]]
    said = f"{this['step']} of {len(table)}"
    if len(earlier):
        said += f", given {shorten(', '.join(earlier['motif'].astype(str)), 36)}"
    same = earlier.loc[earlier["cluster"] == this["cluster"], "step"]
    return f"{said}; same motif as step {same.iloc[0]}" if len(same) else said


def _engine(tests: TestsLike, this: Row) -> str:
    readouts = tests.readouts
    [why] = readouts.loc[readouts["readout"] == this["readout"], "why"]
    return f"{this['engine']}: {why}"


def _draws(this: Row) -> str:
    if not this["n_draws"]:
        return "none"
    said = f"{this['n_draws']:,}"
    if np.isfinite(this["ess"]):
        said += f", worth {this['ess']:,.0f} independent ones"
    if np.isfinite(this["acceptance"]) and this["acceptance"] < 1:
        said += f", {this['acceptance']:.0%} accepted"
    return said


def _facts_panel(facts: list[_Fact], this: Row, tests: TestsLike, row: int) -> Panel:
    lines: list[tuple[_Fact, str]] = []
    for fact in facts:
        parts = textwrap.wrap(fact.words, 62) or [""]
        lines.append((fact, parts[0]))
        lines += [(_Fact("", part), part) for part in parts[1:]]
    height = _LINE * (len(lines) + 1) + 18
    y = height - 12.0
    said = verdict(tests, row)
    marks: list[Mark] = [
        *sign_of(bool(this["kept"]), 8, y - 1),
        Text(18, y, said, INK, offset=(0, -5), size=13),
    ]
    y -= 4
    for fact, words in lines:
        y -= _LINE
        marks.append(Text(2, y, fact.name, GRAY, offset=(0, -4)))
        color = GRAY if fact.is_struck else INK
        marks.append(Text(92, y, words, color, offset=(0, -4), is_struck=fact.is_struck))
        if fact.after:
            marks.append(Text(160, y, fact.after, GRAY, offset=(0, -4)))
    return Panel(marks, (0, _WORDS), (0, height), xticks=(), yticks=(), size=(_WORDS, height))


def _walk(trace: npt.ArrayLike, observed: float, size: tuple[float, float]) -> Panel:
    """The statistic along the first chains of a walk, (n_steps, n_chains)."""
    values = _check.numbers(trace, "trace", "(n_steps, n_chains)")
    n_steps, n_chains = values.shape
    steps = np.arange(1, n_steps + 1)
    low, high = min(float(values.min()), observed), max(float(values.max()), observed)
    room = 0.06 * (high - low) or 0.1
    shown = min(_CHAINS, n_chains)
    marks: list[Mark] = [
        Line(steps, values[:, chain], blend(BLUE, 0.6), width=1) for chain in range(shown)
    ]
    marks.append(Line([1, max(n_steps, 2)], [observed, observed], INK, width=1.5))
    return Panel(
        marks,
        (1, max(n_steps, 2)),
        (low - room, high + room),
        xlabel="steps of the walk",
        title=f"{shown} of {n_chains} chains",
        size=size,
    )
