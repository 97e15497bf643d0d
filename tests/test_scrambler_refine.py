"""Masks optimized for each sequence, after the network and without it."""

from __future__ import annotations

import numpy as np
import pytest
from scrambler_example import BITS, finder, planted, trained

import motifbook as mb
from motifbook.attribution.scrambler import per_sequence


def test_no_steps_leave_the_mask_of_the_network():
    adata, _ = planted(5, seed=2)
    refined = trained().refine(adata, bits=BITS, n_steps=0, progress=False)
    importance = trained().importance(adata, bits=BITS)
    np.testing.assert_allclose(refined.importance, importance, atol=1e-5)


def test_refined_masks_do_better_at_the_same_bits():
    adata, _ = planted(20, seed=2)
    before = trained().explain(adata, bits=BITS)
    after = trained().refine(adata, bits=BITS, progress=False)
    np.testing.assert_allclose(after.budget, before.budget, rtol=1e-3)
    assert after.distortion.mean() < before.distortion.mean()


def test_removing_only_lets_no_letter_in():
    adata, _ = planted(10, seed=2)
    left_out = trained().importance(adata, bits=BITS) < 0.05
    refined = trained().refine(adata, bits=BITS, n_steps=10, remove_only=True, progress=False)
    assert left_out.any()
    assert (refined.importance[left_out] == 0).all()
    np.testing.assert_allclose(refined.budget, BITS, rtol=1e-3)


def test_without_a_network_the_word_is_found_as_well():
    adata, places = planted(20, seed=2)
    masks = trained().optimize(adata, bits=BITS, progress=False)
    assert masks.importance[places[:, 0]].mean() > 0.8
    assert np.median(masks.gain) > 0.8


def test_masks_come_from_the_seed():
    adata, _ = planted(4, seed=2)
    first, again, other = (
        trained().optimize(adata, bits=BITS, n_steps=10, seed=seed, progress=False).importance
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_fraction_of_a_step_is_refused():
    with pytest.raises(mb.InputError, match=r"`n_steps` is 1.5; expected a whole number"):
        trained().refine(n_steps=1.5)
    with pytest.raises(mb.InputError, match=r"`n_steps` is 0; expected a whole number, 1 or more"):
        mb.optimize_masks(finder(), planted(2)[0], n_steps=0)


def test_masks_of_single_sequences_need_no_training():
    adata, places = planted(10, seed=2)
    masks = mb.optimize_masks(
        finder(), adata, bits=BITS, background="uniform", seed=0, progress=False
    )
    assert masks.importance[places[:, 0]].mean() > 0.8
    assert np.median(masks.gain) > 0.8
    assert masks.names == adata.obs_names.tolist()


def test_masks_that_exclude_make_the_prediction_fall():
    adata, places = planted(10, seed=2)
    masks = mb.optimize_masks(finder(), adata, mode="exclusion", bits="10%", seed=0, progress=False)
    np.testing.assert_allclose(masks.importance.mean(axis=1), 0.1, rtol=1e-3)
    assert masks.importance[places[:, 0]].mean() > 0.5
    assert np.median(masks.gain) > 0.5


def test_interrupting_keeps_the_masks_that_are_done(monkeypatch):
    scrambler, (adata, _) = trained(), planted(100, seed=2)
    whole = scrambler.refine(adata, bits=BITS, n_steps=2, seed=0, progress=False)
    descend = per_sequence._descend

    def interrupted(reader, part, *rest):
        if part.start:
            raise KeyboardInterrupt
        return descend(reader, part, *rest)

    monkeypatch.setattr(per_sequence, "_descend", interrupted)
    with pytest.warns(UserWarning, match="Interrupted: masks of sequences 64 to 99 are as they"):
        kept = scrambler.refine(adata, bits=BITS, n_steps=2, seed=0, progress=False)
    np.testing.assert_allclose(kept.importance[:64], whole.importance[:64], atol=1e-6)
    begun = scrambler.importance(adata, bits=BITS)
    np.testing.assert_allclose(kept.importance[64:], begun[64:], atol=1e-5)
