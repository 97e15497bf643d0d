"""The filter explorer in JupyterLab and a real browser: a key press changes the picture."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "motifbook"
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]

CELL = """
from types import SimpleNamespace
import numpy as np
from motifbook import Motif
from motifbook.widgets import FilterExplorer

rng = np.random.default_rng(0)
n, n_filters, length, width = 40, 6, 100, 8
motifs = [Motif(f"filter_{f}", rng.dirichlet(np.full(4, 0.2), width).T) for f in range(n_filters)]
activation = np.maximum(rng.normal(-1, 1, (n, n_filters, length - width + 1)), 0)
view = SimpleNamespace(
    motifs=motifs,
    activation=activation.astype(np.float32),
    strand=np.ones(activation.shape, np.int8),
    letters=rng.integers(0, 4, (n, length)).astype(np.uint8),
    names=[f"peak {i}" for i in range(n)],
)
FilterExplorer.from_view(view)
"""

# A small network, and what the two explorers show of it.
NETWORK = """
import motifbook as mb
from motifbook.train.fit import FitOptions

adata = mb.simulate(n=300, length=100, rule="single", seed=0)
model = mb.MotifSyntaxNet(n_readouts=1, n_filters=6, width=15)
_ = mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=60))
motifs = [motif.renamed("SPI1") for motif in mb.read_motifs(model, adata)[:1]]
"""
SYNTAX_CELL = f"""{NETWORK}
syntax = mb.read_syntax(model, adata, motifs=motifs, n_backgrounds=8)
mb.widgets.SyntaxExplorer(model, syntax)
"""
POSITION_CELL = f"""{NETWORK}
mb.widgets.PositionExplorer(model, adata, motifs=motifs)
"""

# A scrambler that a button trains.
TRAINING_CELL = f"""{NETWORK}
options = mb.ScramblerOptions(n_steps=60)
mb.widgets.ScramblerTraining(model, adata, bits=0.3, options=options)
"""

# A formula of two known motifs.
FORMULA_CELL = """
import motifbook as mb

adata = mb.simulate(n=900, length=80, rule="additive", seed=0)
known = [mb.database.motif(name) for name in ("MA0080.7", "MA0489.3")]
plain = mb.FormulaOptions(baselines=False, interactions=False)
formula = mb.fit_formula(adata, motifs=known, options=plain, seed=0, progress=False)
mb.widgets.FormulaExplorer(formula)
"""

# Tests of motifs, two readouts.
TESTS_CELL = """
import motifbook as mb

adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
mb.widgets.TestExplorer(mb.test_motifs(adata, seed=0))
"""

# Milliseconds from a key press on the slider to the new picture, measured in the page.
PRESS = """
() => new Promise(resolve => {
  const picture = document.querySelector('.widget-html-content');
  let pressed = null;
  document.addEventListener('keydown', () => { pressed ??= performance.now(); }, true);
  const observer = new MutationObserver(() => {
    if (pressed === null) return;
    observer.disconnect();
    resolve(performance.now() - pressed);
  });
  observer.observe(picture, {childList: true, subtree: true, characterData: true});
  window.isWatching = true;
})
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab with settings of its own, serving one notebook; its address."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "explorer.ipynb")
    news = folder / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}"),
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            cwd=folder,
            env=os.environ | private_folders(folder),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_up(f"{address}/api/status?token={TOKEN}", server, folder / "lab.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def private_folders(folder: Path) -> dict[str, str]:
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def wait_until_up(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def test_a_key_press_on_the_slider_changes_the_picture(chromium, lab, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1300})
        page.set_default_timeout(180_000)
        page.goto(f"{lab}/lab/tree/explorer.ipynb?token={TOKEN}")
        page.wait_for_function("() => window.jupyterapp && document.querySelector('.jp-Cell')")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        )
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        picture = page.locator(".widget-html-content").first
        picture.locator("svg").wait_for()
        before = picture.inner_html()
        handle = page.locator(".noUi-handle").first
        handle.focus()
        page.evaluate(f"() => {{ window.waited = ({PRESS.strip()})(); return null }}")
        page.keyboard.press("ArrowRight")
        waited = page.evaluate("() => window.waited")
        page.wait_for_function("() => document.body.innerText.includes('Filter 1:')")
        assert picture.inner_html() != before
        assert "filter_1" in picture.inner_html()
        page.screenshot(path=os.environ.get("MOTIFBOOK_SCREENSHOT", tmp_path / "explorer.png"))
        browser.close()
    print(f"\nkey press to changed picture: {waited:.0f} ms")  # noqa: T201 - seen with pytest -s


