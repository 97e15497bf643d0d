"""Files that a company can read: FASTA, and an order sheet as text or for Excel."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logit

from motifbook import _check
from motifbook.data.export import ending, write_text
from motifbook.data.text.collect import unique_names
from motifbook.design.tables import share_of_gc

if TYPE_CHECKING:
    from motifbook.design.designs import Designs
    from motifbook.design.goal import Aim

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
    outlook: pd.DataFrame | None = None,
    plate: int | None = None,
) -> None:
    """Write an order sheet: one row per sequence, as it is ordered.

    Parameters
    ----------
    path
        .csv, .tsv (.gz behind it: packed) or .xlsx.
    controls
        From `designs.controls()`: written behind the designs.
    outlook
        From `designs.outlook(judge, adata)`: what the judge expects stands beside what the
        designing network predicts, with a sentence or two on each design.
    plate
        Wells of a plate, 96 or 384, to be filled row by row (A1, A2, …, B1); None for tubes.

    Raises
    ------
    InputError
        If the ending is another one, there is no such plate, nothing can be written there,
        `controls` or `outlook` are of other letters, or openpyxl is missing for .xlsx.
    """
    kind = ending(path)
    if kind not in ENDINGS or str(path).lower().endswith(".xlsx.gz"):
        raise _check.InputError(
            f"`path` is {str(path)!r}; expected a name that ends in {', '.join(ENDINGS)}."
        )
    sheet = order_sheet(designs, controls, outlook)
    if plate is not None:
        sheet = _on_plates(sheet, plate)
    if kind == ".xlsx":
        return _write_excel(sheet, path)
    separator = "," if kind == ".csv" else "\t"
    return write_text(path, str(sheet.to_csv(index=False, sep=separator, lineterminator="\n")))


def order_sheet(
    designs: Designs, controls: pd.DataFrame | None = None, outlook: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List what is ordered: designs, then controls.

    Returns
    -------
    DataFrame
        - name: unique, without blanks
        - sequence: as ordered, flanks included
        - length, gc: of that; `gc` NaN where letters are no nucleotides
        - predicted <readout>: of the designing networks, on the scale of the measurement
        - judge expects <readout>: of the judge, with `outlook`; of controls that it was asked about
        - start: name of what the design began with
        - edits: in words, in order
        - what to expect: the outlook in words, with `outlook`
        - notes: which letters are flanks; what a control is for
    """
    names = [str(name) for name in designs.table["design"]]
    columns: dict[str, list[Any]] = {
        "name": list(names),
        "sequence": list(designs.sequences),
        "start": list(designs.table["start"]),
        "edits": [edits_in_words(designs, name) for name in names],
        "notes": [_flanks(designs)] * len(names),
    }
    values = {name: list(designs.table[f"{name}_after"]) for name in designs.goal.names}
    shown = {name: f"predicted {name}" for name in values}
    if outlook is not None:
        told = _own_outlook(designs, outlook)
        columns["what to expect"] = list(told["words"])
        for name in designs.goal.names:
            values[f"{name}_judge"] = list(told[f"{name}_judge"])
            shown[f"{name}_judge"] = f"judge expects {name}"
    if controls is not None:
        _add_controls(columns, values, designs, controls)
    columns["name"] = unique_names([re.sub(r"[^\w.-]+", "_", name) for name in columns["name"]])[0]
    left, right = designs.constraints.flanks
    ordered = [f"{left}{sequence}{right}" for sequence in columns["sequence"]]
    sheet: dict[str, list[Any]] = {
        "name": columns["name"],
        "sequence": ordered,
        "length": [len(sequence) for sequence in ordered],
        "gc": _gc(ordered, designs.models[0].alphabet.is_nucleotides),
    }
    for name, numbers in values.items():
        sheet[shown[name]] = [float(f"{one:.6g}") for one in numbers]
    for name in ("start", "edits", "what to expect", "notes"):
        if name in columns:
            sheet[name] = columns[name]
    return pd.DataFrame(sheet)


