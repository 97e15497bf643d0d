"""Put results into an AnnData, get them back, keep the whole book in one .h5ad file."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import letters_file, pack, schema
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode, encode

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_KINDS = "motifbook_kinds"  # in a file only: what `pack` turned into what, as JSON
_SLOTS = ("obsm", "varm", "obsp", "varp", "layers", "uns")


def get_alphabet(adata: ad.AnnData) -> Alphabet:
    """Return the alphabet of the sequences; DNA where none is named."""
    return named(adata.uns.get(schema.ALPHABET, "DNA"))


def get_letters(adata: ad.AnnData) -> Letters:
    """Return letter codes, (n, length) uint8; shorter sequences are centered and padded with N.

    Raises
    ------
    InputError
        If `adata` holds no sequences, or a letter is outside its alphabet.
    """
    if schema.LETTERS in adata.obsm:
        letters = np.ascontiguousarray(adata.obsm[schema.LETTERS])
        if letters.dtype != np.uint8 or letters.ndim != 2:
            schema.validate_letters(letters, get_alphabet(adata))
        return letters
    return encode(_sequence_column(adata), get_alphabet(adata))


def get_sequences(adata: ad.AnnData) -> list[str]:
    """Return the sequences as n strings in upper case; of letter codes, without padding."""
    if schema.LETTERS in adata.obsm:
        return decode(np.asarray(adata.obsm[schema.LETTERS]), get_alphabet(adata), strip=True)
    return _sequence_column(adata)


def _sequence_column(adata: ad.AnnData) -> list[str]:
    if schema.SEQUENCE not in adata.obs:
        schema.validate(adata)  # says what is missing
    return [str(sequence) for sequence in adata.obs[schema.SEQUENCE]]


def get_readouts(adata: ad.AnnData) -> FloatArray:
    """Return measured values, (n, n_readouts) float32; NaN where nothing was measured.

    Raises
    ------
    InputError
        If they are no numbers.
    """
    if adata.X is None:
        return np.full(adata.shape, np.nan, dtype=np.float32)
    if adata.X.dtype.kind not in "fiub" or isinstance(adata.X, np.ma.MaskedArray):
        schema.validate_readouts(adata)
    return schema.dense_values(adata.X).astype(np.float32, copy=False)


def readout_kinds(adata: ad.AnnData) -> list[str]:
    """Return "binary" or "continuous" for each readout.

    A readout is binary if every measured value is 0 or 1; `adata.var["kind"]` overrides this.
    """
    values = get_readouts(adata)
    kinds = []
    for column in range(adata.n_vars):
        measured = values[:, column][~np.isnan(values[:, column])]
        is_binary = len(measured) > 0 and bool(np.isin(measured, (0, 1)).all())
        kinds.append("binary" if is_binary else "continuous")
    if schema.KIND in adata.var:
        stated = adata.var[schema.KIND]
        kinds = [kind if pd.isna(said) else str(said) for kind, said in zip(kinds, stated)]
    return kinds


def rows(adata: ad.AnnData, split: str | None) -> IntArray:
    """Return the row numbers of one split; all rows if `split` is None or none was made.

    Raises
    ------
    InputError
        If no row belongs to that split.
    """
    if split is None:
        return np.arange(adata.n_obs)
    _check.one_of(split, "split", schema.SPLITS)
    if schema.SPLIT not in adata.obs:
        return np.arange(adata.n_obs)
    column = adata.obs[schema.SPLIT].astype(object)
    found = np.flatnonzero((column == split).to_numpy())
    if not len(found):
        counts = {str(word): int(count) for word, count in column.value_counts().items()}
        raise _check.InputError(
            f"No row of `adata.obs['{schema.SPLIT}']` is {split!r}; it holds {counts}. "
            f"Make a new one: `adata.obs['{schema.SPLIT}'] = mb.split(adata, seed=0)`."
        )
    return found


def add_predictions(adata: ad.AnnData, prediction: npt.ArrayLike) -> None:
    """Keep predictions, (n, n_readouts), as `adata.layers["prediction"]`."""
    values = np.asarray(prediction, dtype=np.float32)
    _check.shape(values, "prediction", f"(n, n_readouts) = {adata.shape}", *adata.shape)
    adata.layers[schema.PREDICTION] = values


def add_motifs(adata: ad.AnnData, motifs: Sequence[Motif]) -> None:
    """Keep motifs, in their order, as `adata.uns["motifs"]`."""
    adata.uns[schema.MOTIFS] = {
        f"{number:04d}": {
            "name": motif.name,
            "ppm": np.array(motif.ppm),
            "background": list(motif.background),
            "n_sites": motif.n_sites,
            "alphabet": dataclasses.asdict(motif.alphabet),
            "info": dict(motif.info),
        }
        for number, motif in enumerate(motifs)
    }


def get_motifs(adata: ad.AnnData) -> list[Motif]:
    """Return the motifs kept by `add_motifs`."""
    stored = _stored(adata.uns, schema.MOTIFS, "add_motifs(adata, motifs)")
    return [_motif(stored[key]) for key in sorted(stored)]


def _motif(fields: dict[str, Any]) -> Motif:
    letters = {**fields["alphabet"], "same_as": tuple(fields["alphabet"]["same_as"])}
    return Motif(
        fields["name"],
        fields["ppm"],
        tuple(fields["background"]),
        fields["n_sites"],
        Alphabet(**letters),
        fields["info"],
    )


def add_hits(adata: ad.AnnData, table: pd.DataFrame) -> None:
    """Keep a hits table (columns `schema.HIT_COLUMNS` and more) as `adata.uns["hits"]`."""
    _check.columns(table.columns, schema.HIT_COLUMNS, "The hits table")
    adata.uns[schema.HITS] = table.reset_index(drop=True)


def get_hits(adata: ad.AnnData) -> pd.DataFrame:
    """Return the table kept by `add_hits`."""
    hits: pd.DataFrame = _stored(adata.uns, schema.HITS, "add_hits(adata, table)")
    return hits


def add_formula(adata: ad.AnnData, coefficients: pd.DataFrame) -> None:
    """Keep the coefficients of a formula (`Formula.coefficients`) as `adata.uns["formula"]`."""
    _check.columns(
        coefficients.columns, ("readout", "term", "coefficient"), "The table of coefficients"
    )
    adata.uns[schema.FORMULA] = coefficients.reset_index(drop=True)


def get_formula(adata: ad.AnnData) -> pd.DataFrame:
    """Return the table kept by `add_formula`."""
    table: pd.DataFrame = _stored(adata.uns, schema.FORMULA, "add_formula(adata, coefficients)")
    return table


def add_tests(adata: ad.AnnData, table: pd.DataFrame) -> None:
    """Keep tests of motifs (`Tests.table`) as `adata.uns["tests"]`."""
    _check.columns(table.columns, ("readout", "motif", "p_value"), "The table of tests")
    adata.uns[schema.TESTS] = table.reset_index(drop=True)


def get_tests(adata: ad.AnnData) -> pd.DataFrame:
    """Return the table kept by `add_tests`."""
    table: pd.DataFrame = _stored(adata.uns, schema.TESTS, "add_tests(adata, table)")
    return table


def add_attribution(
    adata: ad.AnnData, attribution: npt.ArrayLike, method: str, readout: int | str
) -> None:
    """Keep attributions, (n, n_letters, length) in readout units, under method and readout."""
    values = np.asarray(attribution, dtype=np.float32)
    sizes = (adata.n_obs, get_alphabet(adata).n_letters, None)
    expected = f"(n, n_letters, length) = ({sizes[0]}, {sizes[1]}, length)"
    _check.shape(values, "attribution", expected, *sizes)
    adata.obsm[_attribution_key(adata, method, readout)] = values


def get_attribution(adata: ad.AnnData, method: str, readout: int | str) -> FloatArray:
    """Return what `add_attribution` kept, (n, n_letters, length)."""
    key = _attribution_key(adata, method, readout)
    return np.asarray(_stored(adata.obsm, key, "add_attribution(adata, ...)"))


def _attribution_key(adata: ad.AnnData, method: str, readout: int | str) -> str:
    names = [str(name) for name in adata.var_names]
    if isinstance(readout, str):
        _check.one_of(readout, "readout", names)
        return schema.ATTRIBUTION.format(method=method, readout=readout)
    number = _check.whole_number(readout, "readout", low=0, high=len(names) - 1)
    return schema.ATTRIBUTION.format(method=method, readout=names[number])


def _stored(slot: Any, key: str, verb: str) -> Any:
    if key not in slot:
        listed = ", ".join(repr(name) for name in slot) or "nothing"
        raise _check.InputError(
            f"`adata` holds no {key!r} yet; it holds {listed}. Keep it first with `store.{verb}`."
        )
    return slot[key]


def write(adata: ad.AnnData, path: str | os.PathLike[str]) -> None:
    """Write a book as .h5ad, which anndata and scanpy read too.

    The file appears only when it is complete. Columns of mixed kind are written as text. More than
    20 million letters kept as codes are written unpacked, so that `read(path, backed=True)` can
    leave them on disk.

    Raises
    ------
    InputError
        If `path` does not end in .h5ad, its folder is absent, or the book holds an object that
        a file cannot hold.
    """
    schema.validate(adata)
    target = _check.a_path(path)
    if target.suffix != ".h5ad":
        raise _check.InputError(f"`path` is {str(path)!r}; expected a name that ends in .h5ad.")
    kinds: pack.Kinds = {}
    tables = {name: pack.pack_table(getattr(adata, name), name, kinds) for name in ("obs", "var")}
    slots = {name: pack.pack_items(getattr(adata, name), name, kinds) for name in _SLOTS}
    slots["uns"][_KINDS] = json.dumps(kinds)
    letters = np.asarray(slots["obsm"].get(schema.LETTERS, ()))
    is_large = letters.size > letters_file.MANY_LETTERS
    if is_large:
        del slots["obsm"][schema.LETTERS]
    book = ad.AnnData(X=adata.X, **tables, **slots)
    with _check.new_file(target) as part:
        letters_file.write_book(part, book, letters if is_large else None)


def read(path: str | os.PathLike[str], *, backed: bool = False) -> ad.AnnData:
    """Read a book from .h5ad: one of ours, or any AnnData with sequences.

    Parameters
    ----------
    backed
        Leave the letters of a large set on disk and read them when they are needed; a copy, and
        what is made of some rows, is in memory. Letters that the file keeps packed or as text are
        read all the same, and `uns["done"]` says so.

    Raises
    ------
    InputError
        If the file is absent, is no .h5ad, or holds no sequences.

    Examples
    --------
    >>> import tempfile, motifbook as mb
    >>> adata = mb.simulate(n=20, length=100, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mb.write(adata, f"{folder}/book.h5ad")
    ...     mb.read(f"{folder}/book.h5ad").shape
    (20, 1)
    """
    source = _check.existing_file(path)
    try:
        adata = _read(source, backed=backed)
        schema.validate(adata)
    except _check.InputError as error:
        raise _check.InputError(f"{source}: {error}") from None
    except Exception as error:  # whatever a damaged file makes h5py and anndata raise
        says_why = isinstance(error, (OSError, KeyError, ValueError))
        reason = _check.reason(error) if says_why else "its parts do not fit together"
        raise _check.InputError(
            f"{source} could not be read as .h5ad ({reason}); expected a file of `mb.write` or "
            "anndata. Sequences go through `mb.read_fasta`, `mb.read_table` or `mb.read_bed`."
        ) from None
    return adata


def _read(source: Path, *, backed: bool) -> ad.AnnData:
    letters = letters_file.map_letters(source) if backed else None
    book = ad.read_h5ad(source) if letters is None else letters_file.read_without_letters(source)
    kinds: pack.Kinds = json.loads(book.uns.pop(_KINDS, "{}"))
    tables = {name: pack.unpack_table(getattr(book, name), name, kinds) for name in ("obs", "var")}
    slots = {name: pack.unpack_items(getattr(book, name), name, kinds) for name in _SLOTS}
    adata = ad.AnnData(X=book.X, **tables, **slots)
    if letters is not None:
        adata.obsm[schema.LETTERS] = letters
    elif backed:
        _say(
            adata,
            f"The letters of {source.name} were read into memory: only a large set kept as "
            "codes by `mb.write` can stay on disk.",
        )
    return adata


def _say(adata: ad.AnnData, sentence: str) -> None:
    adata.uns[schema.DONE] = [*adata.uns.get(schema.DONE, []), sentence]
