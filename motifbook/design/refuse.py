"""A biologist refuses edits: the design without them, told anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from motifbook import _check
from motifbook.design.explain import edit_table
from motifbook.design.problem import Path
from motifbook.design.replay import replay
from motifbook.design.scorer import scoring
from motifbook.design.tables import design_table

if TYPE_CHECKING:
    from motifbook.design.designs import Designs


def refuse(
    designs: Designs,
    design: int | str,
    steps: int | Iterable[int],
    *,
    device: str = "auto",
    batch_size: int = 256,
) -> Designs:
    """Leave edits out of one design.

    Parameters
    ----------
    design
        Its number, from 0, or its name.
    steps
        Numbers of the edits, as in `designs.edits`, from 1.

    Returns
    -------
    Designs
        With that design as the other edits alone make it: letters that only the refused ones
        wrote are those of before. The other edits are predicted and told anew, and numbered from
        1 again. A note says so, and which constraints the design then breaks.

    Raises
    ------
    InputError
        If there is no such design or edit.
    """
    number = number_of(designs, design)
    path, name = designs.paths[number], str(designs.table["design"].iloc[number])
    refused = _refused(path, name, steps)
    fresh = replay(path, [step - 1 for step in refused])
    caution = float(designs.details.get("caution", 0.0))
    with scoring(
        designs.models, designs.goal, caution=caution, batch_size=batch_size, device=device
    ) as scorer:
        start = str(designs.table["start"].iloc[number])
        row = design_table([name], [start], [fresh], scorer, flanks=designs.constraints.flanks)
        edits = edit_table([name], [fresh], scorer, designs.motifs)
    table = designs.table.copy()
    for column in row:
        table.loc[table.index[number], column] = row[column].iloc[0]
    is_its = designs.edits["design"] == name
    first = int(is_its.to_numpy().argmax())
    parts = [designs.edits.iloc[:first], edits, designs.edits.iloc[first:][~is_its.iloc[first:]]]
    n_refused = len(refused) + int(designs.details.get("n_refused", 0))
    changed = replace(
        designs,
        table=table,
        edits=pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True),
        paths=(*designs.paths[:number], fresh, *designs.paths[number + 1 :]),
        details={**designs.details, "n_refused": n_refused},
    )
    return replace(changed, notes=(*designs.notes, _note(changed, number, path, refused)))


def number_of(designs: Designs, design: int | str) -> int:
    """Number of a design that is asked for by number or name.

    Raises
    ------
    InputError
        If there is no such design.
    """
    names = [str(name) for name in designs.table["design"]]
    if isinstance(design, str):
        _check.one_of(design, "design", names)
        return names.index(design)
    return _check.whole_number(design, "design", low=0, high=len(names) - 1)


def _refused(path: Path, name: str, steps: int | Iterable[int]) -> list[int]:
    """Numbers of edits, from 1, in order."""
    listed = list(steps) if isinstance(steps, Iterable) and not isinstance(steps, str) else [steps]
    if not path.moves:
        raise _check.InputError(f"{name} has no edit; expected one that can be refused.")
    if not listed:
        raise _check.InputError("`steps` is empty; expected numbers of edits, such as [1, 3].")
    most = len(path.moves)
    return sorted({_check.whole_number(step, "steps", high=most) for step in listed})


def _note(designs: Designs, number: int, before: Path, refused: Collection[int]) -> str:
    """What was refused, and which constraints the design breaks without it."""
    name = str(designs.table["design"].iloc[number])
    listed = ", ".join(str(step) for step in refused)
    edits = "edits" if len(refused) > 1 else "edit"
    said = f"{name} was made without {edits} {listed} of {len(before.moves)}"
    broken = designs.check()
    own = broken.loc[broken["sequence"] == number, "what"]
    if own.empty:
        return f"{said}, and keeps to all constraints."
    return f"{said}, and then breaks constraints: {'; '.join(own.drop_duplicates())}."
