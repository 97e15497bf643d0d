"""Processes that are killed, disks that are full: done pieces stay, and the same call goes on."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import killed_stream
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import _check
from motifbook.data import pieces, schema
from motifbook.stream import hits, work
from motifbook.stream.folder import Folder


@pytest.fixture(scope="module")
def expected():
    adata, motifs = killed_stream.book_and_motifs()
    return mb.scan(motifs, adata, p_value=1e-3)


@pytest.fixture
def finished(monkeypatch):
    """Numbers of the pieces that were finished, in order."""
    numbers, finish = [], Folder.finish
    monkeypatch.setattr(
        Folder, "finish", lambda self, piece: (numbers.append(piece), finish(self, piece))
    )
    return numbers


def same(got, expected):
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


# ---- this process is killed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "number", "n_done"), [("put", 4, 3), ("finish", 4, 3), ("put", 10, 8), ("tell", 1, 8)]
)
def test_kill_9_loses_no_piece_and_none_comes_twice(tmp_path, expected, where, number, n_done):
    command = [sys.executable, killed_stream.__file__, where, str(number), str(tmp_path / "hits")]
    run = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False)
    assert run.returncode == -signal.SIGKILL
    half = mb.read_hits(tmp_path / "hits")
    assert (half.n_done, half.is_finished) == (n_done, False)
    again = killed_stream.request(tmp_path / "hits")
    assert again.is_finished
    same(again.table(), expected)


def test_a_piece_without_its_flag_is_written_anew(tmp_path, expected, finished):
    hits = killed_stream.request(tmp_path / "hits")
    folder = hits._folder
    folder["done"][2] = 0  # as if killed between the data and the flag
    chunk = tmp_path / "hits" / "hits" / "000002" / "0.0"
    chunk.write_bytes(chunk.read_bytes()[:5])  # and the data half written
    folder.tell(is_finished=False)
    del finished[:]
    same(killed_stream.request(tmp_path / "hits").table(), expected)
    assert finished == [2]


def test_of_two_processes_one_fills_a_folder_and_the_other_is_refused(
    tmp_path, expected, monkeypatch
):
    finish, said = Folder.finish, []

    def meanwhile(self, piece):
        finish(self, piece)
        if piece == 3:
            with pytest.raises(mb.InputError, match=r"filled by another process\. Wait until it"):
                killed_stream.request(tmp_path / "hits")
            said.append(piece)

    monkeypatch.setattr(Folder, "finish", meanwhile)
    same(killed_stream.request(tmp_path / "hits").table(), expected)
    assert said == [3]


def test_a_folder_that_another_process_began_meanwhile_is_not_touched(tmp_path, monkeypatch):
    begin = hits._begin

    def late(path, *given):
        path.mkdir()
        (path / "theirs").touch()
        return begin(path, *given)

    monkeypatch.setattr(hits, "_begin", late)
    with pytest.raises(mb.InputError, match=r"begun by another process meanwhile\. Wait until"):
        killed_stream.request(tmp_path / "hits")
    assert [one.name for one in tmp_path.rglob("*")] == ["hits", "theirs"]


@pytest.mark.parametrize("name", ["hits/000002/0.0", "hits/000002/.zarray", "scores/0", "done/2"])
def test_a_damaged_file_is_named(tmp_path, name):
    killed_stream.request(tmp_path / "hits")
    file = tmp_path / "hits" / name
    file.write_bytes(file.read_bytes()[:7])
    named = rf"{file.parent.relative_to(tmp_path)} is damaged \(.*Copy the folder again, or name"
    with pytest.raises(mb.InputError, match=named):
        mb.read_hits(tmp_path / "hits").table()


def test_damage_of_what_the_folder_says_of_itself_is_named(tmp_path):
    killed_stream.request(tmp_path / "hits")
    (tmp_path / "hits" / ".zattrs").write_text('{"motifbook')
    for again in (mb.read_hits, killed_stream.request):
        with pytest.raises(
            mb.InputError, match=r"hits is damaged in \.zgroup or \.zattrs \(.*anew"
        ):
            again(tmp_path / "hits")


@pytest.mark.parametrize("name", ["hits/000002/0.0", "scores/0", "adjusted/0.0", "names/0"])
def test_a_missing_file_is_noticed(tmp_path, name):
    killed_stream.request(tmp_path / "hits")
    (tmp_path / "hits" / name).unlink()
    named = rf"hits/{name.rpartition('/')[0]} is damaged \(a file is missing\)"
    with pytest.raises(mb.InputError, match=named):
        mb.read_hits(tmp_path / "hits").table()


# ---- a worker is killed


def kill_at(numbers, victims, monkeypatch):
    """Kill one process of `victims()` when the second piece was finished."""
    finish = Folder.finish

    def killing(self, piece):
        finish(self, piece)
        if len(numbers) == 2:
            os.kill(victims()[0], signal.SIGKILL)

    monkeypatch.setattr(Folder, "finish", killing)


@pytest.mark.slow
def test_a_killed_worker_of_this_machine_is_replaced(tmp_path, expected, finished, monkeypatch):
    from joblib.externals.loky import reusable_executor

    letters_of, killed = hits.letters_of, []

    def killing(adata, rows, length):
        """Kill one before the last piece is sent: when all is done, nobody is missed."""
        if rows.stop == adata.n_obs and not killed:
            killed.append(next(iter(reusable_executor._executor._processes)))
            os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.2)  # it is dead before the piece is on its way
        return letters_of(adata, rows, length)

    monkeypatch.setattr(hits, "letters_of", killing)
    with (
        joblib.parallel_config(n_jobs=2),
        pytest.warns(UserWarning, match=r"process was killed.*that are missing go on"),
    ):
        found = killed_stream.request(tmp_path / "hits")
    assert sorted(finished) == list(range(8))
    same(found.table(), expected)


@pytest.mark.slow
def test_a_killed_worker_of_a_dask_cluster_is_replaced(tmp_path, expected, finished, monkeypatch):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())
        kill_at(finished, lambda: pids, monkeypatch)
        with joblib.parallel_config(backend="dask"):
            hits = killed_stream.request(tmp_path / "hits")
    assert sorted(finished) == list(range(8))
    same(hits.table(), expected)


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_workers_that_die_again_and_again_end_the_call(monkeypatch):
    monkeypatch.setattr(work, "DEATHS", 2)
    with (
        joblib.parallel_config(n_jobs=2),
        pytest.warns(UserWarning, match="most often by the system for want of memory"),
        pytest.raises(RuntimeError, match=r"killed 2 times, and 3 pieces are not done.*memory"),
    ):
        list(work.each(die, lambda number: (number,), range(3), name="pieces", progress=False))


def test_the_way_out_of_short_memory_is_that_of_the_call(tmp_path, monkeypatch):
    class TerminatedWorkerError(Exception):
        pass

    def end(*_):
        raise TerminatedWorkerError

    monkeypatch.setattr(work, "_round", end)
    monkeypatch.setattr(work, "DEATHS", 1)
    with pytest.raises(
        RuntimeError, match=r"2 jobs are not done.* memory: fewer workers need less"
    ):
        mb.panel(abs, {"one": 1, "two": 2}, tmp_path / "panel", progress=False)
    with pytest.raises(RuntimeError, match=r"8 pieces are not done.*`rows_per_piece=…`, in a new"):
        killed_stream.request(tmp_path / "hits")


def test_a_long_job_holds_up_no_other(tmp_path):
    last = threading.Event()

    def job(number):
        if number == 39:
            last.set()
        return {"came": bool(last.wait(20)) if number == 0 else True}

    with joblib.parallel_config(backend="threading", n_jobs=2):
        table = mb.panel(job, {str(n): n for n in range(40)}, tmp_path / "panel", progress=False)
    assert table["came"].all()


def test_an_error_of_the_work_itself_is_raised_as_it_is():
    def refuse(number):
        raise mb.InputError(f"piece {number} does not fit")

    with pytest.raises(mb.InputError, match="piece 0 does not fit"):
        list(work.each(refuse, lambda number: (number,), range(3), name="pieces", progress=False))


# ---- no room


def test_a_full_disk_keeps_what_is_done(tmp_path, expected, finished, monkeypatch):
    resource = pytest.importorskip("resource")
    before, usual = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    finish = Folder.finish

    def filling(self, piece):
        finish(self, piece)
        if len(finished) == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Folder, "finish", filling)
            with pytest.raises(mb.InputError, match=r"cannot be written \(File too large\).*same"):
                killed_stream.request(tmp_path / "hits")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, usual)
    assert finished == [0, 1, 2]
    same(killed_stream.request(tmp_path / "hits").table(), expected)
    assert sorted(finished) == list(range(8))


def test_a_folder_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    sentence = r"cannot be written \(Permission denied\)\. Nothing was begun\."
    with pytest.raises(mb.InputError, match=sentence):
        killed_stream.request(tmp_path / "hits")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_of_a_folder_is_removed(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / _check._part("hits-x", gone.pid)
    left.mkdir()
    hits = killed_stream.request(tmp_path / "hits")
    assert [one.name for one in tmp_path.iterdir()] == ["hits"]
    usual = tmp_path / "usual"
    usual.mkdir()
    assert hits.path.stat().st_mode == usual.stat().st_mode


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(mb.InputError, match=r"cannot be written \(Permission denied\)"):
            killed_stream.request(tmp_path / "hits")
    finally:
        tmp_path.chmod(0o700)


# ---- what travels


def test_a_piece_of_work_holds_its_own_letters_only():
    import pickle

    from motifbook.data.pieces import piece_of

    adata, _ = killed_stream.book_and_motifs()
    adata.obsm["heavy"] = np.zeros((adata.n_obs, 10_000))
    adata.uns["heavy"] = np.zeros(100_000)
    piece = piece_of(adata, slice(0, 10), 80)
    assert len(pickle.dumps(piece)) < 20_000
    assert piece.n_obs == 10


@pytest.mark.parametrize("rows", [slice(None), slice(None, None, 2)])
def test_a_book_has_one_digest_whatever_the_blocks_it_is_read_in(rows, monkeypatch):
    adata = killed_stream.book_and_motifs()[0][rows].copy()
    adata.obs["share"] = np.arange(adata.n_obs) / 3
    whole = pieces.book_digest(adata, ["share"], measured=True)
    largest = []
    dense = schema.dense_values
    monkeypatch.setattr(pieces, "_BLOCK", 7)
    monkeypatch.setattr(
        schema, "dense_values", lambda values: [dense(values), largest.append(len(values))][0]
    )
    assert pieces.book_digest(adata, ["share"], measured=True) == whole
    assert max(largest) == 7
    for name, column in (("obs_names", adata.obs_names[::-1]), ("share", -adata.obs["share"])):
        other = adata.copy()
        if name == "obs_names":
            other.obs_names = column
        else:
            other.obs[name] = column
        assert pieces.book_digest(other, ["share"], measured=True) != whole


def test_few_pieces_are_under_way_at_once():
    made, taken = [], []

    def task(number):
        made.append(number)
        return (number,)

    with joblib.parallel_config(backend="threading", n_jobs=2):
        for number, _ in work.each(abs, task, range(200), name="pieces", progress=False):
            taken.append(number)
            if len(taken) == 1:
                assert len(made) <= 32
    assert sorted(taken) == list(range(200))
