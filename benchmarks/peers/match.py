"""What is measured: a job, how motifbook does it, and how others do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

Call = Callable[[], Any]
Maker = Callable[[Any], Call]  # from the data to what is timed; it imports and converts, untimed


@dataclass(frozen=True)
class Peer:
    """What a user would take instead.

    Parameters
    ----------
    name
        As the table says it.
    make
        From the data to the call that is timed.
    module, distribution
        What must be installed, as Python and as pip call it; empty if nothing more is needed.
    """

    name: str
    make: Maker
    module: str = ""
    distribution: str = ""

    @property
    def is_installed(self) -> bool:
        return not self.module or find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """Name and version, or only the name."""
        try:
            return f"{self.distribution} {version(self.distribution)}"
        except (PackageNotFoundError, ValueError):
            return ""


def _by_meaning(ours: Any, theirs: Any) -> tuple[bool | None, str]:
    return None, ""


@dataclass(frozen=True)
class Match:
    """One job, done by motifbook and by others.

    Parameters
    ----------
    job
        What is done, with the sizes in braces.
    data
        From a folder and the sizes to the input, the same in every process.
    ours
        See `Maker`.
    peers
        Others, each measured beside ours.
    usual, small
        Sizes, handed to `data`.
    agrees
        Of our result and theirs: whether they are the same (None: not defined), and how far apart.
    per
        Of a result: by how much its seconds are divided (sequences, effective draws).
    once
        Too long to repeat: the first call is the only one.
    """

    job: str
    data: Callable[..., Any]
    ours: Maker
    peers: Sequence[Peer]
    usual: Mapping[str, int]
    small: Mapping[str, int]
    agrees: Callable[[Any, Any], tuple[bool | None, str]] = _by_meaning
    per: Callable[[Any], float] = lambda result: 1.0
    once: bool = False

    def sizes(self, is_small: bool) -> Mapping[str, int]:
        return self.small if is_small else self.usual

    def program(self, number: int) -> Maker:
        """Ours (0), or that of a peer (1, 2, …)."""
        return self.peers[number - 1].make if number else self.ours

    def prepared(self, number: int, is_small: bool, folder: Path) -> Call:
        """The call that is timed; everything before it is not."""
        return self.program(number)(self.data(folder, **self.sizes(is_small)))


def same(ours: Any, theirs: Any) -> tuple[bool, str]:
    """Whether two results are equal in every element."""
    return bool(np.array_equal(np.asarray(ours), np.asarray(theirs))), "equal"


def close(tolerance: float) -> Callable[[Any, Any], tuple[bool, str]]:
    """Whether no two numbers differ by more than `tolerance` times the largest of ours."""

    def told(ours: Any, theirs: Any) -> tuple[bool, str]:
        ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        apart = float(np.abs(ours - theirs).max() / max(np.abs(ours).max(), 1e-30))
        return apart <= tolerance, f"{apart:.0e} of the largest"

    return told
