"""Versions of a sequence: what was written, in words, with undo and redo."""

from __future__ import annotations

from dataclasses import dataclass

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.experiment.place import word_of
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode, encode, shuffle


@dataclass(frozen=True)
class Versions:
    """A sequence after each of some edits; those after `now` are undone.

    Parameters
    ----------
    sequences
        The start and the letters after each edit.
    words
        One per edit.
    now
        Number of the edit after which the sequence stands, 0 for the start.
    """

    sequences: tuple[str, ...]
    words: tuple[str, ...] = ()
    now: int = 0

    @property
    def sequence(self) -> str:
        """As it is now."""
        return self.sequences[self.now]

    @property
    def last(self) -> int:
        """Number of the last edit, undone ones among them."""
        return len(self.words)

    def then(self, sequence: str, words: str) -> Versions:
        """Versions with one more edit; those that were undone are dropped."""
        kept = self.sequences[: self.now + 1]
        return Versions((*kept, sequence), (*self.words[: self.now], words), self.now + 1)

    @property
    def fasta(self) -> str:
        """The start and the sequence after each edit up to now, as FASTA."""
        names = ["start", *(f"edit_{i + 1} {words}" for i, words in enumerate(self.words))]
        records = zip(names[: self.now + 1], self.sequences)
        return "".join(f">{name}\n{sequence}\n" for name, sequence in records)

    def at(self, step: int) -> Versions:
        """The same versions after another edit.

        Raises
        ------
        InputError
            If there is no such edit.
        """
        if not 0 <= step <= self.last:
            what = "undo" if step < 0 else "redo"
            raise _check.InputError(f"There is nothing to {what}: this is edit {self.now}.")
        return Versions(self.sequences, self.words, step)


def write_motif(
    sequence: str, motif: Motif, start: int, strand: str = "+", *, alphabet: Alphabet
) -> str:
    """Write the likeliest letters of a motif; where none is preferred, the letter stays.

    Parameters
    ----------
    start
        Position of its first letter.
    strand
        "+" or "-".

    Raises
    ------
    InputError
        If it does not fit, or the alphabet has no other strand.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> motif = Motif.from_sites("GATA1", ["GATAA"])
    >>> write_motif("CCCCCCCC", motif, 2, "-", alphabet=DNA)
    'CCTTATCC'
    """
    _check.one_of(strand, "strand", ("+", "-") if alphabet.has_strands else ("+",))
    end = start + motif.width
    if start < 0 or end > len(sequence):
        raise _check.InputError(
            f"{motif.name} has {motif.width} letters and would lie at {start} to {end - 1}; "
            f"expected room in the positions 0 to {len(sequence) - 1}. Move to the left."
        )
    [word] = word_of(motif, alphabet).on(strand, alphabet).letters
    written = encode([sequence], alphabet)
    known = word < alphabet.n_letters
    written[0, start:end][known] = word[known]
    return decode(written, alphabet)[0]


def shuffle_window(
    sequence: str, window: tuple[int, int], *, alphabet: Alphabet, seed: int | None = None
) -> str:
    """Shuffle a window, keeping the number of every pair of neighboring letters in it.

    Raises
    ------
    InputError
        If the window lies outside the sequence.
    """
    first, end = _check.window(window, len(sequence))
    part = encode([sequence[first:end]], alphabet)
    shuffled = decode(shuffle(part, alphabet.n_letters, seed=seed), alphabet)[0]
    return sequence[:first] + shuffled + sequence[end:]
