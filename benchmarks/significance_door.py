"""What does `mb.test_motifs` say where the truth is known?

    OMP_NUM_THREADS=1 python -m benchmarks.significance_door noise=300 planted=10 intervals=60

Parts: "noise" (readouts that nothing drives: how often is any motif kept, also with batches, copies
and shuffles), "planted" (rules of `mb.simulate`: planted motifs found, found again, and findings
like none of them), "intervals" (do the table's intervals hold the effects that they speak of).
Set number i has the seed i of its part, from 200 on in "planted". A number after a part is that of
its sets.
"""

from __future__ import annotations

import sys
import time
import warnings
from unittest import mock

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.motif.compare import similarities
from motifbook.significance import stepwise

LENGTH = 80
ALIKE = 0.6  # similarity from which a finding shows a planted motif
RULES = ("single", "additive", "tut2", "six")


def book(letters, readout, kind="continuous", **columns):
    """An AnnData of letter codes and one readout."""
    words = np.array(list("ACGT"))[letters]
    obs = pd.DataFrame({"sequence": ["".join(row) for row in words], **columns})
    obs.index = [f"sequence{number}" for number in range(len(obs))]
    adata = ad.AnnData(X=readout[:, None].astype("float32"), obs=obs)
    adata.var_names = ["y"]
    adata.var["kind"] = [kind]
    return adata


def plain(rng, n=150):
    return book(rng.integers(0, 4, (n, LENGTH)), rng.standard_normal(n))


def batches(rng, n=150):
    batch = rng.integers(0, 3, n)
    letters = rng.integers(0, 4, (n, LENGTH))
    richer = rng.random((n, LENGTH)) < 0.1 * batch[:, None]
    letters = np.where(richer, rng.integers(1, 3, (n, LENGTH)), letters)
    return book(letters, 2 * batch + rng.standard_normal(n), batch=batch.astype(str))


def copies(rng, n=150):
    """Every sequence measured twice, with an effect of its own that no motif makes."""
    letters = np.repeat(rng.integers(0, 4, (n, LENGTH)), 2, axis=0)
    own = np.repeat(rng.standard_normal(n), 2)
    return book(letters, own + 0.1 * rng.standard_normal(2 * n))


def shuffles(rng, n=150):
    """Positives and their shuffles, readouts exchanged within pairs by a coin."""
    first = rng.integers(0, 4, (n, LENGTH))
    letters = np.stack([first, rng.permuted(first, axis=1)], axis=1).reshape(2 * n, LENGTH)
    coin = rng.integers(0, 2, n)
    bound = np.column_stack([coin, 1 - coin]).ravel()
    return book(letters, bound, "binary", pair=np.repeat(np.arange(n), 2).astype(str))


def noise(n_sets=300):
    print("| readouts | sets | engine | any motif kept (.05) | first p <= .05 |")
    print("|---|---|---|---|---|")
    covariates = {"batches": ["batch"]}
    for make in (plain, batches, copies, shuffles):
        kept, first, engines = [], [], set()
        for seed in range(n_sets):
            adata = make(np.random.default_rng([11, seed]))
            options = mb.TestOptions(k=5, n_steps=3)
            given = covariates.get(make.__name__, [])
            tests = mb.test_motifs(adata, covariates=given, options=options, seed=seed)
            kept.append(tests.table["kept"].any())
            first.append(tests.table["p_value"][0] <= 0.05)
            engines |= set(tests.table["engine"])
        print(
            f"| {make.__name__} | {n_sets} | {', '.join(sorted(engines))} | {np.mean(kept):.3f} | "
            f"{np.mean(first):.3f} |",
            flush=True,
        )


def planted(n_sets=10):
    print("| rule | sequences | sets | planted | found | findings | again | like none |")
    print("|---|---|---|---|---|---|---|---|")
    for rule in RULES:
        for n in (400, 2000):
            told = np.array([_found(rule, n, 200 + number) for number in range(n_sets)])
            true, found, findings, again, other = told.mean(axis=0)
            print(
                f"| {rule} | {n:,} | {n_sets} | {true:.0f} | {found:.1f} | {findings:.1f} | "
                f"{again:.1f} | {other:.1f} |",
                flush=True,
            )


def _found(rule, n, seed):
    """Planted motifs, those found, findings, those that show one again, those like none."""
    adata = mb.simulate(n=n, length=120, rule=rule, seed=seed)
    tests = mb.test_motifs(adata, readout=0, options=mb.TestOptions(n_steps=8), seed=0)
    truth = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    motifs = tests.motifs
    if not motifs:
        return len(truth), 0, 0, 0, 0
    alike = similarities(motifs + truth)[: len(motifs), len(motifs) :]
    shown = alike.max(axis=1) >= ALIKE
    found = len(set(alike.argmax(axis=1)[shown]))
    return len(truth), found, len(motifs), shown.sum() - found, (~shown).sum()


def intervals(n_sets=60):
    print("| sequences | effects | intervals | coverage (90 %) | width / ordinary | no interval |")
    print("|---|---|---|---|---|---|")
    for n, effect in ((300, 0.5), (300, 1.0), (300, 2.0), (1000, 0.5), (1000, 2.0)):
        inside, width, absent = [], [], 0
        for seed in range(n_sets):
            adata, mean = _two_motifs(np.random.default_rng([13, n, seed]), n, effect)
            measured = []
            whole = stepwise.randomized_intervals

            def keep(*given, whole=whole, measured=measured, **named):
                measured.append(whole(*given, **named))
                return measured[-1]

            with mock.patch.object(stepwise, "randomized_intervals", keep):
                tests = mb.test_motifs(adata, seed=seed)
            rows = tests.table[tests.table["kept"]]
            absent += int(rows["lower"].isna().sum())
            [found] = measured
            truth = found.directions.T @ mean
            ordinary = 3.29 * found.sigma * np.linalg.norm(found.directions, axis=0)
            if len(rows):
                inside += ((found.lower <= truth) & (truth <= found.upper)).tolist()
                width += ((found.upper - found.lower) / ordinary).tolist()
        print(
            f"| {n:,} | {effect} | {len(inside)} | {np.mean(inside):.3f} | {np.median(width):.2f} |"
            f" {absent} |",
            flush=True,
        )


def _two_motifs(rng, n, effect):
    """Sequences with SPI1 and GATA1, each in half of them, and the mean of the readout."""
    letters, mean = rng.integers(0, 4, (n, LENGTH)), np.zeros(n)
    for name, first in (("MA0080.7", 0), ("MA0035.5", LENGTH // 2)):
        ppm = mb.database.motif(name).ppm
        holds = rng.random(n) < 0.5
        mean += effect * holds
        for row in np.flatnonzero(holds):
            start = first + rng.integers(0, LENGTH // 2 - ppm.shape[1])
            site = [rng.choice(4, p=column) for column in ppm.T]
            letters[row, start : start + ppm.shape[1]] = site
    return book(letters, mean + rng.standard_normal(n)), mean


PARTS = {"noise": noise, "planted": planted, "intervals": intervals}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for asked in sys.argv[1:] or PARTS:
        name, _, n_sets = asked.partition("=")
        begin = time.process_time()
        print(f"\n## {name}\n", flush=True)
        PARTS[name](*map(int, n_sets.split()))
        print(f"\n{time.process_time() - begin:.0f} s of CPU.", flush=True)
