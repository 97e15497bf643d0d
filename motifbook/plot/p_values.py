"""P-values, effects and intervals in figures: no p-value is 0, no interval hides its ends."""

from __future__ import annotations

import numpy as np

_LEAST = -300.0  # powers of ten that are written
_CHARACTER = 6.1  # pixels of an average one


def p_words(log_p: float) -> str:
    """Return a p-value as a reader wants to see it.

    Parameters
    ----------
    log_p
        Its natural logarithm.

    Examples
    --------
    >>> [p_words(log_p) for log_p in (-1e4, -69.9, -3.0, 0.0)]
    ['< 1e-300', '4.4e-31', '0.05', '1']
    """
    if np.isnan(log_p):
        return "unknown"
    power = log_p / np.log(10)
    if power < _LEAST:
        return f"< 1e{_LEAST:.0f}"
    if power > -3:
        return f"{min(10**power, 1.0):.2g}"
    whole = int(np.floor(power))
    leading = f"{10 ** (power - whole):.1f}"
    return f"1.0e{whole + 1}" if leading == "10.0" else f"{leading}e{whole}"


def log_of(p_value: float) -> float:
    """Natural logarithm of a p-value, of one that a computer rounded to 0 as well."""
    with np.errstate(divide="ignore"):
        return float(np.log(p_value))


def effect_words(value: float, lower: float, upper: float) -> str:
    """Return an effect and its interval in figures.

    Examples
    --------
    >>> effect_words(1.557, 0.825, float("inf"))
    '+1.56 (+0.825 to \u221e)'
    >>> effect_words(float("nan"), 0, 0)
    'not measured'
    """
    if not np.isfinite(value):
        return "not measured"
    if np.isnan(lower) or np.isnan(upper):
        return signed(value)
    return f"{signed(value)} ({signed(lower)} to {signed(upper)})"


def signed(value: float) -> str:
    """Return three digits of a number with its sign.

    Examples
    --------
    >>> signed(-12345.6), signed(0.0)
    ('\u221212300', '0')
    """
    if np.isinf(value):
        return "\u221e" if value > 0 else "\u2212\u221e"
    if value == 0:
        return "0"
    size = abs(value)
    is_plain = 1e-3 <= size < 1e6
    rounded = float(f"{value:.3g}")
    words = f"{rounded:+.0f}" if is_plain and size >= 100 else f"{rounded:+#.3g}"
    return words.replace("-", "\u2212")


def words_width(words: str, size: float = 11.0) -> float:
    """Pixels that words take, about."""
    return _CHARACTER * len(words) * size / 11.0
