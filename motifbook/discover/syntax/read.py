"""Which motifs work together, in which order, how far apart: asked of the network by experiment."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data.places import find_spans
from motifbook.discover.filters import read_motifs
from motifbook.discover.syntax.agreement import OwnWords, own_words
from motifbook.discover.syntax.composites import find_composites, measure_composites
from motifbook.discover.syntax.gap_curves import mirrored
from motifbook.discover.syntax.rules import (
    RULE_COLUMNS,
    SMALLEST,
    Rule,
    find_rules,
    refuse_repeated,
)
from motifbook.discover.syntax.seen import SEEN, count_pairs, seen_words
from motifbook.discover.syntax.sentences import (
    alone_sentence,
    composite_sentence,
    doubt_words,
    rule_sentence,
)
from motifbook.experiment import backgrounds, marginalize, space
from motifbook.experiment.space import ORIENTATIONS
from motifbook.models.network import MotifNetwork, Network
from motifbook.models.pair_reader import PairReader
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, reverse_complement
from motifbook.train.evaluate import outputs, trained
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

REACH = 40  # letters between two motifs, by default, in networks without a table of pairs


@dataclass(frozen=True)
class Syntax:
    """Which motifs work together, and which alone.

    Parameters
    ----------
    motifs
        Those that were tried.
    rules
        One row per rule, strongest first, those that the data do not show last: motif_a, motif_b,
        order, orientation, gap_min, gap_max, spacing, readout, effect, lower, upper, n, unit (see
        `rules.Rule`), weight (the same from the network's own table of pairs, or from its
        attention; NaN if it has neither), agrees (whether that says so too), n_pairs (how many
        such pairs the data hold at these distances), sentence.
    effects
        What every pair adds at every gap and orientation: rows of `mb.space`.
    alone
        What every motif does alone: rows of `mb.marginalize`.
    composites
        Motifs that are two known ones side by side: see `composites.find_composites`; and sentence.
    doubts
        Where the network's own table of pairs and the experiments contradict each other, in words.
    """

    motifs: list[Motif]
    rules: pd.DataFrame
    effects: pd.DataFrame
    alone: pd.DataFrame
    composites: pd.DataFrame
    doubts: list[str]

    @property
    def sentences(self) -> list[str]:
        """Rules, composites, what the other motifs do alone, and doubts, in words."""
        rules = self.rules[["motif_a", "motif_b", "readout"]].itertuples(index=False)
        in_pairs = {(name, readout) for *names, readout in rules for name in names}
        single = [
            alone_sentence(row)
            for _, row in self.alone.iterrows()
            if (row["motif"], row["readout"]) not in in_pairs
        ]
        return [*self.rules["sentence"], *self.composites["sentence"], *single, *self.doubts]

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.sentences)
        return f"<ul>{items}</ul>"


def read_syntax(
    model: Network,
    adata: AnnData,
    *,
    motifs: Sequence[Motif] | None = None,
    reach: int | None = None,
    n_backgrounds: int = 30,
    smallest: float = SMALLEST,
    known: str | os.PathLike[str] | Sequence[Motif] | None = "JASPAR2026_vertebrates",
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 512,
) -> Syntax:
    """Find which motifs work together: order, strands and distance, by experiment.

    Every two motifs, and each with itself, are written into backgrounds at every gap and
    orientation; what the network adds for both beyond what it adds for each alone is their effect.
    Neighboring gaps with a large effect become a rule.

    Parameters
    ----------
    model
        Any trained network.
    adata
        The sequences it is for: their shuffles are the backgrounds, and their hits tell which
        distances were there to learn from.
    motifs
        By default those that the network uses, `read_motifs(model, adata)`; give them where it has
        no motif layer. Renamed or reverse-complemented ones do as well.
    reach
        Largest number of letters between two motifs; by default as far as the network's table of
        pairs reaches, 40 for others, and no more than fits. Where lengths differ, backgrounds are
        shuffles of the longer half, and what fits into the shortest of them counts.
    n_backgrounds
        Background sequences; intervals are over these.
    smallest
        A rule's effect is at least this share of the network's strongest effect, of any pair or of
        a motif alone.
    known
        Known motifs to tell composites by, as for `mb.identify`; None tells none.

    Returns
    -------
    Syntax
        `rules`, `effects`, `alone`, `composites`, `doubts` and, in words, `sentences`.

    Raises
    ------
    InputError
        If the network is untrained, reads other letters, has no motif layer and no motifs are
        given, uses no motif, or two motifs have one name.

    Notes
    -----
    What is measured is the network: a distance that its data do not show has no effect because
    nothing was to be learned there, not because it does not matter (the sentence says which), and
    distances beyond `reach` are not asked for. Two motifs of which one is enough do not add up on
    the logit scale either; that is no rule (`rules.find_rules`). Intervals say how much
    effects depend on the background, not how reliably the network was trained: compare seeds.
    The table of pairs or the attention of a `MotifSyntaxNet` (Tseng et al. 2024 read syntax from
    attention) is asked afterwards, and each sentence says where it disagrees.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> motifs = [mb.Motif.from_sites(word, [word]) for word in ("GGAAGTG", "TGACTCA")]
    >>> syntax = read_syntax(model, adata, motifs=motifs, reach=5, known=None)
    >>> len(syntax.effects) == (3 + 4 + 3) * 6  # orientations of three pairs, six gaps
    True
    """
    trained(model)
    refuse_other_alphabet(model, adata)
    _check.whole_number(n_backgrounds, "n_backgrounds", low=2)  # one has no interval
    smallest = _check.number(smallest, "smallest", low=0, high=1)
    motifs = _motifs(model, adata, motifs)
    background = _backgrounds(adata, n_backgrounds, seed)
    tied = reads_strands_alike(model, background)
    run: dict[str, Any] = {"batch_size": batch_size, "device": device}
    farthest = _reach(model, motifs, _room(background, model.alphabet.n_letters))
    reach = farthest if reach is None else _check.whole_number(reach, "reach", low=0)
    effects = _effects(model, motifs, background, tied=tied, gaps=range(reach + 1), **run)
    alone = marginalize(model, motifs, background, **run)
    how: dict[str, Any] = {"tied": tied, "smallest": smallest}
    found = find_rules(effects, **how)
    own = own_words(model, found, effects, motifs, background, **how)
    pairs = count_pairs(own.rules, motifs, adata, reach=reach, tied=tied)
    two_in_one = find_composites(motifs, known) if known is not None else []
    composites = measure_composites(model, two_in_one, background, **run)
    sentences = [composite_sentence(row) for _, row in composites.iterrows()]
    return Syntax(
        motifs=motifs,
        rules=_rule_table(own, pairs, alone),
        effects=_as_in_rules(effects, own.rules) if tied else effects,
        alone=alone,
        composites=composites.assign(sentence=sentences),
        doubts=own.doubts,
    )


def _motifs(model: Network, adata: AnnData, given: Sequence[Motif] | None) -> list[Motif]:
    motifs = read_motifs(model, adata) if given is None else motif_list(given)
    if not motifs:
        raise _check.InputError(
            "The network uses no motif, or `motifs` is empty; expected one or more. "
            "`mb.read_motifs(model, adata, include_unused=True)` has those it does not need."
        )
    refuse_repeated(motifs)
    return motifs


def _backgrounds(adata: AnnData, n: int, seed: int | None) -> Letters:
    """Shuffles of sequences; where lengths differ, of the longer half: motifs need room."""
    lengths = find_spans(adata)[1]
    is_longer = lengths >= np.median(lengths)
    return backgrounds(adata if is_longer.all() else adata[is_longer].copy(), n=n, seed=seed)


def _room(background: Letters, n_letters: int) -> int:
    """Letters around the middle that all backgrounds have."""
    known, middle = background < n_letters, background.shape[1] // 2
    before = middle - int(known.argmax(axis=1).max())
    after = background.shape[1] - middle - int(known[:, ::-1].argmax(axis=1).max())
    return int(min(2 * before + 1, 2 * after))  # as `centered` has it


def _rule_table(own: OwnWords, pairs: Sequence[pd.Series], alone: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for rule, weight, agrees, counts in zip(own.rules, own.weights, own.agree, pairs):
        remarks = [
            rule_sentence(rule, alone),
            "" if agrees else doubt_words(rule, own.part, weight),
            seen_words(rule, counts),
        ]
        n_pairs = int(counts.loc[rule.gap_min : rule.gap_max].sum())
        sentence = " ".join(filter(None, remarks))
        rows.append((*astuple(rule), weight, agrees, n_pairs, sentence))
    columns = [*RULE_COLUMNS, "weight", "agrees", "n_pairs", "sentence"]
    table = pd.DataFrame(rows, columns=columns)
    shown = table["n_pairs"] >= SEEN
    return pd.concat([table[shown], table[~shown]], ignore_index=True)


def _as_in_rules(effects: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Effects with the motif first that comes first in the pair's strongest rule."""
    seen: set[frozenset[str]] = set()
    for rule in rules:
        names = frozenset((rule.motif_a, rule.motif_b))
        turned = (effects["motif_a"] == rule.motif_b) & (effects["motif_b"] == rule.motif_a)
        if names not in seen and len(names) == 2:
            effects = pd.concat([_mirror_image(effects[turned]), effects[~turned]])
        seen.add(names)
    return effects.reset_index(drop=True)


