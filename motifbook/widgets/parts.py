"""What a position explorer shows beside a sequence: draws from a mask, and letters changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.attribution.attribute import attribute
from motifbook.attribution.letters import Attribution
from motifbook.attribution.scrambler.result import Curves
from motifbook.data import schema, store
from motifbook.discover.positions import PositionView
from motifbook.models.network import Network, Record
from motifbook.onehot import decode, encode
from motifbook.train.evaluate import apply_link, measured, outputs, predict, trained
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

Place = tuple[int, int, int]  # row in the data, first column of the sequence and its end
_CHANGE = re.compile(r"(\d+)\s*([A-Z])\s*>\s*([A-Z])")
_UNITS = {"binary": "probability", "continuous": "readout"}


def refuse_no_rows(adata: AnnData) -> None:
    """Refuse what is no AnnData, and one without sequences.

    Raises
    ------
    InputError
        If it is neither.
    """
    schema.refuse_others(adata)
    if not adata.n_obs:
        raise _check.InputError("`adata` has no rows; expected sequences to look at.")


def joined_view(model: Network, adata: AnnData, n: int = 500) -> PositionView:
    """As `view_positions`, of a network that reads several sequences: they stand end to end.

    Raises
    ------
    InputError
        If the network is untrained, or reads numbers beside the letters.
    """
    trained(model)
    if model.extra_names:
        raise _check.InputError(
            f"The network reads {', '.join(model.extra_names)} of `adata.obs` beside the letters, "
            "which explorers do not hand over; expected one that reads letters alone. Wrap a "
            "network that fills them in."
        )
    rows = np.unique(np.linspace(0, adata.n_obs - 1, min(n, adata.n_obs)).astype(np.int64))
    part = adata[rows]
    letters, prediction = inputs_of(model, part).letters, predict(model, part)
    size = np.full(len(rows), letters.shape[1], dtype=np.int64)
    return PositionView(
        model=model,
        motifs=(),
        rule=None,
        rows=rows,
        names=[str(name) for name in part.obs_names],
        letters=letters,
        starts=np.zeros_like(size),
        lengths=size,
        measured=measured(model, part) if adata.n_vars else np.full_like(prediction, np.nan),
        prediction=prediction,
    )


def with_draws(
    parts: pd.DataFrame, model: Network, curves: Curves, number: int, level: int
) -> pd.DataFrame:
    """Add "draws of the mask" to a table of parts.

    Parameters
    ----------
    curves
        From `scrambler.curves`.
    number, level
        Of the sequence, and of the budget.

    Returns
    -------
    DataFrame
        Prediction: that of the mean of the draws on the scale where effects add up; lower and
        upper: one standard deviation of the draws on either side. For readouts of the network
        that the scrambler explains; others get none.
    """
    record = trained(model)
    mean, sd = curves.mean[number, level], curves.sd[number, level]
    rows = [
        _part("draws of the mask", name, record, mean[at] + sd[at] * np.array([0.0, -1.0, 1.0]))
        for at, name in enumerate(curves.readouts)
        if name in record.readouts
    ]
    return _joined(parts, rows)


def with_change(parts: pd.DataFrame, model: Network, changed: str) -> pd.DataFrame:
    """Add "changed sequence", of its letters, to a table of parts."""
    record = trained(model)
    values = outputs(model, encode([changed], model.alphabet))[0]
    rows = [
        _part("changed sequence", name, record, np.full(3, value))
        for name, value in zip(record.readouts, values)
    ]
    return _joined(parts, rows)


def _joined(parts: pd.DataFrame, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    return pd.concat([parts, pd.DataFrame(rows)], ignore_index=True) if rows else parts


def _part(
    part: str, name: str, record: Record, values: npt.NDArray[np.float64]
) -> dict[str, object]:
    """A row: prediction, lower and upper bound, from values on the scale where effects add up."""
    at = record.readouts.index(name)
    whole = np.zeros((3, len(record.readouts)))
    whole[:, at] = values
    prediction, lower, upper = apply_link(whole, record)[:, at].tolist()
    unit = _UNITS[record.kinds[at]]
    return {
        "part": part,
        "readout": name,
        "prediction": prediction,
        "lower": lower,
        "upper": upper,
        "n": 1,
        "unit": unit,
    }


def change_letters(sequence: str, typed: str, letters: Sequence[str] | str = "ACGT") -> str:
    """Change a sequence as typed.

    Parameters
    ----------
    sequence
        As it is.
    typed
        Changes such as "12 A>G", with commas between several (positions count from 0), or a whole
        sequence of the same length.
    letters
        Those that may stand in it.

    Raises
    ------
    InputError
        If it is neither, another letter stands there, or nothing changes.

    Examples
    --------
    >>> change_letters("ACGTACGT", "1 C>T, 4 A>G")
    'ATGTGCGT'
    """
    wanted = typed.strip().upper()
    if len(wanted) == len(sequence) and not re.search(r"[>\s]", wanted):
        changed = wanted
    else:
        changed = _changed(sequence, wanted)
    foreign = sorted(set(changed) - set(letters) - set(sequence))
    if foreign:
        raise _check.InputError(f"{typed!r} holds {', '.join(foreign)}; expected {letters}.")
    if changed == sequence:
        raise _check.InputError(f"{typed!r} changes nothing; expected another letter.")
    return changed


def _changed(sequence: str, wanted: str) -> str:
    changed = list(sequence)
    for one in wanted.split(","):
        fits = _CHANGE.fullmatch(one.strip())
        if not fits:
            raise _check.InputError(
                f"{one.strip()!r} is no change; expected one such as '12 A>G' (position 12, "
                f"counted from 0, from A to G), or a whole sequence of {len(sequence)} letters."
            )
        at, before, after = int(fits[1]), fits[2], fits[3]
        if at >= len(sequence) or sequence[at] != before:
            there = "beyond the end" if at >= len(sequence) else f"{sequence[at]}"
            raise _check.InputError(
                f"'{at} {before}>{after}' does not fit: at position {at} (counted from 0) is "
                f"{there}; expected {before}."
            )
        changed[at] = after
    return "".join(changed)


def padded(view: PositionView, number: int, changed: str) -> str:
    """A changed sequence with the padding that the original has."""
    whole = decode(view.letters[[number]], view.model.alphabet)[0]
    start = int(view.starts[number])
    return whole[:start] + changed + whole[start + len(changed) :]


def of_changed(
    model: Network, adata: AnnData, like: npt.NDArray[np.float32], place: Place, changed: str
) -> Attribution:
    """The attribution of a changed sequence, (n_letters, its length), by the method of `like`."""
    row, first, end = place
    one = adata[[row]].copy()
    codes = store.get_letters(adata)[[row]]
    codes[:, first:end] = encode([changed], model.alphabet)
    if schema.LETTERS in one.obsm:
        one.obsm[schema.LETTERS] = codes
    else:
        one.obs[schema.SEQUENCE] = decode(codes, model.alphabet)
    readout = getattr(like, "readout", "")
    asked = readout if readout in trained(model).readouts else 0
    found = attribute(model, one, method_of(like), readout=asked, seed=0, progress=False)
    return cast(Attribution, found[0, :, first:end])


def method_of(values: npt.NDArray[np.float32]) -> str:
    """The method that made an attribution; "" where it does not say."""
    return str(getattr(values, "method", ""))
