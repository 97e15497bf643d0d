"""Regions as files have them: BED of any width, narrowPeak, headers, blanks, foreign line ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError
from motifbook.data.genomes.chromosomes import renaming
from motifbook.data.genomes.regions import free_stretches, overlapping, read_regions
from tests.genomes import write_bed


@pytest.mark.parametrize(
    ("wanted", "index", "expected"),
    [
        (["4", "X"], ["chr4", "chrX"], {"4": "chr4", "X": "chrX"}),
        (["chr4"], ["4"], {"chr4": "4"}),
        (["chrM"], ["chr1", "MT"], {"chrM": "MT"}),
        (["IV", "X"], ["4", "10"], {"IV": "4", "X": "10"}),
        (["chr4", "chr10"], ["chrIV", "chrX"], {"chr4": "chrIV", "chr10": "chrX"}),
        (["chrX", "chrY"], ["chr10", "chr1"], {}),
        (["chr10"], ["chr1", "chrX"], {}),  # the human X is no number
        (["2L"], ["chr2L"], {"2L": "chr2L"}),
        (["chrIV"], ["chrIV"], {}),
    ],
)
def test_names_of_the_same_chromosome(wanted, index, expected):
    assert renaming(wanted, index) == expected


UGLY = {
    "comments": "# made by hand\nbrowser position chr1\ntrack name=x\nchrI\t1\t2\n",
    "header": "chrom\tstart\tend\nchrI\t1\t2\n",
    "header with #": "#chrom\tstart\tend\nchrI\t1\t2\n",
    "blanks for tabs": "chrI 1  2\n",
    "Windows": "chrI\t1\t2\r\n\r\n",
    "old Mac": "chrI\t1\t2\r",
    "byte order mark": "\ufeffchrI\t1\t2\n",
    "no last line end": "chrI\t1\t2",
    "blanks around": "chrI\t 1\t2 \n",
    "a name alone": "chrI\t1\t2\tpeak 1\n",
    "bedGraph": "chrI\t1\t2\t0.25\n",
    "broadPeak": "chrI\t1\t2\tp\t0\t.\t5.1\t6.2\t7.3\n",
    "BED12": "chrI\t1\t2\tg\t0\t+\t1\t2\t0\t1\t1,\t0,\n",
    "gappedPeak": "chrI\t1\t2\tg\t0\t.\t1\t2\t0\t1\t1,\t0,\t5.1\t6.2\t7.3\n",
}


@pytest.mark.parametrize("case", UGLY)
def test_ugly_files_are_read(tmp_path, case):
    regions = read_regions(write_bed(tmp_path, UGLY[case]))
    assert regions[["chrom", "start", "end"]].to_numpy().tolist() == [["chrI", 1, 2]]
    assert regions.attrs["on"] == "the middle of each region"


def test_columns_that_only_some_lines_have_are_kept(tmp_path):
    content = "chrI\t1\t5\nchrI\t2\t6\tpeak\t7.5\t-\n"
    regions = read_regions(write_bed(tmp_path, content))
    assert regions["name"].isna().tolist() == [True, False]
    assert regions["name"][1] == "peak"
    assert regions["score"].tolist()[1] == 7.5
    assert regions["strand"].tolist() == [".", "-"]
    assert regions["line"].tolist() == [1, 2]


def test_a_line_of_many_columns_does_not_widen_the_others(tmp_path):
    lines = ["chrI\t1\t2"] * 50_000 + ["chrI\t1\t2" + "\t." * 100_000]
    assert len(read_regions(write_bed(tmp_path, "\n".join(lines)))) == 50_001


def test_errors_far_down_name_their_line(tmp_path):
    lines = ["chrI\t1\t2"] * 150_000  # more than one block
    lines[120_001] = "chrI\t1\tx"
    with pytest.raises(InputError, match=r"x\.bed, line 120002: 'x' is no place"):
        read_regions(write_bed(tmp_path, "\n".join(lines)))


def test_narrowpeak_has_its_summit_or_else_its_middle(tmp_path):
    content = "chrI\t100\t200\tp\t9\t.\t1.5\t2\t3\t80\nchrI\t300\t400\tq\t9\t.\t1.5\t2\t3\t-1\n"
    regions = read_regions(write_bed(tmp_path, content))
    assert regions["center"].tolist() == [180, 350]
    assert regions.attrs["on"] == "the summit of each peak (column 10)"


def test_ten_columns_are_not_always_narrowpeak(tmp_path):
    blocks = "chrI\t100\t200\tg\t9\t.\t110\t190\t0\t1\n"  # thick part, color, number of blocks
    assert read_regions(write_bed(tmp_path, blocks))["center"].tolist() == [150]
    outside = "chrI\t100\t200\tp\t9\t.\t1\t1\t1\t100\n"
    assert read_regions(write_bed(tmp_path, outside))["center"].tolist() == [150]
    words = "chrI\t100\t200\tp\t9\t.\ta\tb\tc\t80\n"
    assert read_regions(write_bed(tmp_path, words))["center"].tolist() == [150]


@pytest.mark.parametrize("filler", [".", "-"])
def test_summits_with_nothing_else_known_are_summits(tmp_path, filler):
    cells = "\t".join([filler] * 6)
    regions = read_regions(write_bed(tmp_path, f"chrI\t100\t200\t{cells}\t80\n"))
    assert regions["center"].tolist() == [180]


def test_real_narrowpeak_summits(test_data):
    path = test_data / "malformed" / "narrowpeak_ok.narrowPeak"
    expected = pd.read_csv(path, sep="\t", header=None)
    assert read_regions(path)["center"].tolist() == (expected[1] + expected[9]).tolist()


MALFORMED = {  # expected: number of regions, or the sentence
    "dos_lines.bed": 3,
    "iupac.bed": 2,
    "strand_a.bed": 1,
    "track_header.bed": 1,
    "zero_len_name_only.bed": 3,
    "narrowpeak_ok.narrowPeak": 10,
    "empty.bed": r"empty.bed is empty",
    "one_column_missing.bed": r"one_column_missing.bed, line 1 has 2 columns; expected at least 3",
    "minimal.fa": r"minimal.fa, line 1 has 1 column",
}


@pytest.mark.parametrize("file", MALFORMED)
def test_files_of_other_projects(test_data, file):
    expected = MALFORMED[file]
    path = test_data / "malformed" / file
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            read_regions(path)
    else:
        assert len(read_regions(path)) == expected


def random_regions(rng, n, size):
    starts = rng.integers(0, size, n)
    widths = rng.integers(0, 30, n)
    return pd.DataFrame({"chrom": "c", "start": starts, "end": np.minimum(starts + widths, size)})


@pytest.mark.parametrize("seed", range(20))
def test_overlaps_and_free_stretches_agree_with_painting(seed):
    rng = np.random.default_rng(seed)
    size, length = 200, 7
    taken = random_regions(rng, 8, size)
    painted = np.zeros(size, dtype=bool)
    for start, end in zip(taken["start"], taken["end"]):
        painted[start:end] = True
    begins, ends = free_stretches(taken, size)
    free = np.zeros(size, dtype=bool)
    for begin, end in zip(begins, ends):
        assert not free[begin:end].any()
        free[begin:end] = True
    assert (free == ~painted).all()
    starts = np.arange(size - length)
    chroms = np.full(len(starts), "c", dtype=object)
    longer = taken[taken["end"] > taken["start"]]  # a point inside a window overlaps it too
    found = overlapping(chroms, starts, length, longer)
    assert found.tolist() == [bool(painted[at : at + length].any()) for at in starts]


def test_regions_beyond_the_end_leave_the_rest_free():
    taken = pd.DataFrame({"chrom": "c", "start": [5, 120], "end": [9, 130]})
    begins, ends = free_stretches(taken, 100)
    assert list(zip(begins.tolist(), ends.tolist())) == [(0, 5), (9, 100)]


def test_overlap_is_half_open_and_knows_chromosomes():
    taken = pd.DataFrame({"chrom": ["a", "b"], "start": [10, 0], "end": [20, 5]})
    chroms = np.array(["a", "a", "a", "b", "c"], dtype=object)
    starts = np.array([5, 6, 20, 4, 4])
    assert overlapping(chroms, starts, 5, taken).tolist() == [False, True, False, True, False]
