"""What a single known motif can tell: the best one of a whole collection, without training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook.data import schema, store
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import Words, best_scores, prepare
from motifbook.report.scores import MEASURE, Predictor, measure

if TYPE_CHECKING:
    from anndata import AnnData

MOST_ROWS = 1500  # training rows on which the whole collection is tried
KNOWN_NAME = "best known motif"
N_BEST = 5  # of them are tried on the rows that judge

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def best_known(adata: AnnData, known: Sequence[Motif], judges: IntArray) -> Predictor:
    """Predict each readout by the best match of one known motif.

    Five motifs are chosen on training rows; of these the one that does best on the rows that
    judge is taken, which favors it a little over the networks.

    Parameters
    ----------
    known
        In the alphabet of the sequences.
    judges
        Rows to predict.
    """
    letters, values = store.get_letters(adata), store.get_readouts(adata)
    split = adata.obs[schema.SPLIT].astype(str).to_numpy()
    train = np.random.default_rng(0).permutation(np.flatnonzero(split == "train"))[:MOST_ROWS]
    words = prepare(letters[train], known[0].alphabet.n_letters)
    tried = np.stack([best_matches(motif, words) for motif in known])
    judged = prepare(letters[judges], known[0].alphabet.n_letters)
    columns, names = [], []
    for column, kind in zip(values.T, store.readout_kinds(adata)):
        gains = _gains(kind, column[train], tried)
        finalists = np.argsort(-np.abs(gains), kind="stable")[:N_BEST]
        signs = np.sign(gains[finalists])[:, None]
        scores = signs * np.stack([best_matches(known[i], judged) for i in finalists])
        winner = int(_gains(kind, column[judges], scores).argmax())
        columns.append(scores[winner])
        names.append(_title(known[finalists[winner]]))
    title = KNOWN_NAME
    about = f"The best match of one of {len(known):,} known motifs, nothing else."
    if len(names) == 1:
        title = f"{title}: {names[0]}"
    else:
        about += " " + "; ".join(f"{r}: {n}" for r, n in zip(adata.var_names, names)) + "."
    return Predictor(title, about, np.stack(columns, axis=1).astype(np.float32), has_scale=False)


def best_matches(motif: Motif, words: Words) -> FloatArray:
    """Score of the best match in each sequence, (n,), over positions and strands.

    Sequences without a window of known letters get the lowest score of all.
    """
    best = best_scores(motif, words).astype(np.float64)
    fits = np.isfinite(best)
    best[~fits] = best[fits].min(initial=0.0)
    found: FloatArray = best
    return found


def _gains(kind: str, measured: npt.NDArray[np.float32], scores: FloatArray) -> FloatArray:
    """Distance of each row of `scores` from what chance gives, (n_motifs,); 0 if undefined."""
    rows = np.flatnonzero(~np.isnan(measured))
    chance = 0.5 if MEASURE[kind] == "auroc" else 0.0
    own = measured[rows].astype(np.float64)
    return np.nan_to_num([measure(kind, own, score[rows]) - chance for score in scores])


def _title(motif: Motif) -> str:
    identifier = motif.info.get("id")
    return f"{motif.name} ({identifier})" if identifier else motif.name
