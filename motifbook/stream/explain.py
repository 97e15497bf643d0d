"""Attributions of one piece, by whoever works on it."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook._digest import digest, plain
from motifbook.attribution.attribute import attribute
from motifbook.attribution.background import Background, make_background, parts_of
from motifbook.attribution.explained import Request
from motifbook.attribution.gradient import integrated_gradients
from motifbook.attribution.letters import Attribution
from motifbook.attribution.options import AttributeOptions
from motifbook.attribution.predictor import Asked, frozen
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.models.network import Network
from motifbook.onehot import onehot
from motifbook.train.evaluate import trained
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Read:
    """What a worker sends back of a piece.

    Parameters
    ----------
    values : (n, length) float32
        Of the letters that stand there.
    cautions
        Sentences that a user must see.
    """

    values: FloatArray
    cautions: list[str]


@dataclass(frozen=True)
class Explainer:
    """Explains some rows; travels to other processes with the network.

    Parameters
    ----------
    model
        A trained network, or a trained scrambler.
    method, readout, options, device, batch_size
        As `mb.attribute` takes them.
    frequencies : (n_letters, length)
        Of letters in all rows, where the baseline is counted in the data.
    """

    model: Network | Scrambler
    method: str
    readout: Asked
    options: AttributeOptions
    device: str
    batch_size: int
    frequencies: FloatArray | None = None

    def __call__(self, piece: AnnData, seed: int) -> Read:
        """Values of the letters of a piece, whose draws come from `seed`."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            attribution = self.explain(piece, seed)
        cautions = [str(one.message) for one in caught if one.category is UserWarning]
        return Read(attribution.per_position(), cautions)

    def explain(self, piece: AnnData, seed: int) -> Attribution:
        """What `mb.attribute` says of a piece."""
        if isinstance(self.model, Scrambler):
            return self.model.attribute(piece, bits=self.options.bits)
        if self.frequencies is not None:
            return self._integrated(self.model, piece, self.frequencies)
        return attribute(
            self.model,
            piece,
            self.method,
            readout=self.readout,
            options=self.options,
            seed=seed,
            device=self.device,
            batch_size=self.batch_size,
        )

    def _integrated(self, model: Network, piece: AnnData, frequencies: FloatArray) -> Attribution:
        """Integrated gradients from a baseline that was counted in all rows, not in the piece."""
        few = attribute(
            model, piece[:1], "gradient", readout=self.readout, device=self.device, batch_size=1
        )
        inputs = inputs_of(model, piece)
        parts = parts_of(model, inputs.letters.shape[1])
        with frozen(model, self.readout, device=self.device) as predictor:
            request = _Counted(inputs, parts, self.options, 0, self.batch_size, frequencies)
            values = integrated_gradients(predictor, request).values
        values *= onehot(inputs.letters, values.shape[1])
        return Attribution(values, method=self.method, unit=few.unit, readout=few.readout)


@dataclass(frozen=True)
class _Counted(Request):
    """A request whose letters were counted beforehand."""

    frequencies: FloatArray

    def background(self, name: str, n_letters: int) -> Background:
        return Background(name, self.frequencies)


def count_frequencies(model: Network, adata: AnnData) -> FloatArray:
    """How often each letter stands at each position in all rows, (n_letters, length)."""
    letters = inputs_of(model, adata).letters
    parts = parts_of(model, letters.shape[1])
    return make_background("data", letters, parts, model.alphabet.n_letters).probabilities


def without_rows(scrambler: Scrambler, device: str) -> Scrambler:
    """The same scrambler without the rows it was trained with, so that it travels light."""
    _ = scrambler.usual_bits  # found with those rows
    light = copy.copy(scrambler)
    light.training, light.device = replace(scrambler.training, rows=None), device
    return light


def network_digest(model: Network) -> str:
    """A word that differs where the weights of two trained networks, or their readouts, do."""
    record = trained(model)
    words = [type(model).__name__, plain(model.settings), record.readouts, record.kinds]
    state = {name: one.detach().cpu() for name, one in model.state_dict().items()}
    arrays = {
        name: (one.float() if one.is_floating_point() else one).numpy()
        for name, one in state.items()
    }
    return digest([*words, record.center, record.scale], arrays)


def scrambler_digest(scrambler: Scrambler) -> str:
    """A word that differs where two scramblers, or what they read with, do."""
    words = [plain(scrambler.rule), scrambler.bits, scrambler.usual_bits, scrambler.choice.names]
    state = scrambler.scorer.state_dict()
    arrays = {name: one.detach().cpu().numpy() for name, one in state.items()}
    return digest([*words, network_digest(scrambler.model)], arrays)
