"""The formula as LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motifbook.formula.text import caption, chosen, definitions, interval, lines, number

if TYPE_CHECKING:
    from motifbook.formula.formula import Formula

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\n": " ",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def to_latex(formula: Formula, readout: str | int | None = None, *, digits: int = 3) -> str:
    """Write the formula as LaTeX, for a paper.

    Parameters
    ----------
    formula
        From `fit_formula`.
    readout
        Name or number of one; all of them by default.
    digits
        Of each number.

    Returns
    -------
    str
        One `align*` per readout, for the package amsmath: coefficients with their 95 % intervals
        below them; then what the terms are.

    Raises
    ------
    InputError
        If there is no such readout.
    """
    parts = ["% needs \\usepackage{amsmath}; long formulas: \\allowdisplaybreaks"]
    parts += [_align(formula, name, digits) for name in chosen(formula, readout, digits)]
    parts.append(escape(" ".join([*definitions(formula, digits), caption(formula)])))
    return "\n".join(parts) + "\n"


def _align(formula: Formula, readout: str, digits: int) -> str:
    is_binary = formula.kinds[formula.readouts.index(readout)] == "binary"
    name = f"\\text{{{escape(readout)}}}"
    left = f"\\operatorname{{logit}} P({name})" if is_binary else name
    rows = []
    for line in lines(formula, readout):
        between = interval(line, digits)
        size = _value(number(abs(line.coefficient) if line.term else line.coefficient, digits))
        value = f"\\underset{{{between}}}{{{size}}}" if between else size
        sign = "-" if line.coefficient < 0 else "+"
        rows.append(f"{sign} {value} \\cdot \\text{{{escape(line.term)}}}" if line.term else value)
    joined = " \\\\\n  &".join(rows)
    return f"\\begin{{align*}}\n  {left} ={{}} & {joined}\n\\end{{align*}}"


def _value(written: str) -> str:
    """1.2e-07 as LaTeX writes it."""
    return re.sub(r"e([+-])0*(\d+)$", lambda m: f" \\cdot 10^{{{m[1].strip('+')}{m[2]}}}", written)


def escape(words: str) -> str:
    r"""Write text so that LaTeX sets it as it is.

    Examples
    --------
    >>> print(escape("NFYA_2 & 50 %"))
    NFYA\_2 \& 50 \%
    """
    return "".join(_SPECIAL.get(character, character) for character in words)
