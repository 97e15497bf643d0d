"""`mb.test_motifs` on real data: known motifs, readouts in random order, and ordinary tools beside.

Every set runs in a fresh process, one after the other:

    MOTIFBOOK_TEST_DATA=... OMP_NUM_THREADS=1 python -m benchmarks.significance_real [sets]

* "found": what the plain call keeps (family-wise 5 %, up to five motifs), with known motifs that
  `mb.identify` says it is like (q <= 0.05, three at most). Seconds of the processor and peak memory
  are of that call; memory includes Python and the data.
* "known": in which step factors that act there are found among 5 and 15 steps, in which of five
  steps by a split of the rows (chosen on half, tested on the other, Benjamini-Hochberg 10 %), and
  the place of their best matrix among all known ones by `engine="fixed"` and by `mb.enrichment`.
* "random order": the readout is dealt out anew ten times (within pairs of a peak and its shuffle),
  and the first step tested: any motif kept is false.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import motifbook as mb
from motifbook.data import store
from motifbook.motif.compare import similarity
from motifbook.significance.options import LONGEST

N_RANDOM = 10
N_SELF_CHECK = 100
SURE = 0.05  # q-value up to which a motif is given a known one's name
ALIKE = 0.7  # similarity from which a motif is a word that is in no collection
Result = dict[str, Any]


@dataclass(frozen=True)
class Real:
    """A set, and what is known to act there: factor -> beginnings of its names, or its word."""

    name: str
    known: dict[str, tuple[str, ...]]
    kingdom: str = ""
    n: int | None = None
    words: dict[str, str] = field(default_factory=dict)

    @property
    def collection(self) -> str:
        return f"JASPAR2026_{self.kingdom}" if self.kingdom else ""


ETS = ("ETV", "ELK", "ELF", "ETS", "GABPA", "ERG", "FLI1")
SETS = {
    "ctcf": Real("ctcf_top", {"CTCF": ("CTCF",)}, "vertebrates"),
    "pu1": Real("pu1", {"PU.1": ("SPI1", "SPIB", "SPIC")}, "vertebrates", n=1000),
    "yeast": Real("yeast", {"Reb1": ("REB1",), "Abf1": ("ABF1",), "Rap1": ("RAP1",)}, "fungi"),
    "fly": Real(
        "fly",
        {
            "DRE": ("DREF",),
            "Ohler1": ("M1BP",),
            "AP-1": ("JRA", "KAY"),
            "GATA": ("GATA", "SRP", "GRN"),
            "Trl": ("TRL",),
        },
        "insects",
    ),
    "human": Real(
        "human",
        {"AP-1": ("JUN", "FOS"), "GATA": ("GATA",), "ETS": ETS, "NRF1": ("NRF1",)},
        "vertebrates",
    ),
    "pum2": Real("pum2", {}, n=4000, words={"PUM2": "UGUANAUA"}),
    "utr5": Real("utr5", {}, words={"start codon": "AUG"}),
}


def measure(name: str) -> Result:
    """All numbers of one set."""
    real = SETS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adata = mb.examples.load(real.name, n=real.n)
    known_letters = store.get_letters(adata) < store.get_alphabet(adata).n_letters
    adata = adata[known_letters.sum(axis=1) >= LONGEST].copy()  # one RNA is N throughout
    started = time.process_time()
    tests = mb.test_motifs(adata, seed=0)
    table = tests.table
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    longer = mb.test_motifs(adata, options=mb.TestOptions(n_steps=15), seed=0)
    halves = mb.TestOptions(control="fdr", fdr=0.1)
    split = mb.test_motifs(adata, engine="split", options=halves, seed=0)
    return {
        "rows": adata.n_obs,
        "seconds": seconds,
        "gigabytes": peak,
        "readouts": tests.readouts.to_dict("records"),
        "n_kept": {"5": int(table["kept"].sum()), "15": int(longer.table["kept"].sum())},
        "found": found(tests, real),
        "known": known(real, adata, {"5 steps": tests, "15 steps": longer, "split": split}),
        **random_order(adata),
        **self_checks(tests),
    }


def found(tests: Any, real: Real) -> list[Result]:
    """What is kept, with the names of known motifs."""
    names = identified(tests, real)
    columns = ["readout", "step", "motif", "consensus", "n_sequences", "effect", "lower", "upper"]
    columns += ["difference", "log_p"]
    rows = tests.table[tests.table["kept"]]
    return [
        {**row, "known": names.get(row["consensus"], [])}
        for row in rows[columns].to_dict("records")
    ]


def identified(tests: Any, real: Real) -> dict[str, list[str]]:
    """Known motifs that each kept one is like, best first, by its consensus."""
    kept = [
        finding.motif
        for one, errors in zip(tests.by_readout, tests.errors)
        for finding, is_kept in zip(one.findings, errors.kept)
        if is_kept
    ]
    if not kept or not real.collection:
        return {
            motif.consensus: [factor for factor, word in real.words.items() if alike(motif, word)]
            for motif in kept
        }
    numbered = [mb.Motif(str(number), motif.ppm) for number, motif in enumerate(kept)]
    table = mb.identify(numbered, real.collection, n=3, q_value=SURE)
    return {
        kept[int(str(number))].consensus: rows["target_name"].tolist()
        for number, rows in table.groupby("motif", sort=False)
    }


def alike(motif: Any, word: str) -> bool:
    """Whether a word is in a motif; N is any letter."""
    letters = motif.alphabet.letters
    ppm = np.array(
        [[1 / len(letters) if x == "N" else float(x == y) for x in word] for y in letters]
    )
    return similarity(motif, mb.Motif(word, ppm, alphabet=motif.alphabet)) >= ALIKE


def known(real: Real, adata: Any, ways: dict[str, Any]) -> list[Result]:
    """Step or place of every known factor, for each readout and way."""
    factors = {**real.known, **{factor: (factor.upper(),) for factor in real.words}}
    places = {way: steps(tests, real) for way, tests in ways.items()}
    if real.collection:
        places |= ranks(real, adata)
    return [
        {
            "readout": readout,
            "factor": factor,
            **{way: place(names.get(readout, []), starts) for way, names in places.items()},
        }
        for readout in adata.var_names
        for factor, starts in factors.items()
    ]


def steps(tests: Any, real: Real) -> dict[str, list[tuple[int, str]]]:
    """(step, known motif) of what is kept, by readout."""
    names = identified(tests, real)
    kept = tests.table[tests.table["kept"]]
    listed: dict[str, list[tuple[int, str]]] = {}
    for readout, rows in kept.groupby("readout"):
        listed[str(readout)] = [
            (number + 1, name)
            for number, consensus in enumerate(rows["consensus"])
            for name in names.get(consensus, [])
        ]
    return listed


def ranks(real: Real, adata: Any) -> dict[str, dict[str, list[tuple[int, str]]]]:
    """(place, name) of known motifs with q <= 0.05, each tested by itself."""
    tables = {
        "fixed": mb.test_motifs(adata, real.collection, engine="fixed", seed=0).table,
        "enrichment": mb.enrichment(real.collection, adata),
    }
    found: dict[str, dict[str, list[tuple[int, str]]]] = {way: {} for way in tables}
    for way, table in tables.items():
        for readout, rows in table[table["q_value"] <= SURE].groupby("readout"):
            shared = rows["p_value"].rank(method="min").astype(int)  # ties share the first place
            found[way][str(readout)] = sorted(zip(shared.tolist(), rows["motif"].astype(str)))
    return found


def place(listed: list[tuple[int, str]], starts: tuple[str, ...]) -> int | None:
    """The first place with a factor's name."""
    for number, name in listed:
        if any(part.startswith(starts) for part in name.upper().split("::")):
            return number
    return None


