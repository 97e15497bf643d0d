"""The published recipe runs as published: its parametrization, draws, penalties and sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import motifbook as mb
from motifbook.models.mask_network import MaskNetwork
from tests.test_scrambler_fit import finds, fit, ignores_chance, planted
from tests.toys import book


def test_its_settings_are_those_of_the_paper():
    options = mb.ScramblerOptions.published(1000, n_passes=5, sampling="gumbel")
    assert options.n_steps == 5 * 31  # trimmed to whole steps of 32
    assert (options.n_rows, options.n_draws) == (32, 32)
    assert (options.learning_rate, options.rate, options.curriculum) == (1e-4, "constant", "none")
    assert (options.parametrization, options.sampling) == ("softplus", "gumbel")
    assert (options.budget_form, options.budget_weight) == ("target", 10)
    assert options.divergence == "symmetric"


def test_its_network_has_five_groups_of_four_blocks_and_sees_161_letters():
    network = MaskNetwork(4, **mb.ScramblerOptions.published(100).network)
    assert len(network.groups) == 5
    assert all(len(group) == 4 for group in network.groups)
    assert network.reach == 161
    n_parameters = sum(parameter.numel() for parameter in network.parameters())
    assert n_parameters == 133_249  # five times (2 * 4 convolutions, norms), skips and ends
    convolutions = [part for part in network.modules() if isinstance(part, nn.Conv1d)]
    assert all((part.bias == 0).all() for part in convolutions)  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_an_even_width_gives_a_score_for_every_letter():
    network = MaskNetwork(4, width=8, dilations=(1,), blocks=4)  # the default of their class
    assert network(torch.eye(4).repeat(1, 5)[None]).shape == (1, 20)


def test_words_that_it_does_not_know_are_refused():
    with pytest.raises(mb.InputError, match="`norm` is 'group'; expected one of 'instance'"):
        MaskNetwork(4, norm="group")


@ignores_chance
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sampling": "gumbel", "budget_form": "max", "smoothing": 1.5},
        {"curriculum": "step", "start_share": 0.9, "fall": 0.5},
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["inclusion", "exclusion"])
def test_it_runs(changes, mode):
    small = {"n_passes": 2, "n_draws": 4, "network": {"blocks": 1, "start": "glorot"}}
    options = mb.ScramblerOptions.published(40, **small, **changes)
    scrambler = fit(finds(), book(planted(40)[0]), mode=mode, bits=0.25, options=options)
    assert np.isfinite(scrambler.history.to_numpy()).all()
    assert scrambler.bits == 0.25


def _spent(options: mb.ScramblerOptions, bits: float) -> float:
    scrambler = fit(finds(), book(planted(100)[0]), bits=bits, options=options)
    letters = torch.as_tensor(scrambler.training.letters.astype(int))
    onehot = nn.functional.one_hot(letters, 4).transpose(1, 2).float()
    selection = scrambler.rule.select(torch.as_tensor(scrambler.training.scores), onehot)
    return float(scrambler.rule.spent(selection, onehot).mean())


@pytest.mark.slow
@ignores_chance
def test_its_penalty_pulls_masks_to_the_budget():
    changes = {"n_draws": 2, "learning_rate": 2e-3, "network": {"blocks": 1}, "budget_weight": 100}
    options = mb.ScramblerOptions.published(320, **changes)
    assert 0.1 < _spent(options, 0.25) < 0.4
