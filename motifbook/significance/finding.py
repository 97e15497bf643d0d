"""What a path of tests returns: a finding per motif, and all findings of one readout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from motifbook.motif.matrix import Motif
from motifbook.significance.null_sample import NullSample
from motifbook.significance.tested import Tested

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Effect:
    """What a motif does, in readout units: a sequence with a hit against one without.

    Parameters
    ----------
    value, lower, upper
        Estimate and ends of its interval, covariates and earlier motifs held; NaN
        where it could not be measured.
    of
        The motif whose activation was used.
    note
        Why there is none, or what to know of it.
    """

    value: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """One motif and its test.

    Parameters
    ----------
    name
        What was chosen: a word, or a motif's name.
    motif
        As a figure shows it; of a word, its matrix in these sequences.
    n_members
        How many motifs of the dictionary are the same finding.
    is_hit : (n,)
        Which sequences hold a hit.
    difference
        Mean readout of sequences with a hit minus that of those without: it describes, no more.
    tested
        The test.
    naive_log_p
        Log p-value as if the motif had not been chosen with these values: not valid.
    effect
        In readout units.
    trace : (n_steps, n_chains)
        The statistic along the chains of "seism"; None for other engines.
    null
        Draws of the statistic where nothing is associated, (n_draws, seed); None without.
    """

    name: str
    motif: Motif
    n_members: int
    is_hit: Booleans
    difference: float
    tested: Tested
    naive_log_p: float
    effect: Effect = field(default_factory=Effect)
    trace: Floats | None = None
    null: Callable[[int, int | None], NullSample] | None = None


@dataclass(frozen=True)
class ReadoutTests:
    """All findings of one readout, in the order in which they were tested.

    Parameters
    ----------
    readout
        Its name.
    engine, why
        Which engine, and the reason for it in words.
    n
        Sequences.
    findings
        Steps of a selection, or motifs one by one.
    is_stepwise
        Whether each finding is tested given the earlier ones.
    on_ranks
        Whether ranks of the readout were made normal.
    measured_log_p
        Log p-value of the first step on the measured values, as if their noise were normal; NaN
        where ranks were not made normal.
    notes
        Sentences.
    retest
        Log p-value of the first step for the readout in random order, by seed; None without.
    """

    readout: str
    engine: str
    why: str
    n: int
    findings: list[Finding]
    is_stepwise: bool = True
    on_ranks: bool = False
    measured_log_p: float = float("nan")
    notes: tuple[str, ...] = ()
    retest: Callable[[int], float] | None = None

    @property
    def log_p(self) -> Floats:
        """Of the findings, (n_findings,)."""
        return np.array([finding.tested.log_p for finding in self.findings])


def mean_difference(readout: Floats, is_hit: Booleans) -> float:
    """Mean with a hit minus mean without; NaN if all or none have one.

    Examples
    --------
    >>> mean_difference(np.array([1.0, 2.0, 6.0]), np.array([False, False, True]))
    4.5
    """
    if is_hit.all() or not is_hit.any():
        return float("nan")
    return float(readout[is_hit].mean() - readout[~is_hit].mean())
