"""The sequence editor and the explorer of designs in JupyterLab and a real browser."""

from __future__ import annotations

import pytest
from test_browser import NETWORK, chromium, lab, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["chromium", "lab"]  # fixtures

EDITOR_CELL = f"""{NETWORK}
mb.widgets.SequenceEditor(model, adata[0], motifs=motifs, adata=adata)
"""
DESIGNS_CELL = f"""{NETWORK}
options = mb.DesignOptions(motifs=motifs, n_steps=8)
designs = mb.design(model, n=2, method="greedy", options=options, seed=0)
mb.widgets.DesignExplorer(designs)
"""


def test_a_click_on_a_letter_and_one_on_another_write_it(chromium, lab, tmp_path):
    with running(chromium, lab, tmp_path, "editor", EDITOR_CELL) as page:
        picture = page.locator(".widget-html-content", has=page.locator("svg")).first
        picture.wait_for()
        page.wait_for_function("() => document.body.innerText.includes('The start: prediction')")
        place = page.get_by_title("position 7: ")
        before = place.inner_text()
        place.click()
        written = "G" if before != "G" else "A"
        page.get_by_title(f"Write {written} here").click()
        said = f"Edit 1 of 1, 7 {before}>{written}: prediction"
        page.wait_for_function(f"() => document.body.innerText.includes({said!r})")
        assert page.get_by_title("position 7: ").inner_text() == written
        page.get_by_label("change", exact=True).fill("nonsense")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.querySelector('[role=status]').innerText.includes('is no change')"
        )
        page.get_by_role("button", name="Write motif", exact=True).click()
        page.wait_for_function(
            "() => document.body.innerText.includes('Edit 2 of 2, SPI1 written at 8, + strand')"
        )
        page.get_by_role("button", name="Undo", exact=True).click()
        page.wait_for_function("() => document.body.innerText.includes('Edit 1 of 2')")
        assert page.locator('[role="status"]').inner_text() == ""
        assert "After edit 1 of 2" in picture.inner_html()


def test_steps_of_a_design_are_walked_and_an_edit_refused(chromium, lab, tmp_path):
    with running(chromium, lab, tmp_path, "designs", DESIGNS_CELL) as page:
        picture = page.locator(".widget-html-content", has=page.locator("svg")).first
        picture.wait_for()
        before = picture.inner_html()
        handle = page.locator(".widget-slider", has_text="step").locator(".noUi-handle").first
        handle.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            "before => [...document.querySelectorAll('.widget-html-content')]"
            ".some(one => one.querySelector('svg') && one.innerHTML !== before)",
            arg=before,
        )
        page.locator(".widget-checkbox input").first.click()
        page.wait_for_function("() => document.body.innerText.includes('without edit 1 of')")
        assert page.locator('[role="status"]').inner_text() == ""
