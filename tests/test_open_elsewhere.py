"""Colab and Binder get the right repository, and all that the package reads travels with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
import yaml
from test_frame import PROJECT, ROOT, tomllib, tracked_texts

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[!.]*.ipynb"))
ADDRESS = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
BRANCH = "main"


def badges(name):
    view = "voila/render" if name.startswith("notebooks/extra/") else "lab/tree"  # as an app
    colab = f"https://colab.research.google.com/github/{ADDRESS}/blob/{BRANCH}/{name}"
    binder = f"https://mybinder.org/v2/gh/{ADDRESS}/{BRANCH}?urlpath={view}/{name}"
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
        f" [![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


INSTALL = f"""if "google.colab" in sys.modules:  # elsewhere it is installed already
    %pip install -q "motifbook @ git+https://github.com/{ADDRESS}"
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_itself_elsewhere(path):
    cells = nbformat.read(path, as_version=4).cells
    title, _, second, *_ = cells[0].source.splitlines()
    first_code = next(cell for cell in cells if cell.cell_type == "code")
    assert title.startswith("# ")
    assert second == badges(path.relative_to(ROOT).as_posix())
    assert INSTALL in first_code.source
    assert first_code.source.index(INSTALL) < first_code.source.index("import motifbook as mb")


# ---- another address


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the repository's texts, with its script."""
    for name, _ in tracked_texts():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_address(folder, *arguments):
    command = [sys.executable, folder / "scripts" / "set_address.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def texts(folder):
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_one_command_changes_the_address_everywhere(copy):
    before = texts(copy)
    changed = set_address(copy, "some-lab/our.motifs.git", "trunk").stdout.split()
    assert {"pyproject.toml", "notebooks/00_start_here.ipynb"} <= set(changed)
    for path, text in texts(copy).items():
        assert not re.search(rf"(github\.com|/gh|/github)/{ADDRESS}\b", text), path
    start = (copy / "notebooks" / "00_start_here.ipynb").read_text()
    assert "our.motifs.git" not in start
    assert "some-lab/our.motifs/blob/trunk/notebooks/00_start_here.ipynb" in start
    assert "gh/some-lab/our.motifs/trunk?urlpath=lab/tree/notebooks/00_start_here.ipynb" in start
    assert r"git+https://github.com/some-lab/our.motifs@trunk\"" in start
    assert set_address(copy, ADDRESS, BRANCH).returncode == 0
    assert texts(copy) == before  # and nothing else was touched


@pytest.mark.parametrize("arguments", [[], ["https://github.com/a/b"], ["a/b", "main", "c"]])
def test_an_address_that_is_none_changes_nothing(tmp_path, arguments):
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/set_address.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    before = texts(tmp_path)
    answer = set_address(tmp_path, *arguments)
    assert answer.returncode == 1
    assert "expected: python scripts/set_address.py OWNER/NAME [BRANCH]" in answer.stderr
    assert texts(tmp_path) == before


# ---- Binder


def test_conda_can_read_every_line():
    rattler = pytest.importorskip("rattler", reason="py-rattler reads conda's own notation")
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    names = [rattler.MatchSpec(line, strict=True).name for line in lines if isinstance(line, str)]
    assert len(names) == len({str(name) for name in names}) == len(lines) - 1  # and those of pip


def test_binder_installs_the_package_and_nothing_else():
    script = ROOT / "postBuild"
    commands = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    assert commands == ["set -euo pipefail", "python -m pip install --no-deps -e ."]
    assert os.access(script, os.X_OK)


# ---- an installation that is no checkout


def test_all_that_the_package_reads_travels_with_it():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    package = ROOT / "motifbook"
    packed = {path for one in settings["package-data"]["motifbook"] for path in package.glob(one)}
    caches = {"__pycache__", ".ipynb_checkpoints"}
    there = {
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".py" and not caches & set(path.parts)
    }
    assert there == packed
    assert package / "data" / "locus.motifbook" in packed
