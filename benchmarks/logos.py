"""Time of logos and of an explorer's step, beside logomaker in the same run.

Run: OMP_NUM_THREADS=1 python benchmarks/logos.py > benchmarks/logos.md
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace

import logomaker
import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import motifbook
from motifbook import Motif, plot
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


def with_logomaker(matrices: list[np.ndarray], *, writes_svg: bool) -> None:
    """One logo per matrix on a page of axes, as svg text or only as artists."""
    page = Figure(figsize=(12, 1.5 * len(matrices)))
    axes = np.atleast_1d(page.subplots(len(matrices)))
    for matrix, ax in zip(matrices, axes):
        logomaker.Logo(pd.DataFrame(matrix.T, columns=list("ACGT")), ax=ax)
    if writes_svg:
        page.savefig(io.StringIO(), format="svg")


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
    print("# Logos: time beside logomaker\n")
    print(
        f"motifbook {motifbook.__version__}, logomaker {logomaker.__version__}, matplotlib "
        f"{matplotlib.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        "medians in milliseconds.\nMade by `python benchmarks/logos.py`.\n"
    )
    print("| picture | ours: SVG | ours: Axes | logomaker: Axes | logomaker: SVG | times faster |")
    print("|---|---|---|---|---|---|")
    for width in (20, 200):
        matrix = RNG.normal(size=(4, width))
        svg = milliseconds(lambda m=matrix: plot.logo_svg(m), 50)
        axes = milliseconds(lambda m=matrix: plot.logo(m), 10)
        theirs = milliseconds(lambda m=matrix: with_logomaker([m], writes_svg=False), 3)
        written = milliseconds(lambda m=matrix: with_logomaker([m], writes_svg=True), 3)
        print(
            f"| logo 4 x {width} | {svg:.2f} | {axes:.1f} | {theirs:.0f} | {written:.0f} "
            f"| {theirs / svg:.0f} |"
        )
    page = motifs(64, 20)
    matrices = [motif.icm() for motif in page]
    svg = milliseconds(lambda: plot.gallery_svg(page, columns=8), 20)
    theirs = milliseconds(lambda: with_logomaker(matrices, writes_svg=False), 1)
    written = milliseconds(lambda: with_logomaker(matrices, writes_svg=True), 1)
    print(
        f"| 64 logos 4 x 20 | {svg:.2f} | | {theirs:.0f} | {written:.0f} | {theirs / svg:.0f} |\n"
    )
    print("`times faster` compares our finished SVG with logomaker's Axes, not yet written.\n")
    shown = explorer()
    print("| one step of the filter explorer (32 filters, 500 sequences) | Python time |")
    print("|---|---|")
    for window in ((0, 200), (60, 130)):
        print(f"| positions {window[0]} to {window[1]} | {steps(shown, window):.1f} |")


if __name__ == "__main__":
    main()
