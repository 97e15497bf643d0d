"""What could be done with the motifs that are there: take out, move, strengthen, tune."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from motifbook.design.lexicon import write
from motifbook.design.motif_state import State
from motifbook.design.repertoire import TIE, Candidate, Repertoire, most_promising
from motifbook.design.unmake import unmake
from motifbook.onehot import Letters

N_CANDIDATES = 3  # of each kind, per sequence


def removals(state: State, repertoire: Repertoire) -> Iterator[Candidate]:
    """The sites without which most is promised."""
    hits = state.hits
    worth = repertoire.with_luck(repertoire.worth(state.outputs[hits.row], -state.of_hits))
    for hit in most_promising(hits.row, worth, N_CANDIDATES):
        changed = _unmade(state, hit, repertoire)
        if changed is not None:
            move = repertoire.move("remove", int(state.words[hit]), int(hits.start[hit]))
            yield Candidate(int(hits.row[hit]), changed, (move,))


def shifts(state: State, repertoire: Repertoire) -> Iterator[Candidate]:
    """Sites that promise more elsewhere, by their place or by what is near."""
    hits, columns = state.hits, np.arange(state.letters.shape[1])
    effect = state.effect[hits.row, state.words] - state.of_hits[:, None]
    worth = repertoire.with_luck(repertoire.worth(state.outputs[hits.row], effect)) - TIE
    last = len(columns) - repertoire.lexicon.widths[state.words]
    worth[(columns > last[:, None]) | (columns == hits.start[:, None])] = -np.inf
    for hit in most_promising(hits.row, worth.max(axis=1), N_CANDIDATES):
        changed = _unmade(state, hit, repertoire)
        if changed is not None:
            word, start = int(state.words[hit]), int(worth[hit].argmax())
            write(changed, repertoire.lexicon.letters[word], start, repertoire.unknown)
            yield Candidate(int(hits.row[hit]), changed, (repertoire.move("move", word, start),))


def _unmade(state: State, hit: int, repertoire: Repertoire) -> Letters | None:
    row, start = int(state.hits.row[hit]), int(state.hits.start[hit])
    motif, rng = int(state.hits.motif[hit]), repertoire.problem.rng
    return unmake(repertoire.finder, state.letters[row], state.editable[row], motif, start, rng=rng)


def strengthenings(state: State, repertoire: Repertoire) -> Iterator[Candidate]:
    """Sites, weak ones too, that promise most with the best letters."""
    finder, lexicon = repertoire.finder, repertoire.lexicon
    hits = finder.find(state.letters, weak=True)
    words = lexicon.words_of(hits)
    lacking = 1 - np.maximum(hits.bits, 0) / finder.best[hits.motif]
    effect = lacking[:, None] * state.effect[hits.row, words, hits.start]
    worth = repertoire.with_luck(repertoire.worth(state.outputs[hits.row], effect))
    for hit in most_promising(hits.row, worth, N_CANDIDATES):
        word, start = int(words[hit]), int(hits.start[hit])
        changed = state.letters[hits.row[hit]].copy()
        write(changed, lexicon.letters[word], start, repertoire.unknown)
        move = repertoire.move("strengthen", word, start)
        yield Candidate(int(hits.row[hit]), changed, (move,))


def tunings(state: State, repertoire: Repertoire) -> Iterator[Candidate]:
    """Single letters of sites, weak ones too, drawn at random: for goals that are a value."""
    finder, lexicon, rng = repertoire.finder, repertoire.lexicon, repertoire.problem.rng
    hits = finder.find(state.letters, weak=True)
    luck = rng.random(len(hits))
    for hit in most_promising(hits.row, luck, 2 * N_CANDIDATES):
        row, motif, start = (int(of[hit]) for of in (hits.row, hits.motif, hits.start))
        matrix = finder.matrices(motif)[hits.strand[hit]]
        column = int(rng.integers(matrix.shape[1]))
        old = int(state.letters[row, start + column])
        new = (old + int(rng.integers(1, len(matrix)))) % len(matrix)
        changed = state.letters[row].copy()
        changed[start + column] = new
        kind = "strengthen" if matrix[new, column] > matrix[old, column] else "weaken"
        word = lexicon.number[motif, int(hits.strand[hit])]
        yield Candidate(row, changed, (repertoire.move(kind, word, start),))
