"""Designs: sequences, the edits that made them, and files to order them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from motifbook.data.export import write_text
from motifbook.design.constraints import Constraints
from motifbook.design.goal import Goal
from motifbook.design.problem import Path
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode


@dataclass(frozen=True, eq=False)
class Designs:
    """What `mb.design` wrote.

    Parameters
    ----------
    table
        One row per design, best first: "design" (name), "start" (name of what it began with),
        "sequence", "n_edits", "n_changed" (letters), "gc", "score_before" and "score" (how far
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
        Method, seed, numbers of calls, versions.
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

    def __len__(self) -> int:
        return len(self.table)

    @property
    def sequences(self) -> list[str]:
        """The designs' letters, without flanks."""
        return [str(one) for one in self.table["sequence"]]

    def steps(self, design: int) -> list[str]:
        """Sequence of a design before its first edit and after each one."""
        return decode(self.paths[design].letters, self.models[0].alphabet, strip=True)

    def write_fasta(self, path: str | os.PathLike[str]) -> None:
        """Write the designs, flanks included, as FASTA."""
        left, right = self.constraints.flanks
        records = [
            f">{name}\n{left}{sequence}{right}\n"
            for name, sequence in zip(self.table["design"], self.sequences)
        ]
        write_text(path, "".join(records))
