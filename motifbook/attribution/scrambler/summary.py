"""Masks in words."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from motifbook.attribution.scrambler.result import FloatArray, Masks

CONFIRM = (
    "Masks that lower a prediction are noisy: they can hold artefacts of the network, and miss "
    "letters that are known to lower it. See what it predicts then, "
    "`scrambler.explain(adata).table()`, and ask a second network."
)
_FEW = 3  # sequences below which nothing is said of a median


def describe(masks: Masks, random: Masks, kinds: list[str]) -> str:
    """Say how much of the prediction the letters hold, with the same masks elsewhere beside it.

    Parameters
    ----------
    masks
        Of some sequences.
    random
        Masks of the same bits at random positions.
    kinds
        "binary" or "continuous", of each readout.
    """
    selected = float(masks.importance.sum(axis=1).mean())
    share = selected / masks.importance.shape[1]
    text = (
        f"{selected:.1f} of the letters of a sequence ({share:.0%}, {masks.bits.mean():.2g} bits "
        f"per position) are selected, on average over {len(masks)} sequences."
    )
    return " ".join([text, _gains(masks, random), _predictions(masks, kinds)])


def _gains(masks: Masks, random: Masks) -> str:
    own, other = (one.gain[~np.isnan(one.gain)] for one in (masks, random))
    if len(own) < _FEW:
        return "They are predicted like the background, so there is nothing to explain."
    numbers = f"{_share(own)} (median of {len(own)} sequences that differ from the background)"
    randomly = f"random letters of the same bits {_share(other)}"
    if masks.mode == "exclusion":
        return f"Without them {numbers} of the prediction is lost; without {randomly}."
    verb = {"inclusion": "hold", "enhance": "reach", "repress": "bring down"}[masks.mode]
    what = "of the excess over the prediction" if masks.mode == "repress" else "of the prediction"
    return f"They {verb} {numbers} {what}; {randomly}."


def _share(gain: FloatArray) -> str:
    return f"{max(0.0, float(np.median(gain))):.0%}"


def _predictions(masks: Masks, kinds: list[str]) -> str:
    """What the network says of whole sequences and of draws, by readout."""
    parts = []
    for number, (name, kind) in enumerate(zip(masks.readouts, kinds)):
        before, after = masks.prediction[:, number], masks.drawn[:, :, number]
        if kind == "binary":
            before, after = _probability(before), _probability(after)
        parts.append(f"{name} {before.mean():.2f} becomes {after.mean():.2f}")
    return f"Mean predictions: {', '.join(parts)}."


def _probability(logit: FloatArray) -> FloatArray:
    probability: FloatArray = expit(logit)
    return probability
