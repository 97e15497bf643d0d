"""Ten thousand designs under strict constraints: how many break one, by the independent check.

    python -m benchmarks.design_constraints

A small network is trained on simulated sequences; designs begin with random letters, nearly all
of which break something. Before that, what it costs to count what is broken and to mend starts:
nasty ones, and enhancers of the fly where `MOTIFBOOK_TEST_DATA` has them.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.alphabet import DNA
from motifbook.data import store
from motifbook.design.limits import Limits
from motifbook.design.repair import repair
from motifbook.onehot import Letters, decode, encode

BLOCKS = {"greedy": 14, "motifs": 2, "evolve": 2, "gradient": 2}
N_PER_BLOCK = 500
N_REAL = 2000
STRICT = mb.Constraints(
    gc=(0.4, 0.6),
    homopolymer=5,
    repeat=12,
    avoid_sites=["EcoRI", "BamHI", "BsaI", "NotI"],
    start_codons=False,
    forbid=[mb.database.motif("MA0139.2")],
    flanks=("ACTGGCCGCTTCACTG", "CACTGCGGCTCCTGCG"),
)


def trained() -> mb.CNN:
    adata = mb.simulate(n=2000, length=200, rule="additive", seed=0)
    adata.obs["split"] = mb.split(adata, by="random", seed=0)
    model = mb.CNN(n_readouts=adata.n_vars, n_filters=16)
    mb.fit(model, adata, seed=0, progress=False)
    return model


def n_broken(sequences: list[str]) -> int:
    """How many of the sequences break a constraint."""
    return int(mb.check_order(sequences, STRICT)["sequence"].nunique())


def random_letters() -> list[str]:
    rng = np.random.default_rng(0)
    return decode(rng.integers(4, size=(N_PER_BLOCK, 200)).astype(np.uint8))


def of_method(model: mb.CNN, method: str) -> dict[str, object]:
    asked = returned = broken = n_steps = broken_steps = 0
    designing, checking, gains = 0.0, 0.0, []
    for seed in range(BLOCKS[method]):
        began = time.process_time()
        options = mb.DesignOptions(n_tries=1)
        designs = mb.design(
            model, n=N_PER_BLOCK, constraints=STRICT, method=method, options=options, seed=seed
        )
        designing += time.process_time() - began
        began = time.process_time()
        asked, returned = asked + N_PER_BLOCK, returned + len(designs)
        broken += n_broken(designs.sequences)
        checking += time.process_time() - began
        gains += list(designs.table["score"] - designs.table["score_before"])
        if seed == 0:  # each edit after the repair leaves something that can be ordered, too
            steps = [one for i in range(len(designs)) for one in designs.steps(i)[2:]]
            n_steps, broken_steps = len(steps), n_broken(steps)
    return {
        "method": method,
        "asked for": asked,
        "designs": returned,
        "break one": broken,
        "steps of the first 500": n_steps,
        "steps that break one": broken_steps,
        "median gain": float(np.median(gains)),
        "CPU s, design": designing,
        "CPU s, check": checking,
    }


def nasty() -> dict[str, Letters]:
    """Starts that break much, twenty each, and real ones."""
    rng = np.random.default_rng(0)
    rich = rng.choice(4, size=(20, 200), p=[0.05, 0.45, 0.45, 0.05]).astype(np.uint8)
    starts = {
        "all A": encode(["A" * 200] * 20),
        "CACACA": encode(["CA" * 100] * 20),
        "EcoRI sites in a row": encode(["GAATTC" * 33] * 20),
        "90 % G and C": rich,
    }
    if (mb.examples().set_index("name").loc["fly", "available"]) == "local":
        letters = store.get_letters(mb.examples.load("fly"))
        starts["fly"] = letters[np.sort(rng.permutation(len(letters))[:N_REAL])]
    return starts


def mending(name: str, letters: Letters, constraints: mb.Constraints) -> dict[str, object]:
    limits = Limits(constraints, DNA)
    editable = limits.editable(letters, np.arange(len(letters)))
    counts = limits.count(letters)
    many = np.resize(letters, (N_REAL, letters.shape[1]))
    began = time.process_time()
    limits.count(many)
    counting = time.process_time() - began
    rng = np.random.default_rng(0)
    began = time.process_time()
    mended = repair(limits, letters, editable, n_edits=None, rng=rng)
    spent = time.process_time() - began
    n_changed = (mended.letters != letters).sum(axis=1)
    return {
        "starts": name,
        "constraints": "strict" if constraints is STRICT else "default",
        "n": len(letters),
        "break one": int((counts > 0).sum()),
        "mended": int(mended.is_fine[counts > 0].sum()),
        "letters changed, median": float(np.median(n_changed[counts > 0])),
        "microseconds to count one": 1e6 * counting / N_REAL,
        "CPU s, mend": spent,
    }


def main() -> None:
    both = (mb.Constraints(), STRICT)
    rows = [mending(name, one, asked) for name, one in nasty().items() for asked in both]
    print(pd.DataFrame(rows).round(2).to_markdown(index=False))
    print(f"\nOf {N_PER_BLOCK} random starts, {n_broken(random_letters())} break one.\n")
    model = trained()
    table = pd.DataFrame([of_method(model, method) for method in BLOCKS])
    print(table.round(2).to_markdown(index=False))
    print(f"\n{table['designs'].sum()} designs, {table['break one'].sum()} break one.")


if __name__ == "__main__":
    main()
