"""Windows of high attribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.attribution.letters import Attribution
from motifbook.data import schema, store
from motifbook.data.places import find_spans
from motifbook.models import _tangermeme

if TYPE_CHECKING:
    from anndata import AnnData

COLUMNS = ("sequence", "start", "end", "attribution", "rank_value")


def seqlets(
    attribution: npt.ArrayLike,
    adata: AnnData,
    *,
    window: int = 21,
    flank: int = 10,
    fdr: float = 0.2,
) -> pd.DataFrame:
    """Find the windows whose letters raise or lower the prediction most, as TF-MoDISco does.

    Parameters
    ----------
    attribution : (n, n_letters, length) or (n, length)
        Signed values, such as those of `mb.attribute(model, adata, "mutagenesis")`.
    window
        Letters over which values are summed.
    flank
        Letters added on both sides; seqlets do not overlap by more than these.
    fdr
        How TF-MoDISco sets its threshold: lower finds fewer. At least 3 % and at most 20 % of all
        windows are considered whatever it is.

    Returns
    -------
    DataFrame
        One row per seqlet, the greatest sums first: "sequence", "start", "end" (0-based,
        half-open, without padding), "attribution", the sum over its window without flanks, and
        "rank_value", the share of all windows of `adata` whose sum is as far from 0. It ranks
        seqlets and is no rate of errors: windows overlap, and nothing says what chance would give.

    Raises
    ------
    InputError
        If the values have no sign, or sequences are shorter than a seqlet.

    Notes
    -----
    Shrikumar et al. 2018, arXiv 1811.00416, the first step; by tangermeme.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=100, length=80, rule="single", seed=0)
    >>> values = np.random.default_rng(0).laplace(size=(100, 80))
    >>> values[:, 30:40] += 3
    >>> table = mb.seqlets(values, adata)
    >>> bool(table["start"].median() <= 30 < 40 <= table["end"].median())
    True
    """
    values = _signed(attribution, adata)
    width = _check.whole_number(window, "window") + 2 * _check.whole_number(flank, "flank", low=0)
    if values.shape[1] < width:
        raise _check.InputError(
            f"The sequences have {values.shape[1]} letters; expected {width} or more, a window of "
            f"{window} and {flank} on both sides. Ask for less with `window=` and `flank=`."
        )
    _check.number(fdr, "fdr", low=0, high=1)
    try:
        found = _tangermeme.modisco_seqlets(
            torch.as_tensor(values.astype(np.float32)), window=window, flank=flank, fdr=fdr
        )
    except (IndexError, RuntimeError, ValueError) as error:
        raise _check.InputError(
            f"TF-MoDISco finds no threshold for these values ({_check.reason(error)}); expected "
            "many windows above and below 0. Give more sequences."
        ) from error
    return _table(found, values, adata, window)


def _signed(attribution: npt.ArrayLike, adata: AnnData) -> npt.NDArray[np.float64]:
    """Values of positions, (n, length)."""
    schema.refuse_others(adata)
    letters = store.get_letters(adata)
    values = _check.numbers(attribution, "attribution", "an array of numbers")
    if values.ndim == 3:
        values = values.sum(axis=1)
    n, length = letters.shape
    _check.shape(values, "attribution", f"({n}, n_letters, {length}) or ({n}, {length})", n, length)
    is_signed = attribution.signed if isinstance(attribution, Attribution) else (values < 0).any()
    if not is_signed:
        raise _check.InputError(
            "`attribution` has no sign; expected values that are below 0 where a letter lowers the "
            'prediction, such as `mb.attribute(model, adata, "mutagenesis")`.'
        )
    return values


def _table(
    found: pd.DataFrame, values: npt.NDArray[np.float64], adata: AnnData, window: int
) -> pd.DataFrame:
    rows = found["example_idx"].to_numpy(np.int64)
    padding, lengths = (span[rows] for span in find_spans(adata))
    sums = np.lib.stride_tricks.sliding_window_view(values, window, axis=1).sum(axis=2)
    sizes = np.sort(np.abs(sums), axis=None)
    size = found["attribution"].abs().to_numpy() * (1 - 1e-6)  # rounded by tangermeme
    table = pd.DataFrame(
        {
            "sequence": adata.obs_names[rows],
            "start": np.maximum(found["start"].to_numpy(np.int64) - padding, 0),
            "end": np.minimum(found["end"].to_numpy(np.int64) - padding, lengths),
            "attribution": found["attribution"].to_numpy(np.float64),
            "rank_value": 1 - np.searchsorted(sizes, size) / len(sizes),
        },
        columns=list(COLUMNS),
    )
    table = table[table["start"] < table["end"]]
    order = table["attribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
