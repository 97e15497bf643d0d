"""Run notebooks again and write them as they are committed.

    python scripts/run_notebooks.py [NAME ...]

NAME is the beginning of a notebook's name, such as 04; all, if none is given. Each runs from top to
bottom in a kernel of its own, with one thread as under pytest. Cells on real data that are not here
keep their output. After an error nothing is written. Left out are widget state, and the references
to it: without a kernel JupyterLab would show "model not found" where the explorer's picture is.
Each notebook notes how this processor adds (`arithmetic`), so that the tests know where the outputs
of cells tagged "trained" are to be found again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import motifbook as mb
from motifbook import _check

FOLDER = Path(__file__).parents[1] / "notebooks"
LIVE = "application/vnd.jupyter.widget-view+json"
ARITHMETIC = "arithmetic"  # the key in a notebook's metadata
NOT_KEPT = "metadata.widgets metadata.language_info.version"


def run(path: Path) -> None:
    """Run a notebook's cells and write it."""
    notebook = nbformat.read(path, as_version=4)
    absent = set(mb.examples().query("available in ['download', 'absent']")["name"])
    resources = {"metadata": {"path": path.parent}}
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", record_timing=False, resources=resources
    )
    with client.setup_kernel():
        for i, cell in enumerate(notebook.cells):
            needed = {tag.removeprefix("needs-") for tag in cell.metadata.get("tags", [])}
            if needed & absent:
                print(f"{path.name}: cell {i} keeps its output, without {needed & absent}")
            elif cell.cell_type == "code":
                client.execute_cell(cell, i)
    notebook.metadata[ARITHMETIC] = arithmetic()
    write(notebook, path)


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Number the cells, leave out what is not committed (`.ci/run` checks that), and write."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            output.get("data", {}).pop(LIVE, None)
            if output.output_type == "execute_result":
                output.execution_count = count
    strip = [sys.executable, "-m", "nbstripout", "--keep-output", "--keep-count"]
    with _check.new_file(path) as part:
        nbformat.write(notebook, part)
        subprocess.run([*strip, "--extra-keys", NOT_KEPT, str(part)], check=True)


def arithmetic() -> str:
    """Short digest of what a small training gives: the same bits only where sums are the same."""
    adata = mb.simulate(n=300, length=100, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, seed=0)
    model = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=20))
    return hashlib.sha256(mb.predict(model, adata).tobytes()).hexdigest()[:12]


def chosen(names: list[str]) -> list[Path]:
    """Return the notebooks whose names begin so, all for no names; not what editors hide there."""
    paths = sorted(
        path
        for path in FOLDER.rglob("*.ipynb")
        if not any(part.startswith(".") for part in path.relative_to(FOLDER).parts)
    )
    for name in names:
        if not any(path.stem.startswith(name) for path in paths):
            raise SystemExit(f"got {name}; expected beginnings of names of notebooks, such as 04")
    return [path for path in paths if path.stem.startswith(tuple(names) or "")]


def main() -> None:
    """Run those that are named."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for path in chosen(sys.argv[1:]):
        started = time.perf_counter()
        try:
            run(path)
        except CellExecutionError as error:
            raise SystemExit(f"{path.name} is as it was:\n{error}") from None
        print(f"{path.name}: {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
