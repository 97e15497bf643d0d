"""`mb.design`: new sequences, each edit explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from motifbook import __version__, _check
from motifbook.alphabet import Alphabet
from motifbook.design.assemble import final
from motifbook.design.check import check_order
from motifbook.design.choose import choose
from motifbook.design.constraints import Constraints
from motifbook.design.designs import Designs
from motifbook.design.evolve import evolve
from motifbook.design.explain import edit_table
from motifbook.design.goal import Asked, read_goal
from motifbook.design.greedy import greedy
from motifbook.design.ledidi import ledidi
from motifbook.design.motif_edits import motif_edits
from motifbook.design.options import DesignOptions
from motifbook.design.prepare import prepare
from motifbook.design.problem import Path, Problem
from motifbook.design.random_search import random_search
from motifbook.design.relax import relax
from motifbook.design.scorer import scoring
from motifbook.design.starts import read_starts
from motifbook.design.tables import design_table
from motifbook.design.vocabulary import vocabulary
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode
from motifbook.train.evaluate import trained
from motifbook.train.repeat import alike

METHODS: dict[str, Callable[[Problem], list[Path]]] = {
    "motifs": motif_edits,
    "greedy": greedy,
    "evolve": evolve,
    "gradient": relax,
    "ledidi": ledidi,
    "random": random_search,
}


def design(
    model: Network | Sequence[Network],
    goal: Asked = "max",
    *,
    n: int = 20,
    start: Any = None,
    readout: int | str | None = None,
    constraints: Constraints | None = None,
    method: str = "auto",
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
    _check.one_of(method, "method", ["auto", *METHODS])
    n = _check.whole_number(n, "n")
    networks = alike([model] if isinstance(model, Network) else model)
    wanted = read_goal(goal, readout, trained(networks[0]))
    rng = _check.generator(seed, "design")
    starts = read_starts(networks[0], start, n * settings.n_tries, rng)
    with scoring(
        networks, wanted, caution=settings.caution, batch_size=batch_size, device=device
    ) as scorer:
        motifs = vocabulary(
            networks, settings.motifs, starts.letters, batch_size=batch_size, device=device
        )
        prepared = prepare(
            starts, scorer, constraints=kept_to, motifs=motifs, options=settings, n=n, rng=rng
        )
        chosen = pick_method(method, motifs)
        paths = prepared.whole(METHODS[chosen](prepared.problem))
        best = choose(paths, scorer.scores(final(paths)), n, settings.distance)
        best, missing = keep_orderable(best, kept_to, networks[0].alphabet)
        details = {"method": chosen, "seed": seed, "n_calls": scorer.n_calls}
        names = [f"design_{number + 1}" for number in range(len(best))]
        began = [prepared.names[path.row] for path in best]
        return Designs(
            table=design_table(names, began, best, scorer, flanks=kept_to.flanks),
            edits=edit_table(names, best, scorer, motifs),
            paths=tuple(best),
            models=tuple(networks),
            goal=wanted,
            motifs=motifs,
            constraints=kept_to,
            notes=(*prepared.notes, *missing, *_too_few(len(best), n)),
            details={**details, "motifbook": __version__},
        )


def pick_method(method: str, motifs: Sequence[Motif]) -> str:
    """Return the method that was asked for; "auto" is motifs where there are some."""
    if method != "auto":
        return method
    return "motifs" if motifs and "motifs" in METHODS else "greedy"


def keep_orderable(
    paths: Sequence[Path], constraints: Constraints, alphabet: Alphabet
) -> tuple[list[Path], list[str]]:
    """Return the paths that the independent check lets pass, and sentences on others."""
    ends, begins = (
        decode(np.stack([path.letters[i] for path in paths]), alphabet, strip=True) for i in (-1, 0)
    )
    broken = check_order(ends, constraints, starts=begins, alphabet=alphabet)
    bad = set(broken["sequence"])
    said = [f"Left out a design: {what}." for what in broken["what"].unique()]
    return [path for number, path in enumerate(paths) if number not in bad], said


def _too_few(n_found: int, n: int) -> list[str]:
    if n_found == n:
        return []
    return [
        f"{n_found} of {n} designs: others were too alike. More starts, more `n_tries` or a "
        "smaller `distance` (DesignOptions) give more."
    ]
