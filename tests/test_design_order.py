"""Designs as rows for everything that reads sequences, and as files to order them."""

from __future__ import annotations

import dataclasses
import gzip
import sys

import numpy as np
import pandas as pd
import pytest
import toys
from designs_example import ANY, GATA, TTT, made

import motifbook as mb
from motifbook._check import InputError
from motifbook.design.controls import controls
from motifbook.design.order import order_sheet, write_fasta, write_order
from motifbook.design.rows import to_adata

START = toys.quiet(1, 40, seed=3)[0]
GATA_IN = START[:10] + "AGATAAGA" + START[18:]
WAY = [START, GATA_IN, GATA_IN[:30] + "TTTGTTTC" + GATA_IN[38:]]
FLANKED = dataclasses.replace(ANY, flanks=("GGGTT", "AAC"))


# ---- rows


def test_designs_are_rows_with_their_predictions():
    designs = made([WAY, WAY[:2]])
    adata = to_adata(designs)
    assert adata.obs_names.tolist() == ["design_1", "design_2"]
    assert adata.obs["sequence"].tolist() == designs.sequences
    assert adata.var_names.tolist() == ["bound", "n_g"]
    assert adata.var["kind"].tolist() == ["binary", "continuous"]
    assert np.isnan(adata.X).all()
    predicted = mb.predict(designs.models[0], adata)
    np.testing.assert_allclose(adata.layers["prediction"], predicted, rtol=1e-5)


@pytest.mark.parametrize("cut", [0, 6], ids=["equal lengths", "unequal lengths"])
def test_everything_that_reads_sequences_reads_designs(cut, tmp_path):
    designs = made([WAY, [one[cut:] for one in WAY]])
    adata = to_adata(designs)
    attribution = mb.attribute(designs.models[0], adata, "mutagenesis")
    assert attribution.shape == (2, 4, 40)
    assert np.abs(attribution[0, :, 11:15]).sum() > 0
    hits = mb.scan([GATA, TTT], adata)
    assert hits["start"].tolist() == [10, 30, 10 - cut, 30 - cut]
    mb.write(adata, tmp_path / "designs.h5ad")
    assert mb.read(tmp_path / "designs.h5ad").obs["sequence"].tolist() == designs.sequences


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Its masks")  # three steps train no scrambler
def test_a_scrambler_and_instance_calls_read_designs():
    data = mb.simulate(n=200, length=60, rule="single", seed=0)
    fast = mb.FitOptions(n_steps=30)
    model = mb.MotifSyntaxNet(1, n_filters=4, width=9)
    mb.fit(model, data, seed=0, progress=False, options=fast)
    sequences = data.obs["sequence"].tolist()
    motifs = mb.read_motifs(model, data)
    designs = made([sequences[:2], [one[5:50] for one in sequences[2:4]]], model, motifs=motifs)
    adata = to_adata(designs)
    instances = mb.call_instances(model, adata, motifs=designs.motifs)
    assert set(instances["sequence"]) <= {"design_1", "design_2"}
    options = mb.ScramblerOptions(n_steps=3)
    scrambler = mb.fit_scrambler(model, data, seed=0, progress=False, options=options)
    assert scrambler.attribute(adata).shape == (2, 4, 60)


# ---- FASTA


def test_fasta_holds_what_is_ordered(tmp_path):
    designs = made([WAY, WAY[:2]], constraints=FLANKED)
    write_fasta(designs, tmp_path / "x.fa")
    lines = (tmp_path / "x.fa").read_text().splitlines()
    assert lines[0].startswith(">design_1 start=random predicted_bound=")
    assert lines[1] == f"GGGTT{WAY[2]}AAC"
    assert lines[3] == f"GGGTT{GATA_IN}AAC"
    back = mb.read_fasta(tmp_path / "x.fa", negatives=None)
    assert back.obs_names.tolist() == ["design_1", "design_2"]


