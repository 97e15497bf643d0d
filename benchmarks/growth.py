"""How time and memory of the main verbs grow with sequences, their length, and motifs.

Each point is measured in a fresh process: CPU seconds of the work alone, the largest memory while
it ran, and how much of that is neither imports nor pages of files. A curve ends where the next
point would take longer than the cap. Exponents are slopes of log seconds on log size in the upper
half of a curve, by least squares.

    python -m benchmarks.growth                # measures, writes benchmarks/growth.json and .md
    python -m benchmarks.growth --verbs scan   # again for some verbs; others are kept
    python -m benchmarks.growth --small        # a look at six verbs, in seconds; writes nothing
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import re
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from unittest import mock

import numpy as np

import motifbook as mb
from benchmarks.growth_verbs import VERBS, Size, simulated, train_network

SIZES = {
    "n": [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
    "length": [50, 150, 500, 1500, 5000],
    "motifs": [10, 30, 100, 300, 1000, 3000, 10_000],
}
SMALL = {"n": [300, 600], "length": [100, 200], "motifs": [10, 20]}
QUICK = ["check", "split", "shuffle", "scan", "predict", "cluster_motifs"]  # of the small look
USUAL = {"n": 1000, "length": 200, "motifs": 10}
MILLION, BILLION = 1_000_000, 5_000_000  # sequences of 200 letters
CAP = 60.0  # CPU seconds that the next point may be expected to take
FAR = 5  # times the last point, to which memory is extrapolated
DAY, ROOM = 86_400, 16.0  # seconds; GB of a usual computer
TABLE = Path(__file__).with_suffix(".json")

Curves = dict[str, dict[str, list["Point"]]]  # by verb, then by axis


@dataclass(frozen=True)
class Point:
    """CPU seconds, the largest memory in GB, and what of it is the work's own, at one size."""

    size: int
    seconds: float
    peak: float
    own: float


def memory(field: str) -> float:
    """GB of one line of the kernel's account of this process."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1e6 if found else math.nan


def work_at(verb: str, size: Size, sender: Connection) -> None:
    """Do the work of one point, in a process of its own."""
    warnings.simplefilter("ignore")
    imports = memory("RssAnon")
    work = VERBS[verb].make(size)
    Path("/proc/self/clear_refs").write_text("5")  # the largest memory counts from here
    own, done = [memory("RssAnon")], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            own.append(memory("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.process_time()
    try:
        work()
    finally:
        seconds = time.process_time() - began
        done.set()
        watcher.join()
    found = (seconds, memory("VmHWM"), max(0.0, max(own) - imports))
    sender.send([round(value, 4) for value in found])


def measure(verb: str, axis: str, size: int, folder: Path) -> Point | None:
    """One point; None where its process failed, such as for want of memory."""
    fixed = {**USUAL, "n": VERBS[verb].fixed if axis == "length" else USUAL["n"]}
    asked = Size(**{**fixed, axis: size}, folder=folder)
    context = multiprocessing.get_context("forkserver")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work_at, args=(verb, asked, sender))
    process.start()
    sender.close()
    try:
        return Point(size, *receiver.recv())
    except EOFError:
        return None
    finally:
        process.join()


def curve(verb: str, axis: str, sizes: Sequence[int], cap: float, folder: Path) -> list[Point]:
    """Points of one curve, up to the cap."""
    points: list[Point] = []
    for size in sizes:
        if len(points) > 1 and extrapolated(points, size) > cap:
            break
        point = measure(verb, axis, size, folder)
        if point is None:
            print(f"{verb:16} {axis:7} {size:9,} failed", flush=True)
            break
        points.append(point)
        told = f"{point.seconds:8.2f} s {point.peak:6.2f} GB {point.own:6.2f} own"
        print(f"{verb:16} {axis:7} {size:9,} {told}", flush=True)
    return points


def exponent(points: Sequence[Point]) -> tuple[float, float]:
    """Slope of log seconds on log size in the upper half of the points, and its standard error.

    The error is NaN of two points alone.
    """
    upper = points[min(len(points) // 2, max(len(points) - 3, 0)) :]
    if len(upper) < 2:
        return math.nan, math.nan
    x = np.log([point.size for point in upper])
    y = np.log([max(point.seconds, 1e-4) for point in upper])
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    rest, free = y - slope * x, len(x) - 2
    return slope, float(np.sqrt(rest @ rest / free / (x @ x))) if free else math.nan


def extrapolated(points: Sequence[Point], size: int) -> float:
    """Seconds at a size: measured there, or the last point carried on with the exponent."""
    last = points[-1]
    if last.size >= size:
        return next(point.seconds for point in points if point.size >= size)
    return float(last.seconds * (size / last.size) ** exponent(points)[0])


def extrapolated_memory(points: Sequence[Point], size: int) -> float:
    """GB beyond the imports at a size: measured, or along the line through the last two points.

    NaN further than `FAR` times the last point: memory that works in blocks rises, then stays.
    """
    last = points[-1]
    if last.size >= size:
        return next(point.own for point in points if point.size >= size)
    if last.size * FAR < size:
        return math.nan
    before = points[-2]
    slope = max(0.0, (last.own - before.own) / (last.size - before.size))
    return last.own + slope * (size - last.size)


def shown(seconds: float) -> str:
    """A time as people say it."""
    for name, unit in (("d", DAY), ("h", 3600), ("min", 60)):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def shown_exponent(points: Sequence[Point]) -> str:
    """An exponent, its standard error and the last point it rests on; "" without a curve."""
    if len(points) < 2:
        return ""
    slope, error = exponent(points)
    within = "" if math.isnan(error) else f" ± {error:.2f}"
    return f"{slope:.2f}{within} ({points[-1].size:,})"


def verdict(verb: str, seconds: float, own: float) -> str:
    """Whether a verb reaches a billion bases, and how."""
    need = VERBS[verb].backed
    said = {"memory": "letters in memory", "backed": "letters on disk", "streamed": "streamed"}
    if own > ROOM and need != "streamed":
        return "no: memory"
    return f"no: {shown(seconds)}" if seconds > DAY else said[need]


def rows(curves: Curves) -> list[str]:
    """Lines of the table, and the billion bases of each verb."""
    lines = []
    for verb, axes in curves.items():
        cells = [shown_exponent(axes.get(axis, [])) for axis in SIZES]
        points = axes.get("n", [])
        if len(points) > 1:
            guess = "" if points[-1].size >= MILLION else "~"
            for size in (MILLION, BILLION):
                mark = guess if size == MILLION else "~"
                seconds, own = extrapolated(points, size), extrapolated_memory(points, size)
                cells += [mark + shown(seconds), "?" if math.isnan(own) else f"{mark}{own:.2f}"]
            cells.append(verdict(verb, seconds, own))
        else:
            cells += [""] * 5
        lines.append(f"| {VERBS[verb].title} | {' | '.join(cells)} |")
    return lines


def missing(curves: Curves) -> list[str]:
    """Which curves there are no points of, and an empty line; nothing if all were measured."""
    absent = {
        axis: [
            name
            for name, verb in VERBS.items()
            if axis in verb.axes and not curves.get(name, {}).get(axis)
        ]
        for axis in SIZES
    }
    told = [f"in {axis}: {', '.join(names)}" for axis, names in absent.items() if names]
    return [f"Not measured yet {'; '.join(told)}.", ""] if told else []


def table(curves: Curves, cap: float) -> str:
    """The whole of growth.md."""
    head = [
        f"Measured by `python -m benchmarks.growth` on {os.cpu_count()} cores (load average "
        f"{os.getloadavg()[2]:.1f} at the end), one thread per point. Sequences of 200 letters, "
        "10 motifs where nothing else grows; a curve ends where the next point would take more "
        f"than {cap:.0f} CPU seconds. Exponents are fitted on the upper half of each curve "
        "(± standard error; the last size measured in brackets). GB are the work's own memory, "
        "its data included, without imports (0.4 to 0.5 GB) and pages of files. `~` is "
        "extrapolated: seconds with the exponent, memory along the last two points, and only to "
        f"{FAR} times the last point (`?` beyond). The last column says what a billion bases "
        "(5,000,000 x 200) need: letters on disk (`mb.read(backed=True)`), streamed results "
        "(`mb.stream_hits`, `mb.stream_attribution`), or why they are out of reach: more than "
        f"{ROOM:.0f} GB, or a day on one core.",
        "",
        *missing(curves),
        "| verb | in n | in length | in motifs | time at 1e6 | GB | time at 5e6 | GB | 1e9 bases |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows(curves)]) + "\n"


def kept() -> Curves:
    """Curves of earlier runs."""
    stored = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    return {
        verb: {axis: [Point(*point) for point in points] for axis, points in axes.items()}
        for verb, axes in stored.items()
    }


def keep(curves: Curves, cap: float) -> None:
    """Write both files; a line of the first holds a verb's points, each as `Point` has them."""
    told = {
        verb: {axis: [astuple(point) for point in points] for axis, points in axes.items()}
        for verb, axes in curves.items()
    }
    one_line_each = ",\n".join(f" {json.dumps(v)}: {json.dumps(axes)}" for v, axes in told.items())
    TABLE.write_text(f"{{\n{one_line_each}\n}}\n")
    TABLE.with_suffix(".md").write_text(table(curves, cap))


