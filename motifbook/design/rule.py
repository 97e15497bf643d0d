"""One constraint as a search asks for it: how badly it is broken, and by which letters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from motifbook.design.ordered import BoolArray, IntArray, Ordered, spread


@dataclass(frozen=True, eq=False)
class Rule(ABC):
    """One constraint, for many sequences at once.

    Parameters
    ----------
    name
        What must not be, in words.
    """

    name: str

    @abstractmethod
    def count(self, ordered: Ordered) -> IntArray:
        """How badly each breaks it, (n,): 0 if not at all."""

    @abstractmethod
    def columns(self, ordered: Ordered) -> BoolArray:
        """Which letters break it, (n, width); none where it is kept."""

    def stuck(self, ordered: Ordered, editable: BoolArray) -> BoolArray:
        """Letters, (n, width), that break it whatever is written where they are `editable`."""
        return self.columns(ordered.without(editable))


@dataclass(frozen=True, eq=False)
class StretchRule(Rule):
    """A rule that a stretch of letters breaks on its own.

    Parameters
    ----------
    size
        Letters of such a stretch.
    """

    size: int

    @abstractmethod
    def begins(self, ordered: Ordered) -> BoolArray:
        """Where stretches that break it begin, (n, n_stretches)."""

    def count(self, ordered: Ordered) -> IntArray:
        """How many stretches of each break it, (n,)."""
        n_broken: IntArray = self.begins(ordered).sum(axis=1)
        return n_broken

    def columns(self, ordered: Ordered) -> BoolArray:
        """Letters of stretches that break it, (n, width)."""
        return spread(self.begins(ordered), self.size, ordered.width)
