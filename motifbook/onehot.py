"""Letters <-> numbers: codes (n, length), one-hot (n, n_letters, length), shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, INVALID, Alphabet

Letters = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]

_ROWS_AT_ONCE = 20_000  # bounds memory
_ROWS_IN_CACHE = 128
_TARGET_BITS = 8  # of 52: enough for any letter code


def encode(
    sequences: Sequence[str], alphabet: Alphabet = DNA, *, length: int | None = None
) -> Letters:
    """Write sequences as letter codes.

    Parameters
    ----------
    sequences : n strings
        Upper or lower case. Ambiguity codes become unknown (N).
    length
        Length of every row; the longest sequence by default. Shorter sequences are centered and
        padded with unknown, longer ones are cut to their middle.

    Returns
    -------
    (n, length) uint8
        0..n_letters-1, and n_letters for unknown.

    Raises
    ------
    InputError
        If a sequence holds a character that the alphabet does not know, or `sequences` is one
        string.

    Examples
    --------
    >>> encode(["ACGT", "GG"]).tolist()
    [[0, 1, 2, 3], [4, 2, 2, 4]]
    """
    if isinstance(sequences, str):
        raise _check.InputError(
            f"`sequences` is one string, {sequences[:20]!r}; expected a list of strings. "
            "Use `[sequence]`."
        )
    sequences = list(sequences)
    lengths = np.fromiter((len(sequence) for sequence in sequences), np.int64, len(sequences))
    width = int(lengths.max(initial=0)) if length is None else length
    letters = np.empty((len(lengths), width), dtype=np.uint8)
    codes = alphabet.table.tobytes()
    for first in range(0, len(lengths), _ROWS_AT_ONCE):
        block = slice(first, first + _ROWS_AT_ONCE)
        joined = "".join(sequences[block]).encode("latin-1", errors="replace")
        flat = np.frombuffer(joined.translate(codes), dtype=np.uint8)
        _refuse_invalid(flat, lengths[block], first, sequences, alphabet)
        if (lengths[block] == width).all():
            letters[block] = flat.reshape(letters[block].shape)
        else:
            letters[block] = _center(flat, lengths[block], width, alphabet.n_letters)
    return letters


def _refuse_invalid(
    flat: Letters,
    lengths: npt.NDArray[np.int64],
    first: int,
    sequences: Sequence[str],
    alphabet: Alphabet,
) -> None:
    bad = np.flatnonzero(flat == INVALID)
    if not len(bad):
        return
    ends = np.cumsum(lengths)
    row = int(np.searchsorted(ends, bad[0], side="right"))
    position = int(bad[0] - (ends[row] - lengths[row]))
    row += first
    raise _check.InputError(
        f"Sequence {row} has {sequences[row][position]!r} at position {position}; expected "
        f"{alphabet.name} letters {alphabet.letters} or {alphabet.unknown}. Remove it, or name "
        'the right alphabet with `alphabet="DNA"`, "RNA" or "protein".'
    )


def _center(flat: Letters, lengths: npt.NDArray[np.int64], width: int, unknown: int) -> Letters:
    starts = np.cumsum(lengths) - lengths
    shift = (width - lengths) // 2  # negative where a sequence is cut
    rows = np.repeat(np.arange(len(lengths)), lengths)
    columns = np.arange(len(flat)) - np.repeat(starts - shift, lengths)
    inside = (columns >= 0) & (columns < width)
    letters = np.full((len(lengths), width), unknown, dtype=np.uint8)
    letters[rows[inside], columns[inside]] = flat[inside]
    return letters


def decode(letters: Letters, alphabet: Alphabet = DNA, *, strip: bool = False) -> list[str]:
    """Write letter codes, (n, length), as strings; `strip` drops unknown letters at both ends.

    Examples
    --------
    >>> decode(np.array([[4, 2, 2, 4]], dtype=np.uint8), strip=True)
    ['GG']
    """
    symbols = np.frombuffer((alphabet.letters + alphabet.unknown).encode(), dtype=np.uint8)
    n, length = letters.shape
    if not n or not length:
        return [""] * n
    text = symbols[letters].tobytes().decode("ascii")
    rows = [text[start : start + length] for start in range(0, n * length, length)]
    return [row.strip(alphabet.unknown) for row in rows] if strip else rows


def onehot(letters: Letters, n_letters: int = 4) -> FloatArray:
    """Write letter codes, (n, length), as one-hot, (n, n_letters, length); unknown is zeros.

    Examples
    --------
    >>> onehot(encode(["AN"]))[0].T.tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    n, length = letters.shape
    encoded = np.empty((n, n_letters, length), dtype=np.float32)
    for code in range(n_letters):  # one pass per letter: faster than a gather and a transpose
        np.equal(letters, code, out=encoded[:, code], casting="unsafe")
    return encoded


