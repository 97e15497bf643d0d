"""Motifs that are two known ones: found, named, and measured by experiment."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook import Motif
from motifbook.alphabet import DNA
from motifbook.discover.syntax.composites import COLUMNS, find_composites, measure_composites
from motifbook.models import MotifSyntaxNet
from motifbook.models.network import Record

LENGTH = 80
CLASSES = ["Basic leucine zipper factors (bZIP)", "TEA domain factors"]


def together(gap: int) -> Motif:
    """Jun, then TEAD1, `gap` letters apart."""
    jun, tead = mb.database.motif("MA0489.3"), mb.database.motif("MA0090.4")
    flat = np.full((4, gap), 0.25)
    return Motif(
        "motif_1", np.concatenate([jun.ppm, flat, tead.ppm], axis=1), info={"filters": [0]}
    )


@pytest.mark.parametrize("gap", [0, 1, 5])
def test_two_known_motifs_in_one_are_told_with_their_distance(gap):
    [one] = find_composites([together(gap)])
    assert one.motif == "motif_1"
    assert list(one.classes) == CLASSES
    assert abs(one.gap - gap) <= 1  # a column at the seam may be cut as flat
    assert (one.first.width, one.second.width) == pytest.approx((8, 9), abs=1)
    assert one.known == ""


def test_the_other_strand_tells_the_halves_the_other_way_round():
    [one] = find_composites([together(5).reverse_complement()])
    assert list(one.classes) == CLASSES[::-1]
    assert one.gap == 5


@pytest.mark.parametrize(
    "name",
    [
        "MA0139.2",  # CTCF: long, but one motif
        "MA0080.7",  # Spi1
        "MA0091.2",  # TAL1::TCF3: a dimer on one E-box
        "MA0489.3",  # Jun
        "MA0834.2",  # ATF7
        "MA0511.2",  # RUNX2
        "MA0496.4",  # MAFK: both halves of a MARE are bZIP
    ],
)
def test_a_known_motif_is_no_composite(name):
    assert find_composites([mb.database.motif(name)]) == []


def test_pou5f1_sox2_is_told_by_its_known_name():
    [one] = find_composites([mb.database.motif("MA0142.1").renamed("motif_1")])
    assert one.known == "Pou5f1::Sox2"
    assert (one.first.name, one.second.name) == ("Sox2", "Pou5f1")  # as they stand
    assert one.gap <= 1


def test_short_and_flat_motifs_have_no_halves():
    narrow = Motif.from_sites("narrow", ["TGACTCA"])
    flat = Motif("flat", np.full((4, 20), 0.25))
    assert find_composites([narrow, flat]) == []


def test_known_motifs_without_classes_are_told_apart_by_their_names():
    known = [Motif.from_sites(name, [word]) for name, word in (("x", "TGACTCA"), ("y", "ACATTCC"))]
    filler = [Motif.from_sites(f"z{i}", [w]) for i, w in enumerate(("GGGGCCCC", "CACGTGCG"))]
    [one] = find_composites([together(5)], [*known, *filler])
    assert one.classes == ("x", "y")


@pytest.fixture
def model() -> MotifSyntaxNet:
    """Fires where 14 of the 15 letters of TGACTCA.....ACATTCCA are there, and adds 1 per letter."""
    model = MotifSyntaxNet(1, n_filters=1, width=20)
    with torch.no_grad():
        model.motifs.weight.zero_()
        for column, code in enumerate(DNA.codes("TGACTCANNNNNACATTCCA")):
            if code < 4:
                model.motifs.weight[0, code, column] = 1
        model.motifs.bias.fill_(-9.0)
        model.reader.slope.fill_(1.0)
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    return model.eval()


def test_halves_add_at_their_own_distance_alone(model):
    background = np.random.default_rng(0).integers(0, 4, (20, LENGTH)).astype(np.uint8)
    ppm = Motif.from_sites("motif_1", ["TGACTCAGTACAACATTCCA"]).ppm.copy()
    ppm[:, 7:12] = 0.25
    [one] = find_composites([Motif("motif_1", ppm)])
    table = measure_composites(model, [one], background)
    assert list(table) == list(COLUMNS)
    row = table.iloc[0]
    assert (row["gap"], row["gap_min"], row["gap_max"], row["spacing"]) == (5, 5, 5, "hard")
    # 15 letters above the threshold of 9 give 6; a half has 7 or 8 and chance letters beside it
    assert 3 < row["effect"] <= 6
    assert row["lower"] > 0


def test_nothing_is_measured_of_no_composites(model):
    background = np.zeros((2, LENGTH), dtype=np.uint8)
    assert list(measure_composites(model, [], background)) == list(COLUMNS)


@pytest.mark.slow
def test_oct4_is_reported_as_a_composite(test_data):
    adata = mb.read_fasta(test_data / "chip" / "oct4_200bp.fa.gz", negatives="shuffle", seed=0)
    half = adata.n_obs // 2
    rows = np.r_[0:1000, half : half + 1000]
    adata = adata[rows].copy()
    adata.obs["split"] = mb.split(adata, seed=0)
    model = MotifSyntaxNet(1)
    mb.fit(model, adata, seed=0, progress=False)
    syntax = mb.read_syntax(model, adata, n_backgrounds=20)
    [row] = [row for row in syntax.composites.itertuples() if row.motif == "motif_1"]
    assert row.known.upper() == "POU5F1::SOX2"
    assert {row.part_a.upper(), row.part_b.upper()} == {"SOX2", "POU5F1"}
    assert row.spacing == "hard"
    assert row.lower > 0
    assert row.sentence in syntax.sentences
    assert "is a composite of" in row.sentence
