"""What each motif adds to each prediction, and which sequences are alike in that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from sklearn.cluster import KMeans

from motifbook import _check
from motifbook.onehot import Letters

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
N_CLUSTERS = 6
STARTS = 4  # of k-means; the best is kept


def contributions(formula: Formula, letters: Letters, obs: pd.DataFrame) -> Floats:
    """What the sites of each motif add to each prediction.

    Parameters
    ----------
    formula
        From `fit_formula`.
    letters : (n, length)
        Letter codes of any sequences.
    obs : n rows
        With the columns of the formula's covariates.

    Returns
    -------
    (n, n_motifs, n_readouts)
        Readout units, logits for binary readouts, against the mean over the rows that the
        coefficients come from: 0 is as much as in a usual sequence. Positions of one motif are
        summed; of an interaction each partner gets half. Summed over motifs, with what covariates
        add, it is the prediction minus the mean prediction.
    """
    table = formula.terms.table()
    values = formula.terms.at_length(letters.shape[1]).columns(letters, obs) - _means(formula)
    names = formula.terms.names
    shares = np.zeros((len(names), len(table)))  # of each term that is each motif's
    for number, (kind, motif, partner) in enumerate(
        zip(table["kind"], table["motif"], table["partner"])
    ):
        if kind == "covariate":
            continue
        for owner in (motif, partner) if kind == "interaction" else (motif,):
            shares[names.index(owner), number] += 0.5 if kind == "interaction" else 1.0
    return np.stack([(values * weight) @ shares.T for weight in formula.weights.T], axis=2)


def _means(formula: Formula) -> Floats:
    """Mean of each term over the rows that the coefficients come from, (n_terms,)."""
    table = formula.coefficients
    first = table[table["readout"] == formula.readouts[0]]
    means: Floats = first.loc[first["kind"] != "intercept", "mean"].to_numpy(dtype=np.float64)
    return means


@dataclass(frozen=True)
class SequenceClusters:
    """Sequences in groups that owe their readouts to the same motifs.

    Parameters
    ----------
    cluster : (n,)
        Number of the group of each sequence, from 1; neighbors have neighboring numbers.
    order : (n,)
        Row numbers, cluster by cluster, within it by falling sum of contributions.
    table
        One row per cluster and readout: cluster, n, readout, mean (of the measured values, where
        given), then one column per motif: its mean contribution.
    """

    cluster: IntArray
    order: IntArray
    table: pd.DataFrame


def cluster_sequences(
    contributions: npt.ArrayLike,
    readout: npt.ArrayLike | None = None,
    *,
    motifs: Sequence[str],
    readouts: Sequence[str],
    n_clusters: int = N_CLUSTERS,
    seed: int | None = 0,
) -> SequenceClusters:
    """Group sequences by what the motifs add to them.

    Parameters
    ----------
    contributions : (n, n_motifs, n_readouts)
        What `contributions` returns.
    readout : (n, n_readouts)
        Measured values, NaN for none; only for the means in the table.
    motifs, readouts
        Their names.
    n_clusters
        Groups, at most.

    Raises
    ------
    InputError
        If shapes and names do not fit.

    Notes
    -----
    k-means of the contributions as they are, so that strong motifs decide; the groups are put in
    the order of the leaves of an average-linkage tree of their centers.

    Examples
    --------
    >>> added = np.repeat([[[2.0], [0.0]], [[0.0], [-1.0]]], 3, axis=0)  # 6 sequences, 2 motifs
    >>> found = cluster_sequences(added, motifs=["GATA", "YY1"], readouts=["Dev"], n_clusters=2)
    >>> found.table[["n", "GATA", "YY1"]].values.tolist()
    [[3.0, 2.0, 0.0], [3.0, 0.0, -1.0]]
    """
    values = np.asarray(contributions, dtype=np.float64)
    expected = (None, len(motifs), len(readouts))
    _check.shape(values, "contributions", "(n, n_motifs, n_readouts)", *expected)
    n, flat = len(values), values.reshape(len(values), -1)
    measured = np.full((n, len(readouts)), np.nan) if readout is None else np.asarray(readout)
    _check.shape(measured, "readout", f"(n, n_readouts) = {(n, len(readouts))}", n, len(readouts))
    cluster = _ordered(_labels(flat, _check.whole_number(n_clusters, "n_clusters"), seed), flat)
    order = np.lexsort((-flat.sum(axis=1), cluster))
    rows = []
    for number in np.unique(cluster).tolist():
        own = cluster == number
        added = values[own].mean(axis=0)  # (n_motifs, n_readouts)
        for column, name in enumerate(readouts):
            known = measured[own, column][~np.isnan(measured[own, column])]
            mean = float(known.mean()) if len(known) else float("nan")
            rows.append((number, int(own.sum()), name, mean, *added[:, column]))
    table = pd.DataFrame(rows, columns=["cluster", "n", "readout", "mean", *motifs])
    return SequenceClusters(cluster, order, table)


def _labels(flat: Floats, n_clusters: int, seed: int | None) -> IntArray:
    """Number of each row's group, from 0, (n,); no more groups than different rows."""
    n_different = len(np.unique(flat.round(9), axis=0))
    if min(n_clusters, n_different) < 2:
        return np.zeros(len(flat), dtype=np.int64)
    start = int(_check.generator(seed, "clusters").integers(2**31))
    means = KMeans(min(n_clusters, n_different), n_init=STARTS, random_state=start)
    return np.asarray(means.fit_predict(flat), dtype=np.int64)


def _ordered(labels: IntArray, flat: Floats) -> IntArray:
    """Groups numbered from 1 along a tree of their centers, the highest sum first, (n,)."""
    numbers = np.unique(labels)
    centers = np.stack([flat[labels == number].mean(axis=0) for number in numbers])
    leaves = np.arange(len(centers))
    if len(centers) > 2:
        leaves = leaves_list(linkage(centers, "average", optimal_ordering=True))
    if centers[leaves[0]].sum() < centers[leaves[-1]].sum():
        leaves = leaves[::-1]
    rank = np.empty(len(leaves), dtype=np.int64)
    rank[leaves] = np.arange(1, len(leaves) + 1)
    return rank[np.searchsorted(numbers, labels)]
