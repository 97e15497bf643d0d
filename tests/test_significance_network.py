"""Training the one-layer network and selecting by association end at the same motif."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook.data.store import get_letters
from motifbook.models import OneLayer
from motifbook.onehot import onehot
from motifbook.significance.association import squared_correlation
from motifbook.significance.dictionary import word_activations
from motifbook.significance.prepare import prepare
from motifbook.significance.refinement import Refiner, Windows
from motifbook.significance.steps import first_step

N, WIDTH, N_STARTS, N_EPOCHS = 120, 6, 3, 800


@pytest.fixture(scope="module")
def data():
    """Sequences of which half hold a site of SPI1, and a noisy readout."""
    adata = mb.simulate(n=N, length=60, rule="single", seed=0)
    noise = np.random.default_rng(0).standard_normal(N)
    return get_letters(adata), adata.X[:, 0].astype(float) + 0.4 * noise


@pytest.fixture(scope="module")
def refiner(data):
    return Refiner(Windows(data[0], WIDTH), np.ones((N, 1)) / np.sqrt(N), n_parts=20)


@pytest.fixture(scope="module")
def starts(data):
    """The words that go best with the readout, (N_STARTS, WIDTH, 4)."""
    words = word_activations(data[0], WIDTH)
    prepared = prepare(words.values, data[1])
    order = np.argsort(-first_step(prepared).scores)[:N_STARTS]
    return np.eye(4)[words.words[prepared.motifs[order]]]


def trained(data, start):
    """Motif of the network after training from a motif, (WIDTH, 4), and the share it explains."""
    letters, readout = data
    network = OneLayer(width=WIDTH)
    network.seed([start.T])
    x, y = torch.as_tensor(onehot(letters)), torch.as_tensor(readout - readout.mean()).float()
    with torch.no_grad():
        columns = torch.cat([network.activation(x), torch.ones(N, 1)], dim=1)
        weight, bias = torch.linalg.lstsq(columns, y[:, None]).solution
        network.readout.weight.copy_(weight[None])
        network.readout.bias.copy_(bias)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, N_EPOCHS)
    for _ in range(N_EPOCHS):
        optimizer.zero_grad()
        loss = (network(x)[:, 0] - y).square().mean()
        loss.backward()
        optimizer.step()
        slower.step()
    return network.ppms().detach().numpy()[0].T, 1 - loss.item() / y.var(unbiased=False).item()


def selected(data, refiner, columns):
    centered = data[1] - data[1].mean()
    found = refiner.refine(columns, np.tile(centered / np.linalg.norm(centered), (len(columns), 1)))
    best = int(found.score.argmax())
    return found.columns[best], float(found.score[best])


@pytest.fixture(scope="module")
def by_training(data, starts):
    return max((trained(data, start) for start in starts), key=lambda found: found[1])


def test_what_the_network_explains_is_the_score_of_its_motif(data, refiner, by_training):
    activation = refiner.activation(by_training[0][None].astype(np.float32))[0]
    score = squared_correlation(activation[:, None], data[1])[0]
    assert by_training[1] == pytest.approx(score, rel=0.01)


def alike(refiner, one, other):
    both = np.stack([one, other]).astype(np.float32)
    return np.corrcoef(refiner.activation(both))[0, 1]


def test_the_selection_stays_where_the_network_ended(data, refiner, by_training):
    columns, score = selected(data, refiner, by_training[0][None])
    assert score == pytest.approx(by_training[1], rel=0.05)
    assert alike(refiner, columns, by_training[0]) > 0.95


def test_the_network_stays_where_the_selection_ended(data, refiner, starts):
    columns, score = selected(data, refiner, starts)
    again = trained(data, columns)
    assert score == pytest.approx(again[1], rel=0.05)
    assert alike(refiner, columns, again[0]) > 0.95


def test_both_find_the_planted_motif(data, refiner, starts, by_training):
    for columns in (by_training[0], selected(data, refiner, starts)[0]):
        consensus = "".join("ACGT"[code] for code in columns.argmax(axis=1))
        assert "GGAA" in consensus or "TTCC" in consensus  # the core of SPI1
