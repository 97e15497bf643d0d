"""The data that networks learned from, as the ground on which designs are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data import schema, store
from motifbook.design.motif_hits import HitFinder
from motifbook.design.novelty import FloatArray, distances, find_nearest, nearest_words
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

MOST_RANKED = 10_000  # rows that are predicted, to rank designs among
MOST_HELD_OUT, FEWEST_HELD_OUT = 500, 20  # rows that say what distance is usual


@dataclass(frozen=True, eq=False)
class Known:
    """Sequences that networks learned from.

    Parameters
    ----------
    names : (n_rows,)
        Of all of them.
    letters : (n_rows, length)
        Their letter codes.
    ranked : (n_ranked, length)
        Those that stand for all where predictions are ranked.
    n_sites : (n_ranked,)
        How many motif sites those have, in increasing order.
    usual : (n_usual,)
        Distances of held-out rows to the nearest of them, in increasing order; of a sample of
        themselves, to the nearest other, where few are held out.
    is_held_out
        Whether `usual` is of held-out rows.
    alphabet
        Of the letters.
    """

    names: npt.NDArray[np.object_]
    letters: Letters
    ranked: Letters
    n_sites: npt.NDArray[np.int64]
    usual: FloatArray
    is_held_out: bool
    alphabet: Alphabet


def read_known(adata: AnnData, model: Network, motifs: Sequence[Motif], seed: int | None) -> Known:
    """Return the rows of `adata` that are not for testing, and what distance from them is usual.

    Raises
    ------
    InputError
        If `adata` holds no sequences, fewer than two, or another alphabet than the network reads.
    """
    schema.validate(adata)
    refuse_other_alphabet(model, adata)
    rng = _check.generator(seed, "outlook")
    letters = store.get_letters(adata)
    is_test = np.zeros(len(letters), dtype=bool)
    if schema.SPLIT in adata.obs:
        is_test = (adata.obs[schema.SPLIT] == "test").to_numpy()
    training, held_out = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    if len(training) < 2:
        raise _check.InputError(
            f"`adata` has {len(training)} rows that are not for testing; expected the data that "
            "the networks learned from."
        )
    is_held_out = len(held_out) >= FEWEST_HELD_OUT
    sample = _draw(held_out if is_held_out else training, MOST_HELD_OUT, rng)
    own_rows = None if is_held_out else np.searchsorted(training, sample)
    _, cosines = nearest_words(
        letters[sample], letters[training], model.alphabet, own_rows=own_rows
    )
    ranked = letters[_draw(training, MOST_RANKED, rng)]
    names = adata.obs_names.to_numpy(dtype=object)[training]
    usual = np.sort(distances(cosines))
    n_sites = np.sort(count_sites(motifs, ranked))
    return Known(names, letters[training], ranked, n_sites, usual, is_held_out, model.alphabet)


def count_sites(motifs: Sequence[Motif], letters: Letters) -> npt.NDArray[np.int64]:
    """How many motif sites each sequence, (n, length), has."""
    return np.bincount(HitFinder(motifs).find(letters).row, minlength=len(letters))


def _draw(
    rows: npt.NDArray[np.int64], most: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    return rows if len(rows) <= most else rng.choice(rows, most, replace=False)


def distance_table(letters: Letters, motifs: Sequence[Motif], known: Known | None) -> pd.DataFrame:
    """Distance of letter codes, (n, length), to what is known; NaN where nothing is."""
    n_sites = count_sites(motifs, letters)
    if known is None:
        columns = ["nearest", "identity", "distance", "distance_percentile"]
        table = pd.DataFrame(np.nan, index=range(len(letters)), columns=columns)
        return table.astype({"nearest": object}).assign(n_sites=n_sites, sites_percentile=np.nan)
    found = find_nearest(letters, known.letters, known.alphabet)
    nearer = np.searchsorted(known.usual, found.distance) / len(known.usual)
    return pd.DataFrame(
        {
            "nearest": known.names[found.rows],
            "identity": found.identity,
            "distance": found.distance,
            "distance_percentile": 100 * nearer,
            "n_sites": n_sites,
            "sites_percentile": 100 * np.searchsorted(known.n_sites, n_sites) / len(known.n_sites),
        }
    )
