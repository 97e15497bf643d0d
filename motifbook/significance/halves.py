"""A data set made two, with the same sequences: train on one readout, test on the other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.data import schema
from motifbook.data.store import get_readouts
from motifbook.significance.rows import readout_column
from motifbook.significance.thinning import (
    TwoReadouts,
    fission,
    thin_negative_binomial,
    thin_poisson,
)
from motifbook.significance.transform import FEW_VALUES, normal_scores

if TYPE_CHECKING:
    from anndata import AnnData

Floats = npt.NDArray[np.float64]
WAYS = ("auto", "fission", "poisson", "negative binomial")
LARGE = 100  # mean above which whole numbers, such as intensities, need no law of counts
INSTEAD = (
    "Split the rows instead: `mb.split` before training, then test the motifs with `rows='test'`."
)
KEPT = (schema.ALPHABET, schema.DONE, schema.GENOME, schema.TRUTH)  # of uns: knows no readout


@dataclass(frozen=True)
class Halves:
    """The same sequences twice, with independent readouts.

    Parameters
    ----------
    choose
        For finding motifs by whatever means, such as training a network.
    test
        For testing them.
    note
        How the readouts were made, and why so.
    """

    choose: AnnData
    test: AnnData
    note: str


def halve_readout(
    adata: AnnData,
    *,
    readout: int | str = 0,
    how: str = "auto",
    share: float = 0.5,
    seed: int | None = None,
) -> Halves:
    """Make two independent readouts of one, so that motifs are found on all sequences, and tested.

    Parameters
    ----------
    adata
        Sequences with readouts; not changed.
    readout
        Name or number of the one to halve. Others are left out: they may know of it.
    how
        "fission" turns values into normal scores, and adds normal noise to make one half and takes
        it off to make the other. "poisson" and "negative binomial" deal every count out to one of
        the halves. "auto" takes "negative binomial" for counts, whose over-dispersion is estimated
        (0 makes it Poisson), and "fission" for other readouts of ten values or more, counts of 100
        and more on average among them.
    share
        Part of the information that goes to the half that chooses.
    seed
        Of noise or dealing.

    Returns
    -------
    Halves
        Readouts of "fission" are in standard deviations of the normal scores; those of counts are
        counts, which add up to the ones measured. Rows without a measured value stay without.

    Raises
    ------
    InputError
        If the readout cannot be halved: it is binary, has few values, or holds counts that vary
        too much for "poisson".

    Notes
    -----
    Normal scores make the noise normal whatever its law was, as fission needs (Rasines & Young
    2023, Biometrika 110:597); its size is taken to be that of all scores, so where motifs explain
    much, the halves depend a little on each other. Counts: Neufeld, Dharamshi, Gao & Witten 2024
    (JMLR 25(57)).

    Both halves carry a mark, ``uns["part"]``, by which tests know whether motifs come from the
    other half.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=50, length=100, seed=0)
    >>> adata.X = np.random.default_rng(0).poisson(9, adata.shape).astype("float32")
    >>> halves = halve_readout(adata, seed=0)
    >>> bool((halves.choose.X + halves.test.X == adata.X[:, [0]]).all())
    True
    >>> halves.note.split(",")[0]
    'Counts'
    """
    schema.refuse_others(adata)
    _check.one_of(how, "how", WAYS)
    part = _check.number(share, "share", low=0.01, high=0.99, what="a share")
    number = readout_column(adata, readout)
    values = get_readouts(adata)[:, number].astype(np.float64)
    measured = np.flatnonzero(~np.isnan(values))
    name = str(adata.var_names[number])
    way, why = _way(values[measured], how, name)
    two = _halve(values[measured], way, part, seed)
    note = " ".join([why, *two.notes])
    choose, test = (_spread(half, measured, len(values)) for half in (two.choose, two.test))
    mark = hashlib.blake2b(choose.tobytes() + test.tobytes(), digest_size=6).hexdigest()
    return Halves(
        _with_readout(adata, number, choose, f"{mark}:choose"),
        _with_readout(adata, number, test, f"{mark}:test"),
        note,
    )


def halve_values(values: Floats, name: str, *, seed: int | None = None) -> TwoReadouts:
    """Halve measured values, (n,), of a readout of this name as ``how="auto"`` does."""
    way, why = _way(values, "auto", name)
    two = _halve(values, way, 0.5, seed)
    return replace(two, notes=(why, *two.notes))


def _way(values: Floats, how: str, name: str) -> tuple[str, str]:
    """How to halve, and a sentence that says why."""
    n_distinct = len(np.unique(values))
    if n_distinct < 3:
        raise _check.InputError(
            f"Readout {name!r} has {n_distinct} distinct values; expected counts, or "
            f"{FEW_VALUES} values or more, of which two readouts can be made. {INSTEAD}"
        )
    if how != "auto":
        return how, f"Readout {name!r} was halved as asked for."
    if _are_counts(values):
        return "negative binomial", f"Counts, so that readout {name!r} was dealt out."
    if n_distinct < FEW_VALUES:
        raise _check.InputError(
            f"Readout {name!r} has {n_distinct} distinct values and they are no counts; expected "
            f"{FEW_VALUES} or more. {INSTEAD}"
        )
    return (
        "fission",
        f"Readout {name!r} has {n_distinct} distinct values, which are no small counts.",
    )


def _are_counts(values: Floats) -> bool:
    """Whether values are whole, not large, and do not clearly vary less than Poisson counts do."""
    if (values < 0).any() or (values != np.round(values)).any() or values.mean() > LARGE:
        return False
    least = 1 - 4 * np.sqrt(2 / (len(values) - 1))  # four standard deviations
    return bool(values.var(ddof=1) > least * values.mean())


def _halve(values: Floats, way: str, share: float, seed: int | None) -> TwoReadouts:
    if way == "poisson":
        return thin_poisson(values, share=share, seed=seed)
    if way == "negative binomial":
        return thin_negative_binomial(values, share=share, seed=seed)
    gamma = float(np.sqrt((1 - share) / share))
    return fission(normal_scores(values, seed=seed), gamma=gamma, seed=seed)


def _spread(half: Floats, measured: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float32]:
    values = np.full(n, np.nan, dtype=np.float32)
    values[measured] = half
    return values


def _with_readout(
    adata: AnnData, number: int, values: npt.NDArray[np.float32], mark: str
) -> AnnData:
    """The sequences with one readout, and nothing that was made of the whole one."""
    half = adata[:, [number]].copy()
    half.X = values[:, None]
    for slot, kept in ((half.obsm, (schema.LETTERS,)), (half.layers, ()), (half.uns, KEPT)):
        for key in [key for key in slot if key not in kept]:
            del slot[key]
    half.uns[schema.PART] = mark
    return half
