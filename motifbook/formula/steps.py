"""The steps of `fit_formula` after the motifs are there: choose, measure, predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.formula.across import across_readouts
from motifbook.formula.candidates import WORD, Candidates, Table
from motifbook.formula.formula import Formula, HeldOut
from motifbook.formula.interactions import COLUMNS, Interactions, find_interactions
from motifbook.formula.penalized import fit_terms
from motifbook.formula.regression import regress
from motifbook.formula.selection import select
from motifbook.formula.tables import coefficient_table
from motifbook.formula.terms import Terms

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Intervals:
    """How intervals are made; see `regress`."""

    kind: str
    n_bootstrap: int
    seed: int


def choose(
    table: Table, candidates: Candidates, *, method: str, n_max: int, seed: int
) -> tuple[Terms, pd.DataFrame]:
    """Keep the candidates that earn their place on the rows that motifs were learned from."""
    terms, rows = candidates.terms, table.rows
    columns = terms.columns(table.letters, table.obs)
    is_word = np.array([source == WORD for source in candidates.source], dtype=bool)
    numbers = np.where(is_word, -1, np.cumsum(~is_word) - 1)  # words were chosen already
    groups = np.full(columns.shape[1], -1)
    groups[: terms.n_motif_terms] = numbers[terms.groups]
    chosen = select(
        columns[rows.learn],
        table.readout[rows.learn],
        groups,
        method=method,
        validation=np.flatnonzero(np.isin(rows.learn, rows.tune)),
        n_max=n_max,
        seed=seed,
    )
    table.notes.extend(chosen.notes)
    kept, frequency = np.ones(len(is_word), dtype=bool), np.full(len(is_word), np.nan)
    why = np.full(len(is_word), "chosen by a lasso of all words", dtype=object)
    kept[~is_word], frequency[~is_word] = chosen.kept, chosen.frequency
    why[~is_word] = chosen.why
    selection = pd.DataFrame(
        {
            "motif": terms.names,
            "source": candidates.source,
            "support": candidates.support,
            "frequency": frequency,
            "kept": kept,
            "why": why,
        }
    )
    return terms.keep(_strongest_first(table, terms, columns, kept)), selection


def _strongest_first(
    table: Table, terms: Terms, columns: Floats, kept: npt.NDArray[np.bool_]
) -> list[int]:
    """Numbers of the motifs that are kept, by what their terms move the readouts."""
    rows = table.rows.learn
    is_motif = np.arange(columns.shape[1]) < terms.n_motif_terms
    used = ~is_motif
    used[is_motif] = kept[terms.groups]
    slopes = _standardized_slopes(columns[rows][:, used], table.readout[rows])
    squares = (slopes[: used[is_motif].sum()] ** 2).sum(axis=1)
    strength = np.bincount(
        terms.groups[used[is_motif]], weights=squares, minlength=len(terms.names)
    )
    order: list[int] = [int(k) for k in np.argsort(-strength, kind="stable") if kept[k]]
    return order


def _standardized_slopes(columns: Floats, readout: Floats) -> Floats:
    """Least squares of standardized readouts on standardized columns, (n_columns, n_readouts)."""
    spread = columns.std(axis=0)
    design = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    values = (readout - np.nanmean(readout, axis=0)) / np.nanstd(readout, axis=0)
    slopes, *_ = np.linalg.lstsq(design, np.nan_to_num(values), rcond=None)
    return np.asarray(slopes, dtype=np.float64)


def find_pairs(
    table: Table,
    terms: Terms,
    columns: Floats,
    families: npt.NDArray[np.object_] | None,
    *,
    seed: int,
) -> Interactions:
    """Which pairs of motifs are worth more, or less, than their sum; see `find_interactions`."""
    found = find_interactions(
        terms.totals(columns[:, : terms.n_motif_terms]),
        columns,
        table.readout,
        kinds=table.kinds,
        rows=table.rows,
        motifs=terms.names,
        readouts=table.names,
        families=families,
        seed=seed,
    )
    table.notes.extend(found.notes)
    return found


def measure(
    table: Table, terms: Terms, columns: Floats, families: npt.NDArray[Any] | None, how: Intervals
) -> Formula:
    """Fit the coefficients on the inference rows, with intervals and tests.

    Parameters
    ----------
    columns : (n, n_terms)
        Of all rows.
    families : (n,)
        Name of each row's family, or None.
    """
    rows, names = table.rows.infer, terms.table()["term"].tolist()
    own = None if families is None else families[rows]
    held_out = HeldOut(table.obs.index[rows], columns[rows], table.readout[rows], own)
    fitted = regress(
        held_out.columns,
        held_out.readout,
        table.kinds,
        intervals=how.kind,
        families=own,
        n_bootstrap=how.n_bootstrap,
        terms=names,
        readouts=table.names,
        seed=how.seed,
    )
    table.notes.extend(fitted.notes)
    groups = np.full(len(names), -1)
    groups[: terms.n_motif_terms] = terms.groups
    across = across_readouts(fitted, groups, terms.names, table.names)
    coefficients = np.nan_to_num(fitted.coefficients)
    return Formula(
        readouts=table.names,
        kinds=table.kinds,
        terms=terms,
        alphabet=table.alphabet,
        intercept=coefficients[0],
        weights=coefficients[1:],
        coefficients=coefficient_table(
            fitted, terms.table(), held_out, names=table.names, kinds=table.kinds
        ),
        same=across.same,
        deviations=across.deviations,
        interactions=pd.DataFrame(columns=list(COLUMNS)),
        baselines=pd.DataFrame(),
        selection=pd.DataFrame(),
        held_out=held_out,
    )


def predict_unseen(table: Table, columns: Floats) -> Floats:
    """Predict the inference rows by coefficients fitted to the others, (n_infer, n_readouts).

    So that a formula and other models have learned from the same rows, in the same way: by ridge,
    with a penalty that the tune rows choose. Binary readouts: logits, without penalty.
    """
    rows = table.rows
    linear = fit_terms(columns, table.readout, rows.learn, rows.tune)
    predicted: Floats = linear.intercept + columns[rows.infer] @ linear.coefficients
    is_binary = np.array([kind == "binary" for kind in table.kinds])
    if is_binary.any():
        binary = table.readout[rows.learn][:, is_binary]
        fitted = regress(columns[rows.learn], binary, ["binary"] * int(is_binary.sum()))
        logit = np.nan_to_num(fitted.coefficients)
        predicted[:, is_binary] = logit[0] + columns[rows.infer] @ logit[1:]
    return predicted
