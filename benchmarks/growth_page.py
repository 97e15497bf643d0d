"""Curves of `benchmarks/growth.py`: their exponents, where they lead, and the page about them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.growth_verbs import VERBS

AXES = {"n": "sequences", "length": "letters of each sequence", "motifs": "motifs"}
MILLION, BILLION = 1_000_000, 5_000_000  # sequences of 200 letters
FAR = 10  # times the last point: further on, GB get a "?"
STEEP = 1.2  # exponents above it are explained
HOUR, DAY, ROOM = 3600, 86_400, 16.0  # seconds; GB of a usual computer
LEAST = {"seconds": 1e-3, "own": 0.02}  # less is not told from nothing


@dataclass(frozen=True)
class Point:
    """CPU seconds, the largest memory in GB, and what of it is the work's own, at one size."""

    size: int
    seconds: float
    peak: float
    own: float


Curves = dict[str, dict[str, list[Point]]]  # by verb, then by axis


def exponent(points: Sequence[Point], of: str = "seconds") -> tuple[float, float]:
    """Slope of log seconds (or GB) on log size in the upper half, and its standard error.

    The upper half has three points at least; the error is NaN of two points alone.
    """
    upper = points[min(len(points) // 2, max(len(points) - 3, 0)) :]
    if len(upper) < 2:
        return math.nan, math.nan
    x = np.log([point.size for point in upper])
    y = np.log([max(getattr(point, of), LEAST[of]) for point in upper])
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    rest, free = y - slope * x, len(x) - 2
    return slope, float(np.sqrt(rest @ rest / free / (x @ x))) if free else math.nan


def extrapolated(points: Sequence[Point], size: int, of: str = "seconds") -> float:
    """Seconds (or GB) at a size: measured there, or the last point carried on.

    The larger of two ways on: with the exponent, and along the line through the last two points.
    A curve that starts flat, such as one with a fixed share, is steeper later than its exponent.
    """
    last = points[-1]
    if last.size >= size:
        return float(next(getattr(point, of) for point in points if point.size >= size))
    value, before = getattr(last, of), points[-2]
    steepness = max(0.0, (value - getattr(before, of)) / (last.size - before.size))
    power = value * (size / last.size) ** exponent(points, of)[0]
    return float(max(power, value + steepness * (size - last.size)))


def shown(seconds: float) -> str:
    """A time as people say it."""
    for name, unit in (("d", DAY), ("h", HOUR), ("min", 60)):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def shown_exponent(points: Sequence[Point], of: str) -> str:
    """An exponent and its standard error; a dash where nothing is told from zero."""
    if getattr(points[-1], of) < LEAST[of]:
        return "-"
    slope, error = exponent(points, of)
    return f"{slope:.2f}" + ("" if math.isnan(error) else f" ± {error:.2f}")


def shown_at(points: Sequence[Point], size: int) -> tuple[str, str]:
    """Time and GB at a size; "~" is extrapolated, "?" more than `FAR` times the last point."""
    mark = "" if points[-1].size >= size else "~"
    far = "?" if points[-1].size * FAR < size else ""
    gb = extrapolated(points, size, "own")
    told = f"{gb:.2f}" if gb < 1 else f"{gb:.1f}" if gb < 10 else f"{gb:.0f}"
    return mark + shown(extrapolated(points, size)), f"{mark}{told}{far}"


def is_refused(verb: str, size: int) -> bool:
    """Whether a verb takes no such number of sequences."""
    return 0 < VERBS[verb].most < size


def rows(curves: Curves, axis: str) -> list[str]:
    """Lines of the table of one axis."""
    lines = []
    for verb, axes in curves.items():
        points = axes.get(axis, [])
        if len(points) < 2:
            continue
        last = points[-1]
        cells = [VERBS[verb].title]
        if axis == "length":
            cells.append(f"{VERBS[verb].fixed:,}")
        cells += [shown_exponent(points, of) for of in LEAST]
        cells += [f"{last.size:,}", shown(last.seconds), f"{last.own:.2f}"]
        for size in (MILLION, BILLION) if axis == "n" else ():
            cells += ["refused"] * 2 if is_refused(verb, size) else shown_at(points, size)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def axis_section(curves: Curves, axis: str) -> list[str]:
    """A table, its picture, and what was not measured."""
    absent = [
        name
        for name, verb in VERBS.items()
        if axis in verb.axes and not curves.get(name, {}).get(axis)
    ]
    head = ["verb", *(["sequences"] if axis == "length" else []), "exponent of time", "of memory"]
    head += ["largest measured", "time there", "GB there"]
    if axis == "n":
        head += ["time at 1e6", "GB at 1e6", "time at 5e6", "GB at 5e6"]
    told = [f"## By number of {AXES[axis]}", ""]
    if absent:
        told += [f"Not measured yet: {', '.join(absent)}.", ""]
    lines = rows(curves, axis)
    if lines:
        told += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""]
        told += [f"![time and memory by number of {AXES[axis]}](growth_{axis}.png)", ""]
    return told


def steep(curves: Curves) -> list[str]:
    """Verbs whose time or memory grows faster than the number of sequences, each with a reason."""
    told = []
    for verb, axes in curves.items():
        points = axes.get("n", [])
        for of, name in (("seconds", "time"), ("own", "memory")):
            if len(points) > 1 and exponent(points, of)[0] > STEEP:
                why = VERBS[verb].why or "no reason known yet."
                told.append(
                    f"* {VERBS[verb].title}: {name} {shown_exponent(points, of)}, up to "
                    f"{points[-1].size:,} sequences; {why}"
                )
    return [
        f"## Steeper than {STEEP} in the number of sequences",
        "",
        *(told or ["None of those measured."]),
        "",
        "`tests/test_growth.py` counts calls and bytes of most verbs at n and 2n without a clock; "
        "work within compiled code is seen here alone.",
        "",
    ]


def billion(curves: Curves) -> list[str]:
    """What is in reach at 5,000,000 x 200 letters, from the fits."""
    groups: dict[str, list[str]] = {
        "within an hour": [],
        "within a day": [],
        "more than a day": [],
        f"more than {ROOM:.0f} GB": [],
        f"unknown: more than {ROOM:.0f} GB only if memory grows on from far below (`?`)": [],
        "refused": [],
    }
    names = list(groups)
    for verb, axes in curves.items():
        points = axes.get("n", [])
        if len(points) < 2:
            continue
        seconds, own = (extrapolated(points, BILLION, of) for of in LEAST)
        place = 2 if seconds > DAY else 1 if seconds > HOUR else 0
        if own > ROOM:
            place = 4 if points[-1].size * FAR < BILLION else 3
        place = 5 if is_refused(verb, BILLION) else place
        time, gb = shown_at(points, BILLION)
        told = f"more than {VERBS[verb].most:,} sequences" if place == 5 else f"{time}, {gb} GB"
        hint = f" (instead: {VERBS[verb].instead})" if place > 1 and VERBS[verb].instead else ""
        groups[names[place]].append(f"{VERBS[verb].title} {told}{hint}")
    return [
        "## At a billion bases",
        "",
        "5,000,000 sequences of 200 letters, on one core; each number is carried on from the last "
        "point of its curve above, none was measured there. The letters themselves are 1 GB, held "
        "in memory here; `mb.read(backed=True)` leaves them on disk.",
        "",
        *(f"* {name}: {'; '.join(told)}." for name, told in groups.items() if told),
        "",
    ]


@dataclass(frozen=True)
class Circumstances:
    """CPU seconds that a point may take, and the load average when the last was measured."""

    cap: float
    load: float


def page(curves: Curves, at: Circumstances) -> str:
    """The whole of growth.md."""
    told = [
        "# How cost grows",
        "",
        f"Measured by `python -m benchmarks.growth` on {os.cpu_count()} cores (load average "
        f"{at.load:.1f} at the end), one thread per point, each in a process of its "
        "own. Sequences of 200 letters, 1,000 sequences and 10 motifs where nothing else is said. "
        f"A curve ends where the next point would take more than {at.cap:.0f} CPU seconds. "
        "Exponents are fitted on the upper half of each curve, three points at least (± standard "
        "error). GB are the work's own memory, its data included, without imports (0.4 to 0.5 GB) "
        f"and pages of files; below {LEAST['own']} GB they have no exponent. `~` is extrapolated "
        "from the last point: the larger of its exponent and the line through the last two "
        f"points. `?` is further than {FAR} times the last point: what works in blocks needs "
        "less there.",
        "",
    ]
    for axis in AXES:
        told += axis_section(curves, axis)
    return "\n".join([*told, *steep(curves), *billion(curves)]).rstrip() + "\n"


def draw(curves: Curves, axis: str, path: Path) -> None:
    """One small panel per verb: CPU seconds and GB by size, both axes logarithmic."""
    from matplotlib.figure import Figure

    drawn = {verb: axes[axis] for verb, axes in curves.items() if len(axes.get(axis, [])) > 1}
    if not drawn:
        return
    n_columns = min(6, len(drawn))
    n_rows = math.ceil(len(drawn) / n_columns)
    figure = Figure(figsize=(2.1 * n_columns, 1.5 * n_rows + 0.7), layout="constrained")
    panels = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
    sizes = [point.size for points in drawn.values() for point in points]
    ends = np.array([min(sizes), max(sizes)])
    for panel, (verb, points) in zip(panels, drawn.items()):
        for of, color in (("seconds", "tab:blue"), ("own", "tab:orange")):
            y = [max(getattr(point, of), 1e-3) for point in points]
            panel.loglog([point.size for point in points], y, "o-", ms=3, lw=1, color=color)
        panel.loglog(ends, 1e-3 * ends / ends[0], color="0.8", lw=1, zorder=0)
        panel.set_title(VERBS[verb].title, fontsize=7)
        panel.tick_params(labelsize=7)
    for panel in panels[len(drawn) :]:
        panel.axis("off")
    panels[0].set_ylim(7e-4, None)
    figure.suptitle(
        "CPU seconds (blue), GB (orange); gray: in proportion", fontsize=8, x=0.01, ha="left"
    )
    figure.supxlabel(AXES[axis], fontsize=8)
    figure.savefig(path, dpi=90, metadata={"Software": None})
