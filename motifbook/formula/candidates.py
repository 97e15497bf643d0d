"""Which motifs a formula may be made of: learned, known, given, or counted elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.alphabet import Alphabet
from motifbook.formula.counting import CountedMotif
from motifbook.formula.covariates import Covariates
from motifbook.formula.discover import DiscoverOptions, discover_motifs
from motifbook.formula.known import count_motifs, known_motifs
from motifbook.formula.positions import Positions
from motifbook.formula.rows import Rows
from motifbook.formula.terms import Terms
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """What a formula is fitted to.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.
    obs
        Covariates and counts made elsewhere, one row per sequence.
    readout : (n, n_readouts)
        NaN where not measured.
    names, kinds : (n_readouts,)
        Of the readouts.
    rows
        Which rows are used for what.
    notes
        Sentences on what was done; added to.
    """

    letters: Letters
    obs: pd.DataFrame
    readout: Floats
    names: list[str]
    kinds: list[str]
    alphabet: Alphabet
    rows: Rows
    notes: list[str]


@dataclass(frozen=True)
class Candidates:
    """Terms that selection chooses from.

    Parameters
    ----------
    terms
        Motifs and covariates.
    source
        Per motif "learned", "known", "given" or "counted".
    support
        Per motif, how many of `n_restarts` restarts found it; NaN where none was learned.
    """

    terms: Terms
    source: list[str]
    support: list[float]
    n_restarts: int = 0


def beyond_covariates(table: Table, covariates: Covariates) -> Floats:
    """What covariates leave of continuous readouts, standardized; binary ones as they are.

    (n, n_readouts) float64: least squares on the discover rows, applied to all.
    """
    left = table.readout.astype(np.float64)
    columns = covariates.table(table.letters, table.obs)
    design = np.column_stack([np.ones(len(left)), columns])
    for number, kind in enumerate(table.kinds):
        if kind == "binary":
            continue
        rows = table.rows.discover[np.isfinite(left[table.rows.discover, number])]
        weights, *_ = np.linalg.lstsq(design[rows], left[rows, number], rcond=None)
        left[:, number] -= design @ weights
        spread = left[rows, number].std()
        left[:, number] /= spread if spread > 0 else 1.0
    return left


@dataclass(frozen=True)
class Sources:
    """Where motifs come from; see `fit_formula`.

    Parameters
    ----------
    motifs
        Given ones; None learns them.
    known
        A collection that is tried beside them, or None.
    counted
        Columns of `Table.obs` that hold counts made elsewhere; none are learned then.
    discover
        How motifs are learned.
    """

    motifs: Sequence[Motif] | None = None
    known: Any = None
    counted: tuple[str, ...] = ()
    discover: DiscoverOptions = field(default_factory=DiscoverOptions)


def find_candidates(
    table: Table,
    covariates: Covariates,
    positions: Positions,
    sources: Sources,
    *,
    seed: int,
    device: str = "auto",
    progress: bool = True,
) -> Candidates:
    """Learn motifs, or take those given, and add known ones that say something beside them."""
    rows, n_restarts = table.rows, 0
    motifs: list[CountedMotif] = []
    source, support = [], []
    if sources.motifs is not None:
        motifs = count_motifs(sources.motifs, table.letters[rows.discover], table.alphabet)
        source, support = ["given"] * len(motifs), [np.nan] * len(motifs)
    elif not sources.counted:
        found = discover_motifs(
            table.letters,
            beyond_covariates(table, covariates),
            table.kinds,
            train=rows.discover,
            validation=rows.tune,
            alphabet=table.alphabet,
            options=sources.discover,
            seed=seed,
            device=device,
            progress=progress,
        )
        table.notes.extend(found.notes)
        motifs, n_restarts = found.motifs, found.n_restarts
        source, support = ["learned"] * len(motifs), [float(n) for n in found.support]
    if sources.known is not None:
        own = [counted.motif for counted in motifs]
        more = known_motifs(
            sources.known, table.letters[rows.discover], table.alphabet, learned=own
        )
        motifs = motifs + more
        source, support = source + ["known"] * len(more), support + [np.nan] * len(more)
    source += ["counted"] * len(sources.counted)
    support += [np.nan] * len(sources.counted)
    terms = Terms(distinct(motifs), positions, covariates, counted=sources.counted)
    return Candidates(terms, source, support, n_restarts)


def distinct(motifs: Sequence[CountedMotif]) -> list[CountedMotif]:
    """Return the same motifs; a name that comes again gets a number: "CTCF", "CTCF 2"."""
    times: Counter[str] = Counter()
    named = []
    for counted in motifs:
        name = counted.motif.name
        times[name] += 1
        numbered = name if times[name] == 1 else f"{name} {times[name]}"
        named.append(replace(counted, motif=counted.motif.renamed(numbered)))
    return named
