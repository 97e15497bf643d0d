"""Which rows find the motifs, which help to choose, and which measure what they are worth."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits.split import UnevenSplitWarning, split

if TYPE_CHECKING:
    from anndata import AnnData

IntArray = npt.NDArray[np.int64]
SHARES = (0.6, 0.1, 0.3)
FEWEST = 30  # rows in each part


@dataclass(frozen=True)
class Rows:
    """Numbers of the rows of each part; no row is in two.

    Parameters
    ----------
    discover
        Motifs are learned from these: "train".
    tune
        These stop the training and choose penalties and words: "validation". Motifs are selected on
        these and the discover rows together.
    infer
        Coefficients, intervals and tests come from these alone: "test".
    """

    discover: IntArray
    tune: IntArray
    infer: IntArray

    @property
    def learn(self) -> IntArray:
        """All rows that motifs were chosen on."""
        return np.sort(np.concatenate([self.discover, self.tune]))


def divide(adata: AnnData, seed: int, notes: list[str], *, has_sequences: bool = True) -> Rows:
    """Take the rows of `adata.obs["split"]`, or divide them, those that are alike together.

    Rows without any measured value are left out.

    Raises
    ------
    InputError
        If a part has too few rows.
    """
    if schema.SPLIT in adata.obs:
        words = adata.obs[schema.SPLIT].astype(str).to_numpy()
    else:
        words = _by_similarity(adata, seed) if has_sequences else _at_random(adata.n_obs, seed)
        how = "sequences that resemble each other together" if has_sequences else "at random"
        counts = [int((words == part).sum()) for part in schema.SPLITS]
        notes.append(
            f"No split was given: {counts[0]:,} rows find the motifs, {counts[1]:,} help to choose "
            f"among them, {counts[2]:,} measure what they are worth ({how})."
        )
    measured = ~np.isnan(store.get_readouts(adata)).all(axis=1)
    if not measured.all():
        notes.append(f"{int((~measured).sum()):,} rows without any measured value were left out.")
    parts = [np.flatnonzero((words == part) & measured) for part in schema.SPLITS]
    for part, rows in zip(schema.SPLITS, parts):
        if len(rows) < FEWEST:
            raise _check.InputError(
                f"There are {len(rows)} measured rows of split {part!r}; expected at least "
                f"{FEWEST}. A formula finds motifs on train, chooses among them with validation "
                "and measures what they are worth on test. Make all three with "
                "`mb.split(adata, fractions=(0.6, 0.1, 0.3), seed=0)`."
            )
    return Rows(*parts)


def _by_similarity(adata: AnnData, seed: int) -> npt.NDArray[np.object_]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnevenSplitWarning)
        words = split(adata, by="similarity", fractions=SHARES, seed=seed)
    return words.to_numpy(dtype=object)


def _at_random(n: int, seed: int) -> npt.NDArray[np.object_]:
    ends = np.cumsum(SHARES)[:-1]
    words = np.array(schema.SPLITS, dtype=object)[np.searchsorted(ends, np.arange(n) / n, "right")]
    return np.random.default_rng(seed).permutation(words)
