"""The data of a report made ready: a copy with a split, and known motifs in its alphabet."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits import split
from motifbook.models import Network
from motifbook.motif.compare import known_motifs
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import trained, unseen

if TYPE_CHECKING:
    from anndata import AnnData

KNOWN = "JASPAR2026_vertebrates"

Known = str | os.PathLike[str] | Sequence[Motif]


def with_split(
    adata: AnnData, model: Network | None, by: str | None, seed: int | None
) -> tuple[AnnData, list[str]]:
    """A copy of the data with a split that agrees with what `model` was trained on, and notes."""
    names = [] if model is None else trained(model).readouts
    book = (adata[:, names] if names and set(names) <= set(adata.var_names) else adata).copy()
    notes: list[str] = []
    if model is None:
        if by is not None or schema.SPLIT not in book.obs:
            book.obs[schema.SPLIT], how = _new_split(book, by, seed)
            notes.append(
                f"Sequences were divided {'at' if how == 'random' else 'by'} {how} into training, "
                "validation and test; copies, reverse complements, and a sequence with its own "
                "shuffle stay together."
            )
        return book, notes
    seen = ~unseen(model, book)
    if schema.SPLIT not in book.obs:
        book.obs[schema.SPLIT] = np.where(seen, "train", "test").astype(object)
        notes.append(f"{int((~seen).sum()):,} sequences that the network was not trained on judge.")
        return book, notes
    column = book.obs[schema.SPLIT].astype(str).to_numpy(dtype=object)
    moved = seen & (column != "train")
    if moved.any():
        notes.append(
            f"{int(moved.sum()):,} sequences of the validation or test part are among those the "
            "network was trained on; they count as training here."
        )
    book.obs[schema.SPLIT] = np.where(seen, "train", column)
    return book, notes


def _new_split(book: AnnData, by: str | None, seed: int | None) -> tuple[pd.Series[str], str]:
    """Divide by similarity unless told otherwise; at random if most sequences are one family."""
    if by is not None:
        return split.split(book, by=by, seed=seed), by
    with warnings.catch_warnings():
        warnings.simplefilter("error", split.UnevenSplitWarning)
        try:
            return split.split(book, by="similarity", seed=seed), "similarity"
        except (split.UnevenSplitWarning, _check.InputError):
            pass
    return split.split(book, by="random", seed=seed), "random"


def find_targets(known: Known | None, book: AnnData, notes: list[str]) -> tuple[list[Motif], str]:
    """Known motifs in the alphabet of the sequences, and what they are called."""
    if known is None:
        return [], ""
    targets = known_motifs(known)
    alphabet = store.get_alphabet(book)
    if targets and targets[0].alphabet == alphabet:
        if isinstance(known, (str, os.PathLike)):
            return targets, os.path.basename(known)
        return targets, "the motifs given"
    if known != KNOWN:
        raise _check.InputError(
            f"`known` holds motifs of another alphabet than the sequences ({alphabet.name}); "
            "expected the same. Give other motifs, or `known=None`."
        )
    notes.append(
        f"The known motifs are DNA, the sequences {alphabet.name}: motifs get no names. A file of "
        f"known motifs in {alphabet.letters} gives some: `known=`, on the command line --known."
    )
    return [], ""
