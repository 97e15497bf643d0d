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
from motifbook.data.splits.copies import sequence_hashes
from motifbook.formula.best_set import best_set
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.covariates import Covariates
from motifbook.formula.discover import DiscoverOptions, discover_motifs
from motifbook.formula.known import count_motifs, known_motifs, refuse_seen
from motifbook.formula.positions import Positions
from motifbook.formula.rows import Rows
from motifbook.formula.terms import Terms
from motifbook.formula.word_sites import word_motifs
from motifbook.motif.learned import LEARNED_FROM, PART, sketch
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
WORD = "word"  # the source of words
WORDS = 80  # short words that are tried
ROWS_PER_WORD = 4  # of the rows that must measure them, at least
MANY = 3000  # discover rows from which motifs are learned well
SURE = (1.5, 2.0)  # standard errors by which words must lead: with fewer rows, with more


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
    part
        Which half of a readout this is, see `mb.halve_readout`; "" for a whole one.
    """

    letters: Letters
    obs: pd.DataFrame
    readout: Floats
    names: list[str]
    kinds: list[str]
    alphabet: Alphabet
    rows: Rows
    notes: list[str]
    part: str = ""


@dataclass(frozen=True)
class Candidate:
    """A motif that may enter the formula; see `Candidates`."""

    counted: CountedMotif
    source: str
    support: float = np.nan


@dataclass(frozen=True)
class Candidates:
    """Terms that selection chooses from.

    Parameters
    ----------
    terms
        Motifs and covariates.
    source
        Per motif "learned", "known", "word", "given" or "counted".
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
    n_words
        How many short words join them, each an exact motif. None: up to `WORDS`, if the tune
        rows say so.
    """

    motifs: Sequence[Motif] | None = None
    known: Any = None
    counted: tuple[str, ...] = ()
    discover: DiscoverOptions = field(default_factory=DiscoverOptions)
    n_words: int | None = None


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
    """Learn motifs, or take those given; add known ones, and words, that say something more."""
    some = table.letters[table.rows.discover]
    left = beyond_covariates(table, covariates)
    found: list[Candidate] = []
    n_restarts = 0
    if sources.motifs is not None:
        given = count_motifs(sources.motifs, some, table.alphabet)
        refuse_seen(sources.motifs, table.letters[table.rows.infer], table.alphabet)
        found = [Candidate(counted, "given") for counted in given]
    elif not sources.counted:
        learned = discover_motifs(
            table.letters,
            left,
            table.kinds,
            train=table.rows.discover,
            validation=table.rows.tune,
            alphabet=table.alphabet,
            options=sources.discover,
            seed=seed,
            device=device,
            progress=progress,
        )
        table.notes.extend(learned.notes)
        n_restarts = learned.n_restarts
        found = [Candidate(m, "learned", n) for m, n in zip(learned.motifs, learned.support)]
    if sources.known is not None:
        own = [candidate.counted.motif for candidate in found]
        known = known_motifs(sources.known, some, table.alphabet, learned=own)
        found += [Candidate(counted, "known") for counted in known]
    if sources.motifs is None and not sources.counted and sources.n_words != 0:
        found = _with_words(found, table, covariates, left, sources.n_words)
    source = [one.source for one in found] + ["counted"] * len(sources.counted)
    support = [one.support for one in found] + [np.nan] * len(sources.counted)
    motifs = numbered(_remembering(found, table))
    terms = Terms(motifs, positions, covariates, counted=sources.counted)
    return Candidates(terms, source, support, n_restarts)


def _remembering(found: list[Candidate], table: Table) -> list[CountedMotif]:
    """Motifs that know which sequences chose them; given ones were chosen elsewhere."""
    hashes = sequence_hashes(table.letters[table.rows.learn], table.alphabet)
    own = {LEARNED_FROM: sketch(hashes)} | ({PART: table.part} if table.part else {})
    chosen = []
    for one in found:
        counted, motif = one.counted, one.counted.motif
        if one.source != "given":
            counted = replace(counted, motif=replace(motif, info={**motif.info, **own}))
        chosen.append(counted)
    return chosen


def _with_words(
    found: list[Candidate],
    table: Table,
    covariates: Covariates,
    left: Floats,
    n_words: int | None,
) -> list[Candidate]:
    """Add words; unless their number was asked for, only if the tune rows are predicted better.

    Motifs that were learned letter by letter from few sequences fit these rather than others:
    where words or known motifs clearly do better without them, they are left out.
    """
    rows, anywhere = table.rows, Positions.named("anywhere", table.letters.shape[1])
    fewest = int(np.isfinite(table.readout[rows.infer]).sum(axis=0).min())
    chosen = word_motifs(
        table.letters,
        left,
        rows.discover,
        alphabet=table.alphabet,
        n=n_words or min(WORDS, fewest // ROWS_PER_WORD),
    )
    both = found + [Candidate(counted, WORD) for counted in chosen]
    if n_words is not None or not chosen:
        return both
    is_word = np.array([one.source == WORD for one in both])
    is_learned = np.array([one.source == "learned" for one in both])
    others = covariates.table(table.letters, table.obs)
    counts = count_sites([one.counted for one in both], table.letters, anywhere)
    always = np.ones(others.shape[1], dtype=bool)
    sets = [~is_word, is_word | ~is_word, ~is_learned, ~is_word & ~is_learned]
    said = ["", f"{is_word.sum()} short words joined the motifs"]
    said += [f"{is_word.sum()} short words took the place of the motifs that had been learned"]
    said += ["The motifs that had been learned were left out"]
    best = best_set(
        np.column_stack([others, counts]),
        table.readout,
        [np.concatenate([always, chosen]) for chosen in sets],
        discover=rows.discover,
        tune=rows.tune,
        sure=SURE[len(rows.discover) >= MANY],
    )
    if best:
        table.notes.append(f"{said[best]}: so the validation rows are predicted better.")
    return [one for one, is_in in zip(both, sets[best]) if is_in]


def numbered(motifs: Sequence[CountedMotif]) -> list[CountedMotif]:
    """Return the same motifs; a name that comes again gets a number: "CTCF", "CTCF 2"."""
    times: Counter[str] = Counter()
    named = []
    for counted in motifs:
        name = counted.motif.name
        times[name] += 1
        told_apart = name if times[name] == 1 else f"{name} {times[name]}"
        named.append(replace(counted, motif=counted.motif.renamed(told_apart)))
    return named
