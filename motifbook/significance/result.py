"""`Tests`: what `test_motifs` returns."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, kstest

from motifbook import _check
from motifbook.data.association import SMALLEST
from motifbook.motif.compare import similarities
from motifbook.motif.matrix import Motif
from motifbook.significance.errors import Errors, control_errors
from motifbook.significance.finding import Finding, ReadoutTests
from motifbook.significance.methods_text import describe
from motifbook.significance.null_sample import NullSample
from motifbook.significance.options import TestOptions

Floats = npt.NDArray[np.float64]
SURPRISING = 0.01  # chance below which a self-check is called failed


COLUMNS = (
    *("readout", "step", "motif", "consensus", "cluster", "n_members", "n_sequences"),
    *("effect", "lower", "upper", "effect_of", "difference"),
    *("p_value", "log_p", "fwer_p_value", "q_value", "kept", "naive_p_value"),
    *("engine", "n_draws", "ess", "acceptance", "notes"),
)
ALIKE = 0.65  # similarity of matrices from which two steps found the same motif


@dataclass(frozen=True)
class Tests:
    """Motifs, each with a p-value that knows how it was chosen.

    Parameters
    ----------
    by_readout
        Findings of every readout, in the order of the data.
    options
        The settings they were made with.
    notes
        Sentences on rows and motifs.
    info
        Version and seed.
    """

    __test__ = False  # pytest takes what is called Test… for tests

    by_readout: list[ReadoutTests]
    options: TestOptions
    notes: list[str]
    info: dict[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def errors(self) -> list[Errors]:
        """Adjusted p-values, one entry per readout."""
        return control_errors(self.by_readout, self.options)

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row per readout and motif, in the order of the steps.

        Columns: readout; step (0 for motifs fixed beforehand); motif; consensus (of its matrix);
        cluster (number of the motif: steps that found the same one share it); n_members (motifs
        of the dictionary that are the same finding); n_sequences (with a hit); effect, lower,
        upper (readout units, a sequence with a hit against one without, covariates and earlier
        motifs held; that of a word is smaller than that of the motif it is a part of; wide where
        many alike words compete; NaN where it was not measured); effect_of (the motif whose
        activation was used); difference (of mean readouts, with a hit minus without: it
        describes, no more); p_value, log_p (natural logarithm); fwer_p_value; q_value; kept;
        naive_p_value (as if the motif had not been chosen with these values: not valid); engine;
        n_draws; ess (effective draws); acceptance; notes. P-values below 1e-300 are given as
        that; see log_p.
        """
        rows = [
            {"readout": one.readout, "cluster": cluster, **_row(one, number, finding, errors)}
            for one, errors in zip(self.by_readout, self.errors)
            for number, (finding, cluster) in enumerate(zip(one.findings, _clusters(one)))
        ]
        return _without_zeros(pd.DataFrame(rows, columns=COLUMNS))

    @functools.cached_property
    def readouts(self) -> pd.DataFrame:
        """One row per readout.

        Columns: readout, n (sequences), engine, why, n_kept, p_value (first step; of motifs fixed
        beforehand the smallest after Holm), q_value (among readouts), measured_p_value (first step
        on the measured values, as if their noise were normal; NaN where ranks were not used),
        notes.
        """
        rows = [
            {
                "readout": one.readout,
                "n": one.n,
                "engine": one.engine,
                "why": one.why,
                "n_kept": int(errors.kept.sum()),
                "p_value": float(errors.fwer_p_value.min(initial=1.0)),
                "q_value": errors.readout_q_value,
                "measured_p_value": float(np.exp(one.measured_log_p)),
                "notes": " ".join(one.notes),
            }
            for one, errors in zip(self.by_readout, self.errors)
        ]
        return _without_zeros(pd.DataFrame(rows))

    @functools.cached_property
    def motifs(self) -> list[Motif]:
        """Motifs that are kept, each once per readout, in the order of the table.

        `info` holds readout, step, p_value and q_value of the first step that found it.
        """
        kept = self.table[self.table["kept"]].drop_duplicates(["readout", "cluster"])
        findings = self._findings()
        found = []
        for number, row in kept.iterrows():
            motif = findings[int(str(number))].motif
            told = {key: row[key] for key in ("readout", "step", "p_value", "q_value")}
            found.append(replace(motif, info={**motif.info, **told}))
        return found

    def finding(self, row: int) -> Finding:
        """The finding behind a row of the table."""
        findings = self._findings()
        return findings[_check.whole_number(row, "row", low=0, high=len(findings) - 1)]

    def null(self, row: int, *, n_draws: int = 400, seed: int | None = 0) -> NullSample:
        """Draw the statistic of a row of the table where nothing is associated.

        Raises
        ------
        InputError
            If there is no such row, or its engine draws nothing.
        """
        draw = self.finding(row).null
        if draw is None:
            raise _check.InputError(
                f"Row {row} was tested by {self.table['engine'][row]!r}, which has a formula and "
                "draws nothing; expected a row of another engine."
            )
        return draw(_check.whole_number(n_draws, "n_draws"), seed)

    def qq(self, n_repeats: int = 100, *, readout: str | None = None, seed: int = 0) -> SelfCheck:
        """Repeat the first step on readouts in random order: p-values should be uniform.

        Parameters
        ----------
        n_repeats
            Random orders.
        readout
            Name; the first by default.

        Raises
        ------
        InputError
            If there is no such readout, or its tests cannot be repeated so.
        """
        names = [one.readout for one in self.by_readout]
        _check.one_of(readout or names[0], "readout", names)
        one = self.by_readout[names.index(readout or names[0])]
        if one.retest is None:
            raise _check.InputError(
                f"Tests of engine {one.engine!r} cannot be repeated on readouts in random order."
            )
        _check.whole_number(n_repeats, "n_repeats")
        seeds = _check.generator(seed, "self-check").integers(2**31, size=n_repeats)
        log_p = [one.retest(int(number)) for number in seeds]
        return SelfCheck(one.readout, one.engine, np.sort(np.exp(log_p)))

    def methods_text(self) -> str:
        """A paragraph for the methods section of a paper, with the numbers filled in."""
        return describe(self.by_readout, self.readouts, self.options, self.info)

    def _findings(self) -> list[Finding]:
        return [finding for one in self.by_readout for finding in one.findings]

    def __repr__(self) -> str:
        n_kept, n = int(self.table["kept"].sum()), len(self.table)
        return f"Tests({n_kept} of {n} motifs kept, {len(self.by_readout)} readouts)"


