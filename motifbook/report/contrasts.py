"""Which sequences are compared when a motif is said to be more common in some than in others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data import association, schema, store

if TYPE_CHECKING:
    from anndata import AnnData

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Contrast:
    """Two groups of sequences by one readout.

    Parameters
    ----------
    readout, kind
        Its name, and "binary" or "continuous".
    words
        What the high and the low group are called.
    high, low : (n,)
        1 and 0 of a binary readout; the upper and the lower third of a continuous one.
    """

    readout: str
    kind: str
    words: tuple[str, str]
    high: Mask
    low: Mask

    def shares(self, has_it: Mask) -> tuple[float, float]:
        """Share of the high and of the low group for which `has_it`, (n,), holds."""
        return _share(has_it[self.high]), _share(has_it[self.low])


def _share(has_it: Mask) -> float:
    return float(has_it.mean()) if len(has_it) else float("nan")


def find_contrasts(adata: AnnData) -> list[Contrast]:
    """One contrast per readout."""
    values, kinds = store.get_readouts(adata), store.readout_kinds(adata)
    found = []
    for name, kind, column in zip(map(str, adata.var_names), kinds, values.T):
        if kind == "binary":
            high, low = column == 1, column == 0
            is_bound = name == schema.BOUND
            words = ("bound", "control") if is_bound else (f"{name} = 1", f"{name} = 0")
        else:
            measured = column[~np.isnan(column)]
            lower, upper = np.quantile(measured, (1 / 3, 2 / 3)) if len(measured) else (np.nan,) * 2
            high, low = column >= upper, column <= lower
            words = (f"highest third by {name}", f"lowest third by {name}")
        found.append(Contrast(name, kind, words, high, low))
    return found


def composition(adata: AnnData, contrasts: list[Contrast]) -> pd.DataFrame:
    """How many sequences each group has in each split, and their letters.

    Returns
    -------
    DataFrame
        Columns "group", "n", "train", "validation", "test" and "gc": the share of G and C among
        known letters, 0 to 1 (NaN for proteins).
    """
    alphabet = store.get_alphabet(adata)
    _, gc = association.composition(store.get_letters(adata), alphabet)
    gc = gc if alphabet.is_nucleotides else np.full(len(gc), np.nan)
    split = adata.obs[schema.SPLIT].astype(str).to_numpy()
    groups = {"all": np.ones(adata.n_obs, dtype=bool)}
    for contrast in contrasts:
        groups |= dict(zip(contrast.words, (contrast.high, contrast.low)))
    rows = []
    for words, mask in groups.items():
        counts = {part: int((split[mask] == part).sum()) for part in schema.SPLITS}
        rows.append({"group": words, "n": int(mask.sum()), **counts, "gc": _mean(gc[mask])})
    return pd.DataFrame(rows)


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")
