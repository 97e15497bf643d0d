"""Pairs of proteins that bind where one holds the partner of a motif of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import PROTEIN
from motifbook.data import schema
from motifbook.data.simulation.spelled import spelled
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode

Integers = npt.NDArray[np.int64]

CHAINS = (schema.SEQUENCE, "partner")  # columns of obs
NONE = -1  # no motif planted
_KINDS = ("matching", "other", "one", "none")


@dataclass(frozen=True)
class PartnerRule:
    """Which motifs go together, and how many pairs of chains hold them.

    Parameters
    ----------
    pairs
        Words that bind each other; either chain may hold either of them.
    probability
        With which each letter of a word stands in a planted site.
    matching, other, one, none
        How many pairs of chains hold two words that bind each other ("bound" is 1), two that do
        not, a word in one chain alone, or nothing; relative to each other.

    Raises
    ------
    InputError
        If there are fewer than two pairs, a word holds other letters than proteins have, or a
        number is out of range.
    """

    pairs: Sequence[tuple[str, str]] = (
        ("KLKELIKK", "ELEKLIEE"),
        ("RVDRVADR", "DVRDVARD"),
        ("FNQHWSTY", "YTSWHQNF"),
        ("CPGMCPMG", "GMPCGPMC"),
    )
    probability: float = 0.9
    matching: float = 0.5
    other: float = 0.3
    one: float = 0.1
    none: float = 0.1

    def __post_init__(self) -> None:
        pairs = self.pairs if isinstance(self.pairs, (tuple, list)) else ()
        are_pairs = all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs)
        words = [word for pair in pairs for word in pair] if are_pairs else []
        if len(pairs) < 2 or len(set(words)) != 2 * len(pairs):
            raise _check.InputError(
                f"`pairs` is {_check.shown(self.pairs)}; expected two or more pairs of different "
                'words, such as ("KLKELIKK", "ELEKLIEE").'
            )
        for word in words:
            if not word or set(word) - set(PROTEIN.letters):
                raise _check.InputError(
                    f"`pairs` holds {word!r}; expected letters of {PROTEIN.letters}."
                )
        _check.number(self.probability, "probability", low=1 / PROTEIN.n_letters, high=1)
        for name in _KINDS:
            _check.number(getattr(self, name), name, low=0)
        if not sum(self.shares) > 0:
            raise _check.InputError("`matching` and the others are all 0; expected one above 0.")

    @property
    def shares(self) -> tuple[float, ...]:
        """Of the four kinds of pairs of chains, in the order of the parameters."""
        return tuple(getattr(self, name) for name in _KINDS)

    @property
    def motifs(self) -> list[Motif]:
        """Both words of each pair, one after another: number i binds number i ^ 1."""
        return [spelled(word, self.probability, PROTEIN) for pair in self.pairs for word in pair]


def simulate_partners(
    n: int = 4000,
    lengths: tuple[int, int] = (60, 81),
    *,
    rule: PartnerRule | None = None,
    seed: int | None = None,
) -> anndata.AnnData:
    """Simulate pairs of proteins of which it is known where they bind.

    Parameters
    ----------
    n
        Pairs of chains.
    lengths
        Of the shortest and the longest chain; both are drawn evenly for each chain by itself.

    Returns
    -------
    AnnData
        `X` the readout "bound", `obs["sequence"]` and `obs["partner"]` the two chains, and
        `uns["truth"]`:

        * "motifs": name -> ppm (20, width);
        * "sites": table sequence, start, end, strand, motif, chain; 0-based, half-open, within
          the chain ("sequence" or "partner");
        * "effects": table readout, motif, partner, gap_min, gap_max, effect: 1 for words that
          bind each other.

    Raises
    ------
    InputError
        If a number is not possible, or chains are too short for a word.

    Notes
    -----
    Letters of the background are independent, and each of the 20 is as frequent.

    Examples
    --------
    >>> adata = simulate_partners(100, seed=0)
    >>> float(adata.X.mean()), sorted(adata.uns["truth"]["sites"]["chain"].unique())
    (0.5, ['partner', 'sequence'])
    """
    n, rule = _check.whole_number(n, "n"), PartnerRule() if rule is None else rule
    if not isinstance(rule, PartnerRule):
        raise _check.InputError(
            f"`rule` is {_check.shown(rule)}; expected such as `mb.PartnerRule(one=0.2)`."
        )
    motifs = rule.motifs
    widest = max(motif.width for motif in motifs)
    shortest = _check.whole_number(lengths[0], "lengths", low=widest)
    longest = _check.whole_number(lengths[1], "lengths", low=shortest)
    rng = _check.generator(seed, "simulate_partners")
    ends = np.rint(n * np.cumsum(rule.shares) / sum(rule.shares)).astype(np.int64)
    kinds = rng.permutation(np.repeat(np.arange(len(_KINDS)), np.diff(ends, prepend=0)))
    names = pd.Index([f"pair{row}" for row in range(n)])
    chains, tables = {}, []
    for chain, planted in zip(CHAINS, _choose(kinds, len(motifs), rng)):
        letters = rng.integers(PROTEIN.n_letters, size=(n, longest), dtype=np.uint8)
        sizes = rng.integers(shortest, longest + 1, size=n)
        starts = _plant(letters, sizes, planted, motifs, rng)
        cut = zip(decode(letters, PROTEIN), sizes)
        chains[chain] = [sequence[:size] for sequence, size in cut]
        tables.append(_sites(planted, starts, motifs, names).assign(chain=chain))
    adata = anndata.AnnData(
        X=(kinds == 0).astype(np.float32)[:, None],
        obs=pd.DataFrame(chains, index=names),
        var=pd.DataFrame({schema.KIND: "binary"}, index=pd.Index([schema.BOUND])),
    )
    adata.uns[schema.ALPHABET] = PROTEIN.name
    adata.uns[schema.TRUTH] = {
        "motifs": {motif.name: motif.ppm.copy() for motif in motifs},
        "sites": pd.concat(tables, ignore_index=True),
        "effects": _effects(motifs),
    }
    adata.uns[schema.DONE] = [
        f"Simulated {n} pairs of proteins of {shortest} to {longest} letters with "
        f"{sum(map(len, tables))} sites of {', '.join(motif.name for motif in motifs)}."
    ]
    return adata


def _choose(kinds: Integers, n_motifs: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Number of the motif in either chain of each row, (n,) each; `NONE` for none."""
    first = rng.integers(n_motifs, size=len(kinds))
    others = rng.integers(1, n_motifs, size=len(kinds))  # counted on from the one that binds
    second = np.where(kinds == 0, first ^ 1, ((first ^ 1) + others) % n_motifs)
    alone = rng.random(len(kinds)) < 0.5
    empty = kinds == _KINDS.index("none")
    is_one = kinds == _KINDS.index("one")
    return (
        np.where(empty | (is_one & ~alone), NONE, first),
        np.where(empty | (is_one & alone), NONE, second),
    )


