"""bigWig signal as readouts: the right summary, at the right place, and NaN where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError, Signal, read_bed
from motifbook.data import store
from tests.genomes import CHROMS, done, write_bed, write_bigwig, write_fasta

pytest.importorskip("pybigtools")

VALUES = [("chrI", 100, 105, 2.0), ("chrI", 108, 110, -1.0), ("chrIV", 0, 2000, 0.5)]
PLACES = "chrI\t100\t110\nchrI\t200\t210\nchrIV\t50\t60\nchrI\t105\t115\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def genome(tmp_path):
    return write_fasta(tmp_path / "genome.fa")


@pytest.fixture
def track(tmp_path):
    return write_bigwig(tmp_path / "x.bw", VALUES)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (("mean", None), [8 / 7, np.nan, 0.5, -1]),
        (("sum", None), [8, np.nan, 5, -2]),
        (("max", None), [2, np.nan, 0.5, -1]),
        (("mean", 0), [0.8, 0, 0.5, -0.2]),
        (("sum", 0), [8, 0, 5, -2]),
        (("max", 0), [2, 0, 0.5, 0]),
        (("mean", 1.0), [1.1, 1, 0.5, 0.6]),
    ],
)
def test_summaries_by_hand(tmp_path, genome, track, how, expected):
    path = write_bed(tmp_path, PLACES)
    adata = read_bed(path, genome=genome, length=10, signal={"x": Signal(track, *how)})
    np.testing.assert_allclose(adata.X[:, 0], expected, rtol=1e-6)


def test_a_path_alone_is_the_mean_and_says_what_has_no_value(tmp_path, genome, track):
    adata = read_bed(write_bed(tmp_path, PLACES), genome=genome, length=10, signal={"x": track})
    assert adata.X[:, 0].tolist() == pytest.approx([8 / 7, np.nan, 0.5, -1], nan_ok=True)
    assert "Readout 'x': mean of x.bw in each window; 52.5% of the positions have no" in done(adata)
    assert "(1 window without any: NaN)" in done(adata)
    assert 'mb.Signal("x.bw", missing=0)' in done(adata)
    with_zeros = {"x": Signal(track, missing=0)}
    again = read_bed(write_bed(tmp_path, PLACES), genome=genome, length=10, signal=with_zeros)
    assert "52.5% of the positions have no value there and count as 0." in done(again)


@pytest.mark.parametrize("name", ["x.bigWig", "x.BW", "x.dat"])
def test_a_track_may_have_any_name(tmp_path, genome, track, name):
    other = track.rename(tmp_path / name)
    adata = read_bed(write_bed(tmp_path, PLACES), genome=genome, length=10, signal={"x": other})
    assert adata.X[2, 0] == 0.5


def test_shuffles_have_no_signal_and_kinds_are_right(tmp_path, genome, track):
    adata = read_bed(
        write_bed(tmp_path, PLACES),
        genome=genome,
        length=10,
        negatives="shuffle",
        signal={"a": track, "b": Signal(track, summary="max")},
        seed=0,
    )
    assert adata.var_names.tolist() == ["bound", "a", "b"]
    assert store.readout_kinds(adata) == ["binary", "continuous", "continuous"]
    assert np.isnan(adata.X[4:, 1:]).all()
    assert adata.X[:4, 0].tolist() == [1, 1, 1, 1]


def test_matched_windows_are_measured_too(tmp_path, genome, track):
    path = write_bed(tmp_path, "chrIV\t50\t60\nchrIV\t500\t510\n")
    adata = read_bed(
        path, genome=genome, length=10, negatives="matched", signal={"x": track}, seed=0
    )
    assert adata.X[:, 1].tolist() == [0.5] * 4


def test_the_minus_strand_has_the_signal_of_its_place(tmp_path, genome, track):
    path = write_bed(tmp_path, "chrI\t100\t110\ta\t0\t-\n")
    adata = read_bed(path, genome=genome, length=10, signal={"x": track})
    assert adata.X[0, 0] == pytest.approx(8 / 7)


def test_random_windows_agree_with_a_plain_loop(tmp_path, genome):
    rng = np.random.default_rng(0)
    dense = {name: np.full(size, np.nan) for name, size in CHROMS.items()}
    values = []
    for name, size in CHROMS.items():
        edges = np.unique(rng.integers(0, size, 60))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
            values.append((name, start, end, float(rng.integers(-5, 9))))
            dense[name][start:end] = values[-1][3]
    track = write_bigwig(tmp_path / "x.bw", values)
    content = "".join(
        f"{name}\t{at}\t{at + 1}\n" for name in CHROMS for at in rng.integers(20, 280, 40)
    )
    signal = {how: Signal(track, summary=how) for how in ("mean", "sum", "max")}
    adata = read_bed(write_bed(tmp_path, content), genome=genome, length=31, signal=signal)
    for row, place in enumerate(adata.obs.itertuples()):
        window = dense[place.chrom][place.start : place.end]
        window = window[~np.isnan(window)]
        expected = [window.mean(), window.sum(), window.max()] if len(window) else [np.nan] * 3
        np.testing.assert_allclose(adata.X[row], expected, rtol=1e-6)


def test_chromosomes_that_only_the_track_lacks_are_not_measured(tmp_path, genome):
    track = write_bigwig(tmp_path / "x.bw", VALUES[:2], {"chrI": 700})
    adata = read_bed(write_bed(tmp_path, PLACES), genome=genome, length=10, signal={"x": track})
    assert np.isnan(adata.X[:, 0]).tolist() == [False, True, True, False]
    assert "2 windows without any: NaN" in done(adata)


NAMES = {"chrI": "1", "chrIV": "4", "chrX": "X"}


def renamed_track(tmp_path):
    lengths = {NAMES[name]: size for name, size in CHROMS.items()}
    return write_bigwig(tmp_path / "n.bw", [(NAMES[c], *rest) for c, *rest in VALUES], lengths)


def test_a_track_with_other_names_comes_with_the_exact_renaming(tmp_path, genome):
    track = renamed_track(tmp_path)
    path = write_bed(tmp_path, PLACES)
    exact = r'n\.bw names .*use rename=\{"1": "chrI", "4": "chrIV"\}'
    with pytest.raises(InputError, match=exact):
        read_bed(path, genome=genome, length=10, signal={"x": track})
    rename = {"1": "chrI", "4": "chrIV"}
    adata = read_bed(path, genome=genome, length=10, signal={"x": track}, rename=rename)
    assert adata.X[:, 0].tolist() == pytest.approx([8 / 7, np.nan, 0.5, -1], nan_ok=True)


def test_a_track_may_have_the_names_of_the_regions_or_those_of_the_genome(tmp_path, genome):
    own = write_bed(tmp_path, PLACES.replace("chrIV", "4").replace("chrI", "1"))
    rename = {"1": "chrI", "4": "chrIV"}
    for track in (renamed_track(tmp_path), write_bigwig(tmp_path / "x.bw", VALUES)):
        adata = read_bed(own, genome=genome, length=10, signal={"x": track}, rename=rename)
        assert adata.X[:, 0].tolist() == pytest.approx([8 / 7, np.nan, 0.5, -1], nan_ok=True)


def test_a_track_that_stops_early_has_no_value_behind(tmp_path, genome):
    track = write_bigwig(tmp_path / "x.bw", [("chrI", 0, 104, 3.0)], {"chrI": 104})
    path = write_bed(tmp_path, "chrI\t100\t110\nchrI\t200\t210\n")
    adata = read_bed(path, genome=genome, length=10, signal={"x": track})
    assert adata.X[:, 0].tolist() == pytest.approx([3, np.nan], nan_ok=True)


def test_signal_without_pybigtools_says_how_to_install_it(tmp_path, genome, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pybigtools", None)
    with pytest.raises(InputError, match="`pip install pybigtools`"):
        read_bed(
            write_bed(tmp_path, "chrI\t9\t10\n"), genome=genome, length=9, signal={"a": "a.bw"}
        )


def test_questionable_signals():
    with pytest.raises(InputError, match="`summary` is 'median'; expected one of 'mean', 'sum'"):
        Signal("x.bw", summary="median")
    with pytest.raises(InputError, match="`missing` is 'zero'; expected None or a number"):
        Signal("x.bw", missing="zero")


@pytest.mark.parametrize(("name", "expected"), [("Abf1", 20.2), ("Rap1", 31.9)])
def test_open_chromatin_at_real_peaks(test_data, name, expected):
    """About 3 at random windows of the same GC content; the data's README says 20.2 and 31.9."""
    folder = test_data / "genome"
    adata = read_bed(
        folder / f"rossi2021_{name}.bed",
        genome=folder / "sacCer3_chrIV.fa.gz",
        length=200,
        rename={"chr4": "chrIV"},
        negatives="matched",
        signal={"atac": folder / "sacCer3_chrIV_atac.bw"},
        seed=0,
    )
    assert adata.var_names.tolist() == ["bound", "atac"]
    bound = adata.X[:, 0] == 1
    assert adata.X[bound, 1].mean() == pytest.approx(expected, abs=0.1)
    assert adata.X[~bound, 1].mean() == pytest.approx(3, abs=1)
    assert "Readout 'atac': mean of sacCer3_chrIV_atac.bw in each window." in done(adata)
