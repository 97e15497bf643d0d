"""What a check says about sequences that belong together: copies, families, constant flanks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data import schema
from motifbook.data.quality.findings import FINE, NOTE, WARNING, Data, Facts, Finding
from motifbook.data.splits.copies import linked
from motifbook.data.splits.stretches import constant_flanks, is_large, stretches
from motifbook.data.words import counted, percent
from motifbook.onehot import decode

_MANY = 0.05  # share of sequences with a relative from which a random split leaks
_LARGE, _FEWEST = 0.05, 20  # share and rows from which one family can make a motif


def on_copies(data: Data, facts: Facts) -> list[Finding]:
    """Sequences that occur more than once, and whether their readouts agree."""
    n_copies = data.n - len(np.unique(data.copies))
    facts["n_copies"] = n_copies
    if not n_copies:
        return [Finding("copies", FINE, "No sequence occurs twice.")]
    n_rows = _n_repeated_rows(data)
    facts["n_repeated_rows"] = n_rows
    share = percent(n_copies / data.n)
    said = f"Copies of an earlier sequence: {n_copies:,} ({share})"
    said += ", counting both strands." if data.alphabet.has_strands else "."
    advice = "`mb.split` keeps copies on one side."
    if n_rows:
        said += f" The very same letters and values: {n_rows:,}."
        advice += " Leave out what stands twice in the file."
    found = [Finding("copies", NOTE if n_copies > 0.01 * data.n else FINE, said, advice)]
    for column in data.readouts("binary"):
        n_torn = int(_is_torn(data, column).sum())
        facts[f"n_conflicting:{data.names[column]}"] = n_torn
        if n_torn:
            name = data.names[column]
            said = f"{counted(n_torn, 'sequence')} with {name} = 1 in one row and 0 in another."
            advice = "No prediction is right for both: decide for one, or leave them out."
            found.append(Finding("copies", WARNING, said, advice))
    return found


def _n_repeated_rows(data: Data) -> int:
    """Rows whose letters, on the same strand, and measured values all stood there before."""
    if not data.names:
        return 0
    rows = pd.DataFrame(data.values).assign(letters=data.same_letters)
    return int(rows[~np.isnan(data.values).all(axis=1)].duplicated().sum())


def _is_torn(data: Data, column: int) -> npt.NDArray[np.bool_]:
    """Whether copies of each distinct sequence are both 1 and 0 in a readout."""
    values = data.values[:, column]
    zeros, ones = (np.bincount(data.copies[values == v], minlength=data.n) for v in (0, 1))
    return np.asarray((zeros > 0) & (ones > 0))


def on_families(data: Data, facts: Facts) -> list[Finding]:
    """Sequences that share long stretches, or that were made from one another."""
    found = []
    if schema.PAIR in data.adata.obs:
        sizes = data.adata.obs[schema.PAIR].astype(object).value_counts().drop(".", errors="ignore")
        n_pairs = int((sizes > 1).sum())
        facts["n_pairs"] = n_pairs
        said = f"The column {schema.PAIR!r} names {n_pairs:,} pairs or families."
        found.append(Finding("pairs", FINE, said, "`mb.split` keeps each on one side."))
    if is_large(data.letters):
        said = "In so large a set relatives are not looked for here."
        return [*found, Finding("families", FINE, said, "`mb.leakage(adata)` does, once split.")]
    stretch = stretches(data.letters, data.alphabet)
    if not stretch.width:
        return found
    groups = linked(stretch.rows, stretch.hashes, data.n)
    sizes = np.bincount(groups)[groups]
    share, largest = float((sizes > 1).mean()), int(sizes.max())
    facts |= {"share_with_relatives": share, "largest_family": largest}
    if largest == 1:
        said = f"No two sequences share {stretch.width} letters in a row."
        return [*found, Finding("families", FINE, said)]
    said = (
        f"{percent(share)} of the sequences share {stretch.width} letters in a row or more with "
        f"another one; the largest family has {largest:,}."
    )
    if share < _MANY:
        return [*found, Finding("families", FINE, said)]
    advice = 'Divide them with `mb.split(adata, by="similarity", seed=0)`, not at random.'
    if largest >= max(_LARGE * data.n, _FEWEST):
        advice += " So large a family may be a repeated element: motifs may be pieces of it."
        return [*found, Finding("families", WARNING, said, advice)]
    return [*found, Finding("families", NOTE, said, advice)]


def on_flanks(data: Data, facts: Facts) -> list[Finding]:
    """Letters that are the same at the ends of most sequences."""
    flanks = constant_flanks(data.letters, data.alphabet)
    words = []
    for place, flank in zip(("start", "end"), flanks):
        facts[f"flank_{place}"] = letters = decode(flank[None], data.alphabet)[0]
        if letters:
            words.append(f"{place} with the same {len(letters)} letters ({letters})")
    if not words:
        return []
    said = f"Most sequences {' and '.join(words)}."
    advice = "Nothing can be learned from them; they do not count when sequences are compared."
    return [Finding("constant ends", NOTE, said, advice)]
