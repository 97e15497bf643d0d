"""How strongly a filter fires along chosen sequences, and where its sites are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import FORWARD, GRAY, PALE, REVERSE, blend, letter_colors
from motifbook.plot.layout import shorten
from motifbook.plot.panel import FloatArray, Letters, Line, Mark, Page, Panel, Shapes
from motifbook.plot.spans import READABLE, WIDTH, pointed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Each row is one unit high: sites below, the curve above.
_FOOT, _TOP = 0.04, 0.96
_FLAT = 0.01  # lower hills are not drawn
_SITE, _SITE_WITH_LETTERS = 0.24, 0.44  # height of a site's box


def tracks(
    strength: npt.ArrayLike,
    *,
    width: int,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    strand: npt.ArrayLike | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how strongly a filter fires along each sequence, and mark its sites.

    Parameters
    ----------
    strength : (n, n_starts)
        Activation per start position, as a share of the filter's largest: 0 to 1.
    width
        Positions that the filter spans.
    sequences : n strings
        Their letters are shown where at most 90 positions are.
    names : n strings
        Words beside the rows; row numbers by default.
    strand : (n, n_starts)
        +1 or -1: the strand that fires. It gives the sites their direction and color.
    threshold
        A site is the strongest start within `width` positions whose strength reaches this.
    window
        First position and end (0-based, half-open); the whole sequence by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If the shapes do not belong together, or the window lies outside the sequence.
    """
    from motifbook.plot import axes

    return axes.draw(
        tracks_panel(
            strength,
            width=width,
            sequences=sequences,
            names=names,
            strand=strand,
            threshold=threshold,
            window=window,
        ),
        ax,
    )


def tracks_svg(
    strength: npt.ArrayLike,
    *,
    width: int,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    strand: npt.ArrayLike | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
) -> str:
    """Return `tracks` as SVG text."""
    panel = tracks_panel(
        strength,
        width=width,
        sequences=sequences,
        names=names,
        strand=strand,
        threshold=threshold,
        window=window,
    )
    return svg.write(Page([[panel]], panel.title))


def tracks_panel(
    strength: npt.ArrayLike,
    *,
    width: int,
    sequences: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    strand: npt.ArrayLike | None = None,
    threshold: float = 0.6,
    window: tuple[int, int] | None = None,
) -> Panel:
    """Describe `tracks` as a panel of a larger page."""
    shares = np.asarray(strength, dtype=np.float64)
    _check.shape(shares, "strength", "(n, n_starts)", None, None)
    n, n_starts = shares.shape
    first, end = _check.window(window, n_starts + width - 1)
    sites = _sites(shares, strand, width, threshold, (first, end))
    marks: list[Mark] = [Line([first - 0.5, end - 0.5], [i, i], PALE, width=1) for i in range(1, n)]
    if sequences is not None and end - first <= READABLE:
        marks += _boxes(sites, n, _SITE_WITH_LETTERS, is_pale=True)
        marks += _curves(shares, width, (first, end), _FOOT + _SITE_WITH_LETTERS)
        marks += _letters([sequence[first:end] for sequence in sequences], first, sites)
        row_height = 38
    else:
        marks += _boxes(sites, n, _SITE, is_pale=False)
        marks += _curves(shares, width, (first, end), _FOOT + _SITE)
        row_height = 26
    words = [str(i) for i in range(n)] if names is None else names
    arrows = "" if strand is None else "; sites on the \u25b6 forward and \u25c0 reverse strand"
    return Panel(
        marks,
        (first - 0.5, end - 0.5),
        (0, max(n, 1)),
        xlabel="position in the sequence",
        title=f"Activation along each sequence{arrows}",
        yticks=[(n - i - 0.7, shorten(str(name))) for i, name in enumerate(words)],
        has_y_line=False,
        size=(WIDTH, 60 + n * row_height),
    )


