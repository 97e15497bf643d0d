"""What replaces a letter that is not kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.attribution.chance import uniform
from motifbook.models.network import Network
from motifbook.onehot import Letters, shuffle

Sampler = Callable[[Letters, int, np.random.Generator], Letters]
KINDS = ("data", "uniform", "dinucleotide")
_PSEUDO = 1.0  # count added to every letter
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Part:
    """One of the sequences that a network reads of each row.

    Parameters
    ----------
    first, end
        Its span among the joined letters.
    alphabet
        Its own; the network's codes are those of the largest.
    """

    first: int
    end: int
    alphabet: Alphabet

    @property
    def n_letters(self) -> int:
        """Of its alphabet."""
        return self.alphabet.n_letters


def parts_of(model: Network, length: int) -> list[Part]:
    """Return the sequences that a network reads of `length` joined letters."""
    spans = model.spans(length)
    alphabets = [named(one.alphabet) for one in model.inputs.values()] or [model.alphabet]
    return [Part(first, end, alphabet) for (first, end), alphabet in zip(spans, alphabets)]


@dataclass(frozen=True)
class Background:
    """Letters to draw from.

    Parameters
    ----------
    name
        "data", "uniform", "dinucleotide", "array" or "sampler".
    probabilities : (n_letters, length)
        Of each letter at each position, above 0 for every letter that may stand there; bits are
        counted against it.
    sampler
        From letter codes, (n, length), a number of draws and a random generator to codes,
        (n, n_draws, length); None draws each position from `probabilities`.
    """

    name: str
    probabilities: npt.NDArray[np.float32]
    sampler: Sampler | None = None

    def draw(self, onehot: torch.Tensor, n_draws: int, generator: torch.Generator) -> torch.Tensor:
        """Letters in place of others, (n, n_draws, n_letters, length); zeros at unknown letters.

        `onehot` : (n, n_letters, length)
        """
        n, n_letters, length = onehot.shape
        known = onehot.sum(dim=1)[:, None, None]
        if self.sampler is None:
            steps = torch.as_tensor(self.probabilities, device=onehot.device).cumsum(dim=0)[:-1]
            steps[steps > 1 - _ROUNDING] = 1  # letters of no probability are never drawn
            chance = uniform(n, n_draws, 1, length, drawing=generator, device=onehot.device)
            codes = (chance > steps).sum(dim=2)
        else:
            codes = self._sample(onehot, n_draws, generator)
        return nnf.one_hot(codes, n_letters + 1)[..., :n_letters].transpose(2, 3) * known

    def _sample(
        self, onehot: torch.Tensor, n_draws: int, generator: torch.Generator
    ) -> torch.Tensor:
        n, n_letters, length = onehot.shape
        is_known = onehot.sum(dim=1) > 0
        letters = torch.where(is_known, onehot.argmax(dim=1), n_letters).cpu().numpy()
        bits = torch.randint(2**62, (1,), generator=generator)
        rng = np.random.default_rng(int(bits))
        assert self.sampler is not None
        drawn = np.asarray(self.sampler(letters.astype(np.uint8), n_draws, rng))
        _check.shape(drawn, "background", "(n, n_draws, length)", n, n_draws, length)
        if drawn.dtype.kind not in "iu" or (drawn > n_letters).any() or (drawn < 0).any():
            raise _check.InputError(
                f"`background` drew {_check.shown(drawn.ravel()[:3].tolist())} and so on; expected "
                f"letter codes, whole numbers from 0 to {n_letters - 1}."
            )
        return torch.as_tensor(drawn.astype(np.int64), device=onehot.device)


def make_background(
    asked: str | npt.ArrayLike | Sampler,
    letters: Letters,
    parts: Sequence[Part],
    n_letters: int,
) -> Background:
    """Make the background that was asked for.

    Parameters
    ----------
    asked
        "data": letters as often as in `letters`, at each position; over all positions of an input
        where lengths differ. "uniform". "dinucleotide": shuffles of each sequence itself that keep
        its pairs of neighbors. Probabilities, (n_letters,) or (n_letters, length). Or a function
        of letter codes, (n, length), a number of draws and a random generator that returns codes,
        (n, n_draws, length).
    letters : (n, length)
        Of the training rows; their frequencies count the bits where letters come from a function.
    parts
        The sequences that stand end to end in `letters`.
    n_letters
        Of the network.

    Raises
    ------
    InputError
        If `asked` is none of these, or a letter of the sequences has no probability.

    Examples
    --------
    >>> letters = np.array([[0, 1, 2], [0, 1, 3]], dtype=np.uint8)
    >>> make_background("data", letters, [Part(0, 3, named("DNA"))], 4).probabilities[:, 0].round(2)
    array([0.5 , 0.17, 0.17, 0.17], dtype=float32)
    """
    if callable(asked):
        return Background("sampler", _frequencies(letters, parts, n_letters), asked)
    if not isinstance(asked, str):
        return Background("array", _given(asked, letters, n_letters))
    _check.one_of(asked, "background", KINDS)
    if asked == "uniform":
        return Background(asked, _uniform(letters.shape[1], parts, n_letters))
    if asked == "data":
        return Background(asked, _frequencies(letters, parts, n_letters))
    pooled = _frequencies(letters, parts, n_letters, by_position=False)
    return Background(asked, pooled, _Shuffles(tuple(parts), n_letters))


@dataclass(frozen=True)
class _Shuffles:
    """Draws shuffles of each sequence itself; see `onehot.shuffle`."""

    parts: tuple[Part, ...]
    n_letters: int

    def __call__(self, letters: Letters, n_draws: int, rng: np.random.Generator) -> Letters:
        drawn = np.repeat(letters, n_draws, axis=0)
        for part in self.parts:
            span = np.ascontiguousarray(drawn[:, part.first : part.end])
            seed = int(rng.integers(2**31))
            drawn[:, part.first : part.end] = shuffle(span, self.n_letters, seed=seed)
        return drawn.reshape(len(letters), n_draws, -1)


def _uniform(length: int, parts: Sequence[Part], n_letters: int) -> npt.NDArray[np.float32]:
    table = np.zeros((n_letters, length), dtype=np.float32)
    for part in parts:
        table[: part.n_letters, part.first : part.end] = 1 / part.n_letters
    return table


def _frequencies(
    letters: Letters, parts: Sequence[Part], n_letters: int, *, by_position: bool = True
) -> npt.NDArray[np.float32]:
    """How often each letter stands at each position, (n_letters, length), with pseudo-counts."""
    table = np.zeros((n_letters, letters.shape[1]), dtype=np.float32)
    for part in parts:
        span = letters[:, part.first : part.end]
        counts = np.stack([(span == code).sum(axis=0) for code in range(part.n_letters)])
        are_padded = (span[:, [0, -1]] >= part.n_letters).any()
        if are_padded or not by_position:
            counts = counts.sum(axis=1, keepdims=True)
        counts = counts + _PSEUDO
        table[: part.n_letters, part.first : part.end] = counts / counts.sum(axis=0)
    return table


def _given(asked: npt.ArrayLike, letters: Letters, n_letters: int) -> npt.NDArray[np.float32]:
    """Return the user's own probabilities as (n_letters, length)."""
    expected = f"probabilities, ({n_letters},) or ({n_letters}, {letters.shape[1]})"
    table = _check.numbers(asked, "background", expected)
    if table.shape == (n_letters,):
        table = np.repeat(table[:, None], letters.shape[1], axis=1)
    _check.shape(table, "background", expected, n_letters, letters.shape[1])
    sums = table.sum(axis=0)
    if not np.allclose(sums, 1, atol=1e-3) or (table < 0).any():
        worst = int(np.abs(sums - 1).argmax())
        raise _check.InputError(
            f"`background` sums to {sums[worst]:.3g} at position {worst}, its lowest value is "
            f"{table.min():.3g}; expected probabilities, which sum to 1 over letters."
        )
    refuse_impossible(letters, table)
    return np.asarray(table / sums, dtype=np.float32)


def refuse_impossible(letters: Letters, probabilities: npt.NDArray[np.floating[Any]]) -> None:
    """Refuse letters, (n, length), of which one has no probability, (n_letters, length)."""
    seen = np.stack([(letters == code).any(axis=0) for code in range(len(probabilities))])
    absent = seen & (probabilities <= 0)
    if absent.any():
        code, position = np.argwhere(absent)[0]
        raise _check.InputError(
            f"`background` gives letter {code} probability 0 at position {position}, where it "
            "stands in a sequence; expected more than 0, or its bits were infinite. Add a little "
            "to every letter."
        )
