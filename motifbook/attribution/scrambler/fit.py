"""Train a scrambler network on the predictions of another network."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from motifbook import _check
from motifbook.attribution.background import (
    Sampler,
    make_background,
    parts_of,
    refuse_impossible,
)
from motifbook.attribution.predictor import Asked, Predictor, frozen
from motifbook.attribution.scrambler import checks
from motifbook.attribution.scrambler.budgets import asked_budget
from motifbook.attribution.scrambler.fixed import fixed_positions
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.attribution.scrambler.objective import MODES, make_objective
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.questions import COMPARED
from motifbook.attribution.scrambler.rows import Rows, Training, read_rows
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.attribution.scrambler.training import Lesson, Trainer
from motifbook.data import schema, store
from motifbook.models.network import Network

if TYPE_CHECKING:
    from anndata import AnnData

_SAMPLE = 500  # training rows whose scores are kept
_RowNumbers = npt.NDArray[np.int64]


def fit_scrambler(
    model: Network,
    adata: AnnData,
    *,
    mode: str = "inclusion",
    bits: float | str | None = None,
    readout: Asked = 0,
    background: str | npt.ArrayLike | Sampler = "data",
    options: ScramblerOptions | None = None,
    seed: int | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Scrambler:
    """Train a network that says which letters a prediction needs.

    It replaces letters by random ones, as many as the budget allows, so that predictions stay as
    they are ("inclusion"). Trained once, it explains any number of sequences.

    Parameters
    ----------
    model
        Any trained network, which stays as it is.
    adata
        Sequences; rows whose `adata.obs["split"]` is "train" are learned from, "validation" rows
        are watched. All rows are learned from where there is no split.
    mode
        "inclusion": the letters that suffice for the prediction. "exclusion": those without which
        it is lost. "enhance", "repress": those that keep it high, low.
    bits
        What masks select, mean per position: bits, or a share of the letters such as "5%". None
        trains one network for every budget.
    readout
        Number or name; several of them; None for all; or a function that makes one value per
        sequence, (n,), of the network's outputs.
    background
        What replaces letters: "data" (letters as often as in the training rows), "uniform",
        "dinucleotide" (shuffles of each sequence), probabilities, (n_letters,) or
        (n_letters, length), or a function of letter codes, a number of draws and a generator.
    options
        See `ScramblerOptions`.

    Returns
    -------
    Scrambler
        Interrupting the cell keeps what was learned so far.

    Raises
    ------
    InputError
        If the network is untrained, an argument does not fit, the budget is above what the
        letters hold, or no row is in the class that "exclusion" destroys.

    Warns
    -----
    ScramblerWarning
        If its masks are no better than random ones, after a second start as well, which does
        without the network's gradients (``sampling="reinforce"``).

    Notes
    -----
    Linder et al. 2022, Nat Mach Intell, doi 10.1038/s42256-021-00428-6. Ours differs: the budget
    is met exactly and falls during training, masks are drawn, and exclusion has a bounded loss;
    `ScramblerOptions.published` has their settings. Sequences alone are read, no images.

    Training takes seconds to minutes; against mutagenesis it paid from some 1,000 sequences of 200
    letters. How much more of redundant copies is found than by gradients depends on the network.
    Masks of "exclusion" are noisy: letters that become something worse when replaced are among
    them. "repress" can miss what is known to lower a prediction (ATGs out of frame in 5'UTRs), and
    finds letters where nothing lowers it: look at the predictions of `Scrambler.explain`.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=60, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> _ = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> options = mb.ScramblerOptions(n_steps=3)
    >>> scrambler = mb.fit_scrambler(model, adata, options=options, seed=0, progress=False)
    >>> round(scrambler.ceiling)
    2
    """
    options = checked(mode, options)
    seed = int(_check.generator(seed, "scrambler").integers(2**31))
    notes: list[str] = []
    with frozen(model, readout, device=device) as predictor:
        rows = read_rows(model, adata, predictor, options)
        train, watched = _split(adata)
        asked = Request(mode, bits, background, options)
        lesson = make_lesson(asked, rows, (train, watched), predictor, notes)
        scorer, trainer = _train(lesson, predictor, seed, progress, notes)
        sample = _sample(scorer, lesson, predictor)
    kept = Training(
        rows=rows,
        watched=lesson.watched,
        **sample,
        history=trainer.table(),
        ceiling=lesson.budget.ceiling,
        notes=notes,
    )
    scrambler = Scrambler(
        model,
        readout,
        scorer=scorer,
        rule=lesson.rule,
        options=options,
        bits=lesson.budget.goal,
        seed=seed,
        training=kept,
    )
    scrambler.device = device
    return scrambler


@dataclass(frozen=True)
class Request:
    """What is asked of a scrambler: arguments of `fit_scrambler`."""

    mode: str
    bits: float | str | None
    background: str | npt.ArrayLike | Sampler
    options: ScramblerOptions


def checked(mode: str, options: ScramblerOptions | None) -> ScramblerOptions:
    """Return the options, usual ones for None; refuse what is none, and unknown modes."""
    _check.one_of(mode, "mode", MODES)
    return _check.options(options, ScramblerOptions, "mb.ScramblerOptions(n_steps=500)")


def _split(adata: AnnData) -> tuple[_RowNumbers, _RowNumbers]:
    """Rows to learn from and to watch."""
    schema.refuse_others(adata)
    train = store.rows(adata, "train").astype(np.int64)
    if not len(train):
        raise _check.InputError("`adata` has no rows; expected sequences to learn from.")
    if schema.SPLIT not in adata.obs or not (adata.obs[schema.SPLIT] == "validation").any():
        return train, train
    return train, store.rows(adata, "validation").astype(np.int64)


def make_lesson(
    asked: Request,
    rows: Rows,
    split: tuple[_RowNumbers, _RowNumbers],
    predictor: Predictor,
    notes: list[str],
) -> Lesson:
    """Put together what the scorer is to learn."""
    options, letters = asked.options, rows.inputs.letters
    kinds = predictor.choice.kinds
    train, watched = (_known(part, rows, notes) for part in split)
    reference = rows.reference[train]
    objective = make_objective(asked.mode, options.divergence, kinds, reference, options.side)
    concerned = objective.concerns(torch.as_tensor(rows.reference)).numpy()
    train, watched = _concerned(train, watched, concerned, options, notes)
    parts = parts_of(predictor.model, letters.shape[1])
    rule = MaskRule(
        objective,
        make_background(asked.background, letters[train], parts, predictor.n_letters),
        fixed_positions(options.fixed, letters, parts),
        scope=options.scope,
        parametrization=options.parametrization,
        sampling=options.sampling,
    )
    refuse_impossible(letters[watched], rule.background.probabilities)
    ceiling = float(rule.ceiling(predictor.onehot(letters[train[:_SAMPLE]])).mean())
    budget = asked_budget(asked.bits, ceiling, options)
    rule = replace(rule, counts=budget.counts)
    return Lesson(rule, rows, train, watched, budget, options)


def _known(numbers: _RowNumbers, rows: Rows, notes: list[str]) -> _RowNumbers:
    """Leave out rows without a measured value, where those are the reference."""
    known: _RowNumbers = numbers[np.isfinite(rows.reference[numbers]).all(axis=1)]
    if len(known) < len(numbers):
        notes.append(f"{len(numbers) - len(known)} rows without a measured value were left out.")
    if not len(known):
        raise _check.InputError(
            "No row has a measured value; expected some, which are the reference. "
            '`reference="prediction"` of the options needs none.'
        )
    return known


def _concerned(
    train: _RowNumbers,
    watched: _RowNumbers,
    concerned: npt.NDArray[np.bool_],
    options: ScramblerOptions,
    notes: list[str],
) -> tuple[_RowNumbers, _RowNumbers]:
    """Leave out rows on which the objective says nothing: exclusion destroys one class."""
    if concerned[train].all():
        return train, watched[concerned[watched]] if concerned[watched].any() else train
    above = "above" if options.side == "high" else "below"
    if not concerned[train].any():
        raise _check.InputError(
            f"No row is predicted {above} the middle; expected some, since exclusion destroys that "
            f'class. `side="{"low" if options.side == "high" else "high"}"` of the options '
            "destroys the other one."
        )
    notes.append(
        f"It was trained on the {int(concerned[train].sum())} of {len(train)} rows that are "
        f"predicted {above} the middle: exclusion finds the letters without which they no longer "
        "are. Masks of other rows mean nothing."
    )
    left = watched[concerned[watched]]
    return train[concerned[train]], left if len(left) else train[concerned[train]]


def _train(
    lesson: Lesson, predictor: Predictor, seed: int, progress: bool, notes: list[str]
) -> tuple[Scorer, Trainer]:
    """Train; where masks are no better than random ones, once more, without gradients."""
    scorer, trainer = _train_once(lesson, predictor, seed, progress)
    verdict = checks.judge(scorer, lesson, predictor, seed)
    is_bad = not verdict.is_better and not checks.says_nothing(verdict, lesson)
    if is_bad and trainer.stopped == "finished":
        again = lesson
        if lesson.options.sampling == "gate" and lesson.options.n_draws > 1:
            again = replace(lesson, rule=replace(lesson.rule, sampling="reinforce"))
        scorer, trainer = _train_once(again, predictor, seed + 1, progress)
        verdict = checks.judge(scorer, lesson, predictor, seed + 1)
        without = ", without the network's gradients" if again is not lesson else ""
        notes.append(
            f"The first training found nothing and was repeated from another start{without}."
        )
        is_bad = not verdict.is_better
    if trainer.stopped != "finished":
        done = trainer.looks[-1]["step"] if trainer.looks else 0
        notes.append(f"Training was {trainer.stopped} after {done} steps.")
    notes.extend(checks.describe(lesson, scorer, verdict))
    if is_bad:
        notes.append(
            f"Its masks are no better than random ones of the same bits (loss {verdict.loss:.3g} "
            f"against {verdict.random:.3g}): they mean nothing. Train with more steps, a larger "
            "budget, or a curriculum."
        )
        warnings.warn(notes[-1], checks.ScramblerWarning, stacklevel=3)
    return scorer, trainer


def _train_once(
    lesson: Lesson, predictor: Predictor, seed: int, progress: bool
) -> tuple[Scorer, Trainer]:
    device, options = predictor.device, lesson.options
    beside = lesson.rows.beside[lesson.train]
    spans = predictor.model.spans(lesson.rows.inputs.letters.shape[1])
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        scorer = Scorer(
            predictor.n_letters,
            spans,
            inputs=options.inputs,
            beside=torch.as_tensor(beside) if beside.shape[1] else None,
            reads_dropped=options.mask_dropout > 0,
            smoothing=options.smoothing,
            settings=options.network,
        ).to(device)
        trainer = Trainer(scorer, lesson, predictor, seed)
        trainer.run(progress)
    return scorer, trainer


@torch.no_grad()
def _sample(scorer: Scorer, lesson: Lesson, predictor: Predictor) -> dict[str, npt.NDArray[Any]]:
    """What is kept of some training rows; see `Training`."""
    chosen = lesson.train[:: max(1, len(lesson.train) // _SAMPLE)][:_SAMPLE]
    inputs = lesson.rows.inputs.rows(chosen)
    beside = torch.as_tensor(lesson.rows.beside[chosen], device=predictor.device)
    scores = scorer(predictor.onehot(inputs.letters), beside).cpu().numpy()
    scorer.cpu()
    prediction = lesson.rows.prediction[chosen[:COMPARED]]
    return {
        "scores": scores,
        "letters": inputs.letters,
        "extra": inputs.extra,
        "prediction": prediction,
    }
