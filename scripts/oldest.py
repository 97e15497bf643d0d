"""Test the oldest versions that pyproject.toml allows, in an environment of their own.

``python scripts/oldest.py`` makes a virtual environment with exactly the lower bound of every
dependency, on the oldest Python that is there (3.10 or 3.11: later ones have no wheels that old),
and runs a quick part of the tests in it. It is removed at the end unless ``--keep`` names a folder.
``--newest --python python3.13`` takes the newest versions instead, on that Python, also those that
constraints.txt holds back. benchmarks/versions.md says what was run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("hypothesis", "memelite", "pytest", "pytest-xdist")  # imported by these tests
TOLD = "anndata|h5py|joblib|lightning|matplotlib|numpy|pandas|scikit-learn|scipy|tangermeme|torch"
TESTS = """
onehot motif_files data_fasta data_store data_tracks data_signals train_files attribution_methods
scrambler_files significance_prepare formula_count_table design_order plot_logo report_folder
widgets_filter_explorer stream_hits stream_panel train_processes
"""  # a quick file of every room; of these, what is not marked as slow


def main(argv: Sequence[str] | None = None) -> int:
    """Make the environment, run the tests; 0 if they passed, or if there is no such Python."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--newest", action="store_true", help="newest versions, not the oldest")
    parser.add_argument("--python", help="interpreter; by default the oldest that is there")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the environment stays")
    arguments = parser.parse_args(argv)
    python = arguments.python or oldest_python()
    if python is None:
        print("NOT TESTED: the oldest versions. They have wheels for Python 3.10 and 3.11 alone,")
        print("and neither is here: install one, or name it with --python.")
        return 0
    with tempfile.TemporaryDirectory(prefix="motifbook-oldest-") as folder:
        place = arguments.keep or Path(folder)
        return run_tests(python, place, wanted(arguments.newest), is_newest=arguments.newest)


def oldest_python() -> str | None:
    """Return the oldest Python that runs and has wheels of the oldest versions."""
    for version in ("3.10", "3.11"):
        named = shutil.which(f"python{version}")
        homes = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        of_pyenv = sorted(str(path) for path in homes.glob(f"{version}.*/bin/python"))
        for python in [*([named] if named else []), *of_pyenv]:
            if told(python, "import sys; print('%d.%d' % sys.version_info[:2])") == version:
                return python
    return None


def told(python: str, line: str) -> str:
    """What a line of Python prints; nothing if the interpreter does not run."""
    done = subprocess.run([python, "-c", line], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def wanted(newest: bool) -> list[str]:
    """Requirements of the package, of tables and of the tests: lower bounds as exact versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["tables"], *extras["scale"]]
    needed += [line for line in extras["test"] if re.split("[>=<]", line)[0] in TOOLS]
    return needed if newest else [exactly(line) for line in needed]


def exactly(requirement: str) -> str:
    """Return "name==1.4" for "name>=1.4,<2".

    >>> exactly("tangermeme>=1.4,<2")
    'tangermeme==1.4'
    """
    name, bound = re.fullmatch(r"([\w.-]+)>=([\w.]+)(?:,.*)?", requirement).groups()
    return f"{name}=={bound}"


def run_tests(python: str, place: Path, requirements: list[str], *, is_newest: bool) -> int:
    """Install into `place`, say what is there, run the tests; return pytest's exit status."""
    start = time.monotonic()
    subprocess.run([python, "-m", "venv", place], check=True)
    pip = [place / "bin" / "python", "-m", "pip"]
    quiet = ["--quiet", "--no-compile", "--disable-pip-version-check"]
    constraints = [] if is_newest else ["-c", ROOT / "constraints.txt"]
    subprocess.run([*pip, "install", *quiet, *constraints, *requirements], check=True)
    listed = subprocess.run([*pip, "freeze"], capture_output=True, text=True, check=True).stdout
    versions = re.findall(rf"^((?:{TOLD})==\S+)$", listed, flags=re.MULTILINE)
    version = told(python, "import platform; print(platform.python_version())")
    print(f"Python {version}, {', '.join(versions)}; made in {time.monotonic() - start:.0f} s")
    sys.stdout.flush()
    files = [f"tests/test_{name}.py" for name in TESTS.split()]
    plain = ["-o", "addopts=", "-p", "no:cacheprovider", "-q", "-m", "not slow", "--tb=short"]
    done = subprocess.run(
        [place / "bin" / "python", "-W", "ignore", "-m", "pytest", *plain, *files],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    print(
        f"{'passed' if done.returncode == 0 else 'FAILED'} after {time.monotonic() - start:.0f} s"
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
