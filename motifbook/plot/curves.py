"""Curves: how well a network tells, how its training went, what a motif's match does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.plot import svg
from motifbook.plot.colors import BLUE, GRAY, INK, SERIES, VERMILLION, blend
from motifbook.plot.panel import (
    Dots,
    FloatArray,
    Line,
    Mark,
    Page,
    Panel,
    Text,
    area,
    boxes,
    key,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def roc(
    measured: npt.ArrayLike,
    prediction: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how well predictions tell positives from negatives (receiver operating characteristic).

    Parameters
    ----------
    measured : (n,) or (n, n_readouts)
        1 for positives, 0 for negatives, NaN where not measured.
    prediction : like `measured`
        Anything that is larger for positives; or name -> predictions of the same readout, such as
        those of several networks, one curve each.
    names : n_readouts strings
        Words for each curve.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If the shapes differ, a value is neither 0 nor 1, or one of both classes is missing.
    """
    from motifbook.plot import axes

    return axes.draw(_roc(measured, prediction, names), ax)


def roc_svg(
    measured: npt.ArrayLike,
    prediction: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    names: Sequence[str] | None = None,
) -> str:
    """Return `roc` as SVG text."""
    panel = _roc(measured, prediction, names)
    return svg.write(Page([[panel]], "Receiver operating characteristic", panel.title))


