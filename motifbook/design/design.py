"""`mb.design`: new sequences, each edit explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from motifbook import __version__, _check
from motifbook.design.assemble import final
from motifbook.design.choose import choose
from motifbook.design.constraints import Constraints
from motifbook.design.designs import Designs
from motifbook.design.explain import edit_table
from motifbook.design.goal import Asked, read_goal
from motifbook.design.greedy import greedy
from motifbook.design.limits import Limits
from motifbook.design.options import DesignOptions
from motifbook.design.problem import Path, Problem
from motifbook.design.scorer import Scorer, scoring
from motifbook.design.starts import Starts, read_starts
from motifbook.models.network import Network
from motifbook.onehot import decode
from motifbook.train.evaluate import apply_link, trained
from motifbook.train.repeat import alike

METHODS: dict[str, Callable[[Problem], list[Path]]] = {"greedy": greedy}


def design(
    model: Network | Sequence[Network],
    goal: Asked = "max",
    *,
    n: int = 20,
    start: Any = None,
    readout: int | str | None = None,
    constraints: Constraints | None = None,
    method: str = "greedy",
    options: DesignOptions | None = None,
    seed: int | None = None,
    batch_size: int = 256,
    device: str = "auto",
) -> Designs:
    """Write new sequences that a network predicts to reach a goal, and explain each edit.

    Parameters
    ----------
    model
        Any trained network that reads one sequence, or several trained on the same readouts.
    goal
        "max", "min" or a value of `readout` on the scale of the measurement; or several readouts
        at once, such as ``{"Dev": "max", "Hk": "min"}``; or a function that makes a score, (n,),
        of the outputs, (n, n_readouts), with torch.
    n
        How many designs.
    start
        What to begin with: AnnData, a sequence, a list of them; by default random letters.
    readout
        Number or name; by default the first.
    constraints
        What must be kept to; by default what companies ask for.
    method
        How to search.

    Returns
    -------
    Designs

    Raises
    ------
    InputError
        If a network is untrained or reads more than one sequence, or something asked for does
        not exist.
    """
    settings = _check.options(options, DesignOptions, "mb.DesignOptions(n_steps=50)")
    kept_to = Constraints() if constraints is None else constraints
    _check.one_of(method, "method", METHODS)
    n = _check.whole_number(n, "n")
    networks = alike([model] if isinstance(model, Network) else model)
    wanted = read_goal(goal, readout, trained(networks[0]))
    rng = _check.generator(seed, "design")
    n_tries = n * settings.n_tries
    starts = read_starts(networks[0], start, n_tries, rng)
    rows = np.resize(np.arange(len(starts.names)), n_tries)
    letters = starts.letters[rows]
    limits = Limits(kept_to, networks[0].alphabet)
    with scoring(
        networks, wanted, caution=settings.caution, batch_size=batch_size, device=device
    ) as scorer:
        problem = Problem(
            scorer, letters, letters, limits.editable(letters, rows), limits, kept_to.n_edits,
            tuple(settings.motifs or ()), settings, rng,
        )  # fmt: skip
        paths = METHODS[method](problem)
        best = choose(paths, scorer.scores(final(paths)), n, settings.distance)
        n_calls = scorer.n_calls
        names = [f"design_{number + 1}" for number in range(len(best))]
        table = _table(names, best, starts, rows, scorer)
        edits = edit_table(names, best, scorer, problem.motifs)
    details = {"method": method, "seed": seed, "n_calls": n_calls, "motifbook": __version__}
    return Designs(
        table, edits, tuple(best), tuple(networks), wanted, tuple(problem.motifs), kept_to,
        details=details,
    )  # fmt: skip


def _table(
    names: list[str], paths: list[Path], starts: Starts, rows: Any, scorer: Scorer
) -> pd.DataFrame:
    """`Designs.table`."""
    first, last = np.stack([path.letters[0] for path in paths]), final(paths)
    known = last < scorer.alphabet.n_letters
    is_gc = np.isin(last, [scorer.alphabet.letters.find(letter) for letter in "GC"])
    columns: dict[str, Any] = {
        "design": names,
        "start": [starts.names[rows[path.row]] for path in paths],
        "sequence": decode(last, scorer.alphabet, strip=True),
        "n_edits": [len(path.moves) for path in paths],
        "n_changed": (first != last).sum(axis=1),
        "gc": is_gc.sum(axis=1) / known.sum(axis=1),
        "score_before": scorer.scores(first),
        "score": scorer.scores(last),
    }
    before, after = scorer.outputs(first), scorer.outputs(last)
    predicted = [apply_link(values.mean(axis=0), scorer.record) for values in (before, after)]
    several = len(after) > 1
    for number, name in enumerate(scorer.record.readouts):
        columns[f"{name}_before"], columns[f"{name}_after"] = (one[:, number] for one in predicted)
        spread = apply_link(after, scorer.record)[:, :, number].std(axis=0, ddof=int(several))
        columns[f"{name}_spread"] = spread if several else np.nan
    return pd.DataFrame(columns)
