"""Milliseconds from a key press to the changed picture, in JupyterLab and in Voila.

Every explorer of the browser tests beside two others on the same page: `interact` with a logo of
pyplot, and an HTML widget that shows the slider's number, which is the way to the kernel and back.

Run: OMP_NUM_THREADS=1 python -m benchmarks.browser > benchmarks/browser.md
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import motifbook as mb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # servers and scenes of the tests
from browser import OUTPUT, PICTURE, WATCH, started_browser, started_front, write_notebook
from browser_explorers import CELLS, SCENES

AIM = 100  # milliseconds
PRESSES = 12
INTERACT = """
%matplotlib inline
import ipywidgets
import matplotlib.pyplot as plt

def show(filter):
    mb.plot.logo(view.motifs[filter], ax=plt.gca())
    plt.show()

_ = ipywidgets.interact(show, filter=(0, 5))
"""
EMPTY = """
slider, words = ipywidgets.IntSlider(max=50), ipywidgets.HTML("0")
slider.observe(lambda change: setattr(words, "value", str(change["new"])), names="value")
ipywidgets.VBox([slider, words])
"""
FRONTS = {"lab": "JupyterLab", "voila": "Voila"}


def times(page: Any, picture: Any, presses: Iterable[tuple[Any, str]]) -> list[float]:
    """Milliseconds of presses, each of a key on a control; the first is not counted."""
    taken = []
    for control, key in itertools.islice(presses, PRESSES + 1):
        control.focus()
        picture.evaluate(WATCH)
        page.keyboard.press(key)
        taken.append(page.evaluate("() => window.waited"))
        page.wait_for_timeout(150)  # until nothing else arrives
    return taken[1:]


def to_and_fro(area: Any, key: str = "ArrowRight") -> Iterator[tuple[Any, str]]:
    """One step on the first slider of an area, and back."""
    other = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}[key]
    return ((area.locator(".noUi-handle").first, one) for one in itertools.cycle((key, other)))


def letters_of(area: Any) -> Iterator[tuple[Any, str]]:
    """Another letter at each position; the editor steps to the right by itself."""
    for at in itertools.count():
        letter = "C" if area.get_by_title(f"position {at}: ").inner_text() != "C" else "A"
        yield area.get_by_title(f"Write {letter} here"), "Enter"


def of_explorer(page: Any, area: Any, name: str) -> tuple[str, list[float]]:
    """What is pressed, and the times of an explorer."""
    picture, scene = area.locator(PICTURE).first, SCENES[name]
    if name == "training":
        area.get_by_role("button", name="Run", exact=True).click()
        area.filter(has_text="Finished at step").wait_for()
    if name == "formula":
        box = area.locator(".widget-checkbox input").nth(1)
        return "box of a term", times(page, picture, itertools.repeat((box, "Space")))
    if name == "editor":
        return "a letter", times(page, picture, letters_of(area))
    slider = area.locator(".widget-slider", has_text=scene.slider)
    return scene.slider, times(page, picture, to_and_fro(slider, scene.key))


def of_page(page: Any) -> dict[str, tuple[str, list[float]]]:
    """Times of all explorers on a page, and of the two others."""
    areas = page.locator(OUTPUT, has=page.locator(PICTURE))
    page.wait_for_function(
        f"() => document.querySelectorAll('{PICTURE}').length >= {len(SCENES)}"
        " && document.querySelectorAll('.widget-output img').length"
    )
    found = {name: of_explorer(page, areas.nth(i), name) for i, name in enumerate(SCENES)}
    others = {
        "`interact` and pyplot": page.locator(OUTPUT, has=page.locator(".widget-output")),
        "a number in HTML": page.locator(OUTPUT, has=page.locator(".widget-html-content")).last,
    }
    for name, area in others.items():
        shown = area.locator(".widget-output, .widget-html-content").first
        found[name] = "slider", times(page, shown, to_and_fro(area))
    return found


def main() -> None:
    print("# Explorers in a browser: key press to changed picture\n")
    print(
        f"motifbook {mb.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the "
        f"start, Chromium without a graphics card, {PRESSES} presses each.\nMade by "
        "`python -m benchmarks.browser`. Milliseconds, measured in the page: median (quartiles). "
        "A load above the number of cores\nmeans that other programs ran at the same time: then "
        "only the order counts.\n"
    )
    print(f"| front end | explorer | pressed | ms | median within {AIM} ms |")
    print("|---|---|---|---|---|")
    for front_name, title in FRONTS.items():
        with tempfile.TemporaryDirectory() as folder, started_browser() as browser:
            write_notebook(Path(folder) / "explorers.ipynb", [*CELLS, INTERACT, EMPTY])
            with started_front(front_name, Path(folder), browser) as front:
                found = of_page(front.open("explorers.ipynb"))
        for name, (pressed, taken) in found.items():
            low, median, high = statistics.quantiles(taken, n=4)
            is_quick = "yes" if median <= AIM else "no"
            spread = f"{median:.0f} ({low:.0f} to {high:.0f})"
            print(f"| {title} | {name} | {pressed} | {spread} | {is_quick} |")
    print(
        "\n`interact` clears its output before it draws: its time ends with the first change that "
        "the page shows, which flatters it."
    )


if __name__ == "__main__":
    main()
