"""Designs: sequences, the edits that made them, and files to order them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from motifbook.data.words import counted
from motifbook.design import (
    check,
    controls,
    genbank,
    methods_text,
    order,
    outlook,
    refuse,
    rows,
    words,
)
from motifbook.design.constraints import Constraints
from motifbook.design.goal import Goal
from motifbook.design.problem import Path, first
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True, eq=False, repr=False)
class Designs:
    """What `mb.design` wrote.

    Parameters
    ----------
    table
        One row per design, best first: "design" (name), "start" (name of what it began with),
        "sequence", "n_edits", "n_changed" (letters), "gc"
        (0 to 1, of what is ordered, flanks included), "score_before" and "score" (how far
        the goal is reached, in spreads of the readouts or logits), then for every readout
        "<readout>_before" and "<readout>_after" (predictions on the scale of the measurement) and
        "<readout>_spread" (standard deviation between networks, NaN for one).
    edits
        One row per edit and readout, see `explain.edit_table`.
    paths
        Letters of each design after each edit.
    models, goal, motifs, constraints
        What they were made with.
    notes
        Sentences on what was done and what to keep in mind.
    details
        Method, seed, numbers of calls and of refused edits, versions.
    """

    table: pd.DataFrame
    edits: pd.DataFrame
    paths: tuple[Path, ...]
    models: tuple[Network, ...]
    goal: Goal
    motifs: tuple[Motif, ...]
    constraints: Constraints
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        said = f"Designs({counted(len(self), 'design')}, {self.goal.words})"
        return "\n".join([said, *self.notes])

    def __len__(self) -> int:
        return len(self.table)

    @property
    def sequences(self) -> list[str]:
        """The designs' letters, without flanks."""
        return [str(one) for one in self.table["sequence"]]

    def steps(self, design: int | str) -> list[str]:
        """Sequence of a design, by number or name, before its first edit and after each one."""
        number = refuse.number_of(self, design)
        return decode(self.paths[number].letters, self.models[0].alphabet, strip=True)

    def to_adata(self) -> AnnData:
        """Return the designs as rows to attribute, scan or call instances in, see `rows`."""
        return rows.to_adata(self)

    def refuse(
        self,
        design: int | str,
        steps: int | Iterable[int],
        *,
        device: str = "auto",
        batch_size: int = 256,
    ) -> Designs:
        """Leave edits out of one design, by number or name; see `refuse.refuse`."""
        return refuse.refuse(self, design, steps, batch_size=batch_size, device=device)

    def check(self) -> pd.DataFrame:
        """List what the designs break of their constraints; empty if nothing, see `check_order`."""
        return check.check_order(
            self.sequences,
            self.constraints,
            starts=decode(first(self.paths), self.models[0].alphabet),
            alphabet=self.models[0].alphabet,
        )

    def controls(
        self,
        *,
        judge: Network | Sequence[Network] | None = None,
        n_shuffles: int = 1,
        seed: int | None = None,
        device: str = "auto",
        batch_size: int = 256,
    ) -> pd.DataFrame:
        """Make negative controls: motifs disabled, shuffles, the start; see `controls`."""
        return controls.controls(
            self,
            judge=judge,
            n_shuffles=n_shuffles,
            seed=seed,
            batch_size=batch_size,
            device=device,
        )

    def outlook(
        self,
        judge: Network | Sequence[Network] | None = None,
        adata: AnnData | None = None,
        *,
        seed: int | None = 0,
        device: str = "auto",
        batch_size: int = 256,
    ) -> pd.DataFrame:
        """Say what to expect of each design: judge, distance to the data; see `outlook`."""
        return outlook.outlook(self, judge, adata, seed=seed, batch_size=batch_size, device=device)

    def methods_text(self, judge: Network | Sequence[Network] | None = None) -> str:
        """Write a paragraph for a paper, with all numbers; see `methods_text`."""
        return methods_text.methods_text(self, judge)

    @property
    def sentences(self) -> list[str]:
        """What was done to each design, in a sentence; see `words.plan_words`."""
        return words.plan_words(self.table, self.edits)

    def write_fasta(
        self, path: str | os.PathLike[str], *, controls: pd.DataFrame | None = None
    ) -> None:
        """Write what is ordered, flanks included, as FASTA; see `order.write_fasta`."""
        order.write_fasta(self, path, controls=controls)

    def write_order(
        self,
        path: str | os.PathLike[str],
        *,
        controls: pd.DataFrame | None = None,
        outlook: pd.DataFrame | None = None,
        plate: int | None = None,
    ) -> None:
        """Write an order sheet, .csv, .tsv or .xlsx; see `order.write_order`."""
        order.write_order(self, path, controls=controls, outlook=outlook, plate=plate)

    def write_genbank(self, path: str | os.PathLike[str]) -> None:
        """Write GenBank records with motifs and edits as features; see `genbank`."""
        genbank.write_genbank(self, path)


_TOLD = {
    "refuse": refuse.refuse,
    "controls": controls.controls,
    "outlook": outlook.outlook,
    "methods_text": methods_text.methods_text,
    "to_adata": rows.to_adata,
    "write_fasta": order.write_fasta,
    "write_order": order.write_order,
    "write_genbank": genbank.write_genbank,
}
for _name, _function in _TOLD.items():  # `help(designs.refuse)` tells all that is known of it
    getattr(Designs, _name).__doc__ = _function.__doc__
