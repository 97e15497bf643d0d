"""Edits that a biologist refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from design_toys import FREE, MOTIFS, Counts, Pair, network, put, quiet

import motifbook as mb
from motifbook.design.designs import Designs
from motifbook.design.refuse import refuse

START = put(quiet()[0], CCGCCCC=30)


def designs(n: int = 2, **settings: Any) -> Designs:
    options = mb.DesignOptions(motifs=MOTIFS, n_steps=3, distance=0)
    kept_to = settings.pop("constraints", FREE)
    module = settings.pop("module", Counts())
    return mb.design(
        network(module), n=n, start=START, method="motifs", seed=0, constraints=kept_to,
        options=options,
    )  # fmt: skip


def test_a_refused_edit_is_undone_and_the_others_stay() -> None:
    before = designs()
    after = refuse(before, 0, 2)
    own = after.edits[after.edits["design"] == "design_1"]
    told = before.edits[(before.edits["design"] == "design_1") & (before.edits["step"] != 2)]
    assert own["step"].tolist() == [1, 2]
    assert own["motif"].tolist() == told["motif"].tolist()
    assert own["letters_after"].tolist() == told["letters_after"].tolist()
    lost = before.edits["effect"].iloc[1]
    assert after.table["activity_after"].iloc[0] == before.table["activity_after"].iloc[0] - lost
    assert after.table["n_edits"].tolist() == [2, 3]


def test_other_designs_and_the_first_result_are_as_before() -> None:
    before = designs()
    after = refuse(before, "design_2", [1, 3])
    assert after.sequences[0] == before.sequences[0]
    assert after.sequences[1] != before.sequences[1]
    assert len(before.edits) == 6
    assert len(after.edits) == 4
    assert after.edits["design"].tolist() == ["design_1"] * 3 + ["design_2"]
    assert before.table["n_edits"].tolist() == [3, 3]


def test_refusing_all_edits_leaves_the_start() -> None:
    before = designs()
    after = refuse(before, 0, [1, 2, 3])
    assert after.sequences[0] == START
    assert after.table["n_edits"].iloc[0] == 0
    assert "design_1" not in set(after.edits["design"])
    assert refuse(after, 1, [1, 2, 3]).edits.empty


def test_half_a_pair_does_nothing() -> None:
    before = designs(n=1, module=Pair())
    assert before.table["activity_after"].item() == 3
    after = refuse(before, 0, 1)
    assert after.table["activity_after"].item() == 0


def test_notes_say_what_is_broken_then() -> None:
    before = designs()
    assert refuse(before, 0, 1).notes[-1] == (
        "design_1 was made without edit 1 of 3, and keeps to all constraints."
    )
    strict = replace(before, constraints=mb.Constraints(avoid=["CCGCCCC"], gc=None, repeat=None))
    whole = refuse(strict, "design_1", [1, 2, 3])
    assert whole.notes[-1].startswith(
        "design_1 was made without edits 1, 2, 3 of 3, and then breaks constraints: "
    )
    assert "CCGCCCC" in whole.notes[-1]


def test_methods_in_words_tell_what_was_refused() -> None:
    before = designs()
    assert "refused" not in before.methods_text()
    twice = before.refuse(0, [1, 2]).refuse(1, 1)
    assert "Afterwards, edits were refused by hand: 3." in twice.methods_text()
    strict = replace(before, constraints=mb.Constraints(avoid=["CCGCCCC"], gc=None, repeat=None))
    whole = strict.refuse(0, [1, 2, 3])
    assert "by hand: 3, which broke constraints." in whole.methods_text()


def test_designs_and_edits_that_are_not_there_are_refused() -> None:
    made = designs()
    with pytest.raises(mb.InputError, match=r"`design` is 'design_9'; expected one of 'design_1'"):
        refuse(made, "design_9", 1)
    with pytest.raises(mb.InputError, match=r"`design` is 2; expected a whole number, 0 to 1"):
        refuse(made, 2, 1)
    with pytest.raises(mb.InputError, match=r"`steps` is 4; expected a whole number, 1 to 3"):
        refuse(made, 0, [1, 4])
    with pytest.raises(mb.InputError, match="`steps` is empty"):
        refuse(made, 0, [])
    with pytest.raises(mb.InputError, match="design_1 has no edit"):
        refuse(refuse(made, 0, [1, 2, 3]), 0, 1)
