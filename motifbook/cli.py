"""The commands `motifbook demo` and `motifbook report`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from motifbook import __version__
from motifbook._check import InputError

if TYPE_CHECKING:
    from motifbook.report.predictors import Settings

GOOD, NOT_FOUND, REFUSED, STOPPED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with a command."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}. `{self.prog} --help` lists all options.", file=sys.stderr)
        raise SystemExit(REFUSED)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status.

    Returns
    -------
    int
        0; 1 if `demo` did not find its motifs; 2 if something in the input must be mended, which
        one sentence says; 130 if it was stopped.
    """
    arguments = _parser().parse_args(argv)
    # Threads that wait for each other sleep: spinning ones make a busy machine four times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported
    try:
        status: int = arguments.run(arguments)
    except (InputError, OSError) as error:
        print(f"motifbook {arguments.command}: {_in_a_shell(str(error))}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print(f"\nStopped.{_what_is_kept(arguments.out)}", file=sys.stderr)
        return STOPPED
    return status


def _what_is_kept(out: str) -> str:
    """A space and a sentence on trainings that the next run goes on with, if there are any."""
    from motifbook.report.folder import TRAININGS

    folder = os.path.join(out, TRAININGS)
    if not os.path.isdir(folder) or not os.listdir(folder):
        return ""
    return f" The same command goes on with the trainings that are kept in {folder}."


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="motifbook", description="Find the DNA motifs behind your measurements.")
    parser.add_argument("--version", action="version", version=f"motifbook {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    demo = commands.add_parser("demo", help="find planted motifs in simulated sequences")
    demo.add_argument("--out", default="motifbook-demo", metavar="DIR", help="folder to write")
    demo.add_argument("--seed", type=int, default=0, help="of data and network")
    demo.set_defaults(run=_demo)
    report = commands.add_parser("report", help="find motifs in your sequences")
    _add_sources(report)
    report.add_argument("--out", default="motifbook-report", metavar="DIR", help="folder to write")
    report.add_argument(
        "--known",
        default="JASPAR2026_vertebrates",
        metavar="NAME|FILE",
        help="known motifs: a MEME, JASPAR or TRANSFAC file, or a packaged collection: "
        "JASPAR2026_vertebrates (the default), _insects, _plants, _fungi, _nematodes, "
        "_urochordates or _diatoms",
    )
    report.add_argument(
        "--split",
        metavar="HOW",
        help="how sequences for testing are set aside: random, similarity (families stay "
        "together), chrom, or a column of the table; by default as the column 'split' says, else "
        "by similarity",
    )
    report.add_argument(
        "--designs",
        type=int,
        default=5,
        metavar="N",
        help="new sequences that the network predicts to be high; 0 for none, by default 5",
    )
    report.add_argument("--seed", type=int, default=0, help="of negatives, split and network")
    report.set_defaults(run=_report)
    return parser


def _add_sources(report: argparse.ArgumentParser) -> None:
    add = report.add_argument
    add("--positives", metavar="FASTA", help="your sequences")
    add(
        "--negatives",
        metavar="FASTA|shuffle|matched",
        help="sequences to compare with; by default shuffles of yours, or for --bed windows of "
        "the same genome and GC content",
    )
    add("--labels", metavar="FILE", help="values of these sequences, one line each, in their order")
    add("--table", metavar="FILE", help="table with a sequence and measured values per line")
    add(
        "--readouts",
        default="",
        metavar="A,B",
        help="columns of the table with measured values, by name or number (from 0); replicates as "
        "A=A_1+A_2",
    )
    add("--sequence", default="sequence", metavar="COLUMN", help="column with the sequences")
    add("--bed", metavar="BED", help="regions of a genome, such as peaks")
    add("--genome", metavar="FASTA", help="the genome of these regions")
    add("--length", type=int, metavar="N", help="letters per window around each region")
    add(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a chromosome's name in --bed and in --genome; may be given several times",
    )
    add("--blacklist", metavar="BED", help="regions that no window may touch")
    add(
        "--signal",
        action="append",
        default=[],
        metavar="NAME=BIGWIG",
        help="coverage to read as one more readout; may be given several times",
    )
    add("--alphabet", default="DNA", metavar="NAME", help="DNA, RNA or protein")


def _in_a_shell(message: str) -> str:
    """An error with its cure as an option: `rename={"chr4": "chrIV"}` is `--rename chr4=chrIV`."""
    for cure in re.findall(r"rename=\{[^{}]*\}", message):
        names = re.findall(r'"([^"]+)": "([^"]+)"', cure)
        options = " ".join(f"--rename {old}={new}" for old, new in names)
        message = message.replace(cure, options or cure)
    return message


def _demo(arguments: argparse.Namespace) -> int:
    from motifbook.report.demo import run_demo

    demo = run_demo(arguments.out, _settings(arguments.seed))
    print(f"\n{'planted':<12} {'found as':<10} {'similarity':<11} like")
    for row in demo.found.itertuples():
        print(f"{row.planted:<12} {row.found_as:<10} {row.similarity:<11.2f} {row.like}")
    if not demo.is_found:
        print("\nNot every planted motif was found: something is wrong with this installation.")
        return NOT_FOUND
    print(f"\nAll planted motifs were found. Open {demo.page} in a browser.")
    print(f"Next, your own: {_called()} report --positives peaks.fa.gz --out results")
    return GOOD


def _called() -> str:
    """The program as the user called it, which may not be on the path."""
    called = sys.argv[0]
    return called if os.path.basename(called) == "motifbook" else "motifbook"


def _report(arguments: argparse.Namespace) -> int:
    from motifbook.data.schema import DONE
    from motifbook.report import analyze, keeping, make_folder, write_folder
    from motifbook.report.source import Source
    from motifbook.report.words import headline

    settings = keeping(_settings(arguments.seed), make_folder(arguments.out))
    readouts = tuple(name.strip() for name in arguments.readouts.split(",") if name.strip())
    names = [field.name for field in dataclasses.fields(Source) if field.name != "readouts"]
    source = Source(readouts=readouts, **{name: getattr(arguments, name) for name in names})
    adata = source.read(arguments.seed)
    negatives = "" if arguments.table or arguments.labels else ", negatives included"
    settings.say(f"read {adata.n_obs:,} sequences{negatives}:")
    print("\n".join(f"          {sentence}" for sentence in adata.uns[DONE]), flush=True)
    analysis = analyze(
        adata,
        known=arguments.known,
        designs=arguments.designs,
        split_by=arguments.split,
        settings=settings,
    )
    page = write_folder(analysis, arguments.out)
    settings.say("wrote the report")
    print(f"\n{headline(analysis)}\nOpen {page} in a browser.")
    return GOOD


def _settings(seed: int) -> Settings:
    from motifbook.report.predictors import Settings

    return Settings(seed=seed, progress=sys.stderr.isatty(), say=_stopwatch())


def _stopwatch() -> Callable[[str], None]:
    """Return a function that prints a sentence with the seconds since now."""
    start = time.monotonic()

    def say(sentence: str) -> None:
        print(f"{time.monotonic() - start:6.1f} s  {sentence}", flush=True)

    return say
