"""A saved network predicts the same in a fresh process, and no file is ever executed."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from networks import NETWORKS, awake, sequences
from torch import nn

import motifbook as mb
from motifbook import InputError
from motifbook.models.network import Record

PREDICT = """
import sys, numpy as np, motifbook as mb
for number in range(int(sys.argv[1])):
    model = mb.load(f"{number}.motifbook")
    adata = mb.read(f"{number}.h5ad")
    np.save(f"{number}.npy", mb.predict(model, adata))
"""


def write_by_hand(path, **changes) -> None:
    """A saved CNN whose description was changed."""
    mb.save(mb.CNN(1), path)
    content = torch.load(path, weights_only=True)
    description = json.loads(content["description"]) | changes
    torch.save({**content, "description": json.dumps(description)}, path)


@pytest.mark.parametrize("name", NETWORKS)
def test_loading_gives_the_saved_network(name, tmp_path):
    model = awake(NETWORKS[name])
    model.record = Record(["a", "b"], ["binary"] * 2, [0.0] * 2, [1.0] * 2, 60, {"seed": 3})
    model.training_hashes = torch.arange(5)
    mb.save(model, tmp_path / "x.motifbook")
    loaded = mb.load(tmp_path / "x.motifbook")
    assert type(loaded) is type(model)
    assert loaded.settings == model.settings
    assert loaded.record == model.record
    assert not loaded.training
    assert torch.equal(loaded.training_hashes, model.training_hashes)
    onehot = sequences(model)
    assert torch.equal(loaded(onehot), model(onehot))


def test_an_untrained_network_can_be_saved(tmp_path):
    mb.save(mb.CNN(1), tmp_path / "x.motifbook")
    assert mb.load(tmp_path / "x.motifbook").record is None


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(trained, tmp_path):
    adata = trained.adata[:50].copy()
    published = mb.MotifSyntaxNet.published(1)
    attention = mb.MotifSyntaxNet(1, width=12, syntax="attention")
    for model in (published, attention):
        mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=3))
    models = [trained.model, published, attention]
    for number, model in enumerate(models):
        mb.save(model, tmp_path / f"{number}.motifbook")
        mb.write(adata, tmp_path / f"{number}.h5ad")
    arguments = [sys.executable, "-c", PREDICT, str(len(models))]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    subprocess.run(arguments, cwd=tmp_path, check=True, env={**os.environ, **threads})
    for number, model in enumerate(models):
        fresh = np.load(tmp_path / f"{number}.npy")
        np.testing.assert_array_equal(fresh, mb.predict(model, adata))


def test_saving_replaces_the_file_in_one_move(tmp_path):
    file = tmp_path / "x.motifbook"
    file.write_text("old")
    mb.save(mb.CNN(1), file)
    assert mb.load(file).n_readouts == 1
    assert list(tmp_path.iterdir()) == [file]


class Bomb:
    """Unpickling it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize(
    "dump", [torch.save, lambda what, path: path.write_bytes(pickle.dumps(what))]
)
def test_a_file_that_would_run_something_is_refused(dump, tmp_path):
    bomb, crater = tmp_path / "bomb.motifbook", tmp_path / "crater"
    dump({"description": Bomb(crater), "state": {}}, bomb)
    with pytest.raises(InputError, match=r"bomb\.motifbook is not a network saved by motifbook"):
        mb.load(bomb)
    assert not crater.exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b">peak\nACGT\n",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04rest",
        pickle.dumps(torch.ones(2)),
        b"\x93a",
    ],
)
def test_foreign_files_are_refused_with_the_way_out(content, tmp_path):
    file = tmp_path / "x.fa"
    file.write_bytes(content)
    with pytest.raises(
        InputError, match=r"x\.fa is not a network .*mb\.read_table or mb\.read_fasta"
    ):
        mb.load(file)


@pytest.mark.parametrize(
    "content", [torch.ones(3), {"state": {}}, {"description": "x", "state": {}}]
)
def test_other_files_of_torch_are_refused(content, tmp_path):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(InputError, match="is not a network saved by motifbook"):
        mb.load(tmp_path / "x.pt")


