"""Memory that a network's layers free, used again by the next batch."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Iterator
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # glibc's numbers in <malloc.h>
_NEVER = 2**31 - 1
_USUAL = {_MMAP_MAX: 65536, _MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: 64 << 20}
_TRIM = "MALLOC_TRIM_THRESHOLD_"  # Dask sets it, so that memory goes back: here at a block's end

_lock = threading.Lock()
_n_blocks = 0  # running blocks of `memory_kept`


@contextlib.contextmanager
def memory_kept() -> Iterator[None]:
    """Run a block in which freed memory is used again; at its end the system gets it back.

    glibc gives large pieces back at once and asks for them anew, each page cleared: where batches
    hold more than some 30,000 letters that takes as long as the layers themselves. Left alone where
    there is no glibc, or the environment says how it is to work (`MALLOC_…`, `GLIBC_TUNABLES`).
    Afterwards glibc's thresholds are the largest that its own rule reaches.
    """
    global _n_blocks  # the setting is the process's, too  # noqa: PLW0603
    glibc = _glibc()
    if glibc is None:
        yield
        return
    with _lock:
        _n_blocks += 1
        glibc.mallopt(_MMAP_MAX, 0)
        glibc.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        with _lock:
            _n_blocks -= 1
            if not _n_blocks:
                for setting, value in _USUAL.items():
                    glibc.mallopt(setting, value)
                glibc.malloc_trim(0)


def _glibc() -> Any:
    """The C library, if it is glibc and nobody told it how to keep memory."""
    told = [name for name in os.environ if name.startswith("MALLOC_") and name != _TRIM]
    if told or "GLIBC_TUNABLES" in os.environ:
        return None
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "gnu_get_libc_version") else None
    except (OSError, TypeError):  # Windows
        return None
