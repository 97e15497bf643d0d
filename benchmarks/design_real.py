"""Do designs for fly and yeast convince networks that learned from other rows?

    MOTIFBOOK_TEST_DATA=… OMP_NUM_THREADS=1 python -m benchmarks.design_real fly yeast --seeds 0 1 2

Rows are halved by similarity. Three networks (`MotifSyntaxNet`) learn from one half and design.
Judges learn from the other half and see the designs only at the end, nothing is chosen by what they
say: three CNNs (`mb.fit_judge`, the default), three `MotifSyntaxNet`, and a ridge regression on
words. All figures are goal scores: predictions in standard deviations of the measurement (Hk minus
Dev for the goal of both readouts).

"starts": mean of what designs began with, by the judge: random letters (between its flanks for
yeast), or the 100 rows of the highest measured or predicted values. "designs", "best design": mean
and highest of 100 designs. "best of 100": the highest of 100 random rows of the designing half,
which the judge did not see either; "best of all": of the whole half. "above", "above all": share of
the designs above these. "wins": seeds in which the mean of the designs is above the best of 100.
"optimism": what the designing networks say of the designs less what the judge says. "r": of judge
and measurement on the designing half. "identity": share of equal letters in the nearest row that
the designing networks learned from.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import RidgeCV

import motifbook as mb
from motifbook.data import store
from motifbook.design.judge import fit_judge, halve_rows
from motifbook.design.novelty import find_nearest
from motifbook.onehot import encode

RUNS = Path(__file__).with_name("design_real.json")
GOALS = {
    "fly": [{"Dev": "max"}, {"Hk": "max"}, {"Hk": "max", "Dev": "min"}],
    "yeast": [{"expression": "max"}],
}
LEFT, RIGHT = "TGCATTTTTTTCACATC", "GGTTACGGCTGTT"  # of every yeast promoter
N, BETWEEN = 100, 80  # designs; letters between the flanks
WAYS = {"one": (1, 0.0), "three": (3, 0.0), "three, caution 1": (3, 1.0)}
BOTH_STRANDS = str.maketrans("ACGT", "TGCA")


class Goal:
    """Goal scores, (n,), of readouts, (n, n_readouts)."""

    def __init__(self, goal, adata):
        signs = {name: 1 if wanted == "max" else -1 for name, wanted in goal.items()}
        self.words = ", ".join(f"{name} {wanted}" for name, wanted in goal.items())
        self.weights = np.array([signs.get(name, 0) for name in adata.var_names])
        self.weights = self.weights / np.nanstd(adata.X, axis=0)

    def score(self, readouts):
        return np.asarray(readouts) @ self.weights


class Networks:
    """Mean of the predictions of several networks."""

    def __init__(self, models):
        self.models = models

    def predict(self, sequences):
        length = self.models[0].record.length
        letters = encode([*sequences, "N" * length])[:-1]  # padded as the rows they learned from
        adata = anndata.AnnData(obsm={"letters": letters}, uns={"alphabet": "DNA"})
        return np.mean([mb.predict(one, adata) for one in self.models], axis=0)


class Ridge:
    """Ridge regression on square roots of counts of words of 1 to 5 letters of both strands."""

    def __init__(self, adata):
        self.count = CountVectorizer(analyzer="char", ngram_range=(1, 5), lowercase=False)
        words = self.count.fit_transform(self._both(adata.obs["sequence"])).sqrt()
        self.ridge = RidgeCV(alphas=10.0 ** np.arange(5)).fit(words.toarray(), adata.X)

    @staticmethod
    def _both(sequences):
        return [f"{one} {one[::-1].translate(BOTH_STRANDS)}" for one in sequences]

    def predict(self, sequences):
        words = self.count.transform(self._both(sequences)).sqrt().toarray()
        return self.ridge.predict(words).reshape(len(words), -1)


def trained(name, seed, kept=None):
    """The designing half, three networks of it, and name -> judge of the other half."""
    adata = mb.examples.load(name)
    half = halve_rows(adata, seed=seed)
    own, others = (adata[(half == part).to_numpy()].copy() for part in ("design", "judge"))
    syntax = mb.MotifSyntaxNet(n_readouts=adata.n_vars)
    made = {}
    for kind, rows, model in (
        ("own", own, syntax),
        ("CNN", others, None),
        ("Syntax", others, syntax),
    ):
        paths = [
            Path(kept or "") / f"{name}_{seed}_{kind}_{number}.motifbook" for number in range(3)
        ]
        if kept and all(path.exists() for path in paths):
            made[kind] = [mb.load(path) for path in paths]
            continue
        made[kind] = fit_judge(rows, model=model, seed=100 * seed + (kind != "own"), progress=False)
        for path, one in zip(paths if kept else [], made[kind]):
            mb.save(one, path)
    judges = {"3 CNN": Networks(made["CNN"]), "3 MotifSyntaxNet": Networks(made["Syntax"])}
    return own, made["own"], judges | {"ridge": Ridge(others)}


def begin_with(begin, aim, own, models):
    """Sequences to begin with, None for random letters."""
    if begin in ("best rows", "best predicted rows"):
        values = own.X if begin == "best rows" else Networks(models).predict(own.obs["sequence"])
        best = np.argsort(-aim.score(values))[:N]
        return own.obs["sequence"].iloc[best].tolist()
    if "expression" not in own.var_names:
        return None
    drawn = np.random.default_rng(0).choice(list("ACGT"), size=(2 * N, BETWEEN))
    return [LEFT + "".join(row) + RIGHT for row in drawn]


def run(name, seed, asked, kept=None):
    """One row per goal, what was `asked` (methods, ways, begins), and judge."""
    own, models, judges = trained(name, seed, kept)
    rng = np.random.default_rng(seed)
    fixed = [(0, len(LEFT)), (-len(RIGHT), None)] if name == "yeast" else []
    chosen = rng.choice(own.n_obs, N, replace=False)
    known = {judge: one.predict(own.obs["sequence"].tolist()) for judge, one in judges.items()}
    rows = []
    for goal, method, way, begin in itertools.product(GOALS[name], *asked):
        aim, (n_models, caution) = Goal(goal, own), WAYS[way]
        start, began = begin_with(begin, aim, own, models), time.process_time()
        designs = mb.design(
            models[:n_models], goal, n=N, start=start, constraints=mb.Constraints(fixed=fixed),
            method=method, options=mb.DesignOptions(caution=caution), seed=seed,
        )  # fmt: skip
        facts = {"seed": seed, "seconds": time.process_time() - began}
        facts |= {"edits": designs.table["n_edits"].mean(), "identity": identity(designs, own)}
        hopes = aim.score(Networks(models[:n_models]).predict(designs.sequences))
        starts = [designs.steps(number)[0] for number in range(len(designs))]
        for judge, one in judges.items():
            said, all_rows = aim.score(one.predict(designs.sequences)), aim.score(known[judge])
            rows.append({
                "set": name, "goal": aim.words, "method": method, "networks": way, "begin": begin,
                "judge": judge, "starts": aim.score(one.predict(starts)).mean(),
                **verdict(said, all_rows, chosen), "optimism": (hopes - said).mean(),
                "r": np.corrcoef(all_rows, aim.score(own.X))[0, 1], **facts,
            })  # fmt: skip
        print(pd.DataFrame(rows[-len(judges) :]).round(2).to_string(), flush=True)
    return rows


def verdict(said, known, chosen):
    """A judge's scores of designs, (n,), beside those of all rows and of some chosen ones."""
    best, best_of_all = known[chosen].max(), known.max()
    return {
        "n": len(said), "designs": said.mean(), "best design": said.max(),
        "best of 100": best, "best of all": best_of_all,
        "above": (said > best).mean(), "above all": (said > best_of_all).mean(),
    }  # fmt: skip