@dataclass(frozen=True)
class SelfCheck:
    """P-values of readouts in random order, where nothing is to be found.

    Parameters
    ----------
    readout, engine
        What was repeated.
    p_values : (n_repeats,)
        Sorted.
    """

    readout: str
    engine: str
    p_values: Floats

    @property
    def expected(self) -> Floats:
        """Uniform quantiles, (n_repeats,)."""
        n = len(self.p_values)
        return (np.arange(n) + 0.5) / n

    @property
    def holds_level(self) -> bool:
        """Whether as few p-values as chance allows lie below .05 (one-sided, at 1 %)."""
        n_below = int((self.p_values <= 0.05).sum())
        return bool(binom.sf(n_below - 1, len(self.p_values), 0.05) >= SURPRISING)

    @property
    def uniformity(self) -> float:
        """P-value of Kolmogorov and Smirnov's test that they are uniform."""
        return float(kstest(self.p_values, "uniform").pvalue)

    def __str__(self) -> str:
        n, below = len(self.p_values), int((self.p_values <= 0.05).sum())
        verdict = "as it should be" if self.holds_level else "too many: do not trust these tests"
        return (
            f"{below} of {n} readouts in random order have p <= .05 ({0.05 * n:.0f} expected): "
            f"{verdict}."
        )


def _without_zeros(table: pd.DataFrame) -> pd.DataFrame:
    """No p-value is 0, however small."""
    small = table.columns[table.columns.str.endswith(("p_value", "q_value"))]
    return table.assign(**{str(name): table[name].clip(lower=SMALLEST) for name in small})


def _clusters(one: ReadoutTests) -> list[int]:
    """Number of each finding's motif: that of the first step whose matrix is like it."""
    if not one.is_stepwise:
        return list(range(1, len(one.findings) + 1))
    alike = similarities([finding.motif for finding in one.findings]) >= ALIKE
    clusters: list[int] = []
    for number in range(len(alike)):
        earlier = np.flatnonzero(alike[number, :number])
        clusters.append(clusters[earlier[0]] if len(earlier) else max(clusters, default=0) + 1)
    return clusters


def _row(one: ReadoutTests, number: int, finding: Finding, errors: Errors) -> dict[str, Any]:
    tested, effect = finding.tested, finding.effect
    notes: Sequence[str] = [*tested.notes, *([effect.note] if effect.note else [])]
    return {
        "step": number + 1 if one.is_stepwise else 0,
        "motif": finding.name,
        "consensus": finding.motif.consensus,
        "n_members": finding.n_members,
        "n_sequences": int(finding.is_hit.sum()),
        "effect": effect.value,
        "lower": effect.lower,
        "upper": effect.upper,
        "effect_of": effect.of,
        "difference": finding.difference,
        "p_value": tested.p_value,
        "log_p": tested.log_p,
        "fwer_p_value": float(errors.fwer_p_value[number]),
        "q_value": float(errors.q_value[number]),
        "kept": bool(errors.kept[number]),
        "naive_p_value": float(np.exp(min(finding.naive_log_p, 0.0))),
        "engine": one.engine,
        "n_draws": tested.n_draws,
        "ess": tested.ess,
        "acceptance": tested.acceptance,
        "notes": " ".join(notes),
    }
