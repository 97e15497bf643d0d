"""Did a scrambler learn anything? Its masks against random ones of the same bits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.stats import wilcoxon

from motifbook.attribution import chance
from motifbook.attribution.predictor import Predictor
from motifbook.attribution.scrambler.mask_rule import Batch, Selection
from motifbook.attribution.scrambler.masks import elsewhere
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.attribution.scrambler.training import Lesson

FEWEST_ROWS = 32  # below which a network has little to learn from
_ROWS = 128
_DRAWS = 4
_LEVELS = (1 / 3, 1.0, 2.0)  # of the usual budget, where a network serves every budget
_CHANCE = 0.01  # that random masks look better than random ones
_NOTHING = 0.01  # mean divergence of the background alone, in nats or variances


class ScramblerWarning(UserWarning):
    """A scrambler was trained, and its masks should not be trusted."""


@dataclass(frozen=True)
class Verdict:
    """How masks compare with random ones.

    Parameters
    ----------
    loss, random
        Mean loss of masks, and of masks with the same values elsewhere in the sequence.
    empty
        When nothing is selected.
    is_better
        Whether the masks are clearly better than random ones, at one budget at least.
    """

    loss: float
    random: float
    empty: float
    is_better: bool


@torch.no_grad()
def judge(scorer: Scorer, lesson: Lesson, predictor: Predictor, seed: int) -> Verdict:
    """Compare a trained scorer's masks with random ones, on rows that are watched."""
    rule, chosen = lesson.rule, lesson.watched[:_ROWS]
    batch = lesson.rows.batch(chosen, predictor)
    beside = torch.as_tensor(lesson.rows.beside[chosen], device=predictor.device)
    generator = chance.generator(seed)
    score = scorer(batch.onehot, beside)
    moved = elsewhere(score, rule.free(batch.onehot), generator)

    def losses(selection: Selection) -> torch.Tensor:
        return rule.loss(selection, batch, predictor, _DRAWS, generator)

    is_better, usual = False, (0.0, 0.0)
    for level in _LEVELS if lesson.budget.goal is None else (1.0,):
        own = losses(_select(score, batch, lesson, level))
        random = losses(_select(moved, batch, lesson, level))
        is_better |= _clearly_below(own, random)
        if level == 1.0:
            usual = float(own.mean()), float(random.mean())
    nothing = rule.nothing(batch.onehot)
    return Verdict(*usual, float(losses(nothing).mean()), is_better)


def _clearly_below(own: torch.Tensor, random: torch.Tensor) -> bool:
    """Whether losses, (n,), are below others of the same rows; by ranks, as a few are huge."""
    gain = (random - own).cpu().numpy()
    if not gain.any():
        return False
    return bool(wilcoxon(gain, alternative="greater").pvalue < _CHANCE)


def _select(score: torch.Tensor, batch: Batch, lesson: Lesson, level: float) -> Selection:
    if lesson.options.budget_form != "exact":
        return lesson.rule.select(score, batch.onehot)
    is_shared = lesson.options.scope == "data set"
    return lesson.rule.select(score, batch.onehot, level * lesson.budget.usual, is_shared=is_shared)


def says_nothing(verdict: Verdict, lesson: Lesson) -> bool:
    """Whether the background alone does as well, so that there is nothing to explain."""
    return lesson.rule.mode == "inclusion" and 0 <= verdict.empty < _NOTHING


def describe(lesson: Lesson, scorer: Scorer, verdict: Verdict) -> list[str]:
    """Sentences on what was trained."""
    notes = []
    if len(lesson.train) < FEWEST_ROWS:
        notes.append(
            f"It was trained on {len(lesson.train)} rows; a network learns from some hundred "
            "upward. `scrambler.optimize(adata)` finds a mask for each sequence by itself."
        )
    reach, length = scorer.reach, max(end - first for first, end in scorer.spans)
    if reach < length:
        notes.append(
            f"A score depends on the {reach} letters around its position, and on means over all "
            f'{length}; `network={{"dilations": …}}` of the options sees further.'
        )
    if says_nothing(verdict, lesson):
        notes.append(
            "There is little to explain: sequences drawn from the background alone are predicted "
            f"like the sequences themselves (mean divergence {verdict.empty:.2g})."
        )
    return notes
