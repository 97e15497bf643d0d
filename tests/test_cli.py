"""The commands: what they write, what they say, and how they end."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

import motifbook as mb
from motifbook import cli, exercises
from motifbook.data.examples.files import write_files
from motifbook.report import Settings, demo, predictors
from motifbook.report.source import Source


@pytest.fixture
def run(capsys):
    """Run a command; its exit status, and what it said on stdout and stderr."""

    def run(*arguments):
        try:
            status = cli.main([str(one) for one in arguments])
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def quick(monkeypatch):
    """Trainings of sixty batches."""

    def fit(*given, **named):
        return mb.fit(*given, options=mb.FitOptions(n_steps=60), **named)

    monkeypatch.setattr(predictors, "fit", fit)


@pytest.fixture(scope="module")
def peaks(tmp_path_factory):
    """A FASTA file of 300 sequences with SPI1."""
    adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    bound = adata[adata.X[:, 0] == 1]
    path = tmp_path_factory.mktemp("input") / "peaks.fa"
    records = zip(bound.obs_names, bound.obs["sequence"])
    path.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in records))
    return path


def test_help_needs_no_network():
    code = (
        "import sys, motifbook.cli as c; c._parser().format_help(); print('torch' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_the_version_is_told(run):
    assert run("--version") == (0, f"motifbook {mb.__version__}\n", "")


# ---- report


def test_a_fasta_file_becomes_a_folder(run, quick, peaks, tmp_path):
    status, said, complaints = run("report", "--positives", peaks, "--out", tmp_path / "out")
    assert (status, complaints) == (0, "")
    assert "s  read 600 sequences, negatives included:\n" in said
    assert "Read 300 sequences from peaks.fa." in said
    assert f"Open {tmp_path / 'out' / 'report.html'} in a browser." in said
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        *("report.html", "model.motifbook", "book.h5ad", "tables", "figures", "designs.fa")
    }
    page = (tmp_path / "out" / "report.html").read_text()
    for words in ("plain CNN", "larger CNN", "best known motif", "peaks.fa", "shuffle"):
        assert words in page


def test_a_table_with_several_readouts(run, quick, tmp_path):
    adata = mb.simulate(n=300, length=70, rule="additive", seed=0)
    table = adata.to_df().assign(letters=adata.obs["sequence"])
    table.to_csv(tmp_path / "mpra.tsv", sep="\t", index=False)
    given = ("--table", tmp_path / "mpra.tsv", "--readouts", "readout0, readout1")
    status, _, complaints = run(
        *("report", *given, "--sequence", "letters", "--out", tmp_path),
        *("--known", "JASPAR2026_fungi", "--split", "similarity", "--designs", "0"),
    )
    assert (status, complaints) == (0, "")
    assert "divided by similarity" in (tmp_path / "report.html").read_text()
    assert not (tmp_path / "designs.fa").exists()
    assert (tmp_path / "figures" / "agreement_1.svg").exists()


def test_regions_get_negatives_of_their_genome(tmp_path):
    genome = "".join(mb.simulate(n=40, length=100, rule="single", seed=0).obs["sequence"])
    (tmp_path / "genome.fa").write_text(f">chr1\n{genome}\n")
    (tmp_path / "peaks.bed").write_text("".join(f"chr1\t{i}\t{i + 40}\n" for i in (500, 1500)))
    source = Source(bed=tmp_path / "peaks.bed", genome=tmp_path / "genome.fa", length=50)
    adata = source.read(seed=0)
    assert adata.X[:, 0].tolist() == [1, 1, 0, 0]
    assert "chr1" in set(adata.obs["chrom"][2:])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_files(folder, seed=0)
    return folder


def test_regions_under_other_names_with_blacklist_and_coverage(files):
    given = {"bed": files / "peaks.narrowPeak", "genome": files / "genome.fa.gz", "length": 200}
    source = Source(
        **given,
        rename=["chr1=chrI", "chr2=chrII"],
        blacklist=files / "blacklist.bed",
        signal=[f"coverage={files / 'coverage.bw'}"],
    )
    adata = source.read(seed=0)
    assert list(adata.var_names) == ["bound", "coverage"]
    assert 500 < int(adata.X[:, 0].sum()) < 600  # of 600; some lie on the blacklist


def test_replicates_and_columns_by_number(files):
    table = {"table": files / "mpra.csv"}
    adata = Source(**table, readouts=["liver=liver_1+liver_2", "brain_1"]).read()
    assert list(adata.var_names) == ["liver", "brain_1"]
    assert adata.obsm["replicates:liver"].shape == (1500, 2)
    by_number = Source(**table, sequence="2", readouts=["5"]).read()
    assert np.nanmean((by_number.X[:, 0] - adata.X[:, 1]) ** 2) == 0


def test_labels_take_the_place_of_negatives(files, tmp_path):
    (tmp_path / "labels.txt").write_text("\n".join(["1", "0"] * 300))
    adata = Source(positives=files / "peaks.fa", labels=tmp_path / "labels.txt").read()
    assert adata.X[:, 0].tolist() == [1.0, 0.0] * 300


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--positives", "nowhere.fa"], r"nowhere.fa was not found"),
        ([], r"0 of --positives, --table and --bed were given"),
        (["--positives", "a", "--bed", "b"], r"2 of --positives, .*\(positives, bed\)"),
        (["--table", "mpra.tsv"], r"No readouts are named .* Add --readouts"),
        (["--bed", "peaks.bed"], r"expected --genome .* and --length"),
        (
            ["--bed", "b", "--genome", "g", "--length", "9", "--rename", "chr4"],
            r"--rename is 'chr4'; expected two names with = between them",
        ),
        (["--positives", "a", "--signal", "x=y.bw"], r"--signal says nothing about --positives"),
        (["--positives"], r"expected one argument"),
        (["--positive", "a", "--seed", "x"], r"invalid int value: 'x'"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    status, said, complaints = run("report", *arguments)
    assert (status, said) == (2, "")
    assert complaints.count("\n") == 1
    assert re.search(sentence, complaints)


def test_a_wrong_name_is_told_before_the_work(run, peaks, tmp_path):
    (tmp_path / "taken").write_text("")
    status, said, complaints = run("report", "--positives", peaks, "--out", tmp_path / "taken")
    assert (status, said) == (2, "")
    assert "cannot be made" in complaints
    given = ("--positives", peaks, "--out", tmp_path / "out", "--known", "JASPAR2026_vertebrate")
    status, said, complaints = run("report", *given)
    assert status == 2
    assert "Did you mean 'JASPAR2026_vertebrates'?" in complaints
    assert "trained" not in said


def test_stopping_is_clean(run, peaks, tmp_path, monkeypatch):
    def stopped(*given, **named):
        history = mb.fit(*given, options=mb.FitOptions(n_steps=15), **named)
        history.stopped = "interrupted"  # what `fit` says after Ctrl-C
        return history

    monkeypatch.setattr(predictors, "fit", stopped)
    status, _, complaints = run("report", "--positives", peaks, "--out", tmp_path)
    kept = f"The same command goes on with the trainings that are kept in {tmp_path / '.training'}."
    assert (status, complaints) == (130, f"\nStopped. {kept}\n")
    assert not (tmp_path / "report.html").exists()


def test_a_cure_is_told_as_an_option():
    said = 'They seem the same: use rename={"chr1": "chrI", "chr4": "chrIV"}.'
    assert (
        cli._in_a_shell(said) == "They seem the same: use --rename chr1=chrI --rename chr4=chrIV."
    )
    assert cli._in_a_shell("`rename={old: new}`") == "`rename={old: new}`"


# ---- demo


@pytest.mark.parametrize("called", ["motifbook", ".venv/bin/motifbook"])
def test_the_next_command_is_one_that_the_shell_finds(called, monkeypatch):
    monkeypatch.setattr(sys, "argv", [called])
    assert cli._called() == called
    monkeypatch.setattr(sys, "argv", ["pytest"])
    assert cli._called() == "motifbook"


def test_the_demo_fails_when_motifs_are_not_found(run, quick, monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "N", 300)
    fit = sys.modules["motifbook.train.fit"]
    monkeypatch.setattr(fit, "find_seeds", lambda *given, **named: [])  # the warm start is broken
    status, said, _ = run("demo", "--out", tmp_path)
    assert status == 1
    assert "Not every planted motif was found" in said
    assert (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_the_demo_finds_what_was_planted(run, tmp_path):
    status, said, _ = run("demo", "--out", tmp_path)
    assert status == 0
    assert "All planted motifs were found" in said
    for line in ("SPI1 ", "TAL1::TCF3 ", "GATA1 "):
        assert line in said
    page = (tmp_path / "report.html").read_text()
    assert "GATA1 then TAL1::TCF3, 6 to 10 letters apart" in page


def test_the_demo_compares_with_the_truth_by_similarity(tmp_path, quick, monkeypatch):
    monkeypatch.setattr(demo, "N", 400)
    monkeypatch.setattr(exercises, "FOUND", 0.0)
    made = demo.run_demo(tmp_path, Settings(seed=0, progress=False))
    assert made.is_found
    assert made.found["planted"].tolist() == ["SPI1", "TAL1::TCF3", "GATA1"]
    assert made.page == tmp_path / "report.html"


@pytest.mark.parametrize(
    ("given", "belongs"),
    [
        ({"positives": "a.fa", "length": 30}, "--length says nothing about --positives"),
        ({"table": "a.csv", "negatives": "shuffle"}, "belongs to --positives and --bed"),
        ({"bed": "a.bed", "alphabet": "RNA"}, "--alphabet says nothing about --bed"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(given, belongs):
    with pytest.raises(mb.InputError, match=belongs):
        Source(**given).read()
