from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from motifbook import _check
from motifbook._check import InputError, NotFoundError


def test_what_fits_passes():
    _check.shape(np.zeros((2, 4, 9)), "onehot", "(n, 4, length)", None, 4, None)
    _check.onehot_shape(np.zeros((0, 4, 9)), "onehot", 4, "ACGT")
    _check.one_of("max", "goal", ["min", "max"])
    _check.columns(["sequence", "value"], ["value"], "mpra.tsv")


def test_shapes_are_shown_as_got_and_expected():
    with pytest.raises(InputError, match=r"^`ppm` has shape \(2,\); expected \(4, width\)\.$"):
        _check.shape([1, 2], "ppm", "(4, width)", 4, None)
    with pytest.raises(InputError, match=r"expected \(4, width\)\. Use `\.T`\.$"):
        _check.shape(np.zeros((5, 4)), "ppm", "(4, width)", 4, None, hint="Use `.T`.")


def test_swapped_axes_and_a_missing_axis_come_with_the_way_out():
    with pytest.raises(InputError, match=r"rows A, C, G, T\..*use `x\.transpose\(0, 2, 1\)`"):
        _check.onehot_shape(np.zeros((2, 30, 4)), "x", 4, "ACGT")
    with pytest.raises(InputError, match=r"shape \(4, 30\).*use `x\[None\]`"):
        _check.onehot_shape(np.zeros((4, 30)), "x", 4, "ACGT")
    with pytest.raises(InputError, match=r"expected \(n, 4, length\) with rows A, C, G, T\.$"):
        _check.onehot_shape(np.zeros((2, 5, 30)), "x", 4, "ACGT")


def test_a_misspelt_choice_gets_its_neighbor():
    with pytest.raises(InputError, match=r"`goal` is 'maxx'; expected one of 'min', 'max'\. Did"):
        _check.one_of("maxx", "goal", ["min", "max"])
    with pytest.raises(InputError, match=r"`copies` is 7; expected one of 0, 1\.$"):
        _check.one_of(7, "copies", (0, 1))


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_become_int(value):
    assert type(_check.whole_number(value, "n")) is int


@pytest.mark.parametrize("value", [0, -1, 2.0, "3", None, True, np.float64(3)])
def test_other_numbers_are_not_whole(value):
    with pytest.raises(InputError, match=r"`n` is .*; expected a whole number, 1 or more"):
        _check.whole_number(value, "n")


def test_bounds_of_whole_numbers_are_said():
    assert _check.whole_number(0, "n", low=0, high=5) == 0
    with pytest.raises(InputError, match="`n` is 6; expected a whole number, 0 to 5"):
        _check.whole_number(6, "n", low=0, high=5)


def test_numbers_become_float():
    assert type(_check.number(np.float32(0.5), "share")) is float
    assert _check.number("0.5", "share") == 0.5


@pytest.mark.parametrize("value", ["much", None, float("nan"), [1, 2], 1.5])
def test_values_outside_the_bounds_are_refused(value):
    with pytest.raises(InputError, match=r"`share` is .*; expected a number between 0 and 1"):
        _check.number(value, "share", low=0, high=1)


def test_a_bound_on_one_side_only_reads_well():
    with pytest.raises(InputError, match=r"`bits` is -1; expected bits, 0 or more\.$"):
        _check.number(-1, "bits", low=0, what="bits")
    with pytest.raises(InputError, match=r"`x` is 'a'; expected a number\.$"):
        _check.number("a", "x")


def test_existing_files_are_returned_as_paths(tmp_path):
    path = tmp_path / "peaks.bed"
    path.touch()
    assert _check.existing_file(str(path)) == path
    assert _check.existing_file(path) == path


def test_a_file_that_is_not_there_gets_its_neighbor(tmp_path):
    (tmp_path / "peaks.bed").touch()
    with pytest.raises(NotFoundError, match=r"peak\.bed was not found\. Did you mean 'peaks\.bed'"):
        _check.existing_file(tmp_path / "peak.bed")
    with pytest.raises(FileNotFoundError, match=r"genome\.fa was not found\. .*put it there"):
        _check.existing_file(tmp_path / "genome.fa")
    with pytest.raises(InputError, match=r"there is no folder .*nowhere"):
        _check.existing_file(tmp_path / "nowhere" / "peaks.bed")
    with pytest.raises(InputError, match="is a folder; expected a file"):
        _check.existing_file(tmp_path)


def test_the_home_folder_may_be_written_short():
    with pytest.raises(NotFoundError, match=re.escape(str(Path.home()))):
        _check.existing_file("~/no such file of motifbook")