def find_sites(
    strength: FloatArray, width: int, threshold: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return row and start of the strongest starts within `width` positions of each other.

    Of equal neighbors the first is taken.

    Examples
    --------
    >>> rows, starts = find_sites(np.array([[0.6, 0.9, 0.0, 0.0, 0.7]]), 3, 0.5)
    >>> starts.tolist()
    [1, 4]
    """
    from scipy.ndimage import maximum_filter1d

    ranked = strength - 1e-9 * np.arange(strength.shape[1])
    best = maximum_filter1d(ranked, 2 * width - 1, axis=1, mode="nearest")
    rows, starts = np.nonzero((strength >= threshold) & (strength > 0) & (ranked == best))
    return rows, starts


@dataclass(frozen=True)
class _Sites:
    """Sites within a window; left and right edges are cut there."""

    rows: npt.NDArray[np.intp]
    left: FloatArray
    right: FloatArray
    is_forward: npt.NDArray[np.bool_]
    tip: float  # length of the arrow's head, in positions


def _sites(
    shares: FloatArray,
    strand: npt.ArrayLike | None,
    width: int,
    threshold: float,
    window: tuple[int, int],
) -> _Sites:
    rows, starts = find_sites(shares, width, threshold)
    inside = (starts < window[1]) & (starts + width > window[0])
    rows, starts = rows[inside], starts[inside]
    is_forward = np.ones(len(rows), bool)
    if strand is not None:
        signs = np.asarray(strand)
        _check.shape(signs, "strand", "(n, n_starts), like `strength`", *shares.shape)
        is_forward = signs[rows, starts] >= 0
    left = np.maximum(starts, window[0]) - 0.5
    right = np.minimum(starts + width, window[1]) - 0.5
    return _Sites(rows, left, right, is_forward, 0.0 if strand is None else 0.25 * width)


def _boxes(sites: _Sites, n: int, height: float, *, is_pale: bool) -> list[Mark]:
    """One box per site, pointed in the direction of its strand."""
    bottom = n - 1 - sites.rows + _FOOT
    x, y = (sites.left, sites.right), (bottom, bottom + height)
    corners = pointed(x, y, sites.is_forward, sites.tip)
    share = 0.25 if is_pale else 1.0
    return [
        Shapes(corners[sites.is_forward], blend(FORWARD, share)),
        Shapes(corners[~sites.is_forward], blend(REVERSE, share)),
    ]


def _curves(shares: FloatArray, width: int, window: tuple[int, int], foot: float) -> list[Mark]:
    """The strength of each row as a filled curve above `foot`, drawn at the filter's middle."""
    n, n_starts = shares.shape
    middles = np.arange(n_starts) + (width - 1) / 2
    inside = (middles >= window[0]) & (middles < window[1])
    x, top = middles[inside], shares[:, inside] / max(1.0, shares.max(initial=0.0))
    is_hill = top > _FLAT
    is_hill[:, 1:] |= top[:, :-1] > _FLAT  # each hill with its feet
    is_hill[:, :-1] |= top[:, 1:] > _FLAT
    drawn: list[Mark] = []
    for row in np.flatnonzero(is_hill.any(axis=1)):
        hill = is_hill[row]
        low = n - 1 - row + foot
        edge = np.pad(top[row, hill] * (_TOP - foot), 1)  # ends on the ground
        points = np.stack([np.pad(x[hill], 1, mode="edge"), low + edge], axis=1)
        drawn.append(Shapes(points[None], GRAY))
    return drawn


def _letters(shown: Sequence[str], first: int, sites: _Sites) -> list[Mark]:
    """The letters of the window, which begins at `first`; those in sites are colored."""
    alphabet = "".join(sorted(set("".join(shown))))
    codes = np.array([[alphabet.index(letter) for letter in sequence] for sequence in shown])
    n, length = codes.shape
    x = np.arange(first, first + length, dtype=np.float64)
    is_site = np.zeros(codes.shape, bool)
    for row, left, right in zip(sites.rows, sites.left, sites.right):
        is_site[row, (x > left) & (x < right)] = True
    drawn: list[Mark] = []
    faint = dict.fromkeys(alphabet, blend(GRAY, 0.6))
    for chosen, colors in ((~is_site, faint), (is_site, letter_colors(alphabet))):
        rows, columns = np.nonzero(chosen)
        base, height = n - 1 - rows + 0.12, np.full(len(rows), 0.28)
        drawn.append(Letters(alphabet, codes[chosen], x[columns], base, height, colors))
    return drawn
