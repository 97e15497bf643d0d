"""From letters to one-hot batches; devices and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from motifbook import InputError
from motifbook.models import CNN, Foreign
from motifbook.onehot import onehot
from motifbook.train import batches


@pytest.mark.parametrize("n_letters", [4, 20])
def test_batches_are_encoded_as_everywhere_else(n_letters):
    letters = np.random.default_rng(0).integers(0, n_letters + 1, (30, 40)).astype(np.uint8)
    batch = batches.encode_batch(torch.as_tensor(letters), n_letters)
    assert batch.dtype == torch.float32
    np.testing.assert_array_equal(batch.numpy(), onehot(letters, n_letters))


def test_a_cpu_reads_few_letters_at_once_and_predicts_the_same(monkeypatch):
    letters = np.random.default_rng(0).integers(0, 4, (50, 40)).astype(np.uint8)
    network, sizes = CNN(1), []
    network.register_forward_hook(lambda _, given, __: sizes.append(len(given[0])))
    whole = batches.run(network, letters, device="cpu")
    monkeypatch.setattr(batches, "LETTERS_AT_ONCE", 400)
    few = batches.run(network, letters, device="cpu")
    assert sizes == [50, *[10] * 5]
    np.testing.assert_allclose(few, whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("device", "size"), [("cpu", 5), ("cuda", 512), ("mps", 512)])
def test_only_a_cpu_takes_less_than_was_asked_for(device, size):
    assert batches.rows_at_once(5000, 512, torch.device(device)) == size
    assert batches.rows_at_once(10**6, 1, torch.device(device)) == 1


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


def test_of_two_threads_the_first_to_end_leaves_the_other_in_evaluation_mode():
    model, cpu = CNN(1).train(), torch.device("cpu")
    first, second = batches.evaluating(model, cpu), batches.evaluating(model, cpu)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not model.training
    second.__exit__(None, None, None)
    assert all(part.training for part in model.modules())


def test_a_network_that_does_not_fit_on_a_device_comes_back_as_it_was(monkeypatch):
    def full(device):
        raise torch.cuda.OutOfMemoryError

    model, cpu = CNN(1).train(), torch.device("cpu")
    with monkeypatch.context() as patched:
        patched.setattr(model, "to", lambda device: full(device) if not model.training else model)
        with pytest.raises(torch.cuda.OutOfMemoryError), batches.evaluating(model, cpu):
            pass
    assert model.training
    with batches.evaluating(model, cpu):
        assert not model.training
    assert model.training


def test_threads_that_share_a_network_in_training_mode_predict_what_one_does():
    layers = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(240, 1))
    model = Foreign(layers, readouts=["a"], kinds="continuous", length=60).train()
    letters = np.random.default_rng(0).integers(0, 4, (64, 60)).astype(np.uint8)
    alone = batches.run(model, letters, batch_size=8)
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(lambda _: batches.run(model, letters, batch_size=8), range(16)))
    assert all(np.allclose(alone, one, atol=1e-6) for one in several)
    assert model.training


def test_devices_go_by_name():
    assert batches.pick_device("cpu") == torch.device("cpu")
    assert batches.pick_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(InputError, match=r"`device` is 'cuda:99'; expected one of 'auto', .*'cpu'"):
        batches.pick_device("cuda:99")


def test_gpus_do_not_round_inside_and_may_again_afterwards(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    parts = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [part.allow_tf32 for part in parts]
    with batches.single_precision(), batches.single_precision():
        assert [part.allow_tf32 for part in parts] == [False, False]
    assert [part.allow_tf32 for part in parts] == before
