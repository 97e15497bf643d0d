"""The rows of one readout, as tests want them: measured, independent, with what may confound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data import schema, store
from motifbook.data.splits.copies import sequence_hashes, similar_groups
from motifbook.data.splits.relations import numbered
from motifbook.onehot import Letters

if TYPE_CHECKING:
    from anndata import AnnData

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
FEWEST = 8
MANY_RELATED = 0.05  # share of sequences from which on relatives are told


@dataclass(frozen=True)
class Taken:
    """What is tested: one readout of some rows, every sequence once.

    Parameters
    ----------
    name
        Of the readout.
    names : (n,)
        Of the rows.
    letters : (n, length)
        Letter codes.
    alphabet
        The one `letters` are written in.
    readout : (n,)
        Measured values.
    hashes : (n,)
        One number per sequence, whatever its strand.
    covariates
        Columns of `adata.obs`, (n,) each.
    blocks : (n,)
        Number of the block within which rows are exchanged; None for all rows.
    notes
        Sentences on what was done with the rows.
    """

    name: str
    names: npt.NDArray[np.object_]
    letters: Letters
    alphabet: Alphabet
    readout: Floats
    hashes: npt.NDArray[np.uint64]
    covariates: dict[str, npt.NDArray[np.generic]]
    blocks: Integers | None
    notes: tuple[str, ...]


def take_rows(
    adata: AnnData,
    rows: str | npt.ArrayLike | None = None,
    readout: int | str = 0,
    *,
    blocks: str | None = None,
    covariates: Sequence[str] = (),
) -> Taken:
    """Take the measured rows of one readout; sequences measured several times become one row.

    Parameters
    ----------
    rows : (n,)
        "train", "validation" or "test" of `adata.obs["split"]`, or True for each row to take; None
        takes all.
    readout
        Number or name.
    blocks
        Column of `adata.obs`; rows without a value are exchanged with none. By default "pair", if
        it names pairs of a positive and its shuffle.
    covariates
        Columns of `adata.obs`.

    Returns
    -------
    Taken

    Raises
    ------
    InputError
        If a name is unknown, a covariate misses values, the readout is constant or infinite, or
        fewer than 8 rows are left.

    Notes
    -----
    Copies, reverse complements among them, are one observation of a sequence: readout and numeric
    covariates are averaged, words and blocks are those of the first copy. Of a binary readout
    copies that disagree are left out: no motif tells them apart.

    Examples
    --------
    >>> from motifbook.data.simulation.simulate import simulate
    >>> taken = take_rows(simulate(n=50, rule="single", seed=0))
    >>> taken.letters.shape, taken.readout.shape, taken.notes
    ((50, 200), (50,), ())
    """
    column = readout_column(adata, readout)
    name, kind = str(adata.var_names[column]), store.readout_kinds(adata)[column]
    values = store.get_readouts(adata)[:, column].astype(np.float64)
    notes: list[str] = []
    numbers = _measured(adata, _numbers(adata, rows), values, name, notes)
    letters, alphabet = store.get_letters(adata), store.get_alphabet(adata)
    hashes = sequence_hashes(letters[numbers], alphabet)
    copy_of = pd.factorize(hashes)[0]
    if kind == "binary":
        agrees = _agree(copy_of, values[numbers], notes)
        numbers, hashes = numbers[agrees], hashes[agrees]
        copy_of = pd.factorize(hashes)[0]
    firsts = np.unique(copy_of, return_index=True)[1]
    if len(firsts) < len(numbers):
        strands = " (strands count as one)" if alphabet.has_strands else ""
        notes.append(
            f"{len(numbers):,} rows hold {len(firsts):,} different sequences{strands}; repeated "
            "measurements were averaged."
        )
    kept = numbers[firsts]
    measured = _mean(values[numbers], copy_of)
    _refuse_constant(measured, name, adata.obs_names[kept])
    if blocks is None:
        exchanged = _pairs(adata, kept, measured, notes)
        if exchanged is None:
            notes += _relatives(letters[kept], alphabet)
    else:
        exchanged = _blocks(adata, kept, blocks)
    return Taken(
        name=name,
        names=adata.obs_names[kept].to_numpy(dtype=object),
        letters=letters[kept],
        alphabet=alphabet,
        readout=measured,
        hashes=hashes[firsts],
        covariates={one: _covariate(adata, one, numbers, copy_of) for one in covariates},
        blocks=exchanged,
        notes=tuple(notes),
    )


def readout_column(adata: AnnData, readout: int | str) -> int:
    """Number of a readout given by number or name."""
    names = [str(name) for name in adata.var_names]
    if not names:
        raise _check.InputError(
            "`adata` has no readouts; expected a measured column. Read the FASTA with "
            '`negatives="shuffle"`, or a table with `readouts=[…]`.'
        )
    if isinstance(readout, str):
        _check.one_of(readout, "readout", names)
        return names.index(readout)
    return _check.whole_number(readout, "readout", low=0, high=len(names) - 1)


def _numbers(adata: AnnData, rows: str | npt.ArrayLike | None) -> Integers:
    """Numbers of the rows that are asked for."""
    if isinstance(rows, str) and schema.SPLIT not in adata.obs:
        raise _check.InputError(
            f"`rows` is {rows!r}, but `adata` has no split; expected a column "
            f"`adata.obs['{schema.SPLIT}']`. Make it before training: "
            f"`adata.obs['{schema.SPLIT}'] = mb.split(adata, seed=0)`."
        )
    if rows is None or isinstance(rows, str):
        return store.rows(adata, rows)
    if isinstance(rows, pd.Series) and set(rows.index) == set(adata.obs_names):
        rows = rows.loc[adata.obs_names]
    wanted = np.asarray(rows)
    if wanted.dtype != bool or wanted.shape != (adata.n_obs,):
        raise _check.InputError(
            f"`rows` has shape {wanted.shape} and type {wanted.dtype}; expected True or False for "
            f'each of the {adata.n_obs} rows, or "train", "validation" or "test".'
        )
    return np.flatnonzero(wanted)


def _measured(
    adata: AnnData, numbers: Integers, values: Floats, name: str, notes: list[str]
) -> Integers:
    """Leave out rows without a measurement; refuse infinite ones."""
    infinite = numbers[np.isinf(values[numbers])]
    if len(infinite):
        raise _check.InputError(
            f"Readout {name!r} is infinite in {_named(adata, infinite)}; expected numbers, NaN "
            "where nothing was measured."
        )
    kept = numbers[np.isfinite(values[numbers])]
    if len(kept) < len(numbers):
        n_lost = len(numbers) - len(kept)
        notes.append(f"{n_lost:,} of {len(numbers):,} rows without a measurement were left out.")
    return kept


def _agree(copy_of: Integers, values: Floats, notes: list[str]) -> npt.NDArray[np.bool_]:
    """Whether all copies of a row's sequence have one value, (n,)."""
    agrees: npt.NDArray[np.bool_] = _mean(values, copy_of)[copy_of] == values
    if not agrees.all():
        notes.append(
            f"{int((~agrees).sum()):,} rows were left out: copies of one sequence that are 0 in "
            "one row and 1 in another."
        )
    return agrees


