"""Logos: a page of them, a long one, as a file and as a figure to go on with."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer


def matrices(folder: Path, n: int, width: int) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.dirichlet(np.full(4, 0.3), width).T for _ in range(n)]


def svg(data: list[Any]) -> Call:
    import matplotlib.textpath  # noqa: F401  # outlines of letters

    from motifbook import Motif, plot

    motifs = [Motif(f"filter_{number}", ppm) for number, ppm in enumerate(data)]
    if len(motifs) == 1:
        return lambda: plot.logo_svg(motifs[0])
    return lambda: plot.gallery_svg(motifs, columns=8)


def axes(data: list[Any]) -> Call:
    import matplotlib.textpath  # noqa: F401

    import motifbook.plot.axes  # noqa: F401
    from motifbook import Motif, plot

    motifs = [Motif(f"filter_{number}", ppm) for number, ppm in enumerate(data)]

    def draw() -> None:
        for motif in motifs:
            plot.logo(motif)

    return draw


def _with_logomaker(data: list[Any], writes: bool) -> Call:
    import logomaker
    import pandas as pd
    from matplotlib.figure import Figure

    from motifbook import Motif

    bits = [pd.DataFrame(Motif("", ppm).icm().T, columns=list("ACGT")) for ppm in data]

    def draw() -> str | None:
        page = Figure(figsize=(12, 1.5 * len(bits)))
        for table, ax in zip(bits, np.atleast_1d(page.subplots(len(bits)))):
            logomaker.Logo(table, ax=ax)
        if not writes:
            return None
        text = io.StringIO()
        page.savefig(text, format="svg")
        return text.getvalue()

    return draw


def logomaker_svg(data: list[Any]) -> Call:
    return _with_logomaker(data, writes=True)


def logomaker_axes(data: list[Any]) -> Call:
    return _with_logomaker(data, writes=False)


WRITTEN = (Peer("logomaker", logomaker_svg, "logomaker", "logomaker"),)
DRAWN = (Peer("logomaker", logomaker_axes, "logomaker", "logomaker"),)


def _match(
    job: str, usual: tuple[int, int], small: tuple[int, int], *, writes: bool = True
) -> Match:
    sizes = [dict(zip(("n", "width"), size)) for size in (usual, small)]
    return Match(job, matrices, *((svg, WRITTEN) if writes else (axes, DRAWN)), *sizes)


MATCHES = [
    _match("logo 4 x {width}, SVG", (1, 20), (1, 3)),
    _match("logo 4 x {width}, SVG", (1, 200), (1, 4)),
    _match("page of {n} logos 4 x {width}, SVG", (16, 20), (2, 3)),
    _match("logo 4 x {width}, Axes", (1, 20), (1, 3), writes=False),
]