def test_what_is_no_path_is_refused():
    with pytest.raises(InputError, match="`genome` is 3; expected the path of a file"):
        _check.existing_file(3, "genome")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, r"`path` is None; expected the path of a file\."),
        (["a.fa", "b.fa"], r"`path` is \['a\.fa', 'b\.fa'\]; expected the path of a file"),
        (np.zeros(3), r"`path` is an ndarray; expected the path of a file"),
        (b"a.fa", r"`path` is b'a\.fa'; expected the path of a file"),
        ("", r"`path` is ''; expected the path of a file"),
        ("a\0b", r"`path` is 'a\\x00b'; expected the path of a file"),
        ("https://example.org/a.fa", r"is an address; expected a file on this machine\. Download"),
        ("~no such user/a.fa", r"a\.fa was not found: there is no such user"),
        ("a" * 5000, r"^a{60}…a{60} cannot be (opened|written) \(File name too long\)"),
    ],
)
def test_what_names_no_file_is_refused(given, sentence):
    with pytest.raises(InputError, match=sentence):
        _check.existing_file(given)
    with pytest.raises(InputError, match=sentence), _check.new_file(given):
        pass


def test_a_message_is_one_paragraph_of_bounded_words():
    message = str(InputError("line 1: 'a\nb\x0b\u2028c' is no number; " + "x" * 10_000))
    assert message == f"line 1: 'a b c' is no number; {'x' * 60}…{'x' * 60}"
    assert str(NotFoundError("a  b was\r\nnot found")) == "a  b was not found"


def test_a_notebook_shows_the_users_own_line_and_the_sentence(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text("from motifbook import read_fasta\nread_fasta('no.fa')\n")
    with pytest.raises(NotFoundError) as caught:
        exec(compile(script.read_text(), str(script), "exec"), {})
    shown = caught.value._render_traceback_()
    assert shown[0] == "----> read_fasta('no.fa')"
    assert shown[1].startswith("NotFoundError: no.fa was not found.")
    assert len(shown) == 2


def test_missing_columns_are_named_with_those_present():
    with pytest.raises(InputError, match=r"mpra\.tsv has no column 'Dev'; it has: dev, Hk\. Did"):
        _check.columns(["dev", "Hk"], ["Dev"], "mpra.tsv")
    with pytest.raises(InputError, match=r"mpra\.tsv has no column 3; its columns have no names"):
        _check.columns(["", ""], [3], "mpra.tsv")
    many = [f"column{number}" for number in range(20)]
    with pytest.raises(InputError, match="column11, …"):
        _check.columns(many, ["value"], "mpra.tsv")


def test_the_same_seed_gives_the_same_numbers():
    first, again = (_check.generator(1, "test").random(3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (
        _check.generator(None, "test").random(3) != _check.generator(None, "test").random(3)
    ).all()


@pytest.mark.parametrize("seed", [-1, 1.5, "one"])
def test_impossible_seeds_are_refused(seed):
    with pytest.raises(InputError, match=r"`seed` is .*; expected a whole number, 0 or more"):
        _check.generator(seed, "test")


def test_input_errors_are_value_errors():
    assert issubclass(InputError, ValueError)
    assert str(NotFoundError("a sentence")) == "a sentence"


def test_a_new_file_appears_when_it_is_complete(tmp_path):
    with _check.new_file(tmp_path / "a.txt") as part:
        part.write_text("half")
        assert not (tmp_path / "a.txt").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with (
        pytest.raises(InputError, match=r"a\.txt cannot be written \(No space left\)\. Name a"),
        _check.new_file(tmp_path / "a.txt"),
    ):
        raise OSError(28, "No space left")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_or_device_is_never_replaced_by_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        pytest.raises(InputError, match="pipe is no ordinary file; expected the name of one"),
        _check.new_file(pipe),
    ):
        pass
    assert pipe.is_fifo()


def test_a_folder_is_no_new_file(tmp_path):
    with (
        pytest.raises(InputError, match=r"is a folder; expected the name of a file in it"),
        _check.new_file(tmp_path),
    ):
        pass


def test_long_lists_are_cut_and_tables_are_tables():
    assert len(_check.shown([{"sequence": "ACGT" * 100}] * 9)) < 200
    _check.table(pd.DataFrame(), "hits", "`mb.scan(motifs, adata)`")
    with pytest.raises(InputError, match=r"`hits` is \[\]; expected a table, such as `mb.scan"):
        _check.table([], "hits", "`mb.scan(motifs, adata)`")


def test_cells_become_numbers_whatever_they_hold():
    cells = ["2.5", " 3 ", True, 4, "1_000", "high", None, b"x", "9" * 500]
    expected = [2.5, 3, 1, 4, *[np.nan] * 4, np.inf]
    np.testing.assert_array_equal(_check.parse_numbers(cells), expected)


def test_numbers_that_bring_pandas_down_are_infinite():
    np.testing.assert_array_equal(
        _check.parse_numbers(["1e45704789046", "-1e8307848531"]), [np.inf, -np.inf]
    )
