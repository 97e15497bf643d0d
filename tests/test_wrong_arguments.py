"""What is no such thing is refused by name, whatever it is, before anything is drawn or written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import InputError, plot

GATA = mb.Motif.from_sites("GATA1", ["AGATAAGA"])
TABLE = pd.DataFrame({"a": [1.0, 2.0]})
WRONG = [None, 5, "x", [1, 2], TABLE, {"a": 1}, mb.simulate(n=2, length=80, seed=0)]
CALLS: dict[str, tuple[Any, str]] = {
    "save": (lambda it: plot.save(it, "x.svg"), "`picture` is .*; expected what a function of"),
    "save, path": (lambda it: plot.save(plot.logo_svg(GATA), it), "`path` is|`suffix` is"),
    "motif_use": (plot.motif_use_svg, "`motifs` (is|holds) .*; expected motifs"),
    "pairs": (plot.pairs_svg, "`table` is .*; expected a table|`table` has no column 'motif_a'"),
    "filter": (lambda it: plot.filter_svg(it, np.zeros((1, 9))), "`motif` (is|holds) .*; expected"),
    "training": (
        lambda it: plot.scrambler_training_svg(it, ["ACGT"]), "`look` is .*; expected what",
    ),
    "design_page": (
        lambda it: plot.design_page_svg(it, TABLE), "`sequences` is .*; expected a list|a table",
    ),
    "name_motifs": (
        lambda it: mb.name_motifs(it, TABLE.assign(motif="", name="", strand="", q_value=0.0)),
        "`motifs` (is|holds) .*; expected motifs|`known` has no column",
    ),
    "known": (lambda it: mb.name_motifs([GATA], it), "`known` (is|has no column)"),
    "split": (lambda it: mb.split(WRONG[-1], by=it), "`by` is|`adata.obs` has no column 'x'"),
    "one_of": (lambda it: plot.sheet("AB", journal=it), "`journal` is .*; expected one of"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize(("call", "words"), CALLS.values(), ids=CALLS)
def test_wrong_arguments_are_named(call: Any, words: str, wrong: Any, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        call(wrong)
    assert not list(tmp_path.iterdir())


NUMBERS = {
    "roc": lambda it: plot.roc_svg(it, it),
    "agreement": lambda it: plot.agreement_svg(it, it),
    "history": lambda it: plot.history_svg(it, it),
    "response": lambda it: plot.response_svg(it, it),
    "filter": lambda it: plot.filter_svg(GATA, it),
    "positions": lambda it: plot.positions_svg(it, 40),
}


@pytest.mark.parametrize("wrong", ["x", {"a": 1}, ["a"]], ids=["text", "dict", "list"])
@pytest.mark.parametrize("call", NUMBERS.values(), ids=NUMBERS)
def test_curves_of_words_are_refused(call: Any, wrong: Any):
    with pytest.raises(InputError, match=r"`\w+` is .*; expected (whole )?numbers"):
        call(wrong)


def test_curves_of_nothing_are_refused():
    with pytest.raises(InputError, match="`measured` holds nothing"):
        plot.roc_svg(None, None)
    with pytest.raises(InputError, match="`training` holds no losses"):
        plot.history_svg(None, None)
    with pytest.raises(InputError, match="`steps` has shape"):
        plot.history_svg(TABLE, TABLE)
    with pytest.raises(InputError, match="`score` is an ndarray; expected rising numbers"):
        plot.response_svg(np.zeros(3), np.zeros(3))
    with pytest.raises(InputError, match=r"`layout` is .*; expected rows of equal length"):
        plot.sheet([1, 2])
    with pytest.raises(InputError, match="`length` is None; expected a whole number"):
        plot.positions_svg([1, 2], None)


def test_a_split_by_values_asks_for_the_name_of_their_column():
    adata = mb.simulate(n=20, length=80, seed=0)
    with pytest.raises(InputError, match=r"`by` is a Series; expected .*the name of a column"):
        mb.split(adata, by=pd.Series("chr1", index=adata.obs_names))
