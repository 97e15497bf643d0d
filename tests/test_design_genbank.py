"""GenBank records of designs, read back with Biopython."""

from __future__ import annotations

import dataclasses
import sys

import pytest
import torch
import toys
from designs_example import ANY, GATA, TTT, made
from torch import nn

import motifbook as mb
from motifbook._check import InputError
from motifbook.design.genbank import write_genbank

SeqIO = pytest.importorskip("Bio.SeqIO")

START = toys.quiet(1, 40, seed=3)[0]
GATA_IN = START[:10] + "AGATAAGA" + START[18:]
TTT_IN = GATA_IN[:28] + "GAAACAAA" + GATA_IN[36:]  # on the other strand
WAY = [START, GATA_IN, TTT_IN]
FLANKED = dataclasses.replace(ANY, flanks=("GGGTT", "AAC"))


def written(designs, path):
    write_genbank(designs, path)
    return list(SeqIO.parse(path, "genbank"))


def kind(record, name):
    return [one for one in record.features if one.type == name]


def test_sequences_read_back_as_ordered(tmp_path):
    designs = made([WAY, WAY[:2]], constraints=FLANKED)
    records = written(designs, tmp_path / "x.gb")
    assert [str(one.seq) for one in records] == [f"GGGTT{one}AAC" for one in designs.sequences]
    assert [one.name for one in records] == ["design_1", "design_2"]
    assert records[0].annotations["molecule_type"] == "DNA"
    assert records[0].description == "design_1: bound as high as possible"


def test_the_comment_tells_how_notes_count(tmp_path):
    designs = made([WAY], constraints=FLANKED)
    record = written(designs, tmp_path / "x.gb")[0]
    gata = kind(record, "protein_bind")[0]
    assert gata.location.start == designs.sequences[0].index("AGATAAGA") + len("GGGTT")
    comment = " ".join(record.annotations["comment"].split())
    assert (
        "In notes, the first letter of the design has number 0; flanks are not counted" in comment
    )


def test_features_lie_where_things_are(tmp_path):
    record = written(made([WAY], constraints=FLANKED), tmp_path / "x.gb")[0]
    left, right = kind(record, "misc_feature")
    assert (str(left.extract(record.seq)), str(right.extract(record.seq))) == ("GGGTT", "AAC")
    gata, ttt = kind(record, "protein_bind")
    assert (str(gata.extract(record.seq)), gata.location.strand) == ("AGATAAGA", 1)
    assert (str(ttt.extract(record.seq)), ttt.location.strand) == ("TTTGTTTC", -1)
    assert gata.qualifiers["bound_moiety"] == ["GATA1"]
    assert ttt.qualifiers["note"][0].startswith("motif TTT box, - strand, ")


def test_edits_undone_one_by_one_lead_back_to_the_start(tmp_path):
    record = written(made([WAY], constraints=FLANKED), tmp_path / "x.gb")[0]
    edits = {one.qualifiers["label"][0]: one for one in kind(record, "variation")}
    sequence = str(record.seq)
    for number in (2, 1):
        edit = edits[f"edit {number}"]
        start, end = int(edit.location.start), int(edit.location.end)
        assert end - start == len(edit.qualifiers["replace"][0])
        sequence = sequence[:start] + edit.qualifiers["replace"][0].upper() + sequence[end:]
    assert sequence == f"GGGTT{START}AAC"
    note = "edit 1: edit 1 of design_1 in words; bound 0 to 0.5"
    assert edits["edit 1"].qualifiers["note"] == [note]


def test_letters_too_many_for_a_line_are_not_cut_into_pieces(tmp_path):
    ends = toys.quiet(1, 120, seed=4)[0], toys.quiet(1, 120, seed=5)[0]
    model = toys.words(120)
    long = [ends[0], ends[1][:60] + ends[0][60:], ends[1][:60] + ends[0][60:99] + ends[1][99:]]
    whole, short = kind(written(made([long], model), tmp_path / "x.gb")[0], "variation")
    assert "replace" not in whole.qualifiers
    assert short.qualifiers["replace"][0] in ends[0].lower()


def test_long_words_and_names_survive(tmp_path):
    designs = made([WAY, WAY])
    words = " ".join(["GATA1 added at 10 on the + strand, spacing to TTT box now 10;"] * 5)
    designs.edits["edit"] = words
    long = [f"a design of the enhancer, number {one}" for one in (1, 2)]
    for table in (designs.table, designs.edits):
        table["design"] = table["design"].replace(["design_1", "design_2"], long)
    records = written(designs, tmp_path / "x.gb")
    assert len({one.name for one in records}) == 2
    assert max(len(one.name) for one in records) <= 16
    assert long[0] in records[0].description
    assert words in kind(records[0], "variation")[0].qualifiers["note"][0]


def test_shorter_designs_have_features_in_their_own_letters(tmp_path):
    designs = made([WAY, [one[6:] for one in WAY]], constraints=FLANKED)
    record = written(designs, tmp_path / "x.gb")[1]
    gata = kind(record, "protein_bind")[0]
    assert str(gata.extract(record.seq)) == "AGATAAGA"
    assert int(gata.location.start) == 5 + 4


def test_files_are_the_same_every_time(tmp_path):
    designs = made([WAY])
    for name in ("x.gb", "y.gb"):
        write_genbank(designs, tmp_path / name)
    assert (tmp_path / "x.gb").read_bytes() == (tmp_path / "y.gb").read_bytes()
    assert "01-JAN-1980" in (tmp_path / "x.gb").read_text()


class CountG(nn.Module):
    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        return onehot[:, 2].sum(dim=1, keepdim=True)


@pytest.mark.parametrize(("alphabet", "text"), [("RNA", "ACGUACGGU"), ("protein", "MKVLAEDGW")])
def test_rna_and_proteins(tmp_path, alphabet, text):
    model = mb.Foreign(
        CountG(), readouts=["n"], kinds="continuous", length=len(text), alphabet=alphabet
    )
    motif = mb.Motif.from_sites("M", [text[2:8]], alphabet=alphabet)
    designs = made([[text[::-1], text]], model, motifs=[motif])
    record = written(designs, tmp_path / "x.gb")[0]
    assert str(record.seq) == text
    assert record.annotations["molecule_type"] == alphabet
    site = kind(record, "misc_feature")[0]
    assert site.qualifiers["label"] == ["M"]
    assert str(site.location.extract(record.seq)) == text[2:8]


def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    designs = made([WAY], motifs=[GATA, TTT])
    with pytest.raises(InputError, match="There is no folder"):
        write_genbank(designs, tmp_path / "nowhere" / "x.gb")
    monkeypatch.setitem(sys.modules, "Bio.SeqIO", None)
    with pytest.raises(InputError, match="need Biopython, which is not installed"):
        write_genbank(designs, tmp_path / "x.gb")
