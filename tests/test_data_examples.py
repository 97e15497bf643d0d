"""Examples are the same everywhere: from a local folder, fetched once and checked, or simulated."""

from __future__ import annotations

import gzip
import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import store
from motifbook.data.examples import public
from motifbook.data.examples.sets import EXAMPLES, GENOMES

FASTA = ">chr1:0-30\nACGTTGCATGCCATAGGACTACGATTTACG\n>chr1:50-80\nTTGACCAGATCCAGATTACAGGCATTGACC\n"
LOCAL_ONLY = ["gata3", "fly", "human", "crx", "utr5"]  # parts of larger files, or joined


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """No folder of the user's, and a cache of our own."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MOTIFBOOK_DATA", raising=False)
    monkeypatch.delenv("MOTIFBOOK_TEST_DATA", raising=False)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A place to fetch from: the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    port = running.server_address[1]
    monkeypatch.setattr(public, "_ADDRESS", f"http://127.0.0.1:{port}/{{path}}")
    for name, genome in GENOMES.items():
        address = f"http://127.0.0.1:{port}/{name}.fa.gz"
        monkeypatch.setitem(GENOMES, name, replace(genome, address=address))
    yield folder
    running.shutdown()
    running.server_close()


@pytest.fixture
def local(test_data, monkeypatch):
    """The folder of real data, as the user's own."""
    monkeypatch.setenv("MOTIFBOOK_DATA", str(test_data))
    return test_data


def serve(monkeypatch, name, path, content):
    """Let the single file of an example be `content` at `path` of the server."""
    found = hashlib.sha256(content).hexdigest()
    file = replace(EXAMPLES[name].files[0], origin=f"a/b@c:{path}", sha256=found)
    monkeypatch.setitem(EXAMPLES, name, replace(EXAMPLES[name], files=(file,)))


def test_the_table_names_every_set_with_size_source_and_license():
    table = mb.examples().set_index("name")
    assert list(table.columns) == ["what", "rows", "megabytes", "license", "source", "available"]
    assert table.index.tolist() == ["locus", "tut2", *EXAMPLES, "sacCer3", "hg38", "mm10"]
    assert table.index.is_unique
    assert table["available"].eq("absent").to_numpy().nonzero()[0].tolist() == [
        table.index.get_loc(name) for name in LOCAL_ONLY
    ]
    assert table.loc[["locus", "tut2"], "available"].eq("packaged").all()
    assert table.loc[["ctcf", "yeast", "hg38"], "available"].eq("download").all()
    assert (table[["rows", "megabytes"]].drop(index=["locus", "tut2"]) > 0).all(axis=None)
    assert table["license"].str.len().min() > 2
    assert repr(mb.examples).startswith("Examples('locus', 'tut2', 'ctcf', 'ctcf_top'")


def test_the_simulated_set_comes_with_its_truth():
    adata = mb.examples.load("tut2", n=60)
    assert adata.n_obs == 60
    assert set(adata.uns["truth"]["motifs"])
    assert store.get_sequences(adata) == store.get_sequences(mb.examples.load("tut2", n=60))


def test_the_locus_is_the_default_simulation_side_by_side():
    adata = mb.examples.load("locus", n=500)
    assert store.get_sequences(adata)[:9] == store.get_sequences(mb.simulate(4000, seed=0))[:9]
    assert adata.obs["end"].tolist()[:-1] == adata.obs["start"].tolist()[1:]
    assert set(adata.obs["split"]) == {"train", "validation", "test"}


@pytest.mark.slow
def test_the_packaged_network_is_the_one_that_training_gives():
    adata = mb.examples.load("locus")
    packaged = mb.load(mb.examples.network("locus"))
    again = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(again, adata, seed=0, progress=False)
    # not number by number: processors add in another order, and training carries that far
    one, other = mb.predict(packaged, adata)[:, 0], mb.predict(again, adata)[:, 0]
    assert np.corrcoef(one, other)[0, 1] > 0.98
    assert abs(one - other).mean() < 0.03


def test_a_network_that_is_not_packaged_is_refused():
    with pytest.raises(mb.InputError, match="'locus'"):
        mb.examples.network("tut2")