def _own_outlook(designs: Designs, outlook: pd.DataFrame) -> pd.DataFrame:
    """Rows of an outlook, one per design, in their order."""
    _check.table(outlook, "outlook", "`designs.outlook(judge, adata)`")
    readouts = designs.goal.names
    wanted = ["design", *readouts, *(f"{name}_judge" for name in readouts), "words"]
    _check.columns(outlook.columns, wanted, "The outlook")
    own = outlook.drop_duplicates("design").set_index("design")
    own = own.reindex([str(name) for name in designs.table["design"]])
    if not all(_is_as_predicted(designs, own, aim) for aim in designs.goal.aims):
        raise _check.InputError(
            "`outlook` is of other designs, or was made before edits were refused; expected that "
            "of these. Ask again: `designs.outlook(judge, adata)`."
        )
    return own


def _is_as_predicted(designs: Designs, outlook: pd.DataFrame, aim: Aim) -> bool:
    """Whether an outlook is of what the designing networks predict, but for rounding.

    Where effects add up: sequences of which 0.999 and 0.9999 are predicted are not the same.
    """
    told = outlook[aim.name].to_numpy(dtype=float)
    predicted = designs.table[f"{aim.name}_after"].to_numpy(dtype=float)
    if aim.kind == "binary":
        return bool(np.allclose(logit(told), logit(predicted), rtol=1e-3, atol=2e-3))
    return bool(np.allclose(told, predicted, rtol=1e-3, atol=1e-4))


def edits_in_words(designs: Designs, name: str) -> str:
    """Every edit of one design, in order, in one line."""
    own = designs.edits[designs.edits["design"] == name].drop_duplicates("step")
    return "; ".join(str(words) for words in own["edit"])


def _add_controls(
    columns: dict[str, list[Any]],
    values: dict[str, list[Any]],
    designs: Designs,
    controls: pd.DataFrame,
) -> None:
    """Put controls behind the designs, in place."""
    _refuse_edited(designs, controls, list(values))
    start_of = dict(zip(designs.table["design"].astype(str), designs.table["start"]))
    flanks = _flanks(designs)
    for row in controls.to_dict("records"):
        note = f"control of {row['design']}: {row['control']}, {row['n_changed']} letters differ"
        if not row["keeps_constraints"]:
            note += "; breaks constraints"
        own = {
            "name": f"{row['design']} {row['control']}",
            "sequence": row["sequence"],
            "start": start_of[str(row["design"])],
            "notes": "; ".join(filter(None, [note, flanks])),
        }
        for name, listed in columns.items():
            listed.append(own.get(name, ""))
        for name, listed in values.items():
            listed.append(row[name])


def _refuse_edited(designs: Designs, controls: pd.DataFrame, readouts: Sequence[str]) -> None:
    """Refuse controls that are not as `Designs.controls` made them."""
    _check.table(controls, "controls", "`designs.controls()`")
    wanted = ["design", "control", "sequence", "n_changed", "keeps_constraints", *readouts]
    _check.columns(controls.columns, wanted, "The table of controls")
    numbers = {str(name): number for number, name in enumerate(designs.table["design"])}
    for row in controls.to_dict("records"):
        design, letters = str(row["design"]), row["sequence"]
        if design not in numbers:
            raise _check.InputError(
                f"`controls` are of {design!r}, which is none of these designs; expected those of "
                "`designs.controls()`."
            )
        if not _is_as_made(designs, numbers[design], letters, row["n_changed"]):
            raise _check.InputError(
                f"`controls` has {_check.shown(letters)} as {row['control']!r} of {design}; "
                f"expected the letters that `designs.controls()` made, {row['n_changed']} other "
                "than those of the design: what is predicted is of these. Make the table again, "
                "and order sequences of your own apart."
            )


def _is_as_made(designs: Designs, number: int, letters: object, n_changed: int) -> bool:
    """Whether letters of a control are some, and differ from the design in so many places."""
    alphabet, design = designs.models[0].alphabet, designs.sequences[number]
    if not isinstance(letters, str) or not set(letters) <= {*alphabet.letters, alphabet.unknown}:
        return False
    if len(letters) != len(design):  # unknown letters at the ends of a start are not written
        return bool((designs.paths[number].letters == alphabet.n_letters).any())
    return sum(one != other for one, other in zip(letters, design)) == n_changed


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
    file = io.BytesIO()  # a workbook that cannot be closed complains later
    with _check.new_file(path) as part:
        try:
            sheet.to_excel(file, index=False, sheet_name="order", engine="openpyxl")
        except ImportError:
            raise _check.InputError(
                "An order sheet for Excel needs openpyxl, which is not installed. Use "
                '`pip install "motifbook[tables]"`, or write .csv.'
            ) from None
        part.write_bytes(file.getbuffer())
