"""A report written twice into one folder: nothing old stays, and nothing of the user's goes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import motifbook as mb
from motifbook.report import Settings, analyze, folder, write_folder
from motifbook.report.designed import Designed

QUIET = Settings(seed=0, progress=False)


@pytest.fixture(scope="module")
def made(trained):
    return analyze(
        trained.adata, trained.model, known=None, baselines=[], designs=1, settings=QUIET
    )


@pytest.fixture
def smaller(made):
    """The same without its motifs and new sequences: it writes fewer files."""
    return replace(made, cards=[], examples=[], designed=Designed(None, reason="none"))


def files(out):
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def test_files_that_only_an_earlier_report_wrote_are_removed(made, smaller, tmp_path):
    write_folder(made, tmp_path / "twice")
    assert (tmp_path / "twice" / "figures" / "logo_motif_1.svg").exists()
    write_folder(smaller, tmp_path / "twice")
    write_folder(smaller, tmp_path / "once")
    assert files(tmp_path / "twice") == files(tmp_path / "once")


def test_files_of_the_user_stay(made, smaller, tmp_path):
    write_folder(made, tmp_path)
    edited, added = tmp_path / "figures" / "logo_motif_1.svg", tmp_path / "tables" / "mine.csv"
    edited.write_text(edited.read_text().replace("<svg", "<!-- mine --><svg", 1))
    added.write_text("a,b\n")
    write_folder(smaller, tmp_path)
    assert "<!-- mine -->" in edited.read_text()
    assert added.read_text() == "a,b\n"
    assert not (tmp_path / "designs.fa").exists()


@pytest.mark.parametrize("name", ["../outside.txt", "{outside}", "notes/outside.txt", "tables"])
def test_a_list_that_names_other_places_removes_nothing(smaller, tmp_path, name):
    out = tmp_path / "out"
    (out / "notes").mkdir(parents=True)
    outside = [tmp_path / "outside.txt", out / "notes" / "outside.txt"]
    for path in outside:
        path.write_text("mine")
    named = name.format(outside=outside[0])
    row = {"file": named, "sha256": folder._checksum(outside[0])}
    pd.DataFrame([row]).to_csv(out / folder.MANIFEST, index=False)
    write_folder(smaller, out)
    assert all(path.read_text() == "mine" for path in outside)


@pytest.mark.parametrize("text", ["something else\n", "file,sha256\n,abc\n"])
def test_a_list_that_cannot_be_read_is_no_obstacle(smaller, tmp_path, text):
    (tmp_path / folder.MANIFEST).write_text(text)
    write_folder(smaller, tmp_path)
    assert "report.html" in set(pd.read_csv(tmp_path / folder.MANIFEST)["file"])


def test_a_report_that_cannot_be_finished_leaves_the_older_one_whole(
    made, smaller, tmp_path, monkeypatch
):
    write_folder(made, tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.store, "write", full)
    with pytest.raises(mb.InputError, match=r"cannot be written \(No space left on device\)"):
        write_folder(smaller, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_where_a_folder_cannot_be_made_the_older_report_stays_whole(made, smaller, tmp_path):
    write_folder(made, tmp_path)
    page = (tmp_path / "report.html").read_text()
    (tmp_path / "tables").rename(tmp_path / "moved")
    (tmp_path / "tables").write_text("mine")
    with pytest.raises(mb.InputError, match=r"cannot be written \(File exists\)"):
        write_folder(smaller, tmp_path)
    assert (tmp_path / "report.html").read_text() == page
    assert (tmp_path / "tables").read_text() == "mine"
