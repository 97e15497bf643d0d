"""The rows that a trained scrambler is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.rows import Rows, Training, read_rows
from motifbook.onehot import encode
from motifbook.train.inputs import Inputs

if TYPE_CHECKING:
    from anndata import AnnData

COMPARED = 16  # rows by which a network is known again
_BUDGETS, _LOWEST, _HIGHEST = 12, 0.005, 0.9  # of a curve; shares of the ceiling
_ALIKE = 0.02  # share of predictions


def grid_of(bits: Sequence[float] | None, ceiling: float) -> npt.NDArray[np.float32]:
    """Budgets of a curve, rising; None for twelve from 0.5 % to 90 % of the ceiling.

    Raises
    ------
    InputError
        If they do not rise, or lie outside 0 and the ceiling.

    Examples
    --------
    >>> grid_of(None, 2.0)[[0, -1]].round(2).tolist() == grid_of([0.01, 1.8], 2.0).round(2).tolist()
    True
    """
    if bits is None:
        usual = np.geomspace(_LOWEST * ceiling, _HIGHEST * ceiling, _BUDGETS)
        return usual.astype(np.float32)
    grid = np.atleast_1d(_check.numbers(bits, "bits", "budgets such as [0.05, 0.1, 0.2]"))
    inside = (grid > 0) & (grid < ceiling)
    if grid.ndim != 1 or not len(grid) or not inside.all() or (np.diff(grid) <= 0).any():
        raise _check.InputError(
            f"`bits` is {_check.shown(grid.tolist())}; expected rising budgets above 0 and below "
            f"{ceiling:.3g}, the ceiling."
        )
    return grid.astype(np.float32)


def known_rows(rows: Rows | None) -> Rows:
    """The rows of the training, if they are still there.

    Raises
    ------
    InputError
        If not: a file does not hold them.
    """
    if rows is None:
        raise _check.InputError(
            "`adata` is None; expected sequences: the scrambler comes from a file, which does not "
            "hold those of its training."
        )
    return complete(rows)


def refuse_changed(training: Training, predictor: Predictor) -> None:
    """Refuse a network that predicts otherwise than when the scrambler was trained."""
    then = training.prediction
    known = Inputs(training.letters[: len(then)], training.extra[: len(then)])
    now = predictor.predict(known)
    if np.abs(now - then).max(initial=0) > _ALIKE * max(1, np.abs(then).max(initial=0)):
        raise _check.InputError(
            "The network predicts otherwise than when the scrambler was trained; expected the same "
            "network. Hand over that one, or train a scrambler anew."
        )


def rows_to_read(
    adata: AnnData | Sequence[str], predictor: Predictor, options: ScramblerOptions, length: int
) -> Rows:
    """Read rows of the length that the scrambler was trained with.

    Raises
    ------
    InputError
        If they are not that long, or lack something that is read.
    """
    if isinstance(adata, (list, tuple)):
        rows = _rows_of_sequences(list(adata), predictor, options, length)
    else:
        rows = read_rows(predictor.model, adata, predictor, options)
    got = rows.inputs.letters.shape[1]
    if got != length:
        raise _check.InputError(
            f"The sequences have {got} letters; expected {length}, as the scrambler was trained "
            "with. Cut them, or pad them with N, or train a scrambler on these."
        )
    return complete(rows)


def some_rows(rows: Rows, chosen: npt.NDArray[np.int64]) -> Rows:
    """Return the rows of these numbers."""
    return Rows(
        [rows.names[number] for number in chosen],
        rows.inputs.rows(chosen),
        rows.beside[chosen],
        rows.prediction[chosen],
        rows.reference[chosen],
    )


def _rows_of_sequences(
    sequences: list[str], predictor: Predictor, options: ScramblerOptions, length: int
) -> Rows:
    model = predictor.model
    if model.inputs or model.extra_names or options.reads:
        raise _check.InputError(
            "A list of sequences holds nothing but one sequence per row; expected `adata`, since "
            "the network or the scrambler reads more."
        )
    if not all(isinstance(sequence, str) for sequence in sequences):
        raise _check.InputError(
            f"`adata` is {_check.shown(sequences)}; expected an AnnData, or sequences as texts."
        )
    letters = encode(sequences, model.alphabet)
    nothing = np.zeros((len(letters), 0), dtype=np.float32)
    inputs = Inputs(letters, nothing)
    prediction = predictor.predict(inputs) if letters.shape[1] == length else nothing
    names = [str(number) for number in range(len(letters))]
    return Rows(names, inputs, nothing, prediction, prediction)


def complete(rows: Rows) -> Rows:
    """Where nothing was measured, masks are held to the prediction."""
    is_unknown = np.isnan(rows.reference)
    if not is_unknown.any():
        return rows
    return replace(rows, reference=np.where(is_unknown, rows.prediction, rows.reference))
