"""Every set of the real data opens through a door in one line, and says what it is."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.data import store

CRX = [
    f"{promoter}_{genotype}"
    for promoter in ("hsp68", "rho")
    for genotype in ("CrxKO", "Ehet", "Ehom", "Rhet", "Rhom", "WT")
]
FRACTIONS = ["rl", *(f"r{number}" for number in range(14))]
PUM2 = {"sequence": "seq", "readouts": "binding_site", "alphabet": "RNA"}


@dataclass(frozen=True)
class Door:
    """How a set is opened, and what must come out."""

    file: str
    shape: tuple[int, int]
    lengths: tuple[int, int]
    arguments: dict[str, Any] = field(default_factory=dict)
    n_missing: int = 0
    said: str = "Read"

    def open(self, folder):
        read = mb.read_fasta if re.search(r"\.fa|selex", self.file) else mb.read_table
        named = {"labels", "negatives"}
        files = {key: folder / value for key, value in self.arguments.items() if key in named}
        return read(folder / self.file, **(self.arguments | files))


DOORS = [
    Door("chip/ctcf_hg19_100bp.fa.gz", (39184, 0), (100, 100), said="18.75% .* lower case"),
    Door("chip/ctcf_top500_w200.fa.gz", (500, 0), (200, 200), said="Regions were read from the"),
    Door("chip/mafk_200bp.fa.gz", (3900, 0), (200, 200)),
    Door("chip/oct4_200bp.fa.gz", (3897, 0), (200, 200)),
    Door("chip/pu1_100bp.fa.gz", (28677, 0), (100, 100)),
    Door(
        "chip/ctcf_kerasgenomics_101bp.fa.gz",
        (19544, 1),
        (101, 101),
        {"labels": "chip/ctcf_kerasgenomics.target.gz"},
        said="left out: it is 1 exactly where column 0 is 0",
    ),
    Door("chip/pum2_clip_train.csv.gz", (17713, 1), (101, 101), PUM2, said="T as U: these are RNA"),
    Door("chip/pum2_clip_valid.csv.gz", (4881, 1), (101, 101), PUM2),
    Door("chip/pum2_clip_test.csv.gz", (7475, 1), (101, 101), PUM2, said=r"\(N\): 101"),
    Door("selex/gata3_cycle0_20k.txt.gz", (20000, 0), (20, 20), said="one per line"),
    Door("selex/gata3_cycle1_20k.txt.gz", (20000, 0), (20, 20), said=r"\(N\): 6"),
    Door("selex/gata3_cycle2_20k.txt.gz", (20000, 0), (20, 20), said=r"\(N\): 7"),
    Door("selex/gata3_cycle3_20k.txt.gz", (20000, 0), (20, 20), said=r"\(N\): 3"),
    Door(
        "selex/gata3_cycle4_20k.txt.gz",
        (40000, 1),
        (20, 20),
        {"negatives": "selex/gata3_cycle0_20k.txt.gz"},
        said="repeat an earlier one: 3,415",
    ),
    Door("selex/max_R0.fastq.gz", (2500, 0), (16, 16), said="FASTQ; the qualities are not used"),
    Door("selex/max_R1.fastq.gz", (2500, 0), (16, 16), said="repeat an earlier one: 13"),
    Door(
        "mpra/crx_retina_12cond_dev.tsv.gz",
        (2787, 12),
        (164, 164),
        {
            "sequence": "CRE_sequence",
            "readouts": CRX,
            "sigma": {name: f"{name}_sigma" for name in CRX},
        },
        n_missing=365,
        said="'hsp68_CrxKO': 98 of 2,787 not measured",
    ),
    Door(
        "mpra/fly_deepstarr_3000.tsv.gz",
        (3000, 2),
        (249, 249),
        {"sequence": "Sequence", "readouts": ["Dev_log2_enrichment", "Hk_log2_enrichment"]},
        said="repeat an earlier one: 31",
    ),
    Door(
        "mpra/human_k562_lentimpra_3000.tsv.gz",
        (3000, 1),
        (230, 230),
        {"sequence": "seq", "readouts": "mean_value"},
        said="repeat an earlier one: 60",
    ),
    Door(
        "mpra/utr5_mrl_uaug_dev.tsv.gz",
        (2399, 15),
        (50, 50),
        {"sequence": "utr", "readouts": FRACTIONS},
    ),
    Door(
        "mpra/mpsa_5ss_9nt.csv.gz",
        (30483, 1),
        (9, 9),
        {"sequence": "x", "readouts": "y", "alphabet": "RNA"},
    ),
    Door(
        "mpra/yeast_random_6370.txt.gz",
        (6370, 1),
        (87, 135),
        {"sequence": 0, "readouts": [1]},
        said="the file has no column names",
    ),
]
NAMED = {door.file.split("/")[1].split(".")[0]: door for door in DOORS}


@pytest.mark.parametrize("name", NAMED)
def test_a_set_opens_in_one_line(test_data, name):
    door = NAMED[name]
    adata = door.open(test_data)
    lengths = [len(sequence) for sequence in store.get_sequences(adata)]
    assert adata.shape == door.shape
    assert (min(lengths), max(lengths)) == door.lengths
    assert np.isnan(adata.X).sum() == door.n_missing
    assert re.search(door.said, "\n".join(adata.uns["done"]))
    assert store.get_letters(adata).shape == (adata.n_obs, door.lengths[1])


def test_every_set_has_a_door(test_data):
    files = {
        f"{folder}/{path.name}"
        for folder in ("chip", "selex", "mpra")
        for path in (test_data / folder).iterdir()
    }
    opened = {door.file for door in DOORS}
    beside = {file for door in DOORS for file in map(str, door.arguments.values()) if file in files}
    assert files == opened | beside


def test_retina_has_a_standard_error_wherever_it_has_a_value(test_data):
    adata = NAMED["crx_retina_12cond_dev"].open(test_data)
    expected = pd.read_csv(test_data / "mpra/crx_retina_12cond_dev.tsv.gz", sep="\t")
    columns = [f"{name}_sigma" for name in CRX]
    np.testing.assert_array_equal(adata.layers["sigma"], expected[columns].to_numpy(np.float32))
    np.testing.assert_array_equal(adata.X, expected[CRX].to_numpy(np.float32))
    assert {"library_id", "variant_type", "chip_peak_id"} <= set(adata.obs)


def test_labels_are_those_of_the_names(test_data):
    adata = NAMED["ctcf_kerasgenomics_101bp"].open(test_data)
    is_shuffle = adata.obs_names.str.contains("_shuf")
    assert adata.X.sum() == 9823
    np.testing.assert_array_equal(adata.X[:, 0], np.where(is_shuffle, 0, 1))


def test_given_folds_are_kept_and_split_by(test_data):
    adata = NAMED["human_k562_lentimpra_3000"].open(test_data)
    assert sorted(adata.obs["fold"].unique()) == list(range(10))
    parts = mb.split(adata, by="fold", fractions=(0.5, 0.25, 0.25), seed=0)
    in_part = pd.crosstab(adata.obs["fold"].to_numpy(), parts.to_numpy()) > 0
    assert (in_part.sum(axis=1) == 1).all()
    assert set(parts) == {"train", "validation", "test"}


def test_true_and_false_are_1_and_0(test_data):
    adata = NAMED["pum2_clip_test"].open(test_data)
    with gzip.open(test_data / "chip/pum2_clip_test.csv.gz", "rt") as stream:
        assert adata.X.sum() == sum(",TRUE," in line for line in stream)
    has_motif = pd.Series(store.get_sequences(adata)).str.contains("UGUA[ACGU]AUA").to_numpy()
    assert has_motif[adata.X[:, 0] == 1].mean() > 5 * has_motif[adata.X[:, 0] == 0].mean()


def test_selex_cycles_open_together(test_data):
    files = {c: test_data / "selex" / f"gata3_cycle{c}_20k.txt.gz" for c in (0, 4)}
    adata = mb.read_selex(files)
    both = (adata.obs[["count 0", "count 4"]] > 0).all(axis=1).to_numpy()
    assert set(adata.X[~both, 0]) == {0, 4}
    assert ((adata.X[both, 0] > 0) & (adata.X[both, 0] < 4)).all()
