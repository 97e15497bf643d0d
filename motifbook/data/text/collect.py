"""What all readers share: sequences, what was done to them, and the AnnData made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, written
from motifbook.data import schema
from motifbook.data.text.clean import BLOCK, Where, clean
from motifbook.data.words import listed
from motifbook.onehot import Letters, encode

_LONGEST = 20_000  # letters; beyond it is a genome, not a sequence
_MANY_LETTERS = 2e7  # sets with more letters are kept as codes
_NO_REGION = {schema.CHROM: ".", schema.START: -1, schema.END: -1, schema.STRAND: "."}


@dataclass(frozen=True)
class Collected:
    """Sequences as read, before they become an AnnData.

    Parameters
    ----------
    names : n strings
        Unique.
    sequences : n strings
        Upper case, letters of the alphabet only.
    obs : (n, n_columns)
        What else is known of each sequence.
    done
        Sentences on what reading did.
    """

    names: list[str]
    sequences: list[str]
    alphabet: Alphabet
    obs: pd.DataFrame
    done: list[str]

    def take(self, rows: npt.NDArray[np.int64]) -> Collected:
        """Return the given rows."""
        return replace(
            self,
            names=[self.names[row] for row in rows],
            sequences=[self.sequences[row] for row in rows],
            obs=self.obs.iloc[rows].reset_index(drop=True),
        )


def collect(
    names: list[str],
    sequences: list[str],
    alphabet: Alphabet,
    *,
    where: Where,
    obs: pd.DataFrame | None = None,
    done: Sequence[str] = (),
) -> Collected:
    """Clean sequences, in place, and make their names unique.

    `where(row)` says where a sequence stands in the user's file ("Record 'x' (line 3)").

    Raises
    ------
    InputError
        If a letter is outside the alphabet, or a sequence is as long as a genome.
    """
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    if lengths.max(initial=0) > _LONGEST:
        refuse_genome(where(int(lengths.argmax())), f"{lengths.max():,}")
    on_letters = clean(sequences, alphabet, where)
    unique, on_names = unique_names(names)
    table = pd.DataFrame(index=range(len(names))) if obs is None else obs.reset_index(drop=True)
    sentences = [*done, *on_letters, *on_names, *_on_copies(sequences), *_on_lengths(lengths)]
    return Collected(unique, sequences, alphabet, table, sentences)


def refuse_genome(where: str, length: str) -> None:
    """Say that a sequence is too long for a network, and what to do."""
    raise _check.InputError(
        f"{where} is {length} letters long; expected sequences of at most {_LONGEST:,}. This looks "
        "like a genome: cut windows out of it with "
        '`mb.read_bed("peaks.bed", genome="genome.fa", length=200)`.'
    )


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Return names with a number added to later copies (a, a-2), and a sentence on them."""
    taken = set(names)
    if len(taken) == len(names):
        return names, []
    rows = np.flatnonzero(pd.Series(names, dtype=object).duplicated(keep=False)).tolist()
    unique, copies = list(names), dict.fromkeys((names[row] for row in rows), 0)
    for row in rows:
        name = candidate = names[row]
        copies[name] = number = copies[name] + 1
        while number > 1 and candidate in taken:
            candidate, number = f"{name}-{number}", number + 1
        taken.add(candidate)
        unique[row] = candidate
    sentence = (
        f"Names that occur more than once: {len(copies):,} ({listed(list(copies), 3)}); all "
        "sequences are kept, later ones with a number added to the name."
    )
    return unique, [sentence]


def _on_copies(sequences: list[str]) -> list[str]:
    n_copies = len(sequences) - len(set(sequences))
    if not n_copies:
        return []
    return [
        f"Sequences that repeat an earlier one: {n_copies:,}; kept, and `mb.split` keeps copies "
        "together."
    ]


def _on_lengths(lengths: npt.NDArray[np.int64]) -> list[str]:
    if not len(lengths) or lengths.min() == lengths.max():
        return []
    middle, longest = float(np.median(lengths)), int(lengths.max())
    done = [
        f"Lengths run from {lengths.min():,} to {longest:,} (median {middle:,.0f}); shorter "
        f"sequences are centered and padded with unknown letters to {longest:,}."
    ]
    if longest > 4 * middle:
        done.append(
            "The longest is more than 4 times the median, so most of what a network sees is "
            f"padding, and training is slow. Leave out what is longer than {2 * middle:,.0f} "
            "letters, or cut windows of one length with `mb.read_bed`."
        )
    return done


def to_anndata(collected: Collected, readouts: pd.DataFrame | None = None) -> ad.AnnData:
    """Make the AnnData: one row per sequence, one column per readout, (n, n_readouts)."""
    n = len(collected.names)
    measured = pd.DataFrame(index=range(n)) if readouts is None else readouts
    longest = max(map(len, collected.sequences), default=0)
    done = list(collected.done)
    obs = collected.obs.set_axis(pd.Index(np.array(collected.names, dtype=object)))
    obsm = {}
    if n * longest > _MANY_LETTERS:
        obsm[schema.LETTERS] = _letter_codes(collected, longest)
        done.append(f'The set is large: letters are kept as codes in `obsm["{schema.LETTERS}"]`.')
    else:
        obs.insert(0, schema.SEQUENCE, np.array(collected.sequences, dtype=object))
    return ad.AnnData(
        X=measured.to_numpy(dtype=np.float32).reshape(n, measured.shape[1]),
        obs=obs,
        var=pd.DataFrame(index=measured.columns.astype(str)),
        obsm=obsm,
        uns={schema.ALPHABET: written(collected.alphabet), schema.DONE: done},
    )


def _letter_codes(collected: Collected, longest: int) -> Letters:
    letters = np.empty((len(collected.names), longest), dtype=np.uint8)
    for first in range(0, len(letters), BLOCK):
        block = collected.sequences[first : first + BLOCK]
        letters[first : first + BLOCK] = encode(block, collected.alphabet, length=longest)
    return letters


def with_negatives(positives: Collected, negatives: Collected) -> ad.AnnData:
    """Make an AnnData of both, with the readout "bound": 1 for positives, 0 for negatives."""
    names, on_names = unique_names(positives.names + negatives.names)
    obs = pd.concat([positives.obs, negatives.obs], ignore_index=True)
    for column, value in _NO_REGION.items():  # a negative of no place in the genome
        if column in obs:
            kind = type(value)
            obs[column] = obs[column].astype(object).where(obs[column].notna(), value).astype(kind)
    both = Collected(
        names,
        positives.sequences + negatives.sequences,
        positives.alphabet,
        obs,
        [*positives.done, *negatives.done, *on_names],
    )
    bound = [1.0] * len(positives.names) + [0.0] * len(negatives.names)
    adata = to_anndata(both, pd.DataFrame({schema.BOUND: bound}))
    adata.var[schema.KIND] = schema.KINDS[0]
    return adata
