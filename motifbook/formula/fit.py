"""`fit_formula`: from sequences and readouts to motifs, and the linear formula that links them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import __version__, _check
from motifbook.alphabet import DNA
from motifbook.data import schema, store
from motifbook.formula.baselines import MODELS, compare
from motifbook.formula.candidates import Sources, Table, find_candidates
from motifbook.formula.count_table import with_counts
from motifbook.formula.covariates import Covariates
from motifbook.formula.discover import DiscoverOptions
from motifbook.formula.formula import Formula
from motifbook.formula.interactions import with_tested_q
from motifbook.formula.positions import Positions
from motifbook.formula.regression import INTERVALS
from motifbook.formula.rows import FEWEST, Rows, divide
from motifbook.formula.selection import METHODS
from motifbook.formula.steps import (
    Intervals,
    choose,
    find_pairs,
    measure,
    predict_unseen,
)
from motifbook.motif.matrix import Motif

if TYPE_CHECKING:
    from anndata import AnnData

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FormulaOptions:
    """Expert settings of `fit_formula`.

    Parameters
    ----------
    discover
        How motifs are learned; see `DiscoverOptions`.
    n_words
        How many short words (of 4 to 6 letters, exact matches) are candidates beside the motifs. By
        default 80, but only where they make the validation rows better predicted: with few
        sequences, or readouts of many weak motifs. They may then also take the place of the motifs
        that were learned. 0: none.
    composition
        Whether the shares of letters go into the formula (GC, GC squared, CpG), so that no motif
        stands for them.
    selection
        Which candidates stay: "stability", "lasso", "rfe" (the paper's) or "none"; see `select`.
    n_max
        Motifs in the formula, at most.
    intervals
        "hc3", "cluster" (families together) or "bootstrap"; see `regress`. By default "cluster"
        where rows belong to families, else "hc3".
    n_bootstrap
        Resamplings of the bootstrap.
    interactions
        Whether pairs of motifs are looked for that are worth more, or less, than their sum. Those
        that hold go into the formula, but not into its comparison with other models.
    baselines
        Other models that are trained beside the formula and scored on the same unseen rows: True
        for all, or some of "composition", "k-mer ridge", "k-mer lasso", "CNN" (() scores the
        formula alone). False: nothing is scored.
    """

    discover: DiscoverOptions = field(default_factory=DiscoverOptions)
    n_words: int | None = None
    composition: bool = True
    selection: str = "stability"
    n_max: int = 300
    intervals: str | None = None
    n_bootstrap: int = 1000
    interactions: bool = True
    baselines: bool | Sequence[str] = True


def fit_formula(
    adata: AnnData,
    *,
    positions: str | int = "anywhere",
    covariates: Sequence[str] = (),
    known: Any = None,
    motifs: Sequence[Motif] | None = None,
    counts: pd.DataFrame | None = None,
    families: str | None = None,
    options: FormulaOptions | None = None,
    seed: int | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Formula:
    """Find motifs, and the linear formula that links their numbers of sites to the readouts.

    Rows whose `adata.obs["split"]` is "train" find the motifs, "validation" helps to choose among
    them, and "test" alone measures what each is worth, so that intervals and p-values are honest;
    only pairs are picked on "test", after a test of all tried. Without a split, 60, 10 and 30 % are
    taken, sequences that resemble each other together.

    Parameters
    ----------
    adata
        Sequences with one or many readouts, NaN where not measured; not changed.
    positions
        "anywhere": a site counts alike wherever it lies. A number: that many bins, each with a
        coefficient of its own. "smooth": a curve along the sequence.
    covariates
        Columns of `adata.obs` that go into the formula: numbers (half-life) or words (batch).
    known
        Motifs whose sites are counted too, if they earn it: the name of a packaged collection, a
        motif file, or motifs.
    motifs
        The formula of just these motifs; none are learned. They must not come from the "test" rows.
    counts
        One row per row of `adata`, one column per motif: counts of sites made elsewhere. None are
        learned, and `adata` needs no sequences.
    families
        Column of `adata.obs` whose rows belong together (variants of one element): their errors
        are not taken as independent. By default `obs["pair"]`, where there is one.
    options
        See `FormulaOptions`.

    Returns
    -------
    Formula
        `.motifs`, `.coefficients`, `.baselines`, `.predict()`, `.to_text()` and more.

    Raises
    ------
    InputError
        If there are no readouts, a part has too few rows, or a column is not there.

    Notes
    -----
    Contextual regression (Liu & Wang 2017, arXiv 1710.10728; 2022, arXiv 2208.09559) in an
    identifiable form: sites are counted through a threshold before they are summed, coefficients
    are global, and what depends on the other motifs of a sequence is a residual of mean zero, read
    as pairs. The published layout is ``mb.ContextualRegression(context="published")``.

    A coefficient is the slope on our soft count of sites. It is up to 30 % off what one true site
    does, as counts miss some sites and take some others for them; intervals are for the slope.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
    >>> known = [mb.database.motif(name) for name in ("MA0080.7", "MA0489.3", "MA0035.5")]
    >>> plain = mb.FormulaOptions(baselines=False)
    >>> formula = mb.fit_formula(adata, motifs=known, options=plain, seed=0)
    >>> len(formula.motifs)
    3
    """
    options = _options(options)
    draws = _check.generator(seed, "formula").integers(2**31, size=4).tolist()
    table = _read(adata, counts, draws[0])
    candidates = find_candidates(
        table,
        _covariates(table, covariates, options, is_counted=counts is not None),
        Positions.named(positions, table.letters.shape[1]),
        Sources(motifs, known, _names(counts), options.discover, options.n_words),
        seed=draws[1],
        device=device,
        progress=progress,
    )
    terms, selection = choose(
        table, candidates, method=options.selection, n_max=options.n_max, seed=draws[2]
    )
    columns = terms.columns(table.letters, table.obs)
    family = _families(adata, table, families)
    found, alone = None, columns  # pairs are chosen on the rows that score models
    if options.interactions and len(terms.names) > 1:
        found = find_pairs(table, terms, columns, family, seed=draws[3])
        terms = replace(terms, pairs=found.pairs)
        columns = terms.with_pairs(columns)
    kind = options.intervals or ("hc3" if family is None else "cluster")
    how = Intervals(kind, options.n_bootstrap, draws[3])
    formula = measure(table, terms, columns, family, how)
    if found is not None:
        coefficients = with_tested_q(formula.coefficients, found.table)
        formula = replace(formula, coefficients=coefficients, interactions=found.table)
    scores = pd.DataFrame()
    if options.baselines is not False:
        models = MODELS if options.baselines is True else options.baselines
        scores = compare(
            adata,
            table.rows,
            predict_unseen(table, alone),
            n_terms=alone.shape[1],
            models=models if counts is None else (),
            seed=draws[3],
            device=device,
            progress=progress,
        )
    info: dict[str, Any] = {
        "motifbook": __version__,
        "seed": seed,
        "notes": table.notes,
        "intervals": kind,
    }
    info["rows"] = {part: len(rows) for part, rows in vars(table.rows).items()}
    info |= {"selection": options.selection, "n_restarts": candidates.n_restarts}
    if found is not None:
        info["context_gain"] = dict(zip(table.names, found.gain.tolist()))
    return replace(
        formula,
        selection=selection,
        baselines=scores,
        info=info,
    )


def _options(given: FormulaOptions | None) -> FormulaOptions:
    options = _check.options(given, FormulaOptions, 'mb.FormulaOptions(selection="lasso")')
    _check.one_of(options.selection, "selection", METHODS)
    if options.intervals is not None:
        _check.one_of(options.intervals, "intervals", INTERVALS)
    _check.whole_number(options.n_max, "n_max")
    if options.n_words is not None:
        _check.whole_number(options.n_words, "n_words", low=0)
    if not isinstance(options.discover, DiscoverOptions):
        raise _check.InputError(
            f"`discover` is {_check.shown(options.discover)}; expected such as "
            "`mb.DiscoverOptions(n_filters=32)`."
        )
    for name in ("composition", "interactions"):
        _check.one_of(getattr(options, name), name, (True, False))
    return options


def _read(adata: AnnData, counts: pd.DataFrame | None, seed: int) -> Table:
    """Take what is needed out of `adata`, and divide its rows."""
    notes: list[str] = []
    if counts is None:
        schema.validate(adata)
        letters, alphabet, obs = store.get_letters(adata), store.get_alphabet(adata), adata.obs
    else:
        schema.refuse_others(adata)
        letters, alphabet = np.zeros((adata.n_obs, 1), np.uint8), DNA
        obs = with_counts(adata.obs, counts)
    if adata.n_vars == 0:
        raise _check.InputError(
            "`adata` has no readouts; expected at least one measured column. Read the FASTA with "
            '`negatives="shuffle"`, or a table with `readouts=[…]`.'
        )
    rows = divide(adata, seed, notes, has_sequences=counts is None)
    readout = store.get_readouts(adata).astype(np.float64)
    names = [str(name) for name in adata.var_names]
    kinds = store.readout_kinds(adata)
    _refuse_constant(readout, names, rows)
    part = str(adata.uns.get(schema.PART, ""))
    return Table(letters, obs, readout, names, kinds, alphabet, rows, notes, part)


def _refuse_constant(readout: Floats, names: list[str], rows: Rows) -> None:
    for part in ("discover", "infer"):
        values = readout[getattr(rows, part)]
        for name, column in zip(names, values.T):
            measured = column[np.isfinite(column)]
            if len(measured) < FEWEST or measured.min() == measured.max():
                word = {"discover": "train", "infer": "test"}[part]
                raise _check.InputError(
                    f"Readout {name!r} has {len(np.unique(measured))} different values in the "
                    f"{len(measured):,} measured rows of split {word!r}; expected at least "
                    f"{FEWEST} rows with values that differ. Leave it out "
                    f"(`adata[:, adata.var_names != {name!r}]`), or divide the rows anew."
                )


def _names(counts: pd.DataFrame | None) -> tuple[str, ...]:
    return () if counts is None else tuple(map(str, counts.columns))


def _covariates(
    table: Table, wanted: Sequence[str], options: FormulaOptions, *, is_counted: bool
) -> Covariates:
    rows = table.rows.discover
    covariates = Covariates.learn(
        table.letters[rows],
        table.alphabet,
        table.obs.iloc[rows],
        [wanted] if isinstance(wanted, str) else wanted,
        composition=options.composition and not is_counted,
    )
    table.notes.extend(covariates.notes)
    return covariates


def _families(adata: AnnData, table: Table, column: str | None) -> npt.NDArray[np.object_] | None:
    """Name of each row's family; None where every row is its own."""
    if column is None and schema.PAIR not in adata.obs:
        return None
    if column is not None:
        _check.columns(adata.obs.columns, [column], "`adata.obs`")
    values = adata.obs[column or schema.PAIR].astype(str).to_numpy(dtype=object)
    inferred = values[table.rows.infer]
    return values if len(np.unique(inferred)) < len(inferred) else None
