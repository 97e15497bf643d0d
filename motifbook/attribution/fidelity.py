"""How faithful is an attribution? One score sheet for every method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.attribution.background import Sampler, make_background, parts_of
from motifbook.attribution.masked import Fields, Ruler
from motifbook.attribution.predictor import Asked, frozen
from motifbook.attribution.ranking import RANKED_BY, Ranking, concentration, rank_letters
from motifbook.attribution.recovery import COLUMNS as RECOVERY
from motifbook.attribution.recovery import instances_of, pooled_auprc, recovery
from motifbook.attribution.scrambler.objective import DIVERGENCES, Function, make_objective
from motifbook.attribution.scrambler.result import gain
from motifbook.models.network import Network
from motifbook.onehot import Letters
from motifbook.train.evaluate import refuse_foreign
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

FloatArray = npt.NDArray[np.float32]
LEVELS = (0.05, 0.1, 0.2, 0.5)
RANDOM = "random"
EXAMPLE = "mb.FidelityOptions(n_draws=128)"
HOW = ("readout", "divergence", "background", "n_draws")
PER_LEVEL = ("fidelity", "fidelity_gain", "deletion", "call_kept", "budget_bits")
PER_SEQUENCE = ("insertion_auc", "deletion_auc", "sparsity_gini", "effective_letters")
COST = ("seconds", "n_calls")


@dataclass(frozen=True)
class FidelityOptions:
    """Expert settings of `mb.fidelity`.

    Parameters
    ----------
    n_draws
        Of the background for every sequence; the same for all methods and levels.
    divergence
        As in `mb.ScramblerOptions`: "auto", "kl", "symmetric", "squared", "softmax", "profile" or
        a function.
    ranked_by
        "absolute" values of methods that have a sign, or "signed" ones: the letters that raise the
        prediction most come first.

    Examples
    --------
    >>> FidelityOptions(n_draws=128).ranked_by
    'absolute'
    """

    n_draws: int = 32
    divergence: str | Function = "auto"
    ranked_by: str = "absolute"

    def __post_init__(self) -> None:
        _check.whole_number(self.n_draws, "n_draws")
        _check.one_of(self.ranked_by, "ranked_by", RANKED_BY)
        if not callable(self.divergence):
            _check.one_of(self.divergence, "divergence", DIVERGENCES)


def fidelity(
    model: Network,
    adata: AnnData,
    attributions: Mapping[str, npt.ArrayLike],
    *,
    readout: Asked = 0,
    levels: Sequence[float] = LEVELS,
    background: str | npt.ArrayLike | Sampler = "data",
    annotation: npt.ArrayLike | pd.DataFrame | None = None,
    options: FidelityOptions | None = None,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """How faithful are attributions? The network is asked about the letters they put first.

    Every method keeps the same number of letters, the rest is drawn from the same backgrounds, and
    random letters are always among the methods.

    Parameters
    ----------
    attributions
        Name -> values of letters, (n, n_letters, length), or of positions, (n, length), from
        `mb.attribute`, a scrambler or anywhere else.
    readout
        As in `mb.attribute`; several are measured together.
    levels
        Shares of the known letters that are kept, rounded to whole letters, one at least.
    background
        What replaces letters, as in `mb.fit_scrambler`.
    annotation
        The truth, if it is known: a table of sites with "sequence", "start" and "end", such as
        ``adata.uns["truth"]["sites"]``, or (n, length) of True or of instance numbers.
    options
        See `FidelityOptions`.

    Returns
    -------
    DataFrame
        One row per method, medians over sequences:

        * "method", "ranked_by" ("absolute" or "signed" values; "unsigned" methods have no sign),
          "readout", "divergence", "background", "n_draws", "n" sequences;
        * for each level, such as 5 %: "fidelity_5%" (divergence of the predictions that the best
          5 % of the letters leave; low is good), "fidelity_gain_5%" (1: as good as all letters, 0:
          as bad as none), "deletion_5%" (divergence without them; high is good), "call_kept_5%"
          (mean share of predictions on the same side of 0.5) and "budget_bits_5%";
        * "insertion_auc", "deletion_auc", "sparsity_gini", "effective_letters";
        * with an annotation: means over sequences of "auprc", "auprc_base", "auroc",
          "precision_at_k", "copy_min", "copy_max", "all_found" (see `recovery`), the tenth
          percentile "auprc_p10", and "pooled_auprc" over the letters of all of them;
        * "seconds" (CPU) and "n_calls" (sequences predicted), where the method says so: of a
          scrambler with its training if it comes from `mb.attribute`, without if from
          `scrambler.attribute`.

    Raises
    ------
    InputError
        If shapes, levels or the annotation do not fit.

    Notes
    -----
    Linder et al. 2022 measure scramblers by divergence at kept letters. Divergence is in nats for
    binary readouts, in variances of the predictions for continuous ones.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=100, length=60, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> _ = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> values = mb.attribute(model, adata, "gradient")
    >>> fidelity(model, adata, {"gradient": values})["method"].tolist()
    ['gradient', 'random']
    """
    table = fidelity_table(
        model,
        adata,
        attributions,
        readout=readout,
        levels=levels,
        background=background,
        annotation=annotation,
        options=options,
        seed=seed,
        batch_size=batch_size,
        device=device,
    )
    methods = table.groupby("method", sort=False)
    return pd.DataFrame([_summary(str(name), part) for name, part in methods])


def fidelity_table(
    model: Network,
    adata: AnnData,
    attributions: Mapping[str, npt.ArrayLike],
    *,
    readout: Asked = 0,
    levels: Sequence[float] = LEVELS,
    background: str | npt.ArrayLike | Sampler = "data",
    annotation: npt.ArrayLike | pd.DataFrame | None = None,
    options: FidelityOptions | None = None,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Everything behind `mb.fidelity`, which takes the same: a row per sequence, method and level.

    Returns
    -------
    DataFrame
        * "sequence", "method", "ranked_by", "readout", "divergence", "background", "n_draws",
          "level";
        * "kept_fraction" of the known letters, and "budget_bits", their bits per known position;
        * "prediction", and of draws that keep those letters "prediction_masked_mean" and
          "prediction_masked_sd" (logits for binary readouts, of several readouts the mean);
        * "fidelity", mean divergence of those draws, and "deletion", of draws that keep all other
          letters instead, "empty", of draws that keep nothing;
        * "fidelity_gain", 1 - fidelity / empty; NaN where there is next to nothing to gain;
        * "call_kept", share of draws on the same side of 0.5 (binary readouts);
        * and, the same at every level: "insertion_auc" and "deletion_auc" (mean of fidelity_gain
          and of deletion / empty over kept fractions from 0 to the largest level),
          "sparsity_gini", "effective_letters", and those of the annotation.

    Raises
    ------
    InputError
        As `mb.fidelity` raises it.
    """
    levels, options = _levels(levels), _check.options(options, FidelityOptions, EXAMPLE)
    refuse_foreign(model)
    inputs, rng = inputs_of(model, adata), _check.generator(seed, "fidelity")
    rankings = _rankings(attributions, inputs.letters, model.alphabet.n_letters, options, rng)
    with frozen(model, readout, device=device) as predictor:
        prediction = predictor.predict(inputs, _check.whole_number(batch_size, "batch_size"))
        kinds, parts = predictor.choice.kinds, parts_of(model, inputs.letters.shape[1])
        ruler = Ruler(
            predictor,
            inputs,
            make_background(background, inputs.letters, parts, predictor.n_letters),
            make_objective("inclusion", options.divergence, kinds, prediction),
            options.n_draws,
            n_rows=max(1, batch_size // options.n_draws),
            seed=int(rng.integers(2**31)),
        )
        measured = ruler.measure(rankings, levels)
    how: dict[str, str | int] = {
        "readout": ", ".join(predictor.choice.names),
        "divergence": _divergence_name(options.divergence, kinds),
        "background": ruler.background.name,
        "n_draws": options.n_draws,
    }
    tables = []
    for ranking in rankings:
        about = _about(ranking, adata, annotation).assign(**how)
        of_levels = [measured[ranking.name, level] for level in levels]
        tables.append(_rows(about, levels, of_levels))
    return pd.concat(tables, ignore_index=True)


def _levels(levels: Sequence[float]) -> list[float]:
    """Return shares of letters, rising."""
    given = np.atleast_1d(_check.numbers(levels, "levels", "shares such as [0.05, 0.1, 0.2]"))
    if given.ndim != 1 or not len(given) or not ((given > 0) & (given <= 1)).all():
        raise _check.InputError(
            f"`levels` is {_check.shown(levels)}; expected shares of the letters above 0 and up to "
            "1, such as [0.05, 0.1, 0.2]."
        )
    return sorted(set(given.tolist()))


def _rankings(
    attributions: Mapping[str, npt.ArrayLike],
    letters: Letters,
    n_letters: int,
    options: FidelityOptions,
    rng: np.random.Generator,
) -> list[Ranking]:
    """Return the letters' order by each method, and by none."""
    if not isinstance(attributions, Mapping):
        raise _check.InputError(
            f"`attributions` is {_check.shown(attributions)}; expected names and values, such as "
            '`{"mutagenesis": mb.attribute(model, adata, "mutagenesis")}`.'
        )
    random = {} if RANDOM in attributions else {RANDOM: rng.random(letters.shape)}
    return [
        rank_letters(name, values, letters, n_letters, ranked_by=options.ranked_by, rng=rng)
        for name, values in {**attributions, **random}.items()
    ]


def _divergence_name(divergence: str | Function, kinds: list[str]) -> str:
    """What "auto" is for readouts of these kinds, and the name of a function."""
    if callable(divergence):
        return getattr(divergence, "__name__", "own")
    names = {"binary": "kl", "continuous": "squared"}
    is_auto = divergence == "auto"
    return " and ".join(sorted({names[kind] for kind in kinds})) if is_auto else divergence


def _about(
    ranking: Ranking, adata: AnnData, annotation: npt.ArrayLike | pd.DataFrame | None
) -> pd.DataFrame:
    """What does not depend on the level, one row per sequence."""
    gini, effective = concentration(ranking.values)
    table = pd.DataFrame(
        {
            "sequence": adata.obs_names,
            "method": ranking.name,
            "ranked_by": ranking.ranked_by,
            "sparsity_gini": gini,
            "effective_letters": effective,
        }
    )
    if annotation is not None:
        instances = instances_of(annotation, adata, ranking.rank.shape[1])
        table = pd.concat([table, recovery(ranking, instances)], axis=1)
        table["pooled_auprc"] = pooled_auprc(ranking, instances)
    for name in COST:
        table[name] = ranking.cost.get(name, np.nan)
    return table


def _rows(about: pd.DataFrame, levels: list[float], of_levels: list[Fields]) -> pd.DataFrame:
    """One row per sequence and level."""
    gained = [gain("inclusion", fields["fidelity"], fields["empty"]) for fields in of_levels]
    lost = [gain("exclusion", fields["deletion"], fields["empty"]) for fields in of_levels]
    kept = [fields["kept_fraction"] for fields in of_levels]
    about = about.assign(
        insertion_auc=_mean_over(kept, gained), deletion_auc=_mean_over(kept, lost)
    )
    first = ["sequence", "method", "ranked_by", *HOW]
    tables = [
        pd.concat(
            [
                about[first],
                pd.DataFrame({"level": level, **fields, "fidelity_gain": gains}),
                about.drop(columns=first),
            ],
            axis=1,
        )
        for level, fields, gains in zip(levels, of_levels, gained)
    ]
    return pd.concat(tables, ignore_index=True)


def _mean_over(kept: list[FloatArray], values: list[FloatArray]) -> FloatArray:
    """Mean of values, which begin with 0 at 0, over kept fractions up to the last, (n,)."""
    x, y = (np.stack([np.zeros_like(some[0]), *some]) for some in (kept, values))
    area: FloatArray = ((y[1:] + y[:-1]) / 2 * np.diff(x, axis=0)).sum(axis=0)
    mean: FloatArray = (area / np.where(x[-1] > 0, x[-1], np.nan)).astype(np.float32)
    return mean


def _summary(name: str, table: pd.DataFrame) -> dict[str, object]:
    """One row of the score sheet."""
    once = table[table["level"] == table["level"].iloc[0]]
    first = once.iloc[0]
    row: dict[str, object] = {"method": name, "ranked_by": first["ranked_by"]}
    row |= {field: first[field] for field in HOW} | {"n": len(once)}
    for field in PER_LEVEL:
        for level, part in table.groupby("level"):
            is_share = field == "call_kept"
            middle = part[field].mean() if is_share else _median(part[field])
            row[f"{field}_{100 * float(level):g}%"] = middle  # type: ignore[arg-type]
    row |= {field: _median(once[field]) for field in PER_SEQUENCE}
    if "auprc" in table:
        row |= {field: once[field].mean() for field in RECOVERY}
        row |= {"auprc_p10": once["auprc"].quantile(0.1), "pooled_auprc": first["pooled_auprc"]}
    return row | {field: first[field] for field in COST}


def _median(values: pd.Series) -> float:
    """Median without NaN; NaN for none."""
    known = values.dropna()
    return float(known.median()) if len(known) else float("nan")
