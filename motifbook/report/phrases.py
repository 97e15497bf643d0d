"""Numbers and lists as a reader expects them in a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence


def percent(share: float) -> str:
    """Share as text.

    Examples
    --------
    >>> percent(0.784), percent(0.004), percent(0.0)
    ('78 %', 'under 1 %', '0 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"


def fixed(value: float, digits: int) -> str:
    """So many decimals; zero has no sign, and what is not known is a dash.

    Examples
    --------
    >>> fixed(-0.5, 2), fixed(-0.0001, 2), fixed(float("nan"), 2)
    ('−0.50', '0.00', '–')
    """
    if math.isnan(value):
        return "–"
    return minus(f"{round(value, digits) + 0.0:.{digits}f}")


def three(value: float) -> str:
    """Three decimals; see `fixed`.

    Examples
    --------
    >>> three(0.0126), three(-0.0001)
    ('0.013', '0.000')
    """
    return fixed(value, 3)


def signed_three(value: float) -> str:
    """Three decimals with their sign; see `fixed`.

    Examples
    --------
    >>> signed_three(0.0126), signed_three(-0.5), signed_three(0.0)
    ('+0.013', '−0.500', '0.000')
    """
    shown = three(value)
    return f"+{shown}" if round(value, 3) > 0 else shown


def minus(words: str) -> str:
    """The minus of negative numbers as it is printed; hyphens in names and ranges stay.

    Examples
    --------
    >>> minus("AP-1 by -0.5 (-1 to 2), 3-4 of chr1:7-9")
    'AP-1 by −0.5 (−1 to 2), 3-4 of chr1:7-9'
    """
    return re.sub(r"(?<![^\s(=])-(?=\.?\d)", "−", words)


def signed(value: float) -> str:
    """A number with its sign, to two digits that count.

    Examples
    --------
    >>> signed(2.968), signed(-0.4752), signed(0.0)
    ('+3.0', '−0.48', '0')
    """
    if value == 0:
        return "0"
    digits = f"{abs(value):.2g}"
    if "e" in digits:
        digits = f"{abs(value):.0f}" if abs(value) > 1 else small(abs(value))
    elif abs(value) < 10 and "." not in digits:
        digits += ".0"
    return ("−" if value < 0 else "+") + digits


def small(value: float) -> str:
    """A p- or q-value as text.

    Examples
    --------
    >>> small(0.0213), small(1.3e-16)
    ('0.021', '1 × 10⁻¹⁶')
    """
    if value >= 0.001:
        return f"{value:.2g}"
    if value <= 0:
        return "0"
    digits, power = f"{value:.0e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}"


def listed(words: Sequence[str], most: int = 5) -> str:
    """Words in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(list("abcdefg"), most=2)
    ('a, b and c', 'a, b and 5 more')
    """
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "none"
