"""Attributions: one value per letter, with what they mean kept beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

UNITS = ("readout", "logit", "bits")


class Attribution(np.ndarray[Any, np.dtype[np.float32]]):
    """Values of letters, (n, n_letters, length) float32, an array that says what it holds.

    Attributes
    ----------
    method
        Which one made it.
    unit
        "readout" or "logit" (what the letter adds to the prediction), or "bits" (what a scrambler
        keeps of it).
    signed
        Whether values below 0 mean that a letter lowers the prediction.
    readout
        Name of the readout.
    notes
        Sentences on how far it can be trusted, such as the error of completeness.
    cost
        "seconds" of CPU and "n_calls", sequences predicted.
    """

    method: str
    unit: str
    signed: bool
    readout: str
    notes: list[str]
    cost: dict[str, float]

    def __new__(
        cls,
        values: npt.ArrayLike,
        *,
        method: str = "",
        unit: str = "readout",
        signed: bool = True,
        readout: str = "",
        notes: list[str] | None = None,
        cost: dict[str, float] | None = None,
    ) -> Attribution:
        made = np.asarray(values, dtype=np.float32).view(cls)
        made.method, made.unit, made.signed, made.readout = method, unit, signed, readout
        made.notes, made.cost = list(notes or []), dict(cost or {})
        return made

    def __array_finalize__(self, source: Any) -> None:
        self.method = getattr(source, "method", "")
        self.unit = getattr(source, "unit", "readout")
        self.signed = getattr(source, "signed", True)
        self.readout = getattr(source, "readout", "")
        self.notes = list(getattr(source, "notes", []))
        self.cost = dict(getattr(source, "cost", {}))