def _mean(values: Floats, groups: Integers) -> Floats:
    """Mean of each group, (n_groups,)."""
    means: Floats = np.bincount(groups, values) / np.bincount(groups)
    return means


def _refuse_constant(readout: Floats, name: str, names: pd.Index) -> None:
    if len(readout) < FEWEST:
        raise _check.InputError(
            f"Readout {name!r} has {len(readout)} rows with a measurement (copies count once): "
            f"{_listed(names)}; expected {FEWEST} or more. Use more sequences."
        )
    if np.ptp(readout) == 0:
        raise _check.InputError(
            f"Readout {name!r} is {readout[0]:g} in all {len(readout):,} rows ({_listed(names)}); "
            "expected values that differ. Use another readout, or other rows."
        )


def _covariate(
    adata: AnnData, name: str, numbers: Integers, copy_of: Integers
) -> npt.NDArray[np.generic]:
    """Return a covariate of every sequence: the mean of numbers, the first of words."""
    _check.columns(adata.obs.columns, [name], "`adata.obs`")
    column = adata.obs[name].iloc[numbers]
    is_number = column.dtype.kind in "biuf"
    values = column.to_numpy(dtype=np.float64 if is_number else object)
    bad = np.flatnonzero(~np.isfinite(values) if is_number else column.isna())
    if len(bad):
        raise _check.InputError(
            f"Covariate {name!r} is {values[bad[0]]} in {_named(adata, numbers[bad])}; expected a "
            "value in every row that is tested. Fill them, or leave these rows out with `rows=`."
        )
    if is_number:
        return _mean(values, copy_of)
    words: npt.NDArray[np.generic] = values[np.unique(copy_of, return_index=True)[1]].astype(str)
    return words


def _blocks(adata: AnnData, numbers: Integers, column: str) -> Integers:
    """Number of each row's block; rows without one are alone."""
    _check.columns(adata.obs.columns, [column], "`adata.obs`")
    found = numbered(adata, column)[numbers]
    is_alone = found < 0
    found[is_alone] = found.max(initial=0) + 1 + np.arange(is_alone.sum())
    return np.asarray(pd.factorize(found)[0], dtype=np.int64)


def _pairs(adata: AnnData, numbers: Integers, readout: Floats, notes: list[str]) -> Integers | None:
    """Return blocks of positives with their own shuffles, if that is what "pair" names."""
    if schema.PAIR not in adata.obs:
        return None
    blocks = _blocks(adata, numbers, schema.PAIR)
    n_several = int((np.bincount(blocks) > 1).sum())
    if not n_several:
        return None
    is_low = readout == readout.min()
    n_mixed = np.isin(np.unique(blocks[is_low]), blocks[~is_low]).sum()
    if n_mixed == n_several and len(np.unique(readout)) == 2:
        notes.append(
            f"Rows are exchanged within the {n_several:,} pairs of {schema.PAIR!r} only: each "
            "positive is compared with its own negatives."
        )
        return blocks
    notes.append(
        f"{n_several:,} families of {schema.PAIR!r} have several rows, which are tested as if "
        f'they were independent; `blocks="{schema.PAIR}"` exchanges within families only.'
    )
    return None


def _relatives(letters: Letters, alphabet: Alphabet) -> list[str]:
    """A sentence if many sequences are near copies of others, or overlap them."""
    groups = similar_groups(letters, alphabet)
    sizes = np.bincount(groups)
    n_related = int(sizes[sizes > 1].sum())
    if n_related < MANY_RELATED * len(letters):
        return []
    return [
        f"{n_related:,} of {len(letters):,} sequences share long stretches with others "
        f"({int((sizes > 1).sum()):,} families), but are tested as if they were independent: where "
        "relatives have like values, p-values are too small. Test one of each family (`rows=`)."
    ]


def _named(adata: AnnData, numbers: Integers) -> str:
    return f"{len(numbers):,} rows ({_listed(adata.obs_names[numbers])})"


def _listed(names: pd.Index) -> str:
    return ", ".join(map(repr, names[:3])) + (", …" if len(names) > 3 else "")
