"""Scramblers beside other attribution methods, where two words are needed and where copies suffice.

    python -m benchmarks.scrambler_rivals > table.md       # five seeds, about 2 CPU minutes each
    python -m benchmarks.scrambler_rivals copies --both-strands 0 1

"both": a sequence is positive if it holds GATAAGCA and TGACTCAT; negatives hold one or none.
"copies": positive if it holds GATAAGCA, half of the positives twice. 200 letters, sites anywhere,
on one strand unless asked. A convolutional network of torch is trained on 20,000 or 10,000
sequences and wrapped by `mb.Foreign`; scramblers learn from 6,000 of these. All methods explain the
same 128 new sequences with two sites that are predicted above 0.9; the truth is the planted
letters. Data, network, scrambler and draws all change with the seed. The published recipe runs
with the first seed only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import anndata
import numpy as np
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from motifbook.data import store
from motifbook.onehot import decode, reverse_complement
from motifbook.train.batches import encode_batch

LENGTH, N_TEST, BITS = 200, 128, 0.16
ANYWHERE = mb.SimulateOptions(jitter=LENGTH)
TRAINING = {"both": (20_000, 20), "copies": (10_000, 8)}  # sequences, passes
LEVELS = (0.05, 0.1, 0.2)
RIVALS = (
    "mutagenesis",
    "deep_lift_shap",
    "integrated_gradients",
    "gradient",
    "gradient_x_input",
)


def simulated(n: int, rule: str, seed: int, one_strand: bool) -> anndata.AnnData:
    """Sequences with sites anywhere; on one strand, those of the other are turned back."""
    adata = mb.simulate(n, LENGTH, rule=rule, seed=seed, options=ANYWHERE)
    if not one_strand:
        return adata
    sites = adata.uns["truth"]["sites"]
    is_turned = (sites["strand"] == "-").to_numpy()
    rows = np.unique(adata.obs_names.get_indexer(sites["sequence"][is_turned]))
    sequences = adata.obs["sequence"].to_numpy(object).copy()
    sequences[rows] = decode(reverse_complement(store.get_letters(adata)[rows]))
    adata.obs["sequence"] = sequences
    ends = sites.loc[is_turned, ["start", "end"]].to_numpy()
    sites.loc[is_turned, ["start", "end"]] = LENGTH - ends[:, ::-1]
    sites["strand"] = "+"
    return adata


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(4, 32, 11, padding=5), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(32, 32, 5, padding=2), nn.ReLU(), nn.MaxPool1d(LENGTH // 4),
        nn.Flatten(), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1),
    )  # fmt: skip


def trained(adata: anndata.AnnData, n_passes: int, seed: int) -> mb.Foreign:
    torch.manual_seed(seed)
    letters = torch.as_tensor(store.get_letters(adata))
    readout = torch.as_tensor(store.get_readouts(adata))
    model, n_rows = network(), 128
    n_steps = n_passes * (len(letters) // n_rows)
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=n_steps)
    for _ in range(n_steps):
        rows = torch.randint(len(letters), (n_rows,))
        predicted = model(encode_batch(letters[rows], 4))
        loss = nn.functional.binary_cross_entropy_with_logits(predicted, readout[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return mb.Foreign(
        model.eval(), readouts="bound", kinds="binary", length=LENGTH, probabilities=False
    )


def held_out(model: mb.Foreign, adata: anndata.AnnData) -> tuple[anndata.AnnData, float]:
    """Sequences to explain, and the area under the network's ROC."""
    auroc = float(mb.evaluate(model, adata, split=None)["auroc"][0])
    n_sites = adata.uns["truth"]["sites"]["sequence"].value_counts()
    has_two = adata.obs_names.map(n_sites).to_numpy() == 2
    is_sure = mb.predict(model, adata)[:, 0] > 0.9
    is_positive = store.get_readouts(adata)[:, 0] == 1
    return adata[np.flatnonzero(has_two & is_sure & is_positive)[:N_TEST]].copy(), auroc


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    return call(), time.process_time() - began


