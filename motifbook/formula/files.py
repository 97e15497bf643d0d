"""Formulas in files: plain JSON, nothing that runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from motifbook import __version__, _check
from motifbook.alphabet import named, written
from motifbook.formula.counting import CountedMotif
from motifbook.formula.covariates import Covariates
from motifbook.formula.formula import Formula
from motifbook.formula.positions import Positions
from motifbook.formula.tables import COEFFICIENT_COLUMNS, INTERCEPT
from motifbook.formula.terms import Terms
from motifbook.motif.matrix import Motif

FORMAT = 1
KINDS = {"binary", "continuous"}
TABLES = ("coefficients", "same", "deviations", "interactions", "baselines", "selection")


def save_formula(formula: Formula, path: str | os.PathLike[str]) -> None:
    """Write a formula to a JSON file, everything but the rows it was fitted on.

    Numbers keep all their digits: the formula that `read_formula` returns predicts the same.

    Raises
    ------
    InputError
        If the folder does not exist or may not be written to.
    """
    if not isinstance(formula, Formula):
        raise _check.InputError(
            f"`formula` is {_check.shown(formula)}; expected what `mb.fit_formula` returns."
        )
    fields = {
        "format": FORMAT,
        "motifbook": __version__,
        "what": "formula",
        "readouts": formula.readouts,
        "kinds": formula.kinds,
        "alphabet": written(formula.alphabet),
        "terms": _from_terms(formula.terms),
        "intercept": formula.intercept,
        "weights": formula.weights,
        **{name: _from_table(getattr(formula, name)) for name in TABLES},
        "info": formula.info,
    }
    words = json.dumps(_plain(fields), indent=1, allow_nan=False)
    with _check.new_file(path) as part:
        part.write_text(words, encoding="utf-8")


def read_formula(path: str | os.PathLike[str]) -> Formula:
    """Read a formula written by `save_formula`; nothing in the file is executed.

    Raises
    ------
    InputError
        If the file is not there, is no formula or damaged, or comes from a later version.
    """
    source = _check.existing_file(path)
    wrong = f"{source} is not a formula saved by motifbook, or it is damaged"
    try:
        fields = json.loads(source.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # bytes that are no text, text that is no JSON
        raise _check.InputError(f"{wrong} ({_check.reason(error, 80)}). Save it again.") from None
    if not isinstance(fields, dict) or fields.get("what") != "formula":
        raise _check.InputError(f"{wrong}. Write one with `mb.save_formula(formula, path)`.")
    if fields.get("format") != FORMAT:
        raise _check.InputError(
            f"{source} has format {_check.shown(fields.get('format'))}, written by motifbook "
            f"{fields.get('motifbook')}; this version reads {FORMAT}. Update motifbook."
        )
    try:
        return _formula(fields)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        what = f"{type(error).__name__}: {_check.reason(error, 80)}"
        raise _check.InputError(f"{wrong} ({what}). Save it again.") from None


def _formula(fields: Mapping[str, Any]) -> Formula:
    tables: dict[str, Any] = {name: _to_table(fields[name]) for name in TABLES}
    formula = Formula(
        readouts=list(fields["readouts"]),
        kinds=list(fields["kinds"]),
        terms=_to_terms(fields["terms"]),
        alphabet=named(fields["alphabet"]),
        intercept=_numbers(fields["intercept"]),
        weights=_numbers(fields["weights"]).reshape(-1, len(fields["readouts"])),
        **tables,
        info=dict(fields["info"]),
    )
    expected = (len(formula.terms.table()), len(formula.readouts))
    _check.shape(formula.weights, "weights", f"(n_terms, n_readouts) = {expected}", *expected)
    _check.shape(formula.intercept, "intercept", "(n_readouts,)", expected[1])
    _refuse_contradictions(formula)
    return formula


def _refuse_contradictions(formula: Formula) -> None:
    """Refuse what no fitted formula holds, and what could not be predicted with."""
    names = [*formula.readouts, *formula.terms.names]
    if not all(isinstance(name, str) for name in names):
        raise ValueError("names that are no text")
    if len(set(formula.readouts)) < len(formula.readouts):
        raise ValueError("two readouts of one name")
    if len(formula.kinds) != len(formula.readouts) or set(formula.kinds) - KINDS:
        raise ValueError("the kinds of the readouts")
    if not (np.isfinite(formula.weights).all() and np.isfinite(formula.intercept).all()):
        raise ValueError("numbers that are missing or infinite")
    table = formula.coefficients[list(COEFFICIENT_COLUMNS)]
    terms = [INTERCEPT, *formula.terms.table()["term"]]
    rows = [(readout, term) for readout in formula.readouts for term in terms]
    if list(zip(table["readout"], table["term"])) != rows:
        raise ValueError("the rows of `coefficients`")
    if not np.isfinite(table.loc[table["kind"] != INTERCEPT, "mean"].astype(float)).all():
        raise ValueError("the means of the terms")
    _try(formula.terms)


def _try(terms: Terms) -> None:
    """Count the sites of one sequence of unknown letters, with covariates as they were."""
    words = terms.covariates.words
    row: dict[str, str | float] = {
        term.column: words[term.column][0] if words.get(term.column) else 0.0
        for term in terms.covariates.terms
        if term.column
    }
    obs = pd.DataFrame([row | dict.fromkeys(terms.counted, 0.0)], index=["tried"])
    n_letters = terms.covariates.alphabet.n_letters
    letters = np.full((1, terms.positions.length), n_letters, dtype=np.uint8)
    if not np.isfinite(terms.columns(letters, obs)).all():
        raise ValueError("terms that are no numbers")


def _from_terms(terms: Terms) -> dict[str, Any]:
    return {
        "motifs": [_from_motif(counted) for counted in terms.motifs],
        "positions": asdict(terms.positions),
        "covariates": terms.covariates.to_dict(),
        "pairs": terms.pairs,
        "both_strands": terms.both_strands,
        "counted": terms.counted,
    }


def _to_terms(fields: Mapping[str, Any]) -> Terms:
    return Terms(
        motifs=[_to_motif(motif) for motif in fields["motifs"]],
        positions=Positions(**fields["positions"]),
        covariates=Covariates.from_dict(fields["covariates"]),
        pairs=tuple((int(a), int(b)) for a, b in fields["pairs"]),
        both_strands=bool(fields["both_strands"]),
        counted=tuple(fields["counted"]),
    )


def _from_motif(counted: CountedMotif) -> dict[str, Any]:
    motif = counted.motif
    return {
        "name": motif.name,
        "ppm": motif.ppm,
        "background": motif.background,
        "n_sites": motif.n_sites,
        "alphabet": written(motif.alphabet),
        "info": motif.info,
        "threshold": counted.threshold,
        "slope": counted.slope,
    }


def _to_motif(fields: Mapping[str, Any]) -> CountedMotif:
    motif = Motif(
        fields["name"],
        _numbers(fields["ppm"]),
        tuple(fields["background"]),
        fields["n_sites"],
        named(fields["alphabet"]),
        dict(fields["info"]),
    )
    return CountedMotif(motif, float(fields["threshold"]), float(fields["slope"]))


def _from_table(table: pd.DataFrame) -> dict[str, Any]:
    return {
        str(name): {"type": column.dtype.kind, "values": column.tolist()}
        for name, column in table.items()
    }


def _to_table(columns: Mapping[str, Any]) -> pd.DataFrame:
    types = {"f": np.float64, "i": np.int64, "b": np.bool_}
    made = {}
    for name, column in columns.items():
        values, kind = column["values"], types.get(column["type"], object)
        values = _numbers(values) if kind is np.float64 else np.array(values, dtype=kind)
        made[name] = pd.Series(values, dtype=kind)
    return pd.DataFrame(made)


def _numbers(values: Any) -> Any:
    """Numbers of any shape; None is NaN, "inf" infinite."""
    flat = np.array(values, dtype=object)
    return np.where(flat == None, np.nan, flat).astype(np.float64)  # noqa: E711, element by element


def _plain(value: Any) -> Any:
    """Return `value` as JSON knows it: NaN as null, infinite numbers as "inf" and "-inf"."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else str(value)
    is_known = value is None or isinstance(value, (bool, int, float, str))
    return value if is_known else str(value)
