"""Attributions: one value per letter, with what they mean kept beside them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

UNITS = ("readout", "logit", "bits")
_SPOKEN = {"readout": "units of the readout", "logit": "logits"}
_FIELDS = ("method", "unit", "signed", "readout", "notes", "cost")


class Attribution(np.ndarray[Any, np.dtype[np.float32]]):
    """Values of letters, (n, n_letters, length) float32, an array that says what it holds.

    Zero at every letter that does not stand there (but for `mb.attribute.hypothetical`), and at
    unknown letters. What it says of itself survives slices, arithmetic, copies and pickling.

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

    Examples
    --------
    >>> values = Attribution(np.ones((2, 4, 30)), method="mutagenesis", readout="bound")
    >>> values[:1]
    <Attribution (1, 4, 30): mutagenesis of bound, in units of the readout, signed>
    >>> values.per_position().shape
    (2, 30)
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
        """Make one of values, (n, n_letters, length)."""
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

    def __reduce__(self) -> Any:
        rebuild, arguments, state = cast(tuple[Any, ...], super().__reduce__())
        return rebuild, arguments, (state, {name: getattr(self, name) for name in _FIELDS})

    def __setstate__(self, state: Any) -> None:
        values, fields = state
        super().__setstate__(values)
        for name in _FIELDS:
            setattr(self, name, fields[name])

    def __repr__(self) -> str:
        unit = _SPOKEN.get(self.unit, self.unit)
        of = f" of {self.readout}" if self.readout else ""
        sign = "signed" if self.signed else "unsigned"
        return f"<Attribution {self.shape}: {self.method or 'made'}{of}, in {unit}, {sign}>"

    def per_position(self) -> npt.NDArray[np.float32]:
        """The values of the letters that stand there, (n, length), as a plain array."""
        values: npt.NDArray[np.float32] = np.asarray(self).sum(axis=1)
        return values
