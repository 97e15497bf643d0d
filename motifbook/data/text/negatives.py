"""Sequences to compare with: shuffles of the positives."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad

from motifbook import _check, onehot
from motifbook.data import schema
from motifbook.data.text.collect import Collected, with_negatives
from motifbook.data.words import counted


def with_shuffles(positives: Collected, *, seed: int | None = None) -> ad.AnnData:
    """Add one dinucleotide shuffle per positive, named "<name>|shuffled", as negatives.

    A positive and its shuffle share a value in `obs["pair"]`; `mb.split` keeps them together.

    Raises
    ------
    InputError
        If every shuffle equals its positive, as for repeats such as AAAA.
    """
    shuffled = _shuffled(positives, seed)
    n_same = sum(a == b for a, b in zip(positives.sequences, shuffled))
    if n_same == len(shuffled):
        raise _check.InputError(
            "Every shuffle equals its sequence, so negatives would be positives; expected "
            "sequences longer and more varied than these. Give a FASTA file of negatives."
        )
    done = [
        f"Made {counted(len(shuffled), 'negative')}: each sequence with its letters reordered so "
        f"that neighboring pairs stay as frequent (dinucleotide shuffle, {seeded(seed)})."
    ]
    if n_same:
        done.append(f"{counted(n_same, 'shuffle')} came out equal to the sequence.")
    pair = positives.obs[[]].assign(**{schema.PAIR: positives.names})
    named_after = [f"{name}{schema.SHUFFLED}" for name in positives.names]
    return with_negatives(
        replace(positives, obs=positives.obs.join(pair)),
        Collected(named_after, shuffled, positives.alphabet, pair, done),
    )


def _shuffled(positives: Collected, seed: int | None) -> list[str]:
    alphabet = positives.alphabet
    padded = onehot.encode(positives.sequences, alphabet)
    rows = onehot.decode(onehot.shuffle(padded, alphabet.n_letters, seed=seed), alphabet)
    longest = padded.shape[1]
    cut = []
    for row, sequence in zip(rows, positives.sequences):
        start = (longest - len(sequence)) // 2  # where `encode` put it
        cut.append(row[start : start + len(sequence)])
    return cut


def seeded(seed: int | None) -> str:
    """Return how the draw was seeded, in words."""
    return "no seed given" if seed is None else f"seed {seed}"
