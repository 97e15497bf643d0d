"""Hand attributions over to TF-MoDISco, which makes motifs of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution.letters import Attribution
from motifbook.data import schema, store
from motifbook.onehot import onehot

if TYPE_CHECKING:
    from anndata import AnnData

_WAY_OUT = (
    "expected a value for every letter at every position, such as `mb.attribute.hypothetical("
    'model, adata, "mutagenesis")`.'
)


def write_modisco(
    hypothetical: npt.ArrayLike, adata: AnnData, folder: str | os.PathLike[str]
) -> list[Path]:
    """Write sequences and attributions as `modisco motifs` (2 and above) reads them.

    Parameters
    ----------
    hypothetical : (n, n_letters, length)
        What each letter would add at each position, from `mb.attribute.hypothetical`.
    folder
        Is made if absent.

    Returns
    -------
    list of two files
        sequences.npz, one-hot, and attributions.npz; float32, (n, 4, length), letters A, C, G, T
        (U of RNA is T), as ``arr_0``. Sequences of unequal length are centered and padded with
        zeros. Then run ``modisco motifs -s sequences.npz -a attributions.npz -n 2000 -w WINDOW -o
        motifs.h5``; it reads the WINDOW letters in the middle, which may be `length` at most.

    Raises
    ------
    InputError
        If the values are of observed letters only, have no sign, or are not of DNA or RNA.

    Examples
    --------
    >>> import tempfile
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=10, length=60, rule="single", seed=0)
    >>> values = np.random.default_rng(0).normal(size=(10, 4, 60))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_modisco(values, adata, folder)]
    ['sequences.npz', 'attributions.npz']
    """
    schema.refuse_others(adata)
    alphabet = store.get_alphabet(adata)
    if alphabet.letters not in ("ACGT", "ACGU"):
        raise _check.InputError(
            f"The sequences are {alphabet.name}; expected DNA or RNA, which modisco reads."
        )
    letters = onehot(store.get_letters(adata))
    values = _check.numbers(hypothetical, "hypothetical", "an array of numbers")
    _check.shape(values, "hypothetical", f"{letters.shape}", *letters.shape, hint=_WAY_OUT)
    if isinstance(hypothetical, Attribution) and not hypothetical.signed:
        raise _check.InputError(f"`hypothetical` has no sign, in {hypothetical.unit}; {_WAY_OUT}")
    if not values[letters == 0].any():
        raise _check.InputError(
            f"`hypothetical` is 0 for letters that do not stand there; {_WAY_OUT}"
        )
    if not np.isfinite(values).all():
        raise _check.InputError("`hypothetical` has NaN or infinity; expected numbers.")
    values = values * letters.any(axis=1, keepdims=True)
    place = _check.make_folder(folder, "folder", "name one where you may write.")
    files = {"sequences.npz": letters, "attributions.npz": values.astype(np.float32)}
    for name, array in files.items():
        with _check.new_file(place / name) as part:
            np.savez_compressed(part, array)
    return [place / name for name in files]
