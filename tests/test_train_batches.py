"""From letters to one-hot batches; devices and threads."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook import InputError
from motifbook.models import CNN
from motifbook.onehot import onehot
from motifbook.train import batches


@pytest.mark.parametrize("n_letters", [4, 20])
def test_batches_are_encoded_as_everywhere_else(n_letters):
    letters = np.random.default_rng(0).integers(0, n_letters + 1, (30, 40)).astype(np.uint8)
    batch = batches.encode_batch(torch.as_tensor(letters), n_letters)
    assert batch.dtype == torch.float32
    np.testing.assert_array_equal(batch.numpy(), onehot(letters, n_letters))


def test_threads_are_never_more_than_the_cores_or_the_caller_wants():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        with batches.threads():
            assert torch.get_num_threads() == 1
        torch.set_num_threads(64)
        with batches.threads():
            assert torch.get_num_threads() <= max(
                1, min(batches.usable_cores() - 1, batches.MAX_THREADS)
            )
        assert torch.get_num_threads() == 64
    finally:
        torch.set_num_threads(before)


def test_threads_are_restored_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(KeyError), batches.threads():
        raise KeyError
    assert torch.get_num_threads() == before


def test_a_network_comes_back_as_it_was_even_after_an_error():
    model, modes = CNN(1).train(), []
    model.register_forward_hook(lambda *_: modes.append(model.training))
    too_short = np.zeros((2, 5), np.uint8)
    with pytest.raises(InputError, match="have 5 letters"):
        batches.run(model, too_short)
    batches.run(model, np.zeros((2, 50), np.uint8))
    assert modes == [False]
    assert model.training


def test_devices_go_by_name():
    assert batches.pick_device("cpu") == torch.device("cpu")
    assert batches.pick_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(InputError, match=r"`device` is 'cuda:99'; expected one of 'auto', .*'cpu'"):
        batches.pick_device("cuda:99")
