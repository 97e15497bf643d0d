"""The formula as a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from motifbook import _check

if TYPE_CHECKING:
    from motifbook.formula.covariates import Covariate
    from motifbook.formula.formula import Formula

CAPTION = (
    "Coefficients come from {n} sequences that were not used to find the motifs, with 95 % "
    "intervals."
)
GIVEN = (
    "Coefficients come from {n} sequences; their 95 % intervals hold if the motifs that were given "
    "do not come from these."
)
CHOSEN = (
    " Pairs were taken because they stood out in these very sequences: their coefficients tend to "
    "be too large."
)
SOFT = (
    " They are for one more site as the formula counts sites: it misses some true ones and takes "
    "others for them, so the effect of one true site lies outside the interval more often than 5 "
    "times in 100."
)


@dataclass(frozen=True)
class Line:
    """One term of one readout.

    Parameters
    ----------
    term
        Its name; "" for the intercept.
    coefficient, lower, upper
        With the interval; NaN where there is none.
    q_value
        NaN for the intercept.
    """

    term: str
    coefficient: float
    lower: float
    upper: float
    q_value: float


def lines(formula: Formula, readout: str) -> list[Line]:
    """Return the terms of one readout, the intercept first.

    Coefficients are those that `predict` uses.
    """
    number = formula.readouts.index(readout)
    values = [float(formula.intercept[number]), *formula.weights[:, number].tolist()]
    table = formula.coefficients
    table = table[table["readout"] == readout]
    terms = ["", *formula.terms.table()["term"]]
    rest = table[["lower", "upper", "q_value"]].to_numpy(dtype=float).tolist()
    return [Line(term, value, *more) for term, value, more in zip(terms, values, rest)]


def chosen(formula: Formula, readout: str | int | None, digits: int | None) -> list[str]:
    """Return the names of the readouts asked for: all, or one by name or number; check `digits`."""
    if digits is not None:
        _check.whole_number(digits, "digits", high=17)
    if readout is None:
        return formula.readouts
    if isinstance(readout, str):
        _check.one_of(readout, "readout", formula.readouts)
        return [readout]
    high = len(formula.readouts) - 1
    return [formula.readouts[_check.whole_number(readout, "readout", low=0, high=high)]]


def to_text(
    formula: Formula,
    readout: str | int | None = None,
    *,
    digits: int | None = 3,
    intervals: bool = True,
) -> str:
    """Write the formula as plain text.

    Parameters
    ----------
    formula
        From `fit_formula`.
    readout
        Name or number of one; all of them by default.
    digits
        Of each number. None: all, so that the text worked out by hand is what `predict` returns.
    intervals
        Whether each coefficient is followed by its 95 % interval.

    Returns
    -------
    str
        One formula per readout, and what the terms are.

    Raises
    ------
    InputError
        If there is no such readout.
    """
    names = chosen(formula, readout, digits)
    parts = [_equation(formula, name, digits, intervals) for name in names]
    parts.append("\n".join(definitions(formula, digits)))
    if intervals:
        parts.append(caption(formula))
    return "\n\n".join(parts) + "\n"


def _equation(formula: Formula, readout: str, digits: int | None, intervals: bool) -> str:
    first, *rest = lines(formula, readout)
    rows = [("  ", number(first.coefficient, digits), first)]
    for line in rest:
        sign = "-" if line.coefficient < 0 else "+"
        rows.append((f"{sign} ", f"{number(abs(line.coefficient), digits)} x {line.term}", line))
    width = max(len(words) for _, words, _ in rows)
    said = [f"{left_side(formula, readout)} ="]
    for sign, words, line in rows:
        between = interval(line, digits) if intervals else ""
        said.append(f"  {sign}{words.ljust(width)}  {between}".rstrip())
    return "\n".join(said)


def left_side(formula: Formula, readout: str) -> str:
    """What the sum is: the readout, or for a binary one the logit of its probability.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> left_side(SimpleNamespace(readouts=["bound"], kinds=["binary"]), "bound")
    'logit P(bound)'
    """
    is_binary = formula.kinds[formula.readouts.index(readout)] == "binary"
    return f"logit P({readout})" if is_binary else readout


def number(value: float, digits: int | None) -> str:
    """Return a number with so many digits that count; all of them for None.

    Examples
    --------
    >>> number(0.81649, 3), number(1234.5, 3), number(0.1 + 0.2, None)
    ('0.816', '1234', '0.30000000000000004')
    """
    if digits is None or not np.isfinite(value):
        return repr(float(value))
    if value == 0:
        return "0"
    size = int(np.floor(np.log10(abs(value))))
    if -4 <= size < 9:
        return f"{value:.{max(0, digits - 1 - size)}f}"
    return f"{value:.{digits - 1}e}"


def interval(line: Line, digits: int | None) -> str:
    """Return "[0.71, 0.93]" with decimals as in the coefficient; "" where there is none."""
    if not (np.isfinite(line.lower) and np.isfinite(line.upper)):
        return ""
    if digits is None:
        return f"[{line.lower!r}, {line.upper!r}]"
    largest = max(abs(line.coefficient), line.upper - line.lower)
    size = 0 if largest == 0 else int(np.floor(np.log10(largest)))
    if not -4 <= size < 9:
        return f"[{number(line.lower, digits)}, {number(line.upper, digits)}]"
    decimals = max(0, digits - 1 - size)
    lower, upper = (round(end, decimals) + 0.0 for end in (line.lower, line.upper))  # never -0
    return f"[{lower:.{decimals}f}, {upper:.{decimals}f}]"


def definitions(formula: Formula, digits: int | None) -> Sequence[str]:
    """Say what the terms are, one sentence each."""
    said = []
    if formula.terms.names:
        where = "" if formula.terms.positions.kind == "anywhere" else " there"
        strands = ", on either strand" if formula.terms.both_strands else ""
        strands = strands if formula.alphabet.has_strands else ""
        said.append(f"A motif's name stands for the number of its sites{where}{strands}.")
    if any(not np.isinf(counted.slope) for counted in formula.terms.motifs):
        said.append("Weak sites count less than 1.")
    if formula.terms.positions.kind == "smooth":
        said.append(
            "Splines are hills along the sequence, from its start to its end: a site counts as "
            "much as the hill is high where it lies."
        )
    if formula.terms.pairs:
        said.append(
            "A pair, A x B, stands for the number of sites of A times that of B; the coefficient "
            "of A alone is then for sequences without B."
        )
    return [*said, *(_meaning(term, digits) for term in formula.terms.covariates.terms)]


def _meaning(term: Covariate, digits: int | None) -> str:
    if term.category is not None:
        return f"{term.name}: 1 where it is so, else 0."
    away = f"minus {number(term.center, digits)}"
    if term.center < 0:
        away = f"plus {number(-term.center, digits)}"
    if term.column:
        return f"{term.name}: {term.column} {away}."
    composition = {
        "GC": f"GC: share of G and C {away}.",
        "GC^2": f"GC^2: the square of the share of G and C {away}.",
        "CpG": f"CpG: share of CG among all two letters in a row {away}.",
    }
    return composition.get(term.name, f"{term.name}: in the sequence, {away}.")


def caption(formula: Formula) -> str:
    """Say where coefficients and intervals come from, and how far to trust them."""
    rows = formula.coefficients["n"].dropna()
    low, high = (int(rows.min()), int(rows.max())) if len(rows) else (0, 0)
    selection = formula.selection
    is_given = len(selection) > 0 and selection["source"].isin(["given", "counted"]).any()
    n = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    said = (GIVEN if is_given else CAPTION).format(n=n)
    said += SOFT if formula.terms.motifs else ""
    return said + CHOSEN if formula.terms.pairs else said
