"""Things given in the wrong place: one sentence says what belongs there."""

from __future__ import annotations

import pandas as pd
import pytest

import motifbook as mb

MOTIF = mb.Motif.from_sites("AP-1", ["TGACTCA"])


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=20, length=100, seed=0)


@pytest.mark.parametrize("find", [mb.scan, mb.enrichment])
def test_motifs_come_before_sequences(find, adata):
    for motifs in (MOTIF, [MOTIF], "JASPAR2026_vertebrates"):
        with pytest.raises(mb.InputError, match="swap them"):
            find(adata, motifs)
    with pytest.raises(mb.InputError, match="`adata` is 'ACGT'; expected an AnnData"):
        find(MOTIF, "ACGT")


def test_a_collection_is_scanned_for_by_name(adata):
    named = mb.scan("JASPAR2026_diatoms", adata)
    given = mb.scan(mb.database.collection("JASPAR2026_diatoms"), adata)
    pd.testing.assert_frame_equal(named, given)
    with pytest.raises(mb.InputError, match="Did you mean 'JASPAR2026'"):
        mb.scan("JASPAR", adata)


@pytest.mark.parametrize("verb", [mb.check, mb.split, mb.leakage])
def test_letters_are_no_anndata(verb):
    with pytest.raises(mb.InputError, match="`adata` is 'ACGT'; expected an AnnData"):
        verb("ACGT")


def test_sequences_are_no_table(adata, tmp_path):
    with pytest.raises(mb.InputError, match="`table` is an AnnData"):
        mb.plot.enrichment(adata)
    with pytest.raises(mb.InputError, match="`hits` is an AnnData"):
        mb.to_bed(adata, tmp_path / "hits.bed")
    with pytest.raises(mb.InputError, match=r"`mb.to_bed\(hits, path\)`"):
        mb.to_bed("hits.bed", mb.scan(MOTIF, adata))


@pytest.mark.parametrize("network", [mb.MotifSyntaxNet, mb.CNN])
def test_a_network_needs_readouts(network):
    with pytest.raises(mb.InputError, match=r'`n_readouts` is 0.*`negatives="shuffle"`'):
        network(n_readouts=0)


def test_negatives_are_a_word_or_a_file(tmp_path):
    path = tmp_path / "peaks.fa"
    path.write_text(">a\nACGTTGCATT\n")
    with pytest.raises(mb.InputError, match='`negatives` is True; expected "shuffle"'):
        mb.read_fasta(path, negatives=True)
