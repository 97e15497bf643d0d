"""What was made last, so that nothing is made twice that did not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")


class Memory:
    """Keeps the last of each kind of thing that was made."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, Any]] = {}

    def once(self, what: str, make: Callable[..., Made], *asked: Any) -> Made:
        """Return what `make` makes of what is asked, the same thing until that changes."""
        if what not in self._kept or self._kept[what][0] != asked:
            self._kept[what] = asked, make(*asked)
        made: Made = self._kept[what][1]
        return made