def agreement(
    measured: npt.ArrayLike,
    prediction: npt.ArrayLike,
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw predictions against measurements as a map of how many sequences lie where.

    Parameters
    ----------
    measured, prediction : (n,)
        In the same unit; NaN where not measured.
    title
        Words above it, such as the readout; Pearson's r is added.
    ax
        Where to draw; a new figure by default.
    """
    from motifbook.plot import axes

    return axes.draw(_agreement(measured, prediction, title), ax)


def agreement_svg(measured: npt.ArrayLike, prediction: npt.ArrayLike, *, title: str = "") -> str:
    """Return `agreement` as SVG text."""
    panel = _agreement(measured, prediction, title)
    return svg.write(Page([[panel]], "Predicted against measured", panel.title))


def history(
    steps: npt.ArrayLike,
    training: npt.ArrayLike,
    validation: npt.ArrayLike | None = None,
    *,
    kept: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss during training.

    Parameters
    ----------
    steps : (n_rounds,)
        Batches seen at each look.
    training, validation : (n_rounds,)
        Loss on the sequences learned from, and on those set aside.
    kept
        The round whose weights were kept, counted from 0 (`History.best_round`); it gets a dot.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If there are no losses, their numbers differ, or there is no such round.
    """
    from motifbook.plot import axes

    return axes.draw(_history(steps, training, validation, kept), ax)


def history_svg(
    steps: npt.ArrayLike,
    training: npt.ArrayLike,
    validation: npt.ArrayLike | None = None,
    *,
    kept: int | None = None,
) -> str:
    """Return `history` as SVG text."""
    panel = _history(steps, training, validation, kept)
    return svg.write(Page([[panel]], "Loss during training"))


def response(
    score: npt.ArrayLike,
    effect: npt.ArrayLike,
    *,
    interval: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    xlabel: str = "best match score",
    ylabel: str = "effect on the prediction",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a better match of a motif does to the prediction.

    Parameters
    ----------
    score : (n_points,)
        Best match score, rising.
    effect : (n_points,) or (n_curves, n_points)
        Effect at each score.
    interval : (2, n_points) or (n_curves, 2, n_points)
        Lower and upper bounds of the effect, shaded.
    names : n_curves strings
        Words for each curve.
    xlabel, ylabel
        What is shown, with its unit.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If the shapes do not belong together.
    """
    from motifbook.plot import axes

    panel = _response(score, effect, interval, names, (xlabel, ylabel))
    return axes.draw(panel, ax)


def response_svg(
    score: npt.ArrayLike,
    effect: npt.ArrayLike,
    *,
    interval: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    xlabel: str = "best match score",
    ylabel: str = "effect on the prediction",
) -> str:
    """Return `response` as SVG text."""
    panel = _response(score, effect, interval, names, (xlabel, ylabel))
    return svg.write(Page([[panel]], f"{ylabel} by {xlabel}"))


def _points(values: npt.ArrayLike, name: str) -> FloatArray:
    """Numbers to draw, of one axis or more."""
    return np.atleast_1d(_check.numbers(values, name, "numbers"))


def _roc(
    measured: npt.ArrayLike,
    prediction: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    names: Sequence[str] | None,
) -> Panel:
    truth = _points(measured, "measured")
    if isinstance(prediction, Mapping):
        names, curves = list(prediction), [np.ravel(values) for values in prediction.values()]
        for name, values in zip(names, curves):
            _check.shape(values, f"prediction[{name!r}]", "(n,), like `measured`", truth.size)
        prediction = np.column_stack(curves)
        truth = np.tile(truth.reshape(-1, 1), len(names))
    score = _points(prediction, "prediction")
    _check.shape(score, "prediction", f"{truth.shape}, like `measured`", *truth.shape)
    truth, score = truth.reshape(len(truth), -1), score.reshape(len(score), -1)
    words = [""] * truth.shape[1] if names is None else list(names)
    marks: list[Mark] = [
        Line([0, 1], [0, 1], GRAY, width=1, dashed=True),
        Text(0.4, 0.36, "chance", GRAY),
    ]
    for i, name in enumerate(words):
        false_rate, true_rate = _rates(truth[:, i], score[:, i])
        auroc = float((np.diff(false_rate) * (true_rate[1:] + true_rate[:-1]) / 2).sum())
        color = SERIES[i % len(SERIES)]
        marks.append(Line(false_rate, true_rate, color, width=2))
        line = 8 + 16 * (len(words) - 1 - i)
        marks.append(Text(1, 0, f"{name} auROC {auroc:.3f}".strip(), INK, "end", (-20, line)))
        marks.append(Text(1, 0, "\u25a0", color, "end", (-6, line)))
    return Panel(
        marks,
        (0, 1),
        (0, 1.01),
        xlabel="false positive rate",
        ylabel="true positive rate",
        size=(340, 320),
    )


def _rates(truth: FloatArray, score: FloatArray) -> tuple[FloatArray, FloatArray]:
    """False and true positive rate at every threshold, from (0, 0) to (1, 1)."""
    is_known = ~np.isnan(truth)
    truth, score = truth[is_known], score[is_known]
    if set(np.unique(truth)) != {0.0, 1.0}:
        shown = ", ".join(f"{value:g}" for value in np.unique(truth)[:5])
        raise _check.InputError(
            f"`measured` holds {shown or 'nothing'}; expected both 0 (negative) and 1 (positive). "
            "Measured values on a scale go through `plot.agreement`."
        )
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)  # ties move together
    positives = np.cumsum(truth[order])[last]
    negatives = np.cumsum(1 - truth[order])[last]
    return (
        np.insert(negatives / negatives[-1], 0, 0.0),
        np.insert(positives / positives[-1], 0, 0.0),
    )


def _agreement(measured: npt.ArrayLike, prediction: npt.ArrayLike, title: str) -> Panel:
    x, y = _points(measured, "measured").ravel(), _points(prediction, "prediction").ravel()
    _check.shape(y, "prediction", f"{x.shape}, like `measured`", *x.shape)
    is_known = np.isfinite(x) & np.isfinite(y)
    x, y = x[is_known], y[is_known]
    if len(x) < 2:
        raise _check.InputError(
            f"`measured` has {len(x)} values that are known; expected at least 2."
        )
    r = float(np.corrcoef(x, y)[0, 1]) if x.std() > 0 and y.std() > 0 else float("nan")
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=44)
    columns, rows = np.nonzero(counts)
    level = np.ceil(6 * np.log1p(counts[columns, rows]) / np.log1p(counts.max()))
    sides = (x_edges[columns], x_edges[columns + 1]), (y_edges[rows], y_edges[rows + 1])
    colors = [blend(BLUE, 0.1 + 0.15 * share) for share in level.tolist()]
    ends = [max(x_edges[0], y_edges[0]), min(x_edges[-1], y_edges[-1])]
    marks: list[Mark] = [boxes(*sides, colors)]
    if ends[0] < ends[1]:
        marks.append(Line(ends, ends, GRAY, width=1, dashed=True))
    named = f"{title}: " if title else ""
    return Panel(
        marks,
        (float(x_edges[0]), float(x_edges[-1])),
        (float(y_edges[0]), float(y_edges[-1])),
        xlabel="measured",
        ylabel="predicted",
        title=f"{named}Pearson r {r:.2f}, {len(x):,} sequences",
        size=(360, 340),
    )


def _history(
    steps: npt.ArrayLike,
    training: npt.ArrayLike,
    validation: npt.ArrayLike | None,
    kept: int | None,
) -> Panel:
    x = _points(steps, "steps")
    _check.shape(x, "steps", "(n_rounds,)", None)
    curves = [("training", _points(training, "training"), BLUE)]
    if validation is not None:
        curves.append(("validation", _points(validation, "validation"), VERMILLION))
    for name, losses, _ in curves:
        _check.shape(losses, name, "(n_rounds,), like `steps`", len(x))
    values = np.concatenate([losses[np.isfinite(losses)] for _, losses, _ in curves])
    if not len(values):
        raise _check.InputError("`training` holds no losses; expected one number per round.")
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or 0.1
    first, last = float(x[0]), max(float(x[-1]), float(x[0]) + 1)
    marks: list[Mark] = [Line(x, losses, color, width=2) for _, losses, color in curves]
    if kept is not None:
        kept = _check.whole_number(kept, "kept", low=0, high=len(x) - 1)
        _, losses, color = curves[-1]
        at, loss = float(x[kept]), float(losses[kept])
        is_late = at > first + 0.7 * (last - first)
        anchor, shift = ("end", -4) if is_late else ("start", 4)
        marks.append(Dots([at], [loss], color, radius=4.5))
        marks.append(Text(at, loss, "kept", INK, anchor, (shift, 9)))
    marks += key([(name, color) for name, _, color in curves], last, high + room)
    return Panel(
        marks,
        (first, last),
        (low - room, high + room),
        xlabel="training steps (batches)",
        ylabel="loss",
        title="Training",
        size=(420, 260),
    )


def _response(
    score: npt.ArrayLike,
    effect: npt.ArrayLike,
    interval: npt.ArrayLike | None,
    names: Sequence[str] | None,
    labels: tuple[str, str],
) -> Panel:
    x = _points(score, "score")
    _check.shape(x, "score", "(n_points,)", None)
    if not len(x) or not x[0] < x[-1]:
        raise _check.InputError(f"`score` is {_check.shown(score)}; expected rising numbers.")
    curves = np.atleast_2d(_points(effect, "effect"))
    n_curves = len(curves)
    _check.shape(curves, "effect", "(n_curves, n_points), like `score`", None, len(x))
    bounds = np.stack([curves, curves], axis=1)
    if interval is not None:
        bounds = _points(interval, "interval").reshape(-1, 2, len(x))
        _check.shape(bounds, "interval", "(n_curves, 2, n_points)", n_curves, 2, len(x))
    bottom, top = min(0.0, float(np.nanmin(bounds))), max(0.0, float(np.nanmax(bounds)))
    room = 0.06 * (top - bottom) or 0.1
    marks: list[Mark] = [Line([x[0], x[-1]], [0, 0], GRAY, width=1, dashed=True)]
    colors = [SERIES[i % len(SERIES)] for i in range(n_curves)]
    if interval is not None:
        marks += [area(x, low, high, blend(c, 0.2)) for (low, high), c in zip(bounds, colors)]
    marks += [Line(x, curves[i], colors[i], width=2) for i in range(n_curves)]
    if names is not None:
        marks += key(list(zip(names, colors)), float(x[-1]), top + room)
    xlabel, ylabel = labels
    return Panel(
        marks,
        (float(x[0]), float(x[-1])),
        (bottom - room, top + room),
        xlabel=xlabel,
        ylabel=ylabel,
        title="Effect of a better match",
        size=(440, 280),
    )