def random_order(adata: Any) -> Result:
    """Motifs kept, and smallest p-values, where the readout is dealt out anew."""
    options = mb.TestOptions(n_steps=1)
    kept, p_values = 0, []
    for seed in range(N_RANDOM):
        other = adata.copy()
        other.X = adata.X[dealt(adata, seed)]
        tests = mb.test_motifs(other, options=options, seed=seed)
        kept += int(tests.table["kept"].sum())
        p_values += tests.table["p_value"].tolist()
    return {"random_kept": kept, "random_p": p_values}


def dealt(adata: Any, seed: int) -> np.ndarray:
    """Rows in random order: within pairs of a peak and its shuffle, where there are such."""
    rng = np.random.default_rng(seed)
    if "pair" not in adata.obs or adata.n_vars > 1 or len(np.unique(adata.X)) > 2:
        return rng.permutation(adata.n_obs)
    order = np.arange(adata.n_obs)
    for rows in adata.obs.groupby("pair").indices.values():
        order[rows] = rng.permutation(rows)
    return order


def self_checks(tests: Any) -> Result:
    """`Tests.qq` of every readout, and its time."""
    started = time.process_time()
    said = [str(tests.qq(N_SELF_CHECK, readout=name)) for name in tests.readouts["readout"]]
    return {"qq": said, "qq_seconds": time.process_time() - started}


