"""Words, the letters of motifs, written into background sequences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import INVALID, Alphabet
from motifbook.data import schema, store
from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, encode, reverse_complement, shuffle
from motifbook.train.evaluate import outputs, trained
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

Background = Any  # AnnData, list of sequences, or letter codes (n, length) uint8

LETTERS = ("consensus", "drawn")
_ROWS_AT_ONCE = 8192  # bounds memory


@dataclass(frozen=True, eq=False)
class Word:
    """Letters that stand for a motif.

    Parameters
    ----------
    name
        Of the motif.
    letters : (1, width) or (n, width)
        Codes, the same for all n backgrounds or one row for each; where they are unknown, the
        letter of the background stays.
    """

    name: str
    letters: Letters

    @property
    def width(self) -> int:
        """How many positions it spans."""
        return int(self.letters.shape[1])

    def on(self, strand: str, alphabet: Alphabet) -> Word:
        """The word as it reads on the given strand, "+" or "-", of a sequence."""
        if strand == "+":
            return self
        return replace(self, letters=reverse_complement(self.letters, alphabet))


@dataclass(frozen=True)
class Site:
    """Where a word is written: at [start, start + width) of every background."""

    word: Word
    start: int


def backgrounds(adata: AnnData, *, n: int = 100, seed: int | None = None) -> Letters:
    """Make background sequences for experiments: shuffles of sequences of `adata`.

    Parameters
    ----------
    n
        How many; their sequences are drawn at random, each once before any comes twice.

    Returns
    -------
    (n, length) uint8
        Letter codes. Each has the pairs of neighboring letters of its sequence, but no motifs
        except by chance.

    Raises
    ------
    InputError
        If `adata` holds no sequences.

    Examples
    --------
    >>> import motifbook as mb
    >>> backgrounds(mb.simulate(n=20, length=100, seed=0), n=8, seed=0).shape
    (8, 100)
    """
    schema.refuse_others(adata)
    n = _check.whole_number(n, "n")
    rng = _check.generator(seed, "backgrounds")
    letters = store.get_letters(adata)
    n_letters = store.get_alphabet(adata).n_letters
    letters = letters[(letters < n_letters).any(axis=1)]
    if not len(letters):
        raise _check.InputError("`adata` holds no sequences; expected some to shuffle.")
    rows = np.resize(rng.permutation(len(letters)), n)
    return shuffle(letters[rows], n_letters, seed=int(rng.integers(2**31)))


def background_letters(model: Network, background: Background, name: str = "background") -> Letters:
    """Return the letter codes, (n, length), of backgrounds in the network's alphabet.

    Errors call them `name`.

    Raises
    ------
    InputError
        If the network is untrained, or they are none, no sequences, or in another alphabet.
    """
    trained(model)
    if hasattr(background, "obs"):
        refuse_other_alphabet(model, background)
        letters = store.get_letters(background)
    elif isinstance(background, np.ndarray) and background.dtype == np.uint8:
        letters = background
    else:
        letters = _encoded(background, model.alphabet, name)
    _check.shape(letters, name, "(n, length) letter codes", None, None)
    if not letters.size:
        raise _check.InputError(f"`{name}` holds no letters; expected sequences.")
    if letters.max() > model.alphabet.n_letters:
        raise _check.InputError(
            f"`{name}` holds the letter code {letters.max()}; expected codes from 0 to "
            f"{model.alphabet.n_letters}, as `mb.backgrounds(adata)` makes them."
        )
    is_known = (letters < model.alphabet.n_letters).any(axis=1)
    if not is_known.all():
        raise _check.InputError(
            f"`{name}` has no known letter in row {int(is_known.argmin())}; expected "
            "sequences. Leave that one out."
        )
    return letters


def _encoded(background: Background, alphabet: Alphabet, name: str) -> Letters:
    columns = [str(column) for column in getattr(background, "columns", [])]
    if columns:  # a table would be read as the names of its columns
        column = next((one for one in columns if one.lower() == "sequence"), columns[0])
        raise _check.InputError(
            f"`{name}` is a table; expected sequences. Take the column that holds them, such as "
            f'`{name}=table["{column}"]`.'
        )
    is_many = isinstance(background, Iterable) and not isinstance(background, (str, Mapping))
    sequences = list(background) if is_many else []
    if not sequences or not all(isinstance(sequence, str) for sequence in sequences):
        raise _check.InputError(
            f"`{name}` is {_check.shown(background)}; expected an AnnData, a list of "
            "sequences, or letter codes (n, length) uint8 as `mb.backgrounds(adata)` makes them."
        )
    return encode(sequences, alphabet)


def word_of(
    motif: Motif | str,
    alphabet: Alphabet,
    *,
    letters: str = "consensus",
    n: int = 1,
    rng: np.random.Generator | None = None,
) -> Word:
    """Return the letters that stand for a motif.

    Parameters
    ----------
    motif
        A motif, or letters such as "TGACTCA" or "TTNNGAA".
    letters
        "consensus": the likeliest letter of each column, unknown where it holds less than 0.25
        bits. "drawn": each column's letter drawn by its probabilities, n times.

    Raises
    ------
    InputError
        If it is neither, or in another alphabet.
    """
    _check.one_of(letters, "letters", LETTERS)
    if isinstance(motif, str):
        return Word(motif, _typed(motif, alphabet)[None])
    if not isinstance(motif, Motif):
        raise _check.InputError(
            f"A motif is {_check.shown(motif)}; expected a Motif or its letters, such as 'TGACTCA'."
        )
    if motif.alphabet != alphabet:
        raise _check.InputError(
            f"Motif {motif.name!r} is written in {motif.alphabet.name} letters, the network reads "
            f"{alphabet.name}; expected one alphabet, {alphabet.letters}."
        )
    if letters == "consensus":
        return Word(motif.name, alphabet.codes(motif.consensus)[None])
    chance = (rng or np.random.default_rng()).random((n, 1, motif.width))
    drawn = (chance > motif.ppm.cumsum(axis=0)[:-1]).sum(axis=1)
    return Word(motif.name, drawn.astype(np.uint8))


def _typed(text: str, alphabet: Alphabet) -> Letters:
    codes = alphabet.codes(text)
    bad = np.flatnonzero(codes == INVALID)
    if len(bad) or not len(codes):
        raise _check.InputError(
            f"The motif {text!r} is no word of {alphabet.name} letters {alphabet.letters} (or "
            f"{alphabet.unknown} for any); expected one, or a Motif. `mb.database` has known "
            "motifs by name."
        )
    return codes


def centered(length: int, width: int) -> int:
    """Return where a stretch of `width` letters starts so that it lies in the middle."""
    return length // 2 - width // 2


def refuse_outside(letters: Letters, alphabet: Alphabet, sites: Sequence[Site], hint: str) -> None:
    """Refuse sites that do not lie within the letters of every background."""
    known = letters < alphabet.n_letters
    first = int(known.argmax(axis=1).max())
    last = letters.shape[1] - int(known[:, ::-1].argmax(axis=1).max())
    for site in sites:
        start, end = site.start, site.start + site.word.width
        if start < first or end > last:
            raise _check.InputError(
                f"Motif {site.word.name!r} would lie at letters {start} to {end}, but not all "
                f"backgrounds have more than letters {first} to {last}; expected room for it. "
                f"{hint}"
            )


def outputs_with(
    model: Network,
    letters: Letters,
    designs: Sequence[Sequence[Site]],
    *,
    device: str,
    batch_size: int,
) -> npt.NDArray[np.float64]:
    """Outputs for every background with the sites of every design, (n_designs, n, n_readouts).

    `letters`, (n, length), are the backgrounds; the sites of a design are written in order.
    """
    n, length = letters.shape
    at_once = max(1, _ROWS_AT_ONCE // n)
    values = np.empty((len(designs), n, model.n_readouts))
    for first in range(0, len(designs), at_once):
        block = designs[first : first + at_once]
        written = np.repeat(letters[None], len(block), axis=0)  # (n_block, n, length)
        for copy, sites in zip(written, block):
            for site in sites:
                write_site(copy, site, model.alphabet)
        predicted = outputs(
            model, written.reshape(-1, length), batch_size=batch_size, device=device
        )
        values[first : first + at_once] = predicted.reshape(len(block), n, -1)
    return values


def write_site(letters: Letters, site: Site, alphabet: Alphabet) -> None:
    """Write a word into letter codes, (n, length), in place; unknown letters of it write nothing.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> letters = encode(["AAAAAA"])
    >>> write_site(letters, Site(word_of("GNC", DNA), 2), DNA)
    >>> letters.tolist()
    [[0, 0, 2, 0, 1, 0]]
    """
    word = site.word.letters
    span = letters[:, site.start : site.start + site.word.width]
    np.copyto(span, word, where=word != alphabet.n_letters)
