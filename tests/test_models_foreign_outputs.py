"""What a torch network returns: which part of it are the readouts, logits or probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import expit
from torch import nn
from toys import book, quiet

import motifbook as mb
from motifbook import InputError
from motifbook.models.foreign_outputs import last_steps, pick, read, written

PROFILE, COUNTS = torch.zeros(2, 40), torch.tensor([[1.0, 2, 3], [4, 5, 6]])
RESULT = {"profile": PROFILE, "heads": (COUNTS, COUNTS[:, 0])}


class Head(nn.Module):
    """A dense layer whose result goes through `last`."""

    def __init__(self, last, n=1):
        super().__init__()
        self.last, self.dense = last, nn.Linear(160, n)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.dense.reset_parameters()

    def forward(self, onehot):
        return self.last(self.dense(onehot.flatten(1)))


def wrap(network, n=1, kinds="binary", **options):
    names = [f"r{number}" for number in range(n)]
    return mb.Foreign(network, readouts=names, kinds=kinds, length=40, **options)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (("heads", 0), [[1, 2, 3], [4, 5, 6]]),
        (("heads", 0, 1), [2, 5]),
        (("heads", 0, -1), [3, 6]),
        (("heads", 0, slice(1, 3)), [[2, 3], [5, 6]]),
        (("heads", [(0, 2), 1]), [[3, 1], [6, 4]]),
        (("heads", 0, lambda counts: counts.sum(dim=1)), [6, 15]),
        (lambda result: result["heads"][1], [1, 4]),
    ],
)
def test_readouts_are_picked(output, expected):
    assert pick(RESULT, output).tolist() == expected
    if not any(callable(step) for step in (output if isinstance(output, tuple) else [output])):
        assert pick(RESULT, read(written(output))).tolist() == expected


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("counts", r"asks for 'counts' of a dictionary of 'profile', 'heads'; expected"),
        (("heads", 2), r"asks for 2 of a tuple of 2"),
        (("heads", 0, 3), r"asks for 3 of a tensor of shape \(2, 3\)"),
        (("heads", 0, "a"), r"asks for 'a' of a tensor of shape"),
        (("heads", 1, 0), r"asks for 0 of a tensor of shape \(2,\)"),
    ],
)
def test_parts_that_are_not_there_are_refused(output, said):
    with pytest.raises(InputError, match=said):
        pick(RESULT, output)


def test_two_heads_in_a_dictionary_are_two_readouts():
    model = wrap(
        Head(lambda values: {"a": values[:, 0], "b": values[:, 1:]}, 2),
        2,
        "continuous",
        output=["b", "a"],
    )
    plain = wrap(Head(lambda values: values, 2), 2, "continuous")
    adata = book(quiet(3))
    np.testing.assert_array_equal(mb.predict(model, adata), mb.predict(plain, adata)[:, ::-1])


def test_values_outside_0_and_1_are_logits():
    model = wrap(Head(lambda values: 5 * values))
    assert model.probabilities is False
    assert "Binary readouts are logits: -" in repr(model)


@pytest.mark.parametrize(
    ("last", "n"),
    [
        (torch.sigmoid, 1),
        (lambda values: values.sigmoid().clamp(1e-6, 1 - 1e-6)[:, 0], 1),
        (lambda values: torch.cat([values.sigmoid(), values.sigmoid()], dim=1)[:, 1:], 1),
        (lambda values: torch.stack([values.softmax(1)[:, 1]], dim=-1), 3),
    ],
)
def test_the_last_step_tells_probabilities(last, n):
    model = wrap(Head(last, n))
    assert model.probabilities is True
    assert model.record.details["scale"].startswith("Binary readouts are probabilities, by their")
    inner = model.network(torch.zeros(1, 4, 40)).reshape(-1)
    assert expit(model(torch.zeros(1, 4, 40)).item()) == pytest.approx(inner.item(), abs=1e-5)


def test_only_binary_readouts_are_looked_at():
    def last(values):
        return torch.cat([values[:, :1].sigmoid(), 9 * values[:, 1:]], dim=1)

    assert wrap(Head(last, 2), 2, ["binary", "continuous"]).probabilities is True
    assert wrap(Head(last, 2), 2, ["continuous", "binary"]).probabilities is False


def test_what_stays_open_is_asked():
    model = wrap(Head(lambda values: values.sigmoid() * 0.5))
    assert model.probabilities is None
    assert "not known" in repr(model)
    with pytest.raises(InputError, match=r"look like probabilities.*`probabilities=True`"):
        mb.predict(model, book(quiet(20)))


def test_logarithms_of_probabilities_are_refused():
    with pytest.raises(InputError, match=r"logarithms of probabilities .*result\.exp\(\)"):
        wrap(Head(lambda values: values.log_softmax(dim=1), 2), 2)


def test_a_network_that_cannot_run_here_is_no_error_yet():
    class Elsewhere(nn.Module):
        def forward(self, onehot):
            raise RuntimeError("no such device")

    assert wrap(Elsewhere()).probabilities is None


def test_looking_changes_nothing():
    inner = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(160, 1), nn.BatchNorm1d(1))
    inner.train()
    inner[1].eval()
    before = {name: value.clone() for name, value in inner.state_dict().items()}
    torch.manual_seed(1)
    random = torch.random.get_rng_state()
    model = wrap(inner)
    assert torch.equal(torch.random.get_rng_state(), random)
    assert [part.training for part in inner] == [True, False, True, True]
    assert all(parameter.grad is None for parameter in inner.parameters())
    assert all(torch.equal(value, before[name]) for name, value in inner.state_dict().items())
    assert repr(model) == repr(wrap(inner))


def test_steps_that_only_move_values_are_looked_through():
    start = torch.zeros(4, 6, requires_grad=True)
    moved = start.tanh().reshape(2, 12).T.unsqueeze(0).expand(3, 12, 2).permute(2, 0, 1)[..., None]
    assert last_steps(moved.squeeze(-1).contiguous()) == {"Tanh"}
    assert last_steps(start.sigmoid() + 1) == {"Add"}
    assert last_steps(torch.zeros(3)) == set()
