"""Rows on their way into a scrambler: what the predictor reads, and what draws are held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.attribution.predictor import Choice, Predictor
from motifbook.attribution.scrambler.mask_rule import Batch
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.models.network import Network
from motifbook.train.evaluate import measured as all_measured
from motifbook.train.inputs import Inputs, inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

FloatArray = npt.NDArray[np.float32]
_SURE = 10.0  # logit of a measured 1


@dataclass(frozen=True)
class Rows:
    """Sequences, and what is known of them.

    Parameters
    ----------
    names
        Of the sequences.
    inputs
        What the predictor reads.
    beside : (n, n_beside)
        What the scorer reads beside the letters.
    prediction : (n, n_readouts)
        Logits for binary readouts.
    reference : (n, n_readouts)
        What draws are compared with: the prediction, or what was measured on the same scale.
    """

    names: list[str]
    inputs: Inputs
    beside: FloatArray
    prediction: FloatArray
    reference: FloatArray

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(self, chosen: npt.NDArray[np.int64] | slice, predictor: Predictor) -> Batch:
        """Some of the rows, on the predictor's device."""
        inputs = self.inputs.rows(chosen)
        reference = torch.as_tensor(self.reference[chosen], device=predictor.device)
        return Batch(predictor.onehot(inputs.letters), predictor.extra(inputs), reference)


def read_rows(
    model: Network, adata: AnnData, predictor: Predictor, options: ScramblerOptions
) -> Rows:
    """Read what a scrambler needs of each row of `adata`.

    Raises
    ------
    InputError
        If something that the network or the scrambler reads is absent.
    """
    inputs = inputs_of(model, adata)
    prediction = predictor.predict(inputs)
    needs_measured = options.reference == "measured" or "measured" in options.reads
    measured = _measured(model, adata, predictor.choice) if needs_measured else prediction
    told = {"measured": measured, "extra": inputs.extra}
    empty = np.zeros((len(inputs), 0), dtype=np.float32)
    beside = np.concatenate([empty, *[told[name] for name in options.reads]], axis=1)
    reference = prediction
    if options.reference == "measured":
        is_binary = np.array([kind == "binary" for kind in predictor.choice.kinds])
        _refuse_others(measured[:, is_binary])
        reference = np.where(is_binary, _SURE * (2 * measured - 1), measured)
    names = [str(name) for name in adata.obs_names]
    return Rows(names, inputs, np.nan_to_num(beside), prediction, reference.astype(np.float32))


def _refuse_others(binary: FloatArray) -> None:
    """Refuse measured values of binary readouts, (n, n_binary), outside 0 to 1; NaN is none."""
    if ((binary < 0) | (binary > 1)).any():
        raise _check.InputError(
            f"Binary readouts were measured as {np.nanmin(binary):.3g} to {np.nanmax(binary):.3g}; "
            'expected 0 to 1, or `kinds="continuous"` of the network.'
        )


def _measured(model: Network, adata: AnnData, choice: Choice) -> FloatArray:
    """Measured values of the chosen readouts, (n, n_chosen); NaN for none."""
    if choice.combine is not None:
        raise _check.InputError(
            f"`readout` is the function {choice.names[0]}; expected names or numbers where "
            "measured values are used, since a function is made for predictions."
        )
    return all_measured(model, adata)[:, choice.numbers]


@dataclass(frozen=True)
class Training:
    """What a scrambler keeps of the rows it was trained with.

    Parameters
    ----------
    rows
        All rows it was given; None for a scrambler from a file.
    watched : (n_watched,)
        Rows it was judged on, "validation" ones where there are any.
    scores, letters : (n_sample, length)
        Of some training rows: what one shift for a data set is solved on.
    extra : (n_sample, n_extra)
        Numbers that the network reads beside these letters.
    prediction : (n_known, n_readouts)
        Of the first of these rows: by them the network is known again.
    history
        One row per look: "step", "loss", "bits", "validation_loss".
    ceiling
        Largest mean budget of the training rows.
    notes
        Sentences on how it went.
    """

    rows: Rows | None
    watched: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    letters: npt.NDArray[np.uint8]
    extra: FloatArray
    prediction: FloatArray
    history: pd.DataFrame
    ceiling: float
    notes: list[str]
