"""Time of a step of the sequence editor and of the explorer of designs.

Run: OMP_NUM_THREADS=1 python -m benchmarks.design_editor > benchmarks/design_editor.md
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

import motifbook as mb
from motifbook.models.network import Network

AIM = 50  # milliseconds
N = 40  # steps of each kind

Step = Callable[[], Any]


def timed(steps: Iterable[Step]) -> tuple[float, float]:
    """Median and largest milliseconds of Python time of steps."""
    taken = []
    for step in steps:
        start = time.process_time()
        step()
        taken.append(1e3 * (time.process_time() - start))
    return statistics.median(taken), max(taken)


def report(name: str, what: str, steps: Iterable[Step]) -> None:
    median, slowest = timed(steps)
    print(
        f"| {name} | {what} | {median:.1f} | {slowest:.1f} | {'yes' if median <= AIM else 'no'} |"
    )


def letters(editor: Any, rng: np.random.Generator) -> Iterator[Step]:
    """Another letter at a random position."""
    for position in rng.choice(200, N, replace=False).tolist():
        here = editor.sequence[position]
        other = "ACGT"[("ACGT".index(here) + 1) % 4]
        yield lambda text=f"{position} {here}>{other}": editor.change(text)


def edit(name: str, model: Network, adata: Any, motifs: list[mb.Motif]) -> float:
    """Print the rows of one network; return seconds to open its editor."""
    start = time.process_time()
    editor = mb.widgets.SequenceEditor(model, adata[0], motifs=motifs, adata=adata)
    opening = time.process_time() - start
    rng = np.random.default_rng(0)
    report(name, "a letter", letters(editor, rng))
    places = rng.integers(0, 180, N).tolist()
    report(name, "a motif", (lambda p=p: editor.write_motif(motifs[0].name, p) for p in places))
    report(name, "undo", (editor.undo for _ in range(N)))
    report(name, "redo", (editor.redo for _ in range(N)))
    for method in ("mutagenesis", "none"):
        editor._method.value = method
        report(name, f"a letter, attribution: {method}", letters(editor, rng))
    positions = (lambda p=p: setattr(editor._position, "value", p) for p in range(0, 200, 5))
    report(name, "another position", positions)
    return opening


def explore(model: Network) -> float:
    """Print the rows of the explorer of designs; return seconds to open it."""
    designs = mb.design(model, n=5, method="greedy", seed=0)
    start = time.process_time()
    explorer = mb.widgets.DesignExplorer(designs)
    opening = time.process_time() - start
    n_edits = explorer._step.max
    steps = [*range(n_edits - 1, -1, -1), *range(1, n_edits + 1)]
    report("designs", "step", (lambda s=s: setattr(explorer._step, "value", s) for s in steps))
    others = [1, 2, 3, 4, 0] * 4
    report("designs", "design", (lambda d=d: setattr(explorer._design, "value", d) for d in others))
    boxes = explorer._accepted.children
    report("designs", "refuse", (lambda b=b: setattr(b, "value", False) for b in boxes))
    return opening


def main() -> None:
    adata = mb.simulate(n=3000, length=200, rule="additive", seed=0)
    syntax, cnn = (make(n_readouts=adata.n_vars) for make in (mb.MotifSyntaxNet, mb.CNN))
    for model in (syntax, cnn):
        mb.fit(model, adata, seed=0, progress=False)
    print("# Editing and exploring designs: Python time of a step\n")
    print(
        f"motifbook {mb.__version__}, one of {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; simulated sequences of 200 letters, two readouts; up to "
        f"{4 * N} edits are kept.\n"
        "Made by `python -m benchmarks.design_editor`; CPU time, picture included.\n"
    )
    print(f"| | step | ms, median | slowest | median within {AIM} ms |")
    print("|---|---|---|---|---|")
    opening = [
        edit(name, model, adata, mb.read_motifs(model, adata))
        for name, model in (("MotifSyntaxNet", syntax), ("CNN", cnn))
    ]
    designing = explore(syntax)
    print(
        f"\nOpening takes {opening[0]:.1f} s, {opening[1]:.1f} s and {designing:.1f} s; the rule "
        "for motif instances is learned then."
    )


if __name__ == "__main__":
    main()
