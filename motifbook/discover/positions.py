"""What a network sees along one sequence: its motif instances and activations, the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.places import find_spans
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.rule import InstanceRule, find_instances, learn_rule
from motifbook.discover.use import motif_network
from motifbook.discover.windows import places_in_windows
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode
from motifbook.train.batches import encode_batch, evaluating, pick_device, threads
from motifbook.train.evaluate import measured, predict, trained
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SequenceView:
    """One sequence and what a network sees in it. Positions count from its first letter.

    Parameters
    ----------
    name, sequence
        Its name and its letters.
    motifs
        Names of the network's motifs.
    instances
        Their instances here: columns sequence, start, end, strand, motif, score, p_value, weight.
    activation : (n_motifs, length)
        Of each motif, at the position of its middle, on the better strand; relative to the
        strongest one seen.
    """

    name: str
    sequence: str
    motifs: list[str]
    instances: pd.DataFrame
    activation: FloatArray


@dataclass(frozen=True, eq=False)
class PositionView:
    """Some sequences to look at, one by one.

    Parameters
    ----------
    model
        The network.
    motifs
        That it uses; none for networks that do not read motifs.
    rule
        For their instances; None without motifs.
    rows : (n,)
        Which rows of the data.
    names
        Of the sequences.
    letters : (n, length) uint8
        Codes, padded.
    starts, lengths : (n,)
        Column of each sequence's first letter, and its number of letters.
    measured, prediction : (n, n_readouts)
        On the scale of the measurement; NaN where nothing was measured.
    """

    model: Network
    motifs: tuple[Motif, ...]
    rule: InstanceRule | None
    rows: IntArray
    names: list[str]
    letters: Letters
    starts: IntArray
    lengths: IntArray
    measured: npt.NDArray[np.float32]
    prediction: npt.NDArray[np.float32]

    def one(self, number: int, *, readout: int = 0, device: str = "auto") -> SequenceView:
        """One of the sequences; `readout` is the number of the one that weights are about.

        Raises
        ------
        InputError
            If there is no such sequence or readout.
        """
        number = _check.whole_number(number, "number", low=0, high=len(self.names) - 1)
        own = self.own_letters(number)
        instances = pd.DataFrame(columns=[*schema.HIT_COLUMNS, "weight"])
        activation = np.zeros((0, len(own)))
        if self.rule is not None:
            found = find_instances(self.model, self.rule, own[None], readout=readout, device=device)
            instances = found.assign(sequence=self.names[number])[instances.columns]
            activation = _activation(self.model, self.rule, own, device)
        return SequenceView(
            name=self.names[number],
            sequence=decode(own[None], self.model.alphabet)[0],
            motifs=[motif.name for motif in self.motifs],
            instances=instances,
            activation=activation,
        )

    def own_letters(self, number: int) -> Letters:
        """The codes of one sequence without padding, (its length,)."""
        start = self.starts[number]
        return self.letters[number, start : start + self.lengths[number]]


def view_positions(
    model: Network,
    adata: AnnData,
    *,
    motifs: Sequence[Motif] | None = None,
    n: int = 500,
    device: str = "auto",
    batch_size: int = 256,
) -> PositionView:
    """Prepare `n` sequences, spread evenly over `adata`, for looking at them one by one.

    Parameters
    ----------
    motifs
        From `read_motifs` of this network, perhaps renamed; by default all that it uses.

    Raises
    ------
    InputError
        If the network is untrained or reads another alphabet, or a motif was not read from it.
    """
    trained(model)
    refuse_other_alphabet(model, adata)
    n = _check.whole_number(n, "n")
    rows = np.unique(np.linspace(0, adata.n_obs - 1, min(n, adata.n_obs)).astype(np.int64))
    prediction = predict(model, adata[rows], batch_size=batch_size, device=device)
    rule = None
    if isinstance(model, MotifNetwork):
        if motifs is None:
            motifs = read_motifs(model, adata, batch_size=batch_size, device=device)
        letters, motifs = store.get_letters(adata), motif_list(motifs)
        if len(motifs):
            rule = learn_rule(model, letters, motifs, batch_size=batch_size, device=device)
    starts, lengths = find_spans(adata)
    return PositionView(
        model=model,
        motifs=() if rule is None else rule.motifs,
        rule=rule,
        rows=rows,
        names=[str(name) for name in adata.obs_names[rows]],
        letters=store.get_letters(adata)[rows],
        starts=starts[rows],
        lengths=lengths[rows],
        measured=measured(model, adata[rows]) if adata.n_vars else np.full_like(prediction, np.nan),
        prediction=prediction,
    )


@torch.no_grad()
def _activation(
    model: Network, rule: InstanceRule, letters: Letters, device: str
) -> npt.NDArray[np.float64]:
    """Relative activation of each motif at the position of its middle, (n_motifs, length)."""
    network, target = motif_network(model), pick_device(device)
    with evaluating(network, target), threads():
        codes = torch.as_tensor(letters[None].copy()).to(target)
        channels = network.motifs.strands(encode_batch(codes, network.alphabet.n_letters))
    relative = channels[0].cpu().double().numpy() / rule.largest[:, None]  # (n_channels, n_starts)
    along = np.zeros((len(rule.motifs), len(letters)))
    starts = np.arange(relative.shape[1])
    for place in places_in_windows(network, rule.motifs):
        middle = starts + (place.start + place.end - 1) // 2
        inside = (middle >= 0) & (middle < len(letters))
        at = along[place.motif]
        at[middle[inside]] = np.maximum(at[middle[inside]], relative[place.channel, inside])
    return along
