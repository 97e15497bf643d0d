"""Is the planted rule named, with its distances? Ten rules, ten seeds each, failures included.

    python -m benchmarks.syntax                       # everything, two processes; half an hour
    python -m benchmarks.syntax --rules tut2 hard --seeds 3 --check  # some, against the table
    python -m benchmarks.syntax --models FOLDER       # with its networks, {rule}_{seed}.motifbook

Each run simulates 5,000 sequences of 200 letters with a seed of its own, trains on 4,000 and reads
the syntax. Thresholds were chosen on seeds from 100 on. What counts as *right*:

- tut2, tut, six, spacing, soft, cooperation: among the rules that raise the readout, the strongest
  is the planted pair in the planted order and orientation, and both ends of its range of distances
  are those planted, give or take one letter. (In "spacing" the other distances may be told too.)
- hard: JUN and TEAD1, five letters apart and no other distance, as a rule or as a composite motif.
- single, either: no rule at all, and every motif raises the readout alone. An either-or adds up on
  the logit scale, or one site is enough: neither is a rule of two motifs.
- repress: CTCF lowers the readout, and no rule is limited to some distances.

Distances are counted between the edges of the planted matrices: a motif that was read with one
column more or less is laid on the planted one, and its gaps move along. Other rules than the
planted one are counted as *extra*.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import torch

import motifbook as mb
from benchmarks.recovery import make
from motifbook.data import store
from motifbook.discover.syntax.composites import find_composites
from motifbook.motif.compare import align, similarity
from motifbook.motif.seeds import find_seeds

HERE = Path(__file__).parent
TABLE, PAGE = HERE / "syntax.json", HERE / "syntax.md"
TAL, GATA = "TAL1::TCF3", "GATA1"
PLANTED: dict[str, tuple[str, str, int, int] | None] = {
    "tut2": (TAL, GATA, 6, 10),
    "tut": (TAL, GATA, 6, 10),
    "single": None,
    "either": None,
    "cooperation": ("E2F6", "MAX", 3, 20),
    "hard": ("JUN", "TEAD1", 5, 5),
    "soft": ("CEBPB", "RUNX2", 2, 14),
    "spacing": (TAL, GATA, 6, 10),
    "repress": None,
    "six": (TAL, GATA, 6, 10),
}


def as_planted(motifs: list[mb.Motif], truth: dict[str, mb.Motif]) -> list[mb.Motif]:
    """Name and turn motifs like the planted ones they show most of."""
    named: list[mb.Motif] = []
    for motif in motifs:
        best = max(truth, key=lambda name: similarity(motif, truth[name]))
        if similarity(motif, truth[best]) < 0.6:
            named.append(motif)
            continue
        turned = motif.reverse_complement() if align(motif, truth[best]).strand == "-" else motif
        times = sum(other.name.partition(" ")[0] == best for other in named)
        named.append(turned.renamed(f"{best} {times + 1}" if times else best))
    return named


def edges(motif: mb.Motif, planted: mb.Motif) -> tuple[int, int]:
    """Columns that a motif has to the left and to the right of the planted one."""
    left = align(motif, planted).offset
    return left, motif.width - planted.width - left


def planted_gaps(row: Any, motifs: dict[str, mb.Motif], truth: dict[str, mb.Motif]) -> tuple:
    """Smallest and largest gap of a rule, between the edges of the planted matrices."""
    right = edges(motifs[row.motif_a], truth[row.motif_a])[1]
    left = edges(motifs[row.motif_b], truth[row.motif_b])[0]
    return row.gap_min + right + left, row.gap_max + right + left


def is_named(row: Any, planted: tuple, motifs: dict, truth: dict) -> bool:
    a, b, low, high = planted
    if (row.motif_a, row.motif_b) != (a, b) or row.orientation not in ("++", "±+", "+±", "±±"):
        return False
    first, last = planted_gaps(row, motifs, truth)
    slack = 0 if low == high else 1
    return abs(first - low) <= slack and abs(last - high) <= slack


def is_named_composite(syntax: Any, planted: tuple, truth: dict[str, mb.Motif]) -> bool:
    """Whether a composite of both planted motifs at the planted distance was reported."""
    a, b, low, high = planted
    found = {one.motif: one for one in find_composites(syntax.motifs)}
    for row in syntax.composites.itertuples():
        halves = {a: found[row.motif].first, b: found[row.motif].second}
        if align(halves[a], truth[a]).strand == "-":
            halves = {a: found[row.motif].second.reverse_complement(),
                      b: found[row.motif].first.reverse_complement()}  # fmt: skip
        alike = all(similarity(halves[name], truth[name]) >= 0.6 for name in (a, b))
        gap = row.gap + edges(halves[a], truth[a])[1] + edges(halves[b], truth[b])[0]
        exact = row.spacing == "hard" and row.gap_min == row.gap_max == row.gap
        if alike and exact and low == gap == high and row.lower > 0:
            return True
    return False


def judge(rule: str, syntax: Any, truth: dict[str, mb.Motif]) -> tuple[bool, int]:
    """Whether the syntax is right, and the number of extra rules."""
    motifs = {motif.name: motif for motif in syntax.motifs}
    rules, planted = syntax.rules, PLANTED[rule]
    alone = syntax.alone.set_index("motif")
    if rule in ("single", "either"):
        return len(rules) == 0 and bool((alone["lower"] > 0).all()), len(rules)
    if rule == "repress":
        limited = int((rules["spacing"] != "any").sum())
        return limited == 0 and bool(alone.loc["CTCF", "upper"] < 0), len(rules)
    raising = [row for row in rules.itertuples() if row.effect > 0]
    named = [is_named(row, planted, motifs, truth) for row in raising]
    is_right = any(named[:1])
    if rule == "hard":
        is_right = is_right or is_named_composite(syntax, planted, truth)
    return is_right, len(rules) - sum(named)


def previewed(adata: Any, planted: tuple | None, truth: dict[str, mb.Motif]) -> dict[str, Any]:
    """Seconds of the preview and of the seeds in it; share of its weight at planted distances."""
    rows = store.rows(adata, "train")
    began = time.process_time()
    seeds = find_seeds(
        store.get_letters(adata), store.get_readouts(adata), rows=rows[:2500], n_seeds=6, seed=0
    )
    searched = time.process_time()
    named = as_planted([seed.trim(0.3) for seed in seeds], truth)
    by_name = {motif.name: motif for motif in named}
    table = mb.preview_syntax(adata, motifs=named, seed=0)
    ended = time.process_time()
    share = None
    if planted is not None and len(table):
        table = table.assign(gap_min=table["gap"], gap_max=table["gap"])
        right = [_is_planted(row, planted, by_name, truth) for row in table.itertuples()]
        share = float(table["weight"].abs()[right].sum() / table["weight"].abs().sum())
    return {
        "seeds_s": round(searched - began, 2),
        "preview_s": round(ended - searched, 2),
        "preview_pairs": len(table),
        "preview_share": share,
    }


def _is_planted(row: Any, planted: tuple, motifs: dict, truth: dict) -> bool:
    a, b, low, high = planted
    names = {name: name.partition(" ")[0] for name in (row.motif_a, row.motif_b)}
    if not {*names.values()} <= {*truth} or {*names.values()} != {a, b}:
        return False
    both = {name: truth[own] for name, own in names.items()}
    first, _ = planted_gaps(row, motifs, both)
    return low - 1 <= first <= high + 1


def run(rule: str, seed: int, models: Path | None) -> dict[str, Any]:
    torch.set_num_threads(1)
    adata = make(rule, seed)
    truth = {name: mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()}
    ready = None if models is None else models / f"{rule}_{seed}.motifbook"
    is_ready = ready is not None and ready.exists()
    if is_ready:
        model = mb.load(ready)
    else:
        model = mb.MotifSyntaxNet(1)
        mb.fit(model, adata, seed=seed, progress=False)
    motifs = as_planted(mb.read_motifs(model, adata), truth)
    wall, cpu = time.perf_counter(), time.process_time()
    syntax = mb.read_syntax(model, adata, motifs=motifs)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    is_right, n_extra = judge(rule, syntax, truth)
    return {
        "rule": rule,
        "seed": seed,
        "ready": is_ready,
        "right": is_right,
        "extra": n_extra,
        "n_motifs": len(motifs),
        "sentences": syntax.sentences,
        "cpu_s": round(cpu_s, 1),
        "wall_s": round(wall_s, 1),
        **previewed(adata, PLANTED[rule], truth),
    }


def summary(runs: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for rule in dict.fromkeys(one["rule"] for one in runs):
        own = pd.DataFrame([one for one in runs if one["rule"] == rule])
        failed = own.loc[~own["right"], "seed"].tolist()
        share = own["preview_share"].dropna()
        rows.append(
            {
                "rule": rule,
                "right": f"{int(own['right'].sum())}/{len(own)}",
                "wrong seeds": ", ".join(map(str, failed)) or "-",
                "extra rules": int(own["extra"].sum()),
                "motifs": f"{own['n_motifs'].mean():.1f}",
                "CPU s, median (max)": f"{own['cpu_s'].median():.1f} ({own['cpu_s'].max():.1f})",
                "preview: CPU s after seeds": f"{own['preview_s'].median():.2f} "
                f"({own['preview_s'].max():.2f})",
                "seeds: CPU s": f"{own['seeds_s'].median():.1f}",
                "preview: weight at planted gaps": f"{share.mean():.2f} ({share.min():.2f})"
                if len(share)
                else f"{own['preview_pairs'].mean():.1f} pairs told",
            }
        )
    return pd.DataFrame(rows)


def disagreements(runs: list[dict[str, Any]]) -> list[str]:
    """Runs that are judged otherwise than in the committed table."""
    known = {(one["rule"], one["seed"]): one for one in json.loads(TABLE.read_text())}
    return [
        f"{one['rule']} seed {one['seed']}: {one['sentences']}"
        for one in runs
        if one["right"] != known[one["rule"], one["seed"]]["right"]
    ]


def page(runs: list[dict[str, Any]]) -> str:
    """The table, and what was said where it was wrong."""
    lines = [
        "# Is the planted rule named?",
        "",
        "`python -m benchmarks.syntax`; see there for what",
    ]
    lines[-1] += " counts as right. CPU seconds are those of one thread."
    n_ready = sum(one["ready"] for one in runs)
    if n_ready:
        lines[-1] += f" {n_ready} of {len(runs)} networks were trained by an earlier commit."
    lines += ["", summary(runs).to_markdown(index=False), ""]
    for one in runs:
        if not one["right"] or one["extra"]:
            verdict = "right, with extra rules" if one["right"] else "wrong"
            lines += [f"{one['rule']}, seed {one['seed']} ({verdict}):", ""]
            lines += [f"- {sentence}" for sentence in one["sentences"]] + [""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", nargs="*", default=list(PLANTED), choices=list(PLANTED))
    parser.add_argument("--seeds", type=int, default=10, help="seeds per rule")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--models", type=Path, help="folder of trained networks")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="compare with the committed table")
    parser.add_argument("--dry", action="store_true", help="print only")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    jobs = [(rule, seed, given.models) for rule in given.rules for seed in seeds]
    runs = joblib.Parallel(n_jobs=given.jobs, verbose=1)(joblib.delayed(run)(*job) for job in jobs)
    print(page(runs))
    if given.check:
        wrong = disagreements(runs)
        print("\n".join(wrong) or "agrees with the committed table")
        return int(bool(wrong))
    if not given.dry:
        kept = json.loads(TABLE.read_text()) if TABLE.exists() else []
        kept = [one for one in kept if one["rule"] not in given.rules] + runs
        TABLE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        PAGE.write_text(page(kept))
    return 0


if __name__ == "__main__":
    sys.exit(main())
