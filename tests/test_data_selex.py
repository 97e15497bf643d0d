"""SELEX cycles: the readout is computed by hand, files and tables agree."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from scipy import stats

from motifbook import Cycles, InputError, read, read_selex, read_table, write
from motifbook.data import store
from motifbook.data.text.selex import mean_cycle


@pytest.fixture
def cycles(tmp_path):
    """Three reads in cycle 0, and six in cycle 3, of another kind of file."""
    (tmp_path / "c0.txt").write_text("ACGT\nacgt\nGGNN\n")
    records = ["ACGT", "TTTT", "TTTT", "TTTU", "CCAA", ""]
    fastq = "".join(f"@r{i}\n{s}\n+\n{'I' * len(s)}\n" for i, s in enumerate(records))
    (tmp_path / "c3.fq.gz").write_bytes(gzip.compress(fastq.encode()))
    return {3: tmp_path / "c3.fq.gz", 0: tmp_path / "c0.txt"}


def test_the_mean_cycle_by_hand(cycles):
    adata = read_selex(cycles)
    assert store.get_sequences(adata) == ["ACGT", "GGNN", "TTTT", "CCAA"]
    assert adata.obs["count 0"].tolist() == [2, 1, 0, 0]
    assert adata.obs["count 3"].tolist() == [1, 0, 3, 1]
    assert adata.var_names.tolist() == ["cycle"]
    first = 3 * (1 / 5) / (2 / 3 + 1 / 5)  # 2 of 3 reads in cycle 0, 1 of 5 in cycle 3
    np.testing.assert_allclose(adata.X[:, 0], [first, 0, 3, 3], rtol=1e-6)
    assert adata.uns["done"][:3] == [
        "Cycle 0: 3 reads from c0.txt, 2 of them distinct (66.7%), 1 with N.",
        "Cycle 3: 5 reads from c3.fq.gz, 3 of them distinct (60.0%), 0 with N.",
        "Readout 'cycle' is the mean cycle in which a sequence was read, weighted by its frequency "
        "in each; 50.0% of the sequences were read once.",
    ]


def test_deeper_sequencing_of_a_cycle_changes_nothing():
    counts = np.array([[4.0, 1.0], [2.0, 5.0], [0.0, 3.0]])
    np.testing.assert_allclose(mean_cycle(counts, [0, 4]), mean_cycle(counts * [1, 50], [0, 4]))


def test_cycles_may_start_anywhere_and_shift_the_readout():
    counts = np.array([[4.0, 1.0, 7.0], [2.0, 5.0, 1.0]])
    np.testing.assert_allclose(mean_cycle(counts, [2, 3, 6]), 2 + mean_cycle(counts, [0, 1, 4]))


def test_a_table_of_counts_gives_the_same(tmp_path, cycles):
    adata = read_selex(cycles)
    table = adata.obs.rename(columns={"count 0": "input", "count 3": "round3"})
    table.loc["never"] = ["AAAA", np.nan, 0]
    table.to_csv(tmp_path / "counts.csv", index=False)
    what = {"cycle": Cycles({3: "round3", 0: "input"})}
    from_table = read_table(tmp_path / "counts.csv", readouts=what)
    np.testing.assert_array_equal(from_table.X[:-1], adata.X)
    assert np.isnan(from_table.X[-1, 0])
    assert from_table.obs["count 0"].tolist()[:4] == [2, 1, 0, 0]
    assert from_table.obs["count 3"].tolist()[:4] == [1, 0, 3, 1]


def test_rna_and_the_round_trip(tmp_path, cycles):
    adata = read_selex(cycles, alphabet="RNA")
    assert store.get_sequences(adata)[2] == "UUUU"
    write(adata, tmp_path / "x.h5ad")
    assert read(tmp_path / "x.h5ad").obs.equals(adata.obs)


def test_what_is_refused(tmp_path, cycles):
    with pytest.raises(InputError, match=r"`cycles` is .*; expected two cycles or more"):
        read_selex({0: cycles[0]})
    with pytest.raises(InputError, match=r"`cycles` is \['c0.txt'\]; expected two cycles"):
        read_selex(["c0.txt"])
    with pytest.raises(InputError, match=r"`cycle` is '3'; expected a whole number, 0 or more"):
        read_selex({0: cycles[0], "3": cycles[3]})
    with pytest.raises(InputError, match=r"c0.txt is given for two cycles; expected another file"):
        read_selex({0: cycles[0], 3: cycles[0]})
    bad = tmp_path / "bad.fq"
    bad.write_text("@a\nACGT\n+\nIIII\n@b\nAJGT\n+\nIIII\n")
    with pytest.raises(InputError, match=r"The read in line 5 of bad.fq has 'J' as letter 2"):
        read_selex({0: cycles[0], 3: bad})
    empty = tmp_path / "empty.fa"
    empty.write_text(">a\n>b\n")
    with pytest.raises(InputError, match=r"empty.fa has records and no letters in them"):
        read_selex({0: cycles[0], 3: empty})


def test_real_cycles_rise_with_the_motif(test_data):
    files = {c: test_data / "selex" / f"gata3_cycle{c}_20k.txt.gz" for c in range(5)}
    adata = read_selex(files)
    reads = [gzip.decompress(file.read_bytes()).split() for file in files.values()]
    distinct = {read for cycle in reads for read in cycle}
    assert adata.shape == (len(distinct), 1)
    assert adata.obs.filter(like="count").sum().tolist() == [20_000] * 5
    has_gata = [
        bool(re.search("[AT]GATAA|TTATC[AT]", sequence)) for sequence in store.get_sequences(adata)
    ]
    cycle = adata.X[:, 0]
    assert cycle.min() == 0
    assert cycle.max() == 4
    assert stats.pointbiserialr(has_gata, cycle).statistic > 0.3
