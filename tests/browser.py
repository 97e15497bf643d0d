"""JupyterLab and Voila with settings of their own, and pages of them in a real browser."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

TOKEN = "motifbook"
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]
WIDE = {"width": 1400, "height": 1500}
OUTPUT = ".jp-OutputArea-output"  # the same in JupyterLab and in Voila
PICTURE = ".widget-html-content:has(svg)"  # of an explorer

# Milliseconds from a key press to the new picture, measured in the page.
WATCH = """
picture => {
  window.waited = new Promise((resolve, reject) => {
    let pressed = null;
    setTimeout(() => reject(new Error('the picture did not change')), 60000);
    document.addEventListener('keydown', () => { pressed ??= performance.now(); }, true);
    const observer = new MutationObserver(() => {
      if (pressed === null) return;
      observer.disconnect();
      resolve(performance.now() - pressed);
    });
    observer.observe(picture, {childList: true, subtree: true, characterData: true});
  });
}
"""


@dataclass(frozen=True)
class Front:
    """A front end that serves the notebooks of a folder."""

    name: str
    address: str
    folder: Path
    browser: Any  # Playwright's

    @property
    def results(self) -> Path:
        """Where its kernels save figures."""
        return self.folder / "results"

    def open(self, notebook: str, theme: str = "light") -> Any:
        """Return a page on which every cell of a notebook has been started."""
        page = self.browser.new_page(viewport=WIDE)
        page.set_default_timeout(180_000)
        if self.name == "voila":
            address = f"{self.address}/voila/render/{notebook}?theme={theme}"
            page.goto(address, wait_until="commit")  # it goes on loading while cells run
            return page
        workspace = f"{Path(notebook).stem}-{theme}"
        page.goto(f"{self.address}/lab/workspaces/{workspace}/tree/{notebook}?token={TOKEN}")
        page.wait_for_function("() => window.jupyterapp && document.querySelector('.jp-Cell')")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        )
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return page


def chromium() -> str:
    """Return the browser of this machine; skip the test where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


@contextlib.contextmanager
def started_browser() -> Iterator[Any]:
    """Chromium as Playwright's browser."""
    path = chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@contextlib.contextmanager
def started_front(name: str, folder: Path, browser: Any) -> Iterator[Front]:
    """JupyterLab ("lab") or Voila ("voila"), serving `folder`; stopped at the end."""
    module = {"lab": "jupyterlab", "voila": "voila"}[name]
    pytest.importorskip(module, reason=f"{module} is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log_file = folder / f"{name}.log"
    with log_file.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", module, *_arguments(name, port)],
            cwd=folder,
            env=os.environ | _private_folders(folder / "jupyter"),
            stdout=log,
            stderr=log,
        )
    try:
        status = f"{address}/api/status?token={TOKEN}" if name == "lab" else address
        _wait_until_up(status, server, log_file)
        yield Front(name, address, folder, browser)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _arguments(name: str, port: int) -> list[str]:
    if name == "voila":
        return ["--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", "."]
    return [
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def _private_folders(folder: Path) -> dict[str, str]:
    """Settings: no news, and cells out of sight stay on the page."""
    settings = folder / "settings" / "@jupyterlab"
    for path, setting in (
        ("apputils-extension/notification", {"fetchNews": "false"}),
        ("notebook-extension/tracker", {"windowingMode": "none"}),
    ):
        file = settings / f"{path}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(setting))
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def _wait_until_up(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"{log.stem} did not start: {log.read_text()[-2000:]}")


def write_notebook(path: Path, cells: list[str]) -> None:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)
