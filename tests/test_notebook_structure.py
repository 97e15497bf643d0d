"""Notebooks stay short, explained, and as they were run; checked without running them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("[!.]*.ipynb"))
NUMBERED = [path for path in NOTEBOOKS if path.parent == FOLDER]  # those beside them are extras
NOT_IN_CODE = {
    "changes sys.path": r"\bsys\.path\b",
    "names an absolute path": r"""["'](?:/|[A-Za-z]:\\|~/)\w""",
    "draws with matplotlib; `plot` does that": r"\bmatplotlib\b|\bpyplot\b|\bplt\.",
}


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def n_lines(cell):
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def n_words(markdown):
    """Words a reader sees: no hidden answers, tags, addresses."""
    shown = re.sub(r"<details>.*?</details>", " ", markdown, flags=re.DOTALL)
    shown = re.sub(r"<[^>]+>|\]\([^)]*\)|`{3}.*?`{3}", " ", shown, flags=re.DOTALL)
    return len(re.findall(r"\w[\w'-]*", shown))


def longest_definition(cell):
    tree = ast.parse(TransformerManager().transform_cell(cell.source))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return max((node.end_lineno - node.lineno + 1 for node in found), default=0)


def complaints_about_size(notebook):
    code = code_of(notebook)
    sizes = {
        "cells": (len(notebook.cells), 40),
        "code cells": (len(code), 20),
        "code lines": (sum(map(n_lines, code)), 120),
        "lines in a cell": (max(map(n_lines, code), default=0), 15),
        "lines in a definition": (max(map(longest_definition, code), default=0), 5),
    }
    return [f"{n} {what}, at most {most}" for what, (n, most) in sizes.items() if n > most]


def complaints_about_code(notebook):
    for number, cell in enumerate(code_of(notebook), start=1):
        for complaint, pattern in NOT_IN_CODE.items():
            if re.search(pattern, cell.source):
                yield f"code cell {number} {complaint}"
        tags = cell.metadata.get("tags", [])
        if "about()" in cell.source and "nbval-ignore-output" not in tags:
            yield f"code cell {number} prints versions; tag it nbval-ignore-output"
        if "trained" in tags and not notebook.metadata.get("arithmetic"):
            yield f"code cell {number} is never compared: run scripts/run_notebooks.py"


def complaints_about_words(notebook):
    """Words before every code cell, at most 80; the opening may be longer."""
    for before, cell in zip([None, *notebook.cells], notebook.cells):
        if cell.cell_type != "code":
            continue
        if before is None or before.cell_type != "markdown":
            yield f"no words before {cell.source[:40]!r}"
        elif before is not notebook.cells[0] and n_words(before.source) > 80:
            yield f"{n_words(before.source)} words before {cell.source[:40]!r}, at most 80"


def complaints_about_state(notebook):
    """Run once from top to bottom, without errors or warnings, without widget state."""
    code = code_of(notebook)
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "cells were not run once from top to bottom"
    if "widgets" in notebook.metadata:
        yield "widget state is stored"
    for cell in code:
        for output in cell.outputs:
            if any("widget" in kind for kind in output.get("data", {})):
                yield f"without a kernel no picture stands under {cell.source[:40]!r}"
            shown = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            to_stderr = output.get("name") == "stderr"
            if output.output_type == "error" or to_stderr or re.search(r"\w*Warning:", shown):
                yield f"an error or a warning under {cell.source[:40]!r}"


def complaints_about_links(notebook, folder):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            links = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", cell.source)
            yield from (f"dead link {link}" for link in links if not (folder / link).exists())


def complaints(notebook, folder):
    return [
        *complaints_about_size(notebook),
        *complaints_about_code(notebook),
        *complaints_about_words(notebook),
        *complaints_about_state(notebook),
        *complaints_about_links(notebook, folder),
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_the_rules(path):
    assert path.stat().st_size < 1e6
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert complaints(notebook, path.parent) == []


def test_every_numbered_notebook_has_the_same_cell_for_your_own_data():
    sources = [
        cell.source
        for path in NUMBERED
        for cell in code_of(nbformat.read(path, as_version=4))
        if "bring-your-own" in cell.metadata.get("tags", [])
    ]
    assert len(sources) == len(NUMBERED)
    assert len(set(sources)) == 1


# ---- the rules themselves: a good notebook passes, each fault is found


def small_notebook(source="x = 1", words="Why.", **cell):
    return new_notebook(
        cells=[
            new_markdown_cell("# A question"),
            new_markdown_cell(words),
            new_code_cell(source, **{"execution_count": 1, **cell}),
        ]
    )


def test_a_good_notebook_passes():
    words = "Why. <details>" + "hidden " * 90 + "</details> [here](README.md)"
    good = small_notebook("%time x = mb.about()", words, metadata={"tags": ["nbval-ignore-output"]})
    assert complaints(good, FOLDER.parent) == []


@pytest.mark.parametrize(
    ("notebook", "complaint"),
    [
        (small_notebook("x = 1\n" * 16), "16 lines in a cell, at most 15"),
        (small_notebook("def f():\n" + "    x = 1\n" * 5), "6 lines in a definition, at most 5"),
        (small_notebook("import sys; sys.path.append('.')"), "code cell 1 changes sys.path"),
        (small_notebook("read('/data/x.fa')"), "code cell 1 names an absolute path"),
        (small_notebook("plt.plot(x)"), "code cell 1 draws with matplotlib; `plot` does that"),
        (small_notebook("mb.about()"), "code cell 1 prints versions; tag it nbval-ignore-output"),
        (
            small_notebook(metadata={"tags": ["trained"]}),
            "code cell 1 is never compared: run scripts/run_notebooks.py",
        ),
        (small_notebook(words="word " * 81), "81 words before 'x = 1', at most 80"),
        (small_notebook(words="[a](no.md)"), "dead link no.md"),
        (small_notebook(execution_count=2), "cells were not run once from top to bottom"),
        (
            small_notebook(outputs=[new_output("stream", name="stderr", text="oh")]),
            "an error or a warning under 'x = 1'",
        ),
        (
            small_notebook(outputs=[new_output("stream", name="stdout", text="FutureWarning: x")]),
            "an error or a warning under 'x = 1'",
        ),
        (
            small_notebook(
                outputs=[
                    new_output("execute_result", {"application/vnd.jupyter.widget-view+json": {}})
                ]
            ),
            "without a kernel no picture stands under 'x = 1'",
        ),
        (new_notebook(cells=[new_code_cell("x", execution_count=1)]), "no words before 'x'"),
        (new_notebook(metadata={"widgets": {}}), "widget state is stored"),
        (new_notebook(cells=[new_markdown_cell("a") for _ in range(41)]), "41 cells, at most 40"),
    ],
)
def test_a_fault_is_found(notebook, complaint):
    assert complaints(notebook, FOLDER.parent) == [complaint]
