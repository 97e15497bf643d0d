"""What a network sees along one sequence, in that sequence's own positions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import schema
from motifbook.discover.positions import view_positions
from motifbook.train.fit import FitOptions


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=600, length=80, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.MotifSyntaxNet(n_readouts=1, width=15)
    mb.fit(network, adata, seed=0, progress=False, options=FitOptions(n_steps=100))
    return network


@pytest.fixture(scope="module")
def view(model, adata):
    return view_positions(model, adata, n=50)


def test_some_sequences_are_chosen_evenly_with_their_values(view, model, adata):
    assert (view.rows[0], view.rows[-1], len(view.rows)) == (0, 599, 50)
    assert view.names == list(adata.obs_names[view.rows])
    assert view.prediction == pytest.approx(mb.predict(model, adata)[view.rows])
    assert np.array_equal(view.measured, adata.X[view.rows])


def test_instances_are_those_of_call_instances(view, model, adata):
    whole = mb.call_instances(model, adata)
    number = int(view.prediction[:, 0].argmax())
    one = view.one(number)
    expected = whole[whole["sequence"] == one.name].reset_index(drop=True)
    columns = ["sequence", "start", "end", "strand", "motif"]
    assert len(expected)
    pd.testing.assert_frame_equal(one.instances[columns], expected[columns], check_dtype=False)
    assert one.instances["weight"].tolist() == pytest.approx(expected["weight"].tolist())


def test_activation_peaks_in_the_middle_of_an_instance(view):
    one = view.one(int(view.prediction[:, 0].argmax()))
    best = one.instances.iloc[int(one.instances["weight"].argmax())]
    curve = one.activation[one.motifs.index(best["motif"])]
    assert curve.shape == (80,)
    assert abs(curve.argmax() - (best["start"] + best["end"] - 1) / 2) <= 1


def test_positions_of_shorter_sequences_count_from_their_own_start(model, adata, view):
    short = adata[view.rows].copy()
    number = int(view.prediction[:, 0].argmax())
    site = view.one(number).instances.iloc[0]
    cut = int(site["start"]) - 3
    sequence = short.obs[schema.SEQUENCE].astype(object)
    sequence.iloc[number] = sequence.iloc[number][cut:]
    short.obs[schema.SEQUENCE] = sequence
    one = view_positions(model, short, n=50, motifs=view.motifs).one(number)
    assert one.sequence == sequence.iloc[number]
    assert one.activation.shape == (len(view.motifs), 80 - cut)
    assert 3 in one.instances["start"].tolist()


def test_networks_without_motifs_are_seen_without_instances(adata):
    model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(model, adata, seed=0, progress=False, options=FitOptions(n_steps=1))
    view = view_positions(model, adata, n=5, motifs=[])
    one = view.one(0)
    assert view.rule is None
    assert len(one.instances) == 0
    assert one.activation.shape == (0, 80)
    assert list(one.instances) == [*schema.HIT_COLUMNS, "weight"]


def test_a_sequence_that_is_not_there_is_refused(view):
    with pytest.raises(InputError, match=r"`number` is 50; expected a whole number, 0 to 49"):
        view.one(50)
