"""Put a motif into backgrounds: what does it do by itself?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.experiment.effects import effect_table
from motifbook.experiment.place import (
    Background,
    Site,
    background_letters,
    centered,
    outputs_with,
    refuse_outside,
    word_of,
)
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import apply_link, trained

STRANDS = {"+": "+", "-": "-", "both": "+-"}


def marginalize(
    model: Network,
    motifs: Motif | str | Sequence[Motif | str],
    background: Background,
    *,
    start: int | None = None,
    strand: str = "+",
    letters: str = "consensus",
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Write motifs into background sequences and see what the network makes of each.

    Parameters
    ----------
    model
        Any trained network.
    motifs
        One or many: motifs, or letters such as "TGACTCA" (N for any).
    background
        Sequences without the motif: `mb.backgrounds(adata)`, a list of sequences, an AnnData, or
        letter codes (n, length) uint8. Thirty to a hundred are enough.
    start
        Position of the motif's first letter; by default the motif lies in the middle.
    strand
        "+", "-", or "both" for a row each.
    letters
        "consensus": the likeliest letter of each column of a motif; columns with less than 0.25
        bits keep the letters of the background. "drawn": letters drawn by the motif's
        probabilities, anew for every background.
    seed
        For drawn letters.

    Returns
    -------
    DataFrame
        One row per motif, strand and readout: "motif", "strand", "before" and "after" (mean
        predictions without and with the motif, on the scale of the measurement), "readout",
        "effect" (mean of after minus before), "lower" and "upper" (95 % interval of that mean
        over backgrounds, Student's t), "n" (backgrounds), "unit" of the effect: "logit" for
        binary readouts, "readout" for continuous ones.

    Raises
    ------
    InputError
        If the network is untrained, a motif or a background has other letters than it reads, the
        motif does not fit into a background, or there is no second strand.

    Notes
    -----
    The interval says how much the effect depends on the background; it says nothing about how
    well the network was trained.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> table = marginalize(model, "GGAAGTG", mb.backgrounds(adata, n=8, seed=0))
    >>> table[["motif", "strand", "n", "unit"]].to_numpy().tolist()
    [['GGAAGTG', '+', 8, 'logit']]
    """
    codes, record = background_letters(model, background), trained(model)
    signs = strands_of(strand, model.alphabet)
    given = None if start is None else _check.whole_number(start, "start", low=0)
    rng = _check.generator(seed, "marginalize")
    sites = []
    for motif in _listed(motifs):
        word = word_of(motif, model.alphabet, letters=letters, n=len(codes), rng=rng)
        first = centered(codes.shape[1], word.width) if given is None else given
        sites += [Site(word.on(sign, model.alphabet), first) for sign in signs]
    refuse_outside(codes, model.alphabet, sites, "Take longer backgrounds, or another `start`.")
    designs: list[list[Site]] = [[], *([site] for site in sites)]
    values = outputs_with(model, codes, designs, batch_size=batch_size, device=device)
    predicted = apply_link(values, record).mean(axis=1)  # (1 + n_sites, n_readouts)
    columns = {
        "motif": [site.word.name for site in sites],
        "strand": [*signs] * (len(sites) // len(signs)),
        "before": np.broadcast_to(predicted[:1], predicted[1:].shape),
        "after": predicted[1:],
    }
    return effect_table(columns, values[1:] - values[0], record)


def strands_of(strand: str, alphabet: Alphabet) -> str:
    """Return the signs "+", "-" or "+-" that `strand` asks for."""
    _check.one_of(strand, "strand", STRANDS)
    if strand != "+" and not alphabet.has_strands:
        raise _check.InputError(
            f"`strand` is {strand!r}, but {alphabet.name} sequences have no second strand; "
            'expected "+".'
        )
    return STRANDS[strand]


def _listed(motifs: Motif | str | Sequence[Motif | str]) -> list[Motif | str]:
    if isinstance(motifs, Iterable) and not isinstance(motifs, (str, Mapping)):
        listed = list(motifs)
    else:
        listed = [motifs]
    if not listed:
        raise _check.InputError("`motifs` is empty; expected a motif or more.")
    return listed
