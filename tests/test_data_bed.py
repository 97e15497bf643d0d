"""Windows are the letters of the genome that a second reader finds, on the right strand."""

from __future__ import annotations

import contextlib
import gzip
import os

import numpy as np
import pandas as pd
import pyfaidx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motifbook import InputError, read_bed
from motifbook.data import store
from motifbook.data.chromosomes import renaming
from motifbook.data.regions import read_regions
from motifbook.onehot import decode, encode, reverse_complement

RNG = np.random.default_rng(0)
CHROMS = {"chrI": 700, "chrIV": 2000, "chrX": 301}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def letters():
    return {name: "".join(RNG.choice(list("ACGT"), size)) for name, size in CHROMS.items()}


@pytest.fixture
def genome(tmp_path, letters):
    path = tmp_path / "genome.fa"
    lines = [
        f">{name} of a test\n" + "\n".join(text[at : at + 60] for at in range(0, len(text), 60))
        for name, text in letters.items()
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def bed(tmp_path, content, name="x.bed"):
    path = tmp_path / name
    path.write_text(content, newline="")
    return path


def done(adata):
    return "\n".join(adata.uns["done"])


def test_windows_are_centered_on_the_region(tmp_path, genome, letters):
    adata = read_bed(bed(tmp_path, "chrI\t100\t110\nchrIV\t1000\t1001\n"), genome=genome, length=20)
    expected = [letters["chrI"][95:115], letters["chrIV"][990:1010]]
    assert store.get_sequences(adata) == expected
    assert adata.obs["start"].tolist() == [95, 990]
    assert adata.obs["end"].tolist() == [115, 1010]
    assert adata.obs_names.tolist() == ["chrI:95-115", "chrIV:990-1010"]
    assert adata.shape == (2, 0)


def test_odd_lengths_have_their_middle_letter_on_the_center(tmp_path, genome, letters):
    adata = read_bed(bed(tmp_path, "chrI\t100\t101\n"), genome=genome, length=7)
    assert store.get_sequences(adata)[0][3] == letters["chrI"][100]


def test_the_minus_strand_is_read_from_its_own_end(tmp_path, genome, letters):
    content = "chrI\t100\t110\ta\t0\t-\nchrI\t100\t110\tb\t0\t+\n"
    adata = read_bed(bed(tmp_path, content), genome=genome, length=10)
    plus = letters["chrI"][100:110]
    minus = decode(reverse_complement(encode([plus])))[0]
    assert store.get_sequences(adata) == [minus, plus]
    assert adata.obs["strand"].tolist() == ["-", "+"]
    assert adata.obs["name"].tolist() == ["a", "b"]
    assert "Read 1 window from the minus strand." in done(adata)


def test_narrowpeak_is_centered_on_its_summit(tmp_path, genome, letters):
    content = "chrI\t100\t200\tp\t9\t.\t1.5\t2\t3\t80\nchrI\t300\t400\tq\t9\t.\t1.5\t2\t3\t-1\n"
    adata = read_bed(bed(tmp_path, content, "x.narrowPeak"), genome=genome, length=10)
    assert adata.obs["start"].tolist() == [175, 345]
    assert "the summit of each peak" in done(adata)


def test_ten_columns_are_not_always_narrowpeak(tmp_path):
    blocks = "chrI\t100\t200\tg\t9\t.\t110\t190\t0\t1\n"  # thick part, color, number of blocks
    assert read_regions(bed(tmp_path, blocks))["center"].tolist() == [150]
    outside = "chrI\t100\t200\tp\t9\t.\t1\t1\t1\t100\n"
    assert read_regions(bed(tmp_path, outside))["center"].tolist() == [150]


@pytest.mark.parametrize("filler", [".", "-"])
def test_summits_with_nothing_else_known_are_summits(tmp_path, filler):
    cells = "\t".join([filler] * 6)
    assert read_regions(bed(tmp_path, f"chrI\t100\t200\t{cells}\t80\n"))["center"].item() == 180


def test_windows_over_the_end_of_a_chromosome_are_left_out_and_counted(tmp_path, genome):
    content = "chrI\t4\t5\nchrI\t5\t6\nchrI\t695\t696\nchrI\t696\t697\n"
    adata = read_bed(bed(tmp_path, content), genome=genome, length=10)
    assert adata.obs["start"].tolist() == [0, 690]
    assert "Left out 2 regions whose window reaches over the end" in done(adata)
    assert "(line 1, 4)" in done(adata)
    with pytest.raises(InputError, match=r"No window of 800 letters .* use a smaller `length`"):
        read_bed(bed(tmp_path, content), genome=genome, length=800)


def test_other_chromosome_names_come_with_the_exact_renaming(tmp_path, genome):
    content = "chr1\t100\t101\nchr4\t1000\t1001\nchr9\t5\t6\n"
    sentence = r"does not have: 'chr1', 'chr4', 'chr9'; it has 'chrI', 'chrIV', 'chrX'\. .*"
    exact = r"use rename=\{\"chr1\": \"chrI\", \"chr4\": \"chrIV\"\}"
    with pytest.raises(InputError, match=sentence + exact):
        read_bed(bed(tmp_path, content), genome=genome, length=10)
    rename = {"chr1": "chrI", "chr4": "chrIV"}
    adata = read_bed(bed(tmp_path, content), genome=genome, length=10, rename=rename)
    assert adata.obs["chrom"].tolist() == ["chrI", "chrIV"]
    assert (
        "Left out 1 region of x.bed on chromosomes that genome.fa does not have: 'chr9'."
        in done(adata)
    )


@pytest.mark.parametrize(
    ("wanted", "index", "expected"),
    [
        (["4", "X"], ["chr4", "chrX"], {"4": "chr4", "X": "chrX"}),
        (["chr4"], ["4"], {"chr4": "4"}),
        (["chrM"], ["chr1", "MT"], {"chrM": "MT"}),
        (["IV", "X"], ["4", "10"], {"IV": "4", "X": "10"}),
        (["chrX", "chrY"], ["chr10", "chr1"], {}),
        (["2L"], ["chr2L"], {"2L": "chr2L"}),
        (["chrIV"], ["chrIV"], {}),
    ],
)
def test_names_of_the_same_chromosome(wanted, index, expected):
    assert renaming(wanted, index) == expected


def test_names_that_are_nowhere(tmp_path, genome):
    with pytest.raises(InputError, match=r"'scaffold7'; it has .* Is it the right genome\?"):
        read_bed(bed(tmp_path, "scaffold7\t1\t2\n"), genome=genome, length=10)
    with pytest.raises(InputError, match=r"`rename` names 'chr7', which x.bed does not have"):
        read_bed(bed(tmp_path, "chrI\t1\t2\n"), genome=genome, length=10, rename={"chr7": "a"})


UGLY = {
    "comments": "# made by hand\nbrowser position chr1\ntrack name=x\nchrI\t1\t2\n",
    "header": "chrom\tstart\tend\nchrI\t1\t2\n",
    "blanks for tabs": "chrI 1  2\n",
    "Windows": "chrI\t1\t2\r\n\r\n",
    "old Mac": "chrI\t1\t2\r",
    "byte order mark": "\ufeffchrI\t1\t2\n",
    "no last line end": "chrI\t1\t2",
    "blanks around": "chrI\t 1\t2 \n",
    "a name alone": "chrI\t1\t2\tpeak 1\n",
    "BED12": "chrI\t1\t2\tg\t0\t+\t1\t2\t0\t1\t1,\t0,\n",
}


@pytest.mark.parametrize("case", UGLY)
def test_ugly_files_are_read(tmp_path, case):
    regions = read_regions(bed(tmp_path, UGLY[case]))
    assert regions[["chrom", "start", "end"]].to_numpy().tolist() == [["chrI", 1, 2]]


REFUSED = {
    "empty": ("", r"x.bed is empty"),
    "comments only": ("# a\ntrack\n", r"x.bed holds no regions"),
    "two columns": ("chrI\t1\t2\nchrI\t1\n", r"x.bed, line 2 has 2 columns; expected at least 3"),
    "one column": ("chrI\n", r"x.bed, line 1 has 1 column; expected"),
    "words": ("chrI\t1\t2\nchrI\tx\t2\n", r"x.bed, line 2: 'x' is no place"),
    "fractions": ("chrI\t1.5\t2\n", r"x.bed, line 1: '1.5' is no place"),
    "negative": ("chrI\t-1\t2\n", r"x.bed, line 1: '-1' is no place"),
    "backwards": ("#\nchrI\t9\t2\n", r"x.bed, line 2: start 9 lies behind end 2"),
    "strand": ("chrI\t1\t2\ta\t0\tplus\n", r"line 1: the strand \(column 6\) is 'plus'"),
    "FASTA": (">a\nACGT\n", r"x.bed, line 1 has 1 column"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_names_file_and_line(tmp_path, case):
    content, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence):
        read_regions(bed(tmp_path, content))


def test_questionable_requests(tmp_path, genome):
    path = bed(tmp_path, "chrI\t100\t101\n")
    with pytest.raises(InputError, match="`length` is 0; expected a whole number, 1 to"):
        read_bed(path, genome=genome, length=0)
    with pytest.raises(InputError, match=r"`negatives` is 'match'; .* Did you mean 'matched'"):
        read_bed(path, genome=genome, length=10, negatives="match")
    with pytest.raises(InputError, match=r"gnome\.fa was not found\. Did you mean 'genome\.fa'"):
        read_bed(path, genome=tmp_path / "gnome.fa", length=10)


def test_nothing_is_written_beside_the_genome(tmp_path, letters, cache):
    folder = tmp_path / "read only"
    folder.mkdir()
    path = folder / "g.fa"
    path.write_text(f">chrI\n{letters['chrI']}\n")
    folder.chmod(0o500)
    read_bed(bed(tmp_path, "chrI\t100\t101\n"), genome=path, length=10)
    assert [file.name for file in folder.iterdir()] == ["g.fa"]
    assert [file.suffix for file in cache.iterdir()] == [".fai"]


def test_a_packed_genome_is_unpacked_once(tmp_path, genome, cache):
    packed = tmp_path / "genome.fa.gz"
    packed.write_bytes(gzip.compress(genome.read_bytes()))
    path = bed(tmp_path, "chrIV\t100\t101\n")
    adata = read_bed(path, genome=packed, length=10)
    assert store.get_sequences(adata) == store.get_sequences(
        read_bed(path, genome=genome, length=10)
    )
    assert "genome.fa.gz is packed; it was unpacked once to" in done(adata)
    unpacked = next(cache.glob("*genome.fa"))
    before = unpacked.stat().st_mtime_ns
    read_bed(path, genome=packed, length=10)
    assert unpacked.stat().st_mtime_ns == before


def test_a_changed_genome_is_indexed_again(tmp_path, genome, letters):
    path = bed(tmp_path, "chrX\t100\t101\n")
    read_bed(path, genome=genome, length=10)
    genome.write_text(f">chrX\n{letters['chrIV']}\n")
    os.utime(genome, ns=(1, 1))
    adata = read_bed(path, genome=genome, length=10)
    assert store.get_sequences(adata) == [letters["chrIV"][95:105]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("chr1\t1\t2\n", r"starts with .*expected FASTA .*swapped\?"),
        (">chrI\nACGT\nACGTACGT\nACG\n", "could not be indexed: Line length"),
        (">chrI\nACGT\n>chrI\nACGT\n", "could not be indexed: Duplicate key"),
    ],
)
def test_genomes_that_are_none(tmp_path, cache, content, sentence):
    path = tmp_path / "g.fa"
    path.write_text(content)
    with pytest.raises(InputError, match=sentence):
        read_bed(bed(tmp_path, "chrI\t1\t2\n"), genome=path, length=2)
    assert not list(cache.glob("*"))


def test_a_cache_that_cannot_be_made(tmp_path, genome, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(genome / "no"))
    with pytest.raises(InputError, match=r"cannot be made .*MOTIFBOOK_CACHE"):
        read_bed(bed(tmp_path, "chrI\t100\t101\n"), genome=genome, length=10)


def gc(sequences):
    return np.array([(text.count("G") + text.count("C")) / len(text) for text in sequences])


def test_matched_negatives_have_the_same_gc_and_overlap_nothing(tmp_path, genome, letters):
    content = "".join(f"chrIV\t{at}\t{at + 60}\n" for at in range(100, 1900, 150))
    path = bed(tmp_path, content)
    adata = read_bed(path, genome=genome, length=20, negatives="matched", seed=0)
    bound = adata.X[:, 0] == 1
    obs = adata.obs
    positives, negatives = obs[bound], obs[~bound]
    assert 1 <= len(negatives) <= len(positives)
    sequences = np.array(store.get_sequences(adata))
    for row, name in zip(negatives.itertuples(), sequences[~bound]):
        assert letters["chrIV"][row.start : row.end] == name
        assert all(row.end <= at or at + 60 <= row.start for at in range(100, 1900, 150))
    starts = np.sort(negatives["start"])
    assert (np.diff(starts) >= 20).all()
    again = read_bed(path, genome=genome, length=20, negatives="matched", seed=0)
    assert again.obs_names.tolist() == adata.obs_names.tolist()


def test_a_genome_without_room_for_negatives(tmp_path, genome):
    path = bed(tmp_path, "chrI\t0\t700\n")
    with pytest.raises(
        InputError, match=r'has no window of 20 letters .* Use `negatives="shuffle"`'
    ):
        read_bed(path, genome=genome, length=20, negatives="matched")


def test_shuffles_have_no_place_in_the_genome(tmp_path, genome):
    path = bed(tmp_path, "chrI\t100\t101\nchrI\t300\t301\n")
    adata = read_bed(path, genome=genome, length=50, negatives="shuffle", seed=0)
    assert adata.obs["chrom"].tolist() == ["chrI", "chrI", ".", "."]
    assert adata.obs["pair"].tolist() == adata.obs_names[:2].tolist() * 2


def test_signal_is_the_mean_in_the_window(test_data):
    bigtools = pytest.importorskip("pybigtools")
    folder = test_data / "genome"
    adata = read_bed(
        folder / "rossi2021_Abf1.bed",
        genome=folder / "sacCer3_chrIV.fa.gz",
        length=200,
        rename={"chr4": "chrIV"},
        negatives="matched",
        signal={"atac": folder / "sacCer3_chrIV_atac.bw"},
        seed=0,
    )
    assert adata.var_names.tolist() == ["bound", "atac"]
    assert store.readout_kinds(adata) == ["binary", "continuous"]
    row = adata.obs.iloc[3]
    track = bigtools.open(str(folder / "sacCer3_chrIV_atac.bw"))
    values = np.nan_to_num(track.values("chrIV", row["start"], row["end"], fillna=0))
    assert adata.X[3, 1] == pytest.approx(values.mean())
    bound = adata.X[:, 0] == 1
    assert adata.X[bound, 1].mean() == pytest.approx(20.2, abs=0.5)  # open chromatin at Abf1
    assert adata.X[~bound, 1].mean() < 8


def test_signal_without_pybigtools_says_how_to_install_it(tmp_path, genome, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pybigtools", None)
    with pytest.raises(InputError, match="`pip install pybigtools`"):
        read_bed(bed(tmp_path, "chrI\t99\t100\n"), genome=genome, length=9, signal={"a": "a.bw"})


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


def test_real_narrowpeak_summits(test_data):
    path = test_data / "malformed" / "narrowpeak_ok.narrowPeak"
    expected = pd.read_csv(path, sep="\t", header=None)
    assert read_regions(path)["center"].tolist() == (expected[1] + expected[9]).tolist()


def test_ambiguity_codes_have_complements(test_data):
    folder = test_data / "malformed"
    adata = read_bed(folder / "iupac.bed", genome=folder / "iupac.fa", length=16)
    assert store.get_sequences(adata) == ["NXVDBHKMSWYRAGCT"] * 2


def test_real_windows_agree_with_pyfaidx(test_data, tmp_path):
    folder = test_data / "genome"
    adata = read_bed(
        folder / "sacCer3_chrIV_50genes.bed12", genome=folder / "sacCer3_chrIV.fa.gz", length=301
    )
    plain = tmp_path / "chrIV.fa"
    with gzip.open(folder / "sacCer3_chrIV.fa.gz") as stream:
        plain.write_bytes(stream.read())
    reader = pyfaidx.Fasta(str(plain))
    assert adata.n_obs == 50
    for row, sequence in zip(adata.obs.itertuples(), store.get_sequences(adata)):
        window = reader[row.chrom][row.start : row.end]
        assert sequence == (-window if row.strand == "-" else window).seq.upper()


CELLS = st.one_of(
    st.sampled_from(["chrI", "chr1", "0", "10", "200", "-1", "+", "-", ".", "1e3", "", "#", "x"]),
    st.text(max_size=3),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=11), max_size=4),
    first=st.lists(st.integers(0, 800), max_size=3),
)
def test_any_text_is_read_or_refused(tmp_path, genome, rows, first):
    lines = [f"chrI\t{at}\t{at + 5}" for at in first] + ["\t".join(row) for row in rows]
    path = bed(tmp_path, "\n".join(lines).encode("utf-8", "replace").decode())
    with contextlib.suppress(InputError):
        adata = read_bed(path, genome=genome, length=10)
        assert {len(sequence) for sequence in store.get_sequences(adata)} == {10}
