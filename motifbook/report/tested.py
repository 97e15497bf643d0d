"""Whether the motifs of a report hold on sequences that had no part in finding them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits.copies import similar_groups
from motifbook.data.words import counted
from motifbook.models import Network
from motifbook.motif.learned import JUDGED_ON
from motifbook.motif.matrix import Motif
from motifbook.report.phrases import small
from motifbook.significance.fixed_motifs import adjust_holm
from motifbook.significance.motif_tests import test_motifs
from motifbook.significance.rows import MANY_RELATED
from motifbook.train.evaluate import training_hashes

if TYPE_CHECKING:
    from anndata import AnnData

FEWEST = 20  # test sequences below which nothing is tested
COLUMNS = ("readout", "effect", "lower", "upper", "p_value", "log_p", "p_adjusted")
UNTESTED = "not tested"


@dataclass(frozen=True)
class MotifTests:
    """Tests of the motifs of a network on the rows of "test".

    Parameters
    ----------
    table
        By motif, of the readout that it goes with best: `COLUMNS`. P-values are adjusted by Holm
        over all motifs and readouts. Empty if nothing was tested.
    n
        Sequences that tested.
    n_motifs, n_readouts
        How many were tested.
    have_judged
        Whether these sequences also judged which motifs are used, so that unused ones count among
        those tested.
    notes
        Sentences on the rows that tested, such as those that are near copies of each other.
    reason
        Why nothing was tested, in words; "" if it was.
    """

    table: pd.DataFrame
    n: int = 0
    n_motifs: int = 0
    n_readouts: int = 0
    have_judged: bool = False
    notes: tuple[str, ...] = ()
    reason: str = ""

    def words(self, motif: str) -> str:
        """The test of a motif in a sentence."""
        if self.reason:
            return f"{UNTESTED}: {self.reason}"
        return f"{self.card_words(motif).removesuffix(', adjusted')} {self.conditions}"

    def card_words(self, motif: str) -> str:
        """The same without the conditions, which the page says once."""
        if self.reason:
            return self.words(motif)
        of = f" for {self.table['readout'].to_dict()[motif]}" if self.n_readouts > 1 else ""
        return f"p = {self.brief(motif)}{of}, adjusted"

    def brief(self, motif: str) -> str:
        """The same in a cell of a table."""
        if self.reason:
            return UNTESTED
        return small(self.table["p_adjusted"].to_dict()[motif])

    @property
    def conditions(self) -> str:
        """On which sequences, and adjusted over how many motifs."""
        rows = f"on the {self.n:,} test sequences that"
        over = f"adjusted over {counted(self.n_motifs, 'motif')}"
        if self.n_readouts > 1:
            over += f" and {self.n_readouts} readouts"
        if self.have_judged:
            return (
                f"{rows} did not train the network, {over}, unused ones among them, as these "
                "sequences judged their use"
            )
        return f"{rows} neither trained the network nor chose the motif, {over}"


def not_tested(reason: str) -> MotifTests:
    """Nothing was tested, and why."""
    return MotifTests(pd.DataFrame(columns=COLUMNS), reason=reason)


def held_out_tests(
    network: Network,
    book: AnnData,
    used: Sequence[Motif],
    unused: Sequence[Motif],
    *,
    seed: int | None,
) -> MotifTests:
    """Test the motifs of a network on the rows of "test", or say why they were not tested.

    Parameters
    ----------
    used, unused
        Of `read_motifs`. Unused ones are tested as well where test rows judged the use.
    seed
        Of permutations and of ties.
    """
    n_test = int((book.obs[schema.SPLIT].astype(str) == "test").sum())
    if not len(training_hashes(network)):
        return not_tested("the network does not say which sequences it was trained on")
    if n_test < FEWEST:
        left = f"too few sequences ({n_test:,})" if n_test else "no sequences"
        return not_tested(f"{left} were kept out of training and of the choice of motifs")
    if not used:
        return not_tested("the network uses no motif")
    rows, notes = _unrelated(book)
    if rows.sum() < FEWEST:
        return not_tested(f"all but {rows.sum()} of the {n_test:,} test sequences are near copies")
    have_judged = used[0].info[JUDGED_ON] != "validation"
    named = [motif.renamed(f"unused {number}") for number, motif in enumerate(unused)]
    tried = [*used, *(named if have_judged else [])]
    try:
        tests = test_motifs(book, motifs=tried, rows=rows, seed=seed)
    except _check.InputError as error:
        return not_tested(str(error).removesuffix("."))
    table = tests.table.assign(p_adjusted=adjust_holm(tests.table["p_value"]))
    best = table.sort_values("log_p", kind="stable").drop_duplicates("motif").set_index("motif")
    n = int(tests.readouts["n"].max())
    notes = (*notes, *_said_once(tests.notes))
    return MotifTests(best[list(COLUMNS)], n, len(tried), book.n_vars, have_judged, notes)


def _unrelated(book: AnnData) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    """Test rows without near copies of each other, (n,), and a note if some were left out.

    Near copies with like values would count as evidence several times. Where more than a few
    sequences are related, one of each family tests: that with most measured readouts. Positives
    and their own shuffles are compared in pairs, whatever their families.
    """
    is_test = (book.obs[schema.SPLIT].astype(str) == "test").to_numpy()
    if schema.PAIR in book.obs:
        return is_test, ()
    rows = np.flatnonzero(is_test)
    groups = similar_groups(store.get_letters(book)[rows], store.get_alphabet(book))
    sizes = np.bincount(groups)
    if sizes[sizes > 1].sum() < MANY_RELATED * len(rows):
        return is_test, ()
    n_measured = (~np.isnan(store.get_readouts(book)[rows])).sum(axis=1)
    order = np.argsort(-n_measured, kind="stable")
    kept = rows[order[np.unique(groups[order], return_index=True)[1]]]
    alone = np.zeros(book.n_obs, dtype=bool)
    alone[kept] = True
    note = (
        f"{len(rows):,} test sequences are {len(kept):,} families of near copies and single "
        "sequences. One of each family was tested: relatives would count as evidence twice."
    )
    return alone, (note,)


def _said_once(notes: Sequence[str]) -> list[str]:
    """Notes that differ in their numbers only, as those of many readouts do, once."""
    alike: dict[str, list[str]] = {}
    for note in notes:
        alike.setdefault(re.sub(r"[\d,]+", "0", note), []).append(note)
    return [
        f"{first} And the like for {counted(len(others), 'other readout')}." if others else first
        for first, *others in alike.values()
    ]
