"""Masks of single sequences, without training a scrambler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.attribution import chance
from motifbook.attribution.background import Sampler
from motifbook.attribution.predictor import Asked, frozen
from motifbook.attribution.scrambler.fit import Request, checked, make_lesson
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.per_sequence import Search, optimize
from motifbook.attribution.scrambler.questions import complete
from motifbook.attribution.scrambler.reading import Reader
from motifbook.attribution.scrambler.result import Masks
from motifbook.attribution.scrambler.rows import read_rows
from motifbook.models.network import Network

if TYPE_CHECKING:
    from anndata import AnnData


def optimize_masks(
    model: Network,
    adata: AnnData,
    *,
    mode: str = "inclusion",
    bits: float | str | None = None,
    readout: Asked = 0,
    background: str | npt.ArrayLike | Sampler = "data",
    n_steps: int = 150,
    options: ScramblerOptions | None = None,
    seed: int | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Masks:
    """Optimize a mask for each sequence by itself, for a few sequences.

    From some hundred sequences upward `fit_scrambler` is faster, and what sequences share helps.

    Parameters
    ----------
    model
        Any trained network, which stays as it is.
    adata
        Sequences.
    mode, readout, background
        See `fit_scrambler`.
    bits
        What masks select, mean per position: bits, or a share of the letters such as "5%". None
        for a tenth of what all letters hold.
    n_steps
        Of Adam, for every sequence.
    options
        See `ScramblerOptions`. No network is trained and every mask meets its budget, so that of
        these `n_draws`, `start_share`, `fall`, `parametrization`, `sampling`, `divergence`,
        `reference`, `side`, `fixed` and `smoothing` are used.

    Returns
    -------
    Masks
        One per sequence. In "exclusion", those of sequences outside the class mean nothing.

    Raises
    ------
    InputError
        As `fit_scrambler`.

    Notes
    -----
    Linder et al. 2022, optimization of single examples (Adam, 0.01, 300 to 600 steps); here at a
    learning rate of 0.1 with an exact budget that falls.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=60, length=60, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> _ = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> masks = optimize_masks(model, adata[:4], bits=0.2, n_steps=3, seed=0, progress=False)
    >>> masks.bits.mean(axis=1).round(2).tolist() == np.float32([0.2] * 4).tolist()
    True
    """
    settings = checked(mode, options)
    generator_seed = int(_check.generator(seed, "scrambler").integers(2**31))
    n_steps = _check.whole_number(n_steps, "n_steps")
    share, fall = settings.start_share, settings.fall
    search = Search(n_steps, settings.n_draws, share, fall, settings.smoothing)
    with frozen(model, readout, device=device) as predictor:
        rows = complete(read_rows(model, adata, predictor, settings))
        everything = np.arange(len(rows))
        asked = Request(mode, bits, background, settings)
        lesson = make_lesson(asked, rows, (everything, everything), predictor, [])
        budget = lesson.budget.goal or lesson.budget.ceiling / 10
        generator = chance.generator(generator_seed)
        reader = Reader(lesson.rule, predictor, rows, generator)
        return optimize(reader, budget, search, progress=progress)
