"""Stopping a training and going on: by hand, by accident, by patience."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.train import FitOptions, History, Plan, TrainingData, loop
from motifbook.train.loop import ROUNDS, _Run
from motifbook.train.losses import make_loss

N_STEPS, HALF_WAY = 45, 31  # every third step is a round; 31 falls between two
OPTIONS = FitOptions(n_steps=N_STEPS, patience=100)


def make():
    adata = mb.simulate(200, 60, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.2, 0.0), seed=0)
    return adata


def new() -> MotifSyntaxNet:
    return MotifSyntaxNet(1, width=10)


def train(model, adata, *, seed=0, options=OPTIONS, **more) -> History:
    return mb.fit(model, adata, seed=seed, progress=False, options=options, **more)


def stop_at(step: int, monkeypatch, how) -> None:
    """Call `how` in place of a step."""
    take_step = _Run._take_step

    def stop_or_step(run):
        if run.step == step:
            how()
        return take_step(run)

    monkeypatch.setattr(_Run, "_take_step", stop_or_step)


def stopped_by_hand():
    raise KeyboardInterrupt


def same(first, second) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return all(torch.equal(ours[key], theirs[key]) for key in ours | theirs)


@pytest.fixture(scope="module")
def adata():
    return make()


@pytest.fixture(scope="module")
def whole(adata):
    """Trained without interruption: the network and its history."""
    model = new()
    return model, train(model, adata)


@pytest.fixture(scope="module")
def checkpoint(adata, tmp_path_factory):
    """Written by a whole training."""
    file = tmp_path_factory.mktemp("whole") / "run.ckpt"
    train(new(), adata, checkpoint=file)
    return file


@pytest.mark.parametrize("step", [0, 2, HALF_WAY])
def test_interrupting_keeps_a_network_that_can_be_used(step, adata, monkeypatch):
    stop_at(step, monkeypatch, stopped_by_hand)
    model = new()
    history = train(model, adata)
    assert history.stopped == "interrupted"
    assert repr(history).startswith("History(interrupted")
    assert model.record.details["stopped"] == "interrupted"
    assert not model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert np.isfinite(mb.predict(model, adata)).all()


def test_interrupting_keeps_the_best_weights_so_far(adata, monkeypatch):
    kept = {}
    look = _Run._look

    def look_and_keep(run, train_loss):
        look(run, train_loss)
        kept[len(run.history.rounds) - 1] = {
            key: value.clone() for key, value in run.network.state_dict().items()
        }

    monkeypatch.setattr(_Run, "_look", look_and_keep)
    stop_at(N_STEPS - 1, monkeypatch, stopped_by_hand)
    model = new()
    history = train(model, adata)
    losses = [one["validation_loss"] for one in history.rounds]
    late = [number for number, one in enumerate(history.rounds) if one["step"] >= N_STEPS / 2]
    assert history.best_round == min(late, key=losses.__getitem__)
    state = model.state_dict()
    best = kept[history.best_round]
    assert all(torch.equal(state[key], best[key]) for key in best if key != "training_hashes")


def test_a_training_interrupted_by_hand_ends_like_a_whole_one(adata, whole, monkeypatch, tmp_path):
    file = tmp_path / "run.ckpt"
    with monkeypatch.context() as patched:
        stop_at(HALF_WAY, patched, stopped_by_hand)
        train(new(), adata, checkpoint=file)
    resumed = new()
    history = train(resumed, adata, checkpoint=file, resume=True)
    assert same(resumed, whole[0])
    assert history.rounds == whole[1].rounds
    assert history.stopped == "finished"


def test_a_training_in_phases_interrupted_in_each_ends_like_a_whole_one(
    adata, monkeypatch, tmp_path
):
    whole, file = MotifSyntaxNet(1, width=10, syntax="attention"), tmp_path / "run.ckpt"
    history = train(whole, adata)
    assert [one["phase"] for one in history.rounds] == ["reader"] * 4 + ["motifs and reader"] * 11
    for step in (8, HALF_WAY):
        with monkeypatch.context() as patched:
            stop_at(step, patched, stopped_by_hand)
            stopped = MotifSyntaxNet(1, width=10, syntax="attention")
            train(stopped, adata, checkpoint=file, resume=True)
            assert all(parameter.requires_grad for parameter in stopped.parameters())
    resumed = MotifSyntaxNet(1, width=10, syntax="attention")
    train(resumed, adata, checkpoint=file, resume=True)
    assert same(resumed, whole)


def test_groups_that_a_phase_does_not_name_rest(adata, monkeypatch):
    model, weights = MotifSyntaxNet(1, width=10, syntax="attention"), []
    take_step = _Run._take_step

    def take_step_and_look(run):
        weights.append((run._phase()[1].name, run.network.motifs.weight.detach().clone()))
        return take_step(run)

    monkeypatch.setattr(_Run, "_take_step", take_step_and_look)
    train(model, adata)
    resting = [weight for name, weight in weights if name == "reader"]
    assert len(resting) == 14
    assert all(torch.equal(weight, resting[0]) for weight in resting)
    assert not torch.equal(weights[-1][1], resting[0])


def test_rates_warm_up_and_cool_down_except_as_published(adata, monkeypatch):
    rates, take_step = [], _Run._take_step

    def take_step_and_look(run):
        rates.append(run.optimizer.param_groups[0]["lr"])
        return take_step(run)

    monkeypatch.setattr(_Run, "_take_step", take_step_and_look)
    options = FitOptions(n_steps=100, patience=100)
    train(CNN(1, n_filters=2, width=5), adata, options=options)
    ours = np.array(rates)
    rates.clear()
    train(MotifSyntaxNet.published(1, n_layers=1), adata, options=options)
    assert ours[0] == pytest.approx(1e-2 / 50)
    assert ours.argmax() in range(40, 50)
    assert (np.diff(ours[50:]) <= 0).all()
    assert ours[-1] == pytest.approx(0.02 * 1e-2)
    np.testing.assert_allclose(rates, 1e-3 * np.minimum(np.arange(1, 101) / 50, 1))


def test_the_published_network_sees_every_sequence_on_both_strands(adata):
    model, batches = MotifSyntaxNet.published(1, n_layers=1), []
    model.register_forward_hook(
        lambda network, given, _: batches.append((network.training, *given))
    )
    train(model, adata, options=FitOptions(n_steps=1))
    (onehot,) = (onehot for training, onehot in batches if training)
    first, second = onehot[: len(onehot) // 2], onehot[len(onehot) // 2 :]
    assert len(first) == 128
    assert torch.equal(second, first[:, [3, 2, 1, 0]].flip(2))


def die_in_mid_writing(file: str) -> None:
    """What the killed process runs: it dies as its seventh checkpoint is about to take its name."""
    replace, patched = Path.replace, pytest.MonkeyPatch()
    written: list[Path] = []

    def replace_or_die(part: Path, target: Path) -> Path:
        written.append(part)
        if len(written) == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(part, target)

    patched.setattr(Path, "replace", replace_or_die)
    train(new(), make(), checkpoint=file)


@pytest.mark.slow
def test_a_killed_training_ends_like_a_whole_one_and_leaves_nothing(adata, whole, tmp_path):
    file, here = tmp_path / "run.ckpt", Path(__file__)
    command = f"import {here.stem}; {here.stem}.die_in_mid_writing({str(file)!r})"
    killed = subprocess.run([sys.executable, "-c", command], cwd=here.parent, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2  # the sixth checkpoint, and what became no seventh
    assert torch.load(file, weights_only=True)["numbers"][0] == 18
    resumed = new()
    train(resumed, adata, checkpoint=file, resume=True)
    assert same(resumed, whole[0])
    assert [path.name for path in tmp_path.iterdir()] == ["run.ckpt"]


def test_a_disk_that_fills_up_costs_the_checkpoint_not_the_training(
    adata, whole, monkeypatch, tmp_path
):
    file, write, n_written = tmp_path / "run.ckpt", Path.write_bytes, []

    def write_while_there_is_room(path: Path, content: bytes) -> int:
        n_written.append(path)
        if len(n_written) > 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    model = new()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_while_there_is_room)
        with pytest.warns(UserWarning, match=r"At step 15 no checkpoint .*No space left") as told:
            history = train(model, adata, checkpoint=file)
    assert len(told) == 1
    assert history.stopped == "finished"
    assert same(model, whole[0])
    assert "At step 45 no checkpoint was written; training went on" in history.notes[-1]
    assert model.record.details["notes"] == history.notes
    assert torch.load(file, weights_only=True)["numbers"][0] == 12
    resumed = new()
    assert not train(resumed, adata, checkpoint=file, resume=True).notes[-1].startswith("At step")
    assert same(resumed, whole[0])


def test_a_folder_where_nothing_can_be_written_is_refused_before_training(adata, monkeypatch):
    stop_at(0, monkeypatch, lambda: pytest.fail("a step was taken"))
    with pytest.raises(InputError, match=r"cannot be written \(.*\)\. Name a file in a folder"):
        train(new(), adata, checkpoint="/proc/run.ckpt")


@pytest.mark.parametrize("make_network", [new, lambda: MotifSyntaxNet.published(1, n_layers=1)])
def test_half_precision_keeps_weights_losses_and_penalties_whole(adata, make_network, monkeypatch):
    take_step = _Run._take_step
    model, full = make_network(), make_network()

    def take_step_and_look(run):
        penalty = run.network.penalty(1.0, 160)
        loss = take_step(run)
        assert loss.dtype == penalty.dtype == torch.float32
        return loss

    monkeypatch.setattr(_Run, "_take_step", take_step_and_look)
    half = FitOptions(n_steps=N_STEPS, patience=100, precision="bf16-mixed")
    history = train(model, adata, options=half)
    train(full, adata)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not same(model, full)
    assert np.isfinite([one["train_loss"] for one in history.rounds]).all()


def test_checkpoints_change_nothing_and_a_finished_one_is_not_gone_on_from(
    adata, whole, checkpoint, monkeypatch
):
    stop_at(N_STEPS - 1, monkeypatch, lambda: pytest.fail("a finished training took a step"))
    resumed = new()
    history = train(resumed, adata, checkpoint=checkpoint, resume=True)
    assert same(resumed, whole[0])
    assert history.rounds == whole[1].rounds


def test_resuming_without_a_file_starts(adata, whole, tmp_path):
    model = new()
    train(model, adata, checkpoint=tmp_path / "new.ckpt", resume=True)
    assert same(model, whole[0])


def test_patience_stops_early_and_resuming_does_not_go_on(adata, tmp_path):
    options = FitOptions(n_steps=N_STEPS, patience=0)
    model, resumed, file = new(), new(), tmp_path / "run.ckpt"
    history = train(model, adata, options=options, checkpoint=file)
    assert history.stopped == "early"
    assert N_STEPS / 2 <= history.rounds[-1]["step"] < N_STEPS
    again = train(resumed, adata, options=options, checkpoint=file, resume=True)
    assert again.rounds == history.rounds
    assert again.stopped == "early"
    assert same(model, resumed)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"seed": None},
        {"batch_size": 64},
        {"options": FitOptions(n_steps=N_STEPS + 1)},
        {"options": FitOptions(n_steps=N_STEPS, patience=100, class_weights=True)},
        {"options": FitOptions(n_steps=N_STEPS, patience=100, precision="bf16-mixed")},
    ],
)
def test_a_checkpoint_of_another_training_is_refused(other, adata, checkpoint):
    with pytest.raises(
        InputError, match=r"another training .* same data, seed and settings\. Remo"
    ):
        train(new(), adata, checkpoint=checkpoint, resume=True, **other)


def test_a_checkpoint_of_another_network_or_other_rows_is_refused(adata, checkpoint):
    with pytest.raises(InputError, match=r"another training"):
        train(CNN(1), adata, checkpoint=checkpoint, resume=True)
    with pytest.raises(InputError, match=r"another training"):
        train(new(), adata[20:].copy(), checkpoint=checkpoint, resume=True)


@pytest.mark.parametrize("what", ["letters", "readouts", "split"])
def test_a_checkpoint_of_as_many_rows_of_other_data_is_refused(what, adata, checkpoint):
    other = adata.copy()
    if what == "letters":
        other.obs["sequence"] = [sequence[::-1] for sequence in other.obs["sequence"]]
    elif what == "readouts":
        other.X = 1 - other.X
    else:  # a row to learn from, a row to validate on
        rows = [list(other.obs["split"]).index(part) for part in ("train", "validation")]
        other.obs["split"] = other.obs["split"].astype(str)
        other.obs.iloc[rows, other.obs.columns.get_loc("split")] = ["validation", "train"]
    with pytest.raises(InputError, match=r"another training .* expected the same data"):
        train(new(), other, checkpoint=checkpoint, resume=True)


def test_something_else_in_place_of_a_checkpoint_is_refused(adata, tmp_path):
    file = tmp_path / "run.ckpt"
    file.write_text(">peak\nACGT\n")
    with pytest.raises(InputError, match=r"run\.ckpt is not a checkpoint of `mb\.fit`\. Remove it"):
        train(new(), adata, checkpoint=file, resume=True)


def test_a_checkpoint_that_would_run_something_is_refused(adata, tmp_path):
    class Bomb:
        def __reduce__(self):
            return open, (str(tmp_path / "crater"), "w")

    file = tmp_path / "run.ckpt"
    torch.save({"training": Bomb()}, file)
    with pytest.raises(InputError, match="is not a checkpoint"):
        train(new(), adata, checkpoint=file, resume=True)
    assert not (tmp_path / "crater").exists()


def test_a_checkpoint_in_no_folder_is_refused_before_training(adata, tmp_path):
    with pytest.raises(InputError, match=r"There is no folder .*absent\. Make it first"):
        train(new(), adata, checkpoint=tmp_path / "absent" / "run.ckpt")


def test_resuming_from_nothing_is_refused(adata):
    with pytest.raises(InputError, match=r"`resume` is True, `checkpoint` None"):
        train(new(), adata, resume=True)


def test_the_history_has_fifteen_rounds_with_falling_loss(whole):
    history = whole[1]
    assert [one["step"] for one in history.rounds] == list(range(3, N_STEPS + 1, 3))
    assert len(history.rounds) == ROUNDS
    assert history.rounds[-1]["train_loss"] < history.rounds[0]["train_loss"]
    assert history.table().shape == (ROUNDS, 4)
    assert repr(history).startswith(f"History(finished after {N_STEPS} steps, validation loss 0.")
    assert repr(History()) == "History(finished, no rounds)"


def test_every_row_is_seen_once_per_pass():
    data = TrainingData(
        letters=np.zeros((40, 30), np.uint8),
        readout=np.zeros((40, 1), np.float32),
        train=np.arange(5, 37),
        validation=np.arange(5),
    )
    run = _Run(CNN(1), data, Plan(n_steps=8, batch_size=8), make_loss(["continuous"]))
    passes = []
    for run.step in range(8):
        passes.append(run._batch_rows())
    first, second = torch.cat(passes[:4]), torch.cat(passes[4:])
    assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(5, 37))
    assert first.tolist() != second.tolist()


def test_the_loop_trains_any_network_on_arrays():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (200, 20)).astype(np.uint8)
    readout = (letters == 2).sum(axis=1, keepdims=True).astype(np.float32) / 5 - 1
    data = TrainingData(letters, readout, np.arange(160), np.arange(160, 200))
    model = CNN(1, n_filters=8, width=20, reverse_complement=False)
    plan = Plan(n_steps=300, progress=False)
    history = loop(model, data, plan, make_loss(["continuous"]))
    assert history.rounds[history.best_round]["validation_loss"] < 0.25 * readout.var()


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path):
    adata = mb.simulate(n=60, length=60, rule="single", seed=0)
    model, options = mb.CNN(n_readouts=1, n_filters=2, width=8), mb.FitOptions(n_steps=2)
    with pytest.raises(mb.InputError, match="is a folder; expected the name of a file"):
        mb.fit(model, adata, seed=0, progress=False, options=options, checkpoint=tmp_path)
