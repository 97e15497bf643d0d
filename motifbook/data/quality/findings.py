"""What a check says, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.alphabet import Alphabet
from motifbook.data import schema, store
from motifbook.data.quality.composition import Composition, composition
from motifbook.data.splits.copies import core_hashes, one_strand, sequence_hashes
from motifbook.onehot import Letters

FINE, NOTE, WARNING = "fine", "note", "warning"
Facts = dict[str, Any]  # numbers and words by name


class Finding(NamedTuple):
    """One thing that a biologist should know.

    Parameters
    ----------
    topic
        One or two words.
    level
        "fine", "note" (good to know) or "warning" (do something).
    sentence
        What was seen, with its number.
    advice
        What to do; empty where there is nothing to do.
    """

    topic: str
    level: str
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class Data:
    """An AnnData as arrays, each made once.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    values : (n, n_readouts)
        NaN where not measured.
    kinds
        "binary" or "continuous" for each readout.
    """

    adata: ad.AnnData
    letters: Letters
    alphabet: Alphabet
    values: npt.NDArray[np.float64]
    names: list[str]
    kinds: list[str]

    @classmethod
    def of(cls, adata: ad.AnnData) -> Data:
        """Take the arrays from an AnnData."""
        return cls(
            adata,
            store.get_letters(adata),
            store.get_alphabet(adata),
            store.get_readouts(adata).astype(np.float64),
            [str(name) for name in adata.var_names],
            store.readout_kinds(adata),
        )

    @property
    def n(self) -> int:
        """Number of sequences."""
        return len(self.letters)

    @cached_property
    def composition(self) -> Composition:
        """Letters of each sequence."""
        return composition(self.letters, self.alphabet)

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Letters of each sequence, (n,), unknown ones included where they are no padding."""
        if schema.LETTERS in self.adata.obsm:
            return self.composition.lengths
        return np.fromiter(map(len, store.get_sequences(self.adata)), np.int64, self.n)

    @cached_property
    def copies(self) -> npt.NDArray[np.int64]:
        """Equal numbers for copies, also of the other strand, constant flanks aside, (n,)."""
        hashes = core_hashes(self.letters, self.alphabet)
        return np.asarray(pd.factorize(hashes)[0], dtype=np.int64)

    @cached_property
    def same_letters(self) -> npt.NDArray[np.int64]:
        """Equal numbers for the very same sequences, on the same strand, (n,)."""
        hashes = sequence_hashes(self.letters, one_strand(self.alphabet))
        return np.asarray(pd.factorize(hashes)[0], dtype=np.int64)

    def readouts(self, kind: str) -> list[int]:
        """Columns of the readouts of one kind that vary."""
        return [
            column
            for column, found in enumerate(self.kinds)
            if found == kind and len(self.measured(column)) and np.ptp(self.measured(column)) > 0
        ]

    def measured(self, column: int) -> npt.NDArray[np.float64]:
        """The measured values of one readout."""
        values = self.values[:, column]
        return values[~np.isnan(values)]
