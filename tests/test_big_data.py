"""Large sets: letters stay codes, may stay on disk, and train the same network from there."""

from __future__ import annotations

import subprocess
import sys

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.data import letters_file, store


@pytest.fixture(autouse=True)
def all_is_large(monkeypatch):
    monkeypatch.setattr(letters_file, "MANY_LETTERS", 100)


@pytest.fixture
def adata():
    """Half of the sequences hold GATAAG."""
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (400, 60)).astype(np.uint8)
    bound = rng.random(400) < 0.5
    letters[bound, 20:26] = [2, 0, 3, 0, 0, 2]
    book = ad.AnnData(
        X=bound.astype(np.float32)[:, None],
        obs=pd.DataFrame(index=[f"s{row}" for row in range(400)]),
        var=pd.DataFrame(index=["bound"]),
        obsm={"letters": letters, "replicates:bound": np.ones((400, 2), dtype=np.float32)},
        uns={"alphabet": "DNA", "done": ["Made."], "truth": {"n": None}},
    )
    book.obs["split"] = mb.split(book, seed=0)
    return book


@pytest.fixture
def path(adata, tmp_path):
    mb.write(adata, tmp_path / "book.h5ad")
    return tmp_path / "book.h5ad"


def test_letters_are_one_plain_block_that_anndata_reads(adata, path):
    with h5py.File(path) as file:
        dataset = file["obsm/letters"]
        assert dataset.chunks is None
        assert dataset.compression is None
        assert dict(dataset.attrs) == {"encoding-type": "array", "encoding-version": "0.2.0"}
    plain = ad.read_h5ad(path)
    np.testing.assert_array_equal(plain.obsm["letters"], adata.obsm["letters"])
    assert plain.obs_names.tolist() == adata.obs_names.tolist()


@pytest.mark.parametrize("backed", [False, True])
def test_a_book_comes_back_from_disk(adata, path, backed):
    back = mb.read(path, backed=backed)
    np.testing.assert_array_equal(back.obsm["letters"], adata.obsm["letters"])
    np.testing.assert_array_equal(back.obsm["replicates:bound"], np.ones((400, 2)))
    np.testing.assert_array_equal(back.X, adata.X)
    pd.testing.assert_frame_equal(back.obs, adata.obs)
    assert dict(back.uns) == {"alphabet": "DNA", "done": ["Made."], "truth": {"n": None}}
    assert isinstance(back.obsm["letters"], np.memmap) == backed


def test_what_is_changed_in_memory_never_reaches_the_file(adata, path):
    backed = mb.read(path, backed=True)
    backed.obsm["letters"][:] = 4
    np.testing.assert_array_equal(mb.read(path).obsm["letters"], adata.obsm["letters"])


def test_a_backed_book_may_replace_its_own_file(adata, path):
    backed = mb.read(path, backed=True)
    backed.obs["n"] = np.arange(400)
    mb.write(backed, path)
    again = mb.read(path, backed=True)
    assert again.obs["n"].tolist() == list(range(400))
    np.testing.assert_array_equal(again.obsm["letters"], adata.obsm["letters"])
    np.testing.assert_array_equal(backed.obsm["letters"], adata.obsm["letters"])


@pytest.mark.parametrize("rows", [slice(100, 300), np.arange(400)[::-1]])
def test_a_view_is_written_as_it_looks(adata, path, tmp_path, rows):
    mb.write(mb.read(path, backed=True)[rows], tmp_path / "part.h5ad")
    back = mb.read(tmp_path / "part.h5ad", backed=True)
    np.testing.assert_array_equal(back.obsm["letters"], adata.obsm["letters"][rows])
    assert back.obs_names.tolist() == adata.obs_names[rows].tolist()


def test_the_same_network_is_trained_from_disk(adata, path):
    tables = []
    for book in (adata, mb.read(path, backed=True)):
        model = mb.MotifSyntaxNet(1, width=8, n_filters=4)
        mb.fit(model, book, seed=0, progress=False, options=mb.FitOptions(n_steps=30))
        tables.append([mb.predict(model, book), mb.evaluate(model, book).to_numpy()[0, 2:5]])
        tables[-1] += [motif.ppm for motif in mb.read_motifs(model, book, include_unused=True)]
        hits = mb.scan(mb.Motif.from_sites("GATA", ["GATAAG"]), book, p_value=1e-3)
        tables[-1].append(hits[["start", "end"]].to_numpy())
    for here, there in zip(*tables, strict=True):
        np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize("spoil", ["packed", "text"])
def test_letters_that_cannot_stay_on_disk_are_read_and_it_is_said(
    adata, tmp_path, spoil, monkeypatch
):
    monkeypatch.setattr(letters_file, "MANY_LETTERS", 1e9)
    if spoil == "text":
        adata.obs["sequence"] = store.get_sequences(adata)
        del adata.obsm["letters"]
    mb.write(adata, tmp_path / "b.h5ad")
    back = mb.read(tmp_path / "b.h5ad", backed=True)
    assert store.get_sequences(back) == store.get_sequences(adata)
    assert "The letters of b.h5ad were read into memory" in back.uns["done"][-1]
    assert "memory" not in str(mb.read(tmp_path / "b.h5ad").uns["done"])


def test_a_file_that_is_none_is_refused_backed_too(tmp_path):
    (tmp_path / "x.h5ad").write_text(">a\nACGT\n")
    with pytest.raises(mb.InputError, match=r"could not be read as .h5ad.*mb.read_fasta"):
        mb.read(tmp_path / "x.h5ad", backed=True)


MEASURED = """
import resource, numpy as np, anndata as ad, pandas as pd, motifbook as mb
n, length = 150_000, 300
rng = np.random.default_rng(0)
adata = ad.AnnData(
    X=rng.integers(0, 2, (n, 1)).astype("float32"),
    obs=pd.DataFrame(index=[f"s{i}" for i in range(n)]),
    obsm={"letters": rng.integers(0, 4, (n, length), dtype=np.uint8)},
    uns={"alphabet": "DNA"},
)
mb.fit, mb.MotifSyntaxNet
from lightning.fabric import Fabric
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # GB
before = peak()
adata.obs["split"] = mb.split(adata, seed=0)
model = mb.MotifSyntaxNet(1)
mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
mb.evaluate(model, adata)
mb.scan(mb.Motif.from_sites("w", ["GATAAGGC"]), adata)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units")
def test_no_step_holds_the_one_hot_of_all_sequences():
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], check=True, capture_output=True, text=True
    )
    assert float(done.stdout) < 0.5  # the one-hot alone would take 0.72 GB
