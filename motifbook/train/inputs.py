"""What a network reads of each sequence: letters, and for some networks numbers beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook.data import store
from motifbook.models.network import Network
from motifbook.train.evaluate import refuse_other_alphabet

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


def inputs_of(model: Network, adata: AnnData) -> Inputs:
    """Return what the network reads of each row of `adata`.

    Raises
    ------
    InputError
        If a sequence or a column that the network reads is absent.
    """
    refuse_other_alphabet(model, adata)
    letters = store.get_letters(adata)
    return Inputs(letters, np.zeros((len(letters), 0), dtype=np.float32))
