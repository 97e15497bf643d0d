"""Controls that explorers share: number boxes beside sliders, buttons, rows that wrap."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

# Layouts. A wide control takes 24 em, and shrinks to 14 where there is less room.
WIDE = {"flex": "1 1 14em", "width": "auto", "max_width": "24em"}
WRAP = {"flex_flow": "row wrap", "align_items": "center", "max_width": "100%"}


def row(*controls: w.Widget) -> w.HBox:
    """Return controls beside each other, in several lines where there is little room."""
    return w.HBox(controls, layout=w.Layout(**WRAP))


def beside(slider: w.IntSlider) -> w.BoundedIntText:
    """Return a number box of the name and value of `slider`: for typing, and for screen readers."""
    box = _number_box(slider, slider.description, slider.value)
    w.link((slider, "max"), (box, "max"))
    w.link((slider, "value"), (box, "value"))
    return box


def ends_beside(slider: w.IntRangeSlider) -> list[w.BoundedIntText]:
    """Return number boxes for both ends of a range `slider`; neither end passes the other."""
    boxes = [
        _number_box(slider, f"{slider.description}, {word}", end)
        for word, end in zip(("from", "to"), slider.value)
    ]

    def to_boxes(_: object) -> None:
        for box, end in zip(boxes, slider.value):
            box.value = end

    def first_to_slider(change: dict[str, int]) -> None:
        first = change["new"]
        slider.value = (first, max(first, slider.value[1]))

    def end_to_slider(change: dict[str, int]) -> None:
        end = change["new"]
        slider.value = (min(end, slider.value[0]), end)

    slider.observe(to_boxes, names="value")
    boxes[0].observe(first_to_slider, names="value")
    boxes[1].observe(end_to_slider, names="value")
    return boxes


def _number_box(slider: w.Widget, name: str, value: int) -> w.BoundedIntText:
    box = w.BoundedIntText(
        value=value,
        min=slider.min,
        max=slider.max,
        step=slider.step,
        description=name,
        layout={"width": "auto"},
    )
    return hide_name(box)


def hide_name(control: w.Widget) -> w.Widget:
    """Return a control whose name is read out but not seen: the slider before it shows it."""
    control.add_class("motifbook-beside")
    return control


def make_button(
    words: str, tooltip: str, act: Callable[[Any], None], width: str = "auto"
) -> w.Button:
    """Return a button with words on it that calls `act` when clicked."""
    button = w.Button(description=words, tooltip=tooltip, layout={"width": width})
    button.on_click(act)
    return button


def scrolling(table: str, name: str) -> str:
    """Return an HTML table in a box of its own, which scrolls where there is little room."""
    return (
        f'<div role="group" tabindex="0" aria-label="{escape(name)}" '
        f'style="overflow-x:auto;max-width:100%">{table}</div>'
    )