@pytest.mark.parametrize("inside", ["", "chip"])
def test_a_local_folder_comes_first(tmp_path, monkeypatch, inside):
    folder = tmp_path / "mine" / inside
    folder.mkdir(parents=True)
    (folder / "mafk_200bp.fa.gz").write_text(FASTA)
    monkeypatch.setenv("MOTIFBOOK_DATA", str(tmp_path / "mine"))
    table = mb.examples().set_index("name")
    assert table.loc["mafk", "available"] == "local"
    assert table.loc["oct4", "available"] == "download"
    adata = mb.examples.load("mafk")
    assert adata.X[:, 0].tolist() == [1, 1, 0, 0]
    assert store.get_sequences(mb.examples.load("mafk")) == store.get_sequences(adata)
    assert "Source: BIMSBbioinfo/janggu@5128419cf404:src/janggu" in adata.uns["done"][-1]
    assert adata.uns["done"][-1].endswith("license GPL-3.")


def test_a_file_is_fetched_once_and_checked(server, monkeypatch):
    (server / "ctcf.fa").write_text(FASTA)
    serve(monkeypatch, "ctcf", "ctcf.fa", FASTA.encode())
    assert mb.examples.load("ctcf").n_obs == 4
    (server / "ctcf.fa").unlink()
    assert mb.examples.load("ctcf").n_obs == 4


def test_a_changed_file_is_refused(server):
    (server / "data").mkdir()
    (server / "data" / "pu1.fa.gz").write_text(FASTA)
    with pytest.raises(InputError, match=r"pu1_100bp\.fa\.gz .*the file there has another hash"):
        mb.examples.load("pu1")


def test_without_a_connection_the_way_out_is_named(server):
    sentence = r"could not be fetched from .*Put oct4_200bp\.fa\.gz into a folder.*MOTIFBOOK_DATA"
    with pytest.raises(InputError, match=sentence) as caught:
        mb.examples.load("oct4")
    assert caught.value.__cause__ is None
    assert "Error" not in str(caught.value)


@pytest.mark.parametrize("name", LOCAL_ONLY)
def test_what_cannot_be_fetched_says_why(name):
    sentence = r"is in no local folder, and it cannot be fetched, because it was made from .*@"
    with pytest.raises(InputError, match=sentence):
        mb.examples.load(name)


def test_questionable_requests():
    with pytest.raises(InputError, match=r"`name` is 'ctfc'; .* Did you mean 'ctcf'"):
        mb.examples.load("ctfc")
    with pytest.raises(InputError, match="`n` is 0; expected a whole number, 1 to 39184"):
        mb.examples.load("ctcf", n=0)
    with pytest.raises(InputError, match=r"'hg38' is a genome.*`mb\.examples\.genome\('hg38'\)`"):
        mb.examples.load("hg38")
    with pytest.raises(InputError, match=r"`name` is 'saccer3'; .* Did you mean 'sacCer3'"):
        mb.examples.genome("saccer3")


def serve_genome(monkeypatch, server, content, packed):
    found = hashlib.sha256(content).hexdigest()
    genome = replace(GENOMES["sacCer3"], sha256=found)
    monkeypatch.setitem(GENOMES, "sacCer3", genome)
    (server / "sacCer3.fa.gz").write_bytes(packed)


def test_a_genome_is_fetched_unpacked_and_checked(server, monkeypatch, tmp_path):
    content = b">chrI\nACGTACGT\n" * 5
    serve_genome(monkeypatch, server, content, gzip.compress(content))
    path = mb.examples.genome("sacCer3", progress=False)
    assert path.read_bytes() == content
    (server / "sacCer3.fa.gz").unlink()
    assert mb.examples.genome("sacCer3", progress=False) == path
    assert [file.name for file in (tmp_path / "cache").iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _: gzip.compress(b">chrI\nTTTT\n"), r"is not the one that is known as sacCer3"),
        (lambda packed: packed[:-9], r"is damaged or cut off"),
        (lambda _: b"<html>", r"is damaged or cut off"),
    ],
)
def test_another_genome_is_refused_and_nothing_is_left(
    server, monkeypatch, tmp_path, spoil, sentence
):
    content = b">chrI\nACGTACGT\n" * 5
    serve_genome(monkeypatch, server, content, spoil(gzip.compress(content)))
    with pytest.raises(InputError, match=sentence):
        mb.examples.genome("sacCer3", progress=False)
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("file", ["hg38.fa", "hg38.fa.gz", "genome/hg38.2bit"])
def test_a_genome_of_the_users_comes_first(tmp_path, monkeypatch, file):
    path = tmp_path / "mine" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    monkeypatch.setenv("MOTIFBOOK_DATA", str(tmp_path / "mine"))
    assert mb.examples.genome("hg38") == path
    assert mb.examples().set_index("name").loc["hg38", "available"] == "local"


