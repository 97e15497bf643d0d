"""Cells on real data run where the data are, and are skipped elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"  # as for the tests
NEEDS = "needs-"  # the tag "needs-ctcf" names an example

if BESIDE.is_dir():
    os.environ.setdefault("MOTIFBOOK_TEST_DATA", str(BESIDE))  # kernels inherit it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip cells tagged with an example that is in no local folder; tests fetch nothing."""
    from motifbook import examples

    table = examples()
    absent = set(table.loc[table["available"] == "download", "name"])
    for item in items:
        tags = getattr(item, "cell", {}).get("metadata", {}).get("tags", [])
        for name in absent.intersection(tag.removeprefix(NEEDS) for tag in tags):
            item.add_marker(pytest.mark.skip(reason=f"the example {name!r} is in no local folder"))
