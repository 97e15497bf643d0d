"""Every explorer in a real browser, in JupyterLab and in Voila."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from browser import (
    OUTPUT,
    PICTURE,
    WATCH,
    WIDE,
    Front,
    started_browser,
    started_front,
    write_notebook,
)
from browser_explorers import CELLS, NETWORK, SCENES
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APP = Path(__file__).parents[1] / "notebooks" / "extra" / "explorers.ipynb"
NAMES = [  # rules of axe: every control and every picture has a name
    *("button-name", "input-button-name", "label", "select-name", "link-name"),
    *("aria-input-field-name", "aria-toggle-field-name", "image-alt", "svg-img-alt"),
]
NARROW = 480  # pixels
every_explorer = pytest.mark.parametrize("name", SCENES)

# How a page spells the text of a picture.
AS_ON_A_PAGE = """text => {
  const box = document.createElement('div');
  box.innerHTML = text;
  return box.innerHTML;
}"""

# What stands out of an output to the right, or moves sideways within it (a table in a box of its
# own may).
TOO_WIDE = """area => [area, ...area.querySelectorAll('*')].filter(part => {
  if (part.closest('[role=group], .slider-container, svg *')) return false;
  const inside = part.getBoundingClientRect().right <= area.getBoundingClientRect().right + 1;
  const scrolls = ['auto', 'scroll'].includes(getComputedStyle(part).overflowX);
  return !inside || (scrolls && part.scrollWidth > part.clientWidth + 1);
}).map(part => part.outerHTML.slice(0, 200))"""


class Shown(NamedTuple):
    """A page with all explorers, and the front end that serves it."""

    front: Front
    page: Any  # Playwright's

    def area(self, name: str) -> Any:
        """The output of the cell that shows an explorer."""
        areas = self.page.locator(OUTPUT, has=self.page.locator(PICTURE))
        return areas.nth(list(SCENES).index(name))

    def picture(self, name: str) -> Any:
        return self.area(name).locator(PICTURE).first

    def button(self, name: str, words: str) -> Any:
        return self.area(name).get_by_role("button", name=words, exact=True)

    def wait_for_words(self, name: str, words: str) -> None:
        self.area(name).filter(has_text=words).wait_for()

    def wait_until_open(self) -> None:
        """Wait until all explorers have a picture, or a cell has failed."""
        failed = "[data-mime-type='application/vnd.jupyter.error'], .jp-RenderedError"
        self.page.wait_for_function(
            f"() => document.querySelectorAll('{PICTURE}').length >= {len(SCENES)}"
            f'|| document.querySelector("{failed}")'
        )
        assert self.page.locator(failed).all_inner_texts() == []
        self.page.set_default_timeout(60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started_browser() as found:
        yield found


@pytest.fixture(scope="module", params=["lab", "voila"])
def shown(
    request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """All explorers on one page."""
    folder = tmp_path_factory.mktemp(request.param)
    write_notebook(folder / "explorers.ipynb", CELLS)
    with started_front(request.param, folder, browser) as front:
        shown = Shown(front, front.open("explorers.ipynb"))
        shown.wait_until_open()
        yield shown
        shown.page.close()


@pytest.fixture(scope="module")
def narrow(shown: Shown) -> Shown:
    """The same page, as little room as it has for outputs in Colab; it stays so."""
    area = shown.area("filters")
    around = WIDE["width"] - area.evaluate("area => area.clientWidth")
    shown.page.set_viewport_size({"width": NARROW + around, "height": WIDE["height"]})
    shown.page.wait_for_function(
        f"area => Math.abs(area.clientWidth - {NARROW}) < 20", arg=area.element_handle()
    )
    return shown


@pytest.fixture(scope="module")
def dark(shown: Shown) -> Iterator[Shown]:
    """The same in the dark theme; Voila has it on pages of their own."""
    if shown.front.name == "lab":
        shown.page.evaluate(
            "() => window.jupyterapp.commands.execute("
            "'apputils:change-theme', {theme: 'JupyterLab Dark'})"
        )
        shown.page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
        yield shown
        return
    dark = Shown(shown.front, shown.front.open("explorers.ipynb", theme="dark"))
    dark.wait_until_open()
    yield dark
    dark.page.close()


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What the cells of the notebook make, in this process."""
    names: dict[str, Any] = {}
    for lines in (NETWORK, *(scene.data for scene in SCENES.values())):
        exec(lines, names)
    return names


