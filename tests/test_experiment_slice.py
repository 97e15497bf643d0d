"""A window shuffled, or alone kept: what a network whose answer is arithmetic says to that."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook import InputError
from motifbook.experiment.slice import PARTS, slice_window
from motifbook.models.network import Network, Record


class CountsA(Network):
    """Number of A at positions 10 to 19: nothing else matters."""

    def __init__(self, kind: str = "continuous") -> None:
        super().__init__(1, "DNA", {})
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.record = Record(["a"], [kind], [0.0], [1.0], 30)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        return onehot[:, :1, 10:20].sum(dim=2)


LETTERS = np.full(30, 1, np.uint8)
LETTERS[10:20] = 0  # C, then ten A, then C


def predictions(window: tuple[int, int], **settings) -> dict[str, float]:
    table = slice_window(CountsA(), LETTERS, window, **settings)
    return dict(table[["part", "prediction"]].to_numpy())


def test_the_window_that_matters_carries_the_prediction():
    found = predictions((10, 20))
    assert found["whole sequence"] == found["window alone"] == 10
    assert found["without the window"] == found["all shuffled"] < 10


def test_a_window_that_does_not_matter_carries_nothing():
    found = predictions((0, 10))
    assert found["whole sequence"] == found["without the window"] == 10
    assert found["window alone"] == found["all shuffled"] < 10


def test_half_of_it_carries_half():
    found = predictions((10, 15), n_shuffles=400)
    shuffled = found["all shuffled"]
    assert found["without the window"] == pytest.approx(5 + shuffled / 2, abs=0.3)
    assert found["window alone"] == pytest.approx(5 + shuffled / 2, abs=0.3)


def test_intervals_hold_the_mean_and_no_impossible_values():
    table = slice_window(CountsA("binary"), LETTERS, (10, 20))
    assert table["part"].tolist() == list(PARTS)
    assert (table["lower"] <= table["prediction"]).all()
    assert (table["prediction"] <= table["upper"]).all()
    assert table["upper"].max() <= 1
    assert table["n"].tolist() == [1, 16, 16, 16]
    assert set(table["unit"]) == {"probability"}
    assert set(slice_window(CountsA(), LETTERS, (0, 5))["unit"]) == {"readout"}


def test_the_same_seed_gives_the_same_table():
    first, again, other = (slice_window(CountsA(), LETTERS, (3, 17), seed=s) for s in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.parametrize("window", [(5, 5), (-1, 5), (20, 31)])
def test_a_window_outside_is_refused(window):
    with pytest.raises(InputError, match=r"`window` is .*; expected first < end within 0 to 30"):
        slice_window(CountsA(), LETTERS, window)


def test_it_takes_one_sequence():
    with pytest.raises(InputError, match=r"`letters` has shape \(2, 30\); expected \(length,\)"):
        slice_window(CountsA(), np.stack([LETTERS, LETTERS]), (0, 5))
