"""Controls inside an explorer, for the tests of explorers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ipywidgets import BoundedIntText


def controls_in(widget: Any) -> Iterator[Any]:
    """All widgets inside a widget."""
    for child in getattr(widget, "children", ()):
        yield child
        yield from controls_in(child)


def number_boxes(explorer: Any) -> dict[str, BoundedIntText]:
    """Number boxes of an explorer by the name that is read out, from top to bottom."""
    found = controls_in(explorer.widget)
    return {one.description: one for one in found if isinstance(one, BoundedIntText)}
