"""Full disks, read-only folders and killed processes: files are whole or absent."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from faults import WRITERS, files, full_disk, open_folder, read_only, values

import motifbook as mb
from motifbook import _check
from motifbook.report import Settings, analyze, folder, predictors, write_folder

loop = sys.modules["motifbook.train.loop"]
QUIET = Settings(seed=0, progress=False)
WAY_OUT = r"Name a (file in a )?folder where you may write and that has room\."


def killed(work) -> None:
    """Do `work` in a process of its own, which must end by kill -9."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def kill(*_given, **_named) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


# ---- every writer


@pytest.mark.parametrize("name", WRITERS)
def test_on_a_full_disk_the_older_file_stays_and_no_part_of_the_new_one(name):
    with open_folder() as place:
        WRITERS[name](values(), place / name)
        before = files(place)
        with full_disk(), pytest.raises(mb.InputError, match=WAY_OUT) as caught:
            WRITERS[name](values(), place / name)
        assert files(place) == before
    assert re.search(r"cannot be written \((File too large|its end is missing)", str(caught.value))


@pytest.mark.parametrize("name", WRITERS)
def test_in_a_read_only_folder_nothing_is_changed(name):
    with open_folder() as place:
        WRITERS[name](values(), place / name)
        before = files(place)
        with read_only(place), pytest.raises(mb.InputError, match=WAY_OUT) as caught:
            WRITERS[name](values(), place / name)
        assert files(place) == before
    assert "ermission denied" in str(caught.value)


BOOK = """
import motifbook as mb
from faults import files, full_disk, open_folder
adata = mb.simulate(n=60, length=60, rule="single", seed=0)
with open_folder() as place:
    mb.write(adata, place / "book.h5ad")
    before = files(place)
    for room in (900, 4000, len(before["book.h5ad"]) - 60):
        with full_disk(room):
            try:
                mb.write(adata, place / "book.h5ad")
            except mb.InputError as error:
                print(str(error).partition(" cannot ")[2])
        assert files(place) == before
    mb.write(adata, place / "book.h5ad")
    assert mb.read(place / "book.h5ad").n_obs == 60
"""


def test_a_book_that_meets_a_full_disk_half_way():
    """In a process of its own: HDF5 leaves complaints of files that it could not close."""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BOOK],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": paths}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("be written (File too large)") == 3


def test_example_files_in_a_read_only_folder(tmp_path):
    mb.examples.files(tmp_path)  # imports what it needs, which nobody may
    with open_folder() as place:
        with read_only(place), pytest.raises(mb.InputError, match=r"ermission denied"):
            mb.examples.files(place)
        assert files(place) == {}


def test_a_genome_in_a_read_only_folder_has_its_index_elsewhere(monkeypatch):
    with open_folder() as place, open_folder() as cache:
        monkeypatch.setenv("MOTIFBOOK_CACHE", str(cache))
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
        cache.chmod(0o777)
        bed, genome = place / "peaks.bed", place / "genome.fa"
        bed.write_text("chr1\t10\t20\n")
        genome.write_text(f">chr1\n{'ACGT' * 20}\n")
        mb.read_bed(bed, genome=genome, length=8)
        genome.write_text(f">chr1\n{'ACGT' * 30}\n")  # which has no index yet
        before = files(place)
        with read_only(place):
            assert mb.read_bed(bed, genome=genome, length=8).n_obs == 1
        assert files(place) == before
        assert files(cache)


# ---- killed while a file is written


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def work() -> None:
        with _check.new_file(target) as part:
            part.write_text("half of the n")
            kill()

    killed(work)
    (left,) = [name for name in files(tmp_path) if name.startswith(".part-")]
    assert target.read_text() == "old"
    pid = left.split("-")[2]
    others = [
        left.replace(f"-{pid}-", f"-{os.getppid()}-"),  # a living process
        left.replace(left.split("-")[1], "0123abcd"),  # of another machine
        left.replace("a.txt", "b.txt"),  # another file
    ]
    for name in others:
        (tmp_path / name).write_text("")
    with _check.new_file(target) as part:
        part.write_text("new")
    assert files(tmp_path).keys() == {"a.txt", *others}
    assert target.read_text() == "new"


