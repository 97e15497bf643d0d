"""Pairs and responses in letters between motifs, against sequences in which the pair is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.discover.syntax.weights import pair_table, response_curves
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.models.network import Record
from motifbook.models.pair_table import SHORTEST
from motifbook.onehot import onehot, reverse_complement

A, B = "GATTACAG", "CCGTGTCA"
WIDTH, OFFSET = 10, {A: 1, B: 0}  # columns of a filter before its word
LENGTH = 80


def filter_of(word: str) -> torch.Tensor:
    weight = torch.zeros(4, WIDTH)
    for column, code in enumerate(DNA.codes(word), start=OFFSET[word]):
        weight[code, column] = 1
    return weight


@pytest.fixture
def model() -> MotifSyntaxNet:
    """Fires with 1 at perfect A (filter 0) and B (filter 1); every pair has its own effect."""
    model = MotifSyntaxNet(1, n_filters=2, width=WIDTH)
    with torch.no_grad():
        model.motifs.weight.copy_(torch.stack([filter_of(A), filter_of(B)]))
        model.motifs.bias.fill_(-7.0)
        pairs = model.reader.pairs
        pairs.weight.copy_(
            torch.randn(pairs.weight.shape, generator=torch.Generator().manual_seed(0))
        )
        pairs.in_use.fill_(True)
        model.reader.slope.copy_(torch.tensor([[2.0, -3.0]]))
        model.reader.bends[0, 0] = torch.tensor([0.0, 0, 0, 0, 0, 6.0])
        model.reader.sites[0, 1] = 1.0
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    return model.eval()


def motifs(*signs: str) -> list[Motif]:
    """A and B, as written or turned, as `read_motifs` would say."""
    made = []
    for number, (name, word, sign) in enumerate(zip("AB", (A, B), signs or "++")):
        motif = Motif.from_sites(name, [word], info={"filters": [number]})
        made.append(motif.reverse_complement() if sign == "-" else motif)
    return made


def background(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, LENGTH).astype(np.uint8)


def planted(*sites: tuple[str, str, int]) -> torch.Tensor:
    """A background with words on a strand at a start, (1, 4, LENGTH)."""
    letters = background()
    for word, sign, start in sites:
        codes = DNA.codes(word)[None]
        codes = reverse_complement(codes) if sign == "-" else codes
        letters[start : start + len(word)] = codes[0]
    return torch.as_tensor(onehot(letters[None]))


def interaction(model, first, second) -> float:
    """What two sites add together beyond what each adds alone."""
    with torch.no_grad():
        both, nothing = model(planted(first, second)), model(planted())
        return float(both + nothing - model(planted(first)) - model(planted(second)))


@pytest.mark.parametrize(("first", "second"), [("A", "B"), ("B", "A"), ("A", "A")])
@pytest.mark.parametrize("orientation", ["++", "+-", "-+", "--"])
def test_effects_are_those_of_planted_pairs(model, first, second, orientation):
    words, table = {"A": A, "B": B}, pair_table(model, motifs())
    gap = 7
    left = (words[first], orientation[0], 20)
    right = (words[second], orientation[1], 28 + gap)
    told = table.set_index(["motif_a", "motif_b", "orientation", "gap"])["effect"]
    mirrored = {"+": "-", "-": "+"}
    keys = [
        (first, second, orientation, gap),
        (second, first, mirrored[orientation[1]] + mirrored[orientation[0]], gap),
    ]
    effects = [told[key] for key in keys if key in told.index]
    assert len(effects) >= 1  # a pair, or its mirror image, or both where they are one
    # a motif that pairs with itself: the best match is there twice, so its curve counts once
    alone = model.reader.response(torch.ones(1))[0, 0, 0].item() if first == second else 0.0
    with torch.no_grad():
        single = interaction(model, left, right) + alone
    assert single == pytest.approx(effects[0], abs=1e-4)


def test_gaps_count_letters_between_the_motifs(model):
    table = pair_table(model, motifs())
    near = table[(table.motif_a == "A") & (table.motif_b == "B") & (table.orientation == "++")]
    # A starts one letter into its window, B at its start: gap = distance - 1 - 8
    assert near["gap"].min() == SHORTEST - OFFSET[A] - len(A)
    assert near["gap"].max() == 50 - OFFSET[A] - len(A)
    effect = near.set_index("gap")["effect"]
    table_entry = model.reader.pairs.table()[0, 0, 1, 20 - SHORTEST].item()
    assert effect[20 - OFFSET[A] - len(A)] == pytest.approx(table_entry)


def test_turning_a_motif_turns_its_sign_and_keeps_its_gaps(model):
    plain = pair_table(model, motifs("+", "+"))
    turned = pair_table(model, motifs("+", "-"))
    between = plain[(plain.motif_a == "A") & (plain.motif_b == "B")].copy()
    flip = {"++": "+-", "+-": "++", "-+": "--", "--": "-+"}
    between["orientation"] = between["orientation"].map(flip)
    other = turned[(turned.motif_a == "A") & (turned.motif_b == "B")]
    keys = ["orientation", "gap"]
    pd.testing.assert_frame_equal(
        between.sort_values(keys, ignore_index=True), other.sort_values(keys, ignore_index=True)
    )


def test_the_strongest_pair_comes_first(model):
    effects = pair_table(model, motifs())["effect"].abs()
    assert effects.is_monotonic_decreasing


def test_filters_out_of_the_table_have_no_rows(model):
    model.reader.pairs.in_use[1] = False
    table = pair_table(model, motifs())
    assert set(table.motif_a) == set(table.motif_b) == {"A"}
    model.reader.pairs.in_use[0] = False
    assert len(pair_table(model, motifs())) == 0


def test_responses_are_what_one_site_adds(model):
    curves = response_curves(model, motifs())
    assert curves.index.name == "strength"
    assert (curves.index[0], curves.index[-1]) == (0, 1)
    assert (curves.iloc[0] == 0).all()
    assert curves["A"].iloc[-1] == pytest.approx(2 + 6)
    assert curves["A"].loc[0.5] == pytest.approx(1)  # the last bend starts at five sixths
    assert curves["B"].iloc[-1] == pytest.approx(-3 + np.log(2))
    with torch.no_grad():
        added = model(planted((A, "+", 30))) - model(planted())
    assert curves["A"].iloc[-1] == pytest.approx(added.item(), rel=1e-5)


def test_effects_are_in_the_unit_of_the_measurement(model):
    on_logits = pair_table(model, motifs()), response_curves(model, motifs())
    model.record = Record(["level"], ["continuous"], [100.0], [10.0], LENGTH)
    table, curves = pair_table(model, motifs()), response_curves(model, motifs())
    np.testing.assert_allclose(table["effect"], 10 * on_logits[0]["effect"])
    np.testing.assert_allclose(curves, 10 * on_logits[1])


def test_networks_without_pairs_are_refused(trained):
    model = CNN(1)
    model.record = trained.model.record
    for verb in (pair_table, response_curves):
        with pytest.raises(InputError, match=r'CNN has no responses .*syntax="pairs"'):
            verb(model, motifs())


def test_motifs_that_were_not_read_from_the_network_are_refused(model):
    for info in ({}, {"filters": [7]}):
        stranger = Motif.from_sites("stranger", [A], info=info)
        with pytest.raises(InputError, match=r"'stranger' does not say .*mb\.read_motifs"):
            pair_table(model, [stranger])


def test_a_readout_that_is_not_there_is_refused(model):
    with pytest.raises(InputError, match=r"`readout` is 1; expected a whole number, 0 to 0"):
        response_curves(model, motifs(), readout=1)


def test_a_trained_network_can_be_read(trained):
    found = mb.read_motifs(*trained)
    assert response_curves(trained.model, found).iloc[-1].max() > 1
    assert set(pair_table(trained.model, found).columns) == {
        "motif_a", "motif_b", "orientation", "gap", "readout", "effect"
    }  # fmt: skip
