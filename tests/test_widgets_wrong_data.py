"""Explorers say at once what they cannot show."""

from __future__ import annotations

import pandas as pd
import pytest
import toys

import motifbook as mb
from motifbook import InputError
from motifbook.widgets import FilterExplorer, PositionExplorer, ScramblerTraining

TAKES_SEQUENCES = [FilterExplorer, PositionExplorer, ScramblerTraining]


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=60, length=50, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(network, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    return network


@pytest.mark.parametrize("explorer", TAKES_SEQUENCES)
def test_no_network_no_data_and_no_rows_are_refused(explorer, model, adata):
    with pytest.raises(InputError, match="`model` is 3; expected a network of motifbook"):
        explorer(3, adata)
    with pytest.raises(InputError, match="has not been trained yet"):
        explorer(mb.CNN(n_readouts=1), adata)
    with pytest.raises(InputError, match="`adata` is 'ACGT'; expected an AnnData"):
        explorer(model, "ACGT")
    with pytest.raises(InputError, match="`adata` has no rows; expected sequences to look at"):
        explorer(model, adata[:0])


def test_what_gives_no_names_to_filters_is_refused(model, adata):
    with pytest.raises(InputError, match="`motifs` holds 'a'; expected motifs"):
        FilterExplorer(model, adata, motifs=["a"])
    with pytest.raises(InputError, match="`known` has no column 'motif'"):
        FilterExplorer(model, adata, known=pd.DataFrame({"name": []}))
    with pytest.raises(InputError, match="`view` is 3; expected what"):
        FilterExplorer.from_view(3)


def test_what_a_scrambler_does_not_take_is_refused_before_it_trains(model, adata):
    with pytest.raises(TypeError, match="unexpected keyword argument 'budget'"):
        ScramblerTraining(model, adata, budget=0.2)
    with pytest.raises(InputError, match="`mode` is 'x'; expected one of"):
        ScramblerTraining(model, adata, mode="x")


def test_a_picture_that_cannot_be_drawn_is_no_explorer():
    adata = toys.book(["CACACACACACACACACACACACACACACACACACACACA"])
    missing = [[[float("nan")] * 40] * 4]
    with pytest.raises(InputError, match="holds nan in row 0, column 0; expected finite"):
        PositionExplorer(toys.words(), adata, missing)


@pytest.mark.filterwarnings("ignore:Glyph")  # which the font does not have
def test_names_too_long_for_files_are_saved_under_shorter_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    adata = toys.book(toys.quiet(2))
    adata.obs_names = ["\N{MATHEMATICAL BOLD CAPITAL A}" * 400 + end for end in ("/1", "")]
    explorer = PositionExplorer(toys.words(), adata)
    explorer._number.value = 0
    explorer._save()
    assert explorer.last_error is None
    files = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert [name[-6:] for name in files] == ["_1.pdf", "_1.png", "_1.svg"]
    assert max(len(name.encode()) for name in files) < 255
