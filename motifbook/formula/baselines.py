"""What a formula is worth: other models, learned from the same rows, scored on the same rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.data import schema, store
from motifbook.formula.ceiling import explainable
from motifbook.formula.kmers import word_counts
from motifbook.formula.penalized import Floats32, fit_penalized, lasso_path_of, ridge_path
from motifbook.formula.rows import Rows
from motifbook.models.cnn import CNN
from motifbook.train.evaluate import outputs, score_table
from motifbook.train.fit import fit

if TYPE_CHECKING:
    from anndata import AnnData

Floats = npt.NDArray[np.float64]
FORMULA, COMPOSITION, CEILING = "formula", "composition", "ceiling"
MODELS = (COMPOSITION, "k-mer ridge", "k-mer lasso", "CNN")
COLUMNS = ("model", "readout", "kind", "n", "r2", "pearson", "auroc", "n_terms")
MARGIN = 0.005  # differences below are none
NETWORKS: tuple[dict[str, int], ...] = (
    {"n_filters": 32},
    {"n_filters": 64, "hidden": 64},
)  # the better on the tune rows


def compare(
    adata: AnnData,
    rows: Rows,
    prediction: npt.ArrayLike | None = None,
    *,
    n_terms: int | None = None,
    models: Sequence[str] = MODELS,
    both_strands: bool = True,
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> pd.DataFrame:
    """Score a formula, and what is simpler or stronger than a formula, on the same unseen rows.

    Parameters
    ----------
    adata
        Sequences with readouts.
    rows
        All models learn from `rows.learn`, choose their penalty or stop on `rows.tune`, and are
        scored on `rows.infer`.
    prediction : (n_infer, n_readouts)
        The formula's, for `rows.infer`; logits or probabilities for binary readouts. None: only
        the other models are scored.
    n_terms
        Of the formula, without the intercept.
    models
        Which others, of "composition" (ridge of the shares of letters and pairs of letters),
        "k-mer ridge" and "k-mer lasso" (of square roots of the counts of all words of 1 to 6
        letters, reverse complements together) and "CNN" (`mb.CNN` of 32 filters or of 64 filters
        and 64 hidden units, whichever predicts the tune rows better, put on the line that fits
        these rows best).
    both_strands
        Whether reverse complements are together.

    Returns
    -------
    DataFrame
        One row per model and readout: model, readout, kind, n, r2, pearson, auroc (the one for
        binary readouts, the two before for continuous ones), n_terms (NaN for the CNN). Last the
        "ceiling" where replicates or standard errors give one, see `explainable`.

    Raises
    ------
    InputError
        If `prediction` has another shape, or there is no such model.
    """
    readout = store.get_readouts(adata)
    for model in models:
        _check.one_of(model, "models", MODELS)
    tables = []
    if prediction is not None:
        shape = (len(rows.infer), readout.shape[1])
        _check.shape(prediction, "prediction", f"(n_infer, n_readouts) = {shape}", *shape)
        scored = _score(adata, rows, FORMULA, np.asarray(prediction, np.float64))
        tables.append(scored.assign(n_terms=np.nan if n_terms is None else n_terms))
    tables += _linear_models(adata, rows, [m for m in models if m != "CNN"], both_strands)
    if "CNN" in models:
        both = both_strands and store.get_alphabet(adata).has_strands
        predicted = _network(adata, rows, both, seed=seed, device=device, progress=progress)
        tables.append(_score(adata, rows, "CNN", predicted))
    share = explainable(adata, rows.infer)
    if not np.isnan(share).all():
        tables.append(_ceiling(adata, rows, share))
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(tables, ignore_index=True).astype({"n_terms": float})


def summary(baselines: pd.DataFrame) -> str:
    """Say in a sentence or two what the formula is worth, means over readouts.

    Parameters
    ----------
    baselines
        What `compare` returns; an empty table has nothing to say.

    Examples
    --------
    >>> models = ["formula", "composition", "k-mer ridge", "CNN", "ceiling"]
    >>> table = pd.DataFrame({"model": models, "readout": "Dev", "kind": "continuous"})
    >>> summary(table.assign(r2=[0.43, 0.05, 0.31, 0.45, 0.59], auroc=np.nan))
    'On sequences that no model has seen, the formula explains 0.43 of the variance (noise allows
    0.59); the CNN explains 0.45, k-mer ridge 0.31, composition 0.05. The CNN is 0.02 ahead on
    these.'
    """
    if not len(baselines):
        return ""
    said = [
        _sentences(baselines[baselines["kind"] == kind], column)
        for kind, column in (("continuous", "r2"), ("binary", "auroc"))
    ]
    return " ".join(sentence for sentence in said if sentence)


def _sentences(table: pd.DataFrame, column: str) -> str:
    means = table.groupby("model", sort=False)[column].mean().dropna()
    if FORMULA not in means:
        return ""
    own, n_readouts = means[FORMULA], table["readout"].nunique()
    others = means.drop([FORMULA, CEILING], errors="ignore").sort_values(ascending=False)
    known = table.loc[table["model"] == CEILING, column].notna().sum()
    aside = [f"mean of {n_readouts} readouts"] if n_readouts > 1 else []
    aside += [f"noise allows {means[CEILING]:.2f}"] if known == n_readouts else []
    aside = [f" ({'; '.join(aside)})"] if aside else []
    verb, what = ("explains", " of the variance") if column == "r2" else ("has", " auROC")
    listed = [f"{_called(model)} {value:.2f}" for model, value in others.items()]
    if listed:
        first = f"{_called(others.index[0])} {verb} {others.iloc[0]:.2f}"
        listed = [f"; {', '.join([first, *listed[1:]])}"]
    said = (
        f"On sequences that no model has seen, the formula {verb} {own:.2f}{what}"
        f"{''.join([*aside, *listed])}."
    )
    return f"{said} {_verdict(own, others)}".strip()


def _verdict(own: float, others: pd.Series[float]) -> str:
    if COMPOSITION in others and own <= others[COMPOSITION] + MARGIN:
        return "It is no better than composition alone: do not interpret it."
    lead = round(others.iloc[0], 2) - round(own, 2) if len(others) else 0.0  # as the reader sees it
    if lead > MARGIN:
        best = _called(others.index[0])
        return f"{best[0].upper()}{best[1:]} is {lead:.2f} ahead on these."
    return ""


def _called(model: object) -> str:
    return f"the {model}" if model == "CNN" else str(model)


def _linear_models(
    adata: AnnData, rows: Rows, models: Sequence[str], both_strands: bool
) -> list[pd.DataFrame]:
    if not models:
        return []
    counts = word_counts(
        store.get_letters(adata),
        store.get_alphabet(adata),
        both_strands=both_strands,
        longest=2 if list(models) == [COMPOSITION] else None,
    )
    shares, words = _shares(counts[:2]), np.hstack(counts)
    del counts  # a gigabyte with many sequences
    np.sqrt(words, out=words)
    readout = store.get_readouts(adata).astype(np.float64)
    tables = []
    for model in models:
        columns = shares if model == COMPOSITION else words
        path = lasso_path_of if model == "k-mer lasso" else ridge_path
        fitted = fit_penalized(path, columns, readout, rows.learn, rows.tune)
        scored = _score(adata, rows, model, fitted.predict(columns[rows.infer]))
        tables.append(scored.assign(n_terms=fitted.n_terms))
    return tables


def _shares(counts: Sequence[Floats32]) -> Floats32:
    """Counts as shares of all words of that length, (n, n_words)."""
    return np.hstack([count / np.maximum(count.sum(axis=1, keepdims=True), 1) for count in counts])


def _network(adata: AnnData, rows: Rows, both_strands: bool, **how: Any) -> npt.NDArray[np.float64]:
    """Predict the unseen rows with the better of two networks, (n_infer, n_readouts)."""
    part = adata[rows.learn].copy()
    part.obs[schema.SPLIT] = np.where(np.isin(rows.learn, rows.tune), "validation", "train")
    alphabet, n_readouts = store.get_alphabet(adata), adata.n_vars
    tried = []
    for settings in NETWORKS:
        with torch.random.fork_rng(devices=[]):  # `fit` draws the weights anew
            model = CNN(n_readouts, **settings, alphabet=alphabet, reverse_complement=both_strands)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of families in both parts: `fit_formula` says so
            history = fit(model, part, **how)
        tried.append((min(look["validation_loss"] for look in history.rounds), model))
    best = min(tried, key=lambda one: one[0])[1]
    letters, readout = store.get_letters(adata), store.get_readouts(adata)
    on_tune = outputs(best, letters[rows.tune], device=how["device"])
    on_infer = outputs(best, letters[rows.infer], device=how["device"])
    return _calibrated(on_infer, on_tune, readout[rows.tune].astype(np.float64))


def _calibrated(prediction: Floats, on_tune: Floats, readout: Floats) -> Floats:
    """Predictions, (n, n_readouts), on the line that fits the tune rows best.

    Networks that learned from few sequences are too sure of themselves; without this they would
    lose for that alone.
    """
    calibrated = prediction.copy()
    for number, (x, y) in enumerate(zip(on_tune.T, readout.T)):
        there = ~np.isnan(y)
        if there.sum() > 2 and x[there].std() > 0:
            slope = max(0.0, float(np.cov(x[there], y[there])[0, 1] / x[there].var(ddof=1)))
            away = prediction[:, number] - x[there].mean()
            calibrated[:, number] = y[there].mean() + slope * away
    return calibrated


def _score(adata: AnnData, rows: Rows, model: str, prediction: Floats) -> pd.DataFrame:
    measured = store.get_readouts(adata)[rows.infer]
    names = [str(name) for name in adata.var_names]
    kinds = store.readout_kinds(adata)
    table = score_table(measured, prediction.astype(np.float32), names, kinds)
    table.insert(0, "model", model)
    return table.assign(n_terms=np.nan)[list(COLUMNS)]


def _ceiling(adata: AnnData, rows: Rows, share: Floats) -> pd.DataFrame:
    measured = store.get_readouts(adata)[rows.infer]
    return pd.DataFrame(
        {
            "model": CEILING,
            "readout": [str(name) for name in adata.var_names],
            "kind": store.readout_kinds(adata),
            "n": (~np.isnan(measured)).sum(axis=0),
            "r2": share,
            "pearson": np.sqrt(share),
            "auroc": np.nan,
            "n_terms": np.nan,
        }
    )