def test_controls_follow_the_designs(tmp_path):
    designs = made([WAY], constraints=FLANKED)
    table = controls(designs, seed=0)
    write_fasta(designs, tmp_path / "x.fa.gz", controls=table)
    text = gzip.decompress((tmp_path / "x.fa.gz").read_bytes()).decode()
    names = [line.split()[0] for line in text.splitlines() if line.startswith(">")]
    assert names == [
        ">design_1", ">design_1_without_GATA1", ">design_1_without_TTT_box",
        ">design_1_without_all_motifs", ">design_1_shuffled", ">design_1_start",
    ]  # fmt: skip


# ---- order sheets


def test_a_sheet_says_what_to_make_and_why():
    designs = made([WAY], constraints=FLANKED)
    sheet = order_sheet(designs, controls(designs, seed=0))
    first = sheet.iloc[0]
    assert first["sequence"] == f"GGGTT{WAY[2]}AAC"
    assert first["length"] == 48
    assert first["gc"] == round(sum(first["sequence"].count(one) for one in "GC") / 48, 4)
    assert first["predicted bound"] == pytest.approx(0.5, rel=1e-4)  # logit 1 + 2 - 3
    assert first["edits"] == "edit 1 of design_1 in words; edit 2 of design_1 in words"
    assert first["notes"] == "the first 5 and last 3 letters are flanks"
    assert sheet["notes"].iloc[1].startswith("control of design_1: without GATA1, ")
    assert sheet["name"].is_unique
    assert sheet["start"].unique().tolist() == ["random"]


def test_controls_that_break_constraints_are_marked():
    designs = made([WAY], constraints=dataclasses.replace(ANY, require=(GATA,)))
    sheet = order_sheet(designs, controls(designs, seed=0)).set_index("name")
    assert sheet.loc["design_1_without_GATA1", "notes"].endswith("breaks constraints")
    assert not sheet.loc["design_1_without_TTT_box", "notes"].endswith("breaks constraints")


def test_what_the_judge_expects_stands_beside_what_is_predicted(tmp_path):
    designs = made([WAY, WAY[:2]])
    outlook = designs.outlook(toys.words())
    write_order(designs, tmp_path / "x.csv", outlook=outlook[::-1])
    sheet = pd.read_csv(tmp_path / "x.csv")
    np.testing.assert_allclose(sheet["judge expects bound"], outlook["bound_judge"], rtol=1e-5)
    assert sheet["what to expect"].tolist() == outlook["words"].tolist()
    assert not [name for name in order_sheet(designs) if "judge" in name or "expect" in name]


def test_controls_bring_what_the_judge_expects_of_them():
    designs, judge = made([WAY]), toys.words()
    asked = controls(designs, judge=judge, seed=0)
    sheet = order_sheet(designs, asked, designs.outlook(judge))
    np.testing.assert_allclose(sheet["judge expects bound"][1:], asked["bound_judge"], rtol=1e-5)
    assert (sheet["what to expect"][1:] == "").all()
    unasked = order_sheet(designs, controls(designs, seed=0), designs.outlook(judge))
    assert unasked["judge expects bound"].isna().tolist() == [False] + [True] * len(asked)


def test_an_outlook_of_other_designs_is_refused():
    designs = made([WAY, WAY[:2]])
    for other in (made([WAY[:2], WAY]), made([WAY[:2]])):
        with pytest.raises(InputError, match="`outlook` is of other designs, or was made before"):
            order_sheet(designs, outlook=other.outlook(toys.words()))
    with pytest.raises(InputError, match=r"`outlook` is 5; expected a table"):
        order_sheet(designs, outlook=5)
    with pytest.raises(InputError, match="The outlook has no column 'bound'"):
        order_sheet(designs, outlook=designs.table)


