"""Signal of bigWig files as readouts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.clean import counted, listed


def mean_signals(adata: ad.AnnData, files: Mapping[str, str | os.PathLike[str]]) -> ad.AnnData:
    """Return `adata` with one more readout per bigWig file: the mean signal in each window.

    Positions of which the file says nothing count as 0; sequences without a region, such as
    shuffles, are not measured (NaN).

    Raises
    ------
    InputError
        If pybigtools is not installed, or a file lacks a chromosome.
    """
    bigtools = _pybigtools()
    columns = [_mean(bigtools, adata.obs, Path(file)) for file in files.values()]
    names = [*adata.var_names, *files]
    if len(set(names)) < len(names):
        raise _check.InputError(f"`signal` repeats a readout: {listed(names)}. Use other names.")
    var = adata.var.reindex(names)
    done = [f"Readout {name!r}: mean signal of {Path(file).name}." for name, file in files.items()]
    uns = {**adata.uns, schema.DONE: [*adata.uns[schema.DONE], *done]}
    values = np.column_stack([adata.X, *columns]).astype(np.float32)
    return ad.AnnData(X=values, obs=adata.obs, var=var, obsm=dict(adata.obsm), uns=uns)


def _pybigtools() -> Any:
    try:
        import pybigtools
    except ImportError as error:
        raise _check.InputError(
            "`signal` needs pybigtools, which is not installed: `pip install pybigtools`."
        ) from error
    return pybigtools


def _mean(bigtools: Any, regions: pd.DataFrame, path: Path) -> npt.NDArray[np.float64]:
    file = _check.existing_file(path, "signal")
    try:
        track = bigtools.open(str(file))
        lengths = track.chroms()
    except Exception as error:  # pybigtools has an exception class of its own per version
        raise _check.InputError(f"{file} could not be read as bigWig: {error}.") from error
    measured = (regions[schema.CHROM] != ".").to_numpy()
    missing = sorted(set(regions[schema.CHROM][measured]) - set(lengths))
    if missing:
        raise _check.InputError(
            f"{file.name} lacks {counted(len(missing), 'chromosome')} of the regions: "
            f"{listed(missing)}; it has {listed(list(lengths))}. Use a track of the same genome."
        )
    means = np.full(len(regions), np.nan)
    places = regions[[schema.CHROM, schema.START, schema.END]].to_numpy(dtype=object)
    for row in np.flatnonzero(measured):
        chrom, start, end = places[row]
        means[row] = np.mean(track.values(chrom, int(start), int(end), fillna=0))
    return means
