"""Edits in words: what happened by a scan, at the right places, with the right effects."""

from __future__ import annotations

import pandas as pd
import pytest
from design_toys import MOTIFS, Counts, network, put, quiet

import motifbook as mb
from motifbook.design.explain import edit_table
from motifbook.design.goal import read_goal
from motifbook.design.motif_hits import HitFinder
from motifbook.design.problem import Move, Path
from motifbook.design.scorer import scoring
from motifbook.design.site_changes import site_changes
from motifbook.design.words import plan_words
from motifbook.onehot import encode
from motifbook.train.evaluate import trained

LETTERS = Move("letters")


def tell(
    *sequences: str, moves: list[Move] | None = None, motifs: tuple[mb.Motif, ...] = MOTIFS
) -> pd.DataFrame:
    """Edits from one sequence to the next."""
    path = Path(0, encode(sequences), tuple(moves or [LETTERS] * (len(sequences) - 1)))
    model = network(Counts())
    with scoring(model, read_goal("max", None, trained(model))) as scorer:
        return edit_table(["design_1"], [path], scorer, motifs)


def words(*sequences: str, moves: list[Move] | None = None) -> list[str]:
    return [str(text) for text in tell(*sequences, moves=moves)["edit"]]


BARE = quiet()[0]


def test_letters_that_make_a_site_say_so_with_strand_and_neighbor() -> None:
    before = put(BARE, CATCTGT=10)
    after = put(before, GGATAAG=26)
    [text] = words(before, after)
    assert text.startswith("letters 26 to 32 changed (")
    assert text.endswith("to GGATAAG): makes GATA1 at 26 (+), 9 letters after TAL1 (+)")
    assert words(before, put(before, CTTATCC=17))[0].endswith(
        "makes GATA1 at 17 (-), directly after TAL1 (+)"
    )


def test_one_letter_can_destroy_one_site_and_make_another() -> None:
    before = put(BARE, GGATAAGATCTGT=10)  # TAL1 lacks its C, which is the last of GATA1
    after = put(BARE, GGATAACATCTGT=10)
    assert words(before, after) == [
        "letter 16 changed (G to C): makes TAL1 at 16 (+); destroys GATA1 at 10 (+)"
    ]


def test_what_was_meant_comes_first() -> None:
    before, after = put(BARE, GGATAAGATCTGT=10), put(BARE, GGATAACATCTGT=10)
    removal = [Move("remove", "GATA1", 10, 17, "+")]
    assert words(before, after, moves=removal) == ["GATA1 at 10 (+) removed; makes TAL1 at 16 (+)"]
    addition = [Move("add", "TAL1", 16, 23, "+")]
    assert words(before, after, moves=addition) == [
        "TAL1 added at 16 (+); destroys GATA1 at 10 (+)"
    ]


def test_a_move_that_did_not_do_what_it_was_meant_to_is_told_as_letters() -> None:
    after = put(BARE, GGATA=10)
    [text] = words(BARE, after, moves=[Move("add", "GATA1", 10, 17, "+")])
    assert text.endswith("to GGATA); meant to add GATA1, but a scan finds no new site of it")


def test_an_edit_that_weakens_what_it_was_meant_to_strengthen_says_both() -> None:
    before, after = put(BARE, GGATAAGATCTGT=10), put(BARE, GGATAACATCTGT=10)
    [text] = words(before, after, moves=[Move("strengthen", "GATA1", 10, 17, "+")])
    assert text == (
        "letter 16 changed (G to C): makes TAL1 at 16 (+); destroys GATA1 at 10 (+); "
        "meant to strengthen GATA1, but a scan finds no stronger site of it"
    )


def test_moves_say_from_where_to_where() -> None:
    before = put(BARE, GGATAAG=10, CATCTGT=40)
    after = put(BARE, GGATAAG=25, CATCTGT=40)
    near = put(BARE, GGATAAG=12, CATCTGT=40)
    [text] = words(before, after, moves=[Move("move", "GATA1", 25, 32, "+")])
    assert text == (
        "GATA1 moved from 10 to 25 (+): 8 letters before TAL1 (+) (was 23 letters before TAL1 (+))"
    )
    [text] = words(before, near, moves=[Move("move", "GATA1", 12, 19, "+")])
    assert text.startswith("GATA1 moved from 10 to 12 (+)")