@contextlib.contextmanager
def no_folder(folder: Path) -> Iterator[None]:
    """Put a file where a folder should be."""
    folder.mkdir(exist_ok=True)
    kept = folder.rename(folder.with_name("kept"))
    folder.write_text("")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


def status(area: Any) -> str:
    text: str = area.locator('[role="status"]').inner_text()
    return text


def press(shown: Shown, name: str) -> float:
    """Press a key on the main slider; milliseconds until the picture changed."""
    scene, area = SCENES[name], shown.area(name)
    slider = area.locator(".widget-slider", has_text=scene.slider)
    slider.locator(".noUi-handle").first.focus()
    shown.picture(name).evaluate(WATCH)
    shown.page.keyboard.press(scene.key)
    waited: float = shown.page.evaluate("() => window.waited")
    return waited


@every_explorer
def test_an_explorer_opens_with_its_picture_and_no_complaint(shown, name):
    shown.wait_for_words(name, SCENES[name].said)
    assert shown.picture(name).locator("svg").count() == 1
    assert shown.area(name).locator('[role="status"]').count() == 1
    assert status(shown.area(name)) == ""


def test_a_scrambler_trains_before_the_eyes(shown):
    shown.button("training", "Run").click()
    shown.wait_for_words("training", "Finished at step 60.")
    assert "Masks at step 60 of 60" in shown.picture("training").inner_html()
    press(shown, "training")
    assert "Masks at step 60 of 60" not in shown.picture("training").inner_html()


@pytest.mark.parametrize("name", ["filters", "syntax", "positions", "tests", "designs"])
def test_a_key_press_on_the_main_slider_changes_the_picture(shown, name):
    before = shown.picture(name).inner_html()
    waited = press(shown, name)
    assert shown.picture(name).inner_html() != before
    assert shown.picture(name).locator("svg").count() == 1
    for words in SCENES[name].then:
        shown.wait_for_words(name, words)
    print(f"\n{name}: key press to changed picture: {waited:.0f} ms")  # noqa: T201


def test_another_readout_shows_its_own_tests(shown):
    shown.area("tests").get_by_label("readout", exact=True).select_option("readout1")
    shown.wait_for_words("tests", "for readout1: kept")
    assert status(shown.area("tests")) == ""


def test_a_click_takes_a_term_out_of_the_formula_and_undo_puts_it_back(shown):
    before = shown.picture("formula").inner_html()
    shown.area("formula").locator(".widget-checkbox input").nth(1).click()
    shown.wait_for_words("formula", "(others fitted anew)")
    assert shown.picture("formula").inner_html() != before
    assert status(shown.area("formula")) == ""
    shown.button("formula", "Undo").click()
    shown.area("formula").filter(has_not_text="(others fitted anew)").wait_for()
    assert shown.picture("formula").inner_html() == before


def test_a_click_on_a_letter_and_one_on_another_write_it(shown):
    area = shown.area("editor")
    place = area.get_by_title("position 7: ")
    before = place.inner_text()
    place.click()
    written = "G" if before != "G" else "A"
    area.get_by_title(f"Write {written} here").click()
    shown.wait_for_words("editor", f"Edit 1 of 1, 7 {before}>{written}: prediction")
    assert place.inner_text() == written
    shown.button("editor", "Write motif").click()
    shown.wait_for_words("editor", "Edit 2 of 2, SPI1 written at 8, + strand")
    shown.button("editor", "Undo").click()
    shown.wait_for_words("editor", "Edit 1 of 2")
    assert status(area) == ""
    assert "After edit 1 of 2" in shown.picture("editor").inner_html()


