"""The same results on every device, and every network where it was: with a GPU, and without one."""

from __future__ import annotations

import contextlib
import inspect

import numpy as np
import pytest
import torch
from device_calls import CALLS, network, sequences, values
from networks import NETWORKS, awake
from networks import sequences as onehot_of
from pretended import APART, Apart, device_apart

import motifbook as mb
from motifbook import InputError
from motifbook.attribution.chance import generator, uniform
from motifbook.attribution.scrambler.load import load_scrambler
from motifbook.train.batches import pick_device

ORDER = ["seed", "device", "batch_size", "progress"]
RUNNERS = """
    predict evaluate fit fit_repeats predict_spread attribute fit_scrambler load_scrambler
    optimize_masks fidelity fidelity_table marginalize ablate space read_motifs call_instances
    read_syntax compare_use score_variants compare_alleles design fit_judge fit_formula report
""".split()  # noqa: SIM905
REAL = [name for name in ("cuda", "mps") if getattr(torch, name).is_available()]
SLOW = ("motifs", "syntax", "fidelity", "scrambler, enhance", "scrambler, repress")
FIRST = ("fit", "fit_formula", "fit_judge", "scrambler")  # their training goes its own way


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def on_cpu(model):
    """What each call makes on the CPU, once."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = values(CALLS[name](model, device="cpu"))
        return made[name]

    return of


# ---- one word for it


@pytest.mark.parametrize("name", RUNNERS)
def test_all_that_runs_a_network_takes_a_device_by_the_same_word(name):
    function = getattr(mb, name)
    parameters = inspect.signature(function).parameters
    assert parameters["device"].default == "auto"
    assert parameters["device"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", RUNNERS)
def test_the_four_settings_of_a_run_stand_in_one_order(name):
    given = [one for one in inspect.signature(getattr(mb, name)).parameters if one in ORDER]
    assert given == [one for one in ORDER if one in given]


@pytest.mark.parametrize("device", ["gpu", "cuda:99", 0])
@pytest.mark.parametrize("name", CALLS)
def test_a_device_that_is_not_here_is_refused_by_name(model, name, device):
    with pytest.raises(InputError, match=r"`device` is .*; expected one of 'auto', .*'cpu'"):
        CALLS[name](model, device=device)


def test_a_scrambler_reads_where_it_was_trained_or_where_it_is_asked_to(model, tmp_path):
    made = mb.fit_scrambler(
        model,
        sequences(),
        bits=0.3,
        options=mb.ScramblerOptions(n_steps=1),
        seed=0,
        device="cpu",
        progress=False,
    )
    assert made.device == "cpu"
    made.save(tmp_path / "one.scrambler")
    assert load_scrambler(tmp_path / "one.scrambler", model, device="cpu").device == "cpu"
    with pytest.raises(InputError, match="`device` is 'gpu'; expected one of"):
        load_scrambler(tmp_path / "one.scrambler", model, device="gpu")


# ---- a device that is pretended: same numbers, nothing mixed, no float64, all put back


def test_what_is_pretended_refuses_what_a_device_refuses():
    near = torch.ones(3)
    with device_apart() as seen:
        assert pick_device("auto").type == "mps"
        far = near.to("mps")
        assert isinstance(far, Apart)
        assert far.device == APART
        assert ((far + 1) * 2).sum().item() == 12
        assert seen["add"] == 1
        with pytest.raises(RuntimeError, match="`add` mixes devices"):
            far + near
        with pytest.raises(TypeError, match=r"makes torch\.float64 on the device"):
            far.double()
        with pytest.raises(RuntimeError, match="not supported"):
            far.numpy()
        with pytest.raises(RuntimeError):
            torch.Generator("mps")
    assert pick_device("auto").type != "mps" or "mps" in REAL


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW))
        for name in CALLS
        if name not in FIRST
    ],
)
def test_results_on_a_device_are_those_of_the_cpu(model, on_cpu, name):
    before = {key: value.clone() for key, value in model.state_dict().items()}
    expected = on_cpu(name)
    model.train()
    with device_apart() as seen:
        found = values(CALLS[name](model))
        assert model.training
    model.eval()
    if name != "attribute, random":
        assert sum(seen.values()) > 50
    assert {type(one) for one in model.parameters()} == {torch.nn.Parameter}
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fit", "fit_judge", "scrambler"])
def test_trainings_on_a_device_go_as_on_the_cpu(model, on_cpu, name):
    with device_apart() as seen:
        found = values(CALLS[name](model))
    assert seen["convolution_backward"] > 0
    for one, other in zip(found, on_cpu(name), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["predict", "attribute, gradient", "design, greedy"])
def test_a_network_that_lives_on_a_device_goes_back_there(model, on_cpu, name):
    expected = on_cpu(name)
    with device_apart():
        model.to("mps")
        try:
            for device in ("auto", "cpu"):
                found = values(CALLS[name](model, device=device))
                assert all(isinstance(one, Apart) for one in model.parameters())
                for one, other in zip(found, expected, strict=True):
                    np.testing.assert_array_equal(one, other)
        finally:
            model.to("cpu")


def ppms(model):
    """Three motifs in the network's alphabet."""
    n_letters = model.alphabet.n_letters
    return list(np.random.default_rng(0).dirichlet(np.ones(n_letters), (3, 6)).transpose(0, 2, 1))


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_every_network_predicts_learns_and_is_seeded_on_a_device(build):
    results = []
    for place in ("cpu", "mps"):
        model = awake(build)
        onehot = onehot_of(model)
        with device_apart():
            model.to(place).train()
            onehot = onehot.to(place)
            readout = torch.ones(len(onehot), 2).to(place)
            torch.manual_seed(0)
            with contextlib.suppress(InputError):  # the published layout starts at random
                model.seed(ppms(model), onehot)
            for phase in model.phases():
                model.begin_phase(phase, onehot, readout)
            prediction = model(onehot)
            loss = (prediction - readout).pow(2).mean() + model.penalty(0.5, 1000)
            loss.backward()
            slopes = [one.grad for one in model.parameters() if one.grad is not None]
            assert all(one.device.type == place for one in [prediction, *slopes])
            results.append([one.detach().cpu().numpy() for one in [prediction, loss, *slopes]])
            model.to("cpu")
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_random_numbers_do_not_depend_on_the_device():
    here = uniform(2, 3, drawing=generator(5), device=torch.device("cpu"))
    with device_apart():
        there = uniform(2, 3, drawing=generator(5), device=torch.device("mps"))
        assert isinstance(there, Apart)
        np.testing.assert_array_equal(there.cpu(), here)
    assert here.unique().numel() == 6


# ---- a real one, where there is one


@pytest.mark.skipif(not REAL, reason="no GPU: neither CUDA nor Apple MPS is available")
@pytest.mark.parametrize("name", [name for name in CALLS if name not in FIRST])
def test_a_real_device_agrees_with_the_cpu(model, on_cpu, name):
    """Sums in another order differ by rounding: to 1 part in 1,000 of the largest value."""
    found = values(CALLS[name](model, device=REAL[0]))
    assert {one.device.type for one in model.parameters()} == {"cpu"}
    for one, other in zip(found, on_cpu(name), strict=True):
        size = np.abs(np.asarray(other, dtype=float)).max(initial=0)
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3 * size)


@pytest.mark.skipif(not REAL, reason="no GPU: neither CUDA nor Apple MPS is available")
@pytest.mark.parametrize("name", FIRST)
def test_a_real_device_trains(model, name):
    found = values(CALLS[name](model, device=REAL[0]))
    assert all(np.isfinite(np.asarray(one, dtype=float)).all() for one in found)
    assert {one.device.type for one in model.parameters()} == {"cpu"}
