"""Pairs of sequences from a table, a file or an AnnData."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import INVALID, Alphabet
from motifbook.data import schema, store
from motifbook.data.places import NOWHERE
from motifbook.data.text.cells import read_cells
from motifbook.data.words import counted, listed
from motifbook.variants.alleles import COLUMNS, Alleles
from motifbook.variants.changes import Change, find_changes

if TYPE_CHECKING:
    from anndata import AnnData

_REFERENCE = ("reference", "ref")  # how columns are called
_ALTERNATIVE = ("alternative", "alt")


def pairs_of_table(
    table: pd.DataFrame | str | os.PathLike[str], alphabet: Alphabet, length: int | None
) -> Alleles:
    """Return the pairs of a table or its file: columns reference, alternative, perhaps name.

    Raises
    ------
    InputError
        If a column is absent, or a sequence empty or written in other letters.
    """
    where = "The table of pairs"
    rows: Sequence[object] = range(len(table)) if isinstance(table, pd.DataFrame) else ()
    if not isinstance(table, pd.DataFrame):
        cells = read_cells(table)
        where, rows = cells.file, [f"line{line}" for line in cells.lines]
        table = pd.DataFrame(
            {name: cells.columns[i] for i, name in enumerate(cells.header or []) if name}
        )
    columns = [_column(table, names, where) for names in (_REFERENCE, _ALTERNATIVE)]
    if not len(table):
        raise _check.InputError(f"{where} has no rows; expected pairs of sequences.")
    sequences = [_sequences(table[column], column, where, alphabet) for column in columns]
    if "name" in table:
        names = [str(name) for name in table["name"]]
    else:
        names = [str(row) if isinstance(row, str) else f"pair{row}" for row in rows]
    return _alleles(names, sequences[0], sequences[1], alphabet, length)


def pairs_of_adata(adata: AnnData, alphabet: Alphabet, length: int | None) -> Alleles:
    """Return the pairs of an AnnData whose `obs` says which rows are ref and alt of one pair.

    Raises
    ------
    InputError
        If `obs` does not say so, or a pair has two sequences of one allele.
    """
    for column in (schema.PAIR, schema.ALLELE):
        if column not in adata.obs:
            raise _check.InputError(
                f"`adata.obs` has no column {column!r}; expected pairs, such as "
                '`mb.read_table(path, sequence=("ref", "alt"))` makes.'
            )
    alleles = adata.obs[schema.ALLELE].astype(str).to_numpy()
    for word in pd.unique(alleles):
        _check.one_of(word, f"adata.obs['{schema.ALLELE}']", ("ref", "alt"))
    obs = pd.DataFrame({"pair": adata.obs[schema.PAIR].astype(str).to_numpy(), "allele": alleles})
    twice = obs[obs.duplicated()]
    if len(twice):
        pair, allele = twice.iloc[0]
        raise _check.InputError(
            f"Pair {pair!r} has two sequences of allele {allele!r}; expected one of each. Give "
            f"each pair its own name in `adata.obs['{schema.PAIR}']`."
        )
    sequences = pd.Series(store.get_sequences(adata), index=pd.MultiIndex.from_frame(obs))
    pairs = {name: [(name, "ref"), (name, "alt")] for name in pd.unique(obs["pair"])}
    lone = [name for name, both in pairs.items() if not all(key in sequences for key in both)]
    kept = [name for name in pairs if name not in set(lone)]
    if not kept:
        raise _check.InputError("No pair of `adata` has both alleles; expected ref and alt.")
    done = []
    if lone:
        left_out = counted(len(lone), "pair")
        done.append(f"Left out {left_out} with one sequence only: {listed(lone)}.")
    references, alternatives = (
        sequences[[(name, allele) for name in kept]].tolist() for allele in ("ref", "alt")
    )
    return replace(_alleles(kept, references, alternatives, alphabet, length), done=done)


def _column(table: pd.DataFrame, names: Sequence[str], where: str) -> str:
    by_lower = {str(column).lower(): str(column) for column in table.columns}
    for name in names:
        if name in by_lower:
            return by_lower[name]
    _check.columns(table.columns, names[:1], where)  # says which there are
    return names[0]


def _sequences(column: pd.Series[str], name: str, where: str, alphabet: Alphabet) -> list[str]:
    """Return sequences in upper case; refuse other letters, naming the row."""
    found = ["".join(cell.split()).upper() if isinstance(cell, str) else "" for cell in column]
    for row, sequence in enumerate(found):
        bad = np.flatnonzero(alphabet.codes(sequence) == INVALID)
        if not sequence or len(bad):
            got = (
                f"{sequence[bad[0]]!r} at {bad[0]}" if len(bad) else repr(column.tolist()[row])[:40]
            )
            raise _check.InputError(
                f"{where}, row {row}, column {name!r} has {got}; expected {alphabet.name} letters "
                f"{alphabet.letters} or {alphabet.unknown}. Places in a genome need `genome=`."
            )
    return found


def _alleles(
    names: list[str],
    references: list[str],
    alternatives: list[str],
    alphabet: Alphabet,
    length: int | None,
) -> Alleles:
    changes = [find_changes(*pair) for pair in zip(references, alternatives)]
    frames = np.array(
        [max(len(ref), len(alt)) for ref, alt in zip(references, alternatives)], dtype=np.int64
    )
    longest = int(frames.max(initial=1))
    window = longest if length is None else _check.whole_number(length, "length")
    if window < longest:
        raise _check.InputError(
            f"`length` is {window}, the longest sequence has {longest} letters; expected no fewer. "
            "Leave `length` out, or shorten the sequences around their difference."
        )
    return Alleles(
        table=pd.DataFrame([_told(*pair) for pair in zip(names, changes)], columns=COLUMNS),
        sources=references,
        changes=changes,
        frames=frames,
        origins=np.zeros(len(names), dtype=np.int64),
        length=window,
        alphabet=alphabet,
    )


def _told(name: str, changes: Sequence[Change]) -> tuple[object, ...]:
    """Say what a pair's changes are: `COLUMNS`."""
    refs, alts = ",".join(one.ref for one in changes), ",".join(one.alt for one in changes)
    return name, NOWHERE, changes[0].start if changes else -1, refs, alts
