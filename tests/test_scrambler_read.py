"""What a trained scrambler says of sequences, where the answer is a planted word."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scrambler_example import BITS, LENGTH, finder, planted, trained
from toys import book

import motifbook as mb


def top(importance, k=6):
    return np.sort(np.argsort(-importance, axis=1)[:, :k], axis=1)


def test_the_word_that_the_network_looks_for_is_found_in_new_sequences():
    adata, places = planted(40, seed=2)
    found = np.take_along_axis(places[:, 0], top(trained().importance(adata)), axis=1)
    assert found.mean() > 0.9


@pytest.mark.parametrize("bits", [0.05, 0.3, 1.0])
def test_one_network_meets_every_budget(bits):
    masks = trained().explain(planted(8, seed=2)[0], bits=bits, n_draws=2)
    np.testing.assert_allclose(masks.budget, bits, rtol=1e-3)
    np.testing.assert_allclose(masks.bits.mean(axis=1), bits, rtol=1e-3)


def test_a_share_of_the_letters_is_a_budget_too():
    importance = trained().importance(planted(8, seed=2)[0], bits="5%")
    np.testing.assert_allclose(importance.mean(axis=1), 0.05, rtol=1e-3)


def test_without_sequences_it_reads_those_of_its_training():
    training, _ = planted(150, seed=1)
    np.testing.assert_array_equal(trained().importance(), trained().importance(training))


def test_sequences_do_not_see_each_other():
    adata, _ = planted(9, seed=2)
    few = trained().importance(adata[3:5], bits=BITS)
    np.testing.assert_allclose(few, trained().importance(adata, bits=BITS)[3:5], atol=1e-5)


def test_unknown_letters_are_never_selected():
    sequence = planted(1, seed=2)[0].obs["sequence"].iloc[0]
    masks = trained().explain(book(["NNN" + sequence[3:]]), bits=BITS, n_draws=2)
    assert (masks.importance[0, :3] == 0).all()
    assert (masks.relaxed[0, :, :3] == 0).all()
    np.testing.assert_allclose(masks.bits[0, 3:].mean(), BITS, rtol=1e-3)


def test_an_attribution_is_the_bits_at_the_letters():
    adata, _ = planted(8, seed=2)
    attribution = trained().attribute(adata, bits=BITS)
    np.testing.assert_allclose(attribution.sum(axis=(1, 2)), BITS * LENGTH, rtol=1e-3)
    np.testing.assert_allclose(attribution, trained().explain(adata, bits=BITS).attribution())
    assert ((attribution > 0).sum(axis=1) <= 1).all()
    assert attribution.cost["seconds"] > 0


def test_relaxed_columns_are_mixtures_of_letter_and_background():
    adata, _ = planted(8, seed=2)
    scrambler = trained()
    relaxed, keep = scrambler.relaxed(adata, bits=BITS), scrambler.importance(adata, bits=BITS)
    np.testing.assert_allclose(relaxed.sum(axis=1), 1, rtol=1e-5)
    background = scrambler.rule.background.probabilities
    code = "ACGT".index(adata.obs["sequence"].iloc[0][7])
    expected = keep[0, 7] + (1 - keep[0, 7]) * background[code, 7]
    np.testing.assert_allclose(relaxed[0, code, 7], expected, rtol=1e-5)


def test_draws_follow_the_relaxed_columns():
    adata, _ = planted(2, seed=2)
    drawn = trained().sample(adata, n_draws=4000, bits=BITS, seed=3)
    shares = np.stack([(drawn == code).mean(axis=1) for code in range(4)], axis=1)
    np.testing.assert_allclose(shares, trained().relaxed(adata, bits=BITS), atol=0.05)


def test_draws_come_from_the_seed():
    adata, _ = planted(4, seed=2)
    first, again, other = (trained().sample(adata, bits=BITS, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_selected_letters_hold_the_prediction_and_others_do_not():
    adata, _ = planted(40, seed=2)
    masks = trained().explain(adata, bits=2 * BITS, seed=0)
    assert np.median(masks.gain) > 0.9
    assert masks.table()["sequence"].tolist() == adata.obs_names.tolist()


def test_the_network_stays_as_it_was():
    model = trained().model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    trained().explain(planted(3, seed=2)[0], bits=BITS, n_draws=2)
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_with_one_budget_for_the_data_set_sequences_without_the_word_get_little():
    scrambler = trained(BITS, scope="data set")
    found, _ = planted(30, seed=2)
    rng = np.random.default_rng(0)
    empty = book(["".join(row) for row in rng.choice(list("CT"), (30, LENGTH))])
    with_word = scrambler.explain(found, n_draws=2).budget.mean()
    without = scrambler.explain(empty, n_draws=2).budget.mean()
    assert without < with_word / 2


def test_a_summary_says_what_letters_hold_and_what_random_ones_do():
    text = trained().summary(planted(20, seed=2)[0], bits=2 * BITS)
    assert "random letters of the same bits" in text
    assert "bound 0.98 becomes" in text


def test_sequences_of_another_length_are_refused():
    with pytest.raises(mb.InputError, match=r"have 20 letters; expected 50"):
        trained().compare(["ACGT" * 5], ["ACGT" * 5])


def test_a_budget_above_the_ceiling_is_refused():
    with pytest.raises(mb.InputError, match=r"`bits` is 2.5; expected less than"):
        trained().importance(bits=2.5)


def test_a_scrambler_for_one_budget_reads_with_it():
    masks = trained(BITS).explain(planted(4, seed=2)[0], n_draws=2)
    np.testing.assert_allclose(masks.budget, BITS, rtol=1e-3)
    assert trained(BITS).usual_bits == BITS


def test_exclusion_takes_the_letters_without_which_the_prediction_is_lost():
    adata, places = planted(150, seed=1)
    options = mb.ScramblerOptions(n_steps=100, n_rows=16)
    scrambler = mb.fit_scrambler(
        finder(), adata, mode="exclusion", bits=BITS, options=options, seed=0, progress=False
    )
    masks = scrambler.explain(adata[:30])
    assert np.median(masks.gain) > 0.5
    inside = masks.importance[places[:30, 0]].mean()
    assert inside > 3 * masks.importance[~places[:30, 0]].mean()


def test_letters_that_lower_a_prediction_come_with_a_warning():
    adata, _ = planted(40, seed=1)
    options = mb.ScramblerOptions(n_steps=2, n_rows=8)
    settings = {"bits": BITS, "options": options, "seed": 0, "progress": False}
    for mode, is_told in (("exclusion", True), ("inclusion", False)):
        scrambler = mb.fit_scrambler(finder(), adata, mode=mode, **settings)
        said = " ".join(scrambler.attribute(adata[:2]).notes)
        assert ("can hold artefacts" in said) is is_told