def test_sites_are_strengthened_weakened_and_turned() -> None:
    soft = mb.Motif.from_sites("ETS", ["ACCGGAAGT"] * 8 + ["ATCGGAAGT", "ACCGGATGT"])
    max1 = mb.Motif.from_sites("MAX", ["ACACGTGAC"] * 5 + ["GTCACGTGT"] * 4)
    finder = HitFinder([soft, max1])
    texts = [put(BARE, **{text: 10}) for text in ("ATCGGATGT", "ACCGGAAGT")]
    weak, strong = (encode([text]) for text in texts)
    [[change]] = site_changes(finder, weak, strong)
    assert change.what == "strengthened"
    assert change.before == pytest.approx(finder.bits_at(weak, finder.find(strong))[0])
    [[change]] = site_changes(finder, strong, weak)
    assert change.what == "weakened"
    one, other = (encode([put(BARE, **{text: 10})]) for text in ("ACACGTGAC", "GTCACGTGT"))
    [[change]] = site_changes(finder, one, other)
    assert (change.what, change.strand) == ("turned", 1)


def test_effects_add_up_and_alone_leaves_out_one_edit() -> None:
    one = put(BARE, GGATAAG=10)
    two = put(one, CCGCCCC=30)
    three = put(two, GGATAAG=30)  # writes over the second edit
    edits = tell(BARE, one, two, three)
    assert edits["effect"].tolist() == [1.0, -2.0, 3.0]
    assert edits["before"].tolist() == [0.0, 1.0, -1.0]
    assert edits["after"].tolist() == [1.0, -1.0, 2.0]
    assert edits["alone"].tolist() == [1.0, 0.0, 3.0]
    assert edits["unit"].tolist() == ["readout"] * 3
    assert (edits["effect"] == edits["after"] - edits["before"]).all()


def test_positions_count_from_the_first_letter_of_a_padded_sequence() -> None:
    short = quiet(length=40)[0]
    padded = [f"{'N' * 10}{text}{'N' * 10}" for text in (short, put(short, GGATAAG=3))]
    edits = tell(*padded, moves=[Move("add", "GATA1", 13, 20, "+")])
    assert edits["edit"].tolist() == ["GATA1 added at 3 (+)"]
    assert edits[["start", "end"]].to_numpy().tolist() == [[3, 10]]
    assert edits["letters_after"].item() in "GGATAAG"


def test_without_motifs_letters_are_told() -> None:
    edits = tell(BARE, put(BARE, GGATAAG=10), motifs=())
    assert edits["edit"].item().startswith("letters 10 to 16 changed")
    assert edits[["motif", "start", "strand"]].to_numpy().tolist() == [["", -1, ""]]
    assert list(tell(BARE)) == list(edits)  # no edits, the same columns


def test_mended_starts_say_so() -> None:
    before, after = put(BARE, GAATTC=20), put(BARE, GACTTC=20)
    assert words(before, after, moves=[Move("repair")]) == ["mended: letter 22 changed (A to C)"]
    assert words(before, after, moves=[Move("repair", "EcoRI")]) == [
        "EcoRI removed: letter 22 changed (A to C)"
    ]
    before, after = put(BARE, C=2, T=30), put(BARE, G=2, C=30)
    assert words(before, after, moves=[Move("repair")]) == [
        "mended: letters 2 to 30 changed in 2 places"
    ]


def test_a_design_is_one_sentence() -> None:
    model = network(Counts())
    options = mb.DesignOptions(motifs=MOTIFS, n_steps=1)
    designs = mb.design(model, n=1, start=BARE, method="motifs", seed=0, options=options)
    [text] = plan_words(designs.table, designs.edits)
    at = designs.edits["start"].item()
    strand = designs.edits["strand"].item()
    assert text == f"start_1: GATA1 added at {at} ({strand}). activity 0 to 1 in 1 edit"
