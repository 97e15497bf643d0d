"""The other ways to a readout's tests: SEISM, two parts of the data, motifs fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook.motif.matrix import Motif
from motifbook.significance.choice import Choice
from motifbook.significance.dictionary import Activations
from motifbook.significance.finding import Effect, Finding, ReadoutTests, mean_difference
from motifbook.significance.fixed_path import fixed_tests
from motifbook.significance.halves import halve_values
from motifbook.significance.nuisance import Nuisance
from motifbook.significance.null_sample import NullSample
from motifbook.significance.options import TestOptions
from motifbook.significance.prepare import Prepared
from motifbook.significance.row_split import split_rows
from motifbook.significance.rows import Taken
from motifbook.significance.seism import joint_mesh_test
from motifbook.significance.seism_path import SeismStep, seism_path
from motifbook.significance.stepwise import Dictionary, hits, shown_motif
from motifbook.significance.transform import has_few_values
from motifbook.significance.two_parts import Confirmed, split_test, thin_test

Floats = npt.NDArray[np.float64]
HIT = 0.9  # of the largest activation of a refined motif, from which a sequence holds it


def by_seism(
    taken: Taken,
    activations: Activations,
    prepared: Prepared,
    choice: Choice,
    *,
    options: TestOptions,
    seed: int | None = None,
) -> ReadoutTests:
    """Select and test as SEISM was published; see `seism_path`."""
    path = seism_path(
        taken.letters,
        activations,
        prepared,
        n_steps=options.n_steps,
        options=options.mesh,
        test=options.seism,
        seed=seed,
    )
    findings = [_of_seism(taken, activations, step) for step in path]
    joint = joint_mesh_test(path[0].selection, options=options.seism, seed=seed).tested
    together = f"All {len(path)} motifs together: p = {joint.p_value:.3g}."
    return ReadoutTests(
        taken.name,
        choice.engine,
        choice.why,
        len(taken.readout),
        findings,
        on_ranks=choice.on_ranks,
        notes=(*prepared.notes, together, "SEISM measures no effects; other engines do."),
    )


def _of_seism(taken: Taken, activations: Activations, step: SeismStep) -> Finding:
    word = "".join(taken.alphabet.letters[code] for code in step.ppm.argmax(axis=0))
    is_hit = step.activation >= HIT * step.activation.max()
    return Finding(
        name=word,
        motif=Motif(word, step.ppm, alphabet=activations.alphabet),
        n_members=1,
        is_hit=is_hit,
        difference=mean_difference(taken.readout, is_hit),
        tested=step.tested,
        naive_log_p=step.naive_log_p,
        trace=step.trace,
        null=partial(_ends, step),
    )


def _ends(step: SeismStep, n_draws: int, seed: int | None) -> NullSample:
    """The chains' last states: all there are, drawn when the test was made."""
    return NullSample(step.null[:n_draws], step.tested.statistic, "score at the end of a chain")


def by_two_parts(
    taken: Taken,
    dictionary: Dictionary,
    without: Nuisance,
    engine: str,
    *,
    options: TestOptions,
    seed: int | None = None,
) -> ReadoutTests:
    """Choose motifs on one part of the data and test them on the other; see `two_parts`."""
    activations, letters = dictionary.activations, taken.letters
    if engine == "split":
        parts = split_rows(len(taken.readout), families=taken.blocks, seed=seed)
        found = split_test(
            activations,
            taken.readout,
            parts,
            without=without,
            blocks=taken.blocks,
            n_steps=options.n_steps,
            seed=seed,
        )
        letters = letters[parts.choose]
        why = f"{len(parts.choose):,} sequences chose, {len(parts.test):,} tested"
        notes: Sequence[str] = ()
    else:
        halves = halve_values(taken.readout, taken.name, seed=seed)
        found = thin_test(
            activations,
            halves,
            without=without,
            blocks=taken.blocks,
            n_steps=options.n_steps,
            seed=seed,
        )
        why, notes = "one part of every value chose, the other tested", halves.notes
    shown = [shown_motif(letters, dictionary, one.selected) for one in found]
    findings = [
        _confirmed(taken, dictionary, one, motif, options.level) for one, motif in zip(found, shown)
    ]
    if engine == "thin":
        none = Effect(note="No effect: a part of a readout is not in its units.")
        findings = [replace(finding, effect=none) for finding in findings]
    return ReadoutTests(
        taken.name,
        engine,
        why,
        len(taken.readout),
        findings,
        is_stepwise=False,
        on_ranks=not has_few_values(taken.readout),
        notes=tuple(notes),
    )


def _confirmed(
    taken: Taken, dictionary: Dictionary, found: Confirmed, motif: Motif, level: float
) -> Finding:
    number = found.selected.motif
    values = dictionary.activations.values[:, number].astype(np.float64)
    is_hit = hits(taken, dictionary, number)
    rise = mean_difference(values, is_hit)
    half = t.isf((1 - level) / 2, found.df) * found.se * abs(rise)
    name, value = dictionary.activations.names[number], found.effect * rise
    return Finding(
        name=name,
        motif=motif,
        n_members=len(found.selected.members),
        is_hit=is_hit,
        difference=mean_difference(taken.readout, is_hit),
        tested=found.tested,
        naive_log_p=found.naive_log_p,
        effect=Effect(value, value - half, value + half, name),
    )


def by_motif(
    taken: Taken,
    motifs: Sequence[Motif],
    without: Nuisance,
    *,
    options: TestOptions,
    seed: int | None = None,
) -> ReadoutTests:
    """Test motifs that these rows did not choose, one by one; see `fixed_tests`."""
    path = fixed_tests(
        taken,
        motifs,
        without,
        scores=options.scores,
        level=options.level,
        n_draws=options.n_draws,
        seed=seed,
    )
    findings = [replace(finding, naive_log_p=np.nan) for finding in path.findings]
    return ReadoutTests(
        taken.name,
        "fixed",
        path.why,
        path.n,
        findings,
        is_stepwise=False,
        on_ranks=path.on_ranks,
        notes=path.notes,
    )