def _plant(
    letters: Letters,
    sizes: Integers,
    planted: Integers,
    motifs: Sequence[Motif],
    rng: np.random.Generator,
) -> Integers:
    """Write each row's motif into its chain of `sizes` letters; return where it starts, (n,)."""
    starts = np.zeros(len(letters), dtype=np.int64)
    for number, motif in enumerate(motifs):
        rows = np.flatnonzero(planted == number)
        starts[rows] = rng.integers(0, sizes[rows] - motif.width + 1)
        bounds = np.cumsum(motif.ppm, axis=0)[:-1, None]  # (n_letters - 1, 1, width)
        drawn = (rng.random((len(rows), motif.width)) >= bounds).sum(axis=0)
        letters[rows[:, None], starts[rows, None] + np.arange(motif.width)] = drawn
    return starts


def _sites(
    planted: Integers, starts: Integers, motifs: Sequence[Motif], names: pd.Index
) -> pd.DataFrame:
    rows = np.flatnonzero(planted != NONE)
    widths = np.array([motif.width for motif in motifs])[planted[rows]]
    return pd.DataFrame(
        {
            "sequence": names[rows],
            "start": starts[rows],
            "end": starts[rows] + widths,
            "strand": "+",
            "motif": np.array([motif.name for motif in motifs])[planted[rows]],
        }
    )


def _effects(motifs: Sequence[Motif]) -> pd.DataFrame:
    pairs = [(motif.name, motifs[number ^ 1].name) for number, motif in enumerate(motifs)]
    table = pd.DataFrame(pairs, columns=["motif", "partner"])
    table.insert(0, "readout", schema.BOUND)
    return table.assign(gap_min=np.nan, gap_max=np.nan, effect=1.0)
