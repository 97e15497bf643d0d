"""The table of pairs against its definition, written out as loops over all starts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from torch.testing import assert_close

from motifbook.models import pair_table
from motifbook.models.pair_reader import N_KNOTS, SIGNIFICANT, PairReader, newton
from motifbook.models.pair_table import SHORTEST, PairTable

REACH = 9


def table(n_filters: int = 3, *, both_strands: bool, n_readouts: int = 2) -> PairTable:
    made = PairTable(n_readouts, n_filters, both_strands=both_strands, reach=REACH)
    with torch.no_grad():
        made.weight.copy_(
            torch.randn(made.weight.shape, generator=torch.Generator().manual_seed(0))
        )
    made.in_use.fill_(True)
    return made


def firing(n: int, n_channels: int, n_starts: int = 25, share: float = 0.2, seed: int = 0):
    """Sparse activations, (n, n_channels, n_starts)."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.rand(n, n_channels, n_starts, generator=generator)
    return torch.where(torch.rand(z.shape, generator=generator) < share, z, 0.0)


def by_loops(made: PairTable, z: torch.Tensor) -> torch.Tensor:
    weights, total = made.table(), torch.zeros(len(z), made.n_readouts)
    for first in range(made.n_channels):
        for second in range(made.n_channels):
            for d in range(SHORTEST, made.reach + 1):
                together = (z[:, first, :-d] * z[:, second, d:]).sum(dim=1)
                total += weights[:, first, second, d - SHORTEST] * together[:, None]
    return total


@pytest.mark.parametrize("both_strands", [True, False])
def test_pairs_are_the_sum_over_all_starts_and_distances(both_strands):
    made = table(both_strands=both_strands)
    z = firing(5, made.n_channels)
    assert_close(made(z), by_loops(made, z), rtol=1e-4, atol=1e-5)


def test_pairs_of_filters_out_of_use_do_not_count():
    made = table(both_strands=True)
    made.in_use[1] = False
    z = firing(5, made.n_channels)
    assert made.table()[:, [1, 4]].abs().max() == 0 == made.table()[:, :, [1, 4]].abs().max()
    assert_close(made(z), by_loops(made, z), rtol=1e-4, atol=1e-5)
    silent = z.clone()
    silent[:, [1, 4]] = 0
    assert_close(made(silent), made(z))


