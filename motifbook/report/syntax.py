"""What the network sees in each sequence, and which motifs work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motifbook.discover.syntax.read import Syntax, read_syntax
from motifbook.models import Network
from motifbook.motif.matrix import Motif
from motifbook.report.cards import Card

if TYPE_CHECKING:
    from anndata import AnnData

MOST = 8  # motifs that are tried in pairs: the number of pairs grows with the square


def named_forms(cards: Sequence[Card]) -> list[Motif]:
    """The most used form of every card, under the name of its card; a second one is numbered."""
    names: list[str] = []
    for card in cards:
        n_before = sum(name.split(" (")[0] == card.name for name in names)
        names.append(f"{card.name} ({n_before + 1})" if n_before else card.name)
    return [card.motif.renamed(name) for card, name in zip(cards, names)]


def find_syntax(
    model: Network, adata: AnnData, cards: Sequence[Card], known: Sequence[Motif], device: str
) -> Syntax | None:
    """Rules of the motifs that are used most; None if the network uses none."""
    largest = cards[0].use if cards else 0.0
    major = [m for m, c in zip(named_forms(cards), cards) if not c.is_minor(largest)][:MOST]
    if not major:
        return None
    return read_syntax(model, adata, motifs=major, known=known or None, device=device)
