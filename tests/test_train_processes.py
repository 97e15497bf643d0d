"""Two processes that train together end where one does; what is refused, and what a death does."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook._digest import digest
from motifbook.models import CNN, ContextualRegression, MotifSyntaxNet
from motifbook.models.network import Network
from motifbook.train import FitOptions, processes
from motifbook.train.shares import Shares

N_STEPS = 15


class BothStrands(CNN):
    """Shown every sequence and its reverse complement."""

    show_both_strands = True


class Normalized(Network):
    """Whose statistics are those of a batch."""

    def __init__(self, n_readouts, alphabet="DNA"):
        super().__init__(n_readouts, alphabet, {})
        self.layers = torch.nn.Sequential(
            torch.nn.Conv1d(4, 6, 9, bias=False), torch.nn.BatchNorm1d(6), torch.nn.ReLU()
        )
        self.readout = torch.nn.Linear(6, n_readouts)

    def forward(self, onehot):
        return self.readout(self.layers(onehot).amax(dim=2))


class Fragile(CNN):
    """Killed in the second process after some steps, while a file says so."""

    def forward(self, onehot):
        self.calls = getattr(self, "calls", 0) + self.training
        if self.calls > 9 and os.environ.get("LOCAL_RANK") == "1" and Path(FUSE.name).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(onehot)


FUSE = Path("fuse")  # in the folder where the test runs

NETWORKS = {
    "pairs": lambda: MotifSyntaxNet(2, width=10),
    "both strands": lambda: BothStrands(2, n_filters=4, width=8),
    "batch norm": lambda: Normalized(2),
    "residual context": lambda: ContextualRegression(2, n_filters=4, context="residual"),
}
CASES = [  # network, rows per batch, share of values that are missing
    ("pairs", 64, 0.0),
    ("pairs", 64, 0.4),
    ("both strands", 65, 0.4),
    ("batch norm", 65, 0.0),
    ("residual context", 65, 0.0),
]


def make(missing: float = 0.0):
    adata = mb.simulate(160, 50, rule="single", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.2, 0.0), seed=0)
    both = np.column_stack([np.asarray(adata.X), np.random.default_rng(0).normal(size=160)])
    both[np.random.default_rng(1).random(both.shape) < missing] = np.nan
    made = type(adata)(both.astype(np.float32), obs=adata.obs, uns=adata.uns)
    made.var_names = ["bound", "level"]
    return made


def train(model, adata, *, batch_size=64, **options):
    how = FitOptions(n_steps=N_STEPS, patience=99, class_weights=True, **options)
    return mb.fit(model, adata, seed=0, batch_size=batch_size, progress=False, options=how)


def train_all(arrays, options):
    """Every case; what each of two processes runs."""
    states = {}
    for number, (name, batch_size, missing) in enumerate(CASES):
        model = NETWORKS[name]()
        history = train(model, make(missing), batch_size=batch_size, **options)
        states[str(number)] = model.state_dict()
        losses = [(one["train_loss"], one["validation_loss"]) for one in history.rounds]
        states[f"losses {number}"] = torch.tensor(losses)
    return states


def largest_difference(first, second) -> float:
    return max(
        (first[key].double() - second[key].double()).abs().max().item()
        for key in first
        if first[key].numel()
    )


@pytest.mark.slow
def test_two_processes_end_where_one_does():
    one = train_all({}, {})
    two = processes.start(train_all, 2, {}, {"strategy": "ddp"})
    for number, case in enumerate(CASES):
        off = largest_difference(one[str(number)], two[str(number)])
        assert off < 1e-4, f"{case}: {off}"
        losses = f"losses {number}"
        torch.testing.assert_close(one[losses], two[losses], rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_a_killed_process_ends_the_training_and_the_checkpoint_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    adata, file = make(), tmp_path / "run.ckpt"
    whole, model = Fragile(2, n_filters=4, width=8), Fragile(2, n_filters=4, width=8)
    train(whole, adata)
    how = FitOptions(n_steps=N_STEPS, patience=99, class_weights=True, n_devices=2)
    settings = {"seed": 0, "batch_size": 64, "progress": False, "options": how}
    FUSE.touch()
    with pytest.raises(InputError, match=r"Process 2 of the 2 .* ended by SIGKILL.*resume=True"):
        mb.fit(model, adata, checkpoint=file, **settings)
    assert 0 < torch.load(file, weights_only=True)["numbers"][0] < N_STEPS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fuse", "run.ckpt"]
    FUSE.unlink()
    history = mb.fit(model, adata, checkpoint=file, resume=True, **settings)
    assert [one["step"] for one in history.rounds] == list(range(1, N_STEPS + 1))
    assert largest_difference(whole.state_dict(), model.state_dict()) < 1e-5
    assert not model.training
    assert "WORLD_SIZE" not in os.environ


class Fabric:
    """Of three processes that each say what the first of them says."""

    device, global_rank, world_size = torch.device("cpu"), 1, 3

    def all_reduce(self, value, reduce_op):
        return 3 * value if reduce_op == "sum" else value


def test_shares_of_a_batch_are_disjoint_and_complete():
    rows, parts = torch.arange(65), []
    shares = Shares(Fabric())
    for shares.rank in range(3):
        parts.append(shares.part(rows))
    assert [len(part) for part in parts] == [22, 22, 21]
    assert torch.cat(parts).sort().values.tolist() == rows.tolist()


def test_gradients_are_summed_and_those_that_nobody_has_stay_away():
    used, unused = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    used.grad = torch.tensor([1.0, 2.0])
    shares = Shares(Fabric())
    assert shares.add_gradients([used, unused], torch.tensor(0.5)) == 1.5
    assert used.grad.tolist() == [3.0, 6.0]
    assert unused.grad is None
    assert not shares.stops
    shares.wants_to_stop = True
    shares.add_gradients([used, unused], torch.tensor(0.5))
    assert shares.stops


def test_ctrl_c_is_put_off_until_all_can_stop():
    before = signal.getsignal(signal.SIGINT)
    with Shares(Fabric()) as shares:
        os.kill(os.getpid(), signal.SIGINT)
        assert shares.wants_to_stop
    assert signal.getsignal(signal.SIGINT) is before


def test_a_process_that_is_gone_is_told():
    class Lost(Fabric):
        def all_reduce(self, value, reduce_op):
            raise RuntimeError("Connection closed by peer [127.0.0.1]:4711")

    with pytest.raises(InputError, match=r"Another process .* ended.*closed by peer.*resume=True"):
        Shares(Lost()).total(torch.ones(1))


def test_processes_with_other_data_are_refused():
    class Other(Fabric):
        def all_reduce(self, value, reduce_op):
            return torch.maximum(value, torch.tensor([7, -3]))

    Shares(Fabric()).refuse_others(digest("a"))
    with pytest.raises(InputError, match="came with different data, weights or settings"):
        Shares(Other()).refuse_others(digest("a"))


def test_a_network_leaves_as_it_came():
    model, shares = NETWORKS["batch norm"](), Shares(Fabric())
    onehot = torch.eye(4)[torch.randint(4, (8, 30))].transpose(1, 2)
    alone = model.train()(onehot)
    shares.join(model)
    torch.testing.assert_close(model(onehot), alone)  # three times the same rows
    shares.leave(model)
    assert model.shares is None
    assert "forward" not in vars(model.layers[1])


def test_what_is_not_there_is_refused(monkeypatch):
    adata = make()
    for name in ("WORLD_SIZE", "LOCAL_RANK", "SLURM_NTASKS", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=r"runs alone.*torchrun --nproc_per_node 2"):
        train(CNN(2), adata, strategy="ddp")
    with pytest.raises(InputError, match=r"`seed` is None with `strategy=\"ddp\"`"):
        mb.fit(CNN(2), adata, progress=False, options=FitOptions(strategy="ddp"))
    with pytest.raises(InputError, match="`strategy` is 'spawn'; expected one of 'auto', 'ddp'"):
        train(CNN(2), adata, strategy="spawn")
    with pytest.raises(InputError, match="`n_devices` is 0; expected a whole number, 1 or more"):
        train(CNN(2), adata, n_devices=0)
    with pytest.raises(InputError, match="`precision` is '16'; expected one of '32-true'"):
        train(CNN(2), adata, precision="16")


def test_apples_gpu_and_missing_gpus_are_refused(monkeypatch):
    monkeypatch.setattr(processes, "pick_device", torch.device)
    with pytest.raises(InputError, match="2 processes cannot share Apple's GPU"):
        processes.refuse_devices("mps", 2)
    with pytest.raises(InputError, match=r"`device` is 'cuda:1' for 2 processes"):
        processes.refuse_devices("cuda:1", 2)
    processes.refuse_devices("cpu", 9)


def test_a_network_defined_inside_a_function_is_refused():
    class Inside(CNN):
        pass

    with pytest.raises(InputError, match=r"cannot be handed to other processes.*top of a module"):
        train(Inside(2, n_filters=4, width=8), make(), n_devices=2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"WORLD_SIZE": "6", "LOCAL_WORLD_SIZE": "2", "LOCAL_RANK": "0"}, (2, 3)),
        ({"WORLD_SIZE": "2", "LOCAL_RANK": "1"}, (2, 1)),
        ({"SLURM_NTASKS": "8", "SLURM_NNODES": "2", "SLURM_PROCID": "5"}, (4, 2)),
    ],
)
def test_processes_are_counted_from_what_the_launcher_says(said, expected, monkeypatch):
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK", "SLURM_NTASKS", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert processes.running() == expected


def test_a_network_class_of_a_notebook_is_refused_by_the_process_that_lacks_it():
    job = b"cmotifbook.train\nNotThere\n."  # what pickle writes for a class by its name
    with pytest.raises(InputError, match=r"NotThere.*define network classes of your own in a mod"):
        processes._unpickled(job)
