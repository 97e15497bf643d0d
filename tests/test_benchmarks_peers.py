"""The table of peers: every job runs, is measured and agrees; how fast is not asked."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import AREAS, chosen
from benchmarks.peers import table
from benchmarks.peers.match import Peer, close, same
from benchmarks.peers.turns import FailedError, Taken

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_job_is_measured_and_agrees(tmp_path):
    file = tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks", "--small", "--json", str(file)]
    environment = {**os.environ, "PYTHONPATH": ""}
    printed = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    rows = json.loads(file.read_text())
    assert len(rows) == sum(len(match.peers) for *_, match in chosen([]))
    for row in rows:
        if row["told"] == "not installed":
            assert f"| {row['job']} | {row['peer']} |" in printed
            continue
        times = [row[name] for name in ("ours", "theirs", "ours_first", "theirs_first")]
        assert all(one and math.isfinite(one) and one > 0 for one in times), row
        assert row["agrees"] is not False, row


def test_jobs_are_chosen_by_area_or_words():
    assert {area for area, *_ in chosen(["training"])} == {"training"}
    assert [match.job.partition(" ")[0] for *_, match in chosen(["BED", "FASTA"])] == [
        "FASTA",
        "{n:,}",
    ]
    assert len({area for area, *_ in chosen([])}) == len(AREAS)


def a_match(**more):
    [(*_, match)] = chosen(["FASTA"])
    return type(match)(**{**vars(match), **more})


def test_a_row_tells_the_ratio_of_medians_without_the_first_call():
    match = a_match(agrees=same)
    found = {
        0: Taken([1], [9.0, 1.0, 3.0, 2.0], [9.0, 1.0, 1.0, 1.0]),
        1: Taken([1], [1.0, 4.0, 6.0, 5.0], [1.0, 3.0, 3.0, 3.0]),
        2: FailedError("ValueError: no"),
    }
    first, second = table.rows("letters", match, True, found)
    assert (first.ratio, first.cpu_ratio, first.ours_first, first.turns) == (2.5, 3.0, 9.0, 3)
    assert first.agrees is True
    assert "| 2.5 | 3.0 |" in first.line()
    assert "**0.11**" in first.line()  # first calls: behind
    assert (second.ratio, second.told) == (None, "failed: ValueError: no")


def test_a_peer_that_is_not_installed_is_named():
    absent = Peer("fastest", lambda data: lambda: None, "no_such_module", "no-such")
    match = a_match(peers=(absent,))
    assert not absent.is_installed
    [row] = table.rows("letters", match, True, {0: Taken([1], [1.0], [1.0])})
    assert row.line() == "| FASTA of 5 x 20 read | fastest | | | | | | | | not installed |".replace(
        "| |", "|  |"
    ).replace("| |", "|  |")


def test_results_are_compared_with_the_largest_of_ours():
    assert close(1e-3)([1.0, -1000.0], [1.5, -1000.0]) == (True, "5e-04 of the largest")
    assert close(1e-3)([1.0, -1000.0], [3.0, -1000.0])[0] is False
    assert close(1e-3)([1.0], [float("nan")])[0] is False
    assert same([1, 2], [1, 2])[0]
    assert not same([1, 2], [1, 3])[0]


def test_the_table_goes_between_its_two_lines(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"above\n{table.BEGIN}\nold\n{table.END}\nbelow\n")
    table.put_between(page, "new")
    assert page.read_text() == f"above\n{table.BEGIN}\nnew\n{table.END}\nbelow\n"
    page.write_text("nothing\n")
    with pytest.raises(SystemExit, match="lacks the lines"):
        table.put_between(page, "new")
    assert page.read_text() == "nothing\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.34, "12.3 s"), (0.1234, "123 ms"), (0.00456, "4.56 ms"), (3e-6, "3.00 µs")],
)
def test_seconds_have_a_fitting_unit(value, text):
    assert table.seconds(value) == text
