"""Syntax read from networks whose rules were written into them by hand, and from trained ones."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.discover.syntax.agreement import attention_of
from motifbook.discover.syntax.read import reads_strands_alike
from motifbook.discover.syntax.rules import RULE_COLUMNS
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.models.network import Record
from motifbook.models.pair_table import SHORTEST
from motifbook.onehot import decode

A, B, C = "GATTACAG", "CCGTGTCA", "TTTGCCCA"
WORDS = {"A": A, "B": B, "C": C}
WIDTH = len(A)
LENGTH = 80


def network(*entries: tuple[str, str, range, float], alphabet: str = "DNA") -> MotifSyntaxNet:
    """Fires with 1 at perfect words; A adds 1, B nothing, C takes 2; pairs as given (+ strands)."""
    model = MotifSyntaxNet(1, n_filters=3, width=WIDTH, alphabet=alphabet)
    with torch.no_grad():
        model.motifs.weight.zero_()
        for number, word in enumerate(WORDS.values()):
            for column, code in enumerate(DNA.codes(word)):
                model.motifs.weight[number, code, column] = 1
        model.motifs.bias.fill_(-7.0)
        model.reader.slope.copy_(torch.tensor([[1.0, 0.0, -2.0]]))
        pairs = model.reader.pairs
        pairs.in_use.fill_(True)
        factor = 2 if pairs.both_strands else 1  # the table takes the mean with the mirror image
        for a, b, gaps, effect in entries:
            for gap in gaps:
                place = 0, "ABC".index(a), "ABC".index(b), WIDTH + gap - SHORTEST
                pairs.weight[place] = factor * effect
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    return model.eval()


def motifs(**filters: int) -> list[Motif]:
    filters = filters or {"A": 0, "B": 1, "C": 2}
    return [Motif.from_sites(n, [WORDS[n]], info={"filters": [f]}) for n, f in filters.items()]


def data(*gaps: int, n: int = 40, alphabet: str = "DNA") -> ad.AnnData:
    """Random sequences; the first ones hold A and B at these gaps."""
    letters = np.random.default_rng(0).integers(0, 4, (n, LENGTH)).astype(np.uint8)
    for row, gap in enumerate(gaps):
        letters[row, 20:28] = DNA.codes(A)
        letters[row, 28 + gap : 36 + gap] = DNA.codes(B)
    sequences = [s.replace("T", "U") if alphabet == "RNA" else s for s in decode(letters)]
    names = [f"s{row}" for row in range(n)]
    adata = ad.AnnData(obs=pd.DataFrame({"sequence": sequences}, index=names))
    adata.uns["alphabet"] = alphabet
    return adata


def places(syntax) -> list[tuple]:
    columns = ["motif_a", "motif_b", "order", "orientation", "gap_min", "gap_max"]
    return list(syntax.rules[columns].itertuples(index=False, name=None))


def test_a_pair_written_into_the_table_is_read_by_experiment():
    syntax = mb.read_syntax(network(("A", "B", range(6, 11), 3.0)), data(7, 8, 9), motifs=motifs())
    assert places(syntax) == [("A", "B", "motif_a first", "++", 6, 10)]
    rule = syntax.rules.iloc[0]
    assert rule["effect"] == pytest.approx(3.0, abs=0.1)  # chance sites in the backgrounds
    assert rule["weight"] == pytest.approx(3.0)
    assert rule["agrees"]
    assert rule["unit"] == "logit"
    alone = syntax.alone.set_index("motif")["effect"]
    assert alone.to_dict() == pytest.approx({"A": 1.0, "B": 0.0, "C": -2.0}, abs=0.15)
    assert syntax.doubts == []


def test_sequences_of_different_lengths_are_asked_where_motifs_fit():
    adata = data(7, 8, 9)
    adata.obs["sequence"] = [
        sequence if row % 2 else sequence[: 30 + row]
        for row, sequence in enumerate(adata.obs["sequence"])
    ]
    syntax = mb.read_syntax(network(("A", "B", range(6, 11), 3.0)), adata, motifs=motifs())
    assert places(syntax) == [("A", "B", "motif_a first", "++", 6, 10)]
    shorter = data()
    shorter.obs["sequence"] = [
        sequence[: 40 + row % 5] for row, sequence in enumerate(shorter.obs["sequence"])
    ]
    shorter.obs.loc["s0", "sequence"] = "ACGT" * 20
    syntax = mb.read_syntax(network(), shorter, motifs=motifs())
    assert syntax.effects["gap"].max() == 42 - 2 * WIDTH  # half of them have 42 letters or more


def test_the_table_of_rules_has_its_columns_even_without_rules():
    syntax = mb.read_syntax(network(), data(), motifs=motifs())
    assert list(syntax.rules) == [*RULE_COLUMNS, "weight", "agrees", "n_pairs", "sentence"]
    assert len(syntax.rules) == 0


def test_sentences_say_what_was_found():
    syntax = mb.read_syntax(network(("A", "B", range(6, 11), 3.0)), data(), motifs=motifs())
    rule, c = syntax.sentences
    assert rule.startswith("A then B, 6 to 10 letters apart, same strand: bound +3.")
    assert "logit beyond both alone; A alone +1.0, B alone +0.0." in rule
    assert c.startswith("C acts alone: it lowers bound wherever it is, -2.")
    assert "A then B, 6 to 10 letters apart" in syntax._repr_html_()


def test_a_motif_that_does_nothing_is_said_to_do_nothing():
    syntax = mb.read_syntax(network(), data(), motifs=motifs(B=1))
    [sentence] = syntax.sentences
    assert sentence.startswith("B acts alone: it does nothing measurable to ")


def test_renamed_and_turned_motifs_tell_the_same():
    model = network(("A", "B", range(6, 11), 3.0))
    turned = [motifs(A=0)[0].renamed("x"), motifs(B=1)[0].reverse_complement().renamed("y")]
    syntax = mb.read_syntax(model, data(), motifs=turned)
    [(a, b, _, orientation, low, high)] = places(syntax)
    assert (a, b, orientation, low, high) == ("x", "y", "+-", 6, 10)
    assert syntax.rules["weight"].iloc[0] == pytest.approx(3.0)


def test_effects_are_told_with_the_motif_first_that_comes_first_in_the_rule():
    model = network(("B", "A", range(6, 11), 3.0))
    syntax = mb.read_syntax(model, data(), motifs=motifs())
    assert places(syntax)[0][:2] == ("B", "A")
    pair = syntax.effects[(syntax.effects["motif_a"] == "B") & (syntax.effects["motif_b"] == "A")]
    high = pair[pair["effect"] > 1.5]
    assert set(high["orientation"]) == {"++"}
    assert high["gap"].tolist() == [6, 7, 8, 9, 10]
    together = high["together"] - high["alone_a"] - high["alone_b"]
    np.testing.assert_allclose(together, high["effect"])
    np.testing.assert_allclose(high["alone_b"], 1.0, atol=0.3)  # A adds 1


def test_mirror_images_are_measured_once_where_strands_are_tied():
    syntax = mb.read_syntax(network(), data(), motifs=motifs(A=0, B=1), reach=5)
    assert len(syntax.effects) == (3 + 4 + 3) * 6


def test_one_strand_has_one_orientation_and_two_orders():
    model = network(("B", "A", range(6, 11), 3.0), alphabet="RNA")
    rna = [
        Motif.from_sites(n, [WORDS[n].replace("T", "U")], alphabet="RNA", info={"filters": [f]})
        for n, f in (("A", 0), ("B", 1))
    ]
    syntax = mb.read_syntax(model, data(alphabet="RNA"), motifs=rna, known=None)
    assert places(syntax) == [("B", "A", "motif_a first", "++", 6, 10)]
    assert set(syntax.effects["orientation"]) == {"++"}
    assert syntax.rules["weight"].iloc[0] == pytest.approx(3.0)


def test_several_readouts_have_rules_of_their_own():
    model = MotifSyntaxNet(2, n_filters=3, width=WIDTH)
    single = network(("A", "B", range(6, 11), 3.0))
    with torch.no_grad():
        model.motifs.load_state_dict(single.motifs.state_dict())
        model.reader.pairs.in_use.fill_(True)
        model.reader.pairs.weight[0] = single.reader.pairs.weight[0]
        model.reader.pairs.weight[1, 0, 1, WIDTH + 20 - SHORTEST] = 2.0
        model.reader.slope[1, 1] = (
            2.0  # B alone does 20 to z: small effects on y count all the same
        )
    model.record = Record(["y", "z"], ["binary", "continuous"], [0, 5.0], [1.0, 10.0], LENGTH)
    syntax = mb.read_syntax(model.eval(), data(), motifs=motifs(A=0, B=1))
    told = syntax.rules.set_index("readout")[["gap_min", "gap_max", "spacing", "unit"]]
    assert told.loc["y"].tolist() == [6, 10, "soft", "logit"]
    assert told.loc["z"].tolist() == [20, 20, "hard", "readout"]
    assert syntax.rules.set_index("readout").loc["z", "effect"] == pytest.approx(10.0, abs=0.5)


def test_pairs_in_the_data_are_counted_by_distance():
    model = network(("A", "B", range(6, 11), 3.0))
    seen = mb.read_syntax(model, data(*[8] * 7, *[20] * 6), motifs=motifs(A=0, B=1)).rules.iloc[0]
    assert seen["n_pairs"] == 7
    assert seen["sentence"].endswith("The data hardly show 0 to 5 or 11 to 19 or 21 to 42 letters.")
    unseen = mb.read_syntax(model, data(20, 21), motifs=motifs(A=0, B=1)).rules.iloc[0]
    assert unseen["n_pairs"] == 0
    assert "hardly show such pairs (0): here the network extrapolates" in unseen["sentence"]


def test_pairs_on_the_other_strand_are_counted_too():
    model = network(("A", "B", range(6, 11), 3.0))
    adata = data(*[8] * 7)
    turned = adata.copy()
    turned.obs["sequence"] = decode(DNA.complement_codes[
        np.array([DNA.codes(s) for s in adata.obs["sequence"]])[:, ::-1]
    ])  # fmt: skip
    rules = mb.read_syntax(model, turned, motifs=motifs(A=0, B=1)).rules
    assert rules["n_pairs"].tolist() == [7]


def test_a_pair_that_the_table_does_not_hold_is_no_rule():
    """`echo` looks like A, but was read from a silent filter: A's filter fires there."""
    model = network(("A", "B", range(6, 11), 3.0))
    with torch.no_grad():
        model.motifs.weight[2] = 0
    echo = Motif.from_sites("echo", [A], info={"filters": [2]})
    syntax = mb.read_syntax(model, data(), motifs=[echo, *motifs(B=1)])
    assert len(syntax.rules) == 0
    [doubt] = syntax.doubts
    assert doubt.startswith(
        "echo then B, 6 to 10 letters apart, same strand: planted, they add +3."
    )
    assert "table of pairs says +0.0: filters of other motifs fire there" in doubt
    assert doubt in syntax.sentences


