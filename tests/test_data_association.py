"""Effects and p-values within groups: closed forms, published figures, independent referees."""

import numpy as np
import pytest
from scipy.stats import fisher_exact, kstest, mannwhitneyu, ttest_ind
from sklearn.linear_model import LinearRegression

from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.data import association
from motifbook.data.association import Groups, alike, associate, composition
from motifbook.onehot import encode

# Admissions to Berkeley, 1973 (Bickel et al. 1975, Science 187:398), by department: men admitted
# and rejected, women admitted and rejected; R's `mantelhaen.test` and statsmodels agree on them.
BERKELEY = (
    *((512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391)),
    *((138, 279, 131, 244), (53, 138, 94, 299), (22, 351, 24, 317)),
)


def one_group(n):
    return Groups(np.zeros(n, dtype=np.int64))


def cells(tables):
    """Group, whether there is a hit, and readout of every sequence counted in 2 x 2 tables."""
    rows = [
        (group, hit, value)
        for group, table in enumerate(tables)
        for (hit, value), count in zip([(1, 1), (1, 0), (0, 1), (0, 0)], table)
        for _ in range(count)
    ]
    groups, hits, values = np.array(rows).T
    return Groups(groups), (hits == 1)[:, None], values.astype(float)


def test_the_published_odds_ratio_of_berkeley():
    groups, hits, values = cells(BERKELEY)
    found = associate(values, "binary", hits, groups)
    assert found.z[0] ** 2 == pytest.approx(1.524607, abs=1e-6)
    assert found.p_value[0] == pytest.approx(0.2169237, abs=1e-6)
    interval = np.exp([found.effect[0], found.lower[0], found.upper[0]])
    assert interval == pytest.approx([0.904697, 0.771907, 1.060330], abs=2e-4)  # half a person more
    alone = associate(values, "binary", hits, one_group(len(values)))
    assert np.exp(alone.effect[0]) == pytest.approx(1.84, abs=0.01)  # Simpson's paradox


@pytest.mark.parametrize("table", [(3, 1, 40, 60), (0, 8, 90, 30), (9, 0, 300, 900)])
def test_rare_hits_in_one_group_are_fishers_test(table):
    groups, hits, values = cells([table])
    a, b, c, d = table
    found = associate(values, "binary", hits, groups)
    assert found.p_value[0] == pytest.approx(fisher_exact([[a, b], [c, d]])[1], rel=1e-9)
    swapped = associate(values, "binary", ~hits, groups)
    assert swapped.p_value[0] == pytest.approx(found.p_value[0], rel=1e-9)
    assert swapped.effect[0] == pytest.approx(-found.effect[0])


def test_exact_p_values_of_several_groups_are_those_of_dealing_hits_anew():
    tables = [(4, 1, 20, 30), (3, 0, 5, 30), (2, 3, 30, 10)]
    groups, hits, values = cells(tables)
    found = associate(values, "binary", hits, groups).p_value[0]
    rng = np.random.default_rng(0)
    sums = np.zeros(200_000)
    for a, b, c, d in tables:
        sums += rng.hypergeometric(a + c, b + d, a + b, size=len(sums))
    frequency = np.bincount(sums.astype(int), minlength=16) / len(sums)
    expected = frequency[frequency <= frequency[9] * 1.02].sum()
    assert found == pytest.approx(expected, rel=0.05)


def test_normal_and_exact_p_values_meet(monkeypatch):
    groups, hits, values = cells([(160, 150, 440, 500), (130, 160, 400, 480)])
    normal = associate(values, "binary", hits, groups)
    monkeypatch.setattr(association, "_FEW", 1e9)
    exact = associate(values, "binary", hits, groups)
    assert normal.p_value[0] != exact.p_value[0]
    assert normal.p_value[0] == pytest.approx(exact.p_value[0], rel=0.2)


def test_one_group_of_a_continuous_readout_is_wilcoxons_test():
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=400).round(1)  # with ties
    hits = rng.random((400, 1)) < 0.3
    values[hits[:, 0]] += 0.2
    found = associate(values, "continuous", hits, one_group(400))
    theirs = mannwhitneyu(values[hits[:, 0]], values[~hits[:, 0]], use_continuity=False)
    assert found.p_value[0] == pytest.approx(theirs.pvalue, rel=0.01)  # N - 1 in place of N
    with_hit, without = values[hits[:, 0]], values[~hits[:, 0]]
    assert found.effect[0] == pytest.approx(with_hit.mean() - without.mean())
    welch = ttest_ind(with_hit, without, equal_var=False).confidence_interval()
    assert [found.lower[0], found.upper[0]] == pytest.approx([*welch], abs=0.02)


