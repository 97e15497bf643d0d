"""The plain baseline that every result is shown beside."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from motifbook.alphabet import Alphabet, named
from motifbook.models.motif_layer import MotifLayer, usual_width
from motifbook.models.network import MotifNetwork, Phase


class CNN(MotifNetwork):
    """The plain baseline: best match of each filter on either strand, then a linear readout.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    n_filters
        See `MotifLayer`.
    width
        Letters a filter spans; by default 17, for proteins 8.
    hidden
        Units of a second, rectified layer between matches and readouts; 0 leaves it out.
    alphabet
        "DNA", "RNA" or "protein".
    reverse_complement
        Read both strands; by default where the alphabet has two.
    """

    def __init__(
        self,
        n_readouts: int,
        *,
        n_filters: int = 32,
        width: int | None = None,
        hidden: int = 0,
        alphabet: str | Alphabet = "DNA",
        reverse_complement: bool | None = None,
    ) -> None:
        alphabet = named(alphabet)
        both = alphabet.has_strands if reverse_complement is None else reverse_complement
        width = usual_width(alphabet, 17) if width is None else width
        settings = {"n_filters": n_filters, "width": width, "hidden": hidden}
        super().__init__(n_readouts, alphabet, {**settings, "reverse_complement": both})
        self.motifs = MotifLayer(n_filters, width, alphabet, both)
        self.readout: nn.Module = nn.Linear(n_filters, n_readouts)
        if hidden:
            self.readout = nn.Sequential(
                nn.Linear(n_filters, hidden), nn.ReLU(), nn.Linear(hidden, n_readouts)
            )

    def phases(self) -> Sequence[Phase]:
        """One phase, at the rate that predicted best on held-out CTCF and PU.1 peaks."""
        return (Phase("training", 1.0, {"all": 1e-2}),)

    def head(self, activation: torch.Tensor, blocked: torch.Tensor | None = None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from activations, (n, n_channels, n_starts)."""
        best = self.motifs.join_strands(activation.amax(dim=2))  # (n, n_filters)
        prediction: torch.Tensor = self.readout(best)  # (n, n_readouts)
        return prediction
