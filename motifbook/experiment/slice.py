"""Which part of a sequence carries the prediction? Shuffle a window of it, or all the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.experiment.effects import mean_interval
from motifbook.models.network import Network
from motifbook.onehot import Letters, shuffle
from motifbook.train.evaluate import apply_link, outputs, trained

PARTS = ("whole sequence", "without the window", "window alone", "all shuffled")


def slice_window(
    model: Network,
    letters: Letters,
    window: tuple[int, int],
    *,
    n_shuffles: int = 16,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Predict a sequence whose window is replaced by shuffled letters, or alone is kept.

    Parameters
    ----------
    letters : (length,) uint8
        Letter codes of one sequence.
    window
        First position and end (0-based, half-open).
    n_shuffles
        Of the sequence, with the same pairs of neighboring letters; each serves as the
        background of either cut.
    seed
        For the shuffles.

    Returns
    -------
    DataFrame
        Four rows per readout: "part" ("whole sequence", "without the window", "window alone",
        "all shuffled"), "readout", "prediction" (mean over shuffles, on the scale of the
        measurement), "lower" and "upper" (95 % interval of that mean, Student's t, within the
        predictions seen), "n" (sequences predicted) and "unit" ("probability" for binary readouts,
        "readout" for continuous ones).

    Raises
    ------
    InputError
        If the network is untrained, or the window lies outside the sequence.

    Notes
    -----
    A prediction that falls without the window and returns with the window alone is carried by it.
    One that does neither is carried from several places, each of them enough.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> parts = slice_window(model, mb.backgrounds(adata, n=1, seed=0)[0], (30, 50))
    >>> parts["part"].tolist()
    ['whole sequence', 'without the window', 'window alone', 'all shuffled']
    """
    record = trained(model)
    codes = np.asarray(letters)
    _check.shape(codes, "letters", "(length,) letter codes", None)
    first, end = _check.window(window, len(codes))
    n = _check.whole_number(n_shuffles, "n_shuffles")
    many, n_letters = np.repeat(codes[None], n, axis=0), model.alphabet.n_letters
    spans = [many[:, start:stop] for start, stop in model.spans(len(codes))]
    shuffled = np.concatenate([shuffle(span, n_letters, seed=seed) for span in spans], axis=1)
    in_window = (np.arange(len(codes)) >= first) & (np.arange(len(codes)) < end)
    without, alone = np.where(in_window, shuffled, codes), np.where(in_window, codes, shuffled)
    written = np.concatenate([codes[None], without, alone, shuffled]).astype(np.uint8)
    values = apply_link(outputs(model, written, batch_size=batch_size, device=device), record)
    tables = []
    for part, own in zip(PARTS, np.split(values, [1, 1 + n, 1 + 2 * n])):
        mean, half = mean_interval(own)
        half = np.nan_to_num(half)
        columns = {
            "part": part,
            "readout": record.readouts,
            "prediction": mean,
            "lower": np.maximum(mean - half, own.min(axis=0)),
            "upper": np.minimum(mean + half, own.max(axis=0)),
            "n": len(own),
            "unit": ["probability" if kind == "binary" else "readout" for kind in record.kinds],
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)
