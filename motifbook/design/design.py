"""`mb.design`: new sequences, each edit explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from motifbook import __version__, _check
from motifbook.alphabet import Alphabet
from motifbook.design.caveats import caveats
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
from motifbook.design.problem import Path, Problem, final, first
from motifbook.design.random_search import random_search
from motifbook.design.relax import relax
from motifbook.design.scorer import scoring
from motifbook.design.starts import read_starts
from motifbook.design.tables import design_table, refuse_taken
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
    device: str = "auto",
    batch_size: int = 256,
) -> Designs:
    """Write new sequences that a network predicts to reach a goal, and explain each edit.

    Parameters
    ----------
    model
        Any trained network that reads one sequence; or several trained on the same readouts: then
        their mean counts, or what they agree on, see `DesignOptions.caution`.
    goal
        "max", "min", or a value on the scale of the measurement, of `readout`; or several readouts
        at once, such as ``{"Dev": "min", "Hk": "max"}``, each counted in its own spread; or a
        function that makes a score, (n,), of the outputs, (n, n_readouts), with torch, logits for
        binary readouts.
    n
        How many designs; fewer are returned where fewer differ.
    start
        What to begin with: an AnnData, a sequence or a list of them, of which random ones are
        taken where they are more than there are searches; a number for random letters of that
        length; by default random letters of the length that the network was trained on.
    readout
        Number or name; by default the first.
    constraints
        What is kept to, see `Constraints`; by default what companies ask for.
    method
        - "motifs": places, removes, moves and strengthens motifs, see `DesignOptions.motifs`
        - "greedy": the letters that gain most
        - "gradient": relaxed sequences, straight through to letters
        - "evolve": mutation and recombination
        - "ledidi": the library of that name, if it is installed
        - "random": the best of as many random sequences, to compare with
        - "auto": motifs where the network reads motifs or some are given and `n_edits` sets no
          limit, otherwise greedy
    options
        See `DesignOptions`.

    Returns
    -------
    Designs
        `.table`, `.edits`, `.refuse()`, `.outlook()`, `.controls()`, `.write_order()` and others.

    Raises
    ------
    InputError
        If a network is untrained or reads more than one sequence, constraints cannot be kept, or
        something asked for does not exist.

    Notes
    -----
    Every state of a search keeps to the constraints: starts that do not are mended first, as an
    edit of kind "repair". What is returned was checked once more by code that the search does not
    use (`check_order`). Interpretable design: Tseng et al. 2024 (ARGMINN), who write instances at
    learned distances into neutral sequences; here every edit is tried on the network. For the
    other methods see their files. A design pleases the network that made it: ask a judge
    (`fit_judge`, `Designs.outlook`) before you order.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    >>> model = mb.MotifSyntaxNet(1, width=15)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=100))
    >>> designs = mb.design(model, n=2, seed=0)
    >>> bool((designs.table["bound_after"] > designs.table["bound_before"]).all())
    True
    """
    settings = _check.options(options, DesignOptions, "mb.DesignOptions(n_steps=50)")
    asked = _constraints(constraints)
    _check.one_of(method, "method", ["auto", *METHODS])
    n = _check.whole_number(n, "n")
    networks = alike([model] if isinstance(model, Network) else model)
    wanted = read_goal(goal, readout, trained(networks[0]))
    refuse_taken(trained(networks[0]).readouts)
    rng = _check.generator(seed, "design")
    starts = read_starts(networks[0], start, n * settings.n_tries, rng)
    with scoring(
        networks, wanted, caution=settings.caution, batch_size=batch_size, device=device
    ) as scorer:
        motifs = vocabulary(
            networks, settings.motifs, starts.letters, batch_size=batch_size, device=device
        )
        prepared = prepare(
            starts, scorer, constraints=asked, motifs=motifs, options=settings, n=n, rng=rng
        )
        chosen = pick_method(method, motifs, asked)
        paths = prepared.whole(METHODS[chosen](prepared.problem))
        scores = scorer.scores(final(paths))
        best = choose(paths, scores, n, settings.distance, groups=prepared.numbers)
        best, missing = keep_orderable(best, prepared.constraints(best), networks[0].alphabet)
        kept_to = prepared.constraints(best)
        details = {
            "method": chosen,
            "seed": seed,
            "n_calls": scorer.n_calls,
            "caution": settings.caution,
            "motifbook": __version__,
        }
        names = [f"design_{number + 1}" for number in range(len(best))]
        began = [prepared.names[path.row] for path in best]
        made = Designs(
            table=design_table(names, began, best, scorer, flanks=kept_to.flanks),
            edits=edit_table(names, best, scorer, motifs),
            paths=tuple(best),
            models=tuple(networks),
            goal=wanted,
            motifs=motifs,
            constraints=kept_to,
            notes=(*prepared.notes, *missing),
            details=details,
        )
    return replace(made, notes=(*made.notes, *caveats(made, n)))


def _constraints(given: Constraints | None) -> Constraints:
    """The usual ones for None."""
    if given is not None and not isinstance(given, Constraints):
        raise _check.InputError(
            f"`constraints` is {_check.shown(given)}; expected such as "
            "`mb.Constraints(gc=(0.4, 0.6))`."
        )
    return Constraints() if given is None else given


def pick_method(method: str, motifs: Sequence[Motif], constraints: Constraints) -> str:
    """Return the method that was asked for.

    "auto" is motifs where there are some; but greedy where the number of edits is limited, since
    single letters make more of few.
    """
    if method != "auto":
        return method
    return "motifs" if motifs and constraints.n_edits is None else "greedy"


def keep_orderable(
    paths: Sequence[Path], constraints: Constraints, alphabet: Alphabet
) -> tuple[list[Path], list[str]]:
    """Return the paths that the independent check lets pass, and sentences on others."""
    begins = decode(first(paths), alphabet)
    ends = decode(final(paths), alphabet, strip=True)
    broken = check_order(ends, constraints, starts=begins, alphabet=alphabet)
    bad = set(broken["sequence"])
    if len(bad) == len(paths):
        raise _check.InputError(
            f"No design kept to the constraints: {broken['what'].iloc[0]}. Expected constraints "
            "that can be met; relax one."
        )
    said = [f"Left out a design: {what}." for what in broken["what"].unique()]
    return [path for number, path in enumerate(paths) if number not in bad], said
