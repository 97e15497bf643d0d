"""Which known motif is it, and where are motifs: comparison and scanning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer

AT_RICH = (0.4, 0.1, 0.1, 0.4)
P_VALUE = 1e-4


# ---- comparison


def compared(folder: Path, queries: int, targets: int) -> tuple[list[Any], list[Any]]:
    """Noisy copies of known motifs, and the known motifs (all as they are where sizes agree)."""
    from motifbook import Motif
    from motifbook.motif import database

    known = list(database.collection("JASPAR2026_vertebrates"))[:targets]
    if queries == targets:
        return known, known
    rng = np.random.default_rng(0)
    chosen = [known[i] for i in rng.choice(len(known), queries, replace=False)]
    noise = [rng.dirichlet(np.ones(4), motif.width).T for motif in chosen]
    return [Motif(m.name, 0.9 * m.ppm + 0.1 * other) for m, other in zip(chosen, noise)], known


def tomtom(data: tuple[list[Any], list[Any]]) -> Call:
    from motifbook.motif.tomtom import tomtom

    queries, known = data
    number = {target.info["id"]: place for place, target in enumerate(known)}

    def best() -> Any:
        table = tomtom(queries, known, n=5)
        first = table.groupby(np.arange(len(table)) // min(5, len(known))).first()
        return first["target"].map(number).to_numpy()

    return best


def memelite_tomtom(data: tuple[list[Any], list[Any]]) -> Call:
    from memelite import tomtom

    queries, known = ([motif.ppm for motif in motifs] for motifs in data)
    return lambda: tomtom(queries, known)[0].argmin(axis=1)


def same_best(ours: Any, theirs: Any) -> tuple[bool, str]:
    """The grids of p-values differ, so that near ties may be told apart differently."""
    share = float(np.mean(ours == theirs))
    return share >= 0.95, f"same best target: {share:.0%}"


# ---- scanning


def scanned(folder: Path, motifs: int, n: int, length: int) -> tuple[list[Any], Any]:
    from motifbook.motif import database

    rng = np.random.default_rng(0)
    wide = [m for m in database.collection("JASPAR2026_vertebrates") if m.width >= 8]
    chosen = [wide[i].renamed(str(i)) for i in rng.choice(len(wide), motifs, replace=False)]
    return chosen, rng.choice(4, p=AT_RICH, size=(n, length)).astype(np.uint8)


def scan(data: tuple[list[Any], Any]) -> Call:
    from motifbook.motif.scan import scan_motifs

    motifs, letters = data
    return lambda: scan_motifs(motifs, letters)


def fimo(data: tuple[list[Any], Any]) -> Call:
    from memelite import fimo

    from motifbook.onehot import onehot

    motifs, letters = data
    encoded = onehot(letters).astype(np.int8)
    ppms = {motif.name: motif.ppm for motif in motifs}
    return lambda: fimo(ppms, encoded)


def pssms(motifs: list[Any], letters: Any) -> Any:
    """Log odds on both strands of each motif, and the score that its p-value asks for.

    The background is that of the sample and scores are in steps of 0.001, as ours takes them, so
    that all find the same hits; half a step is left for what others round.
    """
    from motifbook.motif.distribution import score_distribution

    shares = np.bincount(letters.ravel(), minlength=4) / letters.size
    background = tuple((shares + shares[::-1]) / 2)
    for motif in (replace(motif, background=background) for motif in motifs):
        threshold = score_distribution(motif.pssm(), background).threshold(P_VALUE)
        for pssm in (motif.pssm(), motif.reverse_complement().pssm()):
            yield np.round(pssm, 3), threshold - 0.0005


def biopython(data: tuple[list[Any], Any]) -> Call:
    from Bio.motifs.matrix import PositionSpecificScoringMatrix

    from motifbook.onehot import decode

    motifs, letters = data
    text = "N".join(decode(letters))

    def hits() -> int:
        n = 0
        for pssm, threshold in pssms(motifs, letters):
            matrix = PositionSpecificScoringMatrix("ACGT", dict(zip("ACGT", pssm.tolist())))
            n += int((matrix.calculate(text) >= threshold).sum())
        return n

    return hits


def moods(data: tuple[list[Any], Any]) -> Call:
    from MOODS.scan import scan_dna

    from motifbook.onehot import decode

    motifs, letters = data
    text = "N".join(decode(letters))

    def hits() -> int:
        asked = list(pssms(motifs, letters))
        matrices = [pssm.tolist() for pssm, _ in asked]
        found = scan_dna(text, matrices, [0.25] * 4, [threshold for _, threshold in asked], 7)
        return sum(len(one) for one in found)

    return hits


def hits_agree(ours: Any, theirs: Any) -> tuple[bool | None, str]:
    """Same thresholds: the same number. memelite's come from another background: not defined."""
    if isinstance(theirs, list):
        return None, f"{len(ours):,} and {sum(len(one) for one in theirs):,} hits"
    return abs(len(ours) - theirs) <= 1e-3 * len(ours) + 1, f"{len(ours):,} and {theirs:,} hits"


COMPARED = (Peer("memelite", memelite_tomtom, "memelite", "memelite"),)
SCANNED = (
    Peer("memelite", fimo, "memelite", "memelite"),
    Peer("MOODS", moods, "MOODS", "MOODS-python"),
    Peer("Biopython", biopython, "Bio", "biopython"),
)
MATCHES = [
    Match(
        "{queries} x {targets:,} motifs compared",
        compared,
        tomtom,
        COMPARED,
        {"queries": 64, "targets": 1019},
        {"queries": 2, "targets": 4},
        same_best,
    ),
    Match(
        "{queries:,} x {targets:,} motifs compared",
        compared,
        tomtom,
        COMPARED,
        {"queries": 1019, "targets": 1019},
        {"queries": 3, "targets": 3},
        same_best,
    ),
    Match(
        "{motifs} motifs, {n:,} x {length} letters scanned",
        scanned,
        scan,
        SCANNED,
        {"motifs": 50, "n": 10_000, "length": 200},
        {"motifs": 2, "n": 5, "length": 30},
        hits_agree,
    ),
]
