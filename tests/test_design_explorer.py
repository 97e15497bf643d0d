"""The explorer of designs without a browser: stepping, refusing, saving."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook.design.designs import Designs
from motifbook.design.explain import edit_table
from motifbook.design.goal import read_goal
from motifbook.design.problem import Move, Path
from motifbook.design.refuse import refuse
from motifbook.design.scorer import scoring
from motifbook.design.tables import design_table
from motifbook.onehot import encode
from motifbook.widgets import DesignExplorer

GATA = mb.Motif.from_sites("GATA1", ["GATAAG"] * 50)
FREE = mb.Constraints(gc=None, gc_window=None, homopolymer=None, repeat=None)


class TwoSums(torch.nn.Module):
    """Two readouts, each a weight for every letter at every position."""

    def __init__(self, length: int) -> None:
        super().__init__()
        drawn = torch.randn(2, 4, length, generator=torch.Generator().manual_seed(0))
        self.weight = torch.nn.Parameter(drawn)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nlp,rlp->nr", onehot, self.weight)


@pytest.fixture(scope="module")
def model():
    return mb.Foreign(TwoSums(60), readouts=["Dev", "Hk"], kinds="continuous", length=60)


def path_of(row, letters):
    site, two, one = letters.copy(), letters.copy(), letters.copy()
    for later in (site, two, one):
        later[5:11] = encode(["GATAAG"])[0]
    for later in (two, one):
        later[20:22] = (letters[20:22] + 1) % 4
    one[40] = (letters[40] + 1) % 4
    path = Path(row, letters[None])
    for later in (site, two, one):
        path = path.then(later, Move("letters"))
    return path


@pytest.fixture(scope="module")
def designs(model):
    """Three, by hand: GATA1 written at 5, two letters at 20, one at 40."""
    drawn = np.random.default_rng(0).integers(0, 4, (3, 60)).astype(np.uint8)
    paths = [path_of(row, letters) for row, letters in enumerate(drawn)]
    goal = read_goal({"Dev": "max", "Hk": "min"}, None, model.record)
    names = ["design_1", "design_2", "design_3"]
    with scoring(model, goal) as scorer:
        table = design_table(names, ["random"] * 3, paths, scorer, flanks=FREE.flanks)
        edits = edit_table(names, paths, scorer, [GATA])
    return Designs(table, edits, tuple(paths), (model,), goal, (GATA,), FREE)


@pytest.fixture
def explorer(designs):
    return DesignExplorer(designs)


def drawn_again(explorer, designs):
    scope = {"designs": designs}
    exec(explorer.code(), scope)
    return scope["svg"]


def edits_of(designs, number, readout="Dev"):
    own = designs.edits[designs.edits["design"] == designs.table["design"].iloc[number]]
    return own[own["readout"] == readout]


def test_it_opens_with_the_finished_best_design(explorer, designs):
    best = designs.table["score"].argmax()
    assert explorer._design.value == best
    n_edits = len(designs.paths[best].moves)
    assert explorer._step.value == explorer._step.max == n_edits
    name, value = designs.table["design"].iloc[best], designs.table["Dev_after"].iloc[best]
    assert explorer.summary().startswith(f"{name}, edit {n_edits} of {n_edits}, ")
    assert f"prediction of Dev {value:.3g}. Motif instances: " in explorer.summary()
    assert explorer.last_error is None


def test_designs_are_sorted_by_score_and_steps_follow(explorer, designs):
    scores = designs.table["score"].to_numpy()
    assert [number for _, number in explorer._design.options] == np.argsort(-scores).tolist()
    explorer._number.value = 0
    value = designs.table["Dev_before"].iloc[explorer._design.value]
    assert f"the start: prediction of Dev {value:.3g}." in explorer.summary()
    explorer._step.value = 2
    assert explorer._number.value == 2
    after = edits_of(designs, explorer._design.value)["after"].iloc[1]
    assert f"prediction of Dev {after:.3g}." in explorer.summary()
    assert explorer._picture.value == explorer.svg()


def test_another_design_is_shown_whole_with_its_own_edits(explorer, designs):
    other = explorer._design.options[-1][1]
    explorer._step.value = 1
    explorer._design.value = other
    assert explorer._step.value == len(designs.paths[other].moves)
    words = edits_of(designs, other)["edit"].tolist()
    assert [box.description.split(": ", 1)[1] for box in explorer._accepted.children] == words
    assert explorer.last_error is None


def test_a_refused_edit_is_left_out_and_can_be_had_again(explorer, designs):
    at = explorer._design.value
    before = explorer.svg()
    explorer._accepted.children[1].value = False
    assert explorer.last_error is None
    expected = refuse(designs, at, [2])
    assert explorer.designs.sequences == expected.sequences
    assert explorer._step.max == len(expected.paths[at].moves)
    assert "without edit 2 of" in explorer.details()
    value = expected.table["Dev_after"].iloc[at]
    assert f"prediction of Dev {value:.3g}" in explorer.summary()
    explorer._accepted.children[1].value = True
    assert explorer.svg() == before
    assert explorer.designs.sequences == designs.sequences


def refuse_in_two_designs(explorer):
    """Refuse edit 1 of the first design and edit 3 of the next; go back to the first."""
    first, other = (number for _, number in explorer._design.options[:2])
    explorer._accepted.children[0].value = False
    explorer._design.value = other
    explorer._accepted.children[2].value = False
    explorer._design.value = first
    return first, other


def test_refusals_are_kept_while_another_design_is_looked_at(explorer, designs):
    first, other = refuse_in_two_designs(explorer)
    assert [box.value for box in explorer._accepted.children[:3]] == [False, True, True]
    expected = refuse(refuse(designs, first, [1]), other, [3])
    assert explorer.designs.sequences == expected.sequences
    assert drawn_again(explorer, designs) == explorer.svg()


def test_refusing_is_taken_back_in_the_design_where_it_was_done(explorer, designs):
    first, other = refuse_in_two_designs(explorer)
    explorer._undo.click()
    assert explorer._design.value == other
    assert [box.value for box in explorer._accepted.children] == [True] * 3
    assert explorer._step.value == explorer._step.max == 3
    explorer._undo.click()
    assert explorer._design.value == first
    assert explorer.designs.sequences == designs.sequences
    explorer._redo.click()
    assert [box.value for box in explorer._accepted.children] == [False, True, True]
    assert explorer.designs.sequences == refuse(designs, first, [1]).sequences
    assert drawn_again(explorer, designs) == explorer.svg()


def test_all_edits_refused_leave_the_start(explorer, designs):
    for box in explorer._accepted.children:
        box.value = False
    assert explorer.last_error is None
    at = explorer._design.value
    assert explorer.designs.sequences[at] == designs.steps(at)[0]
    assert (explorer._step.max, explorer._step.value) == (0, 0)
    assert "No edits yet" in explorer.svg()
    assert ", the start: prediction of Dev" in explorer.summary()
    assert drawn_again(explorer, designs) == explorer.svg()


def test_readouts_and_attribution_are_chosen(explorer, designs):
    explorer._readout.value = "Hk"
    explorer._method.value = "gradient"
    explorer._step.value = 1
    assert "What each edit does to Hk" in explorer.svg()
    weight = designs.models[0].network.weight.detach().numpy()[1]
    letters = designs.paths[explorer._design.value].letters[1]
    values = explorer._values(designs.steps(explorer._design.value))["attribution"]
    expected = (weight - weight.mean(axis=0))[letters, range(60)]
    np.testing.assert_allclose(values[letters, range(60)], expected, atol=1e-5)
    assert drawn_again(explorer, designs) == explorer.svg()


def test_instances_are_the_sites_that_the_words_speak_of(model):
    start = "CCGGTTCCGGTTCCGGTTCCGGTTCCGGTTCCGGTTCCGGTTCCGATAAGGGTTCCGGTTCC"[:60]
    options = mb.DesignOptions(motifs=[GATA], n_steps=1)
    designs = mb.design(
        model, n=1, method="greedy", start=start, constraints=FREE, options=options, seed=0
    )
    explorer = DesignExplorer(designs)
    explorer._step.value = 0
    at = start.index("GATAAG")
    assert explorer.summary().endswith(f"Motif instances: GATA1 {at} to {at + 5} (+).")


def test_what_is_accepted_is_saved(explorer, designs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    explorer._accepted.children[0].value = False
    explorer._on_save(None)
    assert explorer.last_error is None
    assert "Saved 3 designs: designs.fasta and designs_order.csv in results/." in (
        explorer._status.value
    )
    written = (tmp_path / "results" / "designs.fasta").read_text()
    changed = explorer.designs.sequences[explorer._design.value]
    assert changed in written.replace("\n", "")
    assert changed in (tmp_path / "results" / "designs_order.csv").read_text()
    assert changed not in designs.sequences


def test_designs_that_cannot_be_saved_are_said(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").write_text("a file")
    explorer._on_save(None)
    assert "The folder results cannot be made" in explorer._status.value


def test_a_failure_is_said_and_the_picture_stays(explorer, monkeypatch):
    before = explorer._picture.value
    monkeypatch.setattr("motifbook.widgets.design_explorer.refuse", lambda *_: 1 / 0)
    explorer._accepted.children[0].value = False
    assert "ZeroDivisionError" in explorer._status.value
    assert explorer._picture.value == before
    assert explorer._accepted.children[0].value  # as it is drawn


def test_figures_are_saved_and_a_picture_stands_where_no_front_end_is(explorer, tmp_path):
    assert [path.suffix for path in explorer.save(tmp_path / "one")] == [".svg", ".pdf", ".png"]
    assert explorer._repr_mimebundle_()["image/svg+xml"] == explorer.svg()
    assert explorer._repr_mimebundle_()["text/plain"] == explorer.summary()


def test_what_holds_no_designs_is_refused():
    with pytest.raises(InputError, match=r"`designs` is .*; expected one design or more"):
        DesignExplorer("design_1")
