"""Selection keeps what was planted, drops what was not, and solves the problem it states."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import MultiTaskLasso

from motifbook import InputError
from motifbook.formula import selection
from motifbook.formula.group_lasso import GroupLasso, best_penalty, moments_of
from motifbook.formula.selection import select


def planted(n=1500, n_terms=30, n_readouts=3, *, n_true=5, missing=0.0, seed=0):
    """Counts, of which the first `n_true` matter; readouts explained to a third or so."""
    rng = np.random.default_rng([seed, 7])
    design = rng.poisson(0.6, (n, n_terms)).astype(float)
    weights = np.zeros((n_terms, n_readouts))
    weights[:n_true] = rng.choice([-0.6, 0.6], (n_true, 1)) + 0.3 * rng.normal(
        size=(n_true, n_readouts)
    )
    readout = design @ weights + rng.normal(size=(n, n_readouts))
    readout[rng.random(readout.shape) < missing] = np.nan
    return design, readout


def lasso_of(design, readout, groups, free=()):
    patterns = [np.array([number]) for number in range(readout.shape[1])]
    moments = moments_of(design, readout, patterns).without(np.array(free, dtype=int))
    return GroupLasso(moments, np.asarray(groups))


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_the_group_lasso_is_that_of_scikit_learn(share):
    design, readout = planted(300)
    design, readout = design - design.mean(axis=0), readout - readout.mean(axis=0)
    lasso = lasso_of(design, readout, np.arange(30))
    penalty = share * lasso.largest()
    referee = MultiTaskLasso(alpha=penalty, fit_intercept=False, tol=1e-8).fit(design, readout)
    found = lasso.fit(penalty, lasso.nothing())
    np.testing.assert_allclose(found, referee.coef_.T, atol=1e-3)
    assert (found.any(axis=1) == referee.coef_.any(axis=0)).all()
    assert not lasso.fit(1.001 * lasso.largest(), lasso.nothing()).any()


def test_the_optimum_is_one_with_bins_and_missing_values():
    """At the optimum, the gradient of a motif equals the penalty times its direction."""
    design, readout = planted(400, missing=0.3)
    groups = np.arange(30) // 3
    lasso = lasso_of(design, readout, groups)
    penalty = 0.2 * lasso.largest()
    weights = lasso.fit(penalty, lasso.nothing())
    gradient = np.zeros_like(weights)
    for number in range(3):
        rows = ~np.isnan(readout[:, number])
        left = readout[rows, number] - design[rows] @ weights[:, number]
        gradient[:, number] = design[rows].T @ left / rows.sum()
    for group in range(10):
        own = weights[groups == group]
        pull, allowed = gradient[groups == group], penalty * np.sqrt(3)
        if own.any():
            np.testing.assert_allclose(pull, allowed * own / np.linalg.norm(own), atol=1e-3)
        else:
            assert np.linalg.norm(pull) <= 1.02 * allowed
    assert 0 < len(np.unique(groups[weights.any(axis=1)])) < 10


def test_free_columns_are_fitted_beside_without_a_penalty():
    design, readout = planted(400, missing=0.2)
    free = np.arange(4)
    lasso = lasso_of(design, readout, np.arange(26), free)
    weights = lasso.fit(0.1, lasso.nothing())
    for number in range(3):
        rows = ~np.isnan(readout[:, number])
        beside, others = design[rows][:, free], design[rows][:, 4:]
        left = readout[rows, number] - others @ weights[:, number]
        slopes = np.linalg.lstsq(beside, left, rcond=None)[0]
        error = np.mean((left - beside @ slopes) ** 2)
        np.testing.assert_allclose(lasso.moments.errors(weights)[number], error)


def test_nothing_is_chosen_where_nothing_predicts():
    design, readout = planted(n_true=0)
    lasso, judge = (lasso_of(design[half], readout[half], range(30)) for half in (
        slice(0, 750), slice(750, None)
    ))  # fmt: skip
    assert best_penalty([lasso], [judge.moments]).penalty == lasso.largest()


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_stability_keeps_the_planted_motifs(missing):
    for seed in range(5):
        design, readout = planted(missing=missing, seed=seed)
        chosen = select(design, readout, np.arange(30), seed=seed)
        assert chosen.kept[:5].all()
        assert chosen.kept[5:].sum() <= 2
        assert chosen.frequency[:5].min() > chosen.frequency[5:].max()
        assert chosen.why[0] == "chosen in 100 of 100 halves (75% needed)"


def test_stability_keeps_nothing_where_nothing_matters():
    kept = [select(*planted(n_true=0, seed=seed), np.arange(30)).kept.sum() for seed in range(5)]
    assert sum(kept) <= 2


def test_the_gram_of_all_rows_serves_where_each_readout_has_its_own_rows(monkeypatch):
    design, readout = planted(missing=0.1)
    exact = select(design, readout, np.arange(30))
    monkeypatch.setattr(selection, "MOST_BYTES", 0)
    shared = select(design, readout, np.arange(30))
    assert "Intervals are not touched" in shared.notes[0]
    assert exact.notes == []
    assert (shared.kept == exact.kept).all()


def test_bins_of_a_motif_stay_together_and_covariates_are_no_motifs():
    design, readout = planted(n_true=2)
    groups = np.concatenate([np.repeat(np.arange(9), 3), [-1, -1, -1]])
    chosen = select(design, readout, groups)
    assert chosen.kept.tolist() == [True] + 8 * [False]
    assert len(chosen.why) == 9


def test_what_covariates_explain_is_not_explained_by_motifs():
    rng = np.random.default_rng(0)
    gc = rng.normal(size=1500)
    design = np.column_stack([rng.poisson(np.exp(0.5 * gc[:, None]), (1500, 5)), gc])
    readout = gc[:, None] + 0.5 * rng.normal(size=(1500, 1))
    assert select(design, readout, [0, 1, 2, 3, 4, -1]).kept.sum() == 0
    assert select(design[:, :5], readout, range(5)).kept.all()


def test_lasso_looks_at_validation_rows_for_its_penalty_alone():
    design, readout = planted()
    rows = np.arange(1200, 1500)
    chosen = select(design, readout, np.arange(30), method="lasso", validation=rows)
    assert chosen.kept[:5].all()
    assert chosen.kept.sum() < 20
    assert np.isnan(chosen.frequency).all()
    capped = select(design, readout, np.arange(30), method="lasso", validation=rows, n_max=2)
    assert capped.kept.sum() == 2
    assert chosen.kept[capped.kept].all()


@pytest.mark.parametrize("per_step", [10, 100])
def test_elimination_leaves_as_many_columns_as_asked(monkeypatch, per_step):
    monkeypatch.setattr(selection, "PER_STEP", per_step)
    design, readout = planted(n_terms=60)
    groups = np.append(np.arange(59), -1)
    chosen = select(design, readout, groups, method="rfe", n_max=20)
    assert chosen.kept.sum() == 20
    assert chosen.kept[:5].all()
    assert np.isnan(chosen.frequency).all()


def test_none_keeps_all_and_the_seed_decides_alone():
    design, readout = planted(n_true=2, n_terms=6)
    assert select(design, readout, range(6), method="none").kept.all()
    one, same, other = (select(design, readout, range(6), seed=seed) for seed in (1, 1, 2))
    assert (one.frequency == same.frequency).all()
    assert (one.kept == other.kept).all()


def test_requests_that_make_no_sense_are_refused():
    design, readout = planted(60)
    with pytest.raises(InputError, match=r"`method` is 'lassso'.*Did you mean 'lasso'"):
        select(design, readout, range(30), method="lassso")
    with pytest.raises(InputError, match=r"`validation` has 0 of 60 rows.*method=\"stability\""):
        select(design, readout, range(30), method="lasso")
    with pytest.raises(InputError, match="no column of motif 0; expected every number"):
        select(design, readout, np.arange(30) + 1)
    with pytest.raises(InputError, match="one number per column"):
        select(design, readout, range(3))