def test_a_pair_and_its_mirror_image_weigh_the_same():
    made = table(both_strands=True)
    weights, F = made.table(), made.n_filters
    for c in range(2 * F):
        for other in range(2 * F):
            mirrored = weights[:, (other + F) % (2 * F), (c + F) % (2 * F)]
            assert_close(weights[:, c, other], mirrored)
    z = firing(5, 2 * F)
    turned = torch.roll(z, F, dims=1).flip(2)  # the other strand, read from its own start
    assert_close(made(turned), made(z), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("both_strands", [True, False])
def test_nothing_firing_adds_nothing(both_strands):
    made = table(both_strands=both_strands)
    assert_close(made(torch.zeros(3, made.n_channels, 25)), torch.zeros(3, 2))


def test_a_single_firing_is_no_pair():
    made = table(both_strands=True)
    z = torch.zeros(3, made.n_channels, 25)
    z[1, 2, 7] = 1
    assert_close(made(z), torch.zeros(3, 2))


def test_rows_without_pairs_stand_beside_rows_with_pairs():
    made = table(both_strands=True)
    z = torch.zeros(4, made.n_channels, 25)
    z[1, 0, 3], z[1, 2, 3 + 6] = 1.0, 0.5
    expected = torch.zeros(4, 2)
    expected[1] = 0.5 * made.table()[:, 0, 2, 6 - SHORTEST]
    assert_close(made(z), expected)


@pytest.mark.parametrize(("distance", "counts"), [(3, 0), (4, 1), (REACH, 1), (REACH + 1, 0)])
def test_distances_run_from_four_to_reach(distance, counts):
    made = table(both_strands=False)
    z = torch.zeros(1, 3, 25)
    z[0, 0, 2] = z[0, 1, 2 + distance] = 1
    assert (made(z).abs() > 0).sum() == 2 * counts


def test_the_end_of_one_row_and_the_start_of_the_next_are_no_pair():
    made = table(both_strands=False)
    z = torch.zeros(2, 3, 25)
    z[0, 0, 24] = z[1, 1, 3] = 1
    assert made(z).abs().max() == 0


def test_gradients_of_the_table_are_those_of_the_sum():
    made, z = table(both_strands=True), firing(4, 6)
    z.requires_grad_(True)
    (made(z) ** 2).sum().backward()
    ours = made.weight.grad.clone(), z.grad.clone()
    made.weight.grad, z.grad = None, None
    (by_loops(made, z) ** 2).sum().backward()
    assert_close(ours[0], made.weight.grad, rtol=1e-3, atol=1e-4)
    fired = z > 0  # what does not fire gets no gradient: the sum runs over firings
    assert_close(ours[1][fired], z.grad[fired], rtol=1e-3, atol=1e-4)


def planted(seed: int, *, effect: float):
    """Three filters; filter 0 followed by filter 2 after 6 letters adds `effect`."""
    z = firing(2000, 6, n_starts=60, share=0.02, seed=seed).bool().float()
    together = (z[:, 0, :-6] * z[:, 2, 6:]).sum(dim=1)
    noise = torch.randn(len(z), generator=torch.Generator().manual_seed(seed + 100))
    residual = effect * (together - together.mean()) + noise
    return z, residual[:, None]


def score_test(made, z, residual):
    return made.score_test(z.split(64), residual)


def test_the_score_test_finds_a_planted_pair_and_nothing_else():
    made = table(both_strands=True)
    strongest = score_test(made, *planted(0, effect=3.0))
    assert_close(strongest, strongest.t())
    assert strongest[0, 2] > SIGNIFICANT
    strongest[0, 2] = strongest[2, 0] = 0
    assert strongest.max() < SIGNIFICANT


@pytest.mark.parametrize("seed", range(5))
def test_the_score_test_finds_nothing_in_noise(seed):
    assert score_test(table(both_strands=True), *planted(seed, effect=0.0)).max() < SIGNIFICANT


def test_scores_are_sums_over_their_standard_errors():
    z, residual = planted(1, effect=1.0)
    z, made = z[:, :3], table(both_strands=False)
    centered = residual[:, 0] - residual.mean()
    expected = torch.zeros(3, 3)
    for first in range(3):
        for second in range(3):
            for d in range(SHORTEST, REACH + 1):
                # single firings of each pair are independent: their squares are summed one by one
                pairs = z[:, first, :-d] * z[:, second, d:] * centered[:, None]
                score = pairs.sum().abs() / (pairs**2).sum().sqrt()
                expected[first, second] = max(expected[first, second], score)
    assert_close(score_test(made, z, residual), torch.maximum(expected, expected.t()))


def test_filters_that_fire_everywhere_are_scored_a_few_rows_at_a_time(monkeypatch):
    z, residual = planted(0, effect=3.0)
    made = table(both_strands=True)
    whole, listed = made.score_test([z], residual), []
    monkeypatch.setattr(pair_table, "PAIRS_AT_ONCE", 50)
    pairs = made.pairs
    monkeypatch.setattr(made, "pairs", lambda z: listed.append(pairs(z)) or listed[-1])
    assert_close(made.score_test([z], residual), whole, rtol=0, atol=0)
    assert sum(len(found[0]) for found in listed) == len(pairs(z)[0])
    assert max(len(found[0]) for found in listed) < 200


def test_pairs_seen_less_than_twenty_times_are_not_judged():
    z, residual = planted(0, effect=3.0)
    z, residual = z[:50].clone(), residual[:50]
    assert (z[:, 0, :-6] * z[:, 2, 6:]).sum() < 20
    assert score_test(table(both_strands=True), z, residual)[0, 2] == 0


def test_rows_without_a_measurement_count_nothing_in_the_score_test():
    made, (z, residual) = table(both_strands=True), planted(0, effect=3.0)
    gaps = torch.cat([residual, residual + 0.5], dim=1)
    gaps[::3, 0] = gaps[1::3, 1] = torch.nan
    alone = [score_test(made, z[rows], residual[rows]) for rows in (~gaps.isnan()).t().unbind()]
    both = score_test(table(both_strands=True, n_readouts=2), z, gaps)
    assert_close(both, torch.maximum(*alone))


def test_a_readout_that_the_first_rows_lack_starts_at_zero():
    reader = PairReader(2, 3, both_strands=False, reach=REACH)
    readout = torch.stack([torch.rand(50), torch.full((50,), torch.nan)], dim=1)
    with torch.no_grad():
        residual = reader.start(reader.features(firing(50, 3, n_starts=40, share=0.1)), readout)
    assert residual[:, 1].isnan().all()
    assert reader.slope[1].abs().max() == reader.constant[1] == 0
    assert reader.slope[0].abs().max() > 0


def test_only_filters_of_significant_pairs_enter_the_table():
    reader = PairReader(1, 3, both_strands=True, reach=REACH)
    z, residual = planted(0, effect=3.0)
    reader.open_pairs(z.split(64), residual, most=10)
    assert reader.pairs.in_use.tolist() == [True, False, True]
    noise = torch.randn(len(z), 1, generator=torch.Generator().manual_seed(5))
    reader.open_pairs(z.split(64), noise, most=10)
    assert not reader.pairs.in_use.any()


def test_a_reader_without_pairs_is_a_sum_of_curves():
    reader = PairReader(2, 3, both_strands=True, reach=REACH)
    with torch.no_grad():
        for parameter in (reader.slope, reader.sites, reader.bends, reader.constant):
            parameter.copy_(
                torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2))
            )
    one_site_each = torch.zeros(3, 6, 25)
    strength = torch.tensor([0.2, 0.55, 1.0])
    for f in range(3):
        one_site_each[f, f, 10] = strength[f]
    curves = reader.response(strength)  # (n_readouts, n_filters, n_points)
    expected = torch.stack([curves[:, f, f] for f in range(3)]) + reader.constant
    assert_close(reader(one_site_each), expected)


