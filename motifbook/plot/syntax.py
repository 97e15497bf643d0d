"""What two motifs do together beyond what each does alone, by the distance between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.motif.matrix import Motif
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, GREEN, INK, ORANGE, VERMILLION, blend
from motifbook.plot.layout import shorten, unit_words
from motifbook.plot.panel import Dots, Line, Mark, Page, Panel, area, boxes, ticks
from motifbook.plot.spans import KEY_LINE, Entry, key_lines, key_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colors that four curves in one panel can be told apart by.
_ORIENTATIONS = {"++": BLUE, "+-": VERMILLION, "-+": GREEN, "--": ORANGE}
_PAIR = ("motif_a", "motif_b")
_COLUMNS = (*_PAIR, "orientation", "gap", "readout", "effect", "lower", "upper", "unit")
_RULE_COLUMNS = (*_PAIR, "gap_min", "gap_max", "readout")
_RULE = blend(GRAY, 0.22)
_COLUMNS_WIDE = 2  # panels side by side
_RIBBON = 0.22  # opacity of an interval
_ONE, _SMALL = (560.0, 330.0), (353.0, 260.0)  # pixels: a pair alone, and among others


class SyntaxLike(Protocol):
    """What `mb.read_syntax` returns."""

    @property
    def motifs(self) -> Sequence[Motif]:
        """Those that were tried."""

    @property
    def effects(self) -> pd.DataFrame:
        """Effects by distance, as `mb.space` returns them."""

    @property
    def rules(self) -> pd.DataFrame:
        """Pairs that work together, with columns gap_min and gap_max."""


Values = SyntaxLike | pd.DataFrame


def syntax(
    syntax: Values,
    *,
    readout: str | None = None,
    pair: tuple[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what pairs of motifs add beyond both alone, against the letters between them.

    Parameters
    ----------
    syntax
        From `mb.read_syntax`: the pairs of its rules are drawn, the distances of each rule shaded;
        all pairs where it has no rules. Or a table from `mb.space`.
    readout
        Which one; the first by default.
    pair
        Names of motif_a and motif_b, to draw this pair alone.
    ax
        Where to draw one pair; a new figure, with a panel per pair, by default.

    Returns
    -------
    Axes
        Of the first pair; its figure holds them all.

    Raises
    ------
    InputError
        If a column is missing, there is no such pair or readout, or one `ax` is given for several
        pairs.
    """
    from motifbook.plot import axes

    panels = _panels(syntax, readout, pair)
    if ax is None:
        return axes.figure(_page(panels)).axes[0]
    if len(panels) > 1:
        raise _check.InputError(
            f"`ax` is one, the pairs are {len(panels)}; expected one pair. Name it with "
            "`pair=(motif_a, motif_b)`, or leave `ax` away."
        )
    return axes.draw(panels[0], ax)


def syntax_svg(
    syntax: Values, *, readout: str | None = None, pair: tuple[str, str] | None = None
) -> str:
    """Return `syntax` as SVG text."""
    return svg.write(_page(_panels(syntax, readout, pair)))


def spacing_panel(
    curves: pd.DataFrame,
    rules: pd.DataFrame,
    *,
    title: str = "",
    size: tuple[float, float] = _ONE,
    at: tuple[str, int] | None = None,
) -> Panel:
    """Describe one pair's curves for one readout as a panel of a larger page.

    Parameters
    ----------
    curves
        Rows of `mb.space` for one pair and readout.
    rules
        Rows of the rules of this pair: gap_min and gap_max.
    title
        Words above it.
    size
        In pixels.
    at
        (orientation, gap) that gets a large dot.
    """
    drawn = curves[["effect", "lower", "upper"]].to_numpy(np.float64)
    low, high = float(np.nanmin(drawn, initial=0)), float(np.nanmax(drawn, initial=0))
    room = 0.06 * (high - low) or 0.1
    low, high = low - room, high + room
    first, last = float(curves["gap"].min()) - 0.5, float(curves["gap"].max()) + 0.5
    found = [o for o in _ORIENTATIONS if (curves["orientation"] == o).any()]
    key = [Entry(_words(o), _ORIENTATIONS[o]) for o in found]
    if len(rules):
        key.append(Entry("shaded: rule", blend(GRAY, 0.6)))
    lines = key_lines(key, width=size[0] - 90)
    top = high + (high - low) * KEY_LINE * len(lines) / (size[1] - 75 - KEY_LINE * len(lines))
    marks = [_range(rule, (first, last), (low, high)) for _, rule in rules.iterrows()]
    marks.append(Line([first, last], [0, 0], GRAY, width=1, dashed=True))
    by_orientation = [
        (_ORIENTATIONS[o], curves[curves["orientation"] == o].sort_values("gap")) for o in found
    ]
    for color, curve in by_orientation:
        marks.append(area(curve["gap"], curve["lower"], curve["upper"], color, _RIBBON))
    for color, curve in by_orientation:
        marks.append(Line(curve["gap"], curve["effect"], color, width=2))
    if at is not None:
        marks += _point(curves, at)
    return Panel(
        [*marks, *key_marks(lines, first, top)],
        (first, last),
        (low, top),
        xlabel="letters between the motifs",
        ylabel=f"beyond both alone ({unit_words(curves['unit'])})",
        title=title,
        yticks=ticks(low, high),
        size=size,
    )