def test_an_entry_of_the_table_without_an_effect_is_told():
    model = network(("A", "B", range(6, 11), 3.0), ("A", "C", range(6, 11), 3.0))
    with torch.no_grad():
        model.motifs.bias[2] = -20.0  # never fires
    syntax = mb.read_syntax(model, data(), motifs=motifs())
    assert [names[:2] for names in places(syntax)] == [("A", "B")]
    [doubt] = syntax.doubts
    assert doubt.startswith("Its table of pairs lists A then C, 6 to 10 letters apart")
    assert doubt.endswith("planted, they add +0.0 beyond both alone: no rule.")


def test_a_palindrome_is_read_twice_by_the_table():
    model = network()
    word = "CAGCTGCA"[:6]  # CAGCTG
    with torch.no_grad():
        model.motifs.weight[0] = 0
        for column, code in enumerate(DNA.codes(word)):
            model.motifs.weight[0, code, column + 1] = 7 / 6
        model.motifs.bias[0] = -6.0
        pairs = model.reader.pairs
        for channel in (0, 3):  # the palindrome on both strands, then B
            pairs.weight[0, channel, 1, 20 - SHORTEST] = 4.0
    box = Motif.from_sites("box", [word], info={"filters": [0]})
    syntax = mb.read_syntax(model, data(), motifs=[box, *motifs(B=1)])
    [rule] = syntax.rules.itertuples()
    assert rule.orientation == "±+"
    assert rule.effect == pytest.approx(4.0, abs=0.3)
    assert rule.weight == pytest.approx(4.0)
    assert rule.agrees


