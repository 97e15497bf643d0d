"""Error rates over steps, motifs and readouts: which findings to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from motifbook.motif.distribution import q_values
from motifbook.significance.finding import ReadoutTests
from motifbook.significance.fixed_motifs import adjust_holm
from motifbook.significance.options import TestOptions
from motifbook.significance.stopping import forward_stop_q

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """Adjusted p-values of the findings of one readout.

    Parameters
    ----------
    fwer_p_value : (n_findings,)
        Smallest level of the family-wise error rate at which a finding is kept.
    q_value : (n_findings,)
        Smallest false discovery rate at which it is kept.
    kept : (n_findings,)
        Whether it is, as `TestOptions.control` says.
    readout_q_value
        Benjamini-Hochberg q-value of the readout's best finding among all readouts.
    """

    fwer_p_value: Floats
    q_value: Floats
    kept: npt.NDArray[np.bool_]
    readout_q_value: float


def control_errors(tests: Sequence[ReadoutTests], options: TestOptions) -> list[Errors]:
    """Adjust p-values of all readouts.

    Returns
    -------
    list of Errors
        One per readout.

    Notes
    -----
    Steps of a selection are ordered hypotheses: family-wise, they are kept up to the first above
    `alpha`; for the false discovery rate, by ForwardStop. Motifs fixed beforehand: Holm and
    Benjamini-Hochberg over all motifs of a readout. With several readouts, those with a finding
    are chosen first (Benjamini-Hochberg at `fdr` on each readout's first step, or its smallest p
    after Holm); within a chosen one levels shrink by the share of readouts chosen (Benjamini &
    Bogomolov 2014, J R Stat Soc B 76:297).
    """
    first = np.array([_first(one) for one in tests])
    among = q_values(first)
    is_chosen = (among <= options.fdr) | (len(tests) == 1)
    shares = is_chosen * is_chosen.sum() / max(len(tests), 1)
    return [
        _of_readout(one, options, float(share), float(q_value))
        for one, share, q_value in zip(tests, shares, among)
    ]


def _first(one: ReadoutTests) -> float:
    """P-value of "nothing is associated with this readout"."""
    p_values = np.exp(one.log_p)
    return float(p_values[0] if one.is_stepwise else adjust_holm(p_values).min())


def _of_readout(one: ReadoutTests, options: TestOptions, share: float, q_value: float) -> Errors:
    p_values = np.exp(one.log_p)
    if one.is_stepwise:
        family, false = np.maximum.accumulate(p_values), forward_stop_q(one.log_p)
    else:
        family, false = adjust_holm(p_values), q_values(p_values)
    if share == 0:
        kept = np.zeros(len(p_values), dtype=bool)
    elif options.control == "fdr":
        kept = false <= options.fdr * share
    else:
        kept = family <= options.alpha * share
    return Errors(family, false, kept, q_value)
