"""What designs begin with: sequences of the user's, or random letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from motifbook import _check
from motifbook.experiment.place import background_letters
from motifbook.models.network import Network
from motifbook.onehot import Letters
from motifbook.train.evaluate import trained

MOST_LETTERS = 1_000_000  # of random starts; what nobody orders


@dataclass(frozen=True, eq=False)
class Starts:
    """Sequences to begin with.

    Parameters
    ----------
    letters : (n, length) uint8
        Letter codes.
    names : n strings
        "random" for drawn letters.
    are_random
        Whether they were drawn.
    """

    letters: Letters
    names: list[str]
    are_random: bool = False


def read_starts(model: Network, start: Any, n: int, rng: np.random.Generator) -> Starts:
    """Return what designs begin with.

    Parameters
    ----------
    start
        AnnData, a sequence or a list of them, or letter codes (n, length); None for random
        letters of the length that the network was trained on, a number for that many.
    n
        How many random ones.

    Raises
    ------
    InputError
        If they hold no known letter, or other letters than the network reads.
    """
    if start is None or (isinstance(start, (int, np.integer)) and not isinstance(start, bool)):
        longest = trained(model).length if start is None else start
        length = _check.whole_number(longest, "start", high=MOST_LETTERS)
        drawn = rng.integers(model.alphabet.n_letters, size=(n, length))
        return Starts(drawn.astype(np.uint8), ["random"] * n, are_random=True)
    letters = background_letters(model, [start] if isinstance(start, str) else start, "start")
    if hasattr(start, "obs_names"):
        return Starts(letters, [str(name) for name in start.obs_names])
    return Starts(letters, [f"start_{number + 1}" for number in range(len(letters))])
