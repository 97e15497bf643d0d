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
    from motifbook import Motif, plot

    motifs = [Motif(f"filter_{number}", ppm) for number, ppm in enumerate(data)]
    if len(motifs) == 1:
        return lambda: plot.logo_svg(motifs[0])
    return lambda: plot.gallery_svg(motifs, columns=8)


def axes(data: list[Any]) -> Call:
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
MATCHES = [
    Match("logo 4 x {width}, SVG", matrices, svg, WRITTEN, {"n": 1, "width": 20}, {"n": 1, "width": 6}),
    Match("logo 4 x {width}, SVG", matrices, svg, WRITTEN, {"n": 1, "width": 200}, {"n": 1, "width": 12}),
    Match("page of {n} logos 4 x {width}, SVG", matrices, svg, WRITTEN, {"n": 32, "width": 20}, {"n": 2, "width": 6}),
    Match("logo 4 x {width}, Axes", matrices, axes, DRAWN, {"n": 1, "width": 20}, {"n": 1, "width": 6}),
]  # fmt: skip
