"""Select motifs step by step from one readout, and test each step with one engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.best import best_matches
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.significance.choice import FEWEST, Choice
from motifbook.significance.dictionary import Activations
from motifbook.significance.finding import Effect, Finding, ReadoutTests, mean_difference
from motifbook.significance.intervals import Intervals, randomized_intervals
from motifbook.significance.logo import word_motif
from motifbook.significance.max_t import max_t_test
from motifbook.significance.null_sample import NullSample, sample_null
from motifbook.significance.options import TestOptions
from motifbook.significance.permutation import permutation_test, permuted
from motifbook.significance.prepare import Prepared
from motifbook.significance.rows import Taken
from motifbook.significance.selection import Selected, apply_engine, naive_log_p, select_motifs
from motifbook.significance.steps import Step, first_step
from motifbook.significance.stopping import forward_stop, stop_at_first
from motifbook.significance.surroundings import Surroundings
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
HOLDS_NOTHING = (
    "The interval holds 0: it is that of one word, and allows for the choice among others like it."
)
BETWEEN = 0.05  # share of the readout's variance between blocks above which effects may be theirs


@dataclass(frozen=True)
class Dictionary:
    """Motifs to select from, and how strongly each responds to each sequence.

    Parameters
    ----------
    activations
        See `word_activations` and `matrix_activations`.
    motifs
        One per column of `activations`; empty for words.
    """

    activations: Activations
    motifs: Sequence[Motif] = ()

    @property
    def are_words(self) -> bool:
        """Whether motifs are words."""
        return self.activations.words.size > 0


def stepwise(
    taken: Taken,
    dictionary: Dictionary,
    prepared: Prepared,
    choice: Choice,
    *,
    options: TestOptions,
    seed: int | None = None,
) -> ReadoutTests:
    """Select motifs for one readout and test each.

    Parameters
    ----------
    taken
        Rows.
    dictionary
        Motifs.
    prepared
        The dictionary's columns, with the readout on the scale of the test.
    choice
        The engine, and that readout.
    options
        See `TestOptions`.

    Returns
    -------
    ReadoutTests
    """
    rng = _check.generator(seed, "stepwise")
    draws = [int(number) for number in rng.integers(2**31, size=3)]
    activations = dictionary.activations
    around = Surroundings(taken.letters, activations.alphabet, activations.both_strands)
    path = select_motifs(activations, prepared, n_steps=options.n_steps, around=around)
    steps = [selected.step for selected in path]
    blocks = taken.blocks if choice.engine == "permutation" else None
    tests = apply_engine(
        steps, choice.engine, n_draws=options.n_draws, blocks=blocks, seed=draws[0]
    )
    if choice.engine == "permutation" and len(taken.readout) < FEWEST:
        n_draws, values = options.n_draws, choice.readout
        tests[0] = _larger(
            tests[0], steps[0], values, blocks=blocks, n_draws=n_draws, seed=draws[0]
        )
    measured = prepared.with_readout(taken.readout)
    kept = max(n_kept(np.array([tested.log_p for tested in tests]), options), 1)
    intervals = randomized_intervals(
        activations, measured, n_steps=kept, level=options.level, around=around, seed=draws[1]
    )
    findings = [
        _finding(taken, dictionary, selected, tested, choice)
        for selected, tested in zip(path, tests)
    ]
    for number, selected in enumerate(path[:kept]):
        effect = _effect(taken, dictionary, intervals, selected)
        findings[number] = replace(findings[number], effect=effect)
    raw = max_t_test(first_step(measured), seed=draws[2]).log_p if choice.on_ranks else np.nan
    return ReadoutTests(
        taken.name,
        choice.engine,
        choice.why,
        len(taken.readout),
        findings,
        on_ranks=choice.on_ranks,
        measured_log_p=raw,
        notes=(*dictionary.activations.notes, *prepared.notes),
        retest=partial(_retest, prepared, choice, blocks, options.n_draws),
    )


def _larger(
    tested: Tested,
    step: Step,
    values: Floats,
    *,
    blocks: Integers | None,
    n_draws: int | None,
    seed: int,
) -> Tested:
    """Return the test with the larger p-value, of that given and one that deals out all values.

    The residuals of few rows with two values are more alike than any order of them: dealt out by
    themselves they gave p-values below 1 / (orders of the values).
    """
    most = {} if n_draws is None else {"n_draws": n_draws}
    whole = permutation_test(step, blocks=blocks, dealt=values, seed=seed, **most)
    return max(tested, whole, key=lambda one: one.log_p)


def n_kept(log_p: Floats, options: TestOptions) -> int:
    """How many first steps one readout alone would keep."""
    if options.control == "fdr":
        return forward_stop(log_p, options.fdr)
    return stop_at_first(log_p, options.alpha)


def _finding(
    taken: Taken, dictionary: Dictionary, selected: Selected, tested: Tested, choice: Choice
) -> Finding:
    step, number = selected.step, selected.motif
    is_hit = hits(taken, dictionary, number)
    return Finding(
        name=dictionary.activations.names[number],
        motif=shown_motif(taken.letters, dictionary, selected),
        n_members=len(selected.members),
        is_hit=is_hit,
        difference=mean_difference(taken.readout, is_hit),
        tested=tested,
        naive_log_p=naive_log_p(step),
        null=partial(_null, step, choice.engine, taken.blocks),
    )


def shown_motif(letters: Letters, dictionary: Dictionary, selected: Selected) -> Motif:
    """A motif of the dictionary as figures show it: a word as its matrix in the step's rows."""
    step, activations = selected.step, dictionary.activations
    if not dictionary.are_words:
        return dictionary.motifs[selected.motif]
    return word_motif(
        activations.words[selected.motif],
        letters,
        np.sign(step.products[step.winner]) * step.residual,
        activations.alphabet,
        both_strands=activations.both_strands,
    )