# ---- reports


@pytest.fixture(scope="module")
def made(trained):
    return analyze(
        trained.adata, trained.model, known=None, baselines=[], designs=1, settings=QUIET
    )


@pytest.fixture(scope="module")
def smaller(made):
    """The same with one sequence named otherwise and no motifs: other and fewer files."""
    return replace(made, cards=[], examples=[])


@pytest.fixture(scope="module")
def written(made, smaller, tmp_path_factory):
    """Files of both reports."""
    places = [tmp_path_factory.mktemp("report") for _ in range(2)]
    for analysis, place in zip((made, smaller), places):
        write_folder(analysis, place)
    return [files(place) for place in places]


def lasting(found):
    """Without what holds the time of writing."""
    return {name: raw for name, raw in found.items() if not name.endswith((".h5ad", ".csv"))}


@pytest.mark.parametrize("moment", ["page", "first move", "third move", "list"])
def test_a_report_killed_while_it_is_written(  # noqa: PLR0917
    made, smaller, written, tmp_path, moment, monkeypatch
):
    write_folder(made, tmp_path)

    def work() -> None:
        if moment == "page":
            monkeypatch.setattr(folder, "write_page", kill)
        elif moment == "list":
            once = folder._list
            monkeypatch.setattr(
                folder,
                "_list",
                lambda now, place: kill() if done else (once(now, place), done.append(1)),
            )
        else:
            moves = 2 if moment == "first move" else 4  # the list of files moves, too
            path_replace = Path.replace

            def move(path, target):
                if path.parent.name != "tables" and ".part-" in str(path):
                    done.append(1)
                path_replace(path, target)
                if len(done) == moves:
                    kill()

            monkeypatch.setattr(Path, "replace", move)
        done = []
        write_folder(smaller, tmp_path)

    killed(work)
    whole = [set(lasting(report).items()) for report in written]
    seen = {n: r for n, r in lasting(files(tmp_path)).items() if not n.startswith(".part-")}
    assert set(seen.items()) <= whole[0] | whole[1]
    write_folder(smaller, tmp_path)
    assert files(tmp_path).keys() == written[1].keys()
    assert lasting(files(tmp_path)) == lasting(written[1])


@pytest.fixture
def quick(monkeypatch):
    """Networks are trained for a moment; the list says how many steps each took."""
    steps = []

    def fit(*given, **named):
        steps.append(0)
        return mb.fit(*given, options=mb.FitOptions(n_steps=30), **named)

    step = loop._Run._take_step

    def count(run):
        steps[-1] += 1
        return step(run)

    monkeypatch.setattr(predictors, "fit", fit)
    monkeypatch.setattr(loop._Run, "_take_step", count)
    return steps


@pytest.fixture(scope="module")
def peaks():
    return mb.simulate(n=300, length=60, rule="single", seed=0)


def asked(adata, out):
    return mb.report(
        adata, out=out, known=None, baselines=["cnn"], designs=0, seed=0, progress=False
    )


def test_the_next_report_goes_on_with_what_was_trained(quick, peaks, tmp_path, monkeypatch):
    def stop(*_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["motifbook.report"], "pictures", stop)
        with pytest.raises(KeyboardInterrupt):
            asked(peaks, tmp_path / "page.html")
    assert quick == [30, 30]
    with pytest.warns(UserWarning, match=r"goes on with the trainings that are kept in .*page"):
        asked(peaks, tmp_path / "page.html")
    assert quick[2:] == [0, 0]
    assert files(tmp_path).keys() == {"page.html"}
    asked(peaks, tmp_path / "anew.html")
    assert quick[4:] == [30, 30]
    assert files(tmp_path)["page.html"] == files(tmp_path)["anew.html"]


