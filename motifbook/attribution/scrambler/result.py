"""What a scrambler says of sequences: plain values, for figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.attribution.letters import Attribution

FloatArray = npt.NDArray[np.float32]
LetterArray = npt.NDArray[np.uint8]
NOTHING = 0.05  # divergence from the background below which there is nothing to explain
ENOUGH = 0.9  # gain that counts as all but the whole prediction


def gain(mode: str, distortion: FloatArray, empty: FloatArray) -> FloatArray:
    """Share of the prediction that the selected letters account for; shapes broadcast.

    Parameters
    ----------
    mode
        "exclusion" asks how much is lost without the letters, the others how much is kept by them.
    distortion, empty
        As in `Masks`.

    Notes
    -----
    NaN where `empty` is below 0.05 (nats, or shares of the variance of the predictions).

    Examples
    --------
    >>> kept, nothing = np.float32([0.1, 2.0, 0.0]), np.float32([1.0, 1.0, 0.01])
    >>> gain("inclusion", kept, nothing).astype(float).round(2).tolist()
    [0.9, -1.0, nan]
    >>> gain("exclusion", kept, nothing).astype(float).round(2).tolist()
    [0.1, 2.0, nan]
    """
    whole = np.where(empty < NOTHING, np.nan, empty)
    share = distortion / whole
    result: FloatArray = (share if mode == "exclusion" else 1 - share).astype(np.float32)
    return result


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
        Mean bits selected per position where the mask decides; for budgets such as "5%", the mean
        share of letters.
    readouts
        Names.
    prediction : (n, n_readouts)
        Of the sequences as they are; logits for binary readouts.
    drawn : (n, n_draws, n_readouts)
        Of sequences drawn from the mask.
    distortion : (n,)
        Mean divergence of the draws from the prediction; in "enhance" only as far as they fall
        short of it, in "repress" only as far as they exceed it.
    empty : (n,)
        The same for sequences of which nothing is kept: the background alone.
    letters : (n, length) uint8
        Letter codes.
    names
        Of the sequences.
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
    letters: LetterArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint8))
    names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.importance)

    @property
    def gain(self) -> FloatArray:
        """Share of the prediction that the selected letters account for, (n,): 1 all, 0 nothing.

        How much of the divergence of the background they make good; for "exclusion", how much of
        it appears without them. NaN where the prediction is that of the background anyway.
        """
        return gain(self.mode, self.distortion, self.empty)

    def table(self) -> pd.DataFrame:
        """One row per sequence.

        Returns
        -------
        DataFrame
            "sequence", "budget", "letters" (how many the mask selects, the sum of their
            probabilities), "prediction" and, of draws, "drawn" with "drawn_sd" (mean over readouts
            where there are several), "distortion", "empty", "gain".
        """
        drawn = self.drawn.mean(axis=2)
        return pd.DataFrame(
            {
                "sequence": self.names or [str(number) for number in range(len(self))],
                "budget": self.budget,
                "letters": self.importance.sum(axis=1),
                "prediction": self.prediction.mean(axis=1),
                "drawn": drawn.mean(axis=1),
                "drawn_sd": drawn.std(axis=1),
                "distortion": self.distortion,
                "empty": self.empty,
                "gain": self.gain,
            }
        )

    def attribution(self) -> Attribution:
        """Bits that the mask selects, at the letters that stand there, unsigned."""
        return bits_of_letters(
            self.bits, self.letters, self.relaxed.shape[1], self.mode, self.readouts
        )


def bits_of_letters(
    bits: FloatArray, letters: LetterArray, n_letters: int, mode: str, readouts: Sequence[str]
) -> Attribution:
    """Put the bits of each position, (n, length), at its letter: (n, n_letters, length)."""
    if letters.shape != bits.shape:
        raise _check.InputError(
            f"The masks hold letters of shape {letters.shape}; expected {bits.shape}, those that "
            "were masked. `scrambler.explain(adata)` keeps them."
        )
    stands = letters[:, None] == np.arange(n_letters, dtype=np.uint8)[:, None]
    return Attribution(
        np.maximum(bits, 0)[:, None] * stands,  # rounding leaves some just below
        method=f"scrambler, {mode}",
        unit="bits",
        signed=False,
        readout=", ".join(readouts),
    )


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
        Mean divergence of draws, as in `Masks`.
    empty : (n,)
        Divergence when nothing is kept.
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

    def __len__(self) -> int:
        return len(self.importance)

    @property
    def gain(self) -> FloatArray:
        """Share of the prediction that so many bits account for, (n, n_budgets); as in `Masks`."""
        return gain(self.mode, self.distortion, self.empty[:, None])

    def sufficient(self, gain: float = ENOUGH) -> FloatArray:
        """Smallest budget with which each sequence reaches a gain, (n,); NaN if none does."""
        wanted = _check.number(gain, "gain", low=0, high=1)
        reached = self.gain >= wanted
        smallest: FloatArray = self.bits[reached.argmax(axis=1)]
        return np.where(reached.any(axis=1), smallest, np.float32(np.nan))

    def usual(self, gain: float = ENOUGH) -> float:
        """Smallest budget at which the median sequence reaches a gain; the largest if none does.

        Sequences with nothing to explain do not count.
        """
        counted = self.gain[~np.isnan(self.gain).any(axis=1)]
        reached = np.median(counted, axis=0) >= gain if len(counted) else np.zeros(0, dtype=bool)
        return float(self.bits[reached.argmax()] if reached.any() else self.bits[-1])


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
