"""Tests of given motifs, one by one: known ones, or those that other rows have chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook import _check
from motifbook.motif.best import BestMatches, best_matches
from motifbook.motif.columns import motif_list
from motifbook.motif.distribution import q_values
from motifbook.motif.matrix import Motif
from motifbook.significance.choice import FEWEST
from motifbook.significance.finding import Effect, Finding, mean_difference
from motifbook.significance.fixed_motifs import (
    adjust_holm,
    permute_fixed_motifs,
    robust_slopes,
    try_fixed_motifs,
)
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.prepare import refuse_small
from motifbook.significance.rows import Taken
from motifbook.significance.tested import Tested
from motifbook.significance.transform import has_few_values, normal_scores

Floats = npt.NDArray[np.float64]
SCORES = ("auto", "normal", "measured")
MUCH_UNKNOWN = 0.05  # share of letters
N_DRAWS = 9999


@dataclass(frozen=True)
class FixedPath:
    """Tests of all motifs; arrays have one entry per motif.

    Parameters
    ----------
    findings
        In the order of the motifs.
    n
        Sequences.
    why
        Which test, and why, in words.
    notes
        Sentences.
    """

    findings: tuple[Finding, ...]
    n: int
    why: str
    notes: tuple[str, ...]

    @property
    def log_p(self) -> Floats:
        """Natural logarithm of the p-values, (n_motifs,)."""
        return np.array([finding.tested.log_p for finding in self.findings])

    @property
    def p_value(self) -> Floats:
        """P-values of single motifs, (n_motifs,)."""
        p_values: Floats = np.exp(self.log_p)
        return p_values

    @property
    def holm(self) -> Floats:
        """P-values after `adjust_holm`, (n_motifs,)."""
        return adjust_holm(self.p_value)

    @property
    def q_value(self) -> Floats:
        """Benjamini-Hochberg q-values, (n_motifs,)."""
        return q_values(self.p_value)


@dataclass(frozen=True)
class _Data:
    """What every motif is tested with."""

    taken: Taken
    without: Nuisance
    tested: Floats
    n_draws: int
    level: float
    seed: int | None


def fixed_tests(
    taken: Taken,
    motifs: Sequence[Motif],
    without: Nuisance | None = None,
    *,
    scores: str = "auto",
    level: float = 0.9,
    n_draws: int | None = None,
    seed: int | None = None,
) -> FixedPath:
    """Test each motif as it is; the rows must not have chosen them.

    Parameters
    ----------
    taken
        See `take_rows`.
    motifs
        In the alphabet of the sequences.
    without
        Covariates; by default GC content, length and those of `taken`.
    scores
        "normal" makes ranks normal before the test, "measured" does not, "auto" does.
    level
        Of the intervals of effects.
    n_draws
        Permutations, where there are less than 30 sequences.

    Returns
    -------
    FixedPath

    Raises
    ------
    InputError
        If motifs and sequences have different alphabets, or too few rows are left.

    Examples
    --------
    >>> import motifbook as mb
    >>> from motifbook.significance.rows import take_rows
    >>> adata = mb.simulate(n=200, length=80, rule="single", seed=0)
    >>> spi1, ctcf = (mb.database.motif(name) for name in ("MA0080.7", "MA0139.2"))
    >>> tests = fixed_tests(take_rows(adata), [spi1, ctcf], seed=0)
    >>> (tests.holm < 0.001).tolist()
    [True, False]
    """
    listed = motif_list(motifs)
    _refuse_other_alphabet(listed, taken)
    _check.one_of(scores, "scores", SCORES)
    n = len(taken.readout)
    if without is None:
        without = nuisance(
            n, letters=taken.letters, alphabet=taken.alphabet, covariates=taken.covariates
        )
    notes = [*taken.notes, *refuse_small(n - without.basis.shape[1])]
    unknown = _share_unknown(taken)
    if unknown > MUCH_UNKNOWN:
        notes.append(f"{unknown:.0%} of the letters are unknown; windows with one do not count.")
    few = has_few_values(taken.readout)
    is_ranked = scores != "measured" and not few
    tested = normal_scores(taken.readout, seed=seed) if is_ranked else taken.readout
    data = _Data(
        taken, without, tested, n_draws or (N_DRAWS if n < FEWEST or few else 0), level, seed
    )
    findings: dict[int, Finding] = {}
    for block in best_matches(listed, taken.letters):
        findings |= _findings(block, listed, data)
    why = "each motif was fixed beforehand: " + (
        "its ranks are permuted" if data.n_draws else "ordinary regression on normal scores"
    )
    return FixedPath(tuple(findings[i] for i in range(len(listed))), n, why, tuple(notes))


def _findings(block: BestMatches, motifs: Sequence[Motif], data: _Data) -> dict[int, Finding]:
    taken = data.taken
    activation = _activation(block)
    given = (taken.readout, data.without)
    slopes = robust_slopes(activation, *given, blocks=taken.blocks)
    ordinary = try_fixed_motifs(activation, data.tested, data.without, blocks=taken.blocks)
    log_p = ordinary.log_p
    if data.n_draws:
        log_p = permute_fixed_motifs(
            activation,
            data.tested,
            data.without,
            blocks=taken.blocks,
            n_draws=data.n_draws,
            seed=data.seed,
        )
    half = t.isf((1 - data.level) / 2, slopes.df)
    found = {}
    for column, number in enumerate(block.numbers.tolist()):
        is_hit = block.is_hit[:, column]
        rise = mean_difference(activation[:, column], is_hit)
        value, width = slopes.effect[column] * rise, half * slopes.se[column] * abs(rise)
        motif = motifs[number]
        found[number] = Finding(
            name=motif.name,
            motif=motif,
            n_members=1,
            is_hit=is_hit,
            difference=mean_difference(taken.readout, is_hit),
            tested=Tested(
                float(log_p[column]),
                float(ordinary.effect[column] / ordinary.se[column]),
                data.n_draws,
            ),
            naive_log_p=float(log_p[column]),
            effect=Effect(value, value - width, value + width, motif.name),
        )
    return found


def _activation(block: BestMatches) -> Floats:
    """Scores of best matches, (n, n_motifs); the lowest for sequences too short for a motif."""
    scores = block.scores.astype(np.float64)
    finite = np.isfinite(scores)
    lowest = np.where(finite, scores, np.inf).min(axis=0)
    return np.where(finite, scores, np.where(np.isfinite(lowest), lowest, 0.0))


def _refuse_other_alphabet(motifs: Sequence[Motif], taken: Taken) -> None:
    if not motifs:
        raise _check.InputError("`motifs` is empty; expected a motif or more.")
    if motifs[0].alphabet != taken.alphabet:
        raise _check.InputError(
            f"Motif {motifs[0].name!r} is written in {motifs[0].alphabet.name}, the sequences in "
            f"{taken.alphabet.name}; expected one alphabet. Read it with "
            f"`mb.read_motif_file(path, alphabet={taken.alphabet.name!r})`."
        )


def _share_unknown(taken: Taken) -> float:
    """Share of unknown letters between the first and the last known letter of each sequence."""
    known = taken.letters < taken.alphabet.n_letters
    length = known.shape[1] - known.argmax(axis=1) - known[:, ::-1].argmax(axis=1)
    return float(1 - known.sum() / max(length.sum(), 1))
