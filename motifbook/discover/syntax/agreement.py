"""Do the network's own parts, its table of pairs or its attention, say what experiments say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook.discover.syntax.gap_curves import EITHER, mirrored
from motifbook.discover.syntax.rules import Rule, find_rules
from motifbook.discover.syntax.sentences import echo_sentence, unheard_sentence
from motifbook.discover.syntax.weights import pair_table
from motifbook.discover.use import is_own
from motifbook.discover.windows import places_in_windows
from motifbook.experiment.place import Site, centered, word_of, write_site
from motifbook.models.attention_syntax import AttentionSyntax
from motifbook.models.motif_syntax_net import MotifSyntaxNet
from motifbook.models.network import MotifNetwork, Network
from motifbook.models.pair_reader import PairReader
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.train.batches import as_tensor, encode_batch, evaluating, threads

HALF = 0.5  # of a measured effect, from which a weight of the table agrees with it
ECHO = 0.25  # of a measured effect, below which it is not the table's entry for these motifs
PALINDROME = 0.75  # of its own agreement with itself
LOOKED_AT = 0.2  # of a head's attention, from which it looks at a motif
TABLE, ATTENTION = "its table of pairs", "its attention"


@dataclass(frozen=True)
class OwnWords:
    """What the network's own parts say about rules that were measured.

    Parameters
    ----------
    rules
        Those that are kept: where a table is the only place for pairs, those in it.
    part
        Which one was asked: "its table of pairs", "its attention", or "" for none.
    weights
        Per rule. Of a table: its mean over the gaps and strands of the rule; both strands of a
        palindrome, which are there at once, are summed. Of attention: the share that a head gives
        to one motif times that for the other, when both are planted. Of none: NaN.
    agree
        Whether that says what the experiment says: the same sign and at least half of the effect
        in the table; a fifth or more of a head's attention for each motif. True if none was asked.
    doubts
        Sentences: measured pairs that are not in the table, so that other motifs' filters must
        fire at these sites; and pairs of the table whose experiments show nothing of the kind.
    """

    rules: list[Rule]
    part: str
    weights: list[float]
    agree: list[bool]
    doubts: list[str]


def own_words(
    model: Network,
    rules: Sequence[Rule],
    effects: pd.DataFrame,
    motifs: Sequence[Motif],
    background: Letters,
    **how: Any,
) -> OwnWords:
    """Ask the network's table of pairs, or its attention, for its view of measured rules.

    Parameters
    ----------
    effects
        Rows of `experiment.space`, from which the rules are.
    how
        The options with which `find_rules` found them.
    """
    reader = getattr(model, "reader", None)
    are_own = isinstance(model, MotifNetwork) and all(is_own(motif, model) for motif in motifs)
    if are_own and isinstance(reader, PairReader):
        is_all = getattr(model, "attention", None) is None
        return _words_of_table(
            pair_table(model, motifs), rules, effects, motifs, is_all=is_all, how=how
        )
    if are_own and isinstance(model, MotifSyntaxNet) and isinstance(reader, AttentionSyntax):
        shares = [attention_on(model, rule, motifs, background) for rule in rules]
        agree = [min(pair) >= LOOKED_AT for pair in shares]
        return OwnWords(list(rules), ATTENTION, [a * b for a, b in shares], agree, [])
    return OwnWords(list(rules), "", [np.nan] * len(rules), [True] * len(rules), [])


def _words_of_table(
    table: pd.DataFrame,
    rules: Sequence[Rule],
    effects: pd.DataFrame,
    motifs: Sequence[Motif],
    *,
    is_all: bool,
    how: dict[str, Any],
) -> OwnWords:
    """`is_all`: nothing but the table can make two motifs do more than both alone."""
    alike = {motif.name for motif in motifs if is_palindrome(motif)}
    kept, weights, doubts = [], [], []
    for rule in rules:
        weight = _mean_at(table, rule) * _n_readings(rule, alike)
        if weight / rule.effect >= ECHO or not is_all:
            kept.append(rule)
            weights.append(weight)
        else:
            doubts.append(echo_sentence(rule, weight))
    agree = [weight / rule.effect >= HALF for weight, rule in zip(weights, kept)]
    return OwnWords(
        kept, TABLE, weights, agree, doubts + _only_in_table(table, rules, effects, how)
    )


def is_palindrome(motif: Motif) -> bool:
    """Whether a motif reads nearly the same on the other strand, so that it is there on both."""
    if not motif.alphabet.has_strands:
        return False
    turned = motif.reverse_complement().ppm
    return bool((motif.ppm * turned).sum() >= PALINDROME * (motif.ppm**2).sum())


def _n_readings(rule: Rule, palindromes: set[str]) -> int:
    """How many entries of the table one planted pair reads: two for either strand of both."""
    names = rule.motif_a, rule.motif_b
    pairs = zip(names, rule.orientation)
    return 1 << sum(name in palindromes and sign == EITHER for name, sign in pairs)


def _mean_at(table: pd.DataFrame, rule: Rule) -> float:
    """Mean effect over the gaps and strands of a rule; 0 where the table has no entry."""
    total, n = 0.0, 0
    turned = [mirrored(strand) for strand in rule.strands]
    for names, strands in (
        ((rule.motif_a, rule.motif_b), rule.strands),
        ((rule.motif_b, rule.motif_a), turned),
    ):
        chosen = (
            (table[["motif_a", "motif_b"]] == names).all(axis=1)
            & (table["readout"] == rule.readout)
            & table["orientation"].isin(strands)
            & table["gap"].between(rule.gap_min, rule.gap_max)
        )
        total, n = total + float(table.loc[chosen, "effect"].sum()), n + int(chosen.sum())
    return total / n if n else 0.0


def _only_in_table(
    table: pd.DataFrame, rules: Sequence[Rule], effects: pd.DataFrame, how: dict[str, Any]
) -> list[str]:
    """Rules that the table alone would give, and what the experiment says."""
    entries = table[table["gap"] >= 0].assign(n=0, unit="", alone_a=0.0, alone_b=0.0)
    entries = entries.assign(lower=entries["effect"], upper=entries["effect"])
    doubts = []
    singles = effects[["alone_a", "alone_b"]].abs().max(axis=1)
    largest = singles.groupby(effects["readout"]).max()
    strongest = {str(readout): float(size) for readout, size in largest.items()}
    for told in find_rules(entries, strongest=strongest, **how):
        measured = _mean_at(effects, told)
        if measured / told.effect < HALF and not any(told.is_part_of(rule) for rule in rules):
            doubts.append(unheard_sentence(told, measured))
    return doubts


def attention_on(
    model: MotifSyntaxNet, rule: Rule, motifs: Sequence[Motif], background: Letters
) -> tuple[float, float]:
    """How much attention both motifs of a rule get when they are planted, 0 to 1 each.

    Mean over backgrounds of the largest share that a head of any layer gives to the windows that
    show the motif.
    """
    orientation = rule.orientation.replace(EITHER, "+")
    named = {motif.name: (number, motif) for number, motif in enumerate(motifs)}
    (a, motif_a), (b, motif_b) = named[rule.motif_a], named[rule.motif_b]
    gap = (rule.gap_min + rule.gap_max) // 2
    first = centered(background.shape[1], motif_a.width + gap + motif_b.width)
    starts = first, first + motif_a.width + gap
    planted = background.copy()
    for motif, sign, start in zip((motif_a, motif_b), orientation, starts):
        word = word_of(motif, model.alphabet).on(sign, model.alphabet)
        write_site(planted, Site(word, start), model.alphabet)
    attention = attention_of(model, planted)
    places = places_in_windows(model, motifs)
    shares = []
    for number, sign, start in zip((a, b), orientation, starts):
        is_plus = 1 if sign == "+" else -1
        own = {start - p.start for p in places if p.motif == number and p.sign == is_plus}
        inside = [window for window in own if 0 <= window < attention.shape[3]]
        shares.append(float(attention[..., inside].sum(axis=3).max(axis=(1, 2)).mean()))
    return shares[0], shares[1]


@torch.no_grad()
def attention_of(model: MotifSyntaxNet, letters: Letters) -> npt.NDArray[np.float32]:
    """Where each head looks, (n, n_layers, n_heads, n_starts), in letter codes, (n, length)."""
    onehot = encode_batch(as_tensor(letters), model.alphabet.n_letters)
    with evaluating(model, onehot.device), threads():
        shares = model.attention_shares(model.motifs.strands(onehot))
    found: npt.NDArray[np.float32] = shares.numpy()
    return found
