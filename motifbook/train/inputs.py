"""What a network reads of each sequence: letters, and for some networks numbers beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import ALPHABETS, Alphabet, named
from motifbook.data import schema, store
from motifbook.models.foreign_inputs import Input
from motifbook.models.network import Network
from motifbook.onehot import encode

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True)
class Inputs:
    """What a network reads.

    Parameters
    ----------
    letters : (n, length) uint8
        Letter codes; several sequences per row stand end to end (`Network.spans`).
    extra : (n, n_extra) float32
        Numbers read beside the letters; no columns for most networks.
    """

    letters: npt.NDArray[np.uint8]
    extra: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.letters)

    def rows(self, chosen: npt.NDArray[np.int64] | slice) -> Inputs:
        """Some of the rows."""
        return Inputs(self.letters[chosen], self.extra[chosen])


def refuse_other_alphabet(model: Network, adata: AnnData) -> None:
    """Refuse sequences with other letters than the network's, and networks that read more."""
    schema.refuse_others(adata)
    columns = [*model.inputs, *model.extra_names]
    beside = [name for name in columns if name != schema.SEQUENCE]
    if beside:
        raise _check.InputError(
            f"The network reads {', '.join(beside)} of `adata.obs`, which this function does not "
            "hand over; expected `mb.predict`, `mb.evaluate` or `mb.attribute`. To hold the rest "
            "fixed, wrap a network that fills it in."
        )
    _refuse_other_letters(store.get_alphabet(adata), model.alphabet)


def _refuse_other_letters(got: Alphabet, read: Alphabet) -> None:
    if got != read:
        name = f'"{got.name}"' if got.name in ALPHABETS else "store.get_alphabet(adata)"
        raise _check.InputError(
            f"The network reads {read.name}, the sequences are {got.name}; expected the "
            f"same letters, {read.letters}, not {got.letters}. Make one with "
            f"`alphabet={name}` and train it."
        )


def inputs_of(model: Network, adata: AnnData) -> Inputs:
    """Return what the network reads of each row of `adata`.

    Raises
    ------
    InputError
        If a sequence or a column that the network reads is absent, or does not fit.
    """
    extra = _extra(model, adata)
    if not model.inputs:
        _refuse_other_letters(store.get_alphabet(adata), model.alphabet)
        return Inputs(store.get_letters(adata), extra)
    unknown = model.alphabet.n_letters
    parts = [_letters(adata, name, one, unknown) for name, one in model.inputs.items()]
    return Inputs(np.concatenate(parts, axis=1), extra)


def _letters(adata: AnnData, name: str, one: Input, unknown: int) -> npt.NDArray[np.uint8]:
    """Letter codes of one column, (n, length); `unknown` is the code of unknown letters."""
    alphabet = named(one.alphabet)
    if name == schema.SEQUENCE:
        _refuse_other_letters(store.get_alphabet(adata), alphabet)
        sequences = store.get_sequences(adata)
    else:
        _refuse_absent(adata, name, "sequences")
        sequences = _texts(adata, name)
    longest = max(map(len, sequences), default=0)
    if longest > one.length:
        raise _check.InputError(
            f"`adata.obs[{name!r}]` has sequences of up to {longest} letters; expected at most "
            f"{one.length}, which the network reads. Cut them, or leave these rows out."
        )
    try:
        codes = encode(sequences, alphabet, length=one.length)
    except _check.InputError as error:
        raise _check.InputError(f"`adata.obs[{name!r}]`: {error}") from None
    codes[codes == alphabet.n_letters] = unknown
    return codes


def _texts(adata: AnnData, name: str) -> list[str]:
    column = adata.obs[name]
    is_text = [isinstance(value, str) for value in column]
    if not all(is_text):
        row = is_text.index(False)
        raise _check.InputError(
            f"`adata.obs[{name!r}]` is {_check.shown(column.iloc[row])} in row "
            f"{adata.obs_names[row]!r}; expected a sequence, which the network reads."
        )
    return list(column)


def _extra(model: Network, adata: AnnData) -> npt.NDArray[np.float32]:
    """Return the numbers read beside the letters, (n, n_extra)."""
    schema.refuse_others(adata)
    columns = np.zeros((adata.n_obs, len(model.extra_names)), dtype=np.float32)
    for number, name in enumerate(model.extra_names):
        _refuse_absent(adata, name, "numbers")
        columns[:, number] = _check.numbers(
            adata.obs[name], f"adata.obs[{name!r}]", "a number for each sequence"
        )
        bad = np.flatnonzero(~np.isfinite(columns[:, number]))
        if len(bad):
            raise _check.InputError(
                f"`adata.obs[{name!r}]` is {columns[bad[0], number]} in row "
                f"{adata.obs_names[bad[0]]!r}, and no number in {len(bad)} rows; expected numbers, "
                "which the network reads beside the letters. Leave these rows out."
            )
    return columns


def _refuse_absent(adata: AnnData, name: str, what: str) -> None:
    if name not in adata.obs:
        held = ", ".join(map(repr, adata.obs.columns)) or "nothing"
        raise _check.InputError(
            f"`adata.obs` has no column {name!r}, whose {what} the network reads; it has {held}. "
            f"Add it: `adata.obs[{name!r}] = …`."
        )
