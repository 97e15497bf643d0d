"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MOTIFBOOK_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not there (set MOTIFBOOK_TEST_DATA)")
    return folder
