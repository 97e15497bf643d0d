"""How long each notebook takes, how much memory it needs, and whether it always says the same.

python benchmarks/notebooks.py [NAME ...] [--threads 1 2] [--runs 2]

Every run has a kernel of its own and starts in an empty folder, as in Colab. No notebook is
written. Outputs are compared as `pytest --nbval` compares them. Reads /proc: Linux only.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbval.plugin import (
    coalesce_streams,
    find_metadata_tags,
    get_sanitize_patterns,
    transform_streams_for_comparison,
)

import motifbook as mb

FOLDER = Path(__file__).parents[1] / "notebooks"
LEFT_OUT = get_sanitize_patterns((FOLDER / "sanitize.cfg").read_text())
NOT_COMPARED = {
    *("metadata", "traceback", "output_type", "name", "execution_count"),
    *("application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg"),
}
SAME = "the same"


@dataclass(frozen=True)
class Run:
    """One run of a notebook: what it used, and what its cells put out."""

    wall: float  # seconds, with the start of the kernel
    cpu: float  # seconds of all threads, and of processes that have ended
    memory: float  # MB, the most the kernel held
    cells: dict[int, float]  # number of a cell: seconds
    outputs: dict[int, list[NotebookNode]]


def run(notebook: NotebookNode, threads: int) -> Run:
    """Run the cells whose data are here; an error ends it."""
    absent = set(mb.examples().query("available in ['download', 'absent']")["name"])
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    started, cells, outputs = time.perf_counter(), {}, {}
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
        with client.setup_kernel(env=environment):
            for number, cell in enumerate(notebook.cells):
                needed = {tag.removeprefix("needs-") for tag in cell.metadata.get("tags", [])}
                if cell.cell_type != "code" or needed & absent:
                    continue
                before = time.perf_counter()
                client.execute_cell(cell, number)
                cells[number] = time.perf_counter() - before
                outputs[number] = cell.outputs
            cpu, memory = used_by(client.km.provisioner.pid)
    return Run(time.perf_counter() - started, cpu, memory, cells, outputs)


def used_by(process: int) -> tuple[float, float]:
    """CPU seconds and the highest memory in MB of a process that still runs."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(map(int, fields[11:15]))  # user, system, and both of children that ended
    status = Path(f"/proc/{process}/status").read_text()
    kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    return ticks / os.sysconf("SC_CLK_TCK"), kilobytes * 1024 / 1e6


# ---- the comparison of nbval


def compared(outputs: list[NotebookNode]) -> dict[str, list[str]]:
    """What counts of a cell's outputs, with what sanitize.cfg leaves out replaced."""
    found = defaultdict(list)
    merged = coalesce_streams(deepcopy(outputs))  # it writes into what it is given
    for output in transform_streams_for_comparison(merged):
        data = output.get("data", {})
        for kind, value in [*output.items(), *data.items()]:
            if kind != "data" and kind not in NOT_COMPARED:
                found[kind].append(sanitized(str(value)))
    return dict(found)


def sanitized(text: str) -> str:
    for pattern, replacement in LEFT_OUT:
        text = re.sub(pattern, replacement, text)
    return text


def first_difference(
    notebook: NotebookNode, one: dict[int, list[NotebookNode]], other: dict[int, list[NotebookNode]]
) -> str:
    """The first cell whose outputs differ, and how; or "the same"."""
    for number in sorted(one.keys() & other.keys()):
        if not dict(find_metadata_tags(notebook.cells[number].metadata)).get("check", True):
            continue  # tagged nbval-ignore-output
        before, after = compared(one[number]), compared(other[number])
        for kind in sorted(before.keys() | after.keys()):
            if before.get(kind) != after.get(kind):
                return f"cell {number}, {kind}: {where(before.get(kind), after.get(kind))}"
    return SAME


def where(before: list[str] | None, after: list[str] | None, width: int = 40) -> str:
    """Both texts from their first different letter on."""
    one, other = ("\n".join(texts or ["nothing"]) for texts in (before, after))
    pairs = enumerate(zip(one, other))
    start = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
    return f"{one[start:][:width]!r} / {other[start:][:width]!r}"


# ---- the table


def print_row(path: Path, threads: int, number: int, reference: Run | None) -> Run:
    """Run a notebook, print its row of the table, and return the run."""
    notebook = nbformat.read(path, as_version=4)
    committed = {i: cell.outputs for i, cell in enumerate(notebook.cells) if "outputs" in cell}
    done = run(nbformat.read(path, as_version=4), threads)
    longest = max(done.cells, key=done.cells.get)
    among_runs = first_difference(notebook, (reference or done).outputs, done.outputs)
    print(
        f"| {path.stem} | {threads} | {number} | {done.wall:.1f} | {done.cpu:.1f} "
        f"| {done.memory:.0f} | cell {longest}: {done.cells[longest]:.1f} "
        f"| {first_difference(notebook, committed, done.outputs)} "
        f"| {among_runs if reference else ''} |",
        flush=True,
    )
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of names, as 04; all, if none")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    print(
        "| notebook | threads | run | seconds | CPU seconds | peak MB | longest cell, seconds "
        "| outputs and committed ones | and those of the first run |\n" + "|---" * 9 + "|"
    )
    for path in sorted(FOLDER.rglob("[!.]*.ipynb")):
        if options.names and not path.stem.startswith(tuple(options.names)):
            continue
        first = None
        for threads in options.threads:
            for number in range(1, options.runs + 1):
                done = print_row(path, threads, number, first)
                first = first or done


if __name__ == "__main__":
    main()
