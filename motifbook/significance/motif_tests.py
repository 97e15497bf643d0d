"""`test_motifs`: which motifs go with the measurements, with p-values that know of the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motifbook import __version__, _check
from motifbook.data import schema
from motifbook.motif.matrix import Motif
from motifbook.significance.choice import choose_engine
from motifbook.significance.dictionary import word_activations
from motifbook.significance.finding import ReadoutTests
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.options import TestOptions
from motifbook.significance.prepare import prepare
from motifbook.significance.result import Tests
from motifbook.significance.rows import Taken, take_rows
from motifbook.significance.stepwise import Dictionary, stepwise

if TYPE_CHECKING:
    from anndata import AnnData

ENGINES = ("auto", "maxt", "permutation", "conditional", "line", "seism", "split", "thin", "fixed")


def test_motifs(
    adata: AnnData,
    motifs: Sequence[Motif] | str | None = None,
    *,
    rows: str | None = None,
    readout: int | str | None = None,
    engine: str = "auto",
    covariates: Sequence[str] = (),
    blocks: str | None = None,
    options: TestOptions | None = None,
    seed: int | None = None,
) -> Tests:
    """Test motifs.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=60, rule="additive", seed=0)
    >>> tests = mb.test_motifs(adata, seed=0)
    """
    options = _check.options(options, TestOptions, "mb.TestOptions(n_steps=3)")
    _check.one_of(engine, "engine", ENGINES)
    schema.validate(adata)
    found, notes = [], []
    for name in adata.var_names:
        taken = take_rows(adata, rows, str(name), blocks=blocks, covariates=covariates)
        notes += [note for note in taken.notes if note not in notes]
        found.append(_words(taken, engine, options, seed))
    info = {
        "version": __version__,
        "seed": seed,
        "dictionary": "all words",
        "covariates": "GC content, length",
    }
    return Tests(found, options, notes, info)


test_motifs.__test__ = False  # type: ignore[attr-defined]  # pytest takes test_… for tests


def _words(taken: Taken, engine: str, options: TestOptions, seed: int | None) -> ReadoutTests:
    k = options.word_length(taken.alphabet)
    activations = word_activations(
        taken.letters,
        k,
        alphabet=taken.alphabet,
        omega=options.omega,
        both_strands=options.both_strands,
    )
    choice = choose_engine(taken.readout, engine, scores=options.scores, seed=seed)
    prepared = prepare(activations.values, choice.readout, _nuisance(taken, options))
    return stepwise(taken, Dictionary(activations), prepared, choice, options=options, seed=seed)


def _nuisance(taken: Taken, options: TestOptions) -> Nuisance:
    letters = taken.letters if options.composition else None
    return nuisance(
        len(taken.letters), letters=letters, alphabet=taken.alphabet, covariates=taken.covariates
    )