def hits(taken: Taken, dictionary: Dictionary, number: int) -> Booleans:
    """Which sequences hold a motif: the very word, or a window with a p-value up to 1e-4, (n,)."""
    activations = dictionary.activations
    if dictionary.are_words:
        return np.asarray(activations.values[:, number] == 1)
    motif = dictionary.motifs[number]
    [best] = best_matches([motif], taken.letters, strands=activations.both_strands)
    found: Booleans = best.is_hit[:, 0]
    return found


def _effect(
    taken: Taken, dictionary: Dictionary, intervals: Intervals, selected: Selected
) -> Effect:
    """Of the motif of a step as the selection with noise chose it: with a hit against without."""
    if taken.blocks is not None and _share_between(taken.readout, taken.blocks) > BETWEEN:
        return Effect(
            note="No effect: blocks differ in the readout, and intervals do not hold them."
        )
    step, prepared = selected.step, selected.step.prepared
    chosen = prepared.columns[:, prepared.groups[intervals.motifs]]
    is_alike = prepared.columns[:, step.winner] @ chosen > 0
    same = np.flatnonzero(np.isin(intervals.motifs, selected.members) & is_alike)
    if not len(same):
        return Effect(note="No interval: with noise added, the selection chose other motifs.")
    number = int(same[0])
    motif = int(intervals.motifs[number])
    is_hit = hits(taken, dictionary, motif)
    if is_hit.all() or not is_hit.any():
        return Effect(note="No effect: all sequences hold a hit, or none.")
    values = dictionary.activations.values[:, motif].astype(np.float64)
    deviation = prepared.lengths[prepared.groups[motif]] / np.sqrt(len(values) - 1)
    full = mean_difference(values, is_hit) / deviation
    lower, value, upper = (
        float(part[number] * full) for part in (intervals.lower, intervals.effect, intervals.upper)
    )
    note = HOLDS_NOTHING if lower <= 0 <= upper else ""
    return Effect(value, lower, upper, dictionary.activations.names[motif], note)


def _share_between(readout: Floats, blocks: Integers) -> float:
    """Share of the readout's variance that lies between blocks; 0 for pairs of 0 and 1."""
    means = np.bincount(blocks, readout) / np.bincount(blocks)
    return float(means[blocks].var() / readout.var())


def _null(
    step: Step, engine: str, blocks: Integers | None, n_draws: int, seed: int | None
) -> NullSample:
    return sample_null(step, engine, n_draws=n_draws, blocks=blocks, seed=seed)


def _retest(
    prepared: Prepared, choice: Choice, blocks: Integers | None, n_draws: int | None, seed: int
) -> float:
    """Log p-value of the first step for the readout in random order."""
    rng = _check.generator(seed, "random order")
    groups = np.zeros(len(choice.readout), dtype=np.int64) if blocks is None else blocks
    values = choice.readout[permuted(groups, rng)]
    step = first_step(prepared.with_readout(values))
    [tested] = apply_engine([step], choice.engine, n_draws=n_draws, blocks=blocks, seed=seed)
    if choice.engine == "permutation" and len(values) < FEWEST:
        tested = _larger(tested, step, values, blocks=blocks, n_draws=n_draws, seed=seed)
    return tested.log_p
