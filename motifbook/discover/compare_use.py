"""Is a motif used more for one readout, or in one group of sequences, than in another?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.data import store
from motifbook.discover.filters import read_motifs
from motifbook.discover.use import (
    FloatArray,
    filters_of,
    held_out_rows,
    loss_rises,
    motif_network,
    resampled_means,
    silenced_outputs,
)
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import measured, trained
from motifbook.train.fit import scaled

if TYPE_CHECKING:
    from anndata import AnnData

FEWEST = 20  # sequences of a condition
MOST_GROUPS = 20

_COLUMNS = [
    *("motif", "condition_a", "condition_b", "use_a", "use_b", "difference", "lower", "upper"),
    *("effect_a", "effect_b", "n"),
]


@dataclass(frozen=True)
class _Condition:
    """One readout, or one group of sequences: where its use is measured."""

    name: str
    rows: npt.NDArray[np.int64]
    readout: int


def compare_use(
    model: Network,
    adata: AnnData,
    *,
    by: str | None = None,
    readout: int = 0,
    motifs: Sequence[Motif] | None = None,
    device: str = "auto",
    batch_size: int = 256,
) -> pd.DataFrame:
    """Compare how much a network uses its motifs for two readouts, or in two groups of sequences.

    Use is what `read_motifs` reports: the rise of the loss when the motif is silenced, on rows
    that training has not seen (on all rows where fewer than 20 are left).

    Parameters
    ----------
    by
        None compares the readouts of the network, each two of one kind; otherwise a column of
        `adata.obs`, whose values are the groups.
    readout
        Number of the readout for which groups are compared.
    motifs
        From `read_motifs` of this network; by default all that it uses.

    Returns
    -------
    DataFrame
        A row per motif and two conditions: "motif", "condition_a", "condition_b", "use_a",
        "use_b", "difference" (use_b - use_a), "lower" and "upper" (its 95 % interval, bootstrap
        over sequences), "effect_a" and "effect_b" (mean change of the prediction by having the
        motif seen, over all sequences of the condition: positive where it raises the readout; on
        the logit scale for binary readouts, in their own unit for continuous ones) and "n"
        (sequences of both conditions). Use is in nats for binary readouts, in shares of the
        variance for continuous ones.

    Raises
    ------
    InputError
        If the network has one readout and `by` is None, no two readouts are of one kind, `by` has
        fewer than two values or more than 20, or a condition has fewer than 20 measured values or
        only equal ones.

    Notes
    -----
    A motif may be used more in a group because it occurs more often there, because it does more
    where it occurs, or because the group holds more sequences that are hard to tell: compare
    groups of like composition. Sequences with a missing value of either readout are left out when
    readouts are compared; the bootstrap then draws sequences, not values.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=800, length=60, rule="single", seed=0)
    >>> adata.obs["half"] = ["first"] * 400 + ["second"] * 400
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    >>> motifs = mb.read_motifs(model, adata, source="weights", include_unused=True)
    >>> table = compare_use(model, adata, by="half", motifs=motifs)
    >>> table[["condition_a", "condition_b"]].drop_duplicates().to_numpy().tolist()
    [['first', 'second']]
    """
    network = motif_network(model)
    pairs = _readouts(network, adata) if by is None else _groups(network, adata, by, readout)
    if motifs is None:
        motifs = read_motifs(network, adata, batch_size=batch_size, device=device)
    motifs = motif_list(motifs)
    groups = [filters_of(motif, network) for motif in motifs]
    rows = []
    for a, b in pairs:
        silenced = [
            _measure(network, adata, one, groups, batch_size=batch_size, device=device)
            for one in (a, b)
        ]
        table = _compared(*silenced, is_paired=by is None)
        table.insert(0, "motif", [motif.name for motif in motifs])
        table.insert(1, "condition_a", a.name)
        table.insert(2, "condition_b", b.name)
        rows.append(table)
    return pd.concat(rows, ignore_index=True)[_COLUMNS]


def _readouts(network: MotifNetwork, adata: AnnData) -> list[tuple[_Condition, _Condition]]:
    record = trained(network)
    if network.n_readouts == 1:
        raise _check.InputError(
            f"The network predicts one readout, {record.readouts[0]!r}; expected two or more to "
            "compare, or groups of sequences: name a column of `adata.obs` as `by`."
        )
    rows, _ = held_out_rows(network, adata)
    values = measured(network, adata)
    pairs = []
    for a, b in combinations(range(network.n_readouts), 2):
        if record.kinds[a] == record.kinds[b]:
            both = rows[~np.isnan(values[rows][:, [a, b]]).any(axis=1)]
            pairs.append(tuple(_Condition(record.readouts[r], both, r) for r in (a, b)))
    if not pairs:
        raise _check.InputError(
            f"The readouts are {', '.join(record.kinds)}; expected two of one kind, whose uses "
            "have one unit."
        )
    return [(_checked(a, values), _checked(b, values)) for a, b in pairs]


def _groups(
    network: MotifNetwork, adata: AnnData, by: str, readout: int
) -> list[tuple[_Condition, _Condition]]:
    _check.columns(adata.obs.columns, [by], "`adata.obs`")
    _check.whole_number(readout, "readout", low=0, high=network.n_readouts - 1)
    rows, _ = held_out_rows(network, adata)
    values = measured(network, adata)
    rows = rows[~np.isnan(values[rows, readout])]
    column = adata.obs[by].iloc[rows]
    names = sorted(column.dropna().unique(), key=str)
    if not 2 <= len(names) <= MOST_GROUPS:
        raise _check.InputError(
            f"`adata.obs[{by!r}]` has {len(names)} values in the {len(rows):,} rows that can be "
            f"used; expected 2 to {MOST_GROUPS} groups."
        )
    conditions = [
        _checked(_Condition(str(name), rows[(column == name).to_numpy()], readout), values)
        for name in names
    ]
    return list(combinations(conditions, 2))


def _checked(condition: _Condition, values: npt.NDArray[np.float32]) -> _Condition:
    """Refuse a condition in which nothing can be measured."""
    own = values[condition.rows, condition.readout]
    if len(own) < FEWEST:
        raise _check.InputError(
            f"{condition.name!r} has {len(own)} sequences with a measured value that training has "
            f"not seen; expected at least {FEWEST}. Leave it out, or set more rows aside."
        )
    if own.min() == own.max():
        raise _check.InputError(
            f"All {len(own)} measured values of {condition.name!r} are {own[0]:g}; expected values "
            "that differ: where there is nothing to tell apart, no motif is of use."
        )
    return condition


@dataclass(frozen=True)
class _Silenced:
    """What silencing each motif does in each row of a condition, (n_rows, n_motifs) each."""

    rise: FloatArray  # of the loss
    effect: FloatArray  # output with the motif seen minus output without


def _measure(
    network: MotifNetwork,
    adata: AnnData,
    condition: _Condition,
    groups: Sequence[Sequence[int]],
    *,
    device: str,
    batch_size: int,
) -> _Silenced:
    record, readout = trained(network), condition.readout
    letters = store.get_letters(adata)[condition.rows]
    outputs = silenced_outputs(network, letters, groups, batch_size=batch_size, device=device)
    outputs = outputs[:, :, [readout]]
    values = scaled(measured(network, adata)[condition.rows], record)[:, [readout]]
    rise = loss_rises(outputs, torch.as_tensor(values), [record.kinds[readout]])
    effect = (outputs[0] - outputs[1:]).squeeze(2).T.double().numpy() * record.scale[readout]
    return _Silenced(rise, effect)


def _compared(a: _Silenced, b: _Silenced, *, is_paired: bool) -> pd.DataFrame:
    """Uses, their difference and its bootstrap interval; one row per motif.

    Paired conditions share their rows, and are drawn together.
    """
    rng = np.random.default_rng(0)
    if is_paired:
        drawn = resampled_means(b.rise - a.rise, rng)
    else:
        drawn = resampled_means(b.rise, rng) - resampled_means(a.rise, rng)
    lower, upper = np.quantile(drawn, (0.025, 0.975), axis=0)
    use_a, use_b = a.rise.mean(axis=0), b.rise.mean(axis=0)
    return pd.DataFrame(
        {
            "use_a": use_a,
            "use_b": use_b,
            "difference": use_b - use_a,
            "lower": lower,
            "upper": upper,
            "effect_a": a.effect.mean(axis=0),
            "effect_b": b.effect.mean(axis=0),
            "n": len(a.rise) + (0 if is_paired else len(b.rise)),
        }
    )