def test_an_outlook_from_before_an_edit_was_refused_is_refused_however_high_both_are():
    designs = made([WAY])
    high = dataclasses.replace(designs, table=designs.table.assign(bound_after=0.99999))
    outlook = designs.outlook(toys.words())
    order_sheet(high, outlook=outlook.assign(bound=0.99999 + 1e-9))
    with pytest.raises(InputError, match="was made before edits were refused"):
        order_sheet(high, outlook=outlook.assign(bound=0.9999))


@pytest.mark.parametrize("edit", [str.lower, lambda text: f"{text[:3]}!{text[4:]}", lambda _: 5,
                                  lambda text: text[1:], lambda text: text[::-1]])  # fmt: skip
def test_controls_whose_letters_were_edited_are_refused(edit):
    designs = made([WAY])
    table = controls(designs, seed=0)
    table["sequence"] = [*table["sequence"][:-1], edit(table["sequence"].iloc[-1])]
    with pytest.raises(InputError, match="as 'start' of design_1; expected the letters that"):
        order_sheet(designs, table)


def test_a_start_with_unknown_ends_is_a_control_as_it_is():
    designs = made([[f"NNN{START[3:]}", *WAY[1:]]])
    table = controls(designs, seed=0)
    assert order_sheet(designs, table)["sequence"].iloc[-1] == START[3:]


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.tsv.gz", "x.xlsx"])
def test_sheets_read_back(tmp_path, name):
    designs = made([WAY, WAY[:2]])
    write_order(designs, tmp_path / name)
    read = pd.read_excel if name.endswith("xlsx") else pd.read_csv
    how = {} if name.endswith("xlsx") else {"sep": "," if "csv" in name else "\t"}
    back = read(tmp_path / name, keep_default_na=False, **how)
    pd.testing.assert_frame_equal(back, order_sheet(designs), check_dtype=False)


def test_plates_are_filled_row_by_row(tmp_path):
    designs = made([WAY[:2]] * 98)
    write_order(designs, tmp_path / "x.csv", plate=96)
    sheet = pd.read_csv(tmp_path / "x.csv")
    assert sheet["well"].iloc[[0, 11, 12, 95, 96]].tolist() == ["A1", "A12", "B1", "H12", "A1"]
    assert sheet["plate"].iloc[[0, 95, 96]].tolist() == [1, 1, 2]
    write_order(designs, tmp_path / "y.csv", plate=384.0)
    large = pd.read_csv(tmp_path / "y.csv")
    assert large["well"].iloc[[23, 24, 97]].tolist() == ["A24", "B1", "E2"]


def test_wrong_files_plates_and_tables_are_refused(tmp_path, monkeypatch):
    designs = made([WAY])
    with pytest.raises(InputError, match=r"expected a name that ends in \.csv, \.tsv, \.xlsx"):
        write_order(designs, tmp_path / "x.doc")
    with pytest.raises(InputError, match="There is no folder"):
        write_order(designs, tmp_path / "nowhere" / "x.csv")
    with pytest.raises(InputError, match="`plate` is 48; expected one of 96, 384"):
        write_order(designs, tmp_path / "x.csv", plate=48)
    with pytest.raises(InputError, match=r"`controls` is .*; expected a table"):
        write_order(designs, tmp_path / "x.csv", controls=[1])
    with pytest.raises(InputError, match="The table of controls has no column 'control'"):
        write_fasta(designs, tmp_path / "x.fa", controls=designs.table)
    strange = controls(designs, seed=0).assign(design="design_9")
    with pytest.raises(InputError, match="`controls` are of 'design_9'"):
        write_order(designs, tmp_path / "x.csv", controls=strange)
    with pytest.raises(InputError, match=r"x\.xlsx\.gz'; expected a name that ends in"):
        write_order(designs, tmp_path / "x.xlsx.gz")
    monkeypatch.setitem(sys.modules, "openpyxl.workbook", None)
    with pytest.raises(InputError, match="needs openpyxl"):
        write_order(designs, tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []
