"""What a check says about measured values: how many, of what kind, how odd, how noisy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.stats import skew

from motifbook.data import schema
from motifbook.data.quality import ceilings
from motifbook.data.quality.composition import correlation
from motifbook.data.quality.findings import FINE, NOTE, WARNING, Data, Facts, Finding
from motifbook.data.words import named, percent

FloatArray = npt.NDArray[np.float64]

_RARE, _FEW = 0.05, 100  # share and number of the rarer class that make scores uncertain
_SKEW = 2.0  # skewness of an exponential distribution
_OUTLIER = 10.0  # robust standard deviations from the median
_TIE = 0.2  # share of the measured values that are one and the same
_SAME = 0.99  # Pearson r of readouts that say the same twice
_COPIES = 30  # from which the noise is read off copies
_LOW_CEILING = 0.5  # Pearson r


def on_readouts(data: Data, facts: Facts) -> list[Finding]:
    """Everything on measured values."""
    facts["n_readouts"] = len(data.names)
    if not data.names:
        advice = (
            'Motifs can be scanned for. To learn any, add negatives (`negatives="shuffle"`) or '
            "measured values (`readouts=[...]`)."
        )
        return [Finding("readouts", NOTE, "There is no readout.", advice)]
    counts = {kind: data.kinds.count(kind) for kind in schema.KINDS}
    listed = " and ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
    noun = "readout" if len(data.names) == 1 else "readouts"
    found = [Finding("readouts", FINE, f"{listed} {noun}: {named(data.names)}.")]
    found += _on_missing(data, facts) + _on_constant(data) + _on_kinds(data)
    found += [_on_balance(data, column, facts) for column in data.readouts("binary")]
    found += _on_odd_values(data) + _on_repeated(data) + _on_noise(data, facts)
    return found


def _on_missing(data: Data, facts: Facts) -> list[Finding]:
    missing = np.isnan(data.values).mean(axis=0) if data.n else np.zeros(len(data.names))
    facts |= {f"missing:{name}": float(share) for name, share in zip(data.names, missing)}
    some = [name for name, share in zip(data.names, missing) if 0 < share < 1]
    if not some:
        return [] if (missing == 1).any() else [Finding("missing", FINE, "No value is missing.")]
    largest = float(missing[missing < 1].max())
    of = f"up to {percent(largest)} of the values of" if len(some) > 1 else percent(largest) + " of"
    said = f"Missing: {of} {named(some)}. They are left out of training and scores."
    return [Finding("missing", NOTE if largest > 0.5 else FINE, said)]


def _on_constant(data: Data) -> list[Finding]:
    found = []
    never = [name for c, name in enumerate(data.names) if not len(data.measured(c))]
    if never:
        said = f"Never measured: {named(never)}."
        found.append(Finding("readouts", WARNING, said, "Look at the column; leave it out."))
    varying = data.readouts("binary") + data.readouts("continuous")
    alike = [n for c, n in enumerate(data.names) if c not in varying and n not in never]
    if alike:
        said = f"All measured values are alike: {named(alike)}."
        advice = "There is nothing to learn: leave it out, or add sequences that differ."
        found.append(Finding("readouts", WARNING, said, advice))
    return found


def _on_kinds(data: Data) -> list[Finding]:
    found = []
    for column, (name, kind) in enumerate(zip(data.names, data.kinds)):
        distinct = np.unique(data.measured(column))
        if kind == "binary" and not np.isin(distinct, (0, 1)).all():
            said = f"{name} is called binary and holds {distinct.max():g}."
            advice = f'Mend the values, or set `adata.var.loc["{name}", "kind"] = "continuous"`.'
            found.append(Finding("readouts", WARNING, said, advice))
        if kind == "continuous" and len(distinct) == 2:
            said = f"{name} holds two values only, {distinct[0]:g} and {distinct[1]:g}."
            advice = "If they are classes, write 0 and 1."
            found.append(Finding("readouts", NOTE, said, advice))
    return found


def _on_balance(data: Data, column: int, facts: Facts) -> Finding:
    name, values = data.names[column], data.measured(column)
    share, n_rare = float((values == 1).mean()), int(min((values == 1).sum(), (values == 0).sum()))
    facts |= {f"positives:{name}": share, f"n_rare:{name}": n_rare}
    said = f"{name}: {int((values == 1).sum()):,} of {len(values):,} are 1 ({percent(share)})."
    if n_rare < _FEW:
        advice = f"{n_rare:,} of the rarer kind are few: scores will be uncertain. Add some."
        return Finding("balance", WARNING, said, advice)
    if min(share, 1 - share) < _RARE:
        advice = (
            "Judge by auPRC rather than auROC; `mb.FitOptions(class_weights=True)` gives both "
            "kinds the same weight."
        )
        return Finding("balance", NOTE, said, advice)
    return Finding("balance", FINE, said)


_ODD = {
    "counts": (
        "Whole numbers with a long tail, as counts are: {}.",
        "Take logs, `np.log2(adata.X + 1)`; RNA and DNA counts of a reporter assay are read with "
        "`mb.Counts`.",
    ),
    "skewed": (
        "A long tail, so that a few values would rule the training: {}.",
        "Take logs if the values are positive, or ranks.",
    ),
    "outliers": (
        "Values more than 10 robust standard deviations from the median: {}.",
        "See whether they are errors: a single one can rule the training.",
    ),
    "ties": (
        "A fifth or more of the values are one and the same number: {}.",
        "If it stands for 'not detected', consider leaving these out (NaN).",
    ),
}


def _on_odd_values(data: Data) -> list[Finding]:
    """Counts, tails, outliers and ties, each with the readouts that show it."""
    shown: dict[str, list[str]] = {}
    for column in data.readouts("continuous"):
        kind, number = _oddity(data.measured(column))
        shown.setdefault(kind, []).append(f"{data.names[column]} ({number})")
    return [
        Finding("values", NOTE, _ODD[kind][0].format(named(shown[kind])), _ODD[kind][1])
        for kind in _ODD
        if kind in shown
    ]


def _oddity(values: FloatArray) -> tuple[str, str]:
    """The first thing that is odd about measured values, (n,), and its number; "" for nothing."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == 2:
        return "", ""
    off = np.abs(values - np.median(values))
    is_out = off > _OUTLIER * 1.4826 * np.median(off)
    if not np.median(off) or is_out.mean() > 0.01:  # not a few values: the shape of them all
        is_out[:] = False
    skewness = float(skew(values[~is_out]))
    if distinct[0] >= 0 and distinct[-1] >= 20 and skewness > 1 and not (distinct % 1).any():
        return "counts", f"up to {distinct[-1]:,.0f}"
    if abs(skewness) > _SKEW:
        return "skewed", f"skewness {skewness:.1f}"
    if is_out.any():
        return "outliers", f"{int(is_out.sum()):,}"
    if counts.max() >= max(_TIE * len(values), 10):
        return "ties", f"{distinct[counts.argmax()]:g} in {percent(counts.max() / len(values))}"
    return "", ""


