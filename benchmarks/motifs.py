"""Time and agreement of motif comparison and scanning: ours, memelite, Biopython.

Every job runs in a fresh process, one after the other, and is timed without its imports: the
first call is cold (memelite compiles, with an empty cache), the second warm.

    python benchmarks/motifs.py        # prints the tables and writes benchmarks/motifs.md
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from motifbook.motif import database
from motifbook.motif.distribution import score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs
from motifbook.motif.tomtom import tomtom
from motifbook.onehot import decode, onehot

Result = dict[str, Any]
TARGETS = database.collection("JASPAR2026_vertebrates")
AT_RICH = (0.4, 0.1, 0.1, 0.4)


def queries() -> list[Motif]:
    generator = np.random.default_rng(0)
    chosen = [TARGETS[i] for i in generator.choice(len(TARGETS), 64, replace=False)]
    noise = [generator.dirichlet(np.ones(4), motif.width).T for motif in chosen]
    return [Motif(m.name, 0.9 * m.ppm + 0.1 * other) for m, other in zip(chosen, noise)]


def scan_input() -> tuple[list[Motif], np.ndarray]:
    generator = np.random.default_rng(0)
    wide = [motif for motif in TARGETS if motif.width >= 8]
    motifs = [wide[i] for i in generator.choice(len(wide), 50, replace=False)]
    letters = generator.choice(4, p=AT_RICH, size=(10_000, 200)).astype(np.uint8)
    return motifs, letters


def timed(call: Callable[[], Any], n: int = 2) -> Result:
    """Wall and CPU seconds of the first and the last of `n` calls."""
    seconds = []
    for _ in range(n):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        seconds.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {"cold": seconds[0], "warm": seconds[-1]}


def tomtom_ours() -> Result:
    motifs = queries()
    return timed(lambda: tomtom(motifs, TARGETS, n=5))


def tomtom_memelite() -> Result:
    from memelite import tomtom as theirs

    motifs = [motif.ppm for motif in queries()]
    return timed(lambda: theirs(motifs, [target.ppm for target in TARGETS]))


def all_ours() -> Result:
    return timed(lambda: tomtom(TARGETS, TARGETS, n=5), n=1)


def all_memelite() -> Result:
    from memelite import tomtom as theirs

    ppms = [target.ppm for target in TARGETS]
    return timed(lambda: theirs(ppms, ppms))


def scan_ours() -> Result:
    motifs, letters = scan_input()
    return timed(lambda: scan_motifs(motifs, letters))


def scan_memelite() -> Result:
    from memelite import fimo

    motifs, letters = scan_input()
    encoded = onehot(letters).astype(np.int8)
    ppms = {str(number): motif.ppm for number, motif in enumerate(motifs)}
    return timed(lambda: fimo(ppms, encoded))


def scan_biopython() -> Result:
    from Bio.motifs.matrix import PositionSpecificScoringMatrix

    motifs, letters = scan_input()
    text = "N".join(decode(letters))

    def scan() -> None:
        for motif in motifs:
            threshold = score_distribution(motif.pssm(), motif.background).threshold(1e-4)
            for pssm in (motif.pssm(), motif.reverse_complement().pssm()):
                matrix = PositionSpecificScoringMatrix("ACGT", dict(zip("ACGT", pssm.tolist())))
                np.flatnonzero(matrix.calculate(text) >= threshold)

    return timed(scan)


def agreement() -> Result:
    """P-values against memelite's with a tenfold finer grid and exact target columns."""
    from memelite import tomtom as theirs

    motifs = queries()
    table = tomtom(motifs, TARGETS)
    ids = [target.info["id"] for target in TARGETS]
    blocks = np.arange(len(table)) // len(TARGETS)
    ours = np.array(
        [rows.set_index("target").loc[ids, "p_value"] for _, rows in table.groupby(blocks)]
    )
    options = {"n_target_bins": None, "n_score_bins": 1000}
    other = theirs([m.ppm for m in motifs], [t.ppm for t in TARGETS], **options)[0]
    logs = np.log10(ours), np.log10(other)
    worst = np.unravel_index(np.abs(logs[0] - logs[1]).argmax(), ours.shape)
    return {
        "same": float((ours.argmin(axis=1) == other.argmin(axis=1)).mean()),
        "r": float(np.corrcoef(logs[0].ravel(), logs[1].ravel())[0, 1]),
        "worst": [float(ours[worst]), float(other[worst])],
        "smallest": float(ours.min()),
    }


