"""The check of the built documentation finds what leads nowhere."""

from __future__ import annotations

import subprocess
import sys

import pytest
from test_frame import ROOT


def checked(site):
    command = [sys.executable, ROOT / "scripts" / "check_site.py", site]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "api").mkdir()
    (tmp_path / "picture one.png").write_bytes(b"")
    (tmp_path / "api" / "fit.html").write_text('<a href="../index.html#motif">motif</a>')
    (tmp_path / "index.html").write_text(
        '<h2 id="motif">Motif</h2><a href="#motif">m</a><a href="api/fit.html">fit</a>'
        '<a href="https://example.org/no">out</a><img src="picture%20one.png"><a href="#">top</a>'
    )
    return tmp_path


def test_a_site_whose_links_lead_somewhere_passes(site):
    answer = checked(site)
    assert answer.returncode == 0
    assert "all links inside" in answer.stdout


@pytest.mark.parametrize(
    ("there", "instead"),
    [("#motif", "#motive"), ("api/fit.html", "api/fits.html"), ("picture%20one", "picture")],
)
def test_a_link_that_leads_nowhere_is_named(site, there, instead):
    page = site / "index.html"
    page.write_text(page.read_text().replace(f'"{there}', f'"{instead}'))
    answer = checked(site)
    assert answer.returncode == 1
    assert answer.stdout.startswith(f"index.html: {instead}")


def test_the_name_of_a_part_is_looked_for_in_its_own_page(site):
    page = site / "api" / "fit.html"
    page.write_text('<h2 id="fit">fit</h2><a href="../index.html#fit">fit</a>')
    assert checked(site).stdout == "api/fit.html: ../index.html#fit\n"
