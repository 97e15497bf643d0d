"""What was asked for, in plain words: the same request goes on, another is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from motifbook import _check, _digest

SEED_LIMIT = 2**31


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
    return isinstance(value, str) and len(value) == _digest.LENGTH


def draw_seed(seed: int | None) -> int:
    """The seed that is kept: the one given, or a fresh one."""
    if seed is not None:
        return _check.whole_number(seed, "seed", low=0)
    return int(_check.generator(None, "stream").integers(SEED_LIMIT))


def piece_seed(seed: int, piece: int) -> int:
    """The seed of one piece: its own, whoever works on it and when."""
    return int(_check.generator(seed, f"piece {piece}").integers(SEED_LIMIT))
