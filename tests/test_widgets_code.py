"""Every explorer, at settings drawn at random: its code draws the picture that is shown."""

from __future__ import annotations

from types import SimpleNamespace

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula

import motifbook as mb
from motifbook import Motif, plot, widgets

LENGTH = 80
KINDS = (ipywidgets.Dropdown, ipywidgets.ToggleButtons, ipywidgets.Checkbox)


@pytest.fixture(scope="module")
def book():
    """What the explorers show, under the names that their code gives it."""
    adata = mb.simulate(n=300, length=LENGTH, rule="additive", seed=0)
    model = mb.MotifSyntaxNet(n_readouts=2, n_filters=6, width=12)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=40))
    background = mb.backgrounds(adata[:20], n=6, seed=0)
    motifs = [Motif.from_sites("SPI1", ["AGGAAGTG"]), Motif.from_sites("E-box", ["CACGTT"])]
    read = mb.read_motifs(model, adata, include_unused=True)
    effects = [mb.space(model, motifs[0], other, background, gaps=range(6)) for other in motifs]
    rules = pd.DataFrame([("SPI1", "E-box", "++", 1, 3, "readout0", "SPI1 then E-box")])
    rules.columns = [
        "motif_a",
        "motif_b",
        "orientation",
        "gap_min",
        "gap_max",
        "readout",
        "sentence",
    ]
    syntax = SimpleNamespace(motifs=motifs, effects=pd.concat(effects), rules=rules)
    steps = mb.DesignOptions(motifs=read, n_steps=4)
    return {
        **{"adata": adata, "model": model, "background": background, "syntax": syntax},
        **{"formula": example_formula(4, 2, pairs=((0, 1),)), "motifs": read},
        **{"attribution": mb.attribute(model, adata, "gradient")},
        **{"tests": mb.test_motifs(adata, seed=0)},
        **{"designs": mb.design(model, n=3, method="greedy", options=steps, seed=0)},
    }


def edited(book):
    """An editor after edits of every kind, the last one undone."""
    editor = widgets.SequenceEditor(
        book["model"], book["adata"][0], motifs=book["motifs"], adata=book["adata"]
    )
    editor.write_motif(book["motifs"][0].name, 30)
    editor._on_shuffle(None)
    at = editor.sequence[5]
    editor.change(f"5 {at}>{'G' if at != 'G' else 'C'}")
    editor.undo()
    return editor


def trained(book):
    """A scrambler's training when it has ended."""
    options = mb.ScramblerOptions(n_steps=10)
    training = widgets.ScramblerTraining(book["model"], book["adata"], bits=0.3, options=options)
    training.run()
    training.wait()
    return training


EXPLORERS = {
    "filters": lambda b: widgets.FilterExplorer(b["model"], b["adata"]),
    "syntax": lambda b: widgets.SyntaxExplorer(b["model"], b["syntax"], background=b["background"]),
    "positions": lambda b: widgets.PositionExplorer(
        b["model"], b["adata"], b["attribution"], motifs=b["motifs"]
    ),
    "formula": lambda b: widgets.FormulaExplorer(b["formula"]),
    "tests": lambda b: widgets.TestExplorer(b["tests"]),
    "designs": lambda b: widgets.DesignExplorer(b["designs"]),
    "editor": edited,
    "training": trained,
}


def controls(part):
    """All controls of a widget that a hand can move."""
    for child in getattr(part, "children", ()):
        can_move = isinstance(child, KINDS) or (hasattr(child, "min") and hasattr(child, "max"))
        if can_move and not getattr(child, "disabled", False):
            yield child
        yield from controls(child)


def move(control, rng):
    """Set a control to something that it allows."""
    if isinstance(control, ipywidgets.Checkbox):
        control.value = bool(rng.integers(2))
    elif hasattr(control, "options"):
        values = [one[1] if isinstance(one, tuple) else one for one in control.options]
        control.value = values[rng.integers(len(values))]
    elif isinstance(control.value, tuple):
        low = int(rng.integers(control.min, max(control.max - 30, control.min + 1)))
        control.value = (low, min(low + 30, control.max))
    elif isinstance(control.value, int):
        control.value = int(rng.integers(control.min, control.max + 1))
    else:
        control.value = float(rng.uniform(control.min, control.max))


def spans_a_window(control):
    """Windows are set last: the boxes of their ends may leave nothing between them."""
    return isinstance(getattr(control, "value", None), tuple)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
def test_the_code_draws_what_is_shown_at_any_setting(name, book, tmp_path):
    explorer = EXPLORERS[name](book)
    rng = np.random.default_rng(0)
    seen = set()
    n_shown = errors = 0
    while n_shown < 4:
        for control in sorted(controls(explorer.widget), key=spans_a_window):
            move(control, rng)
        if explorer.last_error is not None:  # such as a pair that was not measured
            errors += 1
            assert errors < 60, explorer.last_error
            continue
        n_shown += 1
        scope = dict(book)
        exec(explorer.code(), scope)
        assert scope["svg"] == explorer.svg()
        assert explorer._repr_mimebundle_()["image/svg+xml"] == explorer.svg()
        seen.add(explorer.svg())
    assert len(seen) > 1
    saved = plot.save(scope["svg"], tmp_path / "again.svg")
    explorer.save(tmp_path / "shown.svg")
    assert saved.read_text() == (tmp_path / "shown.svg").read_text()
