"""What runs a network: time beside what the machine needs for the arithmetic alone.

    OMP_NUM_THREADS=1 python -m benchmarks.torch_paths [path ...]

Seconds of CPU, the faster of two, one thread. The bound is the floating-point operations of all
convolutions and matrix products that a path asks of torch, forward and backward, counted as it
runs, at the rate of a large matrix product of the same run. The gap, time over bound, holds what
is read from memory instead (rectifiers, norms, pooling, drawing letters, tables), and convolutions
of few channels, which reach a half to nine tenths of that rate.
"""

from __future__ import annotations

import platform
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

import motifbook as mb

LENGTH, N_TIMES, SIDE, SEED = 200, 2, 1024, 0
PAGE = Path(__file__).with_suffix(".md")
Path_ = tuple[str, Callable[[], Any]]


def cpu_seconds(call: Callable[[], Any], n_times: int = N_TIMES) -> float:
    """The fastest of some calls."""
    taken = []
    for _ in range(n_times):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)


def rate() -> float:
    """Operations per second of a large product of matrices."""
    matrix = torch.rand(SIDE, SIDE)
    return 2 * SIDE**3 / cpu_seconds(lambda: matrix @ matrix, 10)


class _Counter(TorchDispatchMode):
    """Counts what torch's own counter knows of: products of matrices and convolutions."""

    n = 0

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = operation(*args, **(kwargs or {}))
        if operation.overloadpacket in flop_registry:
            count = flop_registry[operation.overloadpacket]
            self.n += int(count(*args, **(kwargs or {}), out_val=made))
        return made


def operations(call: Callable[[], Any]) -> int:
    """Of convolutions and matrix products, forward and backward."""
    with _Counter() as counter:
        call()
    return counter.n


def paths() -> dict[str, Path_]:
    """Name -> size in words, and what is measured."""
    adata = mb.simulate(n=1000, length=LENGTH, rule="single", seed=SEED)
    adata.obs["split"] = mb.split(adata, seed=SEED)
    model = mb.MotifSyntaxNet(1)
    mb.fit(model, adata, seed=SEED, progress=False, options=mb.FitOptions(n_steps=60))
    few, some = adata[:64].copy(), adata[:16].copy()
    motifs = mb.read_motifs(model, adata, include_unused=True)
    learning = mb.ScramblerOptions(n_steps=40)
    train = partial(
        mb.fit_scrambler, model, adata, bits=0.2, seed=SEED, progress=False, options=learning
    )
    scrambler = train()
    values = {"gradient": mb.attribute(model, few, "gradient", seed=SEED)}
    pairs = pd.DataFrame({"reference": adata.obs["sequence"][:500].astype(str)})
    other = dict(zip("ACGT", "CGTA"))
    pairs["alternative"] = [f"{t[:100]}{other[t[100]]}{t[101:]}" for t in pairs["reference"]]
    attribute = partial(mb.attribute, model, seed=SEED)
    masks = partial(mb.optimize_masks, model, few, bits=0.2, seed=SEED, progress=False, n_steps=20)
    design = partial(mb.design, model, n=4, seed=SEED)
    return {
        "predict": ("1,000", partial(mb.predict, model, adata)),
        "mutagenesis": ("64", partial(attribute, few, "mutagenesis")),
        "gradient": ("1,000", partial(attribute, adata, "gradient")),
        "integrated gradients, 50 steps": ("64", partial(attribute, few, "integrated_gradients")),
        "DeepLIFT/SHAP": ("16", partial(attribute, some, "deep_lift_shap")),
        "fit_scrambler, 40 steps": ("1,000", train),
        "Scrambler.importance": ("1,000", partial(scrambler.importance, adata)),
        "optimize_masks, 20 steps": ("64", masks),
        "fidelity": ("64", partial(mb.fidelity, model, few, values, seed=SEED)),
        "read_motifs": ("1,000", partial(mb.read_motifs, model, adata)),
        "call_instances": (
            "1,000",
            partial(mb.call_instances, model, adata, motifs=motifs, seed=SEED),
        ),
        "read_syntax": ("1,000", partial(mb.read_syntax, model, adata, motifs=motifs, seed=SEED)),
        "score_variants": ("500 pairs", partial(mb.score_variants, model, pairs, seed=SEED)),
        "design, motifs": ("4 designs", partial(design, method="motifs")),
        "design, greedy": ("4 designs", partial(design, method="greedy")),
        "design, evolve": ("4 designs", partial(design, method="evolve")),
        "design, gradient": ("4 designs", partial(design, method="gradient")),
    }


def table(wanted: list[str]) -> list[str]:
    """Rows of the table; all paths if none is wanted."""
    torch.set_num_threads(1)
    per_second = rate()
    rows = [
        f"{platform.machine()}, torch {torch.__version__}, one thread; {per_second / 1e9:.0f} "
        "billion operations per second in a product of matrices.",
        "",
        f"| path | sequences of {LENGTH} letters | seconds | bound | gap |",
        "|---|---|---|---|---|",
    ]
    for name, (size, call) in paths().items():
        if not wanted or any(word in name for word in wanted):
            bound = operations(call) / per_second
            seconds = cpu_seconds(call)
            rows.append(
                f"| {name} | {size} | {seconds:.2f} | {bound:.3f} | {seconds / bound:.1f} |"
            )
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure, print, and write the page if all was measured."""
    warnings.simplefilter("ignore")
    wanted = sys.argv[1:]
    rows = table(wanted)
    if not wanted:
        told = PAGE.read_text(encoding="utf-8").split("<!-- table -->")[0]
        PAGE.write_text("\n".join([told + "<!-- table -->", "", *rows, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