def from_onehot(encoded: npt.ArrayLike, alphabet: Alphabet = DNA) -> Letters:
    """Return letter codes, (n, length), of one-hot arrays, (n, n_letters, length).

    Raises
    ------
    InputError
        If the letters are on another axis, or a column is neither one-hot nor zeros.
    """
    array = np.asarray(encoded)
    _check.onehot_shape(array, "onehot", alphabet.n_letters, alphabet.letters)
    n, length = array.shape[0], array.shape[2]
    letters = np.full((n, length), alphabet.n_letters, dtype=np.uint8)
    exact = np.empty((n, length), dtype=bool)
    for first in range(0, n, _ROWS_IN_CACHE):
        block = slice(first, first + _ROWS_IN_CACHE)
        exact[block] = _read_onehot(array[block], letters[block])
    if not exact.all():
        row, position = np.argwhere(~exact)[0]
        column = ", ".join(f"{value:.3g}" for value in array[row, :, position])
        raise _check.InputError(
            f"`onehot` has the column ({column}) at position {position} of sequence {row}; "
            "expected one 1 or only zeros. Relaxed sequences are not letters: take "
            "`argmax(axis=1)` first if that is meant."
        )
    return letters


def _read_onehot(encoded: npt.NDArray[Any], letters: Letters) -> npt.NDArray[np.bool_]:
    """Turn unknown letters into the codes of `encoded`; tell which columns are one-hot or zeros."""
    n_letters = encoded.shape[1]
    n_ones, n_zeros = np.zeros((2, *letters.shape), dtype=np.uint8)
    for code in range(n_letters):  # a pass per letter, as in `onehot`
        is_one = (encoded[:, code] == 1).view(np.uint8)
        letters -= is_one * np.uint8(n_letters - code)
        n_ones += is_one
        n_zeros += (encoded[:, code] == 0).view(np.uint8)
    exact: npt.NDArray[np.bool_] = (n_ones <= 1) & (n_ones + n_zeros == n_letters)
    return exact


def reverse_complement(letters: Letters, alphabet: Alphabet = DNA) -> Letters:
    """Return the other strand of letter codes, (n, length), read from its own 5' end.

    Examples
    --------
    >>> decode(reverse_complement(encode(["AACG"])))
    ['CGTT']
    """
    return alphabet.complement_codes.take(letters[:, ::-1])


def shuffle(letters: Letters, n_letters: int = 4, *, seed: int | None = None) -> Letters:
    """Shuffle each sequence, keeping the number of every pair of neighboring letters.

    Each row becomes a uniformly drawn sequence with the same dinucleotide counts, first and last
    letter. Unknown letters at both ends (padding) stay where they are; unknown letters inside
    count as a letter of their own.

    Parameters
    ----------
    letters : (n, length)
        Letter codes.

    Returns
    -------
    (n, length)

    Notes
    -----
    Euler walks in the graph of letters (Altschul & Erickson 1985, Mol Biol Evol 2:526), drawn for
    all rows at once: successors of each letter are permuted, and a permutation is drawn again for
    those rows whose last exits do not lead to the final letter.

    Examples
    --------
    >>> decode(shuffle(encode(["ACACAGAGTTGC"]), seed=1))[0][0]
    'A'
    """
    _check.shape(letters, "letters", "(n, length)", None, None)
    rng = _check.generator(seed, "shuffle")
    shuffled = letters.copy()
    if letters.shape[1] < 3:
        return shuffled
    starts, lengths = _cores(letters, n_letters)
    for first in range(0, len(letters), _ROWS_AT_ONCE):
        block = slice(first, first + _ROWS_AT_ONCE)
        _shuffle_block(shuffled[block], starts[block], lengths[block], n_letters, rng)
    return shuffled


