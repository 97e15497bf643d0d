"""How time and memory of the main verbs grow with sequences, their length, and motifs.

Each point is measured in a fresh process: CPU seconds of the work alone, the largest memory while
it ran, and how much of that is neither imports nor pages of files. A curve ends where the next
point would take longer than the cap. Exponents are slopes of log seconds on log size in the upper
half of a curve, by least squares.

    python -m benchmarks.growth --processes 2    # measures, writes growth.json, .md and pictures
    python -m benchmarks.growth --verbs scan     # again for some verbs; others are kept
    python -m benchmarks.growth --axis length    # again for one axis; others are kept
    python -m benchmarks.growth --pages          # the page and pictures of what is kept
    python -m benchmarks.growth --small          # a look at six verbs, in seconds; writes nothing
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
from dataclasses import asdict, astuple
from multiprocessing.connection import Connection
from pathlib import Path
from unittest import mock

import motifbook as mb
from benchmarks.growth_page import AXES, Circumstances, Curves, Point, draw, extrapolated, page
from benchmarks.growth_verbs import VERBS, Size, simulated, train_network

SIZES = {
    "n": [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
    "length": [50, 150, 500, 1500, 5000],
    "motifs": [10, 30, 100, 300, 1000, 3000, 10_000],
}
SMALL = {"n": [300, 600], "length": [100, 200], "motifs": [10, 20]}
QUICK = ["check", "split", "shuffle", "scan", "predict", "cluster_motifs"]  # of the small look
USUAL = {"n": 1000, "length": 200, "motifs": 10}
CAP = 20.0  # CPU seconds that the next point may be expected to take
TABLE = Path(__file__).with_suffix(".json")


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


def kept() -> tuple[Curves, Circumstances]:
    """Curves of earlier runs, and the circumstances of the last."""
    if not TABLE.exists():
        return {}, Circumstances(CAP, math.nan)
    stored = json.loads(TABLE.read_text())
    curves = {
        verb: {axis: [Point(*point) for point in points] for axis, points in axes.items()}
        for verb, axes in stored["curves"].items()
    }
    return curves, Circumstances(**stored["circumstances"])


def keep(curves: Curves, at: Circumstances) -> None:
    """Write all files; a line of the first holds a verb's points, each as `Point` has them."""
    told = {
        verb: {axis: [astuple(point) for point in points] for axis, points in axes.items()}
        for verb, axes in curves.items()
    }
    one_line_each = ",\n".join(f" {json.dumps(v)}: {json.dumps(axes)}" for v, axes in told.items())
    TABLE.write_text(
        f'{{"circumstances": {json.dumps(asdict(at))}, "curves": {{\n{one_line_each}\n}}}}\n'
    )
    TABLE.with_suffix(".md").write_text(page(curves, at))
    for axis in AXES:
        draw(curves, axis, TABLE.with_name(f"growth_{axis}.png"))


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
    parser.add_argument("--axis", default="all", choices=[*SIZES, "all"])
    parser.add_argument("--pages", action="store_true", help="measure nothing")
    parser.add_argument("--cap", type=float, default=CAP, help="CPU seconds of a point")
    parser.add_argument("--processes", type=int, default=1, help="points measured at a time")
    parser.add_argument("--small", action="store_true", help="two small sizes; writes nothing")
    asked = parser.parse_args()
    sizes = SMALL if asked.small else SIZES
    axes = list(SIZES) if asked.axis == "all" else [asked.axis]
    verbs = asked.verbs or (QUICK if asked.small else list(VERBS))
    if asked.pages:
        keep(*kept())
        return
    found = run(verbs, sizes, asked.cap, axes=axes, processes=asked.processes)
    at = Circumstances(asked.cap, round(os.getloadavg()[2], 2))
    if asked.small:
        print(page(found, at))
        return
    before, _ = kept()
    order = [verb for verb in VERBS if verb in before or verb in found]
    keep({verb: {**before.get(verb, {}), **found.get(verb, {})} for verb in order}, at)


if __name__ == "__main__":
    main()
