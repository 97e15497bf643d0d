"""Words chosen on one part of the data and tested on the other: the plain, honest alternative."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from motifbook import _check
from motifbook.significance.dictionary import Activations
from motifbook.significance.fixed_motifs import robust_slopes, try_fixed_motifs
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.permutation import permute_selection
from motifbook.significance.prepare import prepare
from motifbook.significance.row_split import RowSplit
from motifbook.significance.selection import Selected, naive_log_p, select_motifs
from motifbook.significance.tested import Tested
from motifbook.significance.thinning import TwoReadouts
from motifbook.significance.transform import finite_readout, has_few_values, normal_scores

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
N_DRAWS = 999  # permutations of a readout of few values


@dataclass(frozen=True)
class Confirmed:
    """A word that one part of the data chose, and what the other part says about it.

    Parameters
    ----------
    selected
        The step of the selection, on the part that chooses.
    effect, se
        Readout units of the testing part per unit of activation, beside covariates and earlier
        words, and its standard error whatever the noise (see `robust_slopes`); NaN where the word
        does not tell the testing rows apart.
    df
        Degrees of freedom of `se`.
    tested
        Of the testing part, for an effect of the sign that the choosing part saw.
    naive_log_p
        Log p-value of an ordinary t-test on the part that chose the word: not valid.
    """

    selected: Selected
    effect: float
    se: float
    df: float
    tested: Tested
    naive_log_p: float


@dataclass(frozen=True)
class _Part:
    """Activations (n, n_motifs), readout (n,), covariates and blocks (n,) of some rows."""

    values: npt.NDArray[np.float32]
    readout: Floats
    without: Nuisance
    blocks: Integers | None

    @property
    def scores(self) -> Floats:
        """The readout on the scale of the test."""
        if has_few_values(self.readout):
            return self.readout
        return normal_scores(self.readout, ties="average")


def split_test(
    activations: Activations,
    readout: npt.ArrayLike,
    parts: RowSplit,
    *,
    without: Nuisance | None = None,
    blocks: Integers | None = None,
    n_steps: int = 5,
    seed: int | None = None,
) -> list[Confirmed]:
    """Choose words on some rows, and test them on the others.

    Parameters
    ----------
    activations
        The dictionary, of all rows.
    readout : (n,)
        As measured: its ranks are made normal, unless it has fewer than ten distinct values.
    parts
        Of `split_rows`.
    without
        Covariates of all rows (see `nuisance`); by default the intercept alone.
    blocks : (n,)
        Numbers of blocks: tested rows are compared within a block only.
    n_steps
        Words at most.
    seed
        Of permutations, where the readout has few values.

    Returns
    -------
    list of Confirmed
        In the order in which words were chosen; each is tested beside the earlier ones.

    Raises
    ------
    InputError
        If sizes differ, or a part is too small or has a constant readout.

    Notes
    -----
    Cox 1975 (Biometrika 62:441). The sign of an effect is chosen too, so tests are one-sided.

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.row_split import split_rows
    >>> rng = np.random.default_rng(0)
    >>> words = word_activations(rng.integers(0, 4, (80, 30)).astype(np.uint8), 4)
    >>> readout = words.values[:, words.names.index("AATC")] + 0.1 * rng.normal(size=80)
    >>> found = split_test(words, readout, split_rows(80), n_steps=1)[0]
    >>> words.names[found.selected.motif], found.tested.p_value < 1e-6
    ('AATC', True)
    """
    values = finite_readout(readout)
    _check.shape(values, "readout", "one value per sequence", len(activations.values))
    taken = without or nuisance(len(values))
    choose, test = (
        _Part(
            activations.values[rows],
            values[rows],
            _of_rows(taken, rows),
            None if blocks is None else blocks[rows],
        )
        for rows in (parts.choose, parts.test)
    )
    return _confirm(activations, choose, test, n_steps, seed)


def thin_test(
    activations: Activations,
    halves: TwoReadouts,
    *,
    without: Nuisance | None = None,
    blocks: Integers | None = None,
    n_steps: int = 5,
    seed: int | None = None,
) -> list[Confirmed]:
    """Choose words on one half of a readout, and test them on the other half, in the same rows.

    Parameters
    ----------
    activations
        The dictionary.
    halves
        Of `fission`, `thin_poisson` or `thin_negative_binomial`.
    without, blocks, n_steps, seed
        See `split_test`.

    Returns
    -------
    list of Confirmed

    Raises
    ------
    InputError
        If sizes differ, or a half is constant.

    Examples
    --------
    >>> from motifbook.significance.dictionary import word_activations
    >>> from motifbook.significance.thinning import fission
    >>> rng = np.random.default_rng(0)
    >>> words = word_activations(rng.integers(0, 4, (80, 30)).astype(np.uint8), 4)
    >>> readout = words.values[:, words.names.index("AATC")] + 0.1 * rng.normal(size=80)
    >>> halves = fission(readout, noise_scale=0.1, seed=0)
    >>> found = thin_test(words, halves, n_steps=1)[0]
    >>> words.names[found.selected.motif], found.tested.p_value < 1e-6
    ('AATC', True)
    """
    _check.shape(halves.choose, "halves", "one value per sequence", len(activations.values))
    taken = without or nuisance(len(halves.choose))
    choose, test = (
        _Part(activations.values, half, taken, blocks) for half in (halves.choose, halves.test)
    )
    return _confirm(activations, choose, test, n_steps, seed)


def _confirm(
    activations: Activations, choose: _Part, test: _Part, n_steps: int, seed: int | None
) -> list[Confirmed]:
    rng = _check.generator(seed, "two parts")
    prepared = prepare(choose.values, choose.scores, choose.without)
    rows = replace(activations, values=choose.values)
    found: list[Confirmed] = []
    for selected in select_motifs(rows, prepared, n_steps=n_steps):
        activation = test.values[:, selected.motif].astype(np.float64)
        step = selected.step
        sign = float(np.sign(step.products[step.winner]))
        found.append(_confirmed(selected, test, activation, sign, int(rng.integers(2**31))))
        test = replace(test, without=_beside(test.without, activation, len(found)))
    return found


def _confirmed(
    selected: Selected, test: _Part, activation: Floats, sign: float, seed: int
) -> Confirmed:
    slopes = robust_slopes(activation[:, None], test.readout, test.without, blocks=test.blocks)
    effect, se, df = (float(one[0]) for one in (slopes.effect, slopes.se, slopes.df))
    tested = Tested(0.0, 0.0, notes=("The word does not tell the testing rows apart.",))
    if np.isfinite(effect):
        way = _permuted if has_few_values(test.readout) else _by_student
        tested = way(test, activation, sign, seed)
    return Confirmed(selected, effect, se, df, tested, naive_log_p(selected.step))


def _by_student(test: _Part, activation: Floats, sign: float, _: int) -> Tested:
    scored = try_fixed_motifs(activation[:, None], test.scores, test.without, blocks=test.blocks)
    statistic = sign * float(scored.effect[0] / scored.se[0])
    return Tested(float(max(t.logsf(statistic, scored.df), -1e4)), statistic)


def _permuted(test: _Part, activation: Floats, sign: float, seed: int) -> Tested:
    basis = test.without.basis
    towards = sign * (activation - basis @ (basis.T @ activation))
    residual = test.readout - basis @ (basis.T @ test.readout)

    def along(dealt: Floats) -> float:
        left = dealt - basis @ (basis.T @ dealt)
        return float(towards @ left / np.linalg.norm(left))

    return permute_selection(along, residual, n_draws=N_DRAWS, blocks=test.blocks, seed=seed)


def _of_rows(without: Nuisance, rows: npt.NDArray[np.int64]) -> Nuisance:
    """The covariates of some rows; those that are constant there drop out."""
    columns = dict(zip(without.names, without.basis[rows].T))
    return nuisance(len(rows), covariates=columns)


def _beside(without: Nuisance, activation: Floats, number: int) -> Nuisance:
    """Covariates with the activation of a word among them."""
    columns = dict(zip(without.names, without.basis.T))
    return nuisance(len(activation), covariates={**columns, f"word {number}": activation})
