"""The motif instances that a network sees in each sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook.data import store
from motifbook.data.places import find_places, find_spans, has_regions, in_genome
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.rule import RATE, find_instances, learn_rule
from motifbook.discover.use import motif_network
from motifbook.experiment.place import Background, background_letters
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData


def call_instances(
    model: Network,
    adata: AnnData,
    *,
    motifs: Sequence[Motif] | None = None,
    readout: int = 0,
    background: Background | None = None,
    rate: float = RATE,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 256,
) -> pd.DataFrame:
    """Find the motif instances that a network sees in each sequence.

    Parameters
    ----------
    model
        A trained network that reads motifs, such as `mb.MotifSyntaxNet` or `mb.CNN`.
    adata
        Sequences.
    motifs
        From `read_motifs` of this network, perhaps renamed, reverse-complemented or fewer;
        by default all that it uses, by the readouts of `adata`.
    readout
        Number of the readout that `weight` is about.
    background
        Sequences without sites (AnnData, strings or letter codes) on which false calls are
        counted; by default dinucleotide shuffles of the sequences of `adata`.
    rate
        False calls per letter of background, over all motifs together.
    seed
        For the shuffles.

    Returns
    -------
    DataFrame
        One row per instance, by sequence and start:

        - sequence, start, end, strand, motif: as `mb.scan`; the motif's own letters, not the
          filter's window, and its strand as it is drawn
        - score: log2 odds that this is a site rather than chance
        - p_value: calls per letter of background that score as high
        - q_value: share of false ones among the calls that score as high (Benjamini-Hochberg)
        - weight: what the readout loses if the network does not see this site, its pairs with
          others included: positive if the site raises the readout. Logits for binary readouts,
          their own unit for continuous ones
        - attention: largest share over layers and heads, for networks with `syntax="attention"`;
          for display, it decides nothing
        - where `adata.obs` has regions, the place in the genome as in `mb.scan`

    Raises
    ------
    InputError
        If the network is untrained, has no motif layer or reads another alphabet, a motif was not
        read from its filters, or a number is out of range.

    Notes
    -----
    One site is one instance, however many filters show the motif and on however many strands it
    reads alike: of two places of one motif that share half of its letters, the better one is
    called. Different motifs may overlap. How sites are scored: see `rule.learn_rule`.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    >>> model = mb.MotifSyntaxNet(1, width=15)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=100))
    >>> instances = call_instances(model, adata)
    >>> bool((instances["weight"] > 0).mean() > 0.9)
    True
    """
    network = motif_network(model)
    refuse_other_alphabet(network, adata)
    if motifs is None:
        motifs = read_motifs(network, adata, batch_size=batch_size, device=device)
    letters = store.get_letters(adata)
    given = None if background is None else background_letters(network, background)
    rule = learn_rule(
        network,
        letters,
        motifs,
        background=given,
        rate=rate,
        seed=seed,
        batch_size=batch_size,
        device=device,
    )
    found = find_instances(
        network, rule, letters, readout=readout, batch_size=batch_size, device=device
    )
    return _named(found, adata)


def _named(found: pd.DataFrame, adata: AnnData) -> pd.DataFrame:
    """Names for rows, positions from the first letter of each sequence, places in the genome."""
    rows = found["row"].to_numpy(dtype=np.int64)
    padding = find_spans(adata)[0][rows]
    table = found.assign(start=found["start"] - padding, end=found["end"] - padding)
    table = table.drop(columns="row")
    table.insert(0, "sequence", adata.obs_names.to_numpy(dtype=object)[rows])
    if not has_regions(adata):
        return table
    starts, ends = (table[column].to_numpy(dtype=np.int64) for column in ("start", "end"))
    places = in_genome(find_places(adata), rows, starts, ends, table["strand"])
    return pd.concat([table, places], axis=1)
