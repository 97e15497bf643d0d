"""What a network predicts of sequences that keep, or lose, their best letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution import chance
from motifbook.attribution.background import Background
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.ranking import Ranking
from motifbook.attribution.scrambler.objective import Objective
from motifbook.train.inputs import Inputs

Fields = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Ruler:
    """What all methods are measured with.

    Parameters
    ----------
    predictor
        The network and its readouts.
    inputs
        What it reads.
    background
        What replaces letters.
    objective
        How far predictions are from those of the whole sequences.
    n_draws
        Of each sequence's background; the same for all methods and levels.
    n_rows
        Sequences that are drawn at once.
    seed
        Of the draws.
    """

    predictor: Predictor
    inputs: Inputs
    background: Background
    objective: Objective
    n_draws: int
    n_rows: int
    seed: int

    @torch.no_grad()
    def measure(
        self, rankings: Sequence[Ranking], levels: Sequence[float]
    ) -> dict[tuple[str, float], Fields]:
        """Fields of `mb.fidelity_table` for each method and level, (n,) each."""
        parts: dict[tuple[str, float], list[Fields]] = {}
        for rows, part in self._batches():
            empty = part.empty()
            for ranking in rankings:
                rank = torch.as_tensor(ranking.rank[rows], device=part.onehot.device)
                for level in levels:
                    fields = part.fields(rank, level) | {"empty": empty}
                    parts.setdefault((ranking.name, level), []).append(fields)
        return {
            key: {name: np.concatenate([one[name] for one in some]) for name in some[0]}
            for key, some in parts.items()
        }

    def _batches(self) -> Iterator[tuple[slice, _Part]]:
        drawing = chance.generator(self.seed)
        for first in range(0, len(self.inputs), self.n_rows):
            rows = slice(first, first + self.n_rows)
            part = self.inputs.rows(rows)
            onehot, extra = self.predictor.onehot(part.letters), self.predictor.extra(part)
            drawn = self.background.draw(onehot, self.n_draws, drawing)
            yield rows, _Part(self, onehot, extra, drawn, self.predictor(onehot, extra))


@dataclass(frozen=True)
class _Part:
    """Some sequences, (n, n_letters, length), and backgrounds, (n, n_draws, n_letters, length)."""

    ruler: Ruler
    onehot: torch.Tensor
    extra: torch.Tensor
    drawn: torch.Tensor
    prediction: torch.Tensor

    def empty(self) -> npt.NDArray[np.float32]:
        """Divergence of draws that keep nothing, (n,)."""
        nothing = self.ruler.predictor(self.drawn.flatten(0, 1), self._extra())
        drawn = nothing.view(*self.drawn.shape[:2], -1)
        return self.ruler.objective.divergence(self.prediction, drawn).cpu().numpy()

    def fields(self, rank: torch.Tensor, level: float) -> Fields:
        """Measure the best letters, by rank, (n, length), at one level."""
        is_known = self.onehot.sum(dim=1) > 0
        n_known = is_known.sum(dim=1)
        n_kept = (level * n_known).round().clamp_min(1).minimum(n_known)  # at least one letter
        is_kept = rank < n_kept[:, None]
        with_them = self._predict(is_kept)
        divergence = self.ruler.objective.divergence
        middle = with_them.mean(dim=2)  # of several readouts
        fields = {
            "budget_bits": (self._bits() * is_kept).sum(dim=1) / n_known,
            "kept_fraction": n_kept / n_known,
            "prediction": self.prediction.mean(dim=1),
            "prediction_masked_mean": middle.mean(dim=1),
            "prediction_masked_sd": middle.std(dim=1, correction=0),
            "fidelity": divergence(self.prediction, with_them),
            "deletion": divergence(self.prediction, self._predict(~is_kept)),
            "call_kept": self._call_kept(with_them),
        }
        return {name: values.cpu().numpy() for name, values in fields.items()}

    def _predict(self, is_kept: torch.Tensor) -> torch.Tensor:
        """Predict draws that keep some letters, (n, n_draws, n_readouts)."""
        n, n_draws = self.drawn.shape[:2]
        mixed = torch.where(is_kept[:, None, None], self.onehot[:, None], self.drawn)
        return self.ruler.predictor(mixed.flatten(0, 1), self._extra()).view(n, n_draws, -1)

    def _extra(self) -> torch.Tensor:
        return self.extra.repeat_interleave(self.drawn.shape[1], dim=0)

    def _bits(self) -> torch.Tensor:
        """Bits of every letter, (n, length): -log2 of its probability in the background."""
        probabilities = torch.as_tensor(
            self.ruler.background.probabilities, device=self.onehot.device
        )
        known = self.onehot.sum(dim=1)
        of_letter = (self.onehot * probabilities).sum(dim=1)
        return -torch.log2(torch.where(known > 0, of_letter, torch.ones_like(of_letter)))

    def _call_kept(self, drawn: torch.Tensor) -> torch.Tensor:
        """Share of draws on the same side of 0.5; NaN for readouts that are not binary."""
        if set(self.ruler.objective.kinds) != {"binary"}:
            return torch.full((len(drawn),), torch.nan)
        return ((drawn > 0) == (self.prediction[:, None] > 0)).float().mean(dim=(1, 2))