def curves_of(effects: pd.DataFrame, pair: tuple[str, str], readout: str) -> pd.DataFrame:
    """Rows of one pair and readout; those that were left out as mirror images are put back.

    Raises
    ------
    InputError
        If there is no such readout, or the pair was not measured.
    """
    _check.one_of(readout, "readout", effects["readout"].astype(str).unique())
    effects = effects[effects["readout"].astype(str) == readout]
    first, second = pair
    told = effects[(effects["motif_a"] == first) & (effects["motif_b"] == second)]
    turned = effects[(effects["motif_a"] == second) & (effects["motif_b"] == first)]
    mirrored = turned["orientation"].str[::-1].str.translate(str.maketrans("+-", "-+"))
    turned = turned.assign(motif_a=first, motif_b=second, orientation=mirrored)
    turned = turned[~mirrored.isin(told["orientation"])]
    found = pd.concat([told, turned]) if len(turned) else told
    if len(found) == 0:
        raise _check.InputError(
            f"The pair {first!r} and {second!r} was not measured; expected one of the pairs in the "
            "table of effects."
        )
    return found


def rules_of(syntax: SyntaxLike, pair: tuple[str, str], readout: str) -> pd.DataFrame:
    """The rules of one pair, in either order, and readout."""
    rules = syntax.rules
    is_pair = [{a, b} == set(pair) for a, b in zip(rules["motif_a"], rules["motif_b"])]
    return rules[np.array(is_pair, dtype=bool) & (rules["readout"].astype(str) == readout)]


def _words(orientation: str) -> str:
    arrows = " ".join("\u2192" if strand == "+" else "\u2190" for strand in orientation)
    return f"{orientation} ({arrows})"


def _range(rule: pd.Series, x: tuple[float, float], y: tuple[float, float]) -> Mark:
    """The distances of a rule; one without an end reaches to the edge."""
    ends = rule[["gap_min", "gap_max"]].to_numpy(np.float64) + np.array([-0.5, 0.5])
    left, right = np.clip(np.where(np.isnan(ends), x, ends), *x)
    return boxes((left, right), y, _RULE)


def _point(curves: pd.DataFrame, at: tuple[str, int]) -> list[Mark]:
    """A dot with its interval; none where this distance was not measured."""
    orientation, gap = at
    here = curves[(curves["orientation"] == orientation) & (curves["gap"] == gap)]
    drawn: list[Mark] = []
    for effect, lower, upper in here[["effect", "lower", "upper"]].to_numpy(np.float64)[:1]:
        drawn.append(Line([gap, gap], [lower, upper], INK, width=2))
        drawn.append(Dots([gap], [effect], INK, radius=5))
    return drawn


def _page(panels: Sequence[Panel]) -> Page:
    rows = [panels[i : i + _COLUMNS_WIDE] for i in range(0, len(panels), _COLUMNS_WIDE)]
    names = "; ".join(panel.title for panel in panels)
    return Page(rows, "What pairs of motifs add, by the letters between them", names)


def _panels(values: Values, readout: str | None, pair: tuple[str, str] | None) -> list[Panel]:
    """One panel per pair, strongest first."""
    effects, rules = _tables(values)
    readouts = effects["readout"].astype(str).unique().tolist()
    if readout is not None:
        _check.one_of(readout, "readout", readouts)
    chosen = readouts[0] if readout is None else readout
    effects, rules = (t[t["readout"].astype(str) == chosen] for t in (effects, rules))
    pairs = _pairs(effects)
    homes = [_home(named, pairs) for named in zip(rules["motif_a"], rules["motif_b"])]
    if pair is not None:
        wanted = pair
        if isinstance(pair, (tuple, list)) and len(pair) == 2:
            wanted = _home((pair[0], pair[1]), pairs)
        _check.one_of(wanted, "pair", pairs)
        pairs = [wanted]
    elif homes:
        pairs = [names for names in pairs if names in homes]
    size = _ONE if len(pairs) == 1 else _SMALL
    more = f" ({chosen})" if len(readouts) > 1 else ""
    return [
        spacing_panel(
            effects[(effects["motif_a"] == names[0]) & (effects["motif_b"] == names[1])],
            rules[[home == names for home in homes]],
            title=shorten(f"{names[0]} \u2013 {names[1]}{more}", int(size[0] / 7.6)),
            size=size,
        )
        for names in pairs
    ]


def refuse_no_syntax(syntax: object) -> None:
    """Refuse what is not like the result of `read_syntax`."""
    for part in ("effects", "rules"):
        if not isinstance(getattr(syntax, part, None), pd.DataFrame):
            raise _check.InputError(
                f"`syntax` is {_check.shown(syntax)}; expected `mb.read_syntax(model, adata)`."
            )


def _tables(values: Values) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effects by distance, and rules."""
    if isinstance(values, pd.DataFrame):
        effects, rules = values, pd.DataFrame(columns=list(_RULE_COLUMNS))
    else:
        refuse_no_syntax(values)
        effects, rules = values.effects, values.rules
    _check.columns(effects.columns, _COLUMNS, "The table of effects")
    if len(effects) == 0:
        raise _check.InputError("`syntax` has no effects; expected at least one pair of motifs.")
    if len(rules.columns) or len(rules):
        _check.columns(rules.columns, _RULE_COLUMNS, "The table of rules")
    else:
        rules = rules.reindex(columns=list(_RULE_COLUMNS))
    return effects, rules


def _pairs(effects: pd.DataFrame) -> list[tuple[str, str]]:
    """The pairs of the table, strongest first."""
    size = effects["effect"].abs().groupby([effects["motif_a"], effects["motif_b"]]).max()
    ordered: list[tuple[str, str]] = size.sort_values(ascending=False, kind="stable").index.tolist()
    return ordered


def _home(pair: tuple[str, str], pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The pair as the table of effects names it: where one order is told, it stands for both."""
    turned = pair[1], pair[0]
    return turned if pair not in pairs and turned in pairs else pair
