"""Every odd file and every trap of the real data: a stated outcome over each door."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import store
from motifbook.data.genomes.regions import read_regions
from tests.broken_files import refuse_jargon

DOORS = {
    "sequences": lambda path: mb.read_fasta(path).n_obs,
    "proteins": lambda path: mb.read_fasta(path, alphabet="protein").n_obs,
    "regions": lambda path: len(read_regions(path)),
    "motifs": lambda path: len(mb.read_motif_file(path)),
    "table": lambda path: mb.read_table(path, sequence=0).n_obs,
}
FILES = {  # file -> how many records it holds, for every door that reads it; all others refuse it
    "blank_sequence_first.fasta": {"sequences": 2, "proteins": 2},
    "blank_sequence_last.fasta": {"sequences": 2, "proteins": 2},
    "dos_lines.bed": {"regions": 3},
    "duplicate_ids.fasta": {"sequences": 6, "proteins": 6},
    "duplicate_motif_names.meme": {"motifs": 2},
    "empty.bed": {},
    "empty_id_and_seq.fa": {"sequences": 7, "proteins": 7},
    "gap.fa": {"sequences": 3, "proteins": 3},
    "good_mixed_case.fasta": {"sequences": 6, "proteins": 6},
    "good_multiline.fasta": {"sequences": 2, "proteins": 2},
    "iupac.bed": {"regions": 2},
    "iupac.fa": {"sequences": 2, "proteins": 2},
    "jaspar_pfm.pfm": {"motifs": 1},
    "minimal.fa": {"sequences": 1, "proteins": 1},
    "minimal_ok.meme": {"motifs": 3},
    "multiline.fa": {"sequences": 2, "proteins": 2},
    "narrowpeak_ok.narrowPeak": {"regions": 10},
    "no_first_header.fasta": {},
    "odd_header.fa": {"sequences": 3, "proteins": 3},
    "one_column_missing.bed": {},
    "protein.fasta": {"sequences": 3, "proteins": 3},
    "strand_a.bed": {"regions": 1},
    "track_header.bed": {"regions": 1},
    "transfac.dat": {"motifs": 2},
    "zero_len_name_only.bed": {"regions": 3},
}


def test_every_odd_file_has_a_stated_outcome(test_data):
    assert {path.name for path in (test_data / "malformed").iterdir()} == set(FILES)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("door", DOORS)
def test_an_odd_file_is_read_or_refused_over_every_door(test_data, file, door):
    path, expected = test_data / "malformed" / file, FILES[file]
    if door in expected:
        assert DOORS[door](path) == expected[door]
        return
    with pytest.raises(InputError, match=path.stem) as caught:
        DOORS[door](path)
    refuse_jargon(caught.value)


# ---- traps on purpose


def retina(test_data):
    return mb.read_table(
        test_data / "mpra" / "crx_retina_12cond_dev.tsv.gz",
        sequence="CRE_sequence",
        readouts=["rho_WT", "hsp68_CrxKO"],
    )


def test_families_leak_over_a_random_split_and_not_by_similarity(test_data):
    adata = retina(test_data)
    shares = {}
    for by in ("random", "similarity"):
        adata.obs["split"] = mb.split(adata, by=by, seed=0)
        table = mb.leakage(adata).table.query("reference == 'train'")
        shares[by] = float((table["n_similar"] / table["n"]).max())
        assert mb.leakage(adata).matters == (by == "random")
    assert shares["random"] > 0.5
    assert shares["similarity"] == 0


def test_duplicates_are_counted_and_never_divided(test_data):
    adata = mb.read_table(
        test_data / "mpra" / "fly_deepstarr_3000.tsv.gz",
        sequence="Sequence",
        readouts="Dev_log2_enrichment",
    )
    assert "repeat an earlier one: 31;" in "\n".join(adata.uns["done"])
    parts = mb.split(adata, seed=0)
    n_parts = parts.groupby(np.array(store.get_sequences(adata)), observed=True).nunique()
    assert (n_parts == 1).all()


def test_both_orientations_are_one_family(test_data):
    adata = mb.read_table(
        test_data / "mpra" / "human_k562_lentimpra_3000.tsv.gz",
        sequence="seq",
        readouts="mean_value",
    )
    adata.obs["split"] = mb.split(adata, seed=0)
    assert mb.check(adata).facts["n_copies"] > 60  # 60 stand twice as they are, others turned
    assert mb.leakage(adata).table["n_copies"].sum() == 0


def test_lower_case_is_read_as_upper_case(test_data):
    adata = mb.read_fasta(test_data / "chip" / "ctcf_hg19_100bp.fa.gz")
    assert "18.75% of the letters are lower case" in "\n".join(adata.uns["done"])
    assert all(sequence.isupper() for sequence in store.get_sequences(adata)[:1000])


def test_unknown_letters_are_counted_and_count_for_no_letter(test_data):
    adata = mb.read_fasta(test_data / "selex" / "gata3_cycle1_20k.txt.gz")
    assert "Unknown letters (N): 6, under 0.01% of the letters." in adata.uns["done"]
    letters = store.get_letters(adata)
    assert (letters == 4).sum() == 6
    assert mb.onehot.onehot(letters[(letters == 4).any(axis=1)], 4).sum() == 6 * 20 - 6


def test_missing_readouts_stay_missing_and_are_masked(test_data):
    adata = retina(test_data)[:300].copy()
    adata.obs["split"] = mb.split(adata, by="similarity", seed=0)
    assert np.isnan(adata.X).any()
    model = mb.CNN(adata.n_vars, n_filters=4)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    assert np.isfinite(mb.predict(model, adata)).all()
    assert np.isnan(adata.X).any()


def test_unequal_lengths_are_padded_and_places_are_those_of_the_sequence(test_data):
    adata = mb.read_table(
        test_data / "mpra" / "yeast_random_6370.txt.gz", sequence=0, readouts=[1]
    )[:300].copy()
    lengths = dict(zip(adata.obs_names, map(len, store.get_sequences(adata))))
    assert len(set(lengths.values())) > 3
    hits = mb.scan(mb.Motif.from_sites("Reb1", ["TTACCCG"]), adata, p_value=1e-3)
    assert len(hits) > 10
    assert (hits["start"] >= 0).all()
    assert (hits["end"] <= hits["sequence"].map(lengths)).all()


def test_rna_has_one_strand(test_data):
    adata = mb.read_table(
        test_data / "mpra" / "mpsa_5ss_9nt.csv.gz", sequence="x", readouts="y", alphabet="RNA"
    )[:2000].copy()
    assert set("".join(store.get_sequences(adata))) == set("ACGU")
    site = mb.Motif.from_sites("5'ss", ["GGUAAG"], alphabet="RNA")
    assert set(mb.scan(site, adata, p_value=1e-2)["strand"]) == {"+"}


def test_names_that_clash_come_with_the_fix(test_data):
    folder = test_data / "genome"
    given = {"genome": folder / "sacCer3_chrIV.fa.gz", "length": 200}
    with pytest.raises(InputError, match=r'use rename=\{"chr4": "chrIV"\}') as caught:
        mb.read_bed(folder / "rossi2021_Abf1.bed", **given)
    refuse_jargon(caught.value)
    adata = mb.read_bed(folder / "rossi2021_Abf1.bed", **given, rename={"chr4": "chrIV"})
    assert set(adata.obs["chrom"]) == {"chrIV"}
