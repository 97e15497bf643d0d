"""Pairs and responses say, in letters between motifs, what the network does with sequences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook.alphabet import DNA
from motifbook.discover.syntax import pair_table, response_curves
from motifbook.models import Record
from motifbook.onehot import encode, onehot

WIDTH = 10
GATA, AP1 = "TTGATAAG", "TGAGTCAG"  # each reads differently on the other strand


def motif(name, letters, filters):
    return mb.Motif.from_sites(name, [letters], info={"filters": filters})


MOTIFS = [motif("GATA", GATA, [0]), motif("AP1", AP1, [1])]


@pytest.fixture
def network():
    """Filter 0 holds GATA from its column 1 on, filter 1 AP1 from column 0; random pair weights."""
    model = mb.MotifSyntaxNet(1, n_filters=2, width=WIDTH)
    with torch.no_grad():
        model.motifs.weight.zero_()
        for number, (letters, first) in enumerate([(GATA, 1), (AP1, 0)]):
            codes = [DNA.letters.index(letter) for letter in letters]
            model.motifs.weight[number, codes, range(first, first + len(letters))] = 1.0
        model.motifs.bias.fill_(-7.0)  # only a perfect match fires, with 1
        table = model.reader.pairs
        table.in_use.fill_(True)
        table.weight.copy_(torch.randn(table.weight.shape, generator=torch.Generator()))
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], 60)
    return model.eval()


def predicted(network, sequence):
    with torch.no_grad():
        return float(network(torch.as_tensor(onehot(encode([sequence])))))


def placed(first, second, gap):
    return "C" * 12 + first + "C" * gap + second + "C" * 12


@pytest.mark.parametrize("gap", [0, 3, 17])
@pytest.mark.parametrize("orientation", ["++", "+-", "-+", "--"])
def test_a_row_is_what_the_network_adds_for_that_sequence(network, orientation, gap):
    turned = [m.reverse_complement() if s == "-" else m for m, s in zip(MOTIFS, orientation)]
    sequence = placed(turned[0].consensus, turned[1].consensus, gap)
    row = pair_table(network, MOTIFS).query("motif_a == 'GATA' and motif_b == 'AP1'")
    row = row.query("orientation == @orientation and gap == @gap")
    assert row["effect"].tolist() == pytest.approx([predicted(network, sequence)], rel=1e-5)


def test_a_motif_and_its_copy(network):
    table = pair_table(network, MOTIFS).query("motif_a == 'GATA' and motif_b == 'GATA'")
    assert set(table["orientation"]) == {"++", "+-", "-+"}  # "--" is "++" from the other side
    row = table.query("orientation == '++' and gap == 5")
    expected = [predicted(network, placed(GATA, GATA, 5))]
    assert row["effect"].tolist() == pytest.approx(expected, rel=1e-5)


def test_turning_and_renaming_a_motif_turns_its_rows(network):
    before = pair_table(network, MOTIFS)
    turned = pair_table(network, [MOTIFS[0].reverse_complement().renamed("turned"), MOTIFS[1]])
    rows = [
        table.query("motif_a != motif_b and orientation == @orientation").set_index("gap")["effect"]
        for table, orientation in ((before, "+-"), (turned, "--"))
    ]
    assert rows[0].sort_index().to_dict() == pytest.approx(rows[1].sort_index().to_dict())
    assert set(turned["motif_a"]) == {"turned", "AP1"}


def test_the_strongest_pair_comes_first_and_unused_filters_have_no_rows(network):
    size = pair_table(network, MOTIFS)["effect"].abs()
    assert size.is_monotonic_decreasing
    network.reader.pairs.in_use[1] = False
    assert set(pair_table(network, MOTIFS)["motif_b"]) == {"GATA"}
    network.reader.pairs.in_use.fill_(False)
    empty = pair_table(network, MOTIFS)
    assert len(empty) == 0
    assert {"motif_a", "motif_b", "gap", "effect"} <= set(empty.columns)


def test_on_one_strand_the_order_counts():
    model = mb.MotifSyntaxNet(2, n_filters=2, width=8, reverse_complement=False)
    with torch.no_grad():
        for number, letters in enumerate((GATA, AP1)):
            model.motifs.weight[number] = torch.as_tensor(onehot(encode([letters]))[0])
        model.reader.pairs.in_use.fill_(True)
        model.reader.pairs.weight[1, 1, 0, 8].fill_(0.5)  # AP1, 12 letters on GATA
    model.record = Record(["a", "b"], ["binary", "continuous"], [0.0, 5.0], [1.0, 10.0], 60)
    best = pair_table(model, MOTIFS).iloc[0]
    told = best[["motif_a", "motif_b", "orientation", "gap", "readout", "effect"]].tolist()
    assert told == ["AP1", "GATA", "++", 4, "b", 5.0]


def test_a_response_is_what_one_more_site_adds(network):
    with torch.no_grad():
        network.reader.slope.copy_(torch.tensor([[2.0, -1.0]]))
        network.reader.sites.copy_(torch.tensor([[0.5, 0.0]]))
    curves = response_curves(network, MOTIFS)
    assert list(curves.columns) == ["GATA", "AP1"]
    assert curves.loc[0.0].abs().max() == 0
    one_site = predicted(network, "C" * 12 + GATA + "C" * 12)
    assert curves.loc[1.0].tolist() == pytest.approx([one_site, -1.0])


def test_filters_of_one_motif_are_summed(network):
    with torch.no_grad():
        network.reader.slope.copy_(torch.tensor([[2.0, -1.0]]))
    both = response_curves(network, [motif("both", GATA, [0, 1])])
    assert np.allclose(both["both"], both.index)


@pytest.mark.parametrize("read", [pair_table, response_curves])
def test_other_networks_and_other_motifs_are_refused(network, read):
    with pytest.raises(mb.InputError, match=r"'x' does not say which filters.*mb.read_motifs"):
        read(network, [mb.Motif.from_sites("x", [GATA])])
    with pytest.raises(mb.InputError, match="'x' does not say which filters"):
        read(network, [motif("x", GATA, [7])])
    other = mb.MotifSyntaxNet(1, syntax="attention")
    other.record = network.record
    with pytest.raises(mb.InputError, match=r'no table of pairs; expected.*syntax="pairs"'):
        read(other, MOTIFS)
