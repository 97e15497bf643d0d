"""Several networks of one kind: train them, and see how far their predictions lie apart."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.splits.split import split
from motifbook.models.network import Network
from motifbook.train.evaluate import predict, refuse_foreign, trained, unseen
from motifbook.train.fit import FitOptions, fit

if TYPE_CHECKING:
    from anndata import AnnData


def fit_repeats(
    model: Network,
    adata: AnnData,
    *,
    n: int = 5,
    by: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 128,
    progress: bool = True,
    options: FitOptions | None = None,
) -> list[Network]:
    """Train several networks like `model`: from several seeds, or by cross-validation.

    Parameters
    ----------
    model
        Says what the networks are like; is not changed.
    n
        How many networks, and how many folds.
    by
        None: all learn from the same rows, each from a seed of its own (`seed`, `seed` + 1, …).
        Otherwise each leaves out one of `n` folds, made as in `mb.split`: "random", "similarity",
        "chrom" or a column of `adata.obs`; a tenth of the rest is for validation. Rows whose
        `split` is "test" are in no fold.
    options
        See `FitOptions`.

    Returns
    -------
    list of `n` networks
        For `mb.read_motifs` and `mb.predict_spread`.

    Raises
    ------
    InputError
        As `fit` and `split` raise it.

    Notes
    -----
    ``with joblib.parallel_config(n_jobs=2):`` trains two at a time.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=200, length=60, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> fast = mb.FitOptions(n_steps=5)
    >>> len(fit_repeats(model, adata, n=2, seed=0, progress=False, options=fast))
    2
    """
    refuse_foreign(model)
    _check.whole_number(n, "n", low=2)
    if seed is not None:
        _check.whole_number(seed, "seed", low=0)
    schema.refuse_others(adata)
    parts = [adata] * n if by is None else _without_folds(adata, n, by=by, seed=seed)
    return list(
        joblib.Parallel()(
            joblib.delayed(_fit_one)(
                model,
                part,
                seed=None if seed is None else seed + number,
                device=device,
                batch_size=batch_size,
                progress=progress,
                options=options,
            )
            for number, part in enumerate(parts)
        )
    )


def _fit_one(model: Network, adata: AnnData, **how: object) -> Network:
    fresh = copy.deepcopy(model)
    fit(fresh, adata, **how)  # type: ignore[arg-type]
    return fresh


def _without_folds(adata: AnnData, n: int, *, by: str, seed: int | None) -> list[AnnData]:
    """Return the rows outside each fold, without a split of their own."""
    used = np.arange(adata.n_obs)
    if schema.SPLIT in adata.obs:
        used = np.flatnonzero((adata.obs[schema.SPLIT] != "test").to_numpy())
    rest, folds = used, []
    for left in range(n, 1, -1):
        fractions = (1 - 1 / left, 0, 1 / left)
        is_fold = split(_rows(adata, rest), by=by, fractions=fractions, seed=seed) == "test"
        folds.append(rest[is_fold.to_numpy()])
        rest = rest[~is_fold.to_numpy()]
    parts = [_rows(adata, np.setdiff1d(used, fold)) for fold in [*folds, rest]]
    for part in parts:
        part.obs = part.obs.drop(columns=schema.SPLIT, errors="ignore")
    return parts


def _rows(adata: AnnData, rows: npt.NDArray[np.int64]) -> AnnData:
    """Some rows, in memory even where `adata` is not."""
    part = adata[rows]
    return part.to_memory() if adata.isbacked else part.copy()


def alike(models: Sequence[Network]) -> list[Network]:
    """Return trained networks that predict the same readouts of the same alphabet.

    Raises
    ------
    InputError
        If there is none, one is untrained, or two differ.
    """
    networks = [models] if isinstance(models, Network) else models
    if not isinstance(networks, Iterable) or isinstance(networks, (str, Mapping)):
        raise _check.InputError(
            f"`models` is {_check.shown(models)}; expected a list of trained networks."
        )
    networks = list(networks)
    if not networks:
        raise _check.InputError("`models` is empty; expected trained networks.")
    first = trained(networks[0])
    for number, network in enumerate(networks):
        record = trained(network)
        got = (record.readouts, record.kinds, network.alphabet.letters)
        wanted = (first.readouts, first.kinds, networks[0].alphabet.letters)
        if got != wanted:
            raise _check.InputError(
                f"Network {number} predicts {got[0]} ({', '.join(got[1])}) from {got[2]}, network "
                f"0 {wanted[0]} ({', '.join(wanted[1])}) from {wanted[2]}; expected networks "
                "trained on the same readouts. Compare others one by one."
            )
    return networks


def predict_spread(
    models: Sequence[Network],
    adata: AnnData,
    *,
    held_out: bool = False,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Mean of several networks' predictions, and how far they lie apart.

    Parameters
    ----------
    models
        Trained on the same readouts, such as `fit_repeats` returns.
    held_out
        For each sequence, count only the networks that were not trained on it or its other strand:
        the honest prediction of a cross-validation.

    Returns
    -------
    DataFrame
        "sequence", "readout", "mean", "sd" (between networks; NaN below two), "n" (networks that
        count; 0 leaves the mean NaN). Values are those of `mb.predict`: probabilities for binary
        readouts. The spread says how far training agrees with itself, not how far the predictions
        lie from the truth.

    Raises
    ------
    InputError
        If the networks are untrained, or differ in readouts or alphabet.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=200, length=60, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> fast = mb.FitOptions(n_steps=5)
    >>> models = fit_repeats(model, adata, n=2, seed=0, progress=False, options=fast)
    >>> predict_spread(models, adata).columns.tolist()
    ['sequence', 'readout', 'mean', 'sd', 'n']
    """
    networks = alike(models)
    predictions = np.stack(
        [predict(m, adata, batch_size=batch_size, device=device) for m in networks]
    ).astype(np.float64)
    counts = np.ones(predictions.shape[:2], dtype=bool)
    if held_out:
        counts = np.stack([unseen(network, adata) for network in networks])
    mean, sd = _moments(predictions, counts)
    readouts = trained(networks[0]).readouts
    return pd.DataFrame(
        {
            "sequence": np.repeat(adata.obs_names.to_numpy(), len(readouts)),
            "readout": np.tile(readouts, adata.n_obs),
            "mean": mean.ravel(),
            "sd": sd.ravel(),
            "n": np.repeat(counts.sum(axis=0), len(readouts)),
        }
    )


def _moments(
    predictions: npt.NDArray[np.float64], counts: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and standard deviation over the networks that count, (n, n_readouts) each.

    `predictions` is (n_networks, n, n_readouts), `counts` (n_networks, n).
    """
    weight = counts[:, :, None].astype(np.float64)
    total = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weight * predictions).sum(axis=0) / total
        squares = (weight * (predictions - mean) ** 2).sum(axis=0)
        sd = np.sqrt(np.where(total > 1, squares / (total - 1), np.nan))
    return mean, sd
