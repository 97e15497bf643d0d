"""Masks of sequences and of variants of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.attribution.scrambler.result import Masks

TOP = 10  # positions with the most bits


@dataclass(frozen=True)
class Comparison:
    """What a variant changes, pair by pair.

    Parameters
    ----------
    reference, variant
        Masks of both, of the same budget.
    table
        One row per pair: "sequence", "varied" (positions whose letter differs, from 0), "effect"
        (prediction of the variant less that of the reference, mean over readouts; logits for
        binary ones), "bits_reference" and "bits_variant" (selected at the varied positions,
        together), "gained" and "lost" (positions among the ten with the most bits in one only).
    """

    reference: Masks
    variant: Masks
    table: pd.DataFrame


def compare(reference: Masks, variant: Masks) -> Comparison:
    """Compare masks row by row.

    Raises
    ------
    InputError
        If they are not as many.
    """
    if len(reference) != len(variant):
        raise _check.InputError(
            f"`variant` has {len(variant)} sequences, `reference` {len(reference)}; expected one "
            "variant for each."
        )
    rows = [_row(reference, variant, number) for number in range(len(reference))]
    return Comparison(reference, variant, pd.DataFrame(rows))


def _row(reference: Masks, variant: Masks, number: int) -> dict[str, object]:
    varied = np.flatnonzero(reference.letters[number] != variant.letters[number])
    before, after = reference.bits[number], variant.bits[number]
    top_before, top_after = _top(before), _top(after)
    effect = variant.prediction[number] - reference.prediction[number]
    return {
        "sequence": reference.names[number],
        "varied": varied.tolist(),
        "effect": float(effect.mean()),
        "bits_reference": float(before[varied].sum()),
        "bits_variant": float(after[varied].sum()),
        "gained": sorted(top_after - top_before),
        "lost": sorted(top_before - top_after),
    }


def _top(bits: npt.NDArray[np.float32]) -> set[int]:
    return set(np.argsort(-bits, kind="stable")[:TOP].tolist())
