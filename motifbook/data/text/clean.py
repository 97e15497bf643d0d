"""Letters as users have them: upper and lower case, U and T, N, ambiguity codes, typing errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import INVALID, PROTEIN, Alphabet
from motifbook.data.words import counted

BLOCK = 5_000  # sequences at a time: bounds memory

Where = Callable[[int], str]  # row number -> where that sequence stands in the user's file


def clean(sequences: list[str], alphabet: Alphabet, where: Where) -> list[str]:
    """Put sequences in upper case; return sentences on what their letters were.

    The list itself is changed, so that a large set is never in memory twice.

    Raises
    ------
    InputError
        If a letter is outside the alphabet; `where` names the sequence.
    """
    upper, plain = upper_table(alphabet), _plain_letters(alphabet)
    counts = np.zeros(256, dtype=np.int64)
    for first in range(0, len(sequences), BLOCK):
        block = sequences[first : first + BLOCK]
        raw = "".join(block).encode("latin-1", errors="replace")
        others = raw.translate(None, plain)
        if plain:
            counts[plain[0]] += len(raw) - len(others)
        if not others:  # as they should be
            continue
        found = np.bincount(np.frombuffer(others, dtype=np.uint8), minlength=256)
        if found[alphabet.table == INVALID].any():
            _refuse_letters(block, first, alphabet, where)
        counts += found
        joined = raw.translate(upper).decode("ascii")
        ends = np.cumsum([len(sequence) for sequence in block]).tolist()
        sequences[first : first + BLOCK] = [joined[a:b] for a, b in zip([0, *ends], ends)]
    return _on_letters(counts, alphabet)


def upper_table(alphabet: Alphabet) -> bytes:
    """Return the byte translation to upper case, and U to T (or T to U) if the alphabet says so."""
    table = bytearray(bytes(range(256)).upper())
    for pair in alphabet.same_as:
        table[ord(pair[0])] = table[ord(pair[0].lower())] = ord(pair[1])
    return bytes(table)


def _plain_letters(alphabet: Alphabet) -> bytes:
    """Return the letters among A, C, G and T that no sentence counts one by one."""
    told = alphabet.ambiguous + "".join(pair[0] for pair in alphabet.same_as)
    return "".join(sorted(set("ACGT") & set(alphabet.letters) - set(told.upper()))).encode()


def _refuse_letters(block: Sequence[str], first: int, alphabet: Alphabet, where: Where) -> None:
    for row, sequence in enumerate(block, start=first):
        bad = np.flatnonzero(alphabet.codes(sequence) == INVALID)
        if len(bad):
            character = _as_written(sequence)[bad[0]]
            raise _check.InputError(
                f"{where(row)} has {character!r} as letter {bad[0] + 1}; expected {alphabet.name} "
                f"letters {alphabet.letters}, {alphabet.unknown} or ambiguity codes. "
                f"{_way_out(sequence, character, alphabet)}"
            )


def _as_written(sequence: str) -> str:
    """Undo that bytes of UTF-8 were taken for one character each."""
    try:
        return sequence.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return sequence


def _way_out(sequence: str, character: str, alphabet: Alphabet) -> str:
    if character in "-.":
        return "Gaps of an alignment must be removed first."
    if not character.isprintable():
        return "It cannot be seen; word processors and web pages leave such characters: remove it."
    if not character.isascii():
        return "It may look like a letter of the keyboard and is none: type it anew, or remove it."
    share = float((alphabet.codes(sequence) < alphabet.n_letters).mean())
    if alphabet != PROTEIN and share < 0.7 and not (PROTEIN.codes(sequence) == INVALID).any():
        return 'It looks like a protein: use `alphabet="protein"`.'
    return 'Remove it, or name the right alphabet: `alphabet="DNA"`, "RNA" or "protein".'


def _share(n: int, total: int) -> str:
    """Return a share in percent, with two decimals where they mean something.

    Examples
    --------
    >>> [_share(n, 1_000_000) for n in (1, 123_456, 999_999, 1_000_000)]
    ['under 0.01%', '12.35%', 'over 99.99%', '100%']
    """
    if n == total:
        return "100%"
    if n > 0.9999 * total:
        return "over 99.99%"
    return "under 0.01%" if n < 0.0001 * total else f"{n / total:.2%}"


def _on_letters(counts: npt.NDArray[np.int64], alphabet: Alphabet) -> list[str]:
    """Sentences on what the letters were, from how often each byte occurs, (256,)."""
    total = max(int(counts.sum()), 1)
    seen: Counter[str] = Counter()
    for byte in np.flatnonzero(counts):
        seen[chr(byte).upper()] += int(counts[byte])
    done = []
    lower = int(counts[ord("a") : ord("z") + 1].sum())
    if lower:
        done.append(f"{_share(lower, total)} of the letters are lower case; read as upper case.")
    done += [
        f"Read {seen[pair[0]]:,} {pair[0]} as {pair[1]}: these are {alphabet.name} sequences."
        for pair in alphabet.same_as
        if seen[pair[0]]
    ]
    n_unknown = seen[alphabet.unknown]
    if n_unknown:
        share = _share(n_unknown, total)
        done.append(f"Unknown letters ({alphabet.unknown}): {n_unknown:,}, {share} of the letters.")
    ambiguous = [code for code in alphabet.ambiguous if seen[code]]
    if ambiguous:
        n_ambiguous = sum(seen[code] for code in ambiguous)
        named = ", ".join(ambiguous)
        done.append(f"{counted(n_ambiguous, 'ambiguity code')} ({named}) count as unknown.")
    if alphabet == PROTEIN and sum(seen[letter] for letter in "ACGTUN") == total:
        done.append('These letters are those of DNA: if it is no protein, use `alphabet="DNA"`.')
    return done
