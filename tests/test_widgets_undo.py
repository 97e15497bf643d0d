"""Edits in explorers are taken back and made again, step by step."""

from __future__ import annotations

import pytest
import toys
from formula_example import example_formula

import motifbook as mb
from motifbook import InputError
from motifbook.widgets import FormulaExplorer, PositionExplorer

START = "CACACACACACACACACACACACACACACACACACACACA"  # 40 letters


def is_on(explorer):
    return [switch.value for switch in explorer._switches.values()]


def test_terms_come_back_in_the_order_in_which_they_were_taken_out():
    explorer = FormulaExplorer(example_formula(3, 1))
    pictures = [explorer._picture.value]
    for name in list(explorer._switches)[:2]:
        explorer._switches[name].value = False
        pictures.append(explorer._picture.value)
    assert len(set(pictures)) == 3
    explorer._undo.click()
    assert is_on(explorer) == [False, True, True, True]
    assert explorer._picture.value == pictures[1]
    explorer.undo()
    assert (is_on(explorer), explorer._undo.disabled) == ([True] * 4, True)
    explorer.redo()
    explorer.redo()
    assert explorer._picture.value == pictures[2]
    with pytest.raises(InputError, match="There is nothing to redo: this is edit 2"):
        explorer.redo()


def test_all_terms_are_switched_on_at_once_and_off_again():
    explorer = FormulaExplorer(example_formula(3, 1))
    for switch in explorer._switches.values():
        switch.value = False
    explorer._all_on(None)
    assert is_on(explorer) == [True] * 4
    explorer.undo()
    assert is_on(explorer) == [False] * 4
    explorer.undo()
    explorer._switches[next(iter(explorer._switches))].value = True
    assert explorer._redo.disabled  # what was undone is forgotten


def test_typed_changes_of_a_sequence_are_taken_back():
    explorer = PositionExplorer(toys.words(), toys.book([START, START[::-1]]))
    number = explorer._number.value
    sequence = explorer._seen().sequence
    wrong, right = (f"3 {letter}>G" for letter in ("GT"[number], sequence[3]))
    explorer._typed.value = right
    changed = explorer._picture.value
    explorer._typed.value = wrong
    assert "at position 3 (counted from 0) is" in explorer._status.value
    explorer._undo.click()
    assert (explorer._typed.value, explorer._picture.value) == (right, changed)
    assert explorer.last_error is None
    explorer._undo.click()
    assert explorer._typed.value == ""
    explorer._redo.click()
    assert explorer._picture.value == changed
    explorer._number.value = 1 - number
    assert (explorer._typed.value, explorer._undo.disabled) == ("", True)


def test_what_cannot_be_taken_back_is_said():
    editor = mb.widgets.SequenceEditor(toys.words(), START)
    editor._redo.click()
    assert "There is nothing to redo: this is edit 0." in editor._status.value