def calibration() -> Result:
    """Hits over expected hits in AT-rich random sequence, per motif: smallest, all, largest."""
    from memelite import fimo

    motifs, letters = scan_input()
    n_windows = np.array([(201 - motif.width) * len(letters) * 2 for motif in motifs])
    found = scan_motifs([m.renamed(str(i)) for i, m in enumerate(motifs)], letters, p_value=1e-3)
    ours = found["motif"].astype(int).value_counts().reindex(range(len(motifs)), fill_value=0)
    ppms = {str(number): motif.ppm for number, motif in enumerate(motifs)}
    theirs = [len(hits) for hits in fimo(ppms, onehot(letters).astype(np.int8), threshold=1e-3)]
    result = {}
    for name, counts in {"motifbook": ours.to_numpy(), "memelite": np.array(theirs)}.items():
        ratio = counts / (n_windows * 1e-3)
        total = counts.sum() / (n_windows.sum() * 1e-3)
        result[name] = [float(value) for value in (ratio.min(), total, ratio.max())]
    return result


def blurred(share: float, generator: np.random.Generator) -> list[tuple[Motif, str]]:
    """Copies of 200 motifs from 200 sites each, `share` of them noise, flat flanks; with ids."""
    copies = []
    for number in generator.choice(len(TARGETS), 200, replace=False):
        core = (1 - share) * TARGETS[number].trim().ppm + share * 0.25
        wide = np.pad(core, ((0, 0), (3, 5)), constant_values=0.25)
        counts = [generator.multinomial(200, column) for column in wide.T]
        copies.append((Motif.from_pfm("copy", np.array(counts).T), TARGETS[number].info["id"]))
    return copies


def flanks() -> Result:
    """Share of blurred copies whose source is the best target, by trimming of the query."""
    result: Result = {}
    for share in (0.0, 0.2, 0.4):
        copies = blurred(share, np.random.default_rng(0))
        for bits in (0.0, 0.1, 0.2, 0.3):
            trimmed = [motif.trim(bits) if bits else motif for motif, _ in copies]
            best = tomtom(trimmed, TARGETS, n=1)["target"].tolist()
            hits = sum(found == source for found, (_, source) in zip(best, copies))
            result.setdefault(f"{share:.0%}", []).append(hits / len(copies))
    return result


def run(job: str, cache: str) -> Result:
    done = subprocess.run(
        [sys.executable, __file__, job],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    result: Result = json.loads(done.stdout)
    return result


def report() -> str:
    with tempfile.TemporaryDirectory() as cache:
        names = ("tomtom_memelite", "tomtom_ours", "all_ours", "all_memelite")
        names += (
            "scan_memelite",
            "scan_ours",
            "scan_biopython",
            "agreement",
            "calibration",
            "flanks",
        )
        got = {name: run(name, cache) for name in names}
    lines = [
        f"Measured by `benchmarks/motifs.py` on {os.cpu_count()} cores, one process at a time; "
        "wall seconds (CPU seconds), imports not counted.",
        "",
        "| job | program | cold | warm | ours / theirs, cold | warm |",
        "|---|---|---|---|---|---|",
    ]
    jobs = {"tomtom": "64 x 1,019 motifs compared", "all": "1,019 x 1,019 motifs compared"}
    jobs["scan"] = "50 motifs, 10,000 x 200 bp, both strands"
    for name, result in got.items():
        job, _, program = name.partition("_")
        if job not in jobs:
            continue
        cells = ["{:.2f} ({:.2f})".format(*result[when]) for when in ("cold", "warm")]
        ours = got[f"{job}_ours"]
        ratios = [f"{ours[when][0] / result[when][0]:.3g}" for when in ("cold", "warm")]
        label = "motifbook" if program == "ours" else program
        lines.append("| " + " | ".join([jobs[job], label, *cells, *ratios]) + " |")
    agreed, calibrated = got["agreement"], got["calibration"]
    lines += [
        "",
        f"Comparison against memelite (exact columns, 1,000 bins), 64 x 1,019 p-values: same best "
        f"target for {agreed['same']:.0%} of queries; correlation of log10 p {agreed['r']:.5f}; "
        "furthest apart {:.2g} (ours) and {:.2g}; ".format(*agreed["worst"])
        + f"smallest {agreed['smallest']:.1g}.",
        "",
        "Hits over expected hits in random sequence of 80 % A+T at p = 1e-3 (least, all, most of "
        "50 motifs): "
        + "; ".join(
            f"{name} " + ", ".join(f"{value:.2f}" for value in values)
            for name, values in calibrated.items()
        )
        + ".",
        "",
        "| noise in the query | source found first: not trimmed | 0.1 bits | 0.2 bits | 0.3 bits |",
        "|---|---|---|---|---|",
        *(
            f"| {share} | " + " | ".join(f"{value:.1%}" for value in values) + " |"
            for share, values in got["flanks"].items()
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        warnings.simplefilter("ignore")
        print(json.dumps(globals()[sys.argv[1]]()))
    else:
        table = report()
        Path(__file__).with_suffix(".md").write_text(table)
        print(table)
