"""What masks are judged by: divergences and losses by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motifbook import InputError
from motifbook.attribution.scrambler.budgets import asked_budget
from motifbook.attribution.scrambler.objective import make_objective
from motifbook.attribution.scrambler.options import ScramblerOptions

LOGITS = np.array([[2.0], [-1.0], [0.5]], np.float32)


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def two_coins(p: float, q: float) -> float:
    return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))


def test_binary_readouts_are_compared_by_relative_entropy():
    reference, drawn = torch.tensor([[logit(0.9)]]), torch.tensor([[[logit(0.6)], [logit(0.2)]]])
    expected = (two_coins(0.9, 0.6) + two_coins(0.9, 0.2)) / 2
    made = make_objective("inclusion", "auto", ["binary"], LOGITS)
    assert float(made.divergence(reference, drawn)) == pytest.approx(expected, rel=1e-4)
    both = expected + (two_coins(0.6, 0.9) + two_coins(0.2, 0.9)) / 2
    made = make_objective("inclusion", "symmetric", ["binary"], LOGITS)
    assert float(made.divergence(reference, drawn)) == pytest.approx(both, rel=1e-4)


def test_confident_logits_give_no_infinity():
    made = make_objective("inclusion", "auto", ["binary"], LOGITS)
    value = made.divergence(torch.tensor([[80.0], [-80.0]]), torch.tensor([[[-80.0]], [[80.0]]]))
    torch.testing.assert_close(value, torch.tensor([80.0, 80.0]))


def test_continuous_readouts_are_compared_in_variances_of_the_reference():
    reference = np.array([[1.0], [3.0]], np.float32)  # variance 1
    for factor in (1.0, 10.0):  # units do not matter
        made = make_objective("inclusion", "auto", ["continuous"], factor * reference)
        drawn = factor * torch.tensor([[[2.0], [4.0]]])
        assert float(made.divergence(factor * torch.tensor([[1.0]]), drawn)) == pytest.approx(5.0)


def test_readouts_of_both_kinds_are_averaged():
    made = make_objective(
        "inclusion", "auto", ["binary", "continuous"], np.array([[0, 1], [0, 3]], np.float32)
    )
    reference, drawn = torch.tensor([[logit(0.9), 1.0]]), torch.tensor([[[logit(0.6), 2.0]]])
    expected = (two_coins(0.9, 0.6) + 1.0) / 2
    assert float(made.divergence(reference, drawn)) == pytest.approx(expected, rel=1e-4)


def test_classes_and_profiles_are_compared_as_distributions():
    p, q = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.3, 0.3, 0.4])
    expected = float((p * (p / q).log()).sum())
    kinds, some = ["continuous"] * 3, np.zeros((2, 3), np.float32)
    made = make_objective("inclusion", "softmax", kinds, some)
    shifted = made.divergence(p.log()[None] + 5, q.log()[None, None] - 2)
    assert float(shifted) == pytest.approx(expected, rel=1e-5)
    made = make_objective("inclusion", "profile", kinds, some)
    scaled = made.divergence(8 * p[None], 3 * q[None, None])
    assert float(scaled) == pytest.approx(expected, rel=1e-5)


def test_exclusion_is_bounded_and_counts_the_class_to_be_destroyed_alone():
    made = make_objective("exclusion", "auto", ["binary", "binary"], LOGITS.repeat(2, axis=1))
    reference = torch.tensor([[2.0, -2.0], [2.0, 2.0]])
    assert made.in_class(reference).tolist() == [[True, False], [True, True]]
    drawn = torch.tensor([[[1.0, 50.0]], [[1.0, -1.0]]])
    high, low = np.log1p(np.exp(1.0)), np.log1p(np.exp(-1.0))  # -log(1 - p)
    np.testing.assert_allclose(made.loss(reference, drawn), [high, (high + low) / 2], rtol=1e-5)
    assert (made.loss(reference, torch.full((2, 1, 2), -500.0)) == 0).all()
    assert made.concerns(torch.tensor([[-1.0, -1.0], [1.0, -1.0]])).tolist() == [False, True]
    other = make_objective("exclusion", "auto", ["binary"], LOGITS, side="low")
    assert other.concerns(torch.tensor([[-1.0], [1.0]])).tolist() == [True, False]


def test_exclusion_of_continuous_readouts_pushes_them_out_of_their_half():
    made = make_objective("exclusion", "auto", ["continuous"], np.array([[0.0], [4.0]], np.float32))
    reference = torch.tensor([[4.0]])  # middle 2, deviation 2
    stays, falls = (made.loss(reference, torch.tensor([[[value]]])) for value in (4.0, 0.0))
    assert float(stays) == pytest.approx(0.5)
    assert float(falls) == pytest.approx(1 / (1 + np.exp(2.0)))


def test_enhance_and_repress_want_readouts_high_and_low():
    enhance = make_objective("enhance", "auto", ["binary"], LOGITS)
    repress = make_objective("repress", "auto", ["binary"], LOGITS)
    low, high = torch.tensor([[[-3.0]]]), torch.tensor([[[3.0]]])
    anything = torch.tensor([[0.0]])
    assert enhance.loss(anything, high) < enhance.loss(anything, low)
    torch.testing.assert_close(repress.loss(anything, low), enhance.loss(anything, high))


def test_a_function_of_yours_is_the_loss():
    made = make_objective(
        "inclusion", lambda reference, drawn: -drawn.mean(dim=(1, 2)), ["continuous"], LOGITS
    )
    assert float(made.loss(torch.zeros(1, 1), torch.full((1, 4, 1), 3.0))) == -3.0
    for wrong, sentence in (
        (lambda reference, drawn: drawn.mean(), r"expected \(2,\), one value per sequence"),
        (lambda reference, drawn: drawn.mean(dim=(1, 2)) / 0, "made NaN or infinity"),
    ):
        made = make_objective("inclusion", wrong, ["continuous"], LOGITS)
        with pytest.raises(InputError, match=sentence):
            made.loss(torch.zeros(2, 1), torch.ones(2, 4, 1))


def test_what_does_not_go_together_is_refused():
    with pytest.raises(InputError, match='`divergence` is "kl" for continuous readouts'):
        make_objective("inclusion", "kl", ["continuous"], LOGITS)
    with pytest.raises(InputError, match='`divergence` is "softmax" for one readout'):
        make_objective("inclusion", "softmax", ["continuous"], LOGITS)
    with pytest.raises(InputError, match=r"'softmax' with `mode=.enhance.`"):
        make_objective("enhance", "softmax", ["continuous"] * 2, LOGITS.repeat(2, axis=1))
    with pytest.raises(InputError, match="`mode` is 'keep'; expected one of 'inclusion'"):
        make_objective("keep", "auto", ["binary"], LOGITS)


def test_budgets_in_bits_in_letters_and_all_of_them():
    options = ScramblerOptions()
    assert asked_budget(0.25, 2.0, options).goal == 0.25
    share = asked_budget("5%", 2.0, options)
    assert (share.counts, share.goal, share.ceiling) == ("letters", 0.05, 1.0)
    generator = torch.Generator().manual_seed(0)
    falling = [float(share.at(p, options, 1, generator)) for p in (0, 0.3, 0.6, 1)]
    np.testing.assert_allclose(falling, [0.8, 0.2, 0.05, 0.05], rtol=1e-5)
    every = asked_budget(None, 2.0, options)
    drawn = every.at(1.0, options, 1000, generator)
    assert every.goal is None
    assert 0.999 * every.lowest < float(drawn.min()) < 2 * every.lowest
    assert drawn.max() <= every.start


@pytest.mark.parametrize(
    ("bits", "sentence"),
    [
        (2.5, r"less than 1\.9 bits per position, the ceiling.*`bits=0\.19`, is usual"),
        ("120%", r'less than 1 of the letters per position.*`bits="10%"`'),
        (0, "expected bits per position.*above 0"),
        ("much", "`bits` is 'much'; expected bits per position, such as 0.2, a share"),
        ("x%", "expected bits per position"),
        (True, "`bits` is True; expected bits"),
    ],
)
def test_budgets_that_masks_cannot_have_are_refused(bits, sentence):
    with pytest.raises(InputError, match=sentence):
        asked_budget(bits, 1.9, ScramblerOptions())


def test_a_penalty_needs_one_budget():
    with pytest.raises(InputError, match='`bits` is None with `budget_form="target"`'):
        asked_budget(None, 2.0, ScramblerOptions(budget_form="target"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sampling": "st"}, "`sampling` is 'st'; expected one of 'gate'"),
        ({"reads": ("label",)}, "`reads` is 'label'; expected one of 'measured', 'extra'"),
        ({"network": {"channels": 8}}, "`network` is 'channels'; expected one of 'width'"),
        ({"divergence": None}, "`divergence` is None; expected one of 'auto', 'kl'"),
        ({"watch": 3}, "`watch` is 3; expected a function"),
        ({"n_steps": 0}, "`n_steps` is 0; expected a whole number, 1 or more"),
        ({"fall": 2}, "`fall` is 2; expected a number between 0 and 1"),
    ],
)
def test_settings_are_checked(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        ScramblerOptions(**settings)
