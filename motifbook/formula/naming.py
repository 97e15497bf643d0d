"""A formula whose motifs carry the names of the known motifs they look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from motifbook.motif.compare import name_motifs

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula

_TABLES = ("coefficients", "same", "deviations", "interactions", "selection")


def name_formula(formula: Formula, known: pd.DataFrame, *, q_value: float = 0.05) -> Formula:
    """Give the motifs of a formula the names, and the strand, of known motifs they look most like.

    Parameters
    ----------
    formula
        From `mb.fit_formula`; not changed.
    known
        The table of `mb.identify(formula.motifs)`.
    q_value
        Motifs without a known motif up to this q-value stay as they are.

    Returns
    -------
    Formula
        The same numbers and predictions, under other names in all tables. A name that comes again
        gets a number: "CTCF", "CTCF 2".

    Raises
    ------
    InputError
        If `known` is not a table of `mb.identify`.

    Notes
    -----
    A name is a resemblance: which protein binds there, a matrix cannot tell.
    """
    called = name_motifs(formula.motifs, known, q_value=q_value)
    if not formula.terms.both_strands:  # turned around, they would count other sites
        called = [motif.renamed(new.name) for motif, new in zip(formula.motifs, called)]
    motifs = [replace(one, motif=motif) for one, motif in zip(formula.terms.motifs, called)]
    terms = replace(formula.terms, motifs=motifs)
    names = dict(zip(formula.terms.names, terms.names))
    columns = {
        "motif": names,
        "partner": names,
        "term": dict(zip(formula.terms.table()["term"], terms.table()["term"])),
    }
    tables: dict[str, Any] = {name: _renamed(getattr(formula, name), columns) for name in _TABLES}
    return replace(formula, terms=terms, **tables)


def _renamed(table: pd.DataFrame, columns: dict[str, dict[str, str]]) -> pd.DataFrame:
    """The table with other words in these columns, where it has them."""
    return table.assign(
        **{
            column: table[column].map(lambda word, new=new: new.get(word, word))
            for column, new in columns.items()
            if column in table
        }
    )
