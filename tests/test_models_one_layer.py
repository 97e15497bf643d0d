"""The one-layer network, and that training it is selecting motifs by their association score."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook import InputError
from motifbook import onehot as letters_as
from motifbook.models.one_layer import OneLayer
from motifbook.significance.association import ridge_score
from motifbook.significance.dictionary import matrix_activations, word_activations
from motifbook.significance.refinement import Refiner, Windows

WIDTH, N = 4, 60


@pytest.fixture(scope="module")
def data():
    """Sequences, and a readout that follows a motif with one column of two letters."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (N, 20)).astype(np.uint8)
    planted = np.eye(4)[[0, 2, 1, 3]].T
    planted[:, 1] = [0, 0, 0.6, 0.4]
    activation = matrix_activations(letters, [planted]).values[:, 0].astype(float)
    readout = activation / activation.std() + 0.4 * rng.standard_normal(N)
    return letters, readout


def onehot(letters, dtype=torch.float32):
    return torch.as_tensor(letters_as.onehot(letters), dtype=dtype)


def train(network, letters, readout, ppms):
    """Take the network to the minimum of its loss, on all rows at once."""
    network.seed(ppms)
    network.double()
    x, y = onehot(letters, torch.float64), torch.as_tensor(readout)[:, None]
    with torch.no_grad():
        columns = torch.cat([network.activation(x), torch.ones(len(x), 1)], dim=1)
        start = torch.linalg.lstsq(columns, y).solution
        network.readout.weight.copy_(start[:-1].T)
        network.readout.bias.copy_(start[-1])
    optimizer = torch.optim.LBFGS(network.parameters(), max_iter=500, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = (network(x) - y).square().mean() + network.penalty(1.0, len(x))
        value.backward()
        return value

    optimizer.step(loss)
    return loss().item()


def words_like(letters, readout, n):
    """The words that go best with a readout, (n, 4, WIDTH)."""
    words = word_activations(letters, WIDTH)
    centered = words.values - words.values.mean(axis=0)
    scores = np.abs(centered.T @ (readout - readout.mean())) / np.linalg.norm(centered, axis=0)
    return np.eye(4)[words.words[np.argsort(-scores)[:n]]].transpose(0, 2, 1)


def test_the_activation_is_that_of_the_dictionary_on_either_strand(data):
    letters = data[0].copy()
    letters[0, 3:6] = 4
    ppms = np.random.default_rng(1).dirichlet(np.ones(4), (3, WIDTH)).transpose(0, 2, 1)
    for both in (True, False):
        network = OneLayer(n_motifs=3, width=WIDTH, reverse_complement=both)
        with torch.no_grad():
            network.logits.copy_(torch.as_tensor(np.log(ppms)))
            activation = network.activation(onehot(letters))
        referee = matrix_activations(letters, list(ppms), both_strands=both)
        np.testing.assert_allclose(activation, referee.values, rtol=1e-4)


def test_a_word_by_hand():
    network = OneLayer(width=4, omega=3.0)
    gata = np.eye(4)[[2, 0, 3, 0]].T
    letters = letters_as.encode(["CCGATACC", "CCTATCCC", "CCGTTACC"])
    with torch.no_grad():
        network.logits.copy_(torch.as_tensor(1e3 * gata))
        activation = network.activation(onehot(letters))
    np.testing.assert_allclose(activation[:, 0], [1, 1, np.exp(-2 / 3)], rtol=1e-5)


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_training_to_the_minimum_is_selecting_by_the_ridge_score(data, ridge):
    letters, readout = data
    centered = readout - readout.mean()
    starts = words_like(letters, readout, 3)

    trained, losses = [], []
    for start in starts:
        network = OneLayer(width=WIDTH, ridge=ridge)
        losses.append(train(network, letters, readout, [start]))
        trained.append(network.ppms().detach().numpy()[0])
    by_training = trained[int(np.argmin(losses))]

    basis = np.ones((N, 1)) / np.sqrt(N)
    refiner = Refiner(Windows(letters, WIDTH), basis, n_parts=20, penalty=ridge)
    found = refiner.refine(starts.transpose(0, 2, 1), np.tile(centered, (3, 1)))
    best = int(found.score.argmax())
    by_score = found.columns[best].T

    strands = by_training, by_training[::-1, ::-1]
    assert min(np.abs(strand - by_score).max() for strand in strands) < 0.1
    selected = (centered @ centered - found.score[best]) / N
    assert selected * 0.97 < min(losses) < selected * 1.001  # the grid is coarser than training


def test_at_the_minimum_the_loss_is_what_the_ridge_score_leaves(data):
    letters, readout = data
    network = OneLayer(n_motifs=2, width=WIDTH, ridge=0.02)
    loss = train(network, letters, readout, words_like(letters, readout, 2))
    with torch.no_grad():
        activation = network.activation(onehot(letters, torch.float64)).numpy()
    centered = readout - readout.mean()
    score = ridge_score(activation - activation.mean(axis=0), centered, 0.02)
    assert loss == pytest.approx((centered @ centered - score) / N, rel=1e-4)


def test_columns_of_motifs_stay_on_the_simplex(data):
    network = OneLayer(width=WIDTH)
    train(network, *data, words_like(*data, 1))
    ppms = network.ppms().detach()
    assert ppms.min() >= 0
    torch.testing.assert_close(ppms.sum(dim=1), torch.ones(1, WIDTH, dtype=ppms.dtype))


def test_what_does_not_fit_is_refused():
    network = OneLayer(width=6, n_motifs=2)
    with pytest.raises(InputError, match=r"The sequences have 5 letters, the motifs 6; expected"):
        network(torch.zeros(1, 4, 5))
    with pytest.raises(InputError, match=r"`onehot` has shape \(1, 9, 4\).*transpose\(0, 2, 1\)"):
        network(torch.zeros(1, 9, 4))
    with pytest.raises(InputError, match=r"`ppms` has shape \(1, 4, 6\); expected 2 of"):
        network.seed([np.eye(4)[[0, 1, 2, 3, 0, 1]].T])
    with pytest.raises(InputError, match=r"`ridge` is -1; expected a number, 0 or more"):
        OneLayer(ridge=-1)
