"""Contributors rebuild notebooks with one command, which writes what is committed."""

from __future__ import annotations

import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_frame import ROOT

SOURCES = [
    "import ipywidgets",
    "ipywidgets.IntSlider()",
    "absent = None  # its data are nowhere",
    "sorted({3, 1, 2})",
]


@pytest.fixture
def folder(tmp_path):
    """Return a repository with the script and one notebook that never ran."""
    cells = [new_code_cell(source) for source in SOURCES]
    cells[2].metadata.tags = ["needs-crx"]
    cells[2].outputs = [nbformat.v4.new_output("stream", text="as it was")]
    for name in ("scripts", "notebooks"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "scripts" / "run_notebooks.py", tmp_path / "scripts")
    notebook = new_notebook(cells=[new_markdown_cell("# A question"), *cells])
    nbformat.write(notebook, tmp_path / "notebooks" / "00_question.ipynb")
    return tmp_path


def rebuild(folder, monkeypatch, *names):
    for variable in ("MOTIFBOOK_DATA", "MOTIFBOOK_TEST_DATA"):
        monkeypatch.delenv(variable, raising=False)
    command = [sys.executable, folder / "scripts" / "run_notebooks.py", *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_notebook_is_written_as_it_is_committed(folder, monkeypatch):
    path = folder / "notebooks" / "00_question.ipynb"
    assert rebuild(folder, monkeypatch).returncode == 0
    once = path.read_bytes()
    notebook = nbformat.reads(once, as_version=4)
    code = notebook.cells[1:]
    assert [cell.source for cell in code] == SOURCES
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert set(code[1].outputs[0].data) == {"text/plain"}  # no slider that nothing moves
    assert code[2].outputs[0].text == "as it was"
    assert code[3].outputs[0].data["text/plain"] == "[1, 2, 3]"
    assert "widgets" not in notebook.metadata
    assert rebuild(folder, monkeypatch, "00").returncode == 0
    assert path.read_bytes() == once


@pytest.mark.slow
def test_after_an_error_the_notebook_is_as_it_was(folder, monkeypatch):
    path = folder / "notebooks" / "00_question.ipynb"
    path.write_text(path.read_text().replace("sorted(", "sorted(1 / 0, "))
    before = path.read_bytes()
    answer = rebuild(folder, monkeypatch)
    assert answer.returncode == 1
    assert "00_question.ipynb is as it was" in answer.stderr
    assert "ZeroDivisionError" in answer.stderr
    assert path.read_bytes() == before


@pytest.mark.slow
def test_a_notebook_that_cannot_be_cleaned_is_as_it_was(folder, monkeypatch):
    path = folder / "notebooks" / "00_question.ipynb"
    before = path.read_bytes()
    (folder / "nbstripout.py").write_text("raise SystemExit('absent')")  # found before the real one
    monkeypatch.chdir(folder)
    assert rebuild(folder, monkeypatch).returncode == 1
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_name_that_no_notebook_has_is_told(folder, monkeypatch):
    hidden = folder / "notebooks" / ".ipynb_checkpoints" / "11_question-checkpoint.ipynb"
    hidden.parent.mkdir()
    hidden.write_text("{}")
    answer = rebuild(folder, monkeypatch, "00", "11")
    assert answer.returncode == 1
    assert "got 11; expected beginnings of names of notebooks, such as 04" in answer.stderr
