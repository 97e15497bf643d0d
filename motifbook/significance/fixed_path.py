"""Tests of given motifs, one by one: known ones, or those that other rows have chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.motif.best import best_matches, known_windows
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.significance.choice import FEWEST
from motifbook.significance.finding import Effect, Finding, mean_difference
from motifbook.significance.fixed_motifs import (
    robust_slopes,
    try_fixed_motifs,
)
from motifbook.significance.nuisance import Nuisance
from motifbook.significance.permuted_motifs import permute_fixed_motifs
from motifbook.significance.prepare import refuse_small
from motifbook.significance.rows import Taken
from motifbook.significance.tested import Tested
from motifbook.significance.transform import (
    has_few_values,
    normal_scores,
    normal_scores_beside,
)

Floats = npt.NDArray[np.float64]
SCORES = ("auto", "normal", "measured")
MUCH_UNKNOWN = 0.05  # share of letters
FEWEST_DRAWS, DRAWS_PER_MOTIF = 9999, 100  # so that Holm's p-value can fall to 0.01
MOST_DEALT = 300_000_000  # values in random order: some ten seconds
LEAST = -100.0  # bits; what scores less is as impossible
MOTIFS_AT_ONCE = 256  # bounds memory


@dataclass(frozen=True)
class FixedPath:
    """Tests of all motifs.

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
    on_ranks
        Whether ranks of the readout were made normal.
    """

    findings: list[Finding]
    n: int
    why: str
    notes: tuple[str, ...]
    on_ranks: bool


def fixed_tests(
    taken: Taken,
    motifs: Sequence[Motif],
    without: Nuisance,
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
        Covariates.
    scores
        "normal" makes ranks normal before the test, "auto" too; "measured" permutes values.
    level
        Of the intervals of effects.
    n_draws
        Permutations at most, of readouts that are permuted; by default 100 per motif, 9,999 at
        least.

    Returns
    -------
    FixedPath

    Raises
    ------
    InputError
        If motifs and sequences have different alphabets, or too few rows are left.

    Notes
    -----
    The activation is the probability that the best window is a site, if one window of a sequence
    is expected to be one: 1 / (1 + windows 2^-score), the score in bits; 0 in sequences too short.
    It had more power than the score, than having a hit and than SEISM's Gaussian
    (`benchmarks/significance_fixed.py`). The effect is the slope of the measured readout on it,
    times how much higher it is with a hit than without; its interval allows for any noise (HC3).

    Examples
    --------
    >>> import motifbook as mb
    >>> from motifbook.significance.nuisance import nuisance
    >>> from motifbook.significance.rows import take_rows
    >>> taken = take_rows(mb.simulate(n=200, length=80, rule="single", seed=0))
    >>> spi1, ctcf = (mb.database.motif(name) for name in ("MA0080.7", "MA0139.2"))
    >>> found = fixed_tests(taken, [spi1, ctcf], nuisance(200, letters=taken.letters), seed=0)
    >>> [one.tested.p_value <= 0.001 for one in found.findings]
    [True, False]
    """
    listed = motif_list(motifs)
    refuse_other_alphabet(listed, taken)
    _check.one_of(scores, "scores", SCORES)
    n = len(taken.readout)
    notes = [*refuse_small(n - without.basis.shape[1]), *_unknown_letters(taken)]
    has_few = has_few_values(taken.readout)
    is_measured = has_few or scores == "measured"
    values = taken.readout if is_measured else _scores(taken, without, seed)
    matches = _matches(listed, taken.letters, taken.alphabet)
    why = "each motif was fixed beforehand: regression on its best match"
    if is_measured or n < FEWEST:
        most = n_draws or _usual_draws(len(listed), n)
        tested = _permuted(matches, taken, values, without, n_draws=most, seed=seed)
        what = f"{n} sequences are few"
        if is_measured:
            what = "the readout has few values" if has_few else "measured values have any noise"
        why = f"each motif was fixed beforehand; {what}, so it is permuted"
    else:
        tested = _regressed(matches, taken, values, without)
    effects = _effects(matches, listed, taken, without, level)
    findings = [
        Finding(
            name=motif.name,
            motif=motif,
            n_members=1,
            is_hit=is_hit,
            difference=mean_difference(taken.readout, is_hit),
            tested=one,
            naive_log_p=one.log_p,
            effect=effect,
        )
        for motif, is_hit, one, effect in zip(listed, matches.is_hit.T, tested, effects)
    ]
    return FixedPath(findings, n, why, tuple(notes), not is_measured)


