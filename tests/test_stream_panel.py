"""One function for many jobs: each result is kept as it comes, failures are told at the end."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

import motifbook as mb


def square(n):
    return {"n": n, "square": n * n, "third": n / 3}


JOBS = {"two": 2, "three": 3, "five": 5}


@pytest.fixture
def run(tmp_path):
    def go(function=square, jobs=JOBS):
        return mb.panel(function, jobs, tmp_path / "panel", progress=False)

    return go


def test_tables_come_in_the_order_of_the_jobs(run, tmp_path):
    table = run()
    expected = pd.DataFrame([{"job": name, **square(n)} for name, n in JOBS.items()])
    pd.testing.assert_frame_equal(table, expected, check_exact=True)
    files = {path.name for path in (tmp_path / "panel").iterdir()}
    assert files == {"two.csv", "three.csv", "five.csv", "panel.json"}


def test_tables_of_several_rows_are_joined(run):
    table = run(lambda n: pd.DataFrame({"row": range(n), "name": [f"r{i}" for i in range(n)]}))
    assert table["job"].tolist() == ["two"] * 2 + ["three"] * 3 + ["five"] * 5
    assert table["row"].tolist() == [*range(2), *range(3), *range(5)]


@pytest.mark.slow
def test_two_processes_do_the_same(run):
    alone = run()
    with joblib.parallel_config(n_jobs=2):
        pd.testing.assert_frame_equal(run(), alone)


def test_what_is_done_is_not_done_again(run):
    seen = []

    def note(n):
        seen.append(n)
        return {"n": n}

    run(note)
    first = run(note)
    assert sorted(seen) == [2, 3, 5]
    more = run(note, {**JOBS, "seven": 7})
    assert seen[3:] == [7]
    assert more["n"].tolist() == [*first["n"], 7]


def test_failures_are_told_after_all_others_and_done_again(run):
    broken, seen = {3}, []

    def sometimes(n):
        seen.append(n)
        if n in broken:
            raise ValueError("no peaks in this file.")  # a stop of its own is not doubled
        return {"n": n}

    sentence = r"1 of 3 jobs failed. 'three': ValueError: no peaks in this file\. The others are"
    with pytest.raises(RuntimeError, match=sentence):
        run(sometimes)
    assert sorted(seen) == [2, 3, 5]
    broken.clear()
    assert run(sometimes)["n"].tolist() == [2, 3, 5]
    assert sorted(seen) == [2, 3, 3, 5]


def test_an_interrupted_panel_keeps_what_is_done(run, tmp_path):
    def stop(n):
        if n == 3:
            raise KeyboardInterrupt
        return {"n": n}

    with pytest.raises(KeyboardInterrupt):
        run(stop)
    assert (tmp_path / "panel" / "two.csv").exists()
    assert not (tmp_path / "panel" / "three.csv").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'n\n"1'])
def test_a_damaged_file_of_a_job_is_named(run, tmp_path, content):
    expected, file = run(), tmp_path / "panel" / "three.csv"
    file.write_bytes(content)
    with pytest.raises(mb.InputError, match=r"three\.csv is damaged \(.*\)\. Remove it, and the"):
        run()
    file.unlink()
    pd.testing.assert_frame_equal(run(), expected, check_exact=True)


def test_numbers_survive_the_file_to_the_last_digit(run):
    values = np.random.default_rng(0).normal(size=5)
    table = run(lambda n: {"value": values[n - 1], "none": np.nan}, JOBS)
    assert table["value"].tolist() == values[[1, 2, 4]].tolist()
    assert table["none"].isna().all()


def test_another_function_is_refused(run):
    run()
    with pytest.raises(mb.InputError, match="another request: the function was 'square', now"):
        run(lambda n: {"n": n})


def test_another_input_under_an_old_name_is_refused(run):
    run()
    with pytest.raises(mb.InputError, match=r"the input of job 'two' changed since"):
        run(square, {"two": 22})
    assert run(square, {"two": 2, "eight": 8})["square"].tolist() == [4, 64]


@pytest.mark.parametrize("kind", [np.int64, np.float32, np.str_, np.array])
def test_another_input_of_numpy_is_refused(tmp_path, kind):
    def say(given):
        return {"given": float(given)}

    mb.panel(say, {"one": kind(1)}, tmp_path / "panel", progress=False)
    with pytest.raises(mb.InputError, match=r"the input of job 'one' changed since"):
        mb.panel(say, {"one": kind(2)}, tmp_path / "panel", progress=False)


def test_more_jobs_list_the_folder_no_more_often(tmp_path, monkeypatch):
    listed = []
    glob = Path.glob

    def count(self, pattern):
        listed.append(self)
        return glob(self, pattern)

    monkeypatch.setattr(Path, "glob", count)
    counts = []
    for n in (5, 10):
        listed.clear()
        jobs = {str(number): number for number in range(n)}
        mb.panel(square, jobs, tmp_path / f"panel {n}", progress=False)
        counts.append(len(listed))
    assert counts[0] == counts[1] > 0


def test_the_input_of_a_failed_job_may_be_mended(run):
    with pytest.raises(RuntimeError, match=r"1 of 2 jobs failed. 'two': TypeError"):
        run(square, {"two": "two", "three": 3})
    assert run(square, {"two": 2, "three": 3})["square"].tolist() == [4, 9]


def test_books_are_told_apart(run):
    def count(adata):
        return {"n": adata.n_obs}

    books = [mb.simulate(n=20, length=80, seed=seed) for seed in (1, 2)]
    assert run(count, {"first": books[0]})["n"].tolist() == [20]
    assert run(count, {"first": books[0].copy()})["n"].tolist() == [20]
    with pytest.raises(mb.InputError, match=r"the input of job 'first' changed since"):
        run(count, {"first": books[1]})


def test_folders_of_others_stay_as_they_are(run, tmp_path):
    (tmp_path / "panel").mkdir()
    (tmp_path / "panel" / "two.csv").write_text("mine")
    with pytest.raises(mb.InputError, match=r"holds something else.*nothing in it was changed"):
        run()
    assert (tmp_path / "panel" / "two.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("function", "jobs", "sentence"),
    [
        (3, JOBS, "`function` is 3; expected a function"),
        (square, [1, 2], r"`jobs` is \[1, 2\]; expected a mapping"),
        (square, {"a/b": 1}, "`jobs` holds 'a/b'; expected names that files can have"),
        (square, {1: 1}, "`jobs` holds 1; expected names that files can have"),
        (square, {"A": 1, "a": 2}, "`jobs` holds 'A' and 'a'; expected names that differ"),
    ],
)
def test_requests_that_make_no_sense_are_refused(run, function, jobs, sentence):
    with pytest.raises(mb.InputError, match=sentence):
        run(function, jobs)


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        (3, "`function` returned 3; expected a table, or a mapping"),
        ({"job": 1}, 'with a column "job"'),
    ],
)
def test_results_that_make_no_table_are_told(run, returned, sentence):
    with pytest.raises(RuntimeError, match=f"3 of 3 jobs failed. 'two': InputError: .*{sentence}"):
        run(lambda _: returned)
