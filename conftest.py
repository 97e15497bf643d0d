"""How the whole suite runs: tests, doctests and notebooks, on two cores."""

from __future__ import annotations

import os

import pytest

# Two workers share two cores, so each gets one torch thread: more would spin on busy cores, and
# sums would be added in another order. NumPy and torch read this when they are first imported,
# and notebook kernels inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for the whole suite; none, so that `--pdb` works, for named files."""
    return 2 if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0
