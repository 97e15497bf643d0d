"""Time of a step of the filter explorer; logos beside logomaker's are in `python -m benchmarks`.

Run: OMP_NUM_THREADS=1 python -m benchmarks.logos > benchmarks/logos.md
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

import motifbook
from motifbook import Motif
from motifbook.widgets import FilterExplorer

RNG = np.random.default_rng(0)


def milliseconds(job: Callable[[], object], n: int) -> float:
    """Median of `n` runs after a first one."""
    job()
    taken = []
    for _ in range(n):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return 1e3 * statistics.median(taken)


def motifs(n: int, width: int) -> list[Motif]:
    return [Motif(f"filter_{i}", RNG.dirichlet(np.full(4, 0.3), width).T) for i in range(n)]


def explorer() -> FilterExplorer:
    """32 filters of width 16 on 500 sequences of 200 letters."""
    n, n_filters, length, width = 500, 32, 200, 16
    activation = RNG.normal(-1.5, 1, (n, n_filters, length - width + 1)).clip(0)
    for f in range(n_filters):
        activation[RNG.integers(0, n, 200), f, RNG.integers(0, length - width, 200)] += 5
    return FilterExplorer.from_view(
        SimpleNamespace(
            motifs=motifs(n_filters, width),
            activation=activation.astype(np.float32),
            strand=RNG.choice(np.array([-1, 1], np.int8), activation.shape),
            letters=RNG.integers(0, 4, (n, length)).astype(np.uint8),
            names=[f"chr1:{i}000-{i}200" for i in range(n)],
        )
    )


def steps(shown: FilterExplorer, window: tuple[int, int]) -> float:
    """Milliseconds of one step of the filter slider, from the value to the new picture."""
    shown._window.value = window
    numbers = iter(list(range(32)) * 4)
    return milliseconds(lambda: setattr(shown._filter, "value", next(numbers)), 100)


def main() -> None:
    print("# A step of the filter explorer\n")
    print(
        f"motifbook {motifbook.__version__}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; medians in milliseconds.\n"
        "Made by `python -m benchmarks.logos`; logos beside logomaker's are in the table of "
        "README.md.\n"
    )
    shown = explorer()
    print("| one step of the filter explorer (32 filters, 500 sequences) | Python time |")
    print("|---|---|")
    for window in ((0, 200), (60, 130)):
        print(f"| positions {window[0]} to {window[1]} | {steps(shown, window):.1f} |")


if __name__ == "__main__":
    main()
