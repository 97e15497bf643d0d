"""Figures into files that journals and drawing programs accept."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motifbook import _check

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from motifbook.plot.sheet import Sheet

_SUFFIXES = (".svg", ".pdf", ".png")
_DATELESS = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
_EDITABLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "motifbook", "pdf.fonttype": 42}


def save(
    picture: Axes | Figure | Sheet | str, path: str | os.PathLike[str], *, dpi: float = 300
) -> Path:
    """Write a picture to `path`; the suffix (.svg, .pdf, .png) chooses the format.

    Words stay editable in SVG and PDF, and the same picture gives the same file. Missing folders
    are made.

    Parameters
    ----------
    picture
        What a function of `plot` returned: Axes (their whole figure is written), a sheet (at its
        exact size), or SVG text.
    path
        An existing file is replaced.
    dpi
        Dots per inch of PNG.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the suffix is unknown, SVG text shall become another format, or it cannot be written.

    Notes
    -----
    A warning says which panels of a sheet have words that cannot be read at its size.
    """
    target = _check.a_path(path)
    suffix = target.suffix.lower()
    _check.one_of(suffix, "suffix", _SUFFIXES)
    _check.number(dpi, "dpi", low=20, high=2400, what="dots per inch")
    if isinstance(picture, str) and suffix != ".svg":
        raise _check.InputError(
            f"`path` is {str(path)!r}, but SVG text is only written as .svg. Draw the figure on "
            "Axes (the function of the same name without `_svg`) and save those."
        )
    _refuse_others(picture)
    _check.make_folder(target.parent, "path", "name a file in a folder where you may write.")
    for complaint in getattr(picture, "check", list)():
        warnings.warn(complaint, stacklevel=2)
    with _check.new_file(target) as part:
        if isinstance(picture, str):
            part.write_text(picture, encoding="utf-8")
        else:
            part.write_bytes(_drawn(picture, suffix, dpi))
    return target


def _refuse_others(picture: object) -> None:
    is_svg = isinstance(picture, str) and picture.lstrip().startswith(("<svg", "<?xml"))
    has_figure = hasattr(getattr(picture, "figure", None), "figure")  # as `whole_figure` asks
    if not is_svg and not has_figure:
        raise _check.InputError(
            f"`picture` is {_check.shown(picture)}; expected what a function of `mb.plot` "
            "returned, such as `mb.plot.logo(motif)`: Axes, a figure, a sheet, or SVG text. An "
            "explorer saves itself: `explorer.save(path)`."
        )


def _drawn(picture: Axes | Figure | Sheet, suffix: str, dpi: float) -> bytes:
    """The whole file: matplotlib hides why it cannot be written."""
    import matplotlib

    file = io.BytesIO()
    figure = whole_figure(picture)
    has_size = figure.get_layout_engine() is not None  # it keeps its words inside by itself
    with matplotlib.rc_context(_EDITABLE):
        figure.savefig(
            file,
            format=suffix.removeprefix("."),
            dpi=dpi,
            bbox_inches=None if has_size else "tight",
            metadata=_DATELESS[suffix],
        )
    return file.getvalue()


def whole_figure(picture: Axes | Figure | Sheet) -> Figure:
    """Return the figure that Axes, or a part of a figure, belong to."""
    part: Any = picture.figure
    whole: Figure = part.figure  # the figure around a part; a whole figure is its own
    return whole
