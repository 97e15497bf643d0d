"""The linear formula of the motifs of a report: what one more site of each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.words import counted
from motifbook.formula.fit import FormulaOptions, fit_formula
from motifbook.formula.formula import Formula
from motifbook.formula.rows import FEWEST
from motifbook.motif.matrix import Motif
from motifbook.report.predictors import Settings

if TYPE_CHECKING:
    from anndata import AnnData

MOST_ROWS = 20_000  # drawn at random: more cost time and change no conclusion
ROWS_PER_MOTIF = 10  # test sequences for each motif of the formula
PART_WORDS = {"train": "training", "validation": "validation", "test": "test"}


@dataclass(frozen=True)
class Linear:
    """The formula of a report, or why there is none.

    Parameters
    ----------
    formula
        From `mb.fit_formula`, of the network's motifs under the names of their cards.
    notes
        Sentences on how it was made.
    reason
        Why there is none, in words; "" if there is.
    """

    formula: Formula | None
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def coefficients(self) -> pd.DataFrame:
        """`Formula.coefficients`; empty without a formula."""
        return pd.DataFrame() if self.formula is None else self.formula.coefficients

    def of_motif(self, name: str) -> pd.DataFrame:
        """Coefficients of a motif by itself, and of the pairs that it is in."""
        table = self.coefficients
        if not len(table):
            return table
        return table[(table["motif"] == name) | (table["partner"] == name)]


def fit_linear(
    book: AnnData, motifs: Sequence[Motif], settings: Settings, *, have_judged: bool
) -> Linear:
    """Fit the linear formula of the network's motifs; the coefficients are of test rows.

    Parameters
    ----------
    motifs
        Most used first; so many as the test rows allow, ten for each.
    have_judged
        Whether test rows also judged which motifs are used.
    """
    book, notes = _fewer(book)
    measured = ~np.isnan(store.get_readouts(book)).all(axis=1)
    counts = book.obs.loc[measured, schema.SPLIT].astype(str).value_counts()
    if not motifs:
        return Linear(None, reason="the network uses no motif")
    for part in schema.SPLITS:
        n = int(counts.get(part, 0))
        if n < FEWEST:
            left = counted(n, f"{PART_WORDS[part]} sequence")
            return Linear(None, reason=f"there are {left}, and it needs {FEWEST} at least")
    kept = list(motifs)[: max(1, int(counts["test"]) // ROWS_PER_MOTIF)]
    options = FormulaOptions(selection="none", n_words=0, baselines=())
    try:
        formula = fit_formula(
            book,
            motifs=kept,
            options=options,
            seed=settings.seed,
            device=settings.device,
            progress=False,
        )
    except _check.InputError as error:
        return Linear(None, reason=str(error).removesuffix("."))
    if len(kept) < len(motifs):
        notes.append(
            f"The {len(kept)} most used of {counted(len(motifs), 'motif')} are in it: the test "
            "sequences do not suffice for more."
        )
    if have_judged:
        notes.append(
            "The same sequences helped to judge which motifs are used: the intervals may be a "
            "little too narrow."
        )
    return Linear(formula, (*notes, *formula.info["notes"]))


def _fewer(book: AnnData) -> tuple[AnnData, list[str]]:
    """At most 20,000 rows, drawn at random, and a note if there were more."""
    if book.n_obs <= MOST_ROWS:
        return book, []
    rows = np.sort(np.random.default_rng(0).permutation(book.n_obs)[:MOST_ROWS])
    return book[rows].copy(), [f"It was fitted on {MOST_ROWS:,} of {book.n_obs:,} sequences."]
