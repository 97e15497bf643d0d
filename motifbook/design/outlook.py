"""What to expect of designs: what a judge says, and how far they are from known ground."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook.design.answers import Answers, ask_networks
from motifbook.design.goal import Goal
from motifbook.design.judge import judges_of, shared_training
from motifbook.design.known_data import distance_table, read_known
from motifbook.design.outlook_words import outlook_words
from motifbook.design.problem import final, first
from motifbook.design.scorer import FloatArray
from motifbook.design.shared_ends import on_missing_ends
from motifbook.models.network import Network
from motifbook.onehot import decode

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.design.designs import Designs


def outlook(
    designs: Designs,
    judge: Network | Sequence[Network] | None = None,
    adata: AnnData | None = None,
    *,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 256,
) -> pd.DataFrame:
    """Say what to expect of each design, without flattery.

    Parameters
    ----------
    judge
        Networks that learned from other rows, see `mb.fit_judge`. Without one, the designing
        networks judge themselves, and the words say so.
    adata
        The data that the networks learned from; its test rows, if any, count as held out. Without
        it, what needs it is NaN.
    seed
        For the rows that stand for all where there are many: 10,000 are predicted, 500 held-out
        ones say what distance is usual.

    Returns
    -------
    DataFrame
        One row per design:

        - design
        - <readout>, <readout>_judge, <readout>_judge_lowest, <readout>_judge_highest: for every
          readout of the goal, the prediction of the designing networks, of the judge, and of its
          lowest and highest network; on the scale of the measurement
        - score, judge_score: how far the goal is reached by either, as in `designs.table` but
          without caution
        - percentile: share of training rows, 0 to 100, that reach the goal less, by the judge
        - beats_best: probability that it is above the best of as many training rows, drawn at
          random, as there are designs
        - agree: share of the judge's networks that put the design above its start
        - extrapolates: whether a prediction lies beyond all those for training rows; missing
          without `adata`
        - nearest, identity: training row that shares most letters, and the share of letters, at
          the best offset, without gaps, on the better strand
        - distance, distance_percentile: 1 - cosine of the counts of all six-letter words to the
          most alike training row, and share of held-out rows, 0 to 100, that are nearer to the
          training rows than this (without 20 test rows: of training rows to the nearest other)
        - n_sites, sites_percentile: sites of the designs' motifs, hits of a scan at p-value 1e-4,
          and share of training rows, 0 to 100, that have fewer
        - judge_shared: share of the judge's training sequences that the designing networks
          learned from, too; NaN if unknown
        - words: all this in a sentence or two

    Raises
    ------
    InputError
        If the judge predicts other readouts or reads another alphabet, one of its networks made
        the designs, or `adata` holds no such sequences.
    """
    judges = [] if judge is None else judges_of(designs, judge)
    known = None if adata is None else read_known(adata, designs.models[0], designs.motifs, seed)
    panel = judges or list(designs.models)
    ask = partial(ask_networks, goal=designs.goal, batch_size=batch_size, device=device)
    letters, starts = final(designs.paths), first(designs.paths)
    own, theirs = ask(designs.models, letters), ask(panel, letters)
    ranked = None if known is None else ask(panel, known.ranked)
    table = pd.concat(
        [
            _predictions(designs, own, theirs if judges else None),
            _ranks(designs.goal, theirs, ask(panel, starts), ranked),
            distance_table(letters, designs.motifs, known),
        ],
        axis=1,
    )
    table["judge_shared"] = shared_training(designs.models, judges) if judges else np.nan
    said = outlook_words(table, designs.goal, n_judges=len(judges), known=known)
    if known is not None:
        texts = decode(known.ranked, known.alphabet, strip=True)
        missing = on_missing_ends(designs.sequences, texts)
        said = [" ".join(filter(None, both)) for both in zip(said, missing)]
    table["words"] = said
    return table


def _predictions(designs: Designs, own: Answers, judged: Answers | None) -> pd.DataFrame:
    """Predictions of the designing networks and of the judge, NaN without one."""
    columns: dict[str, object] = {"design": designs.table["design"].astype(str).to_numpy()}
    for aim in designs.goal.aims:
        columns[aim.name] = own.predictions[:, aim.number]
        values: list[FloatArray | float] = [np.nan] * 3
        if judged is not None:
            each = judged.each[:, :, aim.number]
            values = [judged.predictions[:, aim.number], each.min(axis=0), each.max(axis=0)]
        for end, value in zip(("judge", "judge_lowest", "judge_highest"), values):
            columns[f"{aim.name}_{end}"] = value
    columns["score"] = own.scores.mean(axis=0)
    columns["judge_score"] = np.nan if judged is None else judged.scores.mean(axis=0)
    return pd.DataFrame(columns)


def _ranks(goal: Goal, designs: Answers, starts: Answers, rows: Answers | None) -> pd.DataFrame:
    """Where the designs stand among training rows, and whether networks agree on them."""
    n = designs.scores.shape[1]
    ranks = pd.DataFrame({"percentile": np.full(n, np.nan), "beats_best": np.nan})
    ranks["agree"] = (designs.scores > starts.scores).mean(axis=0)
    ranks["extrapolates"] = pd.array([pd.NA] * n, dtype="boolean")
    if rows is None:
        return ranks
    scores = np.sort(rows.scores.mean(axis=0))
    below = np.searchsorted(scores, designs.scores.mean(axis=0)) / len(scores)
    aims = [aim.number for aim in goal.aims]
    known, values = rows.outputs[:, aims], designs.outputs[:, aims]
    is_beyond = (values < known.min(axis=0)) | (values > known.max(axis=0))
    ranks["percentile"], ranks["beats_best"] = 100 * below, below**n
    ranks["extrapolates"] = pd.array(is_beyond.any(axis=1), dtype="boolean")
    return ranks
