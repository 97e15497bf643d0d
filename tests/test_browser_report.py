"""The report in a real browser: everyone can read it, at any width, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from browser import started_browser

import motifbook as mb
from motifbook.report import Settings, analyze
from motifbook.report.folder import write_page
from motifbook.report.pictures import pictures

if TYPE_CHECKING:
    from conftest import Trained

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
WIDTH = "document.documentElement.scrollWidth"
QUIET = Settings(seed=0, progress=False)
FUNGI = "JASPAR2026_fungi"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started_browser() as found:
        yield found


@pytest.fixture(scope="module")
def good(trained: Trained) -> Any:
    """Motifs, formula, tests, designs and a baseline."""
    return analyze(
        trained.adata, trained.model, known=FUNGI, baselines=["known"], designs=2, settings=QUIET
    )


@pytest.fixture(scope="module")
def weak(trained: Trained) -> Any:
    """Permuted readouts under a name that would break a careless page."""
    adata = trained.adata.copy()
    adata.X = np.random.default_rng(0).permutation(adata.X)
    adata.var_names = ["<script>alert('x')</script> \"é\""]
    model = mb.MotifSyntaxNet(1, n_filters=4, width=12)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=30))
    return analyze(adata, model, known=FUNGI, baselines=["known"], settings=QUIET)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Twelve readouts."""
    adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
    names = [f"condition_{number}_log2_fold_change" for number in range(12)]
    table = pd.DataFrame(adata.X[:, [0, 1] * 6], columns=names)
    path = tmp_path_factory.mktemp("many") / "twelve.csv"
    table.assign(sequence=adata.obs["sequence"].to_numpy()).to_csv(path, index=False)
    twelve = mb.read_table(path, sequence="sequence", readouts=names)
    twelve.obs["split"] = mb.split(twelve, seed=0)
    model = mb.MotifSyntaxNet(12, n_filters=6, width=12)
    mb.fit(model, twelve, seed=0, progress=False, options=mb.FitOptions(n_steps=150))
    return analyze(twelve, model, known=FUNGI, baselines=["known"], designs=2, settings=QUIET)


@pytest.fixture(params=["good", "weak", "many"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    made = request.getfixturevalue(request.param)
    return write_page(made, pictures(made), tmp_path / "report.html").as_uri()


def opened(browser: Any, address: str, **context: Any) -> Any:
    page = browser.new_context(**context).new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    return page


@pytest.mark.parametrize("is_open", [False, True], ids=["folded", "unfolded"])
def test_nothing_keeps_anyone_from_reading_it(browser: Any, address: str, is_open: bool) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = opened(browser, address, viewport={"width": 1000, "height": 1200})
    if is_open:
        page.evaluate(UNFOLD)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


@pytest.mark.parametrize("width", [400, 1000])
def test_it_fits_the_window_and_asks_for_nothing(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 1200})
    page.evaluate(UNFOLD)
    assert page.evaluate(WIDTH) == width
    assert page.asked == [address]
    page.context.close()


def test_tables_of_many_readouts_fit_a_window_and_a_sheet(
    browser: Any, many: Any, tmp_path: Path
) -> None:
    address = write_page(many, pictures(many), tmp_path / "report.html").as_uri()
    wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth)"
    page = opened(browser, address, viewport={"width": 1000, "height": 1200})
    page.evaluate(UNFOLD)
    assert page.evaluate(f"{wide}.map(e => e.getAttribute('aria-label'))") == []
    page.context.close()
    page = opened(browser, address, viewport={"width": 688, "height": 1000})  # A4 less margins
    page.emulate_media(media="print")
    page.evaluate(UNFOLD)
    assert page.evaluate(WIDTH) == 688
    page.context.close()


def test_a_dark_browser_shows_dark_letters_on_white(browser: Any, address: str) -> None:
    page = opened(browser, address, color_scheme="dark")
    style = "getComputedStyle(document.body)"
    assert page.evaluate(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(f"{style}.color") == "rgb(34, 34, 34)"
    page.context.close()


def test_keys_alone_reach_the_report_and_unfold_it(browser: Any, address: str) -> None:
    page = opened(browser, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    page.context.close()


def test_a_name_from_the_data_is_never_run(browser: Any, weak: Any, tmp_path: Path) -> None:
    address = write_page(weak, pictures(weak), tmp_path / "report.html").as_uri()
    said: list[str] = []
    page = browser.new_page()
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    page.goto(address)
    assert said == []
    assert "<script>alert('x')</script> \"é\"" in page.locator("#verdict").inner_text()
    page.close()
