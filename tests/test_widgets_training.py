"""The live view of a scrambler's training, without a browser."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.widgets import ScramblerTraining

N, LENGTH = 200, 60
SHORT = mb.ScramblerOptions(n_steps=40)
ENOUGH = 120  # seconds to wait for a thread


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=N, length=LENGTH, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.CNN(n_readouts=1, n_filters=8, width=12)
    mb.fit(network, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=60))
    return network


@pytest.fixture(scope="module")
def trained(model, adata):
    training = ScramblerTraining(model, adata, bits=0.2, options=SHORT)
    training._start.click()
    training.wait(ENOUGH)
    return training


def test_before_it_runs_it_says_what_run_does(model, adata):
    training = ScramblerTraining(model, adata, options=SHORT)
    assert training.summary() == "Run trains for 40 steps."
    assert training.scrambler is None
    assert training._stop.disabled
    assert training._look.disabled


def test_it_trains_the_scrambler_that_fit_scrambler_trains(trained, model, adata):
    same = mb.fit_scrambler(model, adata, bits=0.2, options=SHORT, seed=0, progress=False)
    assert trained.last_error is None
    np.testing.assert_array_equal(trained.scrambler.history, same.history)
    assert "Finished at step 40." in trained._status.value
    assert not trained.is_running
    assert (trained._start.disabled, trained._stop.disabled) == (False, True)


def test_the_slider_goes_back_through_the_looks(trained):
    assert trained._look.max == len(trained._looks) - 1 > 5
    trained._look.value = trained._look.max
    assert "Masks at step 40 of 40" in trained._picture.value
    trained._look.value = 1
    step = trained._looks[1].step
    assert f"Masks at step {step} of 40" in trained._picture.value
    assert trained.summary().startswith(f"Step {step} of 40: loss ")


def test_the_code_shown_trains_and_draws_the_same(trained, model, adata):
    trained._look.value = 3
    scope = {"model": model, "adata": adata}
    exec(trained.code(), scope)
    assert scope["svg"] == trained.svg()


def test_cancel_stops_at_the_next_look_and_keeps_what_was_learned(model, adata):
    training = ScramblerTraining(model, adata, options=mb.ScramblerOptions(n_steps=5000))
    training.run()
    training._stop.click()
    training.wait(ENOUGH)
    assert not training.is_running
    assert 0 < training._looks[-1].step < 1000
    assert "Stopped at step" in training._status.value
    assert training.scrambler is not None
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_an_error_of_the_thread_is_shown(model, adata):
    training = ScramblerTraining(model, adata, bits=7.0, options=SHORT)
    training.run()
    training.wait(ENOUGH)
    assert isinstance(training.last_error, InputError)
    assert "`bits` is 7" in training._status.value
    assert training.scrambler is None
    assert not training._start.disabled


def test_saving_writes_three_files(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    svg, pdf, png = trained.save()
    assert svg.read_text() == trained.svg()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert png.read_bytes().startswith(b"\x89PNG")
