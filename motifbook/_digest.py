"""A short word that differs where settings or data differ."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

LENGTH = 32  # characters


def digest(words: object, arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> str:
    """Return 32 characters that differ where words, or arrays, differ.

    Examples
    --------
    >>> first, second = np.array([1, 2]), np.array([1, 3])
    >>> digest("a", {"x": first}) == digest("a", {"x": second})
    False
    """
    found = hashlib.sha256(json.dumps(plain(words)).encode())
    for name, values in (arrays or {}).items():
        found.update(f"{name} {values.shape} {values.dtype}".encode())
        found.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)  # no copy
    return found.hexdigest()[:LENGTH]


def plain(value: object) -> Any:
    """A value as JSON has it; of arrays and functions what tells them apart."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return _told(value)


def _told(value: object) -> Any:
    """A word for what JSON does not have."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()[:16]}"
    if isinstance(value, os.PathLike):
        return str(value)
    kind = value if callable(value) and hasattr(value, "__qualname__") else type(value)
    return f"{kind.__qualname__}"
