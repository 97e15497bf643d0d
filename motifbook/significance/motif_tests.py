"""`test_motifs`: which motifs go with the measurements, with p-values that know of the choice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import __version__, _check
from motifbook._one_thread import one_thread
from motifbook.data import schema
from motifbook.discover.filters import read_motifs
from motifbook.models import Network
from motifbook.motif.compare import known_motifs
from motifbook.motif.learned import LEARNED_FROM, PART, merged, sketch
from motifbook.motif.matrix import Motif
from motifbook.significance.choice import choose_engine
from motifbook.significance.finding import ReadoutTests
from motifbook.significance.fixed_path import refuse_other_alphabet
from motifbook.significance.options import TestOptions
from motifbook.significance.paths import by_motif, by_seism, by_two_parts
from motifbook.significance.provenance import refuse_seen
from motifbook.significance.result import Tests
from motifbook.significance.rows import Taken, readout_column, take_rows
from motifbook.significance.shelf import Shelf
from motifbook.significance.stepwise import stepwise

if TYPE_CHECKING:
    from anndata import AnnData

ENGINES = ("auto", "maxt", "permutation", "conditional", "line", "seism", "split", "thin", "fixed")


def test_motifs(
    adata: AnnData,
    motifs: Sequence[Motif] | Network | str | os.PathLike[str] | None = None,
    *,
    rows: str | npt.ArrayLike | None = None,
    readout: int | str | None = None,
    engine: str = "auto",
    covariates: Sequence[str] = (),
    blocks: str | None = None,
    options: TestOptions | None = None,
    seed: int | None = None,
) -> Tests:
    """Find out which motifs go with the measurements, and how sure that is.

    Without motifs, all words of six letters compete: the one that goes best with the readout is
    tested, knowing that it was the best of all; then the one that goes best with what it leaves;
    and so on. Nothing has to be set aside for that.

    Parameters
    ----------
    adata
        Sequences with readouts, NaN where not measured; not changed. Repeated measurements of a
        sequence are averaged.
    motifs
        None: all words of k letters, and words that win are refined to matrices for figures. The
        name of a packaged collection, or a motif file: its motifs compete in the same way. A list
        of motifs, or a network, whose filters show some: each is tested as it is. Motifs of a
        network or a formula must not have seen the rows, so give ``rows="test"``.
    rows : (n,)
        "train", "validation" or "test" of ``adata.obs["split"]``, or True for each row to take. By
        default all.
    readout
        Number or name; by default all, one after the other.
    engine
        "auto" chooses by the readout and says why: "maxt" (largest score of any motif, after ranks
        were made normal), "permutation" (the same by random orders: few values, few sequences), or
        "fixed" for a list of motifs (each by itself). "conditional": given which motif won.
        "line": the same in closed form, with less power. "seism": as published, by a random walk.
        "split": chosen on half of the sequences, tested on the other. "thin": every value in two.
    covariates
        Columns of `adata.obs` that are taken out beside GC content and length: numbers, or words
        such as batches.
    blocks
        Column of `adata.obs`; permutations exchange rows within a block only. By default "pair",
        where positives have their own shuffles.
    options
        See `TestOptions`.
    seed
        Of all draws.

    Returns
    -------
    Tests
        `.table`, `.readouts`, `.motifs`, `.qq()`, `.null()`, `.methods_text()`.

    Raises
    ------
    InputError
        If readouts are constant, infinite or absent; fewer than 8 dimensions are left (sequences
        minus covariates minus steps); an engine does not suit a readout; motifs were learned from
        the rows; or there are too many sequences times motifs for memory.

    Notes
    -----
    Activation, selection and null hypotheses: SEISM (Villié, Veber, De Castro & Jacob 2023, TMLR,
    arXiv 2212.12542). Ours are the engines that need no walk, the normal scores, covariates,
    intervals and error rates; each engine names its sources. A step's p-value asks "is there
    anything beyond earlier motifs?"; it belongs to the cluster of similar motifs around the one
    that is named, not to its every letter.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=400, length=60, rule="single", seed=0)
    >>> tests = mb.test_motifs(adata, seed=0)
    >>> tests.readouts[["engine", "n_kept"]].values.tolist()
    [['permutation', 1]]
    """
    options = _check.options(options, TestOptions, "mb.TestOptions(n_steps=3)")
    _check.one_of(engine, "engine", ENGINES)
    covariates = _names(covariates)
    schema.validate(adata)
    if isinstance(motifs, Network):
        motifs = read_motifs(motifs, adata, include_unused=True)
    given = _motifs(motifs, engine)
    shelf = Shelf(given.motifs, options)
    found, notes = [], list[str]()
    for name in _readouts(adata, readout):
        taken = take_rows(adata, rows, name, blocks=blocks, covariates=covariates)
        notes += [note for note in taken.notes if note not in notes]
        for note in refuse_seen(given.motifs, adata, taken):
            notes += [note] if note not in notes else []
        tests = _test(taken, shelf, given, engine, options=options, seed=seed)
        part = str(adata.uns.get(schema.PART, ""))
        found.append(_stamped(tests, taken, part) if given.are_chosen else tests)
        notes += [note for note in found[-1].notes if note not in notes]
    info = {
        "version": __version__,
        "seed": seed,
        "dictionary": given.what,
        "covariates": shelf.nuisance(taken).names,
        "has_blocks": taken.blocks is not None,
    }
    return Tests(found, options, notes, info)


test_motifs.__test__ = False  # type: ignore[attr-defined]  # pytest takes test_… for tests


def _stamped(tests: ReadoutTests, taken: Taken, part: str) -> ReadoutTests:
    """Let motifs remember the rows, or half, that chose them: these must not test them again."""
    findings = []
    for finding in tests.findings:
        info = dict(finding.motif.info)
        seen = sketch(np.concatenate([merged([finding.motif]), taken.hashes]))
        is_first = LEARNED_FROM not in info
        if info.pop(PART, part if is_first else "") == part and part:
            info[PART] = part
        motif = replace(finding.motif, info={**info, LEARNED_FROM: seen})
        findings.append(replace(finding, motif=motif))
    return replace(tests, findings=findings)


@dataclass(frozen=True)
class _Given:
    """Motifs as the user gave them, and whether they compete or are tested one by one."""

    motifs: list[Motif]
    are_chosen: bool
    what: str


def _motifs(motifs: Sequence[Motif] | str | os.PathLike[str] | None, engine: str) -> _Given:
    if motifs is None:
        if engine == "fixed":
            raise _check.InputError(
                "`engine` is 'fixed', but `motifs` is None; expected motifs that were fixed "
                "beforehand. Give some, or another engine."
            )
        return _Given([], True, "all words")
    listed = known_motifs(motifs)
    if engine == "seism":
        raise _check.InputError(
            "`engine` is 'seism', which selects among all motifs of a width, but `motifs` holds "
            f"{len(listed)}; expected None. Use engine='conditional' for given motifs."
        )
    if isinstance(motifs, (str, os.PathLike)):
        named = f"{len(listed):,} motifs of {os.path.basename(motifs)}"
        return _Given(listed, engine != "fixed", named)
    return _Given(listed, engine not in ("auto", "fixed"), f"{len(listed):,} given motifs")


def _names(covariates: object) -> list[str]:
    """Names of covariates; one alone may be given as it is."""
    if isinstance(covariates, str):
        return [covariates]
    listed = list(covariates) if isinstance(covariates, Iterable) else [covariates]
    names = [name for name in listed if isinstance(name, str)]
    if len(names) < len(listed):
        raise _check.InputError(
            f"`covariates` is {_check.shown(covariates)}; expected names of columns of "
            '`adata.obs`, such as `covariates=["batch"]`.'
        )
    return names


def _readouts(adata: AnnData, readout: int | str | None) -> list[str]:
    names = [str(name) for name in adata.var_names]
    if readout is None and names:
        return names
    return [names[readout_column(adata, 0 if readout is None else readout)]]


@one_thread
def _test(
    taken: Taken,
    shelf: Shelf,
    given: _Given,
    engine: str,
    *,
    options: TestOptions,
    seed: int | None,
) -> ReadoutTests:
    """Tests of one readout, by the engine asked for or the one that suits it."""
    without = shelf.nuisance(taken)
    if not given.are_chosen:
        return by_motif(taken, given.motifs, without, options=options, seed=seed)
    if given.motifs:
        refuse_other_alphabet(given.motifs, taken)
    dictionary = shelf.dictionary(taken)
    if engine in ("split", "thin"):
        return by_two_parts(taken, dictionary, without, engine, options=options, seed=seed)
    has_blocks = taken.blocks is not None
    choice = choose_engine(
        taken.readout,
        engine,
        scores=options.scores,
        has_blocks=has_blocks,
        beside=without.basis if taken.covariates else None,
        seed=seed,
    )
    prepared = shelf.prepared(taken, choice)
    if choice.engine == "seism":
        rows = dictionary.activations
        tests = by_seism(taken, rows, prepared, choice, options=options, seed=seed)
    else:
        tests = stepwise(taken, dictionary, prepared, choice, options=options, seed=seed)
    return replace(tests, notes=(*tests.notes, *choice.notes))
