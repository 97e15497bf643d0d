"""For the notebooks: compare what was found with what was planted, and check answers.

An answer gets a sentence with a hint, never a stack trace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.exercises.answers import EXERCISES
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif

if TYPE_CHECKING:
    from anndata import AnnData

FOUND = 0.9  # similarity from which a planted motif counts as found
RELATED = 0.6  # similarity from which a motif stands for a planted one
NUMBER = re.compile(r"-?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e-?\d+)?")


def planted(adata: AnnData) -> list[Motif]:
    """The motifs that `mb.simulate` planted, in the order of its rule.

    Raises
    ------
    InputError
        If `adata` was not simulated.
    """
    if schema.TRUTH not in adata.uns:
        raise _check.InputError(
            "`adata` has no known truth; expected data of mb.simulate. Real data have none."
        )
    truth = adata.uns[schema.TRUTH]["motifs"]
    return [Motif(name, ppm) for name, ppm in truth.items()]


def start_codons(adata: AnnData) -> pd.DataFrame:
    """Where AUG stands in 5' UTRs that end where the coding sequence begins.

    Returns
    -------
    DataFrame
        One row per AUG (ATG): "sequence", "start", "end", "motif": "in frame" with the coding
        sequence, or "out of frame", which keeps ribosomes from it.
    """
    rows = []
    for name, sequence in zip(adata.obs_names, store.get_sequences(adata)):
        for found in re.finditer("A[UT]G", sequence):
            is_in = (len(sequence) - found.start()) % 3 == 0
            rows.append((name, *found.span(), "in frame" if is_in else "out of frame"))
    return pd.DataFrame(rows, columns=["sequence", "start", "end", "motif"])


def recovery(motifs: Sequence[Motif], adata: AnnData) -> pd.DataFrame:
    """Which planted motifs were found?

    Returns
    -------
    DataFrame
        One row per planted motif: "planted", "found_as" (the most similar of `motifs`),
        "similarity" (1 = all of it, see `motif.compare.similarity`) and "found" (0.9 or more).

    Raises
    ------
    InputError
        If `adata` was not simulated.
    """
    rows = []
    for truth in planted(adata):
        scores = {motif.name: similarity(motif, truth) for motif in motifs}
        best = max(scores, key=scores.__getitem__, default="")
        score = scores.get(best, 0.0)
        rows.append((truth.name, best, score, score >= FOUND))
    return pd.DataFrame(rows, columns=["planted", "found_as", "similarity", "found"])


def instance_scores(
    instances: pd.DataFrame, motifs: Sequence[Motif], adata: AnnData
) -> pd.DataFrame:
    """How many planted sites were found, and how many instances are planted sites?

    Parameters
    ----------
    instances
        From `mb.call_instances` or `mb.scan`, of sequences of `adata`; a higher score counts
        first.
    motifs
        Those that the instances are of. Each stands for the planted motif that it is most
        similar to; a motif less than 0.6 similar to all of them stands for none.

    Returns
    -------
    DataFrame
        One row per planted motif, and "all": "planted", "n_sites", "n_instances", "precision"
        (share of instances that are planted sites), "recall" (share of planted sites among the
        instances), "auprc" (mean over planted sites of the precision at the score that finds
        them; 0 for those not found). An instance is right if it is of that motif and shares half
        of the letters of the shorter one of the two; a planted site counts once.

    Raises
    ------
    InputError
        If `adata` was not simulated, or a column is missing.
    """
    _check.columns(instances.columns, schema.HIT_COLUMNS, "`instances`")
    stands_for = {motif.name: _most_similar(motif, planted(adata)) for motif in motifs}
    sites = adata.uns[schema.TRUTH]["sites"]
    sites = sites[sites["sequence"].isin(adata.obs_names)].reset_index(drop=True)
    ranked = instances.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    ranked["motif"] = ranked["motif"].map(stands_for)
    is_right = _is_planted(ranked, sites)
    names = [motif.name for motif in planted(adata)]
    chosen = {name: (sites["motif"] == name, ranked["motif"] == name) for name in names}
    chosen["all"] = (sites["motif"].notna(), ranked["start"].notna())
    rows = [
        (name, *_precision_recall(is_right[own.to_numpy()], int(there.sum())))
        for name, (there, own) in chosen.items()
    ]
    columns = ["planted", "n_sites", "n_instances", "precision", "recall", "auprc"]
    return pd.DataFrame(rows, columns=columns)


def _most_similar(motif: Motif, truth: Sequence[Motif]) -> str:
    scores = {one.name: similarity(motif, one) for one in truth}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= RELATED else ""


def _is_planted(ranked: pd.DataFrame, sites: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether each instance, best first, is a planted site that no better one is, (n,)."""
    keys = ["sequence", "motif"]
    pairs = ranked.reset_index().merge(sites.reset_index(), on=keys, suffixes=("", "_true"))
    shared = pairs[["end", "end_true"]].min(axis=1) - pairs[["start", "start_true"]].max(axis=1)
    shorter = np.minimum(pairs["end"] - pairs["start"], pairs["end_true"] - pairs["start_true"])
    pairs = pairs[shared >= shorter / 2].sort_values("index", kind="stable")
    is_right, taken = np.zeros(len(ranked), dtype=np.bool_), set()
    for instance, site in pairs[["index", "index_true"]].to_numpy().tolist():
        if site not in taken and not is_right[instance]:
            is_right[instance] = True
            taken.add(site)
    return is_right


