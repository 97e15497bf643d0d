"""The repository around the package: what is stated twice agrees, and the house rules hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import motifbook as mb

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def lower_bounds(requirements):
    parsed = (Requirement(one) for one in requirements)
    return {one.name: str(one.specifier) for one in parsed}


ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text()
CODE = sorted((ROOT / "motifbook").rglob("*.py"))
SHARED_WORDS = {"seed", "device", "batch_size", "progress", "self", "cls"}  # do not count
WIDE = {"models/foreign.py": 10}  # all that tells somebody else's network from ours
DEPENDENCIES = lower_bounds(PROJECT["dependencies"])
EXTRAS = lower_bounds(one for extra in PROJECT["optional-dependencies"].values() for one in extra)
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}


def tracked_texts():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.rstrip("\0").split("\0"):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".npz", ".png", ".gz", ".pdf", ".motifbook"}:
            yield name, path.read_text()


# ---- code


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path):
    text = path.read_text()
    most = WIDE.get(path.relative_to(ROOT / "motifbook").as_posix(), 8)
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[ast.get_docstring(node) is not None :]
            n_lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            parameters = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)} - SHARED_WORDS
            assert n_lines <= 60, f"{node.name}: {n_lines} lines"
            assert len(parameters) <= most, f"{node.name}: {len(parameters)} parameters"


def test_no_tracked_file_knows_the_machine_it_was_written_on():
    folders = "|".join(("work", "home", "root", "Users", "mnt", "tmp"))
    absolute = re.compile(rf"(?<![\w.~$}}])/(?:{folders})/\w")
    found = [name for name, text in tracked_texts() if absolute.search(text)]
    assert found == []


# ---- versions and dependencies


def test_the_version_is_stated_once():
    assert PROJECT["version"] == mb.__version__
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(citation["version"]) == mb.__version__
    assert f"## {mb.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_conda_installs_what_pip_installs():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    *from_conda, below = environment["dependencies"]
    conda = lower_bounds([one for one in from_conda if ">=" in one] + below["pip"])
    pip = {CONDA_NAMES.get(name, name): bound for name, bound in DEPENDENCIES.items()}
    assert {name: conda.get(name) for name in pip} == pip
    extras = {name: bound for name, bound in conda.items() if name not in pip}
    assert extras == {name: EXTRAS[name] for name in extras}


def test_a_library_in_two_extras_has_one_lower_bound():
    for requirements in PROJECT["optional-dependencies"].values():
        bounds = lower_bounds(requirements)
        assert bounds == {name: (EXTRAS | DEPENDENCIES)[name] for name in bounds}


def test_no_upper_bound_on_what_colab_brings():
    for name in ("torch", "numpy", "pandas"):
        assert re.fullmatch(r">=[\d.]+", DEPENDENCIES[name])


def test_commands_read_no_extra_index():
    read = ["pyproject.toml", "constraints.txt", "environment.yml", "postBuild", ".ci/run"]
    assert not [name for name in read if "index-url" in (ROOT / name).read_text()]


# ---- README

COMMANDS = (
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt"
    ' -e ".[test]" && .venv/bin/motifbook demo',
    ".venv/bin/python -m pytest",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_checks_run_the_commands_of_the_readme(command):
    assert f"\n{command}\n" in README
    assert command in (ROOT / ".ci" / "run").read_text()


def test_the_readme_names_what_is_there():
    named = set(re.findall(r"\bmb\.(\w+)", README))
    assert named
    assert named <= set(dir(mb))


def test_the_reference_lists_every_public_name():
    listed = set(
        re.findall(r"^   motifbook\.(\S+)$", (ROOT / "docs" / "api.rst").read_text(), re.M)
    )
    rooms = {"database", "exercises", "models", "plot", "widgets", "__version__"}
    public = set(dir(mb)) - rooms
    public |= {
        f"{room}.{name}" for room in ("plot", "widgets") for name in getattr(mb, room).__all__
    }
    assert public - listed == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "benchmarks/README.md"])
def test_local_links_lead_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert len(page.read_text().splitlines()) <= 150


def test_the_packaged_motifs_are_attributed():
    license = (ROOT / "motifbook" / "motif" / "jaspar2026_license.txt").read_text()
    for text in (license, README):
        assert "JASPAR 2026" in text
        assert "CC BY 4.0" in text
