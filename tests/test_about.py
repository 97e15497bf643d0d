"""`mb.about()`: what a bug report and a methods section need."""

from __future__ import annotations

import platform
from dataclasses import FrozenInstanceError, replace

import pytest
import torch

import motifbook as mb
from motifbook.about import About, _version


@pytest.fixture(scope="module")
def here() -> About:
    return mb.about()


def test_versions_are_those_that_run(here):
    assert here.versions["motifbook"] == mb.__version__
    assert here.versions["Python"] == platform.python_version()
    assert here.versions["torch"] == torch.__version__


def test_the_device_is_the_one_that_auto_takes(here):
    on_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert here.device.startswith("cpu, ") != on_gpu


def test_packaged_motifs_are_counted(here):
    taxa = [n for name, n in here.motifs.items() if name != "JASPAR2026"]
    assert here.motifs["JASPAR2026"] == sum(taxa) == 2633


def test_examples_say_where_they_come_from(here):
    assert here.examples["tut2"] == "packaged"
    assert here.examples["ctcf"] in ("local", "download")


def test_one_row_a_line_in_columns(here):
    lines = repr(here).splitlines()
    assert lines[-2].startswith("known motifs  JASPAR2026 (2,633), ")
    assert [line[:14].rstrip() for line in lines] == [what for what, _ in here.rows()]
    assert [line[14:] for line in lines] == [which for _, which in here.rows()]


def test_html_is_a_table_with_escaped_cells(here):
    page = replace(here, device="cuda, <Tesla & Co>")._repr_html_()
    assert page.startswith("<table>")
    assert page.count("<tr>") == len(here.rows())
    assert "&lt;Tesla &amp; Co&gt;" in page


def test_nobody_edits_the_record(here):
    with pytest.raises(FrozenInstanceError, match="device"):
        here.device = "abacus"


def test_a_library_that_is_not_there_is_named_so():
    assert _version("no-such-library") == "not installed"
