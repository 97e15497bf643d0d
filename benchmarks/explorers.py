"""Time of a step of the explorers, beside the bare network; editing is in `design_editor`.

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
    """Median and largest milliseconds of Python time from a new value to the new picture."""
    taken = []
    for value in values:
        start = time.process_time()
        control.value = value
        taken.append(1e3 * (time.process_time() - start))
    return statistics.median(taken), max(taken)


def seconds(job: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return job(), time.process_time() - start


def report(name: str, what: str, control: Any, values: Iterable[Any]) -> None:
    median, slowest = steps(control, values)
    is_quick = "yes" if median <= AIM else "no"
    print(f"| {name} | {what} | {median:.1f} | {slowest:.1f} | {is_quick} |")


def explore_network(adata: Any, model: mb.MotifSyntaxNet) -> dict[str, float]:
    """Print the rows of a network's explorers; return seconds to open each."""
    motifs = mb.read_motifs(model, adata)
    syntax = mb.read_syntax(model, adata, motifs=motifs)
    few = mb.ScramblerOptions(n_steps=20)
    scrambler = mb.fit_scrambler(model, adata[:400], options=few, seed=0, progress=False)
    filters, first = seconds(lambda: mb.widgets.FilterExplorer(model, adata))
    pair, second = seconds(lambda: mb.widgets.SyntaxExplorer(model, syntax))
    place, third = seconds(lambda: mb.widgets.PositionExplorer(model, adata, motifs=motifs))
    masks, fourth = seconds(
        lambda: mb.widgets.PositionExplorer(model, adata, motifs=motifs, scrambler=scrambler)
    )
    report("filter", "filter", filters._filter, range(1, filters._filter.max + 1))
    report("filter", "threshold", filters._threshold, range(10, 100, 5))
    report("filter", "page", filters._page, range(2, 40))
    report("syntax", "gap", pair._gap, range(1, 40))
    report("syntax", "place", pair._place, range(20, 60))
    report("syntax", "strands", pair._orientation, ["++", "+-", "-+", "--"] * 5)
    report("position", "window of 30", place._window, [(i, i + 30) for i in range(20, 60)])
    report("position", "window of 150", place._window, [(i, i + 150) for i in range(40)])
    report("position", "sequence", place._number, range(1, 60))
    report("position, scrambler", "bits", masks._level, [*range(masks._level.max + 1)] * 4)
    report("position, scrambler", "sequence", masks._number, range(1, 60))
    return {"filter": first, "syntax": second, "position": third, "with a scrambler": fourth}


def explore_results() -> None:
    """Print the rows of the explorers of a formula and of tests."""
    adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
    formula = mb.fit_formula(adata, seed=0, progress=False)
    explorer = mb.widgets.FormulaExplorer(formula)
    term = next(iter(explorer._switches.values()))
    report("formula", "motif", explorer._motif, [value for _, value in explorer._motif.options] * 4)
    report("formula", "a term off and on", term, [False, True] * 20)
    test = mb.widgets.TestExplorer(mb.test_motifs(adata, seed=0))
    _, draws = steps(test._number, range(2, 6))
    test._readout.value = "readout1"
    steps(test._number, range(2, 6))
    report("test", "step", test._number, [1, 2, 3, 4, 5] * 8)
    report("test", "readout", test._readout, ["readout1", "readout0"] * 20)
    print(f"\nThe first look at a test makes its draws: {draws:.0f} ms at most, not counted above.")


def main() -> None:
    adata = mb.simulate(n=5000, length=200, rule="tut2", seed=0)
    model = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(model, adata, seed=0, progress=False)
    letters = store.get_letters(adata)[:128]
    bare = statistics.median(seconds(lambda: outputs(model, letters))[1] for _ in range(30))
    print("# Explorers: Python time of a step\n")
    print(
        f"motifbook {mb.__version__}, one of {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; tut2, 200 letters; formula and tests: 600 sequences of 80.\n"
        "Made by `python -m benchmarks.explorers`; CPU time, picture included. The network alone "
        f"takes {1e3 * bare:.1f} ms for 128 sequences.\n"
    )
    print(f"| explorer | control | ms, median | slowest | median within {AIM} ms |")
    print("|---|---|---|---|---|")
    opening = explore_network(adata, model)
    explore_results()
    told = ", ".join(f"{taken:.1f} s ({name})" for name, taken in opening.items())
    print(f"Opening takes {told}.")


if __name__ == "__main__":
    main()
