"""Nothing grows faster than the data: calls and memory of the main verbs, at n and at 2n."""

from __future__ import annotations

import math
import os
import sys
import tracemalloc
from unittest import mock

import numpy as np
import pytest

import motifbook as mb
from benchmarks import growth, growth_page, growth_verbs, million
from benchmarks.growth_page import Circumstances, Point
from benchmarks.growth_verbs import VERBS, Size
from motifbook import _check

TWICE = 2.3  # and a little; what is quadratic has 4
QUICK = [
    *("read_fasta", "write", "read", "check", "leakage", "split", "similarity", "shuffle"),
    *("scan", "enrichment", "find_seeds", "predict", "evaluate", "read_motifs", "gradient"),
    *("test_given", "stream_hits", "stream_attribution", "read_syntax"),
]
SLOW = ["mutagenesis", "call_instances", "score_variants"]  # with fewer rows
IN_MOTIFS = [
    *("scan", "stream_hits", "enrichment", "test_given", "identify", "identify_many"),
    *("write_motif_file", "read_motif_file"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the network is that verbs read."""
    place = tmp_path_factory.mktemp("growth")
    growth_verbs.train_network(place, growth_verbs.simulated(300, 50), n_steps=15)
    return place


def cost(work):
    """How many functions are called, and the most bytes held at once by Python and NumPy."""
    calls = 0

    def see(_, event, __):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    tracemalloc.start()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return np.array([calls, held])


def costs(verb, warm_up, *sizes):
    """The cost of a verb's work at each size, after one that makes what is made only once."""
    VERBS[verb].make(warm_up)()
    return [cost(VERBS[verb].make(size)) for size in sizes]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("verb", QUICK + SLOW)
def test_twice_the_rows_need_no_more_than_twice_the_work(verb, folder):
    sizes = (40, 100, 200) if verb in SLOW else (200, 600, 1200)
    once, twice = costs(verb, *(Size(n, 50, 3, folder) for n in sizes))
    assert (twice / once < TWICE).all()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("verb", IN_MOTIFS)
def test_twice_the_motifs_need_no_more_than_twice_the_work(verb, folder):
    once, twice = costs(verb, *(Size(200, 50, motifs, folder) for motifs in (5, 40, 80)))
    assert (twice / once < TWICE).all()


def entries(work):
    """How many names are read from folders."""
    read = [0]

    def counted(look):
        def count(*given):
            names = list(look(*given))
            read[0] += len(names)
            return Names(names)

        return count

    with (
        mock.patch("os.scandir", counted(os.scandir)),
        mock.patch("os.listdir", counted(os.listdir)),
    ):
        work()
    return read[0]


class Names(list):
    """What `os.scandir` returns: to go through, also in a block."""

    def __enter__(self):
        return iter(self)

    def __exit__(self, *_given):
        self.clear()


def test_twice_the_jobs_read_no_more_than_twice_the_names(tmp_path):
    def done_twice(n):
        jobs = {f"j{number}": number for number in range(n)}
        for _ in range(2):
            mb.panel(one_row, jobs, tmp_path / f"panel_{n}", progress=False)

    def tidied_each_time(n):
        (tmp_path / str(n)).mkdir()
        for number in range(n):
            with _check.new_file(tmp_path / str(n) / str(number)) as part:
                part.touch()

    assert entries(lambda: done_twice(40)) <= TWICE * max(entries(lambda: done_twice(20)), 1)
    once, twice = entries(lambda: tidied_each_time(20)), entries(lambda: tidied_each_time(40))
    assert twice / once > TWICE  # what is quadratic is noticed


def one_row(number):
    return {"number": number}


def test_what_is_quadratic_is_noticed():
    def pairs(n):
        return [abs(a - b) for a in range(n) for b in range(n)]

    once, twice = cost(lambda: pairs(100)), cost(lambda: pairs(200))
    assert (twice / once > TWICE).all()


def test_exponents_of_known_curves():
    points = [Point(n, 1e-6 * n**1.5, 0.5, 1e-7 * n) for n in (1000, 3000, 10_000, 30_000)]
    slope, error = growth_page.exponent(points)
    assert slope == pytest.approx(1.5)
    assert error == pytest.approx(0, abs=1e-6)
    assert growth_page.extrapolated(points, 300_000) == pytest.approx(1e-6 * 300_000**1.5)
    assert math.isnan(growth_page.exponent(points[:1])[0])


def test_a_fixed_share_hides_no_growth():
    points = [Point(n, 5 + 1e-4 * n, 0.5, 0.1 + 1e-6 * n) for n in (1000, 3000, 10_000, 30_000)]
    assert growth_page.exponent(points)[0] < 0.5
    assert growth_page.extrapolated(points, 3000) == pytest.approx(5.3)
    assert growth_page.extrapolated(points, 1_000_000) == pytest.approx(105)
    assert growth_page.extrapolated(points, 1_000_000, "own") == pytest.approx(1.1)


def test_what_is_extrapolated_is_marked():
    points = [Point(n, 1e-3 * n, 0.5, 1e-4 * n) for n in (1000, 10_000, 100_000)]
    curves = {"scan": {"n": points}, "test_motifs": {"n": points}}
    scan, tests = growth_page.rows(curves, "n")
    assert "| 100,000 | 100 s | 10.00 | ~17 min | ~100 | ~83 min | ~500? |" in scan
    assert tests.endswith("| refused | refused | refused | refused |")
    told = "\n".join(growth_page.billion(curves))
    assert "(`?`): scan ~83 min, ~500? GB (instead: stream_hits)." in told
    assert "* refused: test_motifs" in told


def test_what_is_steep_is_told_with_its_error():
    points = [Point(n, 1e-6 * n**1.5, 0.5, 1e-5 * n) for n in (10_000, 30_000, 100_000)]
    told = "\n".join(growth_page.steep({"split": {"n": points}}))
    assert "split, at random: time 1.50 ± 0.00, up to 100,000 sequences" in told
    assert "memory" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_benchmark_runs():
    curves = growth.run(["shuffle", "cluster_motifs"], growth.SMALL, 30.0)
    assert set(curves) == {"shuffle", "cluster_motifs"}
    for axes in curves.values():
        for points in axes.values():
            assert math.isfinite(growth_page.exponent(points)[0])
    assert growth_page.page(curves, Circumstances(30.0, 0.0)).count("| shuffles |") == 2


def test_the_page_is_that_of_the_points():
    assert (
        growth.TABLE.with_suffix(".md").read_text().splitlines()[3:]
        == (growth_page.page(*growth.kept()).splitlines()[3:])
    )


def test_the_million_sequences_hold_the_words_that_are_told():
    letters, truth = million.block(400, 0)
    for column, word in (("first", million.FIRST), ("second", million.SECOND)):
        rows = np.flatnonzero(truth[column] >= 0)
        starts = truth[column].to_numpy()[rows]
        np.testing.assert_array_equal(
            letters[rows[:, None], starts[:, None] + np.arange(7)], [word] * len(rows)
        )
    gap = truth["second"] - truth["first"] - 7
    both = (truth["first"] >= 0) & (truth["second"] >= 0)
    together = truth["activity"][both & (gap <= million.NEAR)].mean()
    assert together - truth["activity"][both & (gap > million.NEAR)].mean() == pytest.approx(
        2, abs=0.2
    )


@pytest.mark.parametrize(
    ("rows", "expected"), [(1_000_000, "1 minutes in all"), (1000, "999 minutes expected at most")]
)
def test_a_look_is_carried_on_to_the_million(rows, expected):
    job = {
        "wall": 60.0,
        "work": 59.94,
        "cpu": 55.0,
        "peak": 1.5,
        "own": 1.0,
        "facts": {"pieces": 3},
    }
    told = "\n".join(million.lines({"hits": job}, rows))
    assert expected in told
    assert "below the limit of 4 GB" in told
    assert ("minutes at 1,000,000" in told) == (rows < 1_000_000)