def run(
    verbs: Sequence[str],
    sizes: dict[str, list[int]],
    cap: float,
    *,
    axes: Sequence[str] = tuple(SIZES),
    processes: int = 1,
) -> Curves:
    """Measure the curves of some verbs."""
    homes = {f"motifbook.{home.partition(':')[0]}" for home in mb._HOMES.values()}
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["benchmarks.growth_verbs", "lightning.fabric", *sorted(homes)]
    )
    wanted = [(verb, axis) for verb in verbs for axis in VERBS[verb].axes if axis in axes]
    curves: Curves = {}
    one_thread = mock.patch.dict(os.environ, {"OMP_NUM_THREADS": "1"})  # where it is measured
    with tempfile.TemporaryDirectory() as name, one_thread, ThreadPoolExecutor(processes) as pool:
        train_network(Path(name), simulated(3000, 200))
        jobs = [
            pool.submit(curve, verb, axis, sizes[axis], cap, Path(name)) for verb, axis in wanted
        ]
        for (verb, axis), job in zip(wanted, jobs):
            curves.setdefault(verb, {})[axis] = job.result()
    return curves


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--verbs", nargs="*", choices=list(VERBS))
    parser.add_argument("--axes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--cap", type=float, default=CAP, help="CPU seconds of a point")
    parser.add_argument("--processes", type=int, default=1, help="points measured at a time")
    parser.add_argument("--small", action="store_true", help="two small sizes; writes nothing")
    asked = parser.parse_args()
    verbs = asked.verbs or (QUICK if asked.small else list(VERBS))
    sizes = SMALL if asked.small else SIZES
    found = run(verbs, sizes, asked.cap, axes=asked.axes, processes=asked.processes)
    if asked.small:
        print(table(found, asked.cap))
        return
    before = kept()
    order = [verb for verb in VERBS if verb in before or verb in found]
    curves = {verb: {**before.get(verb, {}), **found.get(verb, {})} for verb in order}
    keep(curves, asked.cap)
    print(table(curves, asked.cap))


if __name__ == "__main__":
    main()
