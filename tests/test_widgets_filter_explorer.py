"""The filter explorer without a browser: setting a control runs what a hand would run."""

from __future__ import annotations

import numpy as np
import pytest
from controls import number_boxes

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import RNA
from motifbook.discover.filters import FilterView
from motifbook.onehot import encode
from motifbook.train.fit import FitOptions
from motifbook.widgets import FilterExplorer

GATA = np.eye(4)[[2, 0, 3, 0]].T
N, LENGTH, N_FILTERS, WIDTH = 30, 60, 3, 4


def make_view(alphabet=None) -> FilterView:
    """Filter 0 fires at 5 in every sequence, filter 1 at 40 in the first ten, filter 2 nowhere."""
    rng = np.random.default_rng(0)
    fields = {} if alphabet is None else {"alphabet": alphabet}
    uses = (0.01, 0.2, 0.0)
    motifs = [
        Motif(f"filter_{i}", 0.88 * GATA + 0.03, info={"use": use, "filters": [i]}, **fields)
        for i, use in enumerate(uses)
    ]
    activation = np.zeros((N, N_FILTERS, LENGTH - WIDTH + 1), np.float32)
    activation[:, 0, 5] = np.linspace(1, 2, N)
    activation[:10, 1, 40] = 3.0
    sequences = ["".join(row) for row in rng.choice(list("ACGT"), (N, LENGTH))]
    names = [f"peak{i}" for i in range(N)]
    strand = np.ones(activation.shape, np.int8)
    return FilterView(motifs, activation, strand, encode(sequences), names, np.zeros((N, 1)))


@pytest.fixture
def explorer():
    return FilterExplorer.from_view(make_view())


def test_the_most_used_filter_comes_first(explorer):
    assert explorer.summary().startswith("Filter 1: consensus GATA, 5.7 bits, ")
    assert explorer.summary().endswith("in 10 of 30 sequences, use 0.200.")


def test_a_step_of_the_slider_draws_the_next_filter(explorer):
    before = explorer._picture.value
    explorer._filter.value = 0
    assert explorer._picture.value != before
    assert explorer._picture.value == explorer.svg()
    assert "24 of 30 sequences" in explorer._words.value


def test_number_box_and_slider_move_together(explorer):
    explorer._filter.value = 2
    assert explorer._by_use.value == 2
    explorer._ends[0].value = 10
    assert explorer._window.value == (10, LENGTH)
    explorer._ends[1].value = 5
    assert explorer._window.value == (5, 5)
    explorer._window.value = (20, 30)
    assert [box.value for box in explorer._ends] == [20, 30]


def test_the_strongest_sequences_come_first_unless_asked_otherwise(explorer):
    explorer._filter.value = 0
    assert explorer._rows(explorer._strength())[0] == N - 1
    explorer._order.value = "as in the data"
    assert "peak0<" in explorer.svg()
    assert "peak29<" not in explorer.svg()


def test_pages_turn_and_stop_at_the_last(explorer):
    for _ in range(5):
        explorer._turn(+1)
    assert explorer._page.value == 3
    assert explorer._rows(explorer._strength()).tolist() == [24, 25, 26, 27, 28, 29]


def test_a_higher_threshold_counts_fewer_sequences(explorer):
    explorer._filter.value = 0
    explorer._threshold.value = 90
    n_strong = int((np.linspace(1, 2, N) / 2 >= 0.9).sum())
    assert f"in {n_strong} of 30 sequences" in explorer.summary()


def test_a_filter_that_never_fires_is_drawn_without_sites(explorer):
    explorer._filter.value = 2
    assert "0 sites in 30 sequences" in explorer.svg()
    assert "in 0 of 30 sequences" in explorer.summary()


def test_code_draws_the_same_picture(explorer):
    explorer._filter.value = 0
    explorer._window.value = (3, 33)
    explorer._threshold.value = 70
    explorer._page.value = 2
    scope = {"view": make_view()}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()


def test_motifs_give_filters_their_names():
    view = make_view()
    named = view.motifs[1].renamed("GATA1")
    explorer = FilterExplorer.from_view(view, motifs=[named])
    assert ">GATA1</text>" in explorer.svg()
    assert ".renamed('GATA1')" in explorer.code()


def test_known_motifs_are_listed_beside_the_picture(explorer):
    details = explorer.details()
    assert details.count("<tr>") == 4
    assert '<th scope="col">q-value</th>' in details


def test_filters_can_be_looked_up_in_motifs_of_your_own():
    mine = [Motif("mine", GATA), *(Motif(f"other{i}", np.full((4, 6), 0.25)) for i in range(24))]
    explorer = FilterExplorer.from_view(make_view(), known=mine)
    assert "<td>mine</td>" in explorer.details()


def test_rna_is_not_looked_up_among_dna_motifs():
    explorer = FilterExplorer.from_view(make_view(RNA))
    assert explorer.details() == ""
    assert "known motif" not in explorer.summary()


def test_an_error_is_said_and_the_last_picture_stays(explorer):
    before = explorer._picture.value
    explorer._window.value = (30, 30)
    assert explorer._picture.value == before
    assert explorer._repr_mimebundle_()["image/svg+xml"] == before  # a cell can show it again
    assert isinstance(explorer.last_error, InputError)
    assert explorer._status.value == (
        "<div>`window` is (30, 30); expected first &lt; end within 0 to 60.</div>"
    )
    explorer._window.value = (30, 40)
    assert explorer.last_error is None
    assert explorer._status.value == "<div></div>"


def test_saving_writes_what_is_seen_and_says_where(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg, pdf, png = explorer.save()
    assert svg.read_text() == explorer.svg()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert explorer.save("one.svg") == [type(svg)("one.svg")]
    explorer._save()
    assert "Saved filter_1.svg, filter_1.pdf, filter_1.png in results/." in explorer._status.value


def test_a_notebook_gets_the_widget_and_a_picture(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["image/svg+xml"] == explorer.svg()
    assert bundle["text/plain"] == explorer.summary()


def test_code_is_shown_on_demand(explorer):
    assert explorer._code.value == ""
    explorer._shows_code.value = True
    assert "mb.plot.filter_svg(" in explorer._code.value
    assert "Names such as model and adata stand for" in explorer._code.value


def test_every_slider_has_a_box_with_a_name(explorer):
    named = ["filter", "positions, from", "positions, to", "threshold %", "page"]
    assert list(number_boxes(explorer)) == named


def test_code_of_a_trained_network_draws_the_same_picture():
    adata = mb.simulate(n=300, length=100, seed=0)
    model = mb.MotifSyntaxNet(n_readouts=1, n_filters=6)
    mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=30))
    explorer = FilterExplorer(model, adata)
    scope = {"model": model, "adata": adata}
    exec(explorer.code(), scope)
    assert scope["svg"] == explorer.svg()
    assert " sites in 300 sequences" in explorer.svg()
