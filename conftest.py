"""How the whole suite runs: tests, doctests and notebooks, on two cores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Two workers share two cores, so each gets one torch thread: more would spin on busy cores, and
# sums would be added in another order. NumPy and torch read this when they are first imported,
# and notebook kernels inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for the whole suite; none, so that `--pdb` works, for named files."""
    return 2 if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


# Notebooks look for real data where the tests do; their kernels inherit this.
beside = Path(__file__).resolve().parents[1] / "shared" / "data"
if beside.is_dir():
    os.environ.setdefault("MOTIFBOOK_TEST_DATA", str(beside))

NEEDS = "needs-"  # the tag "needs-ctcf" of a cell names an example
TRAINED = "trained"  # the tag of a cell that shows what one training made: other sums, other motifs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fit the cells of notebooks to this machine: its examples and its arithmetic."""
    _skip_absent_examples(items)
    _compare_on_like_processors(items)


def _compare_on_like_processors(items: list[pytest.Item]) -> None:
    """Run cells tagged "trained" everywhere; compare them where a training gives the same bits."""
    trained = [item for item in items if TRAINED in _tags(item)]
    if trained:
        from scripts.run_notebooks import ARITHMETIC, arithmetic

        here = arithmetic()
        for item in trained:
            if item.parent.nb.metadata.get(ARITHMETIC) != here:
                item.options["check"] = False


def _skip_absent_examples(items: list[pytest.Item]) -> None:
    """Skip cells tagged with an example that is in no local folder; tests fetch nothing."""
    needed = [(item, _examples(item)) for item in items]
    if not any(names for _, names in needed):
        return
    from motifbook import examples

    table = examples()
    absent = set(table.loc[table["available"].isin(["download", "absent"]), "name"])
    for item, names in needed:
        for name in names & absent:
            item.add_marker(pytest.mark.skip(reason=f"the example {name!r} is in no local folder"))


def _examples(item: pytest.Item) -> set[str]:
    return {tag.removeprefix(NEEDS) for tag in _tags(item) if tag.startswith(NEEDS)}


def _tags(item: pytest.Item) -> list[str]:
    return getattr(item, "cell", {}).get("metadata", {}).get("tags", [])