def attributions(
    model: mb.Foreign, train: anndata.AnnData, test: anndata.AnnData, seed: int
) -> tuple[dict[str, Any], dict[str, float]]:
    """Values by method, and CPU seconds of training."""
    values, training = {}, {}
    quiet: dict[str, Any] = {"seed": seed, "progress": False}
    for name, bits in (("scrambler, one budget", BITS), ("scrambler, every budget", None)):
        scrambler, seconds = timed(
            lambda bits=bits: mb.fit_scrambler(model, train, bits=bits, **quiet)
        )
        values[name], training[name] = scrambler.attribute(test), seconds
        if bits is None:
            continue
        for more, verb in (("refined", scrambler.refine), ("optimized", scrambler.optimize)):
            masks, spent = timed(lambda verb=verb: verb(test, **quiet))
            attribution = masks.attribution()
            attribution.cost["seconds"] = spent
            values[f"scrambler, {more}"] = attribution
            training[f"scrambler, {more}"] = seconds if more == "refined" else 0.0
    for method in RIVALS:
        values[method] = mb.attribute(model, test, method, **quiet)
    return values, training


def published(
    model: mb.Foreign, train: anndata.AnnData, test: anndata.AnnData, seed: int
) -> tuple[Any, float]:
    """Values of the published recipe, 300 steps, and CPU seconds of its training."""
    options = mb.ScramblerOptions.published(train.n_obs, n_steps=300)
    scrambler, seconds = timed(
        lambda: mb.fit_scrambler(
            model, train, bits=BITS, options=options, seed=seed, progress=False
        )
    )
    return scrambler.attribute(test), seconds


def run(rule: str, seed: int, *, one_strand: bool, with_published: bool) -> pd.DataFrame:
    n, n_passes = TRAINING[rule]
    train = simulated(n, rule, seed, one_strand)
    model = trained(train, n_passes, seed)
    test, auroc = held_out(model, simulated(3000, rule, 1000 + seed, one_strand))
    some = train[:6000].copy()
    values, training = attributions(model, some, test, seed)
    if with_published:
        name = "scrambler, as published"
        values[name], training[name] = published(model, some, test, seed)
    sheet, seconds = timed(
        lambda: mb.fidelity(
            model, test, values, levels=LEVELS, annotation=test.uns["truth"]["sites"], seed=seed
        )
    )
    sheet.insert(0, "rule", rule)
    sheet.insert(1, "seed", seed)
    sheet["auroc_network"] = auroc
    sheet["training_seconds"] = sheet["method"].map(training).fillna(0.0)
    print(f"{rule}, seed {seed}: network {auroc:.3f}, {len(test)} sequences, sheet {seconds:.0f} s",
          file=sys.stderr)  # fmt: skip
    return sheet


def summary(sheets: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds, in brackets the worst seed."""
    rows = []
    for (rule, method), part in sheets.groupby(["rule", "method"], sort=False):
        mean = part.mean(numeric_only=True)
        same = sheets[(sheets["rule"] == rule) & sheets["seed"].isin(part["seed"])]
        mutagenesis = same.loc[same["method"] == "mutagenesis", "seconds"].mean()
        saved = (mutagenesis - mean["seconds"]) / N_TEST
        pays = mean["training_seconds"] > 0 and saved > 0
        rows.append(
            {
                "rule": rule,
                "method": method,
                "seeds": len(part),
                "AUPRC": f"{mean['auprc']:.3f} ({part['auprc'].min():.3f})",
                "10th percentile": f"{mean['auprc_p10']:.2f}",
                "weaker site": f"{mean['copy_min']:.2f} ({part['copy_min'].min():.2f})",
                "fidelity 20/10/5 %": " / ".join(
                    f"{mean[f'fidelity_{level}%']:.3f}" for level in (20, 10, 5)
                ),
                "deletion 10 %": f"{mean['deletion_10%']:.1f}",
                "training, s": f"{mean['training_seconds']:.1f}",
                "128 sequences, s": "" if method == "random" else f"{mean['seconds']:.2f}",
                "pays from": f"{mean['training_seconds'] / saved:.0f}" if pays else "",
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    seeds = [int(word) for word in sys.argv[1:] if word.isdigit()] or list(range(5))
    one_strand = "--both-strands" not in sys.argv
    rules = [rule for rule in TRAINING if rule in sys.argv] or list(TRAINING)
    sheets = pd.concat(
        [
            run(rule, seed, one_strand=one_strand, with_published=one_strand and seed == seeds[0])
            for rule in rules
            for seed in seeds
        ]
    )
    print(summary(sheets).to_markdown(index=False, disable_numparse=True))


if __name__ == "__main__":
    main()
