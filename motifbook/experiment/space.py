"""Two motifs at every distance and orientation: what do they add that neither does alone?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.experiment.effects import effect_table
from motifbook.experiment.place import (
    Background,
    Site,
    Word,
    background_letters,
    centered,
    outputs_with,
    refuse_outside,
    word_of,
)
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import trained

ORIENTATIONS = ("++", "+-", "-+", "--")


def space(
    model: Network,
    motif_a: Motif | str,
    motif_b: Motif | str,
    background: Background,
    *,
    gaps: Iterable[int] = range(31),
    orientations: Sequence[str] | None = None,
    letters: str = "consensus",
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Write two motifs into backgrounds, at every gap and orientation, and see what they add.

    Parameters
    ----------
    model
        Any trained network.
    motif_a, motif_b
        Motifs, or letters such as "TGACTCA" (N for any). `motif_a` comes first.
    background
        Sequences without the motifs, as for `mb.marginalize`. Thirty are enough.
    gaps
        Letters between the two; negative where they overlap, and `motif_b` then covers the end of
        `motif_a`.
    orientations
        Strand of `motif_a`, then of `motif_b`; by default all four, or "++" where sequences have
        one strand.
    letters, seed
        As for `mb.marginalize`; a background has the same drawn letters at every gap.

    Returns
    -------
    DataFrame
        One row per orientation, gap and readout: "motif_a", "motif_b", "orientation", "gap",
        "alone_a", "alone_b" and "together" (mean effects of writing one or both, at those very
        positions), "readout", "effect" = together - alone_a - alone_b: what the pair adds beyond
        both alone, "lower" and "upper" (95 % interval of its mean over backgrounds, Student's t),
        "n" (backgrounds), "unit": "logit" for binary readouts, "readout" for continuous ones.

    Raises
    ------
    InputError
        As for `mb.marginalize`; or if a pair is wider than the backgrounds, or one motif would
        cover the other.

    Notes
    -----
    The pair lies in the middle. On the logit scale two motifs that work independently of each
    other add up, and the effect is 0.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> background = mb.backgrounds(adata, n=8, seed=0)
    >>> table = space(model, "GGAAGTG", "TGACTCA", background, gaps=[3, 7], orientations=["+-"])
    >>> table[["motif_a", "motif_b", "orientation", "gap"]].to_numpy().tolist()
    [['GGAAGTG', 'TGACTCA', '+-', 3], ['GGAAGTG', 'TGACTCA', '+-', 7]]
    """
    codes, alphabet = background_letters(model, background), model.alphabet
    rng = _check.generator(seed, "space")
    first, second = (
        word_of(motif, alphabet, letters=letters, n=len(codes), rng=rng)
        for motif in (motif_a, motif_b)
    )
    grid = [
        (orientation, gap)
        for orientation in _orientations(orientations, alphabet)
        for gap in _gaps(gaps, first, second)
    ]
    pairs = _pairs(first, second, grid, codes.shape[1], alphabet)
    hint = "Take longer backgrounds, or smaller `gaps`."
    refuse_outside(codes, alphabet, [site for pair in pairs for site in pair], hint)
    # a motif alone at one place serves every pair that has it there
    designs = dict.fromkeys([(), *((s,) for pair in pairs for s in pair), *pairs])
    values = outputs_with(model, codes, list(designs), batch_size=batch_size, device=device)
    row = {design: number for number, design in enumerate(designs)}
    change = values - values[0]  # (n_designs, n, n_readouts)
    alone_a = change[[row[(a,)] for a, _ in pairs]]
    alone_b = change[[row[(b,)] for _, b in pairs]]
    together = change[[row[pair] for pair in pairs]]
    columns = {
        "motif_a": [first.name] * len(grid),
        "motif_b": [second.name] * len(grid),
        "orientation": [orientation for orientation, _ in grid],
        "gap": [gap for _, gap in grid],
        "alone_a": alone_a.mean(axis=1),
        "alone_b": alone_b.mean(axis=1),
        "together": together.mean(axis=1),
    }
    return effect_table(columns, together - alone_a - alone_b, trained(model))


def _pairs(
    first: Word, second: Word, grid: list[tuple[str, int]], length: int, alphabet: Alphabet
) -> list[tuple[Site, Site]]:
    """Both sites of every orientation and gap."""
    used = {strand for orientation, _ in grid for strand in orientation}
    a, b = ({strand: word.on(strand, alphabet) for strand in used} for word in (first, second))
    pairs = []
    for orientation, gap in grid:
        start = centered(length, first.width + gap + second.width)
        site = Site(a[orientation[0]], start)
        pairs.append((site, Site(b[orientation[1]], start + first.width + gap)))
    return pairs


def _orientations(given: Sequence[str] | None, alphabet: Alphabet) -> Sequence[str]:
    possible = ORIENTATIONS if alphabet.has_strands else ORIENTATIONS[:1]
    if given is None:
        return possible
    is_one = isinstance(given, str) or not isinstance(given, Iterable)
    listed = [str(given)] if is_one else list(given)
    if not listed:
        raise _check.InputError('`orientations` is empty; expected some, such as ["++", "+-"].')
    for orientation in listed:
        if orientation in ORIENTATIONS and orientation not in possible:
            raise _check.InputError(
                f"`orientations` holds {orientation!r}, but {alphabet.name} sequences have no "
                'second strand; expected "++".'
            )
        _check.one_of(orientation, "orientations", possible)
    return listed


def _gaps(given: Iterable[int], first: Word, second: Word) -> list[int]:
    """Whole numbers; negative ones as long as neither motif covers the other."""
    narrower = min(first.width, second.width)
    is_many = isinstance(given, Iterable) and not isinstance(given, str)
    listed = list(given) if is_many else [given]
    if not listed:
        raise _check.InputError("`gaps` is empty; expected a number of letters or more.")
    return [_check.whole_number(gap, "gaps", low=1 - narrower) for gap in listed]