def test_a_difference_within_groups_is_that_of_least_squares_with_group_constants():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 7, 300)
    hits = rng.random((300, 3)) < (0.1 + 0.1 * codes)[:, None]
    values = codes + hits @ [1.0, -2.0, 0.0] + rng.normal(size=300) * (1 + codes)
    found = associate(values, "continuous", hits, Groups(codes))
    for motif in range(3):
        design = np.column_stack([hits[:, motif], np.eye(7)[codes]])
        fit = LinearRegression(fit_intercept=False).fit(design, values)
        residual = values - fit.predict(design)
        inverse = np.linalg.pinv(design.T @ design)
        leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
        meat = (design * (residual / (1 - leverage))[:, None] ** 2).T @ design
        error = np.sqrt((inverse @ meat @ inverse)[0, 0])
        assert found.effect[motif] == pytest.approx(fit.coef_[0])
        assert found.upper[motif] - found.effect[motif] == pytest.approx(1.98 * error, rel=0.02)


def test_one_extreme_value_is_no_evidence():
    values = np.random.default_rng(3).normal(size=1000)
    values[0] = 1e6
    hits = np.zeros((1000, 1), dtype=bool)
    hits[:5] = True
    assert associate(values, "continuous", hits, one_group(1000)).p_value[0] > 0.05


@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_motifs_that_all_or_none_have_tell_nothing(kind):
    hits = np.repeat([[True, False]], 60, axis=0)
    values = np.arange(60.0) % 2
    found = associate(values, kind, hits, one_group(60))
    assert np.isnan([found.effect, found.lower, found.upper]).all()
    assert found.p_value.tolist() == [1, 1]


def test_groups_of_one_sequence_tell_nothing():
    hits, values = np.array([[True], [False]] * 30), np.array([1.0, 0.0] * 30)
    for kind in ("binary", "continuous"):
        assert associate(values, kind, hits, Groups(np.arange(60))).p_value[0] == 1


@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_p_values_are_uniform_and_intervals_cover_when_there_is_no_effect(kind):
    rng = np.random.default_rng(4)
    codes = np.repeat(np.arange(20), 40)
    hits = rng.random((800, 1500)) < (0.1 + 0.02 * codes)[:, None]
    values = codes * 0.3 + rng.normal(size=800)
    if kind == "binary":
        values = (rng.random(800) < 0.2 + 0.03 * codes).astype(float)
    found = associate(values, kind, hits, Groups(codes))
    assert kstest(found.p_value, "uniform").pvalue > 0.01
    covered = (found.lower < 0) & (found.upper > 0)
    assert 0.93 < covered.mean() < 0.97
    confounded = associate(values, kind, hits, one_group(800))
    assert (confounded.p_value < 0.05).mean() > 0.5


def test_composition_counts_known_letters():
    lengths, gc = composition(encode(["GGCA", "ANN", "NNNN", "GATT"]), DNA)
    assert lengths.tolist() == [4, 1, 0, 4]
    assert gc.tolist() == [0.75, 0, 0, 0.25]
    assert composition(encode(["GGCA"], RNA), RNA)[1].tolist() == [0.75]
    assert composition(encode(["GGCA"], PROTEIN), PROTEIN)[1].tolist() == [0]


def test_groups_hold_one_composition_where_there_are_enough_sequences():
    rng = np.random.default_rng(5)
    n_gc = rng.binomial(100, 0.5, 5000)
    codes = alike(np.full(5000, 100), n_gc / 100).codes
    typical = np.bincount(n_gc)[n_gc] >= 40
    assert typical.mean() > 0.9
    assert all(len(set(n_gc[typical & (codes == code)])) <= 1 for code in set(codes))
    assert all(len(set(codes[n_gc == count])) == 1 for count in set(n_gc))


def test_groups_of_few_sequences_are_wider_and_lengths_count():
    rng = np.random.default_rng(6)
    gc = rng.random(200)
    groups = alike(np.full(200, 50), gc)
    assert groups.sizes.tolist() == [20] * 10
    order = groups.codes[np.argsort(gc)]
    assert (np.diff(order) >= 0).all()
    lengths = rng.integers(50, 100, 2000)
    by_both = alike(lengths, rng.random(2000))
    assert by_both.sizes.min() >= 10
    spans = [np.ptp(lengths[by_both.codes == code]) for code in range(len(by_both.sizes))]
    assert max(spans) <= 8
    assert len(alike(np.array([5]), np.array([0.5])).sizes) == 1
