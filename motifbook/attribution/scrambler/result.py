"""What a scrambler says of sequences: plain values, for figures and tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Masks:
    """One mask per sequence, and what the network predicts of what it leaves.

    Parameters
    ----------
    mode
        "inclusion", "exclusion", "enhance" or "repress".
    importance : (n, length)
        Probability with which the mask selects each letter: keeps it, in "exclusion" removes it.
    bits : (n, length)
        What that selects at each position.
    relaxed : (n, n_letters, length)
        The columns that the mask leaves.
    budget : (n,)
        Mean bits selected per position where the mask decides.
    readouts
        Names.
    prediction : (n, n_readouts)
        Of the sequences as they are; logits for binary readouts.
    drawn : (n, n_draws, n_readouts)
        Of sequences drawn from the mask.
    distortion : (n,)
        Mean divergence of the draws from the prediction.
    empty : (n,)
        The same for sequences of which nothing is selected.
    """

    mode: str
    importance: FloatArray
    bits: FloatArray
    relaxed: FloatArray
    budget: FloatArray
    readouts: list[str]
    prediction: FloatArray
    drawn: FloatArray
    distortion: FloatArray
    empty: FloatArray

    @property
    def gain(self) -> FloatArray:
        """Share of the divergence that the selected letters make good, (n,): 1 all, 0 nothing.

        NaN where the prediction is that of the background anyway. For "exclusion", the share of
        the prediction that is lost without them.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Curves:
    """How well fewer and fewer bits do, sequence by sequence.

    Parameters
    ----------
    mode
        As in `Masks`.
    bits : (n_budgets,)
        Mean bits per position, rising.
    importance : (n, n_budgets, length)
        Probability of selecting each letter.
    distortion : (n, n_budgets)
        Mean divergence of draws.
    empty : (n,)
        Divergence when nothing is selected.
    readouts
        Names.
    prediction : (n, n_readouts)
        Of the sequences as they are; logits for binary readouts.
    mean, sd : (n, n_budgets, n_readouts)
        Of the predictions of draws.
    """

    mode: str
    bits: FloatArray
    importance: FloatArray
    distortion: FloatArray
    empty: FloatArray
    readouts: list[str]
    prediction: FloatArray
    mean: FloatArray
    sd: FloatArray


@dataclass(frozen=True)
class Look:
    """One look at a training in progress.

    Parameters
    ----------
    step, n_steps
        How far it is.
    losses, bits : (n_so_far,)
        Mean loss and mean bits selected since the look before, for every look until now.
    numbers : (n_watched,)
        Rows of the data that are watched.
    importance : (n_watched, length)
        Their masks now.
    """

    step: int
    n_steps: int
    losses: FloatArray
    bits: FloatArray
    numbers: npt.NDArray[np.int64]
    importance: FloatArray