def _mirror_image(effects: pd.DataFrame) -> pd.DataFrame:
    """The same pairs as they read on the other strand."""
    other = {"motif_a": "motif_b", "motif_b": "motif_a"}
    other |= {"alone_a": "alone_b", "alone_b": "alone_a"}
    swapped = effects.rename(columns=other)[effects.columns]
    return swapped.assign(orientation=swapped["orientation"].map(mirrored))


def _effects(
    model: Network,
    motifs: Sequence[Motif],
    background: Letters,
    *,
    tied: bool,
    **settings: Any,
) -> pd.DataFrame:
    """Rows of `space` for every pair; where strands are read alike, mirror images once."""
    pairs = combinations_with_replacement(motifs, 2) if tied else product(motifs, repeat=2)
    tables = []
    for a, b in pairs:
        once = ORIENTATIONS[:3] if tied and a is b else None  # "--" is the mirror image of "++"
        tables.append(space(model, a, b, background, orientations=once, **settings))
    return pd.concat(tables, ignore_index=True)


def reads_strands_alike(model: Network, letters: Letters) -> bool:
    """Whether the network's outputs are the same for reverse complements."""
    if not model.alphabet.has_strands:
        return False
    if isinstance(model, MotifNetwork) and model.motifs.reverse_complement:
        return True
    turned = reverse_complement(letters, model.alphabet)
    return bool(np.allclose(outputs(model, letters), outputs(model, turned), rtol=1e-3, atol=1e-3))


def _reach(model: Network, motifs: Sequence[Motif], room: int) -> int:
    """Largest gap to try: as far as the table of pairs reaches, within so many letters."""
    widths = [motif.width for motif in motifs] or [0]
    reader = getattr(model, "reader", None)
    reach = reader.pairs.reach - min(widths) if isinstance(reader, PairReader) else REACH
    return max(0, min(reach, room - 2 * max(widths)))