def _scores(taken: Taken, without: Nuisance, seed: int | None) -> Floats:
    if taken.covariates:
        return normal_scores_beside(taken.readout, without.basis, seed=seed)
    return normal_scores(taken.readout, seed=seed)


@dataclass(frozen=True)
class _Matches:
    """Best matches of all motifs in all sequences, (n, n_motifs) each."""

    activation: npt.NDArray[np.float32]
    is_hit: npt.NDArray[np.bool_]


def _matches(motifs: Sequence[Motif], letters: Letters, alphabet: Alphabet) -> _Matches:
    shape = (len(letters), len(motifs))
    found = _Matches(np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.bool_))
    n_strands = 1 + alphabet.has_strands
    for block in best_matches(motifs, letters):
        n_windows = known_windows(letters, alphabet.n_letters, block.width).sum(axis=1)
        odds_against = n_strands * n_windows[:, None] * np.exp2(-np.maximum(block.scores, LEAST))
        is_there = np.isfinite(block.scores)
        found.activation[:, block.numbers] = np.where(is_there, 1 / (1 + odds_against), 0)
        found.is_hit[:, block.numbers] = block.is_hit & is_there
    return found


def _usual_draws(n_motifs: int, n: int) -> int:
    most = max(MOST_DEALT // n, FEWEST_DRAWS)
    return min(max(DRAWS_PER_MOTIF * n_motifs, FEWEST_DRAWS), most)


def _permuted(
    matches: _Matches,
    taken: Taken,
    values: Floats,
    without: Nuisance,
    *,
    n_draws: int,
    seed: int | None,
) -> list[Tested]:
    found = permute_fixed_motifs(
        matches.activation, values, without, blocks=taken.blocks, n_draws=n_draws, seed=seed
    )
    told = zip(found.log_p, found.statistic, found.n_draws)
    return [Tested(float(log_p), float(s), int(n), float(n)) for log_p, s, n in told]


def _regressed(matches: _Matches, taken: Taken, values: Floats, without: Nuisance) -> list[Tested]:
    found: list[Tested] = []
    for part in _parts(matches.activation):
        fit = try_fixed_motifs(part, values, without, blocks=taken.blocks)
        found += [Tested(float(log_p), float(s)) for log_p, s in zip(fit.log_p, fit.statistic)]
    return found


def _effects(
    matches: _Matches, motifs: Sequence[Motif], taken: Taken, without: Nuisance, level: float
) -> list[Effect]:
    """What a sequence with a hit has more than one without, covariates held."""
    slopes = [
        robust_slopes(part, taken.readout, without, blocks=taken.blocks)
        for part in _parts(matches.activation)
    ]
    effect, se, df = (
        np.concatenate([getattr(part, name) for part in slopes]) for name in ("effect", "se", "df")
    )
    half = t.isf((1 - level) / 2, df) * se
    found = []
    for number, motif in enumerate(motifs):
        rise = mean_difference(
            matches.activation[:, number].astype(np.float64), matches.is_hit[:, number]
        )
        value, wide = effect[number] * rise, half[number] * abs(rise)
        found.append(Effect(value, value - wide, value + wide, motif.name))
    return found


def _parts(activation: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Some columns at a time."""
    firsts = range(0, activation.shape[1], MOTIFS_AT_ONCE)
    return [activation[:, first : first + MOTIFS_AT_ONCE] for first in firsts]


def refuse_other_alphabet(motifs: Sequence[Motif], taken: Taken) -> None:
    """Refuse motifs that are written in other letters than the sequences."""
    if not motifs:
        raise _check.InputError("`motifs` is empty; expected a motif or more.")
    if motifs[0].alphabet != taken.alphabet:
        raise _check.InputError(
            f"Motif {motifs[0].name!r} is written in {motifs[0].alphabet.name}, the sequences in "
            f"{taken.alphabet.name}; expected one alphabet. Read it with "
            f"`mb.read_motif_file(path, alphabet={taken.alphabet.name!r})`."
        )


def _unknown_letters(taken: Taken) -> tuple[str, ...]:
    """A sentence if many letters between the ends of the sequences are unknown."""
    known = taken.letters < taken.alphabet.n_letters
    lengths = known.shape[1] - known.argmax(axis=1) - known[:, ::-1].argmax(axis=1)
    share = 1 - known.sum() / max(int(lengths.sum()), 1)
    if share <= MUCH_UNKNOWN:
        return ()
    return (f"{share:.0%} of the letters are unknown; windows that hold one do not count.",)
