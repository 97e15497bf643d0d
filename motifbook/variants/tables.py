"""Tables of what variants do: readouts, instances, and the words for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data import schema
from motifbook.experiment.effects import UNITS
from motifbook.models.network import Network, Record
from motifbook.train.evaluate import apply_link, outputs, trained
from motifbook.variants.alleles import Alleles
from motifbook.variants.instances import Fates

FloatArray = npt.NDArray[np.float64]

INSTANCE_COLUMNS = [
    *("variant", "name", "chrom", "start", "end", "strand", "motif", "fate"),
    *("readout", "reference", "alternative", "effect", "unit"),
    *("score_reference", "score_alternative", "start_reference", "start_alternative", "width"),
]
_TOLD = ["motif", "start", "end", "strand", "effect"]


def allele_table(
    model: Network, alleles: Alleles, *, device: str = "auto", batch_size: int = 512
) -> pd.DataFrame:
    """One row per pair and readout: predictions of both alleles, the effect, and that of parts."""
    record = trained(model)
    rows, singles = alleles.single()
    letters = alleles.encode([*alleles.reference(), *alleles.alternative(), *singles])
    values = outputs(model, letters, batch_size=batch_size, device=device)
    n = len(alleles.sources)
    reference, alternative, single = np.split(values, [n, 2 * n])
    alone = alternative - reference
    alone[np.unique(rows)] = 0
    np.add.at(alone, rows, single - reference[rows])
    columns = {
        "reference": apply_link(reference, record),
        "alternative": apply_link(alternative, record),
        "effect": alternative - reference,
        "alone": alone,
    }
    return _per_readout(alleles.table, record, columns)


def instance_table(fates: Fates, alleles: Alleles, record: Record) -> pd.DataFrame:
    """One row per instance and readout, `INSTANCE_COLUMNS`; see `Comparison`."""
    rows = fates.table["row"].to_numpy(dtype=np.int64)
    offsets = alleles.offsets[rows]
    starts = {
        name: fates.table[name].where(fates.table[name] < 0, fates.table[name] - offsets)
        for name in ("start_reference", "start_alternative")
    }
    moved = alleles.origins[rows] - offsets
    table = fates.table.assign(
        variant=rows,
        name=alleles.table["name"].to_numpy()[rows],
        chrom=alleles.table[schema.CHROM].to_numpy()[rows],
        start=fates.table["start"] + moved,
        end=fates.table["end"] + moved,
        **starts,
    )
    columns = {
        "fate": fates.fate,
        "reference": fates.reference,
        "alternative": fates.alternative,
        "effect": fates.alternative - fates.reference,
    }
    return _per_readout(table, record, columns)[INSTANCE_COLUMNS]


def no_instances() -> pd.DataFrame:
    """A table of instances without rows."""
    return pd.DataFrame(columns=INSTANCE_COLUMNS)


def with_fates(table: pd.DataFrame, instances: pd.DataFrame) -> pd.DataFrame:
    """Say in words, per variant and readout, which instances are destroyed and which created."""
    n_readouts = max(table["readout"].nunique(), 1)
    variant = np.arange(len(table)) // n_readouts
    keys = list(zip(variant.tolist(), table["readout"]))
    words = {}
    for fate in ("destroyed", "created"):
        chosen = instances[instances["fate"] == fate]
        chosen = chosen.sort_values("effect", key=np.abs, ascending=False, kind="stable")
        told = {
            key: "; ".join(_told(*row) for row in own[_TOLD].itertuples(index=False))
            for key, own in chosen.groupby(["variant", "readout"])
        }
        words[fate] = [told.get(key, "") for key in keys]
    return table.assign(**words)


def _told(motif: str, start: int, end: int, strand: str, effect: float) -> str:
    """Say where an instance is and what its weight changes by."""
    return f"{motif} at {start}-{end} ({strand}), {effect:+.2f}"


def _per_readout(
    table: pd.DataFrame, record: Record, columns: Mapping[str, npt.NDArray[Any]]
) -> pd.DataFrame:
    """Repeat rows for each readout, with columns (n, n_readouts) and the readout's unit."""
    n, n_readouts = len(table), len(record.readouts)
    units = [UNITS[kind] for kind in record.kinds]
    long = table.iloc[np.repeat(np.arange(n), n_readouts)].reset_index(drop=True)
    long["readout"] = np.tile(np.array(record.readouts, dtype=object), n)
    for name, values in columns.items():
        long[name] = values.ravel()
    long["unit"] = np.tile(np.array(units, dtype=object), n)
    return long
