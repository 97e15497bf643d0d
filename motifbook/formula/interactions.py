"""Pairs of motifs that are worth more, or less, together than the sum of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from motifbook.formula.regression import Regression, regress
from motifbook.formula.residual_context import fit_context
from motifbook.formula.rows import Rows
from motifbook.motif.distribution import q_values_of

Floats = npt.NDArray[np.float64]
COLUMNS = (
    "motif", "partner", "readout", "coefficient", "lower", "upper", "p_value", "q_value", "score",
    "in_formula",
)  # fmt: skip
MOST = 10  # pairs that are tested
ENOUGH = 30  # sequences with both motifs, below which a pair cannot be judged
LEVEL = 0.05  # q-value under which a pair goes into the formula


@dataclass(frozen=True)
class Interactions:
    """Pairs that were tried, and those that hold.

    Parameters
    ----------
    table
        One row per tried pair and readout: `COLUMNS`.
    pairs
        Numbers of the motifs of the pairs that go into the formula.
    gain : (n_readouts,)
        R2 that the residual context adds to the formula on rows that neither has seen; as much of
        the context as helps the tuning rows.
    notes
        Sentences.
    """

    table: pd.DataFrame
    pairs: tuple[tuple[int, int], ...]
    gain: Floats
    notes: list[str]


def find_interactions(
    totals: Floats,
    columns: Floats,
    readout: Floats,
    *,
    kinds: Sequence[str],
    rows: Rows,
    motifs: Sequence[str],
    readouts: Sequence[str],
    families: npt.NDArray[np.object_] | None = None,
    seed: int = 0,
) -> Interactions:
    """Look for pairs on the discovery rows, and test them on the inference rows.

    Parameters
    ----------
    totals : (n, n_motifs)
        Sites of each motif in each sequence, wherever they lie.
    columns : (n, n_terms)
        All columns of the formula without interactions.
    readout : (n, n_readouts)
        NaN where not measured.
    kinds, rows, families
        As for `regress`; `families` for all rows, None where every row is its own.
    motifs, readouts
        Names.

    Returns
    -------
    Interactions

    Notes
    -----
    The context network is fitted to what the formula leaves of the discovery rows; the ten pairs
    whose coefficients it moves most, among those that meet in 30 sequences or more, are tested as
    products of counts, all in one regression beside the formula's columns, with q-values over all
    of them. A pair goes into the formula where q < 0.05 in any readout. Its coefficient is then a
    little too large: it was taken because it is large on the same rows.
    """
    plain = regress(columns[rows.discover], readout[rows.discover], kinds)
    left = readout - _predict(plain, columns, kinds)
    context = fit_context(totals[rows.discover], left[rows.discover], seed=seed)
    unseen, added = rows.infer, context.predict(totals)
    share = _helpful_share(left[rows.tune], added[rows.tune])
    gain = _gain(readout[unseen], left[unseen], share * added[unseen])
    notes = [
        "Coefficients that depend on the other motifs of a sequence (residual context) change R2 "
        f"on unseen rows by {round(float(np.mean(gain)), 3) + 0.0:+.3f}, mean over readouts."
    ]
    scores = context.scores(totals[rows.discover])
    pairs = _strongest(scores, totals[rows.discover], totals[unseen])
    if not pairs:
        return Interactions(pd.DataFrame(columns=list(COLUMNS)), (), gain, notes)
    products = [totals[unseen, a] * totals[unseen, b] for a, b in pairs]
    tested = regress(
        np.column_stack([columns[unseen], *products]),
        readout[unseen],
        kinds,
        intervals="hc3" if families is None else "cluster",
        families=None if families is None else families[unseen],
    )
    table = _table(tested, pairs, scores, motifs, readouts)
    chosen = table["in_formula"].to_numpy().reshape(len(pairs), -1)[:, 0]
    return Interactions(table, tuple(pair for pair, one in zip(pairs, chosen) if one), gain, notes)


def with_tested_q(coefficients: pd.DataFrame, tested: pd.DataFrame) -> pd.DataFrame:
    """Return the coefficients of a formula, its pairs with the q-values over all tried ones.

    Parameters
    ----------
    coefficients
        `Formula.coefficients`.
    tested
        `Interactions.table` of the same motifs and readouts.

    Notes
    -----
    q-values over those alone that were taken because they are small would be too small.
    """
    keys = ["motif", "partner", "readout"]
    known = tested.set_index(keys)["q_value"].to_dict()
    is_pair = (coefficients["kind"] == "interaction").to_numpy()
    of_pairs = coefficients.loc[is_pair, keys].itertuples(index=False, name=None)
    q_value = coefficients["q_value"].to_numpy(dtype=np.float64).copy()
    q_value[is_pair] = [known[pair] for pair in of_pairs]
    return coefficients.assign(q_value=q_value)


def _predict(regression: Regression, columns: Floats, kinds: Sequence[str]) -> Floats:
    prediction = regression.intercept + columns @ regression.weights
    is_binary = np.array([kind == "binary" for kind in kinds])
    prediction[:, is_binary] = expit(prediction[:, is_binary])
    return prediction


def _helpful_share(left: Floats, added: Floats) -> float:
    """How much of what the context adds is worth adding, 0 to 1: it learns noise, too."""
    squares = float((added**2).sum())
    return float(np.clip(np.nansum(left * added) / squares, 0, 1)) if squares else 0.0


def _gain(measured: Floats, left: Floats, added: Floats) -> Floats:
    """R2 with the context minus R2 without, (n_readouts,)."""
    total = np.nansum((measured - np.nanmean(measured, axis=0)) ** 2, axis=0)
    saved = np.nansum(left**2, axis=0) - np.nansum((left - added) ** 2, axis=0)
    gain: Floats = saved / total
    return gain


def _strongest(scores: Floats, *totals: Floats) -> list[tuple[int, int]]:
    """The pairs with the largest scores that meet in enough sequences of every part."""
    first, second = np.triu_indices(len(scores), k=1)
    order = np.argsort(-scores[first, second], kind="stable")
    pairs = ((int(first[i]), int(second[i])) for i in order)
    found: list[tuple[int, int]] = []
    for a, b in pairs:
        if all(_meetings(part[:, a] * part[:, b]) >= ENOUGH for part in totals):
            found.append((a, b))
        if len(found) == MOST:
            break
    return found


def _meetings(products: Floats) -> float:
    """In how many sequences two motifs meet, those with many sites for more, others for less."""
    return float(products.sum() ** 2 / max((products**2).sum(), 1e-300))


def _table(
    tested: Regression,
    pairs: Sequence[tuple[int, int]],
    scores: Floats,
    motifs: Sequence[str],
    readouts: Sequence[str],
) -> pd.DataFrame:
    own = slice(-len(pairs), None)
    q_value = q_values_of(tested.p_value[own])
    rows = []
    for number, (a, b) in enumerate(pairs):
        is_in = bool((q_value[number] < LEVEL).any())
        for column, readout in enumerate(readouts):
            rows.append((
                motifs[a], motifs[b], readout,
                *(part[own][number, column] for part in (
                    tested.coefficients, tested.lower, tested.upper, tested.p_value)),
                q_value[number, column], scores[a, b], is_in,
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
