"""Starts that break constraints are mended by few letters, near what is broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motifbook.design.limits import Limits
from motifbook.design.ordered import BoolArray, IntArray
from motifbook.design.rule_motifs import Required
from motifbook.onehot import Letters, reverse_complement

N_COLUMNS = 12  # letters tried per round
N_OTHERS = 3  # other letters tried at each
PATIENCE = 40  # rounds without progress until a start is given up
ATTEMPTS = 2  # from the start again
WORSE = 0.1  # chance that a round makes it worse rather than nothing
_TOO_MANY = 10**6  # more than any count


@dataclass(frozen=True, eq=False)
class Repaired:
    """Starts that keep to constraints.

    Parameters
    ----------
    letters : (n, length) uint8
        Where `is_fine`, mended; elsewhere the best that was found.
    is_fine : (n,) bool
        Whether each keeps to all constraints.
    sentences
        What was broken, mended and given up.
    """

    letters: Letters
    is_fine: BoolArray
    sentences: tuple[str, ...]


def repair(
    limits: Limits,
    letters: Letters,
    editable: BoolArray,
    *,
    n_edits: int | None,
    rng: np.random.Generator,
) -> Repaired:
    """Mend sequences that break constraints; others stay as they are.

    Parameters
    ----------
    letters : (n, length) uint8
        Letter codes.
    editable : (n, length) bool
        Where they may change.
    n_edits
        Most letters that may change; None for any.
    rng
        Source of chance.

    Notes
    -----
    Missing motifs are written in where that breaks least, then where it changes fewest letters.
    Then, again and again, the letters of a broken constraint, rather one that few letters break,
    are tried with others, and the best is kept; now and then a worse one, so that dead ends are
    left. In the end, every changed letter is changed back if that breaks nothing. What is not
    mended then is tried once more.
    """
    mended, is_fine = letters.copy(), limits.count(letters) == 0
    for _ in range(ATTEMPTS):
        left = np.flatnonzero(~is_fine)
        work = _Work(limits, letters[left], editable[left], n_edits, rng)
        mended[left] = work.pruned(work.descended(work.with_motifs(work.filled())))
        is_fine[left] = work.counts(mended[left], np.arange(len(left))) == 0
    return Repaired(mended, is_fine, _sentences(limits, letters, mended, is_fine))


@dataclass(frozen=True, eq=False)
class _Work:
    """What is mended, (n, length), where it may change and by how many letters."""

    limits: Limits
    origins: Letters
    editable: BoolArray
    n_edits: int | None
    rng: np.random.Generator

    def counts(self, letters: Letters, rows: IntArray) -> IntArray:
        """How badly candidates, (n_candidates, length), for `rows` break constraints."""
        counts = self.limits.count(letters)
        if self.n_edits is not None:
            n_changed = (letters != self.origins[rows]).sum(axis=1)
            counts[n_changed > self.n_edits] += _TOO_MANY
        return counts

    def filled(self) -> Letters:
        """The sequences with random letters for unknown ones."""
        n_letters = self.limits.alphabet.n_letters
        drawn = self.rng.integers(n_letters, size=self.origins.shape).astype(np.uint8)
        return np.where(self.editable & (self.origins == n_letters), drawn, self.origins)

    def with_motifs(self, now: Letters) -> Letters:
        """The sequences with those required motifs that they lack."""
        now = now.copy()
        for rule in self.limits.rules:
            if isinstance(rule, Required):
                for row in np.flatnonzero(rule.count(self.limits.ordered(now))).tolist():
                    now[row] = self._with_motif(now[row], row, rule)
        return now

    def _with_motif(self, sequence: Letters, row: int, rule: Required) -> Letters:
        """A sequence, (length,), with a motif where it disturbs least."""
        alphabet = self.limits.alphabet
        word = rule.motif.ppm.argmax(axis=0).astype(np.uint8)[None]
        words = [word, reverse_complement(word, alphabet)] if alphabet.has_strands else [word]
        width = word.shape[1]
        known = np.flatnonzero(sequence < alphabet.n_letters)
        starts = np.arange(known[0], known[-1] + 2 - width)
        tried = np.repeat(sequence[None], len(words) * len(starts), axis=0)
        columns = np.tile(starts, len(words))[:, None] + np.arange(width)
        np.put_along_axis(tried, columns, np.repeat(np.vstack(words), len(starts), axis=0), axis=1)
        tried = np.where(self.editable[row], tried, sequence)
        if not len(tried):
            return sequence
        counts = self.counts(tried, np.full(len(tried), row))
        n_changed = (tried != sequence).sum(axis=1)
        best: Letters = tried[np.lexsort((self.rng.random(len(tried)), n_changed, counts))[0]]
        return best

    def descended(self, now: Letters) -> Letters:
        """The best that each becomes by changing one letter at a time."""
        now, best = now.copy(), now.copy()
        counts = self.counts(now, np.arange(len(now)))
        fewest, waited = counts.copy(), np.zeros(len(now), dtype=np.int64)
        while True:
            active = np.flatnonzero((fewest > 0) & (waited < PATIENCE))
            if not len(active):
                return best
            tried, found = self._round(now[active], active)
            steps = (found <= counts[active]) | (self.rng.random(len(active)) < WORSE)
            steps &= found < _TOO_MANY
            moved = active[steps]
            now[moved], counts[moved] = tried[steps], found[steps]
            waited[active] += 1
            better = moved[counts[moved] < fewest[moved]]
            best[better], fewest[better], waited[better] = now[better], counts[better], 0

    def _round(self, now: Letters, rows: IntArray) -> tuple[Letters, IntArray]:
        """The best of some changes of one letter for each of `rows`, and how bad it is."""
        n, length = now.shape
        n_letters, n_columns = self.limits.alphabet.n_letters, min(N_COLUMNS, length)
        chance = np.where(self._blamed(now, rows), self.rng.random(now.shape), 2.0)
        columns = chance.argpartition(n_columns - 1, axis=1)[:, :n_columns]
        shifts = self.rng.permuted(np.tile(np.arange(1, n_letters), (n, 1)), axis=1)[:, :N_OTHERS]
        n_tried = n_columns * shifts.shape[1]
        places = np.repeat(columns, shifts.shape[1], axis=1).reshape(-1, 1)
        owners = np.repeat(np.arange(n), n_tried)
        tried = now[owners]
        old = np.take_along_axis(tried, places, axis=1)
        new = (old + np.tile(shifts, n_columns).reshape(-1, 1)) % n_letters
        np.put_along_axis(tried, places, new.astype(np.uint8), axis=1)
        found = self.counts(tried, rows[owners])
        found[chance[owners, places[:, 0]] > 1] = _TOO_MANY
        is_first_change = old == np.take_along_axis(self.origins[rows[owners]], places, axis=1)
        keys = found + 0.5 * is_first_change[:, 0] + 0.4 * self.rng.random(len(found))
        best = keys.reshape(n, n_tried).argmin(axis=1) + np.arange(n) * n_tried
        return tried[best], found[best]

    def _blamed(self, now: Letters, rows: IntArray) -> BoolArray:
        """Letters, (n, length), of one broken constraint each, rather of one that few break."""
        ordered = self.limits.ordered(now)
        left = len(self.limits.constraints.flanks[0])
        blamed = np.zeros(now.shape, dtype=bool)
        fewest = np.full(len(now), np.inf)
        for rule in self.limits.rules:
            columns = rule.columns(ordered)[:, left : left + now.shape[1]] & self.editable[rows]
            sizes = columns.sum(axis=1)
            sizes = np.where(sizes > 0, sizes * self.rng.random(len(now)), np.inf)
            fewer = sizes < fewest
            blamed[fewer], fewest[fewer] = columns[fewer], sizes[fewer]
        return blamed

    def pruned(self, now: Letters) -> Letters:
        """The same with each changed letter changed back that need not be, in random order."""
        now = now.copy()
        rows = np.arange(len(now))
        order = np.where(now != self.origins, self.rng.random(now.shape), 2.0)
        columns = order.argsort(axis=1)
        most = int((order < 2).sum(axis=1).max(initial=0))
        fine = self.counts(now, rows) == 0
        for place in columns.T[:most]:
            tried = now.copy()
            tried[rows, place] = self.origins[rows, place]
            own = np.flatnonzero(fine & (tried != now).any(axis=1))
            kept = own[self.counts(tried[own], own) == 0]
            now[kept] = tried[kept]
        return now


def _sentences(
    limits: Limits, letters: Letters, mended: Letters, is_fine: BoolArray
) -> tuple[str, ...]:
    n_changed = (letters != mended).sum(axis=1)
    was_mended = is_fine & (n_changed > 0)
    sentences = []
    if was_mended.any():
        names = ", ".join(limits.broken(letters[was_mended]))
        numbers = n_changed[was_mended]
        sentences.append(f"{_of_starts(was_mended)} had {names}; {_how_many(numbers)}.")
    if not is_fine.all():
        names = ", ".join(limits.broken(mended[~is_fine])) or "more changed letters than allowed"
        sentences.append(f"{_of_starts(~is_fine)} could not be mended: {names}.")
    return tuple(sentences)


def _of_starts(which: BoolArray) -> str:
    """Such as "3 of 20 starts"; "The start" where there is one."""
    return "The start" if len(which) == 1 else f"{which.sum()} of {len(which)} starts"


def _how_many(n_changed: IntArray) -> str:
    """How many letters were changed in each of the mended starts."""
    low, high = int(n_changed.min()), int(n_changed.max())
    if low < high:
        return f"{low} to {high} letters of each were changed, {n_changed.mean():.1f} on average"
    each = "each" if len(n_changed) > 1 else "it"
    letters = "1 letter" if low == 1 else f"{low} letters"
    return f"{letters} of {each} {'was' if low == 1 else 'were'} changed"