def test_networks_without_such_parts_are_read_by_experiment_alone(trained):
    model = CNN(1, n_filters=4, width=8)
    options = mb.FitOptions(n_steps=15)
    mb.fit(model, trained.adata, seed=0, progress=False, options=options)
    words = [Motif.from_sites("A", [A]), Motif.from_sites("B", [B])]
    syntax = mb.read_syntax(model, trained.adata, motifs=words, reach=8, smallest=0.0)
    assert syntax.rules["weight"].isna().all()
    assert syntax.rules["agrees"].all()
    assert len(syntax.rules) > 0


def test_a_single_motif_makes_no_rule(trained):
    syntax = mb.read_syntax(*trained)
    assert len(syntax.rules) == 0
    [sentence] = syntax.sentences
    assert sentence.startswith("motif_1 acts alone: it raises bound wherever it is, +")


def test_reading_is_the_same_every_time(trained):
    first, second = mb.read_syntax(*trained, reach=4), mb.read_syntax(*trained, reach=4)
    pd.testing.assert_frame_equal(first.effects, second.effects)


def test_strands_are_asked_of_the_network():
    letters = np.random.default_rng(0).integers(0, 4, (10, LENGTH)).astype(np.uint8)
    assert reads_strands_alike(network(), letters)
    one = CNN(1, n_filters=4, width=7, reverse_complement=False)
    one.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    assert not reads_strands_alike(one, letters)


