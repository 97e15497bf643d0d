"""Where motifs come from: rows that have chosen a motif cannot test it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motifbook import _check
from motifbook.data import schema
from motifbook.motif.columns import motif_list
from motifbook.motif.learned import (
    JUDGED_ON,
    LEARNED_FROM,
    PART,
    SEEN,
    comparable,
    share_seen,
)
from motifbook.motif.matrix import Motif
from motifbook.significance.rows import Taken

if TYPE_CHECKING:
    from anndata import AnnData

ENOUGH_COMPARED = 30  # rows; fewer overlook motifs that a tenth of the rows have learned
CHOOSE, TEST = ":choose", ":test"  # halves of one readout, see `mb.halve_readout`


def refuse_seen(motifs: Sequence[Motif], adata: AnnData, taken: Taken) -> tuple[str, ...]:
    """Refuse motifs that were learned from the rows that are to test them.

    Parameters
    ----------
    motifs
        Each to be tested as it is.
    adata
        The book that `taken` was taken from.
    taken
        The rows that test.

    Returns
    -------
    tuple of str
        Sentences on motifs that do not say where they come from, or whose choice the rows took
        part in.

    Raises
    ------
    InputError
        If a motif was learned from more than 1 % of the sequences, unless from the other half of
        their readouts.

    Examples
    --------
    >>> import motifbook as mb
    >>> from motifbook.significance.rows import take_rows
    >>> adata = mb.simulate(n=50, length=60, rule="single", seed=0)
    >>> refuse_seen([mb.Motif("mine", [[0.7], [0.1], [0.1], [0.1]])], adata, take_rows(adata))[0]
    'Where 1 motif (mine) comes from is not known: its p-value holds if other data chose it.'
    """
    doubtful = [one for one in motif_list(motifs) if not _is_of_other_half(one, adata)]
    for motif in doubtful:
        _refuse(motif, adata, taken)
    return (*_unknown(doubtful), *_unsure(doubtful, taken), *_judged(doubtful))


def _is_of_other_half(motif: Motif, adata: AnnData) -> bool:
    """Whether a motif was chosen with one half of the readout, and the other is here to test it."""
    here = str(adata.uns.get(schema.PART, ""))
    return here.endswith(TEST) and motif.info.get(PART) == here.removesuffix(TEST) + CHOOSE


def _refuse(motif: Motif, adata: AnnData, taken: Taken) -> None:
    share = share_seen(motif, taken.hashes)
    if share <= SEEN:
        return
    if schema.SPLIT in adata.obs and (adata.obs[schema.SPLIT].astype(str) == "test").any():
        way_out = 'Use `rows="test"`, if these rows were kept out of training'
    else:
        way_out = "Use a network that was trained on other rows (`mb.split` before training)"
    raise _check.InputError(
        f"Motif {motif.name!r} was learned from about {share:.0%} of the {len(taken.readout):,} "
        "sequences that are to test it, so its p-value would be too small; expected sequences "
        f"that did not choose it. {way_out}, or make the readout two with `mb.halve_readout`."
    )


def _unknown(motifs: Sequence[Motif]) -> tuple[str, ...]:
    """A sentence on motifs that neither belong to a collection nor know their sequences."""
    unknown = [
        motif.name
        for motif in motifs
        if not len(motif.info.get(LEARNED_FROM, ())) and "collection" not in motif.info
    ]
    if not unknown:
        return ()
    named = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
    if len(unknown) == 1:
        return (
            f"Where 1 motif ({named}) comes from is not known: its p-value holds if other data "
            "chose it.",
        )
    return (
        f"Where {len(unknown):,} motifs ({named}) come from is not known, as motif files do not "
        "tell: their p-values hold if other data chose them.",
    )


def _unsure(motifs: Sequence[Motif], taken: Taken) -> tuple[str, ...]:
    """A sentence if too few rows can be compared with the sequences that chose a motif."""
    n = len(taken.hashes)
    fewest = min((len(comparable(motif, taken.hashes)) for motif in motifs), default=n)
    if fewest >= min(ENOUGH_COMPARED, n):
        return ()
    return (
        f"Motifs remember a sample of the sequences that chose them, with which {fewest:,} of "
        f"these {n:,} rows could be compared: that the others chose no motif is taken on trust.",
    )


def _judged(motifs: Sequence[Motif]) -> tuple[str, ...]:
    """A sentence on motifs of which all held-out rows judged whether they are used."""
    n = sum(motif.info.get(JUDGED_ON) == "held-out" for motif in motifs)
    if not n or not all(motif.info.get("used", True) for motif in motifs):
        return ()
    return (
        f"With few validation rows, test rows had a say in which motifs are used ({n} of those "
        "tested): if unused ones were left out, p-values are a little too small. Give the network "
        "in place of its motifs, which tests all of them.",
    )
