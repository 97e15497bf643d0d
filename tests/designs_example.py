"""Designs made by hand, whose outlook, controls and files can be told without a computer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
import toys

import motifbook as mb
from motifbook.data.splits.copies import sequence_hashes
from motifbook.design.constraints import Constraints
from motifbook.design.designs import Designs
from motifbook.design.goal import read_goal
from motifbook.design.problem import Move, Path
from motifbook.onehot import encode
from motifbook.train.evaluate import apply_link, outputs

GATA = mb.Motif.from_sites("GATA1", ["AGATAAGA"])
TTT = mb.Motif.from_sites("TTT box", ["TTTGTTTC"])
ANY = Constraints(gc=None, gc_window=None, homopolymer=None, repeat=None)


def made(ways, model=None, goal=None, *, motifs=(GATA, TTT), constraints=ANY, readout=None):
    """Designs of ways, each the sequences of a start and after each edit."""
    model = toys.words() if model is None else model
    goal = read_goal("max" if goal is None else goal, readout, model.record)
    longest = max(len(one) for way in ways for one in way)
    paths = tuple(
        Path(
            row,
            encode(way, model.alphabet, length=longest),
            tuple(Move("letters") for _ in way[1:]),
        )
        for row, way in enumerate(ways)
    )
    names = [f"design_{number + 1}" for number in range(len(ways))]
    predicted = {
        end: apply_link(
            outputs(model, np.stack([path.letters[at] for path in paths])), model.record
        )
        for end, at in (("before", 0), ("after", -1))
    }
    table = {
        "design": names,
        "start": ["random"] * len(ways),
        "sequence": [way[-1] for way in ways],
        "n_edits": [len(way) - 1 for way in ways],
        "n_changed": [sum(a != b for a, b in zip(way[0], way[-1])) for way in ways],
        "gc": [sum(way[-1].count(letter) for letter in "GC") / len(way[-1]) for way in ways],
        "score_before": 0.0,
        "score": 1.0,
    }
    for number, name in enumerate(model.record.readouts):
        for end in ("before", "after"):
            table[f"{name}_{end}"] = predicted[end][:, number]
    edits = [
        {
            "design": name,
            "step": step + 1,
            "edit": f"edit {step + 1} of {name} in words",
            "readout": goal.names[0],
            "before": float(step),
            "after": step + 0.5,
        }
        for name, way in zip(names, ways)
        for step in range(len(way) - 1)
    ]
    columns = ["design", "step", "edit", "readout", "before", "after"]
    details = {"method": "greedy", "seed": 0, "n_calls": 1234, "motifbook": mb.__version__}
    return Designs(
        pd.DataFrame(table), pd.DataFrame(edits, columns=columns), paths, (model,), goal,
        tuple(motifs), constraints, details=details,
    )  # fmt: skip


def taught(model, sequences):
    """The network, as if it had learned from these."""
    hashes = sequence_hashes(encode(sequences), model.alphabet)
    model.training_hashes = torch.as_tensor(hashes.view(np.int64))
    return model
