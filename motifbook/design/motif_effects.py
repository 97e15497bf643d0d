"""What writing each motif does, alone and beside another: asked of the network once per design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from motifbook.design.goal import Goal
from motifbook.design.lexicon import Lexicon, write
from motifbook.design.motif_hits import FloatArray
from motifbook.design.problem import Problem
from motifbook.onehot import Letters, reverse_complement, shuffle

Placed = tuple[int, int]  # number of a word, where it starts
Pair = tuple[Placed, Placed]

REACH = 30  # letters between two motifs up to which pairs are tried
N_PLACES, N_BACKGROUNDS = 8, 8  # at and in which each motif is written alone
PAIR_BACKGROUNDS = 2
STRIDES = (1, 2, 3)  # of gaps, the finest that can be afforded
MOST_CALLS = 60_000  # of pairs
ALONE, PAIRS = 0.1, 0.25  # shares of the calls that experiments take
MOST = 0.6  # and with fewer places and backgrounds, where these do not suffice


@dataclass(frozen=True, eq=False)
class MotifEffects:
    """What words do to the outputs, where effects add up.

    Parameters
    ----------
    alone : (n_words, length, n_readouts)
        Of a word that starts at each column.
    together : (n_words, n_words, REACH + 1, n_readouts)
        What a word and the next one add, by the letters between them, to what both add alone.
    """

    alone: FloatArray
    together: FloatArray


def gains(goal: Goal, outputs: FloatArray, effects: FloatArray) -> FloatArray:
    """What effects, (n, ..., n_readouts), on outputs, (n, n_readouts), are worth, (n, ...)."""
    between = [1] * (effects.ndim - 2)
    base = outputs.reshape(len(outputs), *between, outputs.shape[1])
    changed = torch.as_tensor(base + effects).reshape(-1, outputs.shape[1])
    score = goal.score(changed).numpy().reshape(effects.shape[:-1])
    before = goal.score(torch.as_tensor(outputs)).numpy()
    worth: FloatArray = score - before.reshape(len(outputs), *between)
    return worth


def effects_alone(problem: Problem, lexicon: Lexicon) -> FloatArray:
    """`MotifEffects.alone`: means at some places of shuffled starts; between these straight lines.

    0 where that would take too large a share of the calls.
    """
    length, n_readouts = problem.starts.shape[1], len(problem.scorer.record.readouts)
    found = np.zeros((len(lexicon), length, n_readouts))
    n_words, n_places = max(len(lexicon), 1), N_PLACES
    affordable = problem.calls_left(ALONE) // (n_words * n_places)
    if affordable < 1:
        n_places, affordable = 1, min(1, problem.calls_left(MOST) // n_words)
    background = _backgrounds(problem, min(N_BACKGROUNDS, affordable))
    if not len(background):
        return found
    base, unknown = _outputs(problem, background), lexicon.alphabet.n_letters
    first, end = _known(background, unknown)
    for number, word in enumerate(lexicon.letters):
        if end - first < len(word):
            continue
        last = end - len(word)
        places = np.unique(np.linspace(first, last, n_places).astype(int))
        if n_places == 1:
            places = np.array([(first + last) // 2])
        written = np.repeat(background[None], len(places), axis=0)
        for copy, place in zip(written, places.tolist()):
            write(copy, word, place, unknown)
        profile = _steadied(_outputs(problem, written) - base)
        for readout in range(n_readouts):
            found[number, :, readout] = np.interp(np.arange(length), places, profile[:, readout])
    return found


def _steadied(effects: FloatArray) -> FloatArray:
    """Mean effect at each place, (n_places, n_readouts), of (n_places, n, n_readouts).

    Drawn toward the mean of all places by as much as chance alone can explain.
    """
    profile, overall = effects.mean(axis=1), effects.mean(axis=(0, 1))
    chance = (effects.var(axis=1) / max(effects.shape[1] - 1, 1)).mean(axis=0)
    share = np.clip(1 - chance / np.maximum(profile.var(axis=0), 1e-12), 0, 1)
    steadied: FloatArray = overall + share * (profile - overall)
    return steadied


def effects_together(problem: Problem, lexicon: Lexicon) -> FloatArray:
    """`MotifEffects.together`, by experiment in the middle of a few shuffled starts.

    0 for the gaps, or all, that would take too large a share of the calls.
    """
    n_words, n_readouts = len(lexicon), len(problem.scorer.record.readouts)
    found = np.zeros((n_words, n_words, REACH + 1, n_readouts))
    background = _backgrounds(problem, PAIR_BACKGROUNDS)
    is_tied = _reads_strands_alike(problem, background)
    pairs = _pairs(lexicon, is_tied=is_tied)
    if len(pairs) * (REACH + 1) * len(background) > problem.calls_left(PAIRS):
        background = background[:1]
    left = min(problem.calls_left(MOST), MOST_CALLS) // len(background)
    strides = [n for n in STRIDES if len(pairs) * (REACH // n + 1) <= left]
    if not strides:
        return found
    asked = _placed_pairs(
        lexicon, pairs, strides[0], _known(background, lexicon.alphabet.n_letters)
    )
    written = dict.fromkeys([(), *(sites for pair in asked for sites in _parts(pair))])
    letters = np.repeat(background[None], len(written), axis=0)
    for copy, sites in zip(letters, written):
        for word, start in sites:
            write(copy, lexicon.letters[word], start, lexicon.alphabet.n_letters)
    values = dict(zip(written, _outputs(problem, letters).mean(axis=1)))
    for pair in asked:
        (a, start), (b, start_b) = pair
        both, one, other = (values[sites] for sites in _parts(pair))
        gap = start_b - start - int(lexicon.widths[a])
        found[a, b, gap] = both - one - other + values[()]
        if is_tied:
            found[lexicon.mirror[b], lexicon.mirror[a], gap] = found[a, b, gap]
    return found


def _placed_pairs(
    lexicon: Lexicon, pairs: Sequence[tuple[int, int]], stride: int, known: tuple[int, int]
) -> list[Pair]:
    """Every two words at every gap that fits, in the middle of the known letters."""
    first, end = known
    placed = []
    for a, b in pairs:
        for gap in range(0, REACH + 1, stride):
            left, right = int(lexicon.widths[a]) + gap, int(lexicon.widths[b])
            start = first + (end - first - left - right) // 2
            if start >= first:
                placed.append(((a, start), (b, start + left)))
    return placed


def _parts(pair: Pair) -> tuple[Pair, tuple[Placed], tuple[Placed]]:
    """Both words, the first, the second."""
    return pair, pair[:1], pair[1:]


def _pairs(lexicon: Lexicon, *, is_tied: bool) -> list[tuple[int, int]]:
    """Every two words in order; of mirror images one, where the network reads strands alike."""
    mirror = lexicon.mirror.tolist()
    every = [(a, b) for a in range(len(lexicon)) for b in range(len(lexicon))]
    return [(a, b) for a, b in every if not is_tied or (a, b) <= (mirror[b], mirror[a])]


def _reads_strands_alike(problem: Problem, letters: Letters) -> bool:
    """Whether the outputs are the same for reverse complements."""
    alphabet = problem.scorer.alphabet
    if not alphabet.has_strands:
        return False
    one, other = (
        _outputs(problem, part) for part in (letters, reverse_complement(letters, alphabet))
    )
    return bool(np.allclose(one, other, rtol=1e-3, atol=1e-3))


def _outputs(problem: Problem, letters: Letters) -> FloatArray:
    """Mean outputs over networks, (..., n_readouts), of letters, (..., length)."""
    flat = letters.reshape(-1, letters.shape[-1])
    values = problem.scorer.outputs(flat).mean(axis=0)
    shaped: FloatArray = values.reshape(*letters.shape[:-1], -1)
    return shaped


def _backgrounds(problem: Problem, n: int) -> Letters:
    """Shuffles of the `n` starts with most known letters, or of fewer: sites only by chance."""
    n_letters = problem.scorer.alphabet.n_letters
    n_known = (problem.starts < n_letters).sum(axis=1)
    longest = problem.starts[np.argsort(-n_known, kind="stable")[:n]]
    return shuffle(longest, n_letters, seed=int(problem.rng.integers(2**31)))


def _known(letters: Letters, unknown: int) -> tuple[int, int]:
    """From and up to which column all sequences, (n, length), have letters."""
    known = np.flatnonzero((letters < unknown).all(axis=0))
    return int(known[0]), int(known[-1]) + 1