def _precision_recall(
    is_right: npt.NDArray[np.bool_], n_sites: int
) -> tuple[int, int, float, float, float]:
    """Numbers of sites and instances, precision, recall, auPRC of instances, best first."""
    precision = is_right.cumsum() / np.arange(1, len(is_right) + 1)
    n_right, per_site = int(is_right.sum()), max(n_sites, 1)
    overall = n_right / len(is_right) if len(is_right) else float("nan")
    area = float(precision[is_right].sum() / per_site)
    return n_sites, len(is_right), overall, n_right / per_site, area


def worth(formula: Any, adata: AnnData) -> pd.DataFrame:
    """How far do the coefficients of a formula lie from what was planted?

    Parameters
    ----------
    formula
        From `mb.fit_formula`, without positions.
    adata
        The data that it was fitted to, simulated by a rule of sums such as "formula".

    Returns
    -------
    DataFrame
        One row per readout and motif of the formula: "readout", "motif", "planted" (the planted
        motif it is most similar to; "" if less than 0.6), "truth" (readout units per planted site;
        0 where nothing was planted), "coefficient", "lower", "upper", and "covered": whether the
        interval holds the truth.

    Raises
    ------
    InputError
        If `adata` was not simulated.
    """
    stands_for = {motif.name: _most_similar(motif, planted(adata)) for motif in formula.motifs}
    effects = adata.uns[schema.TRUTH]["effects"].set_index(["readout", "motif"])["effect"].to_dict()
    told = formula.coefficients
    table: pd.DataFrame = told.loc[
        told["kind"] == "motif", ["readout", "motif", "coefficient", "lower", "upper"]
    ].reset_index(drop=True)
    table.insert(2, "planted", table["motif"].map(stands_for))
    keys = zip(table["readout"], table["planted"])
    table.insert(3, "truth", [float(effects.get(key, 0.0)) for key in keys])
    table["covered"] = table["truth"].between(table["lower"], table["upper"])
    return table


@dataclass(frozen=True, repr=False)
class Verdict:
    """Whether an answer was right, and a sentence on it, which a notebook shows."""

    is_right: bool
    sentence: str

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence)}</p>"


def check(exercise: str, answer: object = ..., *more: object) -> Verdict:
    """Check the answer to an exercise of the notebooks.

    Parameters
    ----------
    exercise
        Its number, such as "00.1".
    answer
        A word or a number; `...` is "not answered yet".
    more
        What stands behind a decimal comma, which Python reads as two answers.

    Raises
    ------
    InputError
        If there is no such exercise. A wrong answer raises nothing.

    Examples
    --------
    >>> check("00.1", "GATT")
    Right. AATC on one strand is GATT on the other: both are the same motif.
    """
    _check.one_of(exercise, "exercise", EXERCISES)
    asked = EXERCISES[exercise]
    if answer is ...:
        return Verdict(False, f"Not answered yet: replace the dots. {asked.hint}")
    if more:
        return Verdict(False, "One answer is expected. In Python 0,5 are two: write 0.5.")
    if _is_right(answer, asked.right):
        return Verdict(True, f"Right. {asked.because}")
    return Verdict(False, f"{answer!r} is not it yet. {asked.hint}")


def _is_right(answer: object, right: tuple[str, ...] | tuple[float, float]) -> bool:
    """Whether an answer is one of the words, or between the two numbers."""
    if isinstance(right[0], str):
        return str(answer).strip(" .\"'").casefold() in {str(word).casefold() for word in right}
    low, high = right
    found = NUMBER.findall(str(answer))  # "gap 8" and "89 mm" hold a number, too
    return len(found) == 1 and bool(low <= float(found[0].replace(",", ".")) <= float(high))
