"""What was asked for, in plain words: the same request goes on, another is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check

SEED_LIMIT = 2**31
DIGEST = 32  # characters


def refuse_other(path: Path, kept: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Refuse a request that differs from the one that a folder was begun with.

    An entry of None in `asked` stands for whatever was used then.

    Raises
    ------
    InputError
        Naming the first difference.
    """
    for name, now in asked.items():
        then = kept.get(name)
        if now is None or now == then:
            continue
        differs = f"{name} was {_check.shown(then)}, now it is {_check.shown(now)}"
        if _is_digest(then) and _is_digest(now):
            differs = f"{name} changed since"
        raise _check.InputError(
            f"{path} was begun with another request: {differs}. Give the same again to go on, or "
            "name another folder for `out`."
        )


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == DIGEST


def digest(words: object, arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> str:
    """A word that differs where words, or arrays, differ."""
    found = hashlib.sha256(json.dumps(plain(words)).encode())
    for name, values in (arrays or {}).items():
        found.update(f"{name} {values.shape} {values.dtype}".encode())
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()[:DIGEST]


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
    kind = value if callable(value) and hasattr(value, "__qualname__") else type(value)
    return f"{kind.__qualname__}"


def draw_seed(seed: int | None) -> int:
    """The seed that is kept: the one given, or a fresh one."""
    if seed is not None:
        return _check.whole_number(seed, "seed", low=0)
    return int(_check.generator(None, "stream").integers(SEED_LIMIT))


def piece_seed(seed: int, piece: int) -> int:
    """The seed of one piece: its own, whoever works on it and when."""
    return int(_check.generator(seed, f"piece {piece}").integers(SEED_LIMIT))
