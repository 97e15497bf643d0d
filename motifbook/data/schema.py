"""Every key that motifbook uses in an AnnData: name, shape, type, meaning; and their check.

rows (`obs`) are sequences, columns (`var`) are readouts, `X` holds measured values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from motifbook import _check
from motifbook.alphabet import INVALID, Alphabet, named

# obs: one value per sequence
SEQUENCE = "sequence"  # str, the letters as given, upper case
SPLIT = "split"  # "train", "validation" or "test"
SHUFFLED = "|shuffled"  # ends the name of a sequence that is a shuffle of another one
PAIR = "pair"  # str, family: a positive and its own shuffle share it; `split` keeps it together
CHROM, START, END, STRAND = "chrom", "start", "end", "strand"  # 0-based, half-open; + or -
ALLELE = "allele"  # "ref" or "alt" of a pair of sequences; both share `PAIR`

# obsm: one row of numbers per sequence
LETTERS = "letters"  # (n, length) uint8 codes, instead of obs["sequence"] for large sets
ATTRIBUTION = "attribution:{method}:{readout}"  # (n, n_letters, length) float32, readout units
REPLICATES = "replicates:{readout}"  # (n, n_replicates) float32, readout units; `X` is their mean

# var: one value per readout
KIND = "kind"  # "binary" or "continuous"
BOUND = "bound"  # the readout of positives (1) against negatives (0)

# layers
PREDICTION = "prediction"  # (n, n_readouts), on the scale of the measurement
SIGMA = "sigma"  # (n, n_readouts), standard error of each measured value; NaN where unknown

# uns: tables and plain dictionaries
ALPHABET = "alphabet"  # "DNA", "RNA" or "protein"
DONE = "done"  # list of sentences: what reading did with the user's data
TRUTH = "truth"  # simulated data: "motifs" name -> ppm, "sites" table, "effects" table
MOTIFS = "motifs"  # "0000", "0001", ... -> {"name", "ppm", "background", "n_sites", ...}
HITS = "hits"  # the hits table
FORMULA = "formula"  # table of coefficients, one row per readout and term
TESTS = "tests"  # table of tests, one row per readout and motif
GENOME = "genome"  # {"name": of the file, "lengths": {chromosome: letters}}
PART = "part"  # "<id>:choose" or "<id>:test": which half of a readout that was made two

HIT_COLUMNS = ("sequence", "start", "end", "strand", "motif", "score", "p_value")
GENOME_COLUMNS = ("chrom", "genome_start", "genome_end", "genome_strand")  # of hits in regions
SITE_COLUMNS = ("sequence", "start", "end", "strand")

SPLITS = ("train", "validation", "test")
KINDS = ("binary", "continuous")
_ROWS_AT_ONCE = 20_000  # bounds memory


def refuse_others(adata: object) -> None:
    """Refuse what is no AnnData."""
    if not isinstance(adata, ad.AnnData):
        raise _check.InputError(
            f"`adata` is {_check.shown(adata)}; expected an AnnData. Make one with "
            "`mb.read_fasta`, `mb.read_table` or `mb.read_bed`."
        )


def validate(adata: ad.AnnData) -> None:
    """Refuse an AnnData that the book cannot work with, saying which key is wrong and why.

    Raises
    ------
    InputError
        If sequences are absent, empty or hold letters outside the alphabet, row names repeat,
        measured values are not numbers, or `split` and `kind` hold unknown words.
    """
    refuse_others(adata)
    _validate_names(adata.obs_names, "obs_names", "sequence")
    _validate_names(adata.var_names, "var_names", "readout")
    alphabet = named(adata.uns.get(ALPHABET, "DNA"))
    if LETTERS in adata.obsm:
        validate_letters(adata.obsm[LETTERS], alphabet)
    else:
        _validate_sequences(adata, alphabet)
    _validate_words(adata.obs, SPLIT, SPLITS, "obs")
    _validate_words(adata.var, KIND, KINDS, "var")
    validate_readouts(adata)


def _validate_names(names: pd.Index, where: str, noun: str) -> None:
    if not names.is_unique:
        name = names[names.duplicated()][0]
        raise _check.InputError(
            f"`adata.{where}` holds {name!r} more than once; expected one name per {noun}. "
            f"Use `adata.{where}_make_unique()`."
        )


def validate_letters(letters: object, alphabet: Alphabet) -> None:
    """Refuse letter codes that are no codes, (n, length) uint8, of this alphabet."""
    codes = np.asarray(letters)
    hint = "One-hot arrays go through `onehot.from_onehot`." if codes.ndim == 3 else ""
    _check.shape(codes, f"obsm['{LETTERS}']", "(n, length)", None, None, hint=hint)
    if codes.dtype != np.uint8 or codes.max(initial=0) > alphabet.n_letters:
        raise _check.InputError(
            f"`obsm['{LETTERS}']` has type {codes.dtype} and values up to {codes.max(initial=0)}; "
            f"expected uint8 codes from 0 to {alphabet.n_letters}. `onehot.encode` makes them of "
            "text; codes of another type need `.astype(np.uint8)`."
        )


def _validate_sequences(adata: ad.AnnData, alphabet: Alphabet) -> None:
    if SEQUENCE not in adata.obs:
        listed = ", ".join(map(str, adata.obs.columns)) or "none"
        raise _check.InputError(
            f"`adata` holds no sequences; expected a column {SEQUENCE!r} in `adata.obs` (it has: "
            f"{listed}). Read sequences with `mb.read_fasta`, `mb.read_table` or `mb.read_bed`."
        )
    sequences = adata.obs[SEQUENCE].tolist()
    for name, sequence in zip(adata.obs_names, sequences):
        if not isinstance(sequence, str) or not sequence:
            is_gap = pd.api.types.is_scalar(sequence) and pd.isna(sequence)
            got = "missing" if is_gap else repr(sequence)[:40]
            raise _check.InputError(
                f"Sequence {name!r} is {got}; expected letters {alphabet.letters}. Remove that row."
            )
    for first in range(0, len(sequences), _ROWS_AT_ONCE):
        block = sequences[first : first + _ROWS_AT_ONCE]
        if (alphabet.codes("".join(block)) == INVALID).any():
            _refuse_letters(adata.obs_names[first:], block, alphabet)


def _refuse_letters(names: Iterable[object], sequences: list[str], alphabet: Alphabet) -> None:
    for name, sequence in zip(names, sequences):
        bad = np.flatnonzero(alphabet.codes(sequence) == INVALID)
        if len(bad):
            raise _check.InputError(
                f"Sequence {name!r} has {sequence[bad[0]]!r} at position {bad[0]}; expected "
                f"{alphabet.name} letters {alphabet.letters} or {alphabet.unknown}."
            )


def dense_values(values: Any) -> npt.NDArray[Any]:
    """Return the values of `adata.X`, (n, n_readouts), be they sparse or on disk."""
    if hasattr(values, "to_memory"):  # a sparse matrix on disk
        values = values.to_memory()
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


def validate_readouts(adata: ad.AnnData) -> None:
    """Refuse measured values that are no numbers, hide a mask, or are too large to be right."""
    values = adata.X
    if values is None:
        return
    if values.dtype.kind not in "fiub":
        raise _check.InputError(
            f"`adata.X` has type {values.dtype}; expected numbers, NaN where nothing was measured. "
            'Use `adata.X = adata.X.astype("float32")` once all values are numbers.'
        )
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise _check.InputError(
            "`adata.X` is a masked array, which forgets its mask when rows are chosen; expected "
            "NaN where nothing was measured. Use "
            '`adata.X = adata.X.astype("float32").filled(np.nan)`.'
        )
    dense = dense_values(values)
    beyond = np.argwhere(np.abs(dense) > np.finfo(np.float32).max)
    if len(beyond):
        row, column = beyond[0]
        got = "infinite" if np.isinf(dense[row, column]) else f"{dense[row, column]:.3g}"
        raise _check.InputError(
            f"Readout {adata.var_names[column]!r} of sequence {adata.obs_names[row]!r} is {got}; "
            "expected numbers below 3e38, NaN where nothing was measured."
        )


def _validate_words(table: pd.DataFrame, column: str, allowed: Iterable[str], where: str) -> None:
    if column in table:
        for value in pd.unique(table[column].dropna()):
            _check.one_of(value, f"adata.{where}['{column}']", allowed)
