"""Other ways to call sites, for `benchmarks/instances.py`: scans, attributions, attention."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

import motifbook as mb
from motifbook.data import store
from motifbook.discover.instances.rule import RATE
from motifbook.discover.instances.sites import SiteFinder
from motifbook.onehot import onehot, shuffle

LOOSE = 0.01  # calls per position, for auPRC


def overall(table: pd.DataFrame, motifs: Any, adata: Any) -> pd.Series:
    return mb.exercises.instance_scores(table, motifs, adata).set_index("planted").loc["all"]


def scanned(motifs: Any, test: Any, seed: int) -> dict[str, float]:
    """Best auPRC of a scan; precision and recall at the rate, counted on shuffles."""
    best: dict[str, float] = {"auprc": -1.0}
    letters = store.get_letters(test)
    background = test.copy()
    found = mb.scan(motifs, test, p_value=LOOSE)
    chance = []
    for number in range(5):
        shuffled = shuffle(letters, seed=1000 * seed + number)
        background.obs["sequence"] = ["".join("ACGT"[code] for code in row) for row in shuffled]
        chance.append(mb.scan(motifs, background, p_value=LOOSE))
    for across, ranked_by in itertools.product((False, True), ("score", "p_value")):
        calls = ranked(resolved(found, across), ranked_by)
        by_chance = pd.concat([ranked(resolved(hits, across), ranked_by) for hits in chance])
        cutoff = np.sort(by_chance["score"])[::-1][int(RATE * letters.size * len(chance))]
        area = float(overall(calls, motifs, test)["auprc"])
        if area > best["auprc"]:
            told = overall(calls[calls["score"] > cutoff], motifs, test)
            best = {"auprc": area, "precision": told["precision"], "recall": told["recall"]}
    return {key: round(float(value), 4) for key, value in best.items()}


def ranked(hits: pd.DataFrame, by: str) -> pd.DataFrame:
    return hits.assign(score=-np.log(hits["p_value"])) if by == "p_value" else hits


def resolved(hits: pd.DataFrame, across_motifs: bool) -> pd.DataFrame:
    """Hits without those that share half of their letters with one of a smaller p-value."""
    ordered = hits.sort_values("p_value", kind="stable")
    taken: dict[Any, list[tuple[int, int]]] = {}
    kept = []
    columns = ["sequence", "start", "end", "motif"]
    for label, (sequence, start, end, motif) in zip(
        ordered.index, ordered[columns].itertuples(index=False)
    ):
        others = taken.setdefault(sequence if across_motifs else (sequence, motif), [])
        if all(min(end, e) - max(start, s) < min(end - start, e - s) / 2 for s, e in others):
            others.append((start, end))
            kept.append(label)
    return hits.loc[kept]


def attributed(motifs: Any, test: Any, model: Any, name: str) -> dict[str, float]:
    letters = store.get_letters(test)
    encoded = torch.as_tensor(onehot(letters))
    maps = {"mutagenesis": mutagenesis(model, encoded), "gradient": gradient(model, encoded)}
    return {
        f"{method}, {name}": round(
            max(
                float(overall(calls, motifs, test)["auprc"])
                for calls in windows(values, motifs, test)
            ),
            4,
        )
        for method, values in maps.items()
    }


def mutagenesis(model: Any, encoded: torch.Tensor) -> np.ndarray:
    """Effect of each letter against the mean of all four, (n, length), by tangermeme."""
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    values = saturation_mutagenesis(
        model.eval(), encoded, target=0, batch_size=512, device="cpu", fast=False
    )
    return np.asarray(values.sum(dim=1))


def gradient(model: Any, encoded: torch.Tensor) -> np.ndarray:
    """Gradient times letter, centered over the four letters, (n, length)."""
    parts = []
    for batch in torch.split(encoded, 256):
        x = batch.clone().requires_grad_()
        (slope,) = torch.autograd.grad(model.eval()(x)[:, 0].sum(), x)
        parts.append(((slope - slope.mean(dim=1, keepdim=True)) * batch).sum(dim=1))
    return torch.cat(parts).numpy()


def windows(values: np.ndarray, motifs: Any, test: Any) -> Iterator[pd.DataFrame]:
    """Matches of the matrices, ranked by the attributions under them in all ways we know."""
    rows = {name: row for row, name in enumerate(test.obs_names)}
    heights = {motif.name: motif.icm().sum(axis=0) for motif in motifs}
    for p_value in (1e-2, 1e-3):
        hits = resolved(mb.scan(motifs, test, p_value=p_value), across_motifs=True)
        under = [
            values[rows[sequence], start:end]
            for sequence, start, end in hits[["sequence", "start", "end"]].itertuples(index=False)
        ]
        bits = [
            heights[motif][:: 1 if strand == "+" else -1]
            for motif, strand in hits[["motif", "strand"]].itertuples(index=False)
        ]
        sums = np.array([value.sum() for value in under])
        products = np.array([value @ height for value, height in zip(under, bits)])
        for score in (
            sums, np.abs(sums), [np.abs(value).sum() for value in under],
            products, np.abs(products),
        ):  # fmt: skip
            yield hits.assign(score=score)


def attended(model: Any, adata: Any, test: Any) -> dict[str, float]:
    """The rule of the paper and ours on a network that reads its motifs by attention."""
    motifs = mb.read_motifs(model, adata)
    if not motifs:
        return {"precision": float("nan"), "recall": 0.0, "precision_rule": 0.0, "recall_rule": 0.0}
    letters = store.get_letters(test)
    finder = SiteFinder(model, motifs, batch_size=256, device="cpu")
    largest = finder.largest(letters)
    fired = finder.activations(letters, largest)
    mean = np.array([one.mean() if len(one) else np.inf for one in fired])
    sites = finder.sites(letters, largest, mean)
    sites = sites.take(sites.attention > 0.9)
    widths = np.array([motif.width for motif in motifs])[sites.motif]
    published = pd.DataFrame(
        {
            "sequence": test.obs_names.to_numpy()[sites.row],
            "start": sites.start,
            "end": sites.start + widths,
            "strand": np.where(sites.sign > 0, "+", "-"),
            "motif": np.array([motif.name for motif in motifs])[sites.motif],
            "score": sites.activation,
            "p_value": 1.0,
        }
    )
    told = overall(published, motifs, test)
    ours = overall(mb.call_instances(model, test, motifs=motifs), motifs, test)
    return {
        "precision_rule": round(float(told["precision"]), 4),
        "recall_rule": round(float(told["recall"]), 4),
        "precision": round(float(ours["precision"]), 4),
        "recall": round(float(ours["recall"]), 4),
    }
