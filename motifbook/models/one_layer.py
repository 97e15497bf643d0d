"""The network that SEISM tests: one layer of motifs, and a ridge readout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.models.network import Network

FLOOR = 0.02  # smallest probability of a letter in a seeded motif


class OneLayer(Network):
    """Gaussian similarity of the nearest window to each motif, then a linear readout.

    Parameters
    ----------
    n_readouts
        How many measured values are predicted per sequence.
    n_motifs, width
        How many motifs, and how many letters each spans.
    omega
        Width of the Gaussian: exp(-||window - motif||^2 / omega).
    ridge
        Weight of the squared coefficients in the loss (the paper's lambda).
    alphabet
        "DNA", "RNA" or "protein".
    reverse_complement
        Read both strands; by default where the alphabet has two.

    Notes
    -----
    Columns of motifs stay on the simplex (a softmax of what is learned). With coefficients at their
    best, the loss ||y - prediction||^2 / n + ridge ||coefficients||^2 is (y'y - s) / n with y and
    activations centered and s their `significance.association.ridge_score`: training maximizes s
    over motifs (Villié, Veber, De Castro & Jacob 2023, TMLR, arXiv 2212.12542).

    Examples
    --------
    >>> network = OneLayer(width=4, n_motifs=2)
    >>> network(torch.eye(4)[None, :, [0, 1, 2, 3, 0]]).shape
    torch.Size([1, 1])
    """

    def __init__(
        self,
        n_readouts: int = 1,
        *,
        n_motifs: int = 1,
        width: int = 8,
        omega: float = 2.0,
        ridge: float = 0.0,
        alphabet: str | Alphabet = "DNA",
        reverse_complement: bool | None = None,
    ) -> None:
        alphabet = named(alphabet)
        both = alphabet.has_strands if reverse_complement is None else reverse_complement
        settings = {"n_motifs": n_motifs, "width": width, "omega": omega, "ridge": ridge}
        super().__init__(n_readouts, alphabet, {**settings, "reverse_complement": both})
        self.width = _check.whole_number(width, "width")
        self.omega = _check.number(omega, "omega", low=1e-3, what="a width")
        self.ridge = _check.number(ridge, "ridge", low=0)
        self._complement = alphabet.complement_codes[:-1].tolist() if both else []
        shape = (_check.whole_number(n_motifs, "n_motifs"), alphabet.n_letters, width)
        self.logits = nn.Parameter(0.1 * torch.randn(shape))
        self.readout = nn.Linear(n_motifs, n_readouts)

    def ppms(self) -> torch.Tensor:
        """Position probability matrices, (n_motifs, n_letters, width)."""
        return self.logits.softmax(dim=1)

    def activation(self, onehot: torch.Tensor) -> torch.Tensor:
        """Similarity of the nearest window to each motif, (n, n_motifs), 0 to 1.

        Windows with unknown letters do not count; 0 where there is no other.
        """
        self.check_input(onehot)
        if onehot.shape[2] < self.width:
            raise _check.InputError(
                f"The sequences have {onehot.shape[2]} letters, the motifs {self.width}; expected "
                "sequences at least as long. Make the network with a smaller `width`."
            )
        ppms = self.ppms()
        scores = nnf.conv1d(onehot, ppms)
        if self._complement:
            scores = torch.maximum(scores, nnf.conv1d(onehot, ppms[:, self._complement].flip(2)))
        unknown = nnf.max_pool1d(1 - onehot.sum(dim=1, keepdim=True), self.width, stride=1) > 0.5
        nearest = scores.masked_fill(unknown, -torch.inf).amax(dim=2)  # (n, n_motifs)
        length = self.width + ppms.square().sum(dim=(1, 2))
        return torch.exp((2 * nearest - length) / self.omega)

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Predict readouts, (n, n_readouts)."""
        prediction: torch.Tensor = self.readout(self.activation(onehot))
        return prediction

    def penalty(self, progress: float, n_rows: int) -> torch.Tensor:
        """Ridge on the coefficients; the intercept is free."""
        return self.ridge * self.readout.weight.square().sum()

    @torch.no_grad()
    def seed(self, ppms: Sequence[npt.ArrayLike]) -> None:
        """Start from these motifs.

        Parameters
        ----------
        ppms : each (n_letters, width)
            As many as the network has motifs, such as one-hot words. Probabilities below 0.02 are
            raised to it, as a letter of probability 0 could never come back.

        Raises
        ------
        InputError
            If number or shapes differ from the network's.
        """
        _check.shape(np.stack([np.asarray(ppm) for ppm in ppms]), "ppms", *self._expected())
        raised = np.maximum(np.stack([np.asarray(ppm, dtype=float) for ppm in ppms]), FLOOR)
        self.logits.copy_(torch.as_tensor(np.log(raised / raised.sum(axis=1, keepdims=True))))

    def _expected(self) -> tuple[str, int, int, int]:
        n_motifs, n_letters, width = self.logits.shape
        return f"{n_motifs} of (n_letters, width)", n_motifs, n_letters, width