def put_notebook(lab: str, name: str, cell: str) -> None:
    """Save a notebook of one cell in the folder that the JupyterLab serves."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    request = urllib.request.Request(
        f"{lab}/api/contents/{name}?token={TOKEN}",
        data=json.dumps({"type": "notebook", "format": "json", "content": notebook}).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=30).close()


@contextlib.contextmanager
def running(
    chromium: str, lab: str, tmp_path: Path, name: str, cell: str
) -> Iterator[Any]:  # Playwright's page
    """A page on which a notebook of one cell has been started; its picture is kept at the end."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    put_notebook(lab, f"{name}.ipynb", cell)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1500})
        page.set_default_timeout(180_000)
        page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb?token={TOKEN}")
        page.wait_for_function("() => window.jupyterapp && document.querySelector('.jp-Cell')")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        )
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        yield page
        folder = Path(os.environ.get("MOTIFBOOK_SCREENSHOTS", tmp_path))
        page.screenshot(path=folder / f"{name}.png")
        browser.close()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("syntax", (SYNTAX_CELL, "gap", "letters between: prediction")),
        ("position", (POSITION_CELL, "sequence", "Instances in the window:")),
    ],
    ids=["syntax", "position"],
)
def test_explorers_of_a_network_follow_their_sliders(chromium, lab, tmp_path, name, shown):
    cell, slider, said = shown
    with running(chromium, lab, tmp_path, name, cell) as page:
        picture = page.locator(".widget-html-content").first
        picture.locator("svg").wait_for()
        page.wait_for_function(f"() => document.body.innerText.includes({said!r})")
        before = picture.inner_html()
        handle = page.locator(".widget-slider", has_text=slider).locator(".noUi-handle").first
        handle.focus()
        page.evaluate(f"() => {{ window.waited = ({PRESS.strip()})(); return null }}")
        page.keyboard.press("ArrowRight")
        waited = page.evaluate("() => window.waited")
        assert picture.inner_html() != before
        assert page.locator('[role="status"]').count() == 1
        assert page.locator('[role="status"]').inner_text() == ""
    print(f"\n{name}: key press to changed picture: {waited:.0f} ms")  # noqa: T201


def test_a_key_press_shows_the_next_test_and_another_readout_its_own(chromium, lab, tmp_path):
    with running(chromium, lab, tmp_path, "tests", TESTS_CELL) as page:
        picture = page.locator(".widget-html-content").first
        picture.locator("svg").wait_for()
        page.wait_for_function("() => document.body.innerText.includes('for readout0: kept')")
        before = picture.inner_html()
        handle = page.locator(".widget-slider", has_text="step").locator(".noUi-handle").first
        handle.focus()
        page.evaluate(f"() => {{ window.waited = ({PRESS.strip()})(); return null }}")
        page.keyboard.press("ArrowRight")
        waited = page.evaluate("() => window.waited")
        assert picture.inner_html() != before
        assert "2 of 5" in picture.inner_html()
        page.get_by_label("readout", exact=True).select_option("readout1")
        page.wait_for_function("() => document.body.innerText.includes('for readout1: kept')")
        assert page.locator('[role="status"]').inner_text() == ""
    print(f"\ntests: key press to changed picture: {waited:.0f} ms")  # noqa: T201


def test_a_click_takes_a_term_out_of_the_formula(chromium, lab, tmp_path):
    with running(chromium, lab, tmp_path, "formula", FORMULA_CELL) as page:
        picture = page.locator(".widget-html-content").first
        picture.locator("svg").wait_for()
        before = picture.inner_html()
        page.locator(".widget-checkbox input").nth(1).click()
        page.wait_for_function("() => document.body.innerText.includes('(others fitted anew)')")
        assert picture.inner_html() != before
        assert page.locator('[role="status"]').inner_text() == ""


def test_a_scrambler_trains_before_the_eyes(chromium, lab, tmp_path):
    with running(chromium, lab, tmp_path, "training", TRAINING_CELL) as page:
        page.locator(".widget-html-content svg").first.wait_for()
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_function("() => document.body.innerText.includes('Finished at step 60.')")
        picture = page.locator(".widget-html-content").first
        assert "Masks at step 60 of 60" in picture.inner_html()
        handle = page.locator(".widget-slider", has_text="look").locator(".noUi-handle").first
        handle.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            "() => !document.querySelector('.widget-html-content')"
            ".innerHTML.includes('Masks at step 60 of 60')"
        )