def test_an_edit_of_a_design_is_refused(shown):
    before = shown.picture("designs").inner_html()
    shown.area("designs").locator(".widget-checkbox input").first.click()
    shown.wait_for_words("designs", "without edit 1 of")
    assert shown.picture("designs").inner_html() != before
    assert status(shown.area("designs")) == ""


@every_explorer
def test_the_saved_file_is_the_picture_on_the_page_and_its_code_draws_it_again(shown, made, name):
    shown.button(name, "Save figure").click()
    shown.wait_for_words(name, "Saved ")
    [file] = re.findall(r"Saved (\S+\.svg), ", status(shown.area(name)))
    saved = (shown.front.results / file).read_text()
    assert shown.page.evaluate(AS_ON_A_PAGE, saved) == shown.picture(name).inner_html()
    shows_code = shown.button(name, "Show code")
    shows_code.click()
    code = shown.area(name).locator("pre", has_text="svg = mb.plot.").text_content()
    shows_code.click()
    names = dict(made)
    exec(code, names)
    assert names["svg"] == saved


@every_explorer
def test_what_cannot_be_is_said_and_the_last_picture_stays(shown, name):
    scene, before = SCENES[name], shown.picture(name).inner_html()
    control, typed = scene.mistake
    if control:
        field = shown.area(name).locator("input").and_(shown.area(name).get_by_label(control))
        field.fill(typed)
        field.press("Enter")
        shown.wait_for_words(name, scene.complaint)
    else:
        with no_folder(shown.front.results):
            shown.button(name, "Save figure").click()
            shown.area(name).locator('[role="status"]', has_text=scene.complaint).wait_for()
    assert scene.complaint in status(shown.area(name))
    assert shown.picture(name).inner_html() == before


@every_explorer
def test_what_is_said_changes_in_a_line_that_stays(shown, name):
    line = shown.area(name).locator('[role="status"]').element_handle()
    with no_folder(shown.front.results):
        shown.button(name, "Save figure").click()
        shown.page.wait_for_function("line => line.innerText.includes('cannot be made')", arg=line)
    assert line.evaluate("line => line.isConnected && line.getAttribute('role')") == "status"


def faults(shown: Shown, name: str, rules: list[str]) -> str:
    """What axe finds in the output of an explorer."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is absent")
    shown.area(name).evaluate("(area, name) => { area.dataset.explorer = name }", name)
    options = {"runOnly": {"type": "rule", "values": rules}}
    found = axe.Axe().run(shown.page, f"[data-explorer={name}]", options)
    return str(found.generate_report()) if found.violations_count else ""


@every_explorer
def test_every_control_and_picture_has_a_name(shown, name):
    assert faults(shown, name, NAMES) == ""


@every_explorer
def test_words_can_be_read(shown, name):
    assert faults(shown, name, ["color-contrast"]) == ""


def test_the_page_of_all_explorers_is_live_as_an_app(shown):
    if shown.front.name == "lab":
        pytest.skip("an app is what Voila makes of it")
    shutil.copy(APP, shown.front.folder / "app.ipynb")
    app = Shown(shown.front, shown.front.open("app.ipynb"))
    app.wait_until_open()
    app.button("training", "Run").click()
    app.wait_for_words("training", "Finished at step")
    for name in SCENES:
        assert status(app.area(name)) == "" or name == "training"
        app.area(name).scroll_into_view_if_needed()
    photograph(app)
    app.page.close()


def photograph(app: Shown) -> None:
    """Take small pictures for the documentation, if a folder for them is named."""
    if folder := os.environ.get("MOTIFBOOK_SCREENSHOTS"):
        app.page.set_viewport_size({"width": 900, "height": 1500})
        for name in SCENES:
            file = Path(folder) / f"explorer_{name}.png"
            app.area(name).screenshot(path=file)
            Image.open(file).convert("RGB").quantize(32).save(file, optimize=True)


@every_explorer
def test_nothing_moves_sideways_on_a_narrow_page(narrow, name):
    assert narrow.area(name).evaluate(TOO_WIDE) == []


@every_explorer
def test_words_can_be_read_in_the_dark(dark, name):
    assert faults(dark, name, ["color-contrast"]) == ""
