"""Files that a company can read: FASTA, and an order sheet as text or for Excel."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data.export import ending, write_text
from motifbook.data.text.collect import unique_names
from motifbook.design.tables import share_of_gc

if TYPE_CHECKING:
    from motifbook.design.designs import Designs

PLATES = {96: (8, 12), 384: (16, 24)}  # wells -> rows, columns
ENDINGS = (".csv", ".tsv", ".xlsx")


def write_fasta(
    designs: Designs, path: str | os.PathLike[str], *, controls: pd.DataFrame | None = None
) -> None:
    """Write what is ordered, flanks included, as FASTA.

    Parameters
    ----------
    path
        With .gz behind it: packed.
    controls
        From `designs.controls()`: written behind the designs.

    Raises
    ------
    InputError
        If nothing can be written there, or `controls` is no such table.
    """
    sheet = order_sheet(designs, controls)
    records = []
    for row in sheet.to_dict("records"):
        said = [f"predicted_{name}={row[f'predicted {name}']:.4g}" for name in designs.goal.names]
        head = " ".join([str(row["name"]), f"start={row['start']}", *said])
        records.append(f">{head}\n{row['sequence']}\n")
    write_text(path, "".join(records))


def write_order(
    designs: Designs,
    path: str | os.PathLike[str],
    *,
    controls: pd.DataFrame | None = None,
    plate: int | None = None,
) -> None:
    """Write an order sheet: one row per sequence, as it is ordered.

    Parameters
    ----------
    path
        .csv, .tsv (.gz behind it: packed) or .xlsx.
    controls
        From `designs.controls()`: written behind the designs.
    plate
        Wells of a plate, 96 or 384, to be filled row by row (A1, A2, …, B1); None for tubes.

    Raises
    ------
    InputError
        If the ending is another one, there is no such plate, nothing can be written there, or
        openpyxl is missing for .xlsx.
    """
    kind = ending(path)
    if kind not in ENDINGS or str(path).lower().endswith(".xlsx.gz"):
        raise _check.InputError(
            f"`path` is {str(path)!r}; expected a name that ends in {', '.join(ENDINGS)}."
        )
    sheet = order_sheet(designs, controls)
    if plate is not None:
        sheet = _on_plates(sheet, plate)
    if kind == ".xlsx":
        return _write_excel(sheet, path)
    separator = "," if kind == ".csv" else "\t"
    return write_text(path, str(sheet.to_csv(index=False, sep=separator, lineterminator="\n")))


def order_sheet(designs: Designs, controls: pd.DataFrame | None = None) -> pd.DataFrame:
    """List what is ordered: designs, then controls.

    Returns
    -------
    DataFrame
        - name: unique, without blanks
        - sequence: as ordered, flanks included
        - length, gc: of that; `gc` NaN where letters are no nucleotides
        - predicted <readout>: of the designing networks, on the scale of the measurement
        - start: name of what the design began with
        - edits: in words, in order
        - notes: which letters are flanks; what a control is for
    """
    names = [str(name) for name in designs.table["design"]]
    readouts = designs.goal.names
    flanks = _flanks(designs)
    columns: dict[str, list[Any]] = {
        "name": list(names),
        "sequence": list(designs.sequences),
        "start": list(designs.table["start"]),
        "edits": [edits_in_words(designs, name) for name in names],
        "notes": [flanks] * len(names),
    }
    predicted = {name: list(designs.table[f"{name}_after"]) for name in readouts}
    if controls is not None:
        _add_controls(columns, predicted, designs, controls)
    columns["name"] = unique_names([re.sub(r"[^\w.-]+", "_", name) for name in columns["name"]])[0]
    left, right = designs.constraints.flanks
    ordered = [f"{left}{sequence}{right}" for sequence in columns["sequence"]]
    return pd.DataFrame(
        {
            "name": columns["name"],
            "sequence": ordered,
            "length": [len(sequence) for sequence in ordered],
            "gc": _gc(ordered, designs.models[0].alphabet.is_nucleotides),
            **{
                f"predicted {name}": [float(f"{one:.6g}") for one in values]
                for name, values in predicted.items()
            },
            **{name: columns[name] for name in ("start", "edits", "notes")},
        }
    )


def edits_in_words(designs: Designs, name: str) -> str:
    """Every edit of one design, in order, in one line."""
    own = designs.edits[designs.edits["design"] == name].drop_duplicates("step")
    return "; ".join(str(words) for words in own["edit"])


def _add_controls(
    columns: dict[str, list[Any]],
    predicted: dict[str, list[Any]],
    designs: Designs,
    controls: pd.DataFrame,
) -> None:
    """Put controls behind the designs, in place."""
    _check.table(controls, "controls", "`designs.controls()`")
    wanted = ["design", "control", "sequence", "n_changed", "keeps_constraints", *predicted]
    _check.columns(controls.columns, wanted, "The table of controls")
    start_of = dict(zip(designs.table["design"].astype(str), designs.table["start"]))
    strange = sorted(set(controls["design"].astype(str)) - set(start_of))
    if strange:
        raise _check.InputError(
            f"`controls` are of {strange[0]!r}, which is none of these designs; expected those of "
            "`designs.controls()`."
        )
    flanks = _flanks(designs)
    for row in controls.to_dict("records"):
        note = f"control of {row['design']}: {row['control']}, {row['n_changed']} letters differ"
        if not row["keeps_constraints"]:
            note += "; breaks constraints"
        columns["name"].append(f"{row['design']} {row['control']}")
        columns["sequence"].append(row["sequence"])
        columns["start"].append(start_of[str(row["design"])])
        columns["edits"].append("")
        columns["notes"].append("; ".join(filter(None, [note, flanks])))
        for name, values in predicted.items():
            values.append(row[name])


def _flanks(designs: Designs) -> str:
    """Say which letters of what is ordered are no part of the designs."""
    left, right = map(len, designs.constraints.flanks)
    return f"the first {left} and last {right} letters are flanks" if left or right else ""


def _gc(sequences: Sequence[str], is_nucleotides: bool) -> list[float]:
    if not is_nucleotides:
        return [float("nan")] * len(sequences)
    return [round(share_of_gc(one), 4) for one in sequences]


def _on_plates(sheet: pd.DataFrame, plate: int) -> pd.DataFrame:
    """Add plate numbers and wells in front."""
    _check.one_of(plate, "plate", PLATES)
    plate = int(plate)  # 96.0 is one of them, too
    n_columns = PLATES[plate][1]
    number, place = np.divmod(np.arange(len(sheet)), plate)
    rows, columns = np.divmod(place, n_columns)
    wells = [f"{'ABCDEFGHIJKLMNOP'[row]}{column + 1}" for row, column in zip(rows, columns)]
    return pd.DataFrame({"plate": number + 1, "well": wells}).join(sheet)


def _write_excel(sheet: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    with _check.new_file(path) as part:
        try:
            sheet.to_excel(Path(part), index=False, sheet_name="order", engine="openpyxl")
        except ImportError:
            raise _check.InputError(
                "An order sheet for Excel needs openpyxl, which is not installed. Use "
                '`pip install "motifbook[tables]"`, or write .csv.'
            ) from None
