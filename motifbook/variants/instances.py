"""Motif instances of the reference and of the alternative: what became of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.discover.instances.rule import InstanceRule, find_instances
from motifbook.models.network import Network
from motifbook.onehot import Letters
from motifbook.variants.alleles import Alleles
from motifbook.variants.changes import Change, lift

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TOUCHED_RATE = 1 / 300  # false calls per letter of background, where letters changed
MARGIN = 3.0  # bits by which a score must change: less is flicker around the threshold
SHARE = 0.25  # of the larger weight by which a weight must change


@dataclass(frozen=True)
class Fates:
    """What became of each instance, one row each, in the order of rows and places.

    Parameters
    ----------
    table
        row, motif, width; start_reference, start_alternative (-1 where it is not seen); start, end
        (on the reference, of those that only the alternative has where they would be); strand;
        score_reference, score_alternative (bits, NaN where it is not seen).
    fate : (n, n_readouts)
        "destroyed", "created", "weakened", "strengthened" or "kept".
    reference, alternative : (n, n_readouts)
        Weight in each allele, 0 where it is not seen.
    """

    table: pd.DataFrame
    fate: npt.NDArray[np.object_]
    reference: FloatArray
    alternative: FloatArray


def compare_instances(
    model: Network,
    alleles: Alleles,
    rule: InstanceRule,
    *,
    device: str = "auto",
    batch_size: int = 256,
) -> Fates:
    """Find the instances of both alleles and say what became of each.

    Notes
    -----
    Two places of a motif, one on each allele, are the same if half of the letters of one lie on
    the other once insertions and deletions are counted. A site is destroyed or created if it holds
    changed letters, is an instance on one allele only, and its score differs by three bits or
    more: a site far from the change whose neighbor is gone is weakened. Sites of which a part has
    moved out of the window are left out.

    Few places hold changed letters, so chance has little room there: they are instances at one
    false call in 300 letters, all others at the rate of the rule. Chosen on two seeds of each set
    of `benchmarks/variants.py` that its table does not hold.
    """
    before, after = (
        _places(model, rule, alleles.encode(sequences), batch_size=batch_size, device=device)
        for sequences in (alleles.reference(), alleles.alternative())
    )
    return _judge(
        _carry(*before, alleles, is_alternative=False),
        _carry(*after, alleles, is_alternative=True),
        rule.rate,
    )


@dataclass(frozen=True)
class _Seen:
    """Places of motifs on one allele, instances and weaker ones, one row each.

    `table` is that of `find_instances`; `weight` (n, n_readouts).
    `start` and `end`, (n,), are where they lie on the other allele, `is_touched` whether they hold
    changed letters.
    """

    table: pd.DataFrame
    weight: FloatArray
    start: IntArray
    end: IntArray
    is_touched: Mask


def _places(
    model: Network, rule: InstanceRule, letters: Letters, *, device: str, batch_size: int
) -> tuple[pd.DataFrame, FloatArray]:
    """Instances and weaker places, as `find_instances`, and their weights, (n, n_readouts)."""
    weaker = replace(rule, rate=1.0)  # all candidates: what is left of an instance
    tables = [
        find_instances(model, weaker, letters, readout=i, batch_size=batch_size, device=device)
        for i in range(model.n_readouts)
    ]
    weights = [table["weight"].to_numpy(dtype=np.float64) for table in tables]
    return tables[0], np.column_stack(weights)


def _carry(
    table: pd.DataFrame, weight: FloatArray, alleles: Alleles, *, is_alternative: bool
) -> _Seen:
    """Say where places lie on the other allele; leave out those beyond its window."""
    start, end = (table[name].to_numpy(dtype=np.int64, copy=True) for name in ("start", "end"))
    is_touched = np.zeros(len(table), dtype=bool)
    offsets = alleles.offsets
    rows = table["row"].to_numpy()  # ascending
    for members in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows)) + 1):
        row = int(rows[members[0]]) if len(members) else 0
        changes, offset = alleles.changes[row], offsets[row]
        here = start[members] - offset, end[members] - offset
        is_touched[members] = _touched(*here, changes, is_alternative)
        start[members] = lift(here[0], changes, to_reference=is_alternative) + offset
        end[members] = lift(here[1], changes, to_reference=is_alternative) + offset
    first, last = offsets[rows], (offsets + alleles.frames)[rows]
    kept = (start >= first) & (end <= last)
    kept_table = table[kept].reset_index(drop=True)
    return _Seen(kept_table, weight[kept], start[kept], end[kept], is_touched[kept])


def _touched(
    start: IntArray, end: IntArray, changes: tuple[Change, ...], is_alternative: bool
) -> Mask:
    """Whether places hold changed letters, or letters between which some were put in or lost."""
    touched = np.zeros(len(start), dtype=bool)
    gained = 0
    for change in changes:
        first = change.start + (gained if is_alternative else 0)
        last = first + len(change.alt if is_alternative else change.ref)
        touched |= (start < last if last > first else start < first) & (end > first)
        gained += change.surplus
    return touched


def _pair(before: _Seen, after: _Seen) -> tuple[IntArray, IntArray]:
    """Numbers of the same place on both alleles, -1 where one has none."""
    one, other = (
        pd.DataFrame(
            {
                "row": seen.table["row"],
                "motif": seen.table["motif"],
                "middle": middle,
                "width": seen.table["end"] - seen.table["start"],
                "number": np.arange(len(seen.table)),
            }
        )
        for seen, middle in (
            (before, (before.start + before.end) / 2),
            (after, (after.table["start"] + after.table["end"]) / 2),
        )
    )
    both = one.merge(other, on=["row", "motif"])
    both["apart"] = (both["middle_x"] - both["middle_y"]).abs()
    near = both[both["apart"] <= both["width_x"] / 2].sort_values("apart", kind="stable")
    is_best = ~near.duplicated("number_x") & ~near.duplicated("number_y")
    first, second = (near[is_best][name].to_numpy() for name in ("number_x", "number_y"))
    lost = np.setdiff1d(one["number"], first)
    new = np.setdiff1d(other["number"], second)
    return (
        np.concatenate([first, lost, np.full(len(new), -1)]).astype(np.int64),
        np.concatenate([second, np.full(len(lost), -1), new]).astype(np.int64),
    )


def _take(values: npt.NDArray[Any], numbers: IntArray, missing: float = 0) -> npt.NDArray[Any]:
    """Values of these numbers; `missing` for -1."""
    none = np.full((1, *values.shape[1:]), missing, dtype=values.dtype)
    return np.concatenate([values, none])[numbers]


@dataclass(frozen=True)
class _Both:
    """The same places on both alleles: `first` and `second` number them, -1 where not seen."""

    before: _Seen
    after: _Seen
    first: IntArray
    second: IntArray

    def columns(self, name: str, missing: float = -1) -> list[npt.NDArray[Any]]:
        """A column of both tables, (n,) each."""
        return [
            _take(seen.table[name].to_numpy(), numbers, missing)
            for seen, numbers in ((self.before, self.first), (self.after, self.second))
        ]

    def attributes(self, name: str) -> list[npt.NDArray[Any]]:
        """An attribute of both, (n, ...) each."""
        return [
            _take(getattr(seen, name), numbers)
            for seen, numbers in ((self.before, self.first), (self.after, self.second))
        ]


def _judge(before: _Seen, after: _Seen, rate: float) -> Fates:
    """Say what became of instances, by their scores and weights."""
    both = _Both(before, after, *_pair(before, after))
    is_touched = np.any(both.attributes("is_touched"), axis=0)
    rates = np.where(is_touched, max(rate, TOUCHED_RATE), rate)
    is_called = [p_values <= rates for p_values in both.columns("p_value", np.inf)]
    scores = both.columns("score", np.nan)
    gain = np.nan_to_num(scores[1], nan=-np.inf) - np.nan_to_num(scores[0], nan=-np.inf)
    weights = both.attributes("weight")
    sizes = [np.abs(weight) for weight in weights]
    growth, least = sizes[1] - sizes[0], SHARE * np.maximum(*sizes)
    fate = np.full(growth.shape, "kept", dtype=object)
    fate[(growth <= -least) & (least > 0)] = "weakened"
    fate[(growth >= least) & (least > 0)] = "strengthened"
    fate[is_called[0] & ~is_called[1] & is_touched & (gain <= -MARGIN)] = "destroyed"
    fate[~is_called[0] & is_called[1] & is_touched & (gain >= MARGIN)] = "created"
    places = _on_reference(both, is_called[0])
    places = places.assign(score_reference=scores[0], score_alternative=scores[1])
    order = np.lexsort((places["start"], places["row"]))
    order = order[(is_called[0] | is_called[1])[order]]
    return Fates(
        places.iloc[order].reset_index(drop=True), fate[order], weights[0][order], weights[1][order]
    )


def _on_reference(both: _Both, is_on_reference: Mask) -> pd.DataFrame:
    """Where instances lie: as the reference has them, if they are instances there."""
    starts, ends = both.columns("start"), both.columns("end")
    carried = [both.attributes(name)[1] for name in ("start", "end")]
    columns = {
        name: np.where(is_on_reference, *both.columns(name)) for name in ("row", "motif", "strand")
    }
    columns |= {
        "start": np.where(is_on_reference, starts[0], carried[0]),
        "end": np.where(is_on_reference, ends[0], carried[1]),
        "width": np.where(is_on_reference, ends[0] - starts[0], ends[1] - starts[1]),
        "start_reference": starts[0],
        "start_alternative": starts[1],
    }
    return pd.DataFrame(columns)
