"""What to measure beside designs: the same without its motifs, shuffled, and the start."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.design.answers import ask_networks
from motifbook.design.disable import disable
from motifbook.design.judge import judges_of
from motifbook.design.limits import Limits
from motifbook.design.motif_hits import HitFinder
from motifbook.design.problem import final
from motifbook.models.network import Network
from motifbook.onehot import Letters, decode, shuffle

if TYPE_CHECKING:
    from motifbook.design.designs import Designs

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TRIES = 20  # shuffles per one that is kept


@dataclass(frozen=True, eq=False)
class _Ground:
    """What all controls are made of.

    Parameters
    ----------
    letters, editable : (n, length)
        Of the designs, and where they may change.
    finder, limits
        Find motifs, and what breaks constraints.
    """

    letters: Letters
    editable: BoolArray
    finder: HitFinder
    limits: Limits


@dataclass(frozen=True, eq=False)
class _Made:
    """Controls of one kind: their designs, (n,), what they are, (n,), and letters, (n, length)."""

    rows: IntArray
    names: list[str]
    letters: Letters


def controls(
    designs: Designs,
    *,
    judge: Network | Sequence[Network] | None = None,
    n_shuffles: int = 1,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 256,
) -> pd.DataFrame:
    """Make negative controls of each design.

    Parameters
    ----------
    judge
        Networks that predict the controls, too, see `mb.fit_judge`.
    n_shuffles
        How many shuffles of each design.
    seed
        For the shuffles.

    Returns
    -------
    DataFrame
        One row per control, by design:

        - design: name
        - control: "without GATA1", the design in which as few letters as needed differ so that
          no site of that motif is left, not even a weak one (as one place in 1,000 is by chance),
          for every motif that has one; "without all motifs"; "shuffled", with all pairs of
          neighboring letters kept; "start", what it began with, or "start, mended" where that
          broke constraints; none where no edit was made
        - sequence: without flanks
        - n_changed: letters that differ from the design
        - n_sites: sites of any motif that are left: hits of a scan at p-value 1e-4
        - keeps_constraints: whether it can be ordered as the design can, fixed letters included
        - <readout>, <readout>_judge: for every readout of the goal, the prediction of the
          designing networks and of the judge, on the scale of the measurement; NaN without one

    Raises
    ------
    InputError
        If the judge predicts other readouts, or reads another alphabet.

    Notes
    -----
    Controls keep to the constraints where that can be done: only letters that may change disable a
    motif, so that sites within fixed letters stay, and of 20 shuffles, each between letters that
    must stay, the one is taken that breaks fewest constraints, then the one with fewest sites. A
    design that must have a motif breaks that constraint without it.
    """
    n_shuffles = _check.whole_number(n_shuffles, "n_shuffles", low=0)
    judges = None if judge is None else judges_of(designs, judge)
    ground = _ground(designs)
    parts = [
        _without_motifs(ground),
        _shuffled(ground, n_shuffles, _check.generator(seed, "controls")),
        _starts(designs),
    ]
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    letters = np.concatenate([part.letters for part in parts])[order]
    names = [name for part in parts for name in part.names]
    table = _described(designs, ground, rows[order], letters)
    table.insert(1, "control", [names[place] for place in order])
    own = ask_networks(designs.models, letters, designs.goal, device, batch_size).predictions
    judged = np.full_like(own, np.nan)
    if judges is not None:
        judged = ask_networks(judges, letters, designs.goal, device, batch_size).predictions
    for aim in designs.goal.aims:
        table[aim.name] = own[:, aim.number]
        table[f"{aim.name}_judge"] = judged[:, aim.number]
    return table


def _ground(designs: Designs) -> _Ground:
    limits = Limits(designs.constraints, designs.models[0].alphabet)
    letters = final(designs.paths)
    editable = limits.editable(letters, np.arange(len(letters)))
    return _Ground(letters, editable, HitFinder(designs.motifs), limits)


def _described(designs: Designs, ground: _Ground, rows: IntArray, letters: Letters) -> pd.DataFrame:
    """Table of controls, (n, length), of the designs `rows`, (n,)."""
    differs = letters != ground.letters[rows]
    keeps = ground.limits.count(letters) == 0
    keeps &= ~(differs & ~ground.editable[rows]).any(axis=1)
    n_sites = np.bincount(ground.finder.find(letters).row, minlength=len(letters))
    return pd.DataFrame(
        {
            "design": designs.table["design"].astype(str).to_numpy()[rows],
            "sequence": decode(letters, ground.limits.alphabet, strip=True),
            "n_changed": differs.sum(axis=1),
            "n_sites": n_sites,
            "keeps_constraints": keeps,
        }
    )


def _without_motifs(ground: _Ground) -> _Made:
    """Each design without one motif after the other, and without all."""
    motif_names = [motif.name for motif in ground.finder.motifs]
    hits = ground.finder.find(ground.letters)
    rows, names, gone = list[int](), list[str](), [np.zeros((0, len(motif_names)), dtype=bool)]
    for row in range(len(ground.letters)):
        present = list(dict.fromkeys(motif_names[k] for k in hits.motif[hits.row == row]))
        kinds = [[name] for name in present] + [motif_names] * (len(present) > 1)
        gone += [np.isin(motif_names, kind)[None] for kind in kinds]
        names += [f"without {name}" for name in present]
        names += ["without all motifs"] * (len(present) > 1)
        rows += [row] * len(kinds)
    numbers = np.array(rows, dtype=np.int64)
    letters = disable(
        ground.letters[numbers],
        np.concatenate(gone),
        ground.editable[numbers],
        ground.finder,
        ground.limits,
    )
    differs = (letters != ground.letters[numbers]).any(axis=1)
    told = [name for name, is_new in zip(names, differs) if is_new]
    return _Made(numbers[differs], told, letters[differs])


def _shuffled(ground: _Ground, n_shuffles: int, rng: np.random.Generator) -> _Made:
    """Each design with its letters in another order, `n_shuffles` times."""
    rows = np.repeat(np.arange(len(ground.letters)), n_shuffles)
    tried = np.repeat(rows, TRIES)
    letters = _shuffle_editable(
        ground.letters[tried], ground.editable[tried], ground.limits.alphabet.n_letters, rng
    )
    n_sites = np.bincount(ground.finder.find(letters).row, minlength=len(letters))
    cost = ground.limits.count(letters) * 10_000 + n_sites
    best = cost.reshape(-1, TRIES).argmin(axis=1) + TRIES * np.arange(len(rows))
    numbers = [""] if n_shuffles == 1 else [f" {number + 1}" for number in range(n_shuffles)]
    names = [f"shuffled{number}" for _ in ground.letters for number in numbers[:n_shuffles]]
    return _Made(rows, names, letters[best])


def _shuffle_editable(
    letters: Letters, editable: BoolArray, n_letters: int, rng: np.random.Generator
) -> Letters:
    """Shuffle each run of letters that may change, (n, length), by itself.

    The first and the last letter of a run stay, so that all pairs of neighbors are kept.
    """
    shuffled = letters.copy()
    patterns, which = np.unique(editable, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which.ravel() == number)
        edges = np.flatnonzero(np.diff(pattern.astype(np.int8), prepend=0, append=0))
        for start, end in edges.reshape(-1, 2):
            seed = int(rng.integers(2**31))
            shuffled[rows, start:end] = shuffle(letters[rows, start:end], n_letters, seed=seed)
    return shuffled


def _starts(designs: Designs) -> _Made:
    """What each design began with, unless that is the design; mended where it broke constraints."""
    n_repairs = [
        sum(1 for _ in itertools.takewhile(lambda move: move.kind == "repair", path.moves))
        for path in designs.paths
    ]
    letters = np.stack([path.letters[n] for path, n in zip(designs.paths, n_repairs)])
    names = ["start, mended" if n else "start" for n in n_repairs]
    rows = np.flatnonzero((letters != final(designs.paths)).any(axis=1))
    return _Made(rows, [names[row] for row in rows], letters[rows])