@pytest.mark.slow
def test_real_sets_are_as_large_as_the_table_says(local):
    table = mb.examples().set_index("name")
    assert (table.loc[list(EXAMPLES), "available"] == "local").all()
    for name, example in EXAMPLES.items():
        adata = mb.examples.load(name)
        has_own_negatives = name in ("ctcf_labels", "pum2")
        expected = adata.n_obs
        if adata.var_names.tolist() == ["bound"] and not has_own_negatives:
            expected = int(adata.X.sum())
            assert adata.n_obs == 2 * expected
        assert expected == example.n, name


def test_subsets_are_always_the_same(local):
    for name in ("ctcf", "abf1", "fly", "pum2"):
        subset = mb.examples.load(name, n=40)
        n_expected = 80 if name in ("ctcf", "abf1") else 40
        assert subset.n_obs == n_expected
        assert subset.obs_names.tolist() == mb.examples.load(name, n=40).obs_names.tolist()
    assert mb.examples.load("abf1", n=40).X.sum() == 40


READOUTS = {
    "ctcf_labels": (["bound"], "DNA"),
    "abf1": (["bound"], "DNA"),
    "pum2": (["bound"], "RNA"),
    "gata3": (["cycle"], "DNA"),
    "fly": (["Dev", "Hk"], "DNA"),
    "human": (["activity"], "DNA"),
    "yeast": (["expression"], "DNA"),
    "utr5": (["load"], "RNA"),
    "mpsa": (["log10_psi"], "RNA"),
}


@pytest.mark.parametrize("name", READOUTS)
def test_sets_have_their_readouts_and_alphabet(local, name):
    adata = mb.examples.load(name)
    readouts, alphabet = READOUTS[name]
    assert adata.var_names.tolist() == readouts
    assert adata.uns["alphabet"] == alphabet
    assert np.isfinite(adata.X).all()
    assert store.readout_kinds(adata) == [
        "binary" if readout == "bound" else "continuous" for readout in readouts
    ]


def test_the_retina_set_has_errors_and_families(local):
    adata = mb.examples.load("crx")
    assert adata.shape == (2787, 12)
    measured = np.isfinite(adata.X)
    assert 0.9 < measured.mean() < 1
    assert (np.isfinite(adata.layers["sigma"]) == measured).all()
    assert (adata.obs["pair"] == ".").sum() == 77  # scrambled and basal belong to no peak
    split = mb.split(adata, seed=0)
    of_family = split[adata.obs["pair"] != "."].groupby(adata.obs["pair"]).nunique()
    assert (of_family == 1).all()


def test_published_splits_and_orientations_are_kept(local):
    pum2 = mb.examples.load("pum2")
    counts = pum2.obs["split"].value_counts()
    assert counts.to_dict() == {"train": 17_713, "test": 7_475, "validation": 4_881}
    assert set(mb.examples.load("mpsa").obs["split"]) == {"train", "validation", "test"}
    human = mb.examples.load("human")
    assert human.obs["pair"].nunique() < human.n_obs
    fly = mb.examples.load("fly").obs
    assert (fly["end"] - fly["start"] == 249).all()


@pytest.mark.parametrize(
    "file",
    [file for e in EXAMPLES.values() for file in e.files if file.sha256],
    ids=lambda file: file.file,
)
def test_hashes_are_those_of_the_local_files(local, file):
    raw = file.find().read_bytes()
    content = raw if file.origin.endswith(".gz") or raw[:2] != b"\x1f\x8b" else gzip.decompress(raw)
    assert hashlib.sha256(content).hexdigest() == file.sha256


def test_origins_and_hashes_are_those_of_the_manifest(local):
    """Files with a hash are whole files; files without one are called a part or joined there."""
    lines = [line.split("\t") for line in (local / "MANIFEST.tsv").read_text().splitlines()]
    manifest = {cells[0]: cells for cells in lines}
    for example in EXAMPLES.values():
        for file in example.files:
            _, _, sha256, origin, license_, *what = manifest[file.file]
            assert license_.startswith(example.license)
            if file.sha256:
                assert origin == file.origin
                assert not origin.endswith(".gz") or sha256 == file.sha256
            else:
                assert origin.startswith(file.origin.split(" + ")[0])
                words = " ".join([origin, *what])
                assert any(word in words for word in ("stacked", "joined", "cut", "20,000 of"))


def test_megabytes_are_those_of_the_files(local):
    for name, example in EXAMPLES.items():
        size = 0
        for file in example.files:
            raw = file.find().read_bytes()
            is_repacked = file.sha256 and not file.origin.endswith(".gz") and raw[:2] == b"\x1f\x8b"
            size += len(gzip.decompress(raw) if is_repacked else raw)
        assert example.megabytes == pytest.approx(size / 1e6, abs=0.06), name
