"""Time of a step of the explorers of syntax, positions and tests, beside the bare network.

Run: OMP_NUM_THREADS=1 python -m benchmarks.explorers > benchmarks/explorers.md
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import motifbook as mb
from motifbook.data import store
from motifbook.train.evaluate import outputs

AIM = 50  # milliseconds


def steps(control: Any, values: Iterable[Any]) -> tuple[float, float]:
    """Median and largest milliseconds from a control's new value to the new picture."""
    taken = []
    for value in values:
        start = time.perf_counter()
        control.value = value
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken), max(taken)


def seconds(job: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return job(), time.perf_counter() - start


def main() -> None:
    adata = mb.simulate(n=5000, length=200, rule="tut2", seed=0)
    model = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(model, adata, seed=0, progress=False)
    motifs = mb.read_motifs(model, adata)
    syntax, reading = seconds(lambda: mb.read_syntax(model, adata, motifs=motifs))
    pair, opening_pair = seconds(lambda: mb.widgets.SyntaxExplorer(model, syntax))
    place, opening = seconds(lambda: mb.widgets.PositionExplorer(model, adata, motifs=motifs))
    additive = mb.simulate(n=600, length=80, rule="additive", seed=0)
    tests, testing = seconds(lambda: mb.test_motifs(additive, seed=0))
    test, opening_test = seconds(lambda: mb.widgets.TestExplorer(tests))
    _, draws = steps(test._number, range(2, 6))
    test._readout.value = "readout1"
    steps(test._number, range(2, 6))
    letters = store.get_letters(adata)[:128]
    bare = statistics.median(seconds(lambda: outputs(model, letters))[1] for _ in range(30))
    print("# Explorers: Python time of a step\n")
    print(
        f"motifbook {mb.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; tut2, "
        f"{len(motifs)} motifs, 200 letters.\nMade by `python -m benchmarks.explorers`. The "
        f"network alone takes {1e3 * bare:.1f} ms for 128 sequences.\n"
    )
    print(f"| explorer | control | ms, median | slowest | median within {AIM} ms |")
    print("|---|---|---|---|---|")
    for name, control, shown, values in (
        ("syntax", "gap", pair._gap, range(1, 40)),
        ("syntax", "place", pair._place, range(20, 60)),
        ("syntax", "strands", pair._orientation, ["++", "+-", "-+", "--"] * 5),
        ("position", "window of 30", place._window, [(i, i + 30) for i in range(20, 60)]),
        ("position", "window of 150", place._window, [(i, i + 150) for i in range(40)]),
        ("position", "sequence", place._number, range(1, 60)),
        ("test", "step", test._number, [1, 2, 3, 4, 5] * 8),
        ("test", "readout", test._readout, ["readout1", "readout0"] * 20),
    ):
        median, slowest = steps(shown, values)
        is_quick = "yes" if median <= AIM else "no"
        print(f"| {name} | {control} | {median:.1f} | {slowest:.1f} | {is_quick} |")
    print(
        f"\nOpening takes {opening_pair:.1f} s (after {reading:.1f} s of `read_syntax`), "
        f"{opening:.1f} s, and {opening_test:.1f} s (after {testing:.1f} s of `test_motifs` on 600 "
        f"sequences).\nThe first look at a test makes its draws: {draws:.0f} ms at most, not "
        "counted above."
    )


if __name__ == "__main__":
    main()
