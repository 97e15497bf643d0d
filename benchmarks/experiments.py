"""In-silico experiments against tangermeme: the same questions, the same numbers, the time.

    python -m benchmarks.experiments    # trains two networks, then writes benchmarks/experiments.md

One thread; the two programs take turns in one process, and the median of five turns counts. The
networks are trained on a simulated set whose rule is known; what the experiments say of it is
printed below the times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tangermeme.ablate
import tangermeme.marginalize
import tangermeme.space
import torch

import motifbook as mb
from motifbook.data import store
from motifbook.experiment.ablate import Stretches, without
from motifbook.experiment.place import word_of
from motifbook.onehot import decode, onehot, reverse_complement

TABLE = Path(__file__).with_suffix(".md")
TURNS = 5
GAPS = range(31)
ORIENTATIONS = ("++", "+-", "-+", "--")
N_SITES = 200
N_DRAWS = 10
CPU = {"device": "cpu", "batch_size": 512}

Numbers = np.ndarray[Any, Any]


def taking_turns(*calls: Callable[[], Numbers]) -> tuple[list[Numbers], list[float]]:
    """What each call returns, and the median of its seconds."""
    results = [call() for call in calls]  # warm
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(TURNS):
        for spent, call in zip(seconds, calls):
            began = time.perf_counter()
            call()
            spent.append(time.perf_counter() - began)
    return results, [float(np.median(spent)) for spent in seconds]


def text(motif: mb.Motif, strand: str) -> str:
    letters = word_of(motif, motif.alphabet).letters
    return decode(letters if strand == "+" else reverse_complement(letters))[0]


def spacing(model: Any, motifs: list[mb.Motif], letters: Numbers) -> tuple[Any, Any]:
    """What every pair of motifs adds at every gap and orientation."""
    given = torch.as_tensor(onehot(letters))

    def ours() -> Numbers:
        pairs = combinations(motifs, 2)
        return np.concatenate([mb.space(model, a, b, letters)["effect"] for a, b in pairs])

    def theirs() -> Numbers:
        found = []
        gaps = [[gap] for gap in GAPS]
        for a, b in combinations(motifs, 2):
            for first, second in ORIENTATIONS:
                pair = [text(a, first), text(b, second)]
                words = (pair, [pair[0], "N" * b.width], ["N" * a.width, pair[1]])
                (none, both), (_, one), (_, other) = (
                    tangermeme.space.space(model, given, w, gaps, **CPU) for w in words
                )
                found.append((both - one - other + none[:, None]).mean(dim=0).flatten().numpy())
        return np.concatenate(found)

    return ours, theirs


def alone(model: Any, motifs: list[mb.Motif], letters: Numbers) -> tuple[Any, Any]:
    """What every motif does on both strands."""
    given = torch.as_tensor(onehot(letters))

    def ours() -> Numbers:
        return mb.marginalize(model, motifs, letters, strand="both")["effect"].to_numpy()

    def theirs() -> Numbers:
        found = []
        for motif in motifs:
            for strand in "+-":
                word = text(motif, strand)
                before, after = tangermeme.marginalize.marginalize(model, given, word, **CPU)
                found.append(float((after - before).mean()))
        return np.array(found)

    return ours, theirs


def removal(model: Any, adata: Any) -> tuple[Any, Any]:
    """What the network misses without sites, ten draws each; both replace by the same letters."""
    sites = adata.uns["truth"]["sites"].drop_duplicates("sequence").head(N_SITES)
    rows = adata.obs_names.get_indexer(sites["sequence"])
    letters = store.get_letters(adata)
    starts, ends = (sites[name].to_numpy() for name in ("start", "end"))
    places = Stretches(rows, starts, ends, np.arange(len(sites)))
    given = torch.as_tensor(onehot(letters[rows]))

    def ours() -> Numbers:
        one = sites.assign(motif="any")
        return mb.ablate(model, adata, one, n_draws=N_DRAWS, seed=0)["effect"].to_numpy()

    def theirs() -> Numbers:
        copies = without(letters, places, 4, n_draws=N_DRAWS, seed=0)
        drawn = torch.as_tensor(np.stack([onehot(copy) for copy in copies], axis=1))
        found = []
        for row, (start, end) in enumerate(zip(starts, ends)):
            before, after = tangermeme.ablate.ablate(
                model,
                given[row : row + 1],
                int(start),
                int(end),
                n=N_DRAWS,
                shuffle_fn=lambda *_, one=row, **__: drawn[one : one + 1],
                **CPU,
            )
            found.append(float(after.mean() - before.mean()))
        return np.array([np.mean(found)])

    return ours, theirs


def live(model: Any, motifs: list[mb.Motif], letters: Numbers) -> float:
    """Milliseconds of one gap and orientation, as an explorer asks for it."""

    def ask() -> Numbers:
        return mb.space(model, *motifs[:2], letters, gaps=[7], orientations=["+-"])["effect"]

    return 1000 * taking_turns(ask)[1][0]


def main() -> None:
    torch.set_num_threads(1)
    adata = mb.simulate(n=5000, length=200, rule="tut2", seed=0)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=0)
    motifs = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    letters = mb.backgrounds(adata, n=32, seed=0)
    rows = []
    for model in (mb.MotifSyntaxNet(1), mb.CNN(1)):
        mb.fit(model, adata, seed=0, progress=False)
        questions = {
            "space: 3 pairs, 4 orientations, 31 gaps": spacing(model, motifs, letters),
            "marginalize: 3 motifs, both strands": alone(model, motifs, letters),
            f"ablate: {N_SITES} sites, {N_DRAWS} draws": removal(model, adata),
        }
        for question, (ours, theirs) in questions.items():
            (own, other), (fast, slow) = taking_turns(ours, theirs)
            rows.append(
                {
                    "network": type(model).__name__,
                    "question": question,
                    "motifbook (s)": f"{fast:.3f}",
                    "tangermeme (s)": f"{slow:.3f}",
                    "ratio": f"{slow / fast:.1f}",
                    "largest difference": f"{np.abs(own - other).max():.1e}",
                }
            )
        rows[-3]["one gap, one orientation (ms)"] = f"{live(model, motifs, letters):.1f}"
        if isinstance(model, mb.MotifSyntaxNet):
            said = what_it_says(model, motifs, letters)
    table = pd.DataFrame(rows).fillna("").to_markdown(index=False)
    told = adata.uns["truth"]["effects"].fillna("").to_markdown(index=False)
    TABLE.write_text(
        "Measured by `benchmarks/experiments.py` on one thread, 32 backgrounds of 200 letters; "
        f"median of {TURNS} turns.\n\n{table}\n\nThe rule of the simulated set (1 = bound, 0 = "
        f"not):\n\n{told}\n\nWhat `MotifSyntaxNet` makes of it, the strongest pairs on the logit "
        f"scale:\n\n{said}\n"
    )
    print(TABLE.read_text())


def what_it_says(model: Any, motifs: list[mb.Motif], letters: Numbers) -> str:
    pairs = pd.concat([mb.space(model, a, b, letters) for a, b in combinations(motifs, 2)])
    shown = pairs[pairs["effect"].abs() > 1].drop(columns=["readout", "unit"])
    strongest = shown.sort_values("effect", key=abs, ascending=False).head(14)
    return strongest.round(2).to_markdown(index=False)


if __name__ == "__main__":
    main()