def test_steps_climb_one_after_the_other():
    steps = PairReader.steps(torch.tensor([0.0, 0.25, 1.0, 1.4]))
    assert steps.shape == (4, N_KNOTS)
    assert_close(steps.sum(dim=1) / N_KNOTS, torch.tensor([0.0, 0.25, 1.0, 1.0]))


def regression_data(n: int = 400):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    signal = x @ [2.0, -1.0, 0.5, 0.0] + 0.7
    with_one = torch.as_tensor(np.column_stack([x, np.ones(n)]))
    return x, signal, with_one, rng


def test_the_logistic_start_is_that_of_scikit_learn():
    x, signal, with_one, rng = regression_data()
    y = (rng.random(len(x)) < 1 / (1 + np.exp(-signal))).astype(float)
    weight, expected = newton(with_one, torch.as_tensor(y))
    ridge = 1e-2 * len(x) ** 0.5
    referee = LogisticRegression(C=1 / ridge, tol=1e-10, max_iter=1000).fit(x, y)
    np.testing.assert_allclose(weight[:-1], referee.coef_[0], rtol=1e-4)
    np.testing.assert_allclose(weight[-1], referee.intercept_[0], rtol=1e-4)
    np.testing.assert_allclose(expected, referee.predict_proba(x)[:, 1], rtol=1e-4)


def test_the_linear_start_is_that_of_scikit_learn():
    x, signal, with_one, rng = regression_data()
    y = signal + rng.normal(size=len(x))
    weight, expected = newton(with_one, torch.as_tensor(y))
    referee = Ridge(alpha=1e-2 * len(x) ** 0.5).fit(x, y)
    np.testing.assert_allclose(weight[:-1], referee.coef_, rtol=1e-4)
    np.testing.assert_allclose(expected, referee.predict(x), rtol=1e-4)


def test_the_start_stays_finite_where_classes_can_be_told_apart_perfectly():
    _x, signal, with_one, _rng = regression_data()
    weight, expected = newton(with_one, torch.as_tensor((signal > 0).astype(float)))
    assert torch.isfinite(weight).all()
    assert ((expected > 0.5).numpy() == (signal > 0)).mean() > 0.99


def test_the_start_explains_each_readout_where_it_was_measured():
    reader = PairReader(2, 3, both_strands=False, reach=REACH)
    z = firing(500, 3, n_starts=40, share=0.03)
    best = z.amax(dim=2)
    readout = torch.stack([3 * best[:, 0] - best[:, 1], 0 * best[:, 0]], dim=1)
    readout[:100, 0] = torch.nan
    readout[100:, 1] = (best[100:, 2] > 0.5).float()
    readout[:100, 1] = torch.nan
    with torch.no_grad():
        residual = reader.start(reader.features(z), readout)
        prediction = reader(z)
    assert residual[:100].isnan().all()
    assert_close(readout[100:, 0] - prediction[100:, 0], residual[100:, 0], rtol=1e-3, atol=1e-4)
    assert residual[100:, 0].abs().max() < 0.2
    probability = torch.sigmoid(prediction[100:, 1])
    assert_close(readout[100:, 1] - probability, residual[100:, 1], rtol=1e-3, atol=1e-4)
    assert ((probability > 0.5) == (readout[100:, 1] > 0.5)).float().mean() > 0.95


def test_filters_that_fire_everywhere_are_tested_by_their_spectra(monkeypatch):
    """As before training, or in data where nothing is to be found; with gaps, one filter unused."""
    generator = torch.Generator().manual_seed(0)
    z = 4 * (torch.rand(60, 12, 70, generator=generator) - 0.5).relu()
    residual = torch.randn(60, 2, generator=generator)
    residual[5, 1] = torch.nan
    made = table(both_strands=True, n_readouts=2, n_filters=6)
    made.in_use[2] = False
    dense = score_test(made, z, residual)
    monkeypatch.setattr(pair_table, "DENSE", 1.0)
    assert_close(dense, score_test(made, z, residual))
    assert dense[2].max() == 0 < dense[0].max()


def test_spectra_of_many_filters_and_long_sequences_are_made_few_pairs_at_a_time(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    z = 4 * (torch.rand(20, 12, 70, generator=generator) - 0.5).relu()
    residual = torch.randn(20, 1, generator=generator)
    made = table(6, both_strands=True, n_readouts=1)
    at_once, whole, back = [], made.score_test([z], residual), torch.fft.irfft

    def counted(given, size):
        at_once.append(given.numel())
        return back(given, size)

    monkeypatch.setattr(torch.fft, "irfft", counted)
    monkeypatch.setattr(pair_table, "VALUES_AT_ONCE", 5000)
    assert_close(made.score_test([z], residual), whole)
    assert 2500 < max(at_once) <= 5000