def _cores(letters: Letters, n_letters: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Start and length of each row without the unknown letters at its ends."""
    known = letters < n_letters
    starts = known.argmax(axis=1)
    ends = letters.shape[1] - known[:, ::-1].argmax(axis=1)
    return starts, np.where(known.any(axis=1), ends - starts, 0)


def _shuffle_block(
    letters: Letters,
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    n_letters: int,
    rng: np.random.Generator,
) -> None:
    n, width = letters.shape
    rows = np.arange(n)
    offsets = np.arange(width)
    has_padding = bool((lengths < width).any())
    core, n_codes = letters, n_letters + 1
    if has_padding:
        columns = np.minimum(starts[:, None] + offsets, width - 1)
        core = letters[rows[:, None], columns]  # left-justified
    sources = core[:, :-1].copy()
    if has_padding:
        sources[offsets[:-1] >= (lengths - 1)[:, None]] = n_codes  # no edge leaves the padding
    successors, exits = _successors(core, sources, lengths, n_codes, rng)
    following = successors.ravel()
    unused = (exits + rows[:, None] * (width - 1)).ravel()  # next exit of each letter of each row
    first_codes = rows * n_codes
    walked = np.empty((width, n), dtype=np.uint8)
    walked[0] = core[:, 0]
    for step in range(1, width):  # one step of every row's walk at a time, past its end too
        at = first_codes + walked[step - 1]
        exit_taken = unused.take(at)
        unused[at] = exit_taken + 1
        following.take(exit_taken, mode="clip", out=walked[step])
    if has_padding:
        within = offsets < lengths[:, None]
        letters[np.nonzero(within)[0], columns[within]] = walked.T[within]
    else:
        letters[:] = walked.T


def _successors(
    core: Letters,
    sources: Letters,
    lengths: npt.NDArray[np.int64],
    n_codes: int,
    rng: np.random.Generator,
) -> tuple[Letters, npt.NDArray[np.int64]]:
    """Successors grouped by source in random order, (n, length - 1), and each group's start."""
    counts = np.stack([np.count_nonzero(sources == code, axis=1) for code in range(n_codes)], 1)
    exits = np.cumsum(counts, axis=1) - counts
    successors = np.zeros_like(sources)
    final = core[np.arange(len(core)), np.maximum(lengths - 1, 0)].astype(np.int64)
    pending = np.arange(len(core))
    while len(pending):
        drawn = _draw(sources[pending], core[pending, 1:], final[pending], n_codes, rng)
        ok = _leads_to_end(drawn, counts[pending], exits[pending], final[pending])
        successors[pending[ok]] = drawn[ok]
        pending = pending[~ok]
    return successors, exits


def _draw(
    sources: Letters,
    targets: Letters,
    final: npt.NDArray[np.int64],
    n_codes: int,
    rng: np.random.Generator,
) -> Letters:
    """Targets of the edges, (n, n_edges): by source, else random, but no letter ends on a loop."""
    keys, chance = rng.random(sources.shape), rng.random(sources.shape)
    drawn = np.empty_like(targets)
    for first in range(0, len(sources), _ROWS_IN_CACHE):
        rows = slice(first, first + _ROWS_IN_CACHE)
        put_last = _last_exits(sources[rows], targets[rows], final[rows], chance[rows], n_codes)
        key = keys[rows]
        key *= 0.5
        key += sources[rows]
        key[put_last] += 0.5
        bits = key.view(np.int64)  # positive floats rise as their bits do; the last carry targets
        bits >>= _TARGET_BITS
        bits <<= _TARGET_BITS
        bits |= targets[rows]
        bits.sort(axis=1)
        drawn[rows] = bits & ((1 << _TARGET_BITS) - 1)
    return drawn


def _last_exits(
    sources: Letters,
    targets: Letters,
    final: npt.NDArray[np.int64],
    chance: npt.NDArray[np.float64],
    n_codes: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column of the edges that leave a letter last.

    The last exit of any letter but the final one must lead away from it, so it is drawn first,
    among those that do.
    """
    leaves = np.where(sources == targets, np.uint8(n_codes), sources)
    rows, columns = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for code in range(n_codes):
        is_leaving = leaves == code
        if not is_leaving.any():
            continue
        last = (chance * is_leaving).argmax(axis=1)
        exists = is_leaving[np.arange(len(last)), last] & (final != code)
        rows.append(np.flatnonzero(exists))
        columns.append(last[exists])
    return np.concatenate(rows), np.concatenate(columns)


def _leads_to_end(
    drawn: Letters,
    counts: npt.NDArray[np.int64],
    exits: npt.NDArray[np.int64],
    final: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Whether the last exits of all letters lead to the final letter, per row."""
    n, n_codes = counts.shape
    last = np.maximum(exits + counts - 1, 0)
    target = np.take_along_axis(drawn, np.minimum(last, drawn.shape[1] - 1), axis=1).astype(
        np.int64
    )
    at = np.broadcast_to(np.arange(n_codes), (n, n_codes)).copy()
    for _ in range(n_codes):
        at = np.where(at == final[:, None], at, np.take_along_axis(target, at, axis=1))
    reached: npt.NDArray[np.bool_] = ((at == final[:, None]) | (counts == 0)).all(axis=1)
    return reached
