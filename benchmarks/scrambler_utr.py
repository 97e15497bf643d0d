"""Scramblers and other attribution methods on measured 5'UTRs.

    python -m benchmarks.scrambler_utr            # three seeds, about 2 CPU minutes each
    python -m benchmarks.scrambler_utr --data DIR 0

2,399 5'UTRs of 50 letters with measured ribosome load (mpra/utr5_mrl_uaug_dev.tsv.gz, from
MOTIFBOOK_TEST_DATA). An ATG out of frame with the start codon lowers the load, one in frame hardly
does. A small convolutional network and the scramblers learn from the "train" rows (80 %, drawn with
the seed, no row chosen by hand). All methods explain the same rows of the other 20 %: those with an
ATG out of frame that are predicted below the median. Background, for scramblers and for the score
sheet: letters as often as in the rows that are explained there.

"error": squared change of the predicted load when the top 24, 18 and 12 % of the letters are kept
and the rest is drawn anew (32 draws), in variances of the load measured on the train rows; mean
over rows. Data, network, scrambler and draws change with the seed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from motifbook.attribution.fidelity import fidelity_table
from motifbook.data import store
from motifbook.train.batches import encode_batch

FILE = Path("mpra/utr5_mrl_uaug_dev.tsv.gz")
LENGTH, BITS, N_PASSES = 50, 0.25, 30
LEVELS = (0.24, 0.18, 0.12)
RIVALS = ("mutagenesis", "deep_lift_shap", "integrated_gradients", "gradient_x_input")


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(4, 48, 7, padding=3), nn.ReLU(), nn.Conv1d(48, 48, 7, padding=3), nn.ReLU(),
        nn.Flatten(), nn.Linear(48 * LENGTH, 40), nn.ReLU(), nn.Dropout(0.2), nn.Linear(40, 1),
    )  # fmt: skip


def trained(adata: anndata.AnnData, seed: int) -> mb.Foreign:
    torch.manual_seed(seed)
    letters = torch.as_tensor(store.get_letters(adata))
    load = torch.as_tensor(store.get_readouts(adata))
    center, scale = load.mean(), load.std()
    model, n_rows = network(), 64
    n_steps = N_PASSES * (len(letters) // n_rows)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=n_steps)
    for _ in range(n_steps):
        rows = torch.randint(len(letters), (n_rows,))
        predicted = model(encode_batch(letters[rows], 4))
        loss = nn.functional.mse_loss(predicted, (load[rows] - center) / scale)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():  # predictions in units of load
        model[-1].weight.mul_(scale)
        model[-1].bias.mul_(scale).add_(center)
    return mb.Foreign(model.eval(), readouts="rl", kinds="continuous", length=LENGTH)


def atgs(adata: anndata.AnnData, *, in_frame: bool) -> npt.NDArray[np.bool_]:
    """Letters of ATGs in or out of frame with the start codon behind the UTR, (n, length)."""
    letters = store.get_letters(adata)
    marked = np.zeros(letters.shape, dtype=bool)
    for first in range(LENGTH - 2):
        if ((LENGTH - first) % 3 == 0) == in_frame:
            marked[:, first : first + 3] |= (letters[:, first : first + 3] == (0, 3, 2)).all(
                axis=1, keepdims=True
            )
    return marked


def explained(model: mb.Foreign, test: anndata.AnnData) -> anndata.AnnData:
    """The rows with an ATG out of frame that are predicted below the median."""
    prediction = mb.predict(model, test)[:, 0]
    has_atg = atgs(test, in_frame=False).any(axis=1)
    return test[has_atg & (prediction < np.median(prediction))].copy()


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    return call(), time.process_time() - began


def attributions(
    model: mb.Foreign, train: anndata.AnnData, rows: anndata.AnnData, seed: int
) -> tuple[dict[str, Any], dict[str, float]]:
    """Values by method, and CPU seconds of each."""
    quiet: dict[str, Any] = {"seed": seed, "progress": False}
    values, seconds = {}, {}
    scrambler, training = timed(lambda: mb.fit_scrambler(model, train, bits=BITS, **quiet))
    masks, spent = timed(lambda: scrambler.importance(rows))
    values["scrambler"], seconds["scrambler"] = masks, training + spent
    masks, spent = timed(lambda: scrambler.refine(rows, **quiet))
    values["scrambler, refined"], seconds["scrambler, refined"] = masks.importance, training + spent
    masks, spent = timed(lambda: scrambler.optimize(rows, **quiet))
    values["scrambler, optimized"], seconds["scrambler, optimized"] = masks.importance, spent
    for method in RIVALS:
        values[method] = mb.attribute(model, rows, method, **quiet)
        seconds[method] = values[method].cost["seconds"]
    return values, seconds


def atg_importance(values: dict[str, Any], rows: anndata.AnnData) -> dict[str, float]:
    """Mean importance of letters of ATGs, in the explained rows that have both kinds."""
    marks = {"out of frame": atgs(rows, in_frame=False), "in frame": atgs(rows, in_frame=True)}
    has_both = marks["out of frame"].any(axis=1) & marks["in frame"].any(axis=1)
    mutagenesis = np.abs(np.asarray(values["mutagenesis"]).sum(axis=1))
    importance = {
        "scrambler": values["scrambler"],
        "refined": values["scrambler, refined"],
        "mutagenesis": mutagenesis,
    }
    found = {"rows with both": float(has_both.sum())}
    for name, value in importance.items():
        for kind, marked in marks.items():
            found[f"{name}, {kind}"] = float(value[marked & has_both[:, None]].mean())
    return found


def run(adata: anndata.AnnData, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """One row per method; and numbers of the network and of ATGs."""
    is_test = np.random.default_rng(seed).permutation(adata.n_obs) < adata.n_obs // 5
    train, test = adata[~is_test].copy(), adata[is_test].copy()
    model, training = timed(lambda: trained(train, seed))
    rows = explained(model, test)
    values, seconds = attributions(model, train, rows, seed)
    table = fidelity_table(
        model, rows, values, levels=LEVELS, annotation=atgs(rows, in_frame=False), seed=seed
    )
    in_variances = mb.predict(model, rows)[:, 0].var() / store.get_readouts(train)[:, 0].var()
    table["error"] = table["fidelity"] * in_variances
    errors = table.pivot_table(index="method", columns="level", values="error", sort=False)
    errors = errors[list(LEVELS)].rename(columns="{:.0%}".format)
    errors["AUPRC of ATGs"] = table.groupby("method", sort=False)["auprc"].mean()
    errors["seconds"] = pd.Series(seconds)
    about = {
        "r2": float(mb.evaluate(model, test, split=None)["r2"][0]),
        "rows": len(rows),
        "network, s": training,
        **atg_importance(values, rows),
    }
    print(f"seed {seed}: {about}\n{errors.round(3).to_string()}", file=sys.stderr)
    return errors.rename_axis("method").reset_index(), about


def summary(sheets: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds, and the worst seed in brackets."""
    rows = []
    for method, part in sheets.groupby("method", sort=False):
        row: dict[str, object] = {"method": method}
        for column in ("24%", "18%", "12%"):
            row[f"error, {column}"] = f"{part[column].mean():.3f} ({part[column].max():.3f})"
        auprc = part["AUPRC of ATGs"]
        row["AUPRC of ATGs"] = f"{auprc.mean():.3f} ({auprc.min():.3f})"
        spent = part["seconds"].mean()
        row["CPU s"] = "" if np.isnan(spent) else f"{spent:.1f}"
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--data", default=os.environ.get("MOTIFBOOK_TEST_DATA", "."))
    asked = parser.parse_args()
    adata = mb.read_table(Path(asked.data) / FILE, sequence="utr", readouts=["rl"])
    found = [run(adata, seed) for seed in asked.seeds]
    print(summary(pd.concat([sheet for sheet, _ in found])).to_markdown(index=False))
    about = pd.DataFrame([numbers for _, numbers in found], index=asked.seeds)
    print("\n" + about.rename_axis("seed").round(3).reset_index().to_markdown(index=False))


if __name__ == "__main__":
    main()
