"""Who predicts better? What the network's lead over each baseline is worth, in words."""

from __future__ import annotations

import pandas as pd

from motifbook.report.known import KNOWN_NAME
from motifbook.report.phrases import listed, three
from motifbook.report.predictors import ALONE, CNN_NAME, NETWORK, STRONG_NAME
from motifbook.report.reading import Reading
from motifbook.report.scores import MEASURE

NAMES = {"auroc": "auROC", "pearson": "Pearson r"}
SAME_ROWS = "95 % interval of the difference, on the same sequences"


def baselines(read: Reading) -> list[str]:
    """Names of what the network is compared with."""
    return [p.name for p in read.predictors if p.name not in (NETWORK, ALONE)]


def beaten(read: Reading) -> list[str]:
    """Cautions for the top of the page: a single known motif or a plain network does better."""
    table = read.evaluation
    said = []
    for name in baselines(read):
        own = table[table["predictor"] == name]
        if name.startswith(KNOWN_NAME):
            said.append(_by_known_motif(name, own))
        elif name in (CNN_NAME, STRONG_NAME):
            said.append(_by_network(name, own[own["lead_high"] < 0]))
    return [sentence for sentence in said if sentence]


def _by_known_motif(name: str, own: pd.DataFrame) -> str:
    behind, clearly = own[own["lead"] < 0], own[own["lead_high"] < 0]
    motif = f"One known motif by itself{_title(name)}"
    if len(clearly):
        return (
            f"{motif} predicts {_readouts(clearly)} better than the network, {_most(clearly)}: "
            "read the known motifs before those of the network."
        )
    if len(behind):
        return (
            f"{motif} predicts {_readouts(behind)} as well as the network, {_most(behind)}: that "
            "the network knows more than this motif is not shown."
        )
    return ""


def _by_network(name: str, clearly: pd.DataFrame) -> str:
    if not len(clearly):
        return ""
    return (
        f"The {name} predicts {_readouts(clearly)} better than this network, {_most(clearly)}: "
        "there is something in the sequences that this network has not read."
    )


def _title(name: str) -> str:
    _, colon, motif = name.partition(": ")
    return f", {motif}," if colon else ""


def _readouts(rows: pd.DataFrame) -> str:
    return listed([str(name) for name in rows["readout"]])


def _most(rows: pd.DataFrame) -> str:
    """The largest distance by which the network is behind, with its interval."""
    row = rows.sort_values("lead").iloc[0]
    most = "up to " if len(rows) > 1 else ""
    bounds = f"{three(-row['lead_high'])} to {three(-row['lead_low'])}"
    measure = NAMES[MEASURE[row["kind"]]]
    return f"{measure} {most}{three(-row['lead'])} higher ({SAME_ROWS}: {bounds})"


def beside(read: Reading, readout: str) -> str:
    """What the lead over the baselines of a readout is worth; of the best of them with numbers.

    Those that are clearly ahead are told by `beaten` and left out here.
    """
    table = read.evaluation
    own = table[(table["readout"] == readout) & table["predictor"].isin(baselines(read))]
    own = own.dropna(subset="lead").sort_values("lead")
    if (own["lead_high"] < 0).any():
        return _in_words(own[own["lead_high"] >= 0])
    return _with_numbers(own.iloc[0]) if len(own) else ""


def _in_words(own: pd.DataFrame) -> str:
    names = own["predictor"].map(lambda name: f"the {_short(name)}")
    better, alike = names[own["lead_low"] > 0].tolist(), names[own["lead_low"] <= 0].tolist()
    said = [f"is better than {listed(better)}"] if better else []
    said += [f"cannot be told apart from {listed(alike)}"] if alike else []
    return f"On the same sequences it {' and '.join(said)}." if said else ""


def _with_numbers(row: pd.Series) -> str:
    who = f"The network is ahead of the best of these, the {_short(row['predictor'])},"
    size, bounds = row["lead"], f"{three(row['lead_low'])} to {three(row['lead_high'])}"
    if row["lead"] < 0:
        who = f"The best of these, the {_short(row['predictor'])}, is ahead"
        size, bounds = -size, f"{three(-row['lead_high'])} to {three(-row['lead_low'])}"
    verdict = "it is better" if row["lead_low"] > 0 else "they cannot be told apart"
    return f"{who} by {three(size)} ({SAME_ROWS}: {bounds}): {verdict}."


def _short(name: str) -> str:
    return name.split(": ", maxsplit=1)[0]


def n_clear(rows: pd.DataFrame) -> tuple[int, int]:
    """How often the network is better beyond chance, and how often worse."""
    return int((rows["lead_low"] > 0).sum()), int((rows["lead_high"] < 0).sum())


def counts_beside(read: Reading) -> str:
    """Of many readouts, for how many the network is better or worse than each baseline."""
    table, found = read.evaluation, []
    for name in baselines(read):
        better, worse = n_clear(table[table["predictor"] == name])
        found.append(f"the {name} for {better or 'none'} (worse for {worse or 'none'})")
    if not found:
        return ""
    return (
        f"Of these {len(read.contrasts)} readouts, and beyond chance on the same sequences, it is "
        f"better than {listed(found)}."
    )