def report(results: dict[str, Result]) -> None:
    """Print the tables."""
    print("## found\n")
    print_table(
        results,
        ["set", "rows", "engine", "kept of 5", "kept of 15", "CPU seconds", "GB"],
        lambda name, one: [
            [
                name,
                f"{one['rows']:,}",
                ", ".join(sorted({row["engine"] for row in one["readouts"]})),
                one["n_kept"]["5"],
                one["n_kept"]["15"],
                f"{one['seconds']:.1f}",
                f"{one['gigabytes']:.1f}",
            ]
        ],
    )
    print_table(
        results,
        ["set", "readout", "step", "consensus", "sequences", "effect (90 %)", "log10 p", "known"],
        lambda name, one: [[name, *told(row)] for row in one["found"]],
    )
    print("## known\n")
    ways = ["5 steps", "15 steps", "split", "fixed", "enrichment"]
    print_table(
        results,
        ["set", "readout", "factor", *ways],
        lambda name, one: [
            [name, row["readout"], row["factor"], *[row.get(way) or "-" for way in ways]]
            for row in one["known"]
        ],
    )
    print("## random order\n")
    print_table(
        results,
        ["set", "tests", "kept", "smallest p", "self-check", "its CPU seconds"],
        lambda name, one: [
            [
                name,
                len(one["random_p"]),
                one["random_kept"],
                f"{min(one['random_p']):.2g}",
                " ".join(one["qq"]),
                f"{one['qq_seconds']:.0f}",
            ]
        ],
    )


def told(row: Result) -> list[Any]:
    """A finding as a row of a table."""
    effect = "-"
    if row["effect"] == row["effect"]:
        effect = f"{row['effect']:+.2f} ({row['lower']:+.2f} to {row['upper']:+.2f})"
    log10 = row["log_p"] / np.log(10)
    known = ", ".join(row["known"]) or "-"
    named = [row["readout"], row["step"], row["consensus"], f"{row['n_sequences']:,}"]
    return [*named, effect, f"{log10:.1f}", known]


def print_table(
    results: dict[str, Result], head: list[str], rows: Callable[[str, Result], list[list[Any]]]
) -> None:
    print(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for name, one in results.items():
        for row in rows(name, one):
            print(f"| {' | '.join(map(str, row))} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--one", choices=list(SETS), help="measure one set and print JSON")
    given = parser.parse_args()
    if not Path(os.environ.get("MOTIFBOOK_TEST_DATA", ""), "mpra").is_dir():
        raise SystemExit("No real data: set MOTIFBOOK_TEST_DATA to the folder that holds mpra/.")
    if given.one:
        print(json.dumps(measure(given.one), default=float))
        return
    results = {}
    for name in given.sets:
        command = [sys.executable, "-m", "benchmarks.significance_real", "--one", name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results[name] = json.loads(done.stdout.splitlines()[-1])
    report(results)


if __name__ == "__main__":
    main()