def test_other_data_start_anew(quick, peaks, tmp_path, monkeypatch):
    keep = Settings(seed=0, progress=False, keep=tmp_path / "kept")
    adata = peaks.copy()
    adata.obs["split"] = mb.split(adata, seed=0)
    keep.train(mb.CNN(1, n_filters=2, width=8), adata)
    keep.train(mb.CNN(1, n_filters=2, width=8), adata)
    adata.X = 1 - adata.X
    keep.train(mb.CNN(1, n_filters=2, width=8), adata)
    replace(keep, seed=1).train(mb.CNN(1, n_filters=2, width=8), adata)
    keep.train(mb.CNN(1, n_filters=3, width=8), adata)
    assert quick == [30, 0, 30, 30, 30]


def test_a_training_that_was_killed_is_gone_on_from(quick, peaks, tmp_path, monkeypatch):
    adata, said = peaks.copy(), []
    adata.obs["split"] = mb.split(adata, seed=0)
    keep = Settings(seed=0, progress=False, keep=tmp_path / "kept", say=said.append)
    alone, again = mb.CNN(1, n_filters=2, width=8), mb.CNN(1, n_filters=2, width=8)
    replace(keep, keep=None).train(alone, adata)
    write = loop._Run.write

    def work() -> None:
        def write_and_die(run, path):
            write(run, path)
            if run.step >= 20:
                kill()

        monkeypatch.setattr(loop._Run, "write", write_and_die)
        keep.train(mb.CNN(1, n_filters=2, width=8), adata)

    killed(work)
    keep.train(again, adata)
    assert quick == [30, 10]
    assert said == ["goes on with a training of an earlier run, which was stopped"]
    assert mb.predict(again, adata).tolist() == mb.predict(alone, adata).tolist()


OWN = ["report.html", "book.h5ad", "model.motifbook", "motifs.meme", "tables/motifs.csv",
       "figures/logo_motif_3.svg"]  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_files_of_the_user_are_not_replaced(name, made, tmp_path):
    own = tmp_path / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("mine")
    sentence = rf"holds files that a report would replace .*: {name}\. .* Name another one"
    with pytest.raises(mb.InputError, match=sentence):
        folder.make_folder(tmp_path)
    if name != OWN[-1]:  # one motif was found
        with pytest.raises(mb.InputError, match=sentence):
            write_folder(made, tmp_path)
        assert files(tmp_path) == {name: b"mine"}


def test_a_figure_changed_since_is_not_replaced(made, tmp_path):
    write_folder(made, tmp_path)
    write_folder(made, tmp_path)  # as it left it
    folder.make_folder(tmp_path)
    figure = tmp_path / "figures" / "logo_motif_1.svg"
    figure.write_text(figure.read_text() + "<!-- mine -->")
    before = files(tmp_path)
    with pytest.raises(mb.InputError, match=r"logo_motif_1\.svg \(changed since\)\. Expected"):
        folder.make_folder(tmp_path)
    with pytest.raises(mb.InputError, match=r"logo_motif_1\.svg \(changed since\)\. Expected"):
        write_folder(made, tmp_path)
    assert files(tmp_path) == before


def test_every_name_that_a_report_writes_is_looked_for(written, made):
    names = written[0].keys() - {folder.MANIFEST}
    assert [name for name in names if not folder._NAMES.fullmatch(name)] == []
    tables = [f"tables/{name}.csv" for name in folder.tables(made)]  # empty ones, too
    assert [name for name in tables if not folder._NAMES.fullmatch(name)] == []


def test_reports_on_a_full_disk_and_in_a_read_only_folder(made, tmp_path):
    with full_disk(2000), pytest.raises(mb.InputError, match=WAY_OUT):
        write_folder(made, tmp_path)
    assert files(tmp_path) == {}
    with open_folder() as place:
        with read_only(place), pytest.raises(mb.InputError, match="ermission denied"):
            write_folder(made, place)
        with read_only(place), pytest.raises(mb.InputError, match="cannot be made"):
            folder.make_folder(place / "new")
        assert files(place) == {}
