"""Settings of the attribution methods."""

from __future__ import annotations

from dataclasses import dataclass

from motifbook import _check
from motifbook.attribution.scrambler.options import ScramblerOptions

BASELINES = ("data", "zeros", "dinucleotide")


@dataclass(frozen=True)
class AttributeOptions:
    """Expert settings of `mb.attribute`.

    Parameters
    ----------
    n_steps
        Integrated gradients: points on the way from the baseline to the sequence.
    baseline
        Integrated gradients: "data", the frequency of each letter at each position; "zeros"; or
        "dinucleotide", the mean over `n_references` shuffles of each sequence.
    n_references
        Shuffles of each sequence, for DeepLIFT/SHAP and the baseline "dinucleotide".
    bits, mode, scrambler
        Scrambler: as `mb.fit_scrambler` takes them; `scrambler` is its `options`.

    Examples
    --------
    >>> AttributeOptions(n_steps=100).baseline
    'data'
    """

    n_steps: int = 50
    baseline: str = "data"
    n_references: int = 20
    bits: float | str | None = None
    mode: str = "inclusion"
    scrambler: ScramblerOptions | None = None

    def __post_init__(self) -> None:
        _check.whole_number(self.n_steps, "n_steps")
        _check.one_of(self.baseline, "baseline", BASELINES)
        _check.whole_number(self.n_references, "n_references")
