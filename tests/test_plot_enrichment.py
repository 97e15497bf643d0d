"""The picture of known motifs: what is drawn where, and what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, plot
from motifbook.plot.colors import BLUE, GRAY, VERMILLION

TABLE = pd.DataFrame(
    {
        "readout": ["bound"] * 4 + ["strength"] * 2,
        "kind": ["binary"] * 4 + ["continuous"] * 2,
        "motif": ["CTCF", "SP1", "GATA1", "NONE", "CTCF", "SP1"],
        "id": ["MA0139.2", "", "", "", "", ""],
        "effect": [4.0, -1.0, 0.2, np.nan, 0.05, -0.02],
        "effect_lower": [3.5, -1.5, -0.2, np.nan, 0.04, -0.03],
        "effect_upper": [4.5, -0.5, 0.6, np.nan, 0.06, -0.01],
        "q_value": [1e-120, 0.01, 0.3, np.nan, 0.001, 0.2],
        "share_1": [0.8, 0.05, 0.1, 0, np.nan, np.nan],
        "share_0": [0.025, 0.1, 0.09, 0, np.nan, np.nan],
        "mean_with": [*[np.nan] * 4, 0.1234, -0.01],
        "mean_without": [*[np.nan] * 4, 0.1, 0.02],
    }
)


def words(picture: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(picture).findall(".//{*}text")]


def dots(ax):
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    return {(x, line.get_color()) for line in marked for x in line.get_xdata()}


def test_dots_are_effects_in_the_color_of_their_direction():
    ax = plot.enrichment(TABLE)
    assert dots(ax) == {(4.0, BLUE), (-1.0, VERMILLION), (0.2, GRAY)}
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["CTCF MA0139.2", "SP1", "GATA1"]
    spans = {tuple(line.get_xdata()) for line in ax.lines}
    assert {(3.5, 4.5), (-1.5, -0.5), (-0.2, 0.6)} <= spans


def test_shares_q_values_and_odds_are_written():
    said = words(plot.enrichment_svg(TABLE))
    assert {"in 1", "in 0", "80.0%", "2.5%", "< 1e-99", "0.01", "0.3"} <= set(said)
    assert {"1/4", "1", "4", "16", "64"} <= set(said)
    assert "odds ratio of having the motif, 1 against 0" in said


def test_a_continuous_readout_shows_its_units():
    said = words(plot.enrichment_svg(TABLE, readout="strength"))
    assert {"with", "without", "0.123", "\u22120.010", "strength: known motifs"} <= set(said)
    assert "0.02" in said  # a tick of the effects, which are small
    assert dots(plot.enrichment(TABLE, readout="strength")) == {(0.05, BLUE), (-0.02, GRAY)}


def test_the_first_n_are_drawn_on_the_axes_given():
    ax = plot.enrichment(TABLE)
    ax.clear()
    assert plot.enrichment(TABLE, n=1, ax=ax) is ax
    assert dots(ax) == {(4.0, BLUE)}


def test_what_was_not_tested_cannot_be_drawn():
    with pytest.raises(InputError, match=r"`table` has no column 'share_1'"):
        plot.enrichment(TABLE.drop(columns="share_1"))
    with pytest.raises(InputError, match=r"`readout` is 'bond'; .*'bound'"):
        plot.enrichment(TABLE, readout="bond")
    with pytest.raises(InputError, match=r"no motif with an effect; expected.*mb\.enrichment"):
        plot.enrichment(TABLE.assign(effect=np.nan))
    with pytest.raises(InputError, match="`n` is 0; expected a whole number, 1 or more"):
        plot.enrichment(TABLE, n=0)
