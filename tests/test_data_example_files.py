"""The example files are what their table says, and go through the doors they are meant for."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook.data.examples.files import write_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    table = write_files(folder, seed=0)
    assert sorted(table["file"]) == sorted(path.name for path in folder.iterdir())
    return folder


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    write_files(tmp_path, seed=0)
    for path in folder.iterdir():
        if path.suffix != ".bw":  # its packing follows threads
            assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_windows_around_peaks_are_untidy_on_purpose(folder):
    done = " ".join(mb.read_fasta(folder / "peaks.fa").uns["done"])
    for trap in ("lower case", "U as T", "Unknown letters (N): 5", "Lengths run from"):
        assert trap in done


def test_peaks_need_other_names_and_hold_spi1(folder):
    given = {"genome": folder / "genome.fa.gz", "length": 200}
    with pytest.raises(mb.InputError, match=r'use rename=\{"chr1": "chrI", '):
        mb.read_bed(folder / "peaks.narrowPeak", **given)
    adata = mb.read_bed(
        folder / "peaks.narrowPeak", **given, rename={"chr1": "chrI", "chr2": "chrII"}
    )
    assert adata.n_obs == 600
    assert adata.obs["sequence"].str.contains("GAGGAAGT|ACTTCCTC").mean() > 0.3


def test_the_table_has_both_orientations_replicates_and_gaps(folder):
    columns = ["liver_1", "liver_2", "brain_1", "brain_2"]
    adata = mb.read_table(folder / "mpra.csv", readouts=columns)
    assert adata.n_obs == 1500
    assert 0.03 < float((adata.X != adata.X).mean()) < 0.07
    assert (adata.obs["element"].value_counts() == 2).all()


def test_no_folder_can_be_made_inside_a_file(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(mb.InputError, match="cannot be made"):
        write_files(tmp_path / "taken" / "files")


def test_reads_of_late_cycles_hold_gata(folder):
    cycles = {0: "cycle0.txt.gz", 2: "cycle2.txt.gz", 4: "cycle4.fastq.gz"}
    adata = mb.read_selex({cycle: folder / name for cycle, name in cycles.items()})
    has_gata = adata.obs["sequence"].str.contains("AGATAA|TTATCT").to_numpy()
    assert adata.X[has_gata].mean() > adata.X[~has_gata].mean() + 1


def test_coverage_is_higher_in_peaks(folder):
    adata = mb.read_bed(
        folder / "peaks.narrowPeak",
        genome=folder / "genome.fa.gz",
        length=200,
        rename={"chr1": "chrI", "chr2": "chrII"},
        negatives="matched",
        blacklist=folder / "blacklist.bed",
        signal={"coverage": folder / "coverage.bw"},
        seed=0,
    )
    means = adata.to_df().groupby("bound")["coverage"].mean()
    assert means[1] > 2 * means[0]


def test_variants_fit_the_genome_and_do_what_their_names_say(folder):
    from motifbook.data.genomes.genome import open_genome

    genome = open_genome(folder / "genome.fa.gz")
    lines = (folder / "variants.vcf").read_text().splitlines()[2:]
    assert [line.split("\t")[2] for line in lines].count("made") == 1
    for line in lines:
        chrom, position, name, ref, alt = line.split("\t")[:5]
        at = int(position) - 1
        window = genome.letters(np.array([chrom], dtype=object), np.array([at - 30]), 80)
        before = window.tobytes().decode()
        assert before[30 : 30 + len(ref)] == ref
        after = before[:30] + alt + before[30 + len(ref) :]
        site = "AGAGGAAGT"
        expected = {"broken": (1, 0), "cut": (1, 0), "made": (0, 1)}.get(name, (1, 1))
        assert (before.count(site), after.count(site)) == expected
