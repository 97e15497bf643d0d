"""What readouts of the same rows share: covariates, activations, and their projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motifbook import _check
from motifbook.data.association import composition
from motifbook.motif.matrix import Motif
from motifbook.significance.choice import Choice
from motifbook.significance.dictionary import matrix_activations, word_activations
from motifbook.significance.nuisance import Nuisance, nuisance
from motifbook.significance.options import TestOptions
from motifbook.significance.prepare import Prepared, prepare
from motifbook.significance.rows import Taken
from motifbook.significance.stepwise import Dictionary

MOST_VALUES = 400_000_000  # sequences times motifs: 1.6 GB


class Shelf:
    """Keeps what was made for some rows until other rows are asked for.

    Parameters
    ----------
    motifs
        Of the dictionary; none for all words.
    options
        See `TestOptions`.
    """

    def __init__(self, motifs: Sequence[Motif], options: TestOptions) -> None:
        self._motifs, self._options = motifs, options
        self._rows = b""
        self._without: Nuisance | None = None
        self._dictionary: Dictionary | None = None
        self._prepared: Prepared | None = None

    def nuisance(self, taken: Taken) -> Nuisance:
        """What is taken out of readout and activations: intercept, composition, covariates.

        Composition stays where every row is compared with rows of the same letters, as positives
        with their own shuffles are.
        """
        self._turn_to(taken)
        if self._without is None:
            is_told = self._options.composition and not _is_matched(taken)
            self._without = nuisance(
                len(taken.letters),
                letters=taken.letters if is_told else None,
                alphabet=taken.alphabet,
                covariates=taken.covariates,
            )
        return self._without

    def dictionary(self, taken: Taken) -> Dictionary:
        """Motifs that compete, and how strongly each responds to each sequence."""
        self._turn_to(taken)
        if self._dictionary is None:
            self._dictionary = self._respond(taken)
        return self._dictionary

    def prepared(self, taken: Taken, choice: Choice) -> Prepared:
        """The dictionary's columns, with the readout on the scale of its test."""
        values = self.dictionary(taken).activations.values
        if self._prepared is None:
            self._prepared = prepare(values, choice.readout, self.nuisance(taken))
        return self._prepared.with_readout(choice.readout)

    def _turn_to(self, taken: Taken) -> None:
        blocks = b"" if taken.blocks is None else taken.blocks.tobytes()
        rows = taken.hashes.tobytes() + blocks
        if rows != self._rows:
            self._rows = rows
            self._without = self._dictionary = self._prepared = None

    def _respond(self, taken: Taken) -> Dictionary:
        options, n, alphabet = self._options, len(taken.letters), taken.alphabet
        if self._motifs:
            _refuse_many(n, len(self._motifs), "Use fewer sequences or motifs.")
            names = [motif.name for motif in self._motifs]
            ppms = [motif.ppm for motif in self._motifs]
            found = matrix_activations(
                taken.letters,
                ppms,
                names=names,
                alphabet=alphabet,
                omega=options.omega,
                both_strands=options.both_strands,
                row_names=taken.names.tolist(),
            )
            return Dictionary(found, self._motifs)
        k = options.word_length(alphabet)
        _refuse_many(n, alphabet.n_letters**k, "Use shorter words, or fewer sequences (`rows=`).")
        found = word_activations(
            taken.letters,
            k,
            alphabet=alphabet,
            omega=options.omega,
            both_strands=options.both_strands,
            row_names=taken.names.tolist(),
        )
        return Dictionary(found)


def _is_matched(taken: Taken) -> bool:
    """Whether all rows of a block have the same letters, each block having several rows."""
    if taken.blocks is None:
        return False
    lengths, gc = composition(taken.letters, taken.alphabet)
    for values in (lengths, gc):
        means = np.bincount(taken.blocks, values) / np.bincount(taken.blocks)
        if not np.allclose(means[taken.blocks], values, rtol=1e-6, atol=1e-9):
            return False
    return bool((np.bincount(taken.blocks) > 1).all())


def _refuse_many(n: int, n_motifs: int, way_out: str) -> None:
    if n * n_motifs > MOST_VALUES:
        raise _check.InputError(
            f"{n:,} sequences times {n_motifs:,} motifs are {n * n_motifs:,} values; expected "
            f"{MOST_VALUES:,} at most, which take 1.6 GB. {way_out}"
        )
