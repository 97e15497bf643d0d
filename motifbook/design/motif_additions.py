"""Motifs that could be added, alone or two at a distance, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from motifbook.design.lexicon import write
from motifbook.design.motif_hits import FloatArray
from motifbook.design.motif_state import State
from motifbook.design.repertoire import TIE, Candidate, Repertoire
from motifbook.onehot import Letters

N_CANDIDATES = 12  # per sequence
N_WORDS, N_PAIRS = 40, 16  # most words, and words in pairs, for which places are sought


@dataclass(frozen=True, eq=False)
class Phrase:
    """One word, or two at a distance.

    Parameters
    ----------
    letters : (width,)
        Codes; unknown where the present ones stay.
    words, offsets
        Numbers of its words, and where in it each starts.
    extra : (n_readouts,)
        What two add to what each does alone.
    """

    letters: Letters
    words: tuple[int, ...]
    offsets: tuple[int, ...]
    extra: FloatArray


def additions(state: State, repertoire: Repertoire) -> Iterator[Candidate]:
    """The words and pairs, and their places, that promise most."""
    phrases = _words(repertoire, state.outputs) + _pairs(repertoire, state.outputs)
    n, length = state.letters.shape
    worth = np.full((n, len(phrases), 2, length // 2 + 1), -np.inf)
    for number, phrase in enumerate(phrases):
        own = _worth(state, phrase, repertoire)
        for half in (0, 1):  # the best of the even and of the odd places
            part = own[:, half::2]
            worth[:, number, half, : part.shape[1]] = part
    place, best = worth.argmax(axis=3), worth.max(axis=3).reshape(n, -1)
    order = np.argsort(-best, axis=1)[:, :N_CANDIDATES]
    for row, rank in zip(*np.nonzero(np.take_along_axis(best, order, axis=1) > 0)):
        number, half = divmod(int(order[row, rank]), 2)
        phrase, start = phrases[number], 2 * int(place[row, number, half]) + half
        changed = state.letters[row].copy()
        write(changed, phrase.letters, start, repertoire.unknown)
        parts = zip(phrase.words, phrase.offsets)
        moves = tuple(repertoire.move("add", word, start + offset) for word, offset in parts)
        yield Candidate(int(row), changed, moves)


def _words(repertoire: Repertoire, outputs: FloatArray) -> list[Phrase]:
    """Words that promise most beside typical outputs."""
    effects = repertoire.effects.alone.transpose(1, 0, 2)  # (length, n_words, n_readouts)
    promise = repertoire.worth(_typical(outputs), effects[None])[0].max(axis=0)
    nothing = np.zeros(outputs.shape[1])
    words = np.argsort(-promise, kind="stable")[:N_WORDS].tolist()
    return [Phrase(repertoire.lexicon.letters[w], (w,), (0,), nothing) for w in words]


def _pairs(repertoire: Repertoire, outputs: FloatArray) -> list[Phrase]:
    """Words at a distance that promise most of those that do more than both alone."""
    alone, together = repertoire.effects.alone.mean(axis=1), repertoire.effects.together
    both = (alone[:, None] + alone)[:, :, None]  # (n_words, n_words, 1, n_readouts)
    promise = repertoire.worth(_typical(outputs), (both + together)[None])[0]
    synergy = promise - repertoire.worth(_typical(outputs), both[None])[0]
    promise = np.where(synergy > TIE, promise, -np.inf)
    found = []
    for flat in np.argsort(-promise, axis=None, kind="stable")[:N_PAIRS].tolist():
        a, b, gap = (int(i) for i in np.unravel_index(flat, promise.shape))
        if promise[a, b, gap] > TIE:
            one, other = repertoire.lexicon.letters[a], repertoire.lexicon.letters[b]
            between = np.full(gap, repertoire.unknown, dtype=np.uint8)
            letters = np.concatenate([one, between, other])
            found.append(Phrase(letters, (a, b), (0, len(one) + gap), together[a, b, gap]))
    return found


def _typical(outputs: FloatArray) -> FloatArray:
    typical: FloatArray = outputs.mean(axis=0, keepdims=True)
    return typical


def _worth(state: State, phrase: Phrase, repertoire: Repertoire) -> FloatArray:
    """What a phrase promises at each start, (n, n_starts); -inf where it cannot be written."""
    n_starts = max(state.letters.shape[1] - len(phrase.letters) + 1, 0)
    shape = len(state.letters), n_starts
    if not n_starts:
        return np.zeros(shape)
    effect = phrase.extra - state.covered(len(phrase.letters))
    for word, offset in zip(phrase.words, phrase.offsets):
        effect = effect + state.effect[:, word, offset : offset + n_starts]
    n_changed, is_fixed = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for column in np.flatnonzero(phrase.letters != repertoire.unknown).tolist():
        here = slice(column, column + n_starts)
        differs = state.letters[:, here] != phrase.letters[column]
        n_changed += differs
        is_fixed |= differs & ~state.editable[:, here]
    worth = repertoire.worth(state.outputs, effect) - repertoire.price * n_changed
    worth[is_fixed | (n_changed == 0)] = -np.inf
    return repertoire.with_luck(worth)
