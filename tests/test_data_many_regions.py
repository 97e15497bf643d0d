"""Regions, names and windows taken many at once: the same as one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError
from motifbook._check import parse_numbers
from motifbook.data.genomes import regions
from motifbook.data.genomes.genome import open_genome
from motifbook.data.text.collect import unique_names

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
CELLS = st.sampled_from(["chr1", "12", "40", "+", "-", ".", "p", "", " ", '"', "1e3", "1_0", "#x"])
TIDY = st.lists(st.sampled_from(["chr1\t12\t40", "chr2\t1\t7\tp\t5\t+", "\t", "track\t1\t2", ""]))
ODD_PLACES = ["+12", "-1", "\u0663", "0000000000012", "000000000012", "1_0", "12.", "", "41"]
LINES = st.lists(st.lists(CELLS, max_size=6).map("\t".join), max_size=6)


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(lines=LINES | TIDY, good=st.integers(0, 3))
def test_tidy_lines_are_read_as_any_others(tmp_path, monkeypatch, lines, good):
    path = tmp_path / "x.bed"
    path.write_text("\n".join(["chr1\t12\t40\tp\t7\t-"] * good + lines))

    def outcome():
        try:
            return regions.read_regions(path).to_csv()
        except InputError as error:
            return str(error)

    found = outcome()
    with monkeypatch.context() as patch:
        patch.setattr(regions, "plain_places", lambda texts: None)
        assert outcome() == found


@pytest.mark.parametrize("place", ODD_PLACES)
def test_odd_places_are_read_or_refused_as_in_other_lines(tmp_path, place):
    path = tmp_path / "x.bed"
    found = []
    for before in ("", "# a line that is no region\n"):
        path.write_text(f"{before}chr1\t1\t40\nchr12\t{place}\t40\n")
        try:
            found.append(regions.read_regions(path).drop(columns="line").to_csv())
        except InputError as error:
            found.append(str(error).replace("line 3", "line 2"))
    assert found[0] == found[1]


def test_usual_files_are_read_many_lines_at_once(tmp_path, monkeypatch):
    path = tmp_path / "x.narrowPeak"
    path.write_text("chr1\t10\t40\tp\t9\t+\t1.5\t2\t3\t8\nchr12\t5\t6\tq\t8\t-\t1\t2\t3\t-1\n")
    monkeypatch.setattr(regions, "_rows", None)  # what reads one by one
    found = regions.read_regions(path)
    assert found["chrom"].tolist() == ["chr1", "chr12"]
    assert found["strand"].tolist() == ["+", "-"]
    assert found[["start", "end", "center", "line"]].to_numpy().tolist() == [
        [10, 40, 18, 1],
        [5, 6, 5, 2],
    ]


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(st.sampled_from(["1", "-2.5", "1e999", "nan", " 3 ", "", ".", "1_0", "x"])))
def test_numbers_of_a_column(cells):
    block = regions._Block("x.bed", [], cells, [cells])
    np.testing.assert_array_equal(block.numbers(0), parse_numbers(np.array(cells, dtype=object)))
    assert np.isnan(block.numbers(1)).all()


@settings(max_examples=200, deadline=None)
@given(names=st.lists(st.sampled_from(["a", "a-2", "a-2-3", "a-3", "b", "c"]), max_size=12))
def test_unique_names(names):
    unique, done = unique_names(names)
    n_times = pd.Series(names, dtype=object).value_counts()
    assert len(set(unique)) == len(names)
    first = {name: row for row, name in reversed(list(enumerate(names)))}
    assert [unique[row] for row in first.values()] == list(first)
    assert all(new == old or new.startswith(f"{old}-") for new, old in zip(unique, names))
    assert len(done) == (n_times > 1).any()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(seed=st.integers(0, 10_000), length=st.integers(1, 40))
def test_windows_of_chromosomes_with_other_lines(tmp_path, monkeypatch, end, seed, length):
    rng = np.random.default_rng(seed)
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    letters = {f"c{i}": "".join(rng.choice(list("ACGTn"), 40 + i)) for i in range(4)}
    path = tmp_path / f"{seed} {length}.fa"
    with path.open("w", newline="") as stream:
        for name, text in letters.items():
            width = int(rng.integers(1, 50))
            lines = [text[at : at + width] for at in range(0, len(text), width)]
            stream.write(end.join([f">{name}", *lines, ""]))
    chroms = rng.choice(np.array(list(letters), dtype=object), 30)
    starts = np.array([rng.integers(len(letters[chrom]) - length + 1) for chrom in chroms])
    expected = [letters[chrom][start : start + length] for chrom, start in zip(chroms, starts)]
    is_minus = np.zeros(30, dtype=bool)
    assert open_genome(path).windows(chroms, starts, length, is_minus) == expected
