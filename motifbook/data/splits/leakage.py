"""How related the splits are, and what that does to test scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data import schema, show, store
from motifbook.data.splits.copies import core_hashes, sequence_hashes
from motifbook.data.splits.relations import (
    Mask,
    in_families,
    meets,
    overlaps,
    parts_of,
    relation_table,
)
from motifbook.data.splits.stretches import Hashes, Stretches, is_large, stretches
from motifbook.data.words import percent

# Shares of held-out rows from which scores move visibly. Where a share p of the rows is predicted
# without error, because the network remembers them, R2 rises by p (1 - R2): by 0.005 for 1 % of
# copies at R2 = 0.5. Relatives are remembered in part: 5 % of them, with errors of half the size
# (a quarter of the square), give 0.02. The standard error of a score on 1,000 rows is 0.01 to 0.03.
COPIES, SIMILAR = 0.01, 0.05
_FEWEST = 3  # related rows: one or two in a small set may be chance
_NOUNS = {"train": "training", "validation": "validation", "test": "test"}
_FIX = '`adata.obs["split"] = mb.split(adata, by="{by}", seed=0)`'


class LeakageWarning(UserWarning):
    """Held-out sequences resemble training sequences, so that scores are too good."""


@dataclass(frozen=True, repr=False)
class Leakage:
    """How related the splits are.

    Parameters
    ----------
    table
        One row per pair of splits: "split", "reference", "n" rows of `split`; how many of them are
        copies of a sequence of `reference`, on either strand, constant flanks aside ("n_copies",
        "copies" as a share); are copies or share 24 letters in a row ("n_similar", "similar");
        belong to a family that `reference` holds too ("n_family"); lie where a region of
        `reference` lies ("n_overlap"). <NA> where there are no families or regions.
    sentences
        The same in words, and what to do.
    matters
        Whether scores on validation or test rows are visibly too good: more than 1 % of them are
        copies, or more than 5 % relatives or of one family, of training rows, and at least three.
    """

    table: pd.DataFrame
    sentences: tuple[str, ...]
    matters: bool

    def __repr__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        shares = {name: self.table[name].map(percent) for name in ("copies", "similar")}
        told = self.table.assign(**shares).dropna(axis="columns", how="all")
        head = [name.replace("_", " ") for name in told.columns]
        rows = told.to_numpy().tolist()
        return show.paragraphs(self.sentences) + show.table("Related rows", head, rows)


def leakage(adata: ad.AnnData, *, family: str | None = None) -> Leakage:
    """Say in numbers and words how related training, validation and test sequences are.

    Parameters
    ----------
    adata
        Sequences with `obs["split"]`.
    family
        A column of `adata.obs` whose equal values mean relatives, such as the element that
        variants were made of; by default `obs["pair"]`, where it is there. A positive and its own
        shuffle are no relatives.

    Notes
    -----
    Two sequences are similar if they share 24 letters in a row, on either strand (three quarters
    of the length if they are shorter); constant flanks do not count. In a set of more than 20
    million letters not every stretch is looked at: shared regions of a length that the sentences
    name are always found, shorter ones in part. Copies are always complete.

    Raises
    ------
    InputError
        If there is no split, or no such column.

    Examples
    --------
    >>> from motifbook.data.simulation.simulate import simulate
    >>> from motifbook.data.splits.split import split
    >>> adata = simulate(n=100, seed=0)
    >>> adata.obs["split"] = split(adata, seed=0)
    >>> print(leakage(adata).sentences[0])
    No test sequence is a copy of a training sequence or shares 24 letters in a row with one.
    """
    schema.validate(adata)
    if schema.SPLIT not in adata.obs:
        raise _check.InputError(
            f"`adata.obs` has no column {schema.SPLIT!r}; expected train, validation or test for "
            f"each sequence. Make it: {_FIX.format(by='similarity')}."
        )
    if family is not None:
        _check.columns(adata.obs.columns, [family], "`adata.obs`")
    letters, alphabet, parts = store.get_letters(adata), store.get_alphabet(adata), parts_of(adata)
    found = stretches(letters, alphabet)
    copied = meets(np.arange(len(parts)), core_hashes(letters, alphabet), parts)
    relations = {
        "copies": copied,
        "similar": copied | meets(found.rows, found.hashes, parts),
        "family": in_families(adata, family, parts),
        "overlap": overlaps(adata, parts),
    }
    table = relation_table(parts, relations)
    matters = bool(_matter(table).any())
    return Leakage(table, tuple(_sentences(table, found, alphabet, family)), matters)


def caution(
    adata: ad.AnnData,
    splits: Sequence[str] = ("validation", "test"),
    trained_on: Hashes | None = None,
) -> str:
    """Return one sentence if rows of `splits` resemble training rows too much, else "".

    Quick, for use in passing: in large sets only copies are looked for.

    Parameters
    ----------
    trained_on
        Hashes of the sequences that a network was trained on, be they in `adata` or not.
    """
    letters, alphabet, parts = store.get_letters(adata), store.get_alphabet(adata), parts_of(adata)
    found = stretches(letters[:0] if is_large(letters) else letters, alphabet)
    copied = meets(np.arange(len(parts)), core_hashes(letters, alphabet), parts)
    similar = copied | meets(found.rows, found.hashes, parts)
    related = in_families(adata, None, parts)
    if trained_on is not None:
        hashes = np.concatenate([sequence_hashes(letters, alphabet), trained_on])
        parts = np.append(parts, np.zeros(len(trained_on), dtype=np.int8))  # all "train"
        seen = meets(np.arange(len(parts)), hashes, parts)
        copied, similar = (_padded(met, len(parts)) | seen for met in (copied, similar))
        related = None if related is None else _padded(related, len(parts))
    relations = {"copies": copied, "similar": similar, "family": related, "overlap": None}
    table = relation_table(parts, relations)
    worst = table[_matter(table) & table["split"].isin(splits)]
    if not len(worst):
        return ""
    row = worst.iloc[0]
    said = [_related(row, found, alphabet)] if row["n_similar"] else []
    said += _further(row, schema.PAIR)
    cure = f"Divide anew: {_FIX.format(by='similarity')}."
    if trained_on is not None and not caution(adata, splits):
        cure = "The network was trained with another split: fit it again, `mb.fit(model, adata)`."
    return f"{' '.join(said)} Scores on them are too good. {cure}"


def _padded(met: Mask, n: int) -> Mask:
    """Add rows that meet nothing, (n_rows, 3) to (n, 3)."""
    return np.pad(met, ((0, n - len(met)), (0, 0)))


def _matter(table: pd.DataFrame) -> pd.Series[bool]:
    """Whether each row of the table is enough to move scores."""
    is_enough = table["reference"] == "train"
    over = pd.Series(False, index=table.index)
    for name, limit in (("copies", COPIES), ("similar", SIMILAR), ("family", SIMILAR)):
        count = table[f"n_{name}"].fillna(0)
        over |= (count >= _FEWEST) & (count > limit * table["n"])
    return is_enough & over.astype(bool)


def _sentences(
    table: pd.DataFrame, found: Stretches, alphabet: Alphabet, family: str | None
) -> list[str]:
    said = []
    for _, row in table.iterrows():
        is_main = row["reference"] == "train" and row["split"] == "test"
        if is_main or row["n_similar"]:
            said.append(_related(row, found, alphabet))
        said += _further(row, family or schema.PAIR)
    if found.surely > found.width:
        said.append(
            f"The set is large: shared stretches of {found.surely} letters or more were all "
            "found, shorter ones in part."
        )
    if not found.width:
        short = "These sequences are so short that many share letters by chance"
        said.append(f"{short}: only copies were looked for.")
    return [*said, *_verdict(table, family)]


def _related(row: pd.Series[Any], found: Stretches, alphabet: Alphabet) -> str:
    """One sentence on copies and shared stretches."""
    mine, theirs = _NOUNS[row["split"]], _NOUNS[row["reference"]]
    stretch = f"{found.width} letters in a row"
    n, n_copies, n_similar = (int(row[name]) for name in ("n", "n_copies", "n_similar"))
    if not n_similar:
        also = f" or shares {found.surely} letters in a row with one" if found.surely else ""
        return f"No {mine} sequence is a copy of a {theirs} sequence{also}."
    subject = f"{n_similar:,} of {n:,} {mine} sequences ({percent(n_similar / n)})"
    strands = ", on either strand" if alphabet.has_strands else ""
    if n_copies == n_similar:
        return f"{subject} are copies of {theirs} sequences{strands}."
    if not n_copies:
        return f"{subject} share {stretch} or more with a {theirs} sequence."
    return (
        f"{subject} are related to {theirs} sequences: {n_copies:,} are copies{strands}; "
        f"the others share {stretch} or more."
    )


def _further(row: pd.Series[Any], family: str) -> list[str]:
    """Sentences on families and regions."""
    mine, theirs = _NOUNS[row["split"]], _NOUNS[row["reference"]]
    said = []
    if not pd.isna(row["n_family"]) and row["n_family"]:
        said.append(
            f"{row['n_family']:,} of {row['n']:,} {mine} sequences have relatives (the same "
            f"{family!r}) among the {theirs} sequences."
        )
    if not pd.isna(row["n_overlap"]) and row["n_overlap"]:
        said.append(
            f"{row['n_overlap']:,} of {row['n']:,} {mine} regions overlap {theirs} regions in the "
            "genome."
        )
    return said


def _verdict(table: pd.DataFrame, family: str | None) -> list[str]:
    against_train = table[table["reference"] == "train"]
    if not len(against_train):
        return ["There are not both training and held-out rows.", "Nothing can leak."]
    if _matter(table).any():
        return [
            "A network can remember these sequences instead of learning what they have in common, "
            "so scores on them are better than on new sequences. Divide anew: "
            f"{_FIX.format(by=family or 'similarity')}."
        ]
    if against_train["n_similar"].sum():
        return ["That is too few to move scores visibly."]
    return ["Test scores tell what to expect for new sequences of this kind."]
