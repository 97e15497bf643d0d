"""Motifs from a plain CNN, by its filters and by attribution and TF-MoDISco, beside ours.

    python -m venv modisco && modisco/bin/pip install "modisco>=2"         # its own environment
    python -m benchmarks.cnn_motifs --modisco modisco/bin/modisco

"tut2", 5,000 sequences of 200 letters; three seeds of data and network. The plain CNN has 32
filters x 17 and a linear readout, the larger one 64 x 20 and a hidden layer of 32. Attributions are
those of DeepLIFT against 20 dinucleotide shuffles (tangermeme), of all positives; TF-MoDISco runs
with its defaults (2,000 seqlets at most, the whole sequence as window), and its patterns are
trimmed at 0.3 bits. Found, at 0.9 and at 0.8, and spurious as in recovery.py; every pattern of
TF-MoDISco counts, of networks the motifs in use.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import torch
from torch import nn

import motifbook as mb
from benchmarks.robustness import judged, simulated
from motifbook.data import store
from motifbook.onehot import onehot

HERE = Path(__file__).parent
TABLE, SUMMARY = HERE / "cnn_motifs.json", HERE / "cnn_motifs.md"
CNNS = {"CNN": {}, "larger CNN": {"n_filters": 64, "width": 20, "hidden": 32}}

Run = dict[str, Any]


class AsModules(nn.Module):
    """The same function as a `CNN`, in layers that DeepLIFT knows."""

    def __init__(self, cnn: mb.CNN) -> None:
        super().__init__()
        layer = cnn.motifs
        other = layer.weight[:, [3, 2, 1, 0]].flip(2)
        self.n_filters = layer.n_filters
        self.scan = nn.Conv1d(4, layer.n_channels, layer.width)
        with torch.no_grad():
            self.scan.weight.copy_(torch.cat([layer.weight, other]))
            self.scan.bias.copy_(layer.bias.repeat(2))
        self.relu, self.readout = nn.ReLU(), cnn.readout
        self.best: nn.Module = nn.Identity()

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        fired = self.relu(self.scan(onehot))  # (n, 2 n_filters, n_starts)
        both = fired.view(len(fired), 2, self.n_filters, -1).transpose(1, 2).flatten(2)
        return self.readout(self.best(both).squeeze(2))

    def of_length(self, length: int) -> AsModules:
        """Take the largest over both strands of all windows of a sequence."""
        self.best = nn.MaxPool1d(2 * (length - self.scan.kernel_size[0] + 1))
        return self


def attributed(cnn: mb.CNN, letters: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One-hot sequences and hypothetical attributions, (n, 4, length) each."""
    from tangermeme.deep_lift_shap import deep_lift_shap

    x = torch.as_tensor(onehot(letters))
    modules = AsModules(cnn).of_length(letters.shape[1]).eval()
    with torch.no_grad():
        torch.testing.assert_close(modules(x[:100]), cnn(x[:100]))
    attribution = deep_lift_shap(
        modules, x, hypothetical=True, device="cpu", random_state=seed, batch_size=128
    )
    return x.numpy(), attribution.detach().numpy()


def patterns(program: Path, x: np.ndarray, attribution: np.ndarray) -> list[mb.Motif]:
    """What TF-MoDISco makes of attributions."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("x.npz", "a.npz", "out.h5")}
        np.savez(files["x.npz"], x)
        np.savez(files["a.npz"], attribution)
        command = [program, "motifs", "-s", files["x.npz"], "-a", files["a.npz"]]
        command += ["-n", "2000", "-w", str(x.shape[2]), "-o", files["out.h5"]]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        with h5py.File(files["out.h5"]) as found:
            return [
                mb.Motif(f"{sign}_{name}", _ppm(pattern["sequence"][:])).trim(0.3)
                for sign, group in found.items()
                for name, pattern in group.items()
            ]


def _ppm(sequence: np.ndarray) -> np.ndarray:
    """(4, width) from the pattern's mean one-hot sequence, (width, 4)."""
    raised = sequence.T + 1e-6
    return raised / raised.sum(axis=0)


def run(seed: int, program: Path | None) -> list[Run]:
    torch.set_num_threads(1)
    adata = simulated("tut2", seed)
    ours = mb.MotifSyntaxNet(1)
    rows = [_filters("MotifSyntaxNet: filters", ours, adata, seed)]
    for name, sizes in CNNS.items():
        cnn = mb.CNN(1, **sizes)
        rows.append(_filters(f"{name}: filters", cnn, adata, seed))
        if program is None:
            continue
        began = time.perf_counter()
        x, attribution = attributed(cnn, store.get_letters(adata)[adata.X[:, 0] == 1], seed)
        motifs = patterns(program, x, attribution)
        seconds = round(rows[-1]["fit"] + time.perf_counter() - began, 1)
        rows.append(
            {**rows[-1], "method": f"{name}: DeepLIFT, TF-MoDISco", **judged(adata, motifs)}
            | {"seconds": seconds}
        )
    return rows


def _filters(method: str, model: Any, adata: ad.AnnData, seed: int) -> Run:
    began = time.perf_counter()
    mb.fit(model, adata, seed=seed, progress=False)
    fitted = time.perf_counter()
    motifs = mb.read_motifs(model, adata)
    return {
        "method": method,
        "seed": seed,
        **judged(adata, motifs),
        "auroc": round(float(mb.evaluate(model, adata)["auroc"].iloc[0]), 4),
        "fit": round(fitted - began, 1),
        "seconds": round(time.perf_counter() - began, 1),
    }


def summary(runs: list[Run]) -> pd.DataFrame:
    rows = []
    for method in dict.fromkeys(run["method"] for run in runs):
        own = [run for run in runs if run["method"] == method]
        best = pd.DataFrame([run["similarity"] for run in own])
        rows.append(
            {
                "method": method,
                "seeds": len(own),
                **{name: f"{best[name].mean():.2f} ({best[name].min():.2f})" for name in best},
                "found, 0.9": f"{(best >= 0.9).to_numpy().sum()}/{best.size}",
                "found, 0.8": f"{(best >= 0.8).to_numpy().sum()}/{best.size}",
                "motifs per run": f"{np.mean([run['n_motifs'] for run in own]):.1f}",
                "spurious per run": f"{np.mean([run['spurious'] for run in own]):.1f}",
                "auROC": f"{np.mean([run['auroc'] for run in own]):.3f}",
                "s, median": f"{np.median([run['seconds'] for run in own]):.0f}",
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modisco", type=Path, help="the program; without it, filters alone")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    runs = [one for seed in range(given.seeds) for one in run(seed, given.modisco)]
    TABLE.write_text(json.dumps(runs, indent=1) + "\n")
    SUMMARY.write_text(summary(runs).to_markdown(index=False) + "\n")
    print(SUMMARY.read_text())


if __name__ == "__main__":
    main()