def test_a_later_format_asks_for_an_update(tmp_path):
    write_by_hand(tmp_path / "x.motifbook", format=9, motifbook="7.0")
    with pytest.raises(
        InputError, match=r"format 9, written by motifbook 7\.0; .*Update motifbook"
    ):
        mb.load(tmp_path / "x.motifbook")


def test_a_network_of_another_name_is_refused(tmp_path):
    write_by_hand(tmp_path / "x.motifbook", network="CNM")
    with pytest.raises(InputError, match=r"`network` is 'CNM'; .*Did you mean 'CNN'"):
        mb.load(tmp_path / "x.motifbook")


def test_a_missing_file_names_its_neighbor(tmp_path):
    mb.save(mb.CNN(1), tmp_path / "ctcf.motifbook")
    with pytest.raises(InputError, match=r"was not found\. Did you mean 'ctcf\.motifbook'"):
        mb.load(tmp_path / "ctfc.motifbook")


def test_saving_into_no_folder_or_something_else_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"There is no folder .*absent\. Make it first"):
        mb.save(mb.CNN(1), tmp_path / "absent" / "x.motifbook")
    with pytest.raises(InputError, match=r"`model` is a Linear; expected a network"):
        mb.save(torch.nn.Linear(1, 1), tmp_path / "x.motifbook")


def test_saving_over_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"is a folder; expected the name of a file in it"):
        mb.save(mb.CNN(n_readouts=1), tmp_path)


class Yours(nn.Module):
    """What a user may have: the share of a weighted letter, and a profile."""

    def __init__(self, seed, n=160):
        super().__init__()
        chance = torch.Generator().manual_seed(seed)
        self.weight = nn.Parameter(torch.randn(n, generator=chance))

    def forward(self, onehot):
        return (onehot @ onehot.transpose(1, 2), onehot.flatten(1) @ self.weight)


def wrapped(network, **changed):
    given = {"readouts": ["r"], "kinds": "binary", "length": 40, "output": 1, **changed}
    return mb.Foreign(network, **given)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"output": lambda result: result[1]},
        {"length": None, "inputs": {"sequence": mb.models.Input(40, axes="letters first")}},
    ],
)
def test_a_network_of_yours_is_loaded_into_your_class(changed, tmp_path):
    model = wrapped(Yours(0), **changed)
    mb.save(model, tmp_path / "x.motifbook")
    output = changed.get("output")
    yours = Yours(1)
    loaded = mb.load(tmp_path / "x.motifbook", network=yours, output=output)
    adata = mb.simulate(5, 40, rule="single", seed=0)
    np.testing.assert_array_equal(mb.predict(loaded, adata), mb.predict(model, adata))
    assert loaded.record == model.record
    assert loaded.settings == model.settings
    assert loaded.network is yours


def test_a_network_of_yours_is_refused_where_it_does_not_fit(tmp_path):
    path = tmp_path / "x.motifbook"
    mb.save(wrapped(Yours(0)), path)
    with pytest.raises(InputError, match=r"of a Yours of yours, `network` is None; .*Yours\(…\)"):
        mb.load(path)
    with pytest.raises(InputError, match=r"`network` is a Linear; expected a Yours"):
        mb.load(path, network=nn.Linear(2, 3))
    with pytest.raises(InputError, match=r"The `output` of the Yours .* is in the file; got 1\. L"):
        mb.load(path, network=Yours(1), output=1)
    other = Yours(1, n=20)
    with pytest.raises(InputError, match=r"`weight` has shape \(160,\) in .* and shape \(20,\) in"):
        mb.load(path, network=other)
    mb.save(wrapped(Yours(0), output=lambda result: result[1]), path)
    with pytest.raises(
        InputError, match=r"was a function, which files do not keep; got None\. Say"
    ):
        mb.load(path, network=Yours(1))
    mb.save(mb.CNN(1), path)
    with pytest.raises(InputError, match=r"a CNN of the book.*expected neither `network` nor"):
        mb.load(path, network=Yours(1))