def test_motifs_of_one_name_and_untrained_networks_are_refused():
    with pytest.raises(InputError, match=r"'A' more than once"):
        mb.read_syntax(network(), data(), motifs=[*motifs(A=0), *motifs(A=0)])
    with pytest.raises(InputError, match=r"not been trained yet"):
        mb.read_syntax(MotifSyntaxNet(1), data(), motifs=motifs())
    with pytest.raises(InputError, match=r"uses no motif, .*include_unused=True"):
        mb.read_syntax(network(), data(), motifs=[])
    with pytest.raises(InputError, match=r"`reach` is -1; expected a whole number, 0 or more"):
        mb.read_syntax(network(), data(), motifs=motifs(), reach=-1)
    with pytest.raises(InputError, match=r"`n_backgrounds` is 1; expected a whole number, 2"):
        mb.read_syntax(network(), data(), motifs=motifs(), n_backgrounds=1)
    with pytest.raises(InputError, match=r"`smallest` is 3; expected a number between 0 and 1"):
        mb.read_syntax(network(), data(), motifs=motifs(), smallest=3)


@pytest.mark.slow
def test_attention_that_needs_both_motifs_is_read_and_looks_at_both():
    adata = mb.simulate(n=3000, length=100, rule="cooperation", seed=1)
    adata.obs["split"] = mb.split(adata, seed=1)
    model = MotifSyntaxNet(1, syntax="attention")
    mb.fit(model, adata, seed=1, progress=False)
    motifs = mb.read_motifs(model, adata)[:2]
    syntax = mb.read_syntax(model, adata, motifs=motifs)
    rule = syntax.rules.iloc[0]
    assert {rule["motif_a"], rule["motif_b"]} == {motif.name for motif in motifs}
    assert rule["spacing"] == "any"
    assert rule["effect"] > 1
    assert rule["agrees"]
    assert 0.2**2 <= rule["weight"] <= 1
    shares = attention_of(model, mb.backgrounds(adata, n=4, seed=0))
    np.testing.assert_allclose(shares.sum(axis=3), 1, rtol=1e-5)


@pytest.mark.slow
def test_planted_distances_are_read_from_a_trained_network():
    adata = mb.simulate(n=4000, length=150, rule="soft", seed=7)
    adata.obs["split"] = mb.split(adata, seed=7)
    model = MotifSyntaxNet(1)
    mb.fit(model, adata, seed=7, progress=False)
    rule = mb.read_syntax(model, adata).rules.iloc[0]
    assert rule["spacing"] == "soft"
    assert abs(rule["gap_min"] - 2) <= 2  # between the edges of the motifs as read
    assert abs(rule["gap_max"] - 14) <= 2
    assert rule["agrees"]
