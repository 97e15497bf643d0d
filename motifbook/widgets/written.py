"""Sequences written by hand: motifs put in, windows shuffled, and what led to each in words."""

from __future__ import annotations

from typing import NamedTuple

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.experiment.place import word_of
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode, encode, shuffle
from motifbook.widgets._undo import Versions


class Written(NamedTuple):
    """A sequence, and in words the edit that led to it; no words for the start."""

    sequence: str
    words: str = ""


def to_fasta(versions: Versions[Written]) -> str:
    """The start and the sequence after each edit up to now, as FASTA."""
    kept = versions.states[: versions.now + 1]
    names = ["start", *(f"edit_{i} {one.words}" for i, one in enumerate(kept[1:], start=1))]
    return "".join(f">{name}\n{one.sequence}\n" for name, one in zip(names, kept))


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
