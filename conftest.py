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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
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
    tags = getattr(item, "cell", {}).get("metadata", {}).get("tags", [])
    return {tag.removeprefix(NEEDS) for tag in tags if tag.startswith(NEEDS)}