def identity(designs, own):
    """Mean share of equal letters in the nearest row of the data."""
    letters = encode(designs.sequences)
    return find_nearest(letters, store.get_letters(own), designs.models[0].alphabet).identity.mean()


def summary(runs):
    """One row per goal, method, way and judge: means over seeds."""
    table = pd.DataFrame(runs)
    table["wins"] = table["designs"] > table["best of 100"]
    groups = table.groupby(["set", "goal", "method", "networks", "begin", "judge"], sort=False)
    shown = groups.mean(numeric_only=True).drop(columns=["seed", "n"])
    shown["wins"] = groups["wins"].sum().astype(str) + "/" + groups.size().astype(str)
    return shown.reset_index()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sets", nargs="*", default=list(GOALS))
    parser.add_argument("--seeds", type=int, nargs="+", default=range(3))
    parser.add_argument("--methods", nargs="+", default=["motifs", "greedy"])
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--begins", nargs="+", default=["random letters", "best rows"])
    parser.add_argument("--networks", help="folder that keeps trained networks")
    parser.add_argument("--save", action="store_true", help=f"add to {RUNS.name}")
    asked = parser.parse_args()
    if "MOTIFBOOK_TEST_DATA" not in os.environ:
        raise SystemExit("MOTIFBOOK_TEST_DATA is not set; expected the folder of the real data.")
    os.environ["MOTIFBOOK_DATA"] = os.environ["MOTIFBOOK_TEST_DATA"]
    runs = json.loads(RUNS.read_text()) if asked.save and RUNS.exists() else []
    for seed, name in itertools.product(asked.seeds, asked.sets):
        runs += run(name, seed, (asked.methods, asked.ways, asked.begins), asked.networks)
        if asked.save:
            RUNS.write_text(json.dumps(runs, indent=1) + "\n")
    print(summary(runs).round(3).to_markdown(index=False))


if __name__ == "__main__":
    main()
