"""Examples are the same everywhere: from a local folder, fetched once and checked, or simulated."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import motifbook as mb
from motifbook import InputError
from motifbook.data import examples as module
from motifbook.data import store

FASTA = ">chr1:0-30\nACGTTGCATGCCATAGGACTACGATTTACG\n>chr1:50-80\nTTGACCAGATCCAGATTACAGGCATTGACC\n"


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
    monkeypatch.setattr(module, "_ADDRESS", f"http://127.0.0.1:{port}/{{path}}")
    yield folder
    running.shutdown()
    running.server_close()


def test_the_table_names_every_set_with_source_and_license():
    table = mb.examples()
    assert list(table.columns) == ["name", "what", "rows", "license", "source", "available"]
    assert table["name"].tolist() == ["tut2", "ctcf", "pu1", "oct4", "mafk"]
    assert table["available"].tolist() == ["packaged"] + ["download"] * 4
    assert repr(mb.examples) == (
        "Examples('tut2', 'ctcf', 'pu1', 'oct4', 'mafk'): call it for a table, or use .load(name)"
    )


def test_the_simulated_set_comes_with_its_truth():
    adata = mb.examples.load("tut2", n=60)
    assert adata.n_obs == 60
    assert set(adata.uns["truth"]["motifs"])
    assert store.get_sequences(adata) == store.get_sequences(mb.examples.load("tut2", n=60))


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
    assert any("Source: BIMSBbioinfo/janggu" in sentence for sentence in adata.uns["done"])


def test_a_file_is_fetched_once_and_checked(server, monkeypatch):
    right = hashlib.sha256(FASTA.encode()).hexdigest()
    served = server / "ctcf.fa"
    served.write_text(FASTA)
    peaks = replace(module._PEAKS["ctcf"], path="ctcf.fa", sha256=right)
    monkeypatch.setitem(module._PEAKS, "ctcf", peaks)
    assert mb.examples.load("ctcf").n_obs == 4
    served.unlink()
    assert mb.examples.load("ctcf").n_obs == 4


def test_a_changed_file_is_refused(server):
    (server / "data").mkdir()
    (server / "data" / "pu1.fa.gz").write_text(FASTA)
    with pytest.raises(InputError, match="the file there has another hash"):
        mb.examples.load("pu1")


def test_without_a_connection_the_way_out_is_named(server):
    sentence = (
        r"'oct4' could not be fetched from .*oct4_200bp\.fa\.gz into a folder.*MOTIFBOOK_DATA"
    )
    with pytest.raises(InputError, match=sentence):
        mb.examples.load("oct4")


def test_questionable_requests():
    with pytest.raises(InputError, match=r"`name` is 'ctfc'; .* Did you mean 'ctcf'"):
        mb.examples.load("ctfc")
    with pytest.raises(InputError, match="`n` is 0; expected a whole number, 1 to 39184"):
        mb.examples.load("ctcf", n=0)


def test_real_sets_are_as_large_as_the_table_says(test_data, monkeypatch):
    monkeypatch.setenv("MOTIFBOOK_TEST_DATA", str(test_data))
    table = mb.examples().set_index("name")
    assert (table["available"] != "download").all()
    for name in ("oct4", "mafk"):
        assert mb.examples.load(name).n_obs == 2 * table.loc[name, "rows"]
    subset = mb.examples.load("ctcf", n=100)
    assert subset.n_obs == 200
    assert subset.obs_names.tolist() == mb.examples.load("ctcf", n=100).obs_names.tolist()


@pytest.mark.parametrize("name", ["ctcf", "pu1", "oct4", "mafk"])
def test_hashes_are_those_of_the_local_files(test_data, name):
    import gzip

    peaks = module._PEAKS[name]
    raw = (test_data / "chip" / peaks.file).read_bytes()
    content = raw if peaks.path.endswith(".gz") else gzip.decompress(raw)
    assert hashlib.sha256(content).hexdigest() == peaks.sha256
