"""One network or several, asked how good a sequence is, and which letters would make it better."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from motifbook import _check
from motifbook.attribution.predictor import Predictor, frozen
from motifbook.design.goal import Goal
from motifbook.models.network import Network, Record
from motifbook.onehot import Letters
from motifbook.train.batches import row_batches
from motifbook.train.evaluate import apply_link, trained
from motifbook.train.repeat import alike

FloatArray = npt.NDArray[np.float64]


class Scorer:
    """How far sequences reach the goal; made by `scoring`.

    Where several networks are asked, the score is their mean less `caution` standard deviations
    between them: with more caution, what they agree on counts.

    Attributes
    ----------
    goal, record, alphabet
        What is wanted, and of which networks.
    n_calls
        Sequences scored so far, by each network; a gradient counts as one.
    """

    def __init__(
        self, predictors: Sequence[Predictor], goal: Goal, caution: float, batch_size: int
    ) -> None:
        self._predictors, self.goal, self._caution = list(predictors), goal, caution
        self._batch_size = batch_size
        self.record: Record = trained(predictors[0].model)
        self.alphabet = predictors[0].model.alphabet
        self.n_calls = 0

    def relaxed(self, onehot: torch.Tensor) -> torch.Tensor:
        """Score relaxed or other sequences, (n, n_letters, length), with gradients, (n,)."""
        self.n_calls += len(onehot)
        nothing = onehot.new_zeros(len(onehot), 0)
        scores = [self.goal.score(one(onehot, nothing)) for one in self._predictors]
        return self._agreed(torch.stack(scores))

    def _agreed(self, scores: torch.Tensor) -> torch.Tensor:
        """One score, (n,), of those of each network, (n_networks, n)."""
        if len(scores) == 1:
            return scores[0]
        spread = (scores.var(dim=0) + 1e-12).sqrt()  # finite gradients where all agree
        return scores.mean(dim=0) - self._caution * spread

    def scores(self, letters: Letters) -> FloatArray:
        """Score letter codes, (n, length), (n,)."""
        values = [np.zeros(0)]
        with torch.no_grad():
            for batch in self._batches(letters):
                values.append(self.relaxed(batch).cpu().double().numpy())
        return np.concatenate(values)

    def gradient(self, letters: Letters) -> npt.NDArray[np.float32]:
        """Gradient of the score by each letter, (n, n_letters, length)."""
        return self.scores_and_gradient(letters)[1]

    def scores_and_gradient(self, letters: Letters) -> tuple[FloatArray, npt.NDArray[np.float32]]:
        """`scores` and `gradient` of letter codes, (n, length), at the price of one call each.

        Raises
        ------
        InputError
            If the network, or a function that was given as the goal, has no gradients.
        """
        values = [np.zeros(0)]
        slopes = [np.zeros((0, self.alphabet.n_letters, letters.shape[1]), dtype=np.float32)]
        for batch in self._batches(letters):
            onehot = batch.requires_grad_()
            with torch.enable_grad():
                scores = self.relaxed(onehot)
                total = scores.sum()
            if not scores.requires_grad:
                raise _check.InputError(
                    "`goal` gives no gradients; expected torch operations on the outputs, without "
                    "`detach` or `numpy`."
                )
            values.append(scores.detach().cpu().double().numpy())
            slope = torch.autograd.grad(total, onehot)[0].cpu().numpy()
            if not np.isfinite(slope).any():
                raise _check.InputError(
                    "The gradient is NaN or infinity; expected numbers. Mind roots, logarithms and "
                    "divisions by zero in the network, or in the function given as `goal`."
                )
            slopes.append(np.nan_to_num(slope, posinf=0.0, neginf=0.0))  # says nothing there
        return np.concatenate(values), np.concatenate(slopes)

    def has_gradient(self, letters: Letters) -> bool:
        """Whether there is a gradient to be had of letter codes, (n, length).

        Raises
        ------
        InputError
            If not even a score is to be had.
        """
        self.scores(letters)
        try:
            self.gradient(letters)
        except _check.InputError:
            return False
        return True

    def onehot(self, letters: Letters) -> torch.Tensor:
        """Letter codes, (n, length), as `relaxed` reads them, on the networks' device."""
        return self._predictors[0].onehot(letters)

    def outputs(self, letters: Letters) -> FloatArray:
        """Outputs of each network where effects add up, (n_networks, n, n_readouts)."""
        each = []
        with torch.no_grad():
            for batch in self._batches(letters):
                nothing = batch.new_zeros(len(batch), 0)
                made = [one(batch, nothing).cpu().double().numpy() for one in self._predictors]
                each.append(np.stack(made))
                self.n_calls += len(batch)
        n_readouts = len(self.record.readouts)
        empty = np.zeros((len(self._predictors), 0, n_readouts))
        return np.concatenate([empty, *each], axis=1)

    def predictions(self, letters: Letters) -> FloatArray:
        """Mean over networks, on the scale of the measurement, (n, n_readouts)."""
        return apply_link(self.outputs(letters).mean(axis=0), self.record)

    def _batches(self, letters: Letters) -> Iterator[torch.Tensor]:
        device = self._predictors[0].device
        for rows in row_batches(letters.shape, self._batch_size, device):
            yield self.onehot(letters[rows])


@contextlib.contextmanager
def scoring(
    models: Network | Sequence[Network],
    goal: Goal,
    *,
    caution: float = 0.0,
    device: str = "auto",
    batch_size: int = 256,
) -> Iterator[Scorer]:
    """Run a block with networks frozen and asked for a goal; then put all back.

    Raises
    ------
    InputError
        If a network is untrained, two differ in readouts or alphabet, or one reads more than
        the letters of one sequence.
    """
    networks = alike([models] if isinstance(models, Network) else models)
    for network in networks:
        refuse_more_inputs(network)
    with contextlib.ExitStack() as stack:
        predictors = [stack.enter_context(frozen(one, None, device=device)) for one in networks]
        yield Scorer(predictors, goal, caution, _check.whole_number(batch_size, "batch_size"))


def refuse_more_inputs(model: Network) -> None:
    """Refuse a network that reads more than the letters of one sequence.

    Raises
    ------
    InputError
        If it does.
    """
    beside = [*model.inputs, *model.extra_names]
    if beside:
        raise _check.InputError(
            f"The network reads {', '.join(beside)}; expected one that reads the letters of one "
            "sequence alone, which is what changes. Wrap a network that fills in the rest."
        )
