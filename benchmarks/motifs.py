"""Motif comparison and scanning: agreement with memelite, calibration, flanks of queries.

    python -m benchmarks.motifs        # prints the tables and writes benchmarks/motifs.md

Times beside memelite, MOODS and Biopython: `python -m benchmarks --only motifs`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.motifs import compared, scanned
from motifbook.motif import database
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs
from motifbook.motif.tomtom import tomtom
from motifbook.onehot import onehot

Result = dict[str, Any]
TARGETS = database.collection("JASPAR2026_vertebrates")


def queries() -> list[Motif]:
    """64 noisy copies of known motifs, those of the table of peers."""
    return compared(Path(), 64, len(TARGETS))[0]


def scan_input() -> tuple[list[Motif], np.ndarray]:
    """50 motifs and 10,000 sequences rich in A and T, those of the table of peers."""
    return scanned(Path(), 50, 10_000, 200)


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
    found = scan_motifs(motifs, letters, p_value=1e-3)
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


def report() -> str:
    got = {job.__name__: job() for job in (agreement, calibration, flanks)}
    lines = [
        "Measured by `python -m benchmarks.motifs`. Times beside others' are in README.md, beside "
        "the machine's limit in hot_paths.md.",
    ]
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
    warnings.simplefilter("ignore")
    table = report()
    Path(__file__).with_suffix(".md").write_text(table)
    print(table)
