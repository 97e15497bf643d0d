"""Which sequences train a network, which choose its best state, which judge it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits import copies
from motifbook.data.splits.relations import numbered
from motifbook.data.words import percent

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_MODES = ("random", "similarity")  # of `by`; everything else is a column
_FEW = 1000  # groups; for fewer, many orders are tried
_TRIES = 50
_OFF = 10  # sequences by which a part must miss its share to be worth a warning
_GIVEN = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


class UnevenSplitWarning(UserWarning):
    """Sequences that stay together are too many for the shares that were asked for."""


def split(
    adata: ad.AnnData,
    *,
    by: str = "random",
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int | None = None,
) -> pd.Series[str]:
    """Divide sequences into "train", "validation" and "test".

    Copies, reverse complements (both orientations of an element between constant flanks, too),
    and rows of one `obs["pair"]`, such as a positive and its own shuffle, always stay together.

    Parameters
    ----------
    by
        "random" divides copies and pairs at random; "similarity" also keeps sequences together
        that share 24 letters in a row, on either strand (the safe choice for families, variants
        and overlapping peaks); "chrom" keeps chromosomes together, but for a sequence with a copy
        on another chromosome, which follows the first copy; any other column of `adata.obs` keeps
        rows of one value together, and values that share a sequence. A column of the words train,
        validation (valid, val, dev) and test is taken as it stands, but for copies, which follow
        the first one; `fractions` and `seed` do not count then.
    fractions : (3,)
        Shares of train, validation and test, in sequences; 0 leaves one out. Whole groups go
        to one side, so that shares are met as closely as groups allow, also among the 1 and the 0
        of the first binary readout.

    Returns
    -------
    Series of n strings
        For `adata.obs["split"] = ...`.

    Raises
    ------
    InputError
        If `by` is no column, `fractions` do not sum to 1, or there are too few groups.

    Warns
    -----
    UnevenSplitWarning
        If groups are so large that a part holds less than half or more than twice its share.

    Notes
    -----
    For "similarity" every stretch of 24 letters is looked at in sets of up to 20 million letters.
    In larger ones a sample keeps memory bounded (1 million sequences of 200 letters: 0.6 GB): two
    sequences that share 42 letters there (73 for 500 letters) are always found, with fewer most.

    Examples
    --------
    >>> from motifbook.data.simulation.simulate import simulate
    >>> int((split(simulate(n=100, seed=0), seed=0) == "train").sum())
    80
    """
    schema.refuse_others(adata)
    if not isinstance(by, str):
        raise _check.InputError(
            f"`by` is {_check.shown(by)}; expected {', '.join(map(repr, _MODES))}, or the name of "
            "a column of `adata.obs`."
        )
    shares = _shares(fractions)
    keys, given = _keys(adata, by), _given(adata, by)
    if given is not None:
        return _series(adata, _following(_joined(keys[:-1]), given))
    groups = _joined(keys)
    if by == schema.CHROM:
        groups = pd.factorize(_following(_joined(keys[:-1]), keys[-1]))[0]
    composition = _composition(adata, groups)
    needed = int((shares > 0).sum())
    if len(composition) < needed:
        raise _check.InputError(
            f"There are {len(composition)} independent groups of sequences ({adata.n_obs} "
            f"sequences, by={by!r}; copies are one group); expected at least {needed}, one for "
            "each part. Use more data, another `by`, or a fraction of 0 for one part."
        )
    rng = _check.generator(seed, "split")
    n_tries = _TRIES if len(composition) < _FEW else 1
    tries = [_assign(composition, shares, rng) for _ in range(n_tries)]
    best = min(tries, key=lambda parts: _misfit(parts, composition, shares))
    _warn_if_uneven(best, composition, shares, by)
    return _series(adata, best[groups])


def _series(adata: ad.AnnData, parts: IntArray) -> pd.Series[str]:
    words = np.array(schema.SPLITS, dtype=object)[parts]
    return pd.Series(words, index=adata.obs_names, name=schema.SPLIT)


def _shares(fractions: Sequence[float]) -> FloatArray:
    try:
        shares = np.asarray(fractions, dtype=np.float64)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    fits = shares.shape == (3,) and (shares >= 0).all() and abs(shares.sum() - 1) < 1e-6
    if not fits or shares[0] == 0:
        raise _check.InputError(
            f"`fractions` is {fractions!r}; expected three shares that sum to 1, for train, "
            "validation and test, such as (0.8, 0.1, 0.1)."
        )
    return shares


def _keys(adata: ad.AnnData, by: str) -> list[IntArray]:
    """Numbers that rows have in common if they stay together, (n,) each; that of `by` is last."""
    letters, alphabet = store.get_letters(adata), store.get_alphabet(adata)
    keys = [pd.factorize(copies.core_hashes(letters, alphabet))[0]]
    if schema.PAIR in adata.obs:
        keys.append(numbered(adata, schema.PAIR))
    if by == "similarity":
        keys.append(copies.similar_groups(letters, alphabet))
    elif by not in _MODES:
        _check.columns(adata.obs.columns, [by], "`adata.obs`")
        keys.append(numbered(adata, by))
    return keys


def _given(adata: ad.AnnData, by: str) -> IntArray | None:
    """Parts that the column `by` already names, (n,); None if it holds other words."""
    if by in _MODES or by not in adata.obs:
        return None
    words = adata.obs[by].astype(str).str.strip().str.lower()
    if not set(words) <= set(_GIVEN) or "train" not in set(words.map(_GIVEN)):
        return None
    return np.asarray(words.map(_GIVEN).map(schema.SPLITS.index), dtype=np.int64)


def _joined(keys: list[IntArray]) -> IntArray:
    """Join rows that share a number in any of the arrays; -1 shares nothing."""
    rows, labels, first = [], [], 0
    for numbers in keys:
        has_key = np.flatnonzero(numbers >= 0)
        rows.append(has_key)
        labels.append(numbers[has_key] + first)
        first += int(numbers.max(initial=-1)) + 1
    return copies.linked(np.concatenate(rows), np.concatenate(labels), len(keys[0]))


def _following(families: IntArray, values: IntArray) -> IntArray:
    """Give each row the value of the first row of its family that has one, (n,).

    -1 is no value; families without any get a number of their own.
    """
    placed = np.flatnonzero(values >= 0)
    _, first = np.unique(families[placed], return_index=True)
    value_of = np.arange(int(families.max(initial=-1)) + 1) + int(values.max(initial=-1)) + 1
    value_of[families[placed[first]]] = values[placed[first]]
    return np.asarray(value_of[families], dtype=np.int64)


def _composition(adata: ad.AnnData, groups: IntArray) -> IntArray:
    """Count the rows of each group by the value of the first binary readout, (n_groups, 2)."""
    kinds = store.readout_kinds(adata)
    positive = np.zeros(len(groups), dtype=np.int64)
    if "binary" in kinds:
        positive = (store.get_readouts(adata)[:, kinds.index("binary")] == 1).astype(np.int64)
    counts = np.zeros((int(groups.max(initial=-1)) + 1, 2), dtype=np.int64)
    np.add.at(counts, (groups, positive), 1)
    return counts


def _assign(composition: IntArray, shares: FloatArray, rng: np.random.Generator) -> IntArray:
    """Give each group, in random order, to the part that lacks most of what the group holds."""
    lacking = (shares[:, None] * composition.sum(axis=0)).tolist()  # per part: [of 0, of 1]
    wanted = [part for part in range(3) if shares[part] > 0]
    empty = set(wanted)
    parts = np.zeros(len(composition), dtype=np.int64)
    order = rng.permutation(len(composition))
    counts = composition[order].tolist()
    for left, (group, (zeros, ones)) in enumerate(zip(order.tolist(), counts)):
        must_fill = len(order) - left <= len(empty)
        choices = sorted(empty) if must_fill else wanted
        part = max(choices, key=lambda p: zeros * lacking[p][0] + ones * lacking[p][1])
        lacking[part][0] -= zeros
        lacking[part][1] -= ones
        empty.discard(part)
        parts[group] = part
    return parts


def _misfit(parts: IntArray, composition: IntArray, shares: FloatArray) -> float:
    """How far the parts are from their shares, in sequences."""
    got = np.zeros((3, 2))
    np.add.at(got, parts, composition)
    return float(np.abs(got - shares[:, None] * composition.sum(axis=0)).sum())


def _warn_if_uneven(parts: IntArray, composition: IntArray, shares: FloatArray, by: str) -> None:
    """Warn where groups are too large for the shares."""
    sizes = composition.sum(axis=1)
    n = int(sizes.sum())
    got = np.bincount(parts, weights=sizes, minlength=3)
    wanted = shares * n
    is_off = (got < wanted / 2) | (got > 2 * wanted)
    if not (is_off & (np.abs(got - wanted) > _OFF)).any():
        return
    held = ", ".join(f"{word} {percent(c / n)}" for word, c in zip(schema.SPLITS, got))
    largest = percent(sizes.max() / n)
    warnings.warn(
        f"The parts are uneven ({held}): sequences that stay together come in {len(sizes):,} "
        f"groups (by={by!r}), the largest of {largest} of all. Check that each part is large "
        "enough, or use another `by`.",
        UnevenSplitWarning,
        stacklevel=3,
    )
