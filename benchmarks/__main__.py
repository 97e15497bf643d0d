"""How long motifbook takes beside what a user would take instead: one command, one table.

    python -m benchmarks                       # all jobs, on one thread
    python -m benchmarks --write               # the same, and the table goes into README.md
    python -m benchmarks --only scanned logos  # jobs of these areas, or with these words
    python -m benchmarks --small               # tiny sizes in one process: does everything work?

Every program runs in a fresh process, with imports and preparations not counted, and programs of
one job take turns. "first" is the first call of the process, where peers compile with an empty
cache; other numbers are medians of the later calls. A peer that is not installed is named as such:
`pip install captum`, and `pip install --target FOLDER MOODS-python` with PYTHONPATH=FOLDER.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.peers.match import Match
from benchmarks.peers.table import HEAD, Row, circumstances, put_between, rows
from benchmarks.peers.turns import Asked, Process, measure

AREAS = (
    *("logos", "motifs", "letters", "kmers", "attribution"),
    *("scrambler", "training", "significance", "design"),
)
PAGE = Path(__file__).with_name("README.md")
Chosen = list[tuple[str, int, Match]]


def chosen(words: list[str]) -> Chosen:
    """Area, place and match of the jobs of these areas, or with these words; all without."""
    found = []
    texts = [word for word in words if word not in AREAS]
    for area in AREAS:
        for place, match in enumerate(import_module(f"benchmarks.peers.{area}").MATCHES):
            if not words or area in words or any(text in match.job for text in texts):
                found.append((area, place, match))
    return found


def run(jobs: Chosen, asked: Asked) -> list[Row]:
    """Measure one job after the other; rows are printed as they come."""
    shared = Process(asked.n_threads, None) if asked.is_small else None
    made: list[Row] = []
    print(HEAD)
    try:
        for area, place, match in jobs:
            found = measure(area, place, match, asked, shared)
            made += rows(area, match, asked.is_small, found)
            print("\n".join(row.line() for row in made[-len(match.peers) :]), flush=True)
    finally:
        if shared:
            shared.end()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--only", nargs="+", default=[], help="areas, or words of jobs")
    parser.add_argument("--threads", type=int, default=1, help="threads of every program")
    parser.add_argument(
        "--turns", type=int, default=5, help="calls of each program after the first"
    )
    parser.add_argument("--small", action="store_true", help="tiny sizes: does everything work?")
    parser.add_argument("--warm", action="store_true", help="use compiled code of earlier runs")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--json", type=Path, help="write the rows into this file, too")
    given = parser.parse_args()
    jobs = chosen(given.only)
    if not jobs:
        parser.error(f"no job has any of {given.only}; areas are {', '.join(AREAS)}")
    if given.write and (given.only or given.small or given.warm):
        parser.error("--write takes the whole table: leave out --only, --small and --warm")
    n_turns = 1 if given.small else given.turns
    load = os.getloadavg()[0]
    made = run(jobs, Asked(given.threads, n_turns, is_small=given.small, is_warm=given.warm))
    words = [word for word in sys.argv[1:] if word not in ("--json", str(given.json))]
    command = " ".join(["python -m benchmarks", *words])
    told = circumstances([match for *_, match in jobs], command, given.threads, load)
    print(f"\n{told}")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in made], indent=1) + "\n")
    if given.write:
        table = "\n".join([HEAD, *(row.line() for row in made)])
        put_between(PAGE, f"{told}\n\n{table}")


if __name__ == "__main__":
    main()
