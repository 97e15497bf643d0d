"""Freed memory is used again within a block, and the process is as before afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from motifbook import _memory as memory
from motifbook._memory import memory_kept

resource = pytest.importorskip("resource", reason="counts page faults, which Windows does not")


class Recorder:
    def __init__(self) -> None:
        self.calls = []

    def mallopt(self, setting, value):
        self.calls.append((setting, value))

    def malloc_trim(self, kept):
        self.calls.append(("trim", kept))


def faults(n: int = 40) -> int:
    """Pages that the system had to give for `n` tensors of 80 MB, one after the other."""
    torch.zeros(20_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(n):
        torch.zeros(20_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def pages_held() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1])


def pages() -> tuple[int, ...]:
    """Faults outside and inside a block; pages held before and after its end."""
    asked_anew = faults()
    with memory_kept():
        kept = faults()
        held = pages_held()
    return asked_anew, kept, held, pages_held()


@pytest.mark.skipif(memory._glibc() is None, reason="no glibc, or it is set by the environment")
def test_memory_is_asked_for_once():
    """In a process of its own: what other tests left behind would be counted, too."""
    command = [sys.executable, "-c", f"import {__name__} as test; print(*test.pages())"]
    told = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    asked_anew, kept, held, held_after = map(int, told.stdout.split())
    assert kept < 0.3 * asked_anew  # the first few, until the heap has room for all that is aligned
    assert held_after < held - 19_000  # of 4 kB


def test_the_last_of_two_blocks_gives_back_even_after_an_error(monkeypatch):
    glibc = Recorder()
    monkeypatch.setattr(memory, "_glibc", lambda: glibc)
    with memory_kept():
        with pytest.raises(RuntimeError, match="stop"), memory_kept():
            raise RuntimeError("stop")
        assert ("trim", 0) not in glibc.calls
    assert glibc.calls[-4:] == [*memory._USUAL.items(), ("trim", 0)]


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_the_environment_says_is_kept(monkeypatch, name):
    monkeypatch.setenv(name, "2")
    assert memory._glibc() is None


def test_memory_is_kept_where_only_its_trimming_is_told_as_dask_does(monkeypatch):
    glibc = Recorder()
    glibc.gnu_get_libc_version = None
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: glibc)
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    with memory_kept():
        assert (memory._TRIM_THRESHOLD, memory._NEVER) in glibc.calls
    assert glibc.calls[-1] == ("trim", 0)