def _on_repeated(data: Data) -> list[Finding]:
    columns = data.readouts("binary") + data.readouts("continuous")
    same = [
        f"{data.names[a]} and {data.names[b]}"
        for a, b in _likely_same(data, columns)
        if abs(correlation(data.values[:, a], data.values[:, b])) > _SAME
    ]
    if not same:
        return []
    said = f"Readouts that say the same (|r| above {_SAME}): {named(same, 3)}."
    return [Finding("readouts", NOTE, said, "Keep one of them, or their mean.")]


def _likely_same(data: Data, columns: list[int]) -> list[tuple[int, int]]:
    """Pairs of readouts that may be the same, by all rows with missing values at the mean."""
    values = data.values[:, columns]
    standard = np.nan_to_num((values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0))
    r = standard.T @ standard / max(data.n, 1)
    size = np.sqrt(np.diag(r))
    pairs = np.argwhere(np.triu(np.abs(r) > 0.9 * size[:, None] * size, k=1))
    return [(columns[a], columns[b]) for a, b in pairs]


def _on_noise(data: Data, facts: Facts) -> list[Finding]:
    """The best Pearson r that a prediction can reach, from whatever tells of the noise."""
    told: list[tuple[str, float, str]] = []
    for column in data.readouts("continuous"):
        for source in (_by_replicates, _by_sigma, _by_copies):
            reliability, words = source(data, column)
            if not np.isnan(reliability):
                ceiling = float(np.sqrt(reliability))
                facts[f"ceiling_r:{data.names[column]}"] = ceiling
                told.append((data.names[column], ceiling, words))
                break
    if not told:
        return []
    (low, least, words), (high, most, _) = (f(told, key=lambda t: t[1]) for f in (min, max))
    said = (
        f"{words[0].upper()}{words[1:]}: no prediction can correlate with {low} better than about "
        f"r = {least:.2f} (R² = {least**2:.2f})"
    )
    if len(told) > 1:
        said += f", the noisiest of {len(told)} readouts; with {high} up to {most:.2f}"
    advice = "Compare scores with this ceiling, not with 1."
    if least < _LOW_CEILING:
        advice = "Most of what was measured is noise: more replicates help more than a network."
    return [Finding("noise", NOTE if least < _LOW_CEILING else FINE, f"{said}.", advice)]


Source = Callable[[Data, int], tuple[float, str]]


def _by_replicates(data: Data, column: int) -> tuple[float, str]:
    key = schema.REPLICATES.format(readout=data.names[column])
    if key not in data.adata.obsm:
        return float("nan"), ""
    replicates = np.asarray(data.adata.obsm[key], dtype=np.float64)
    r = ceilings.mean_agreement(replicates)
    return ceilings.from_replicates(replicates), f"replicates agree with r = {r:.2f}"


def _by_sigma(data: Data, column: int) -> tuple[float, str]:
    if schema.SIGMA not in data.adata.layers:
        return float("nan"), ""
    sigma = np.asarray(data.adata.layers[schema.SIGMA], dtype=np.float64)[:, column]
    return ceilings.from_sigma(data.values[:, column], sigma), "by the standard errors given"


def _by_copies(data: Data, column: int) -> tuple[float, str]:
    reliability, n = ceilings.from_copies(data.values[:, column], data.same_letters)
    if n < _COPIES:
        return float("nan"), ""
    return reliability, f"by {n:,} sequences measured more than once"
