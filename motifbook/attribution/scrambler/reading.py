"""What masks leave of sequences, and what the network predicts of it, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from motifbook.attribution.draws import mixture, scramble
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.scrambler.mask_rule import Batch, MaskRule, Selection
from motifbook.attribution.scrambler.masks import elsewhere
from motifbook.attribution.scrambler.result import Curves, FloatArray, Masks
from motifbook.attribution.scrambler.rows import Rows
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.train.batches import row_batches

LETTERS_AT_ONCE = 100_000  # in one call of a network, so that memory does not grow with length


@dataclass(frozen=True)
class Level:
    """How scores are moved: by a number, then to a budget for each sequence unless it is None."""

    budget: float | None
    shift: float = 0.0

    def select(
        self,
        rule: MaskRule,
        score: torch.Tensor,
        onehot: torch.Tensor,
        allowed: torch.Tensor | None = None,
    ) -> Selection:
        """See `MaskRule.select`."""
        return rule.select(score + self.shift, onehot, self.budget, allowed=allowed)


def slices(n: int, size: int) -> Iterator[slice]:
    """Consecutive rows, `size` at a time."""
    return (slice(first, min(first + size, n)) for first in range(0, n, size))


@dataclass(frozen=True)
class Reader:
    """Rows, and all that is needed to ask what masks do to them.

    Parameters
    ----------
    rule
        What scores mean.
    predictor
        The network that is explained, frozen.
    rows
        The sequences.
    generator
        Of random numbers, on the CPU.
    """

    rule: MaskRule
    predictor: Predictor
    rows: Rows
    generator: torch.Generator

    @property
    def length(self) -> int:
        """Letters per sequence."""
        return int(self.rows.inputs.letters.shape[1])

    def parts(self, n_draws: int = 1) -> Iterator[slice]:
        """Rows to work on together, so many that memory does not grow with length or draws."""
        return slices(len(self.rows), max(1, LETTERS_AT_ONCE // (self.length * n_draws)))

    def tensor(self, values: FloatArray, part: slice) -> torch.Tensor:
        """Rows of values, on the device."""
        return torch.as_tensor(values[part], device=self.predictor.device)

    @torch.no_grad()
    def score(self, scorer: Scorer, allowed: FloatArray | None = None) -> FloatArray:
        """Scores by the scrambler's network, (n, length): one pass.

        `allowed`, (n, length): 0 where a letter may not be selected, for a network that was
        trained with that.
        """
        scores = np.zeros((len(self.rows), self.length), dtype=np.float32)
        scorer.to(self.predictor.device)
        try:
            most = max(1, LETTERS_AT_ONCE // self.length)
            for part in row_batches(scores.shape, most, self.predictor.device):
                onehot = self.predictor.onehot(self.rows.inputs.letters[part])
                beside = self.tensor(self.rows.beside, part)
                may = None if allowed is None else self.tensor(allowed, part)
                scores[part] = scorer(onehot, beside, may).cpu().numpy()
        finally:
            scorer.cpu()
        return scores

    @torch.no_grad()
    def select(self, scores: FloatArray, level: Level) -> Iterator[tuple[torch.Tensor, Selection]]:
        """What scores, (n, length), select, some rows at a time: one-hot and selection."""
        for part in self.parts():
            onehot = self.predictor.onehot(self.rows.inputs.letters[part])
            yield onehot, level.select(self.rule, self.tensor(scores, part), onehot)

    def selected(self, scores: FloatArray, level: Level, least: float) -> FloatArray:
        """1 where letters are selected with a probability of at least `least`, (n, length)."""
        chosen = [one.importance >= least for _, one in self.select(scores, level)]
        marks: FloatArray = torch.cat(chosen).float().cpu().numpy()
        return marks

    def shuffled(self, scores: FloatArray) -> FloatArray:
        """Scores, (n, length), in random order among the free positions of each sequence."""
        moved = np.zeros_like(scores)
        for part in self.parts():
            free = self.rule.free(self.predictor.onehot(self.rows.inputs.letters[part]))
            moved[part] = elsewhere(self.tensor(scores, part), free, self.generator).cpu()
        return moved

    @torch.no_grad()
    def explain(
        self, scores: FloatArray, level: Level, n_draws: int, allowed: FloatArray | None = None
    ) -> Masks:
        """Masks of scores, (n, length), and predictions of what they leave."""
        found: dict[str, list[FloatArray]] = {}
        for part in self.parts(n_draws):
            batch = self.rows.batch(part, self.predictor)
            original = self.tensor(self.rows.prediction, part)
            may = None if allowed is None else self.tensor(allowed, part)
            selection = level.select(self.rule, self.tensor(scores, part), batch.onehot, may)
            drawn = self.draw(batch, selection.keep, n_draws)
            made = {
                "importance": selection.importance,
                "bits": selection.bits,
                "relaxed": mixture(batch.onehot, selection.keep, self.rule.background),
                "budget": self.rule.spent(selection, batch.onehot),
                "drawn": drawn,
                "distortion": distortion(self.rule, original, drawn),
                "empty": self._empty(batch, original, n_draws),
            }
            for name, values in made.items():
                found.setdefault(name, []).append(values.cpu().numpy())
        return Masks(
            mode=self.rule.mode,
            readouts=self.predictor.choice.names,
            prediction=self.rows.prediction,
            letters=self.rows.inputs.letters,
            names=self.rows.names,
            **{name: np.concatenate(values) for name, values in found.items()},
        )

    @torch.no_grad()
    def distortions(self, scores: FloatArray, level: Level, n_draws: int) -> FloatArray:
        """Distortion of each sequence, (n,), and nothing else."""
        found = np.zeros(len(scores), dtype=np.float32)
        for part in self.parts(n_draws):
            batch = self.rows.batch(part, self.predictor)
            keep = level.select(self.rule, self.tensor(scores, part), batch.onehot).keep
            original = self.tensor(self.rows.prediction, part)
            found[part] = distortion(self.rule, original, self.draw(batch, keep, n_draws)).cpu()
        return found

    @torch.no_grad()
    def empty(self, n_draws: int) -> FloatArray:
        """Distortion of each sequence when only fixed letters are kept, (n,)."""
        found = np.zeros(len(self.rows), dtype=np.float32)
        for part in self.parts(n_draws):
            batch = self.rows.batch(part, self.predictor)
            original = self.tensor(self.rows.prediction, part)
            found[part] = self._empty(batch, original, n_draws).cpu()
        return found

    @torch.no_grad()
    def curves(
        self, scores: FloatArray, levels: Sequence[Level], bits: FloatArray, n_draws: int
    ) -> Curves:
        """Masks of the same scores, (n, length), at several budgets, and how well each does."""
        (n, length), n_levels = scores.shape, len(levels)
        n_readouts = self.rows.prediction.shape[1]
        importance = np.zeros((n, n_levels, length), dtype=np.float32)
        divergence = np.zeros((n, n_levels), dtype=np.float32)
        empty = np.zeros(n, dtype=np.float32)
        mean, sd = np.zeros((2, n, n_levels, n_readouts), dtype=np.float32)
        for part in self.parts(n_draws):
            batch = self.rows.batch(part, self.predictor)
            original = self.tensor(self.rows.prediction, part)
            empty[part] = self._empty(batch, original, n_draws).cpu()
            for number, level in enumerate(levels):
                selection = level.select(self.rule, self.tensor(scores, part), batch.onehot)
                drawn = self.draw(batch, selection.keep, n_draws)
                importance[part, number] = selection.importance.cpu()
                divergence[part, number] = distortion(self.rule, original, drawn).cpu()
                mean[part, number] = drawn.mean(dim=1).cpu()
                sd[part, number] = drawn.std(dim=1, correction=0).cpu()
        return Curves(
            mode=self.rule.mode,
            bits=bits,
            importance=importance,
            distortion=divergence,
            empty=empty,
            readouts=self.predictor.choice.names,
            prediction=self.rows.prediction,
            mean=mean,
            sd=sd,
        )

    @torch.no_grad()
    def codes(
        self, onehot: torch.Tensor, keep: torch.Tensor, n_draws: int
    ) -> npt.NDArray[np.uint8]:
        """Letter codes of sequences drawn from masks, (n, n_draws, length)."""
        drawn = scramble(onehot, keep, self.rule.background, n_draws, self.generator)
        is_known = drawn.sum(dim=1) > 0
        letters = torch.where(is_known, drawn.argmax(dim=1), drawn.shape[1])
        codes: npt.NDArray[np.uint8] = letters.to(torch.uint8).cpu().numpy()
        return codes.reshape(len(onehot), n_draws, -1)

    def draw(self, batch: Batch, keep: torch.Tensor, n_draws: int) -> torch.Tensor:
        """Predictions of sequences drawn from masks, (n, n_draws, n_readouts)."""
        drawn = scramble(batch.onehot, keep, self.rule.background, n_draws, self.generator)
        predicted = self.predictor(drawn, batch.extra.repeat_interleave(n_draws, dim=0))
        return predicted.reshape(len(keep), n_draws, -1)

    def _empty(self, batch: Batch, prediction: torch.Tensor, n_draws: int) -> torch.Tensor:
        """Distortion of draws that keep fixed letters alone, (n,)."""
        drawn = self.draw(batch, 1 - self.rule.free(batch.onehot), n_draws)
        return distortion(self.rule, prediction, drawn)


def distortion(rule: MaskRule, prediction: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    """Divergence of draws from predictions, (n,), one-sided where a mask is to raise or lower."""
    if rule.mode == "enhance":
        drawn = torch.minimum(drawn, prediction[:, None])
    if rule.mode == "repress":
        drawn = torch.maximum(drawn, prediction[:, None])
    return rule.divergence(prediction, drawn)
