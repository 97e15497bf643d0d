"""Writers of files, and how they meet a full disk and a folder where nobody may write."""

from __future__ import annotations

import contextlib
import os
import resource
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import motifbook as mb

NOBODY = 65534


@contextlib.contextmanager
def full_disk(room: int = 64) -> Iterator[None]:
    """No file may grow beyond `room` bytes: the system itself refuses to write, also to root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing may be made in `folder`; root, whom this does not bind, is nobody meanwhile."""
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            try:
                os.seteuid(NOBODY)
            except OSError:
                pytest.skip("root may not become another user here")
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="motifbook-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones too."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@cache
def values() -> dict[str, Any]:
    """Small values of every kind that has a writer."""
    from designs_example import GATA, TTT, made
    from formula_example import example_formula

    adata = mb.simulate(n=60, length=60, rule="single", seed=0)
    model = mb.CNN(1, n_filters=2, width=8)
    options = mb.FitOptions(n_steps=2)
    mb.fit(model, adata, seed=0, progress=False, options=options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mb.ScramblerWarning)
        options = mb.ScramblerOptions(n_steps=3)
        scrambler = mb.fit_scrambler(model, adata, seed=0, progress=False, options=options)
    row = {"sequence": "s0", "start": 3, "end": 11, "strand": "+", "motif": "GATA1"}
    hits = pd.DataFrame([row | {"score": 9.0, "p_value": 1e-4}])
    placed = adata.copy()
    placed.obs["chrom"], placed.obs["start"], placed.obs["strand"] = "chr1", 100, "+"
    placed.obs["end"] = placed.obs["start"] + 60
    placed.uns["genome"] = {"lengths": {"chr1": 1000}}
    return {
        "adata": adata,
        "placed": placed,
        "model": model,
        "scrambler": scrambler,
        "hits": hits,
        "motifs": [GATA, TTT],
        "formula": example_formula(),
        "designs": made([["C" * 40, f"{'AGATAAGA'}{'C' * 32}"]]),
        "axes": mb.plot.logo(GATA),
        "track": np.random.default_rng(0).normal(size=(60, 60)),
    }


WRITERS: dict[str, Callable[[dict[str, Any], Path], object]] = {
    "book.h5ad": lambda v, path: mb.write(v["adata"], path),
    "net.motifbook": lambda v, path: mb.save(v["model"], path),
    "keeps.scrambler": lambda v, path: v["scrambler"].save(path),
    "motifs.meme": lambda v, path: mb.write_motif_file(v["motifs"], path),
    "hits.bed": lambda v, path: mb.to_bed(v["hits"], path),
    "hits.csv": lambda v, path: mb.to_bed(v["hits"], path),
    "track.bedgraph": lambda v, path: mb.to_track(v["track"], v["placed"], path),
    "track.bw": lambda v, path: mb.to_track(v["track"], v["placed"], path),
    "logo.svg": lambda v, path: mb.plot.save(v["axes"], path),
    "logo.png": lambda v, path: mb.plot.save(v["axes"], path),
    "logo.pdf": lambda v, path: mb.plot.save(v["axes"], path),
    "formula.json": lambda v, path: mb.save_formula(v["formula"], path),
    "order.csv": lambda v, path: v["designs"].write_order(path),
    "order.xlsx": lambda v, path: v["designs"].write_order(path),
    "designs.fa": lambda v, path: v["designs"].write_fasta(path),
    "designs.gb": lambda v, path: v["designs"].write_genbank(path),
}
