"""The score sheet: what is known beforehand of networks of words, and numbers by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from tests import toys

PLAIN = toys.quiet(6)
WORDS = toys.book([row[:10] + "GATA" + row[14:] for row in PLAIN])
TRUTH = np.zeros((6, 40), dtype=bool)
TRUTH[:, 10:14] = True
UNIFORM = {"background": "uniform", "levels": [0.1, 0.2]}


def row(sheet, method):
    return sheet.set_index("method").loc[method]


def test_the_true_letters_keep_the_prediction_and_random_ones_do_not():
    sheet = mb.fidelity(toys.words(), WORDS, {"true": TRUTH}, annotation=TRUTH, **UNIFORM)
    assert sheet["method"].tolist() == ["true", "random"]
    true, random = row(sheet, "true"), row(sheet, "random")
    how = ["readout", "divergence", "background", "n_draws"]
    assert true[how].tolist() == ["bound", "kl", "uniform", 32]
    assert true["ranked_by"] == "unsigned"
    assert true["fidelity_10%"] < 0.3 * random["fidelity_10%"]
    assert true["deletion_10%"] > random["deletion_10%"]
    assert true[["auprc", "auroc", "precision_at_k", "copy_min", "all_found"]].tolist() == [1.0] * 5
    assert random["auprc"] < 0.5
    assert true["auprc_base"] == pytest.approx(0.1)
    assert np.isnan(true["seconds"])


def test_all_letters_leave_nothing_to_lose():
    table = mb.fidelity_table(toys.words(), WORDS, {"true": TRUTH}, levels=[1.0])
    assert (table["kept_fraction"] == 1).all()
    assert table["fidelity"].abs().max() < 1e-6
    assert (table["prediction_masked_sd"] == 0).all()
    np.testing.assert_allclose(table["deletion"], table["empty"], rtol=1e-5)
    assert (table["call_kept"] == 1).all()


def test_every_method_keeps_as_many_letters_and_bits():
    values = {"true": TRUTH, "other": np.random.default_rng(0).normal(size=(6, 40))}
    table = mb.fidelity_table(toys.words(), WORDS, values, **UNIFORM)
    np.testing.assert_allclose(table["kept_fraction"], table["level"], rtol=1e-6)
    np.testing.assert_allclose(table["budget_bits"], 2 * table["kept_fraction"], rtol=1e-5)
    assert len(table) == 3 * 6 * 2
    empty = table.pivot_table(index="sequence", columns="method", values="empty")
    np.testing.assert_array_equal(empty["true"], empty["other"])  # the same draws


def test_of_a_linear_network_what_is_lost_is_known():
    model = toys.linear(length=20)
    rng = np.random.default_rng(1)
    adata = toys.book(["".join(one) for one in rng.choice(list("ACGT"), (8, 20))])
    weight = model.network[1].weight.detach().numpy().reshape(4, 20)
    options = mb.FidelityOptions(n_draws=2000)
    table = mb.fidelity_table(
        model,
        adata,
        {"flat": np.ones((8, 20))},
        levels=[1.0],
        background="uniform",
        options=options,
    )
    code = np.array([["ACGT".index(letter) for letter in one] for one in adata.obs["sequence"]])
    change = weight[code, np.arange(20)] - weight.mean(axis=0)
    squared = change.sum(axis=1) ** 2 + weight.var(axis=0).sum()
    prediction = mb.predict(model, adata)[:, 0]
    expected = squared / prediction.var()
    rows = table[table["method"] == "flat"]
    np.testing.assert_allclose(rows["empty"], expected, rtol=0.15)
    assert set(rows["divergence"]) == {"squared"}


def test_signs_are_dropped_unless_asked_for():
    values = -TRUTH.astype(float)
    by_size = mb.fidelity(toys.words(), WORDS, {"x": values}, annotation=TRUTH, **UNIFORM)
    signed = mb.fidelity(
        toys.words(),
        WORDS,
        {"x": values},
        annotation=TRUTH,
        **UNIFORM,
        options=mb.FidelityOptions(ranked_by="signed"),
    )
    assert row(by_size, "x")["ranked_by"] == "absolute"
    assert row(by_size, "x")["auprc"] == 1
    assert row(signed, "x")["ranked_by"] == "signed"
    assert row(signed, "x")["auprc"] < 0.2


def test_cost_comes_from_the_attribution():
    values = mb.attribute(toys.words(), WORDS, "mutagenesis")
    sheet = mb.fidelity(toys.words(), WORDS, {"mutagenesis": values}, **UNIFORM)
    assert row(sheet, "mutagenesis")["n_calls"] == 6 * (1 + 3 * 40)
    assert row(sheet, "mutagenesis")["seconds"] > 0


def test_recovery_agrees_with_scikit_learn_and_counts_copies():
    from sklearn.metrics import average_precision_score, roc_auc_score

    rng = np.random.default_rng(0)
    values, truth = rng.random((6, 40)), np.zeros((6, 40), dtype=int)
    truth[:, 3:7], truth[:, 20:24] = 1, 2
    table = mb.fidelity_table(toys.words(), WORDS, {"x": values}, annotation=truth, levels=[0.1])
    rows = table[table["method"] == "x"]
    for number, found in enumerate(rows.itertuples()):
        is_true = truth[number] > 0
        assert found.auprc == pytest.approx(average_precision_score(is_true, values[number]))
        assert found.auroc == pytest.approx(roc_auc_score(is_true, values[number]))
        best = np.argsort(-values[number])[:8]
        shares = [np.isin(best, np.flatnonzero(truth[number] == one)).sum() / 4 for one in (1, 2)]
        assert (found.copy_min, found.copy_max) == (min(shares), max(shares))
        assert found.precision_at_k == pytest.approx(sum(shares) / 2)


def test_sites_count_from_the_first_letter_also_where_lengths_differ():
    adata = toys.book([PLAIN[0][:10] + "GATA" + PLAIN[0][14:], "GATA" + "C" * 32])
    sites = pd.DataFrame({"sequence": ["s0", "s1"], "start": [10, 0], "end": [14, 4]})
    values = np.zeros((2, 40))
    values[0, 10:14] = values[1, 2:6] = 1  # two letters of padding on each side of the shorter
    assert mb.logic_recovery(values, adata, sites).all()
    assert not mb.logic_recovery(values[::-1], adata, sites).any()


def test_all_copies_are_to_be_found():
    truth = np.zeros((6, 40), dtype=bool)
    truth[:, 3:6] = truth[:, 30:33] = True
    values = np.where(truth, 1.0, 0.0)
    values[0, 30:33] = 0
    values[0, 15:18] = 0.5
    assert mb.logic_recovery(values, WORDS, truth).tolist() == [False] + [True] * 5
    assert mb.logic_recovery(values, WORDS, truth, n_best=40).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attributions": TRUTH}, "expected names and values"),
        ({"attributions": {"x": TRUTH[:, 1:]}}, r"has shape \(6, 39\)"),
        ({"attributions": {"x": np.full((6, 40), np.nan)}}, "has NaN"),
        ({"levels": [0, 0.5]}, "expected shares of the letters"),
        ({"options": {"n_draws": 3}}, "FidelityOptions"),
        ({"annotation": TRUTH[:3]}, "`annotation` has shape"),
        ({"annotation": TRUTH.astype(float)}, "`annotation` holds float64"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    given = {"attributions": {"x": TRUTH}, **change}
    with pytest.raises(mb.InputError, match=message):
        mb.fidelity(toys.words(), WORDS, **given)


def test_sites_of_other_sequences_alone_are_refused():
    adata = toys.book(["ACGT" * 5] * 4)
    sites = pd.DataFrame({"sequence": [0, 1], "start": [2, 3], "end": [5, 6]})
    with pytest.raises(mb.InputError, match=r"sites of '0' and others, none of which is a row"):
        mb.fidelity(toys.linear(20), adata, {}, annotation=sites)


def test_one_letter_is_kept_at_least():
    table = mb.fidelity_table(toys.words(), WORDS, {"true": TRUTH}, levels=[0.001])
    np.testing.assert_allclose(table["kept_fraction"], 1 / 40)
