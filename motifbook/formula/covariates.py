"""What goes into a formula beside motifs: letter composition, measured numbers, batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_numeric_dtype

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet, named, written
from motifbook.data.quality.composition import composition as count_letters
from motifbook.onehot import Letters

Floats = npt.NDArray[np.float64]
MOST_CATEGORIES = 50
COLLINEAR = 1e-4  # of a column's deviation: less than that is left by the columns before it


@dataclass(frozen=True)
class Covariate:
    """One term beside the motifs.

    Parameters
    ----------
    name
        Of the term: "GC", "GC^2", "CpG", "share of K", a numeric column by its name, or
        "batch = B".
    column
        Of `obs`; "" for composition.
    category
        The term is 1 where `column` holds this word, else 0; None for numbers.
    center
        Subtracted from the value; for "GC^2" before squaring. 0 for categories.
    """

    name: str
    column: str = ""
    category: str | None = None
    center: float = 0.0


@dataclass(frozen=True)
class Covariates:
    """Columns beside the motif counts; numbers are centered on the rows they were learned from.

    Parameters
    ----------
    terms
        In the order of the columns.
    alphabet
        That the letters are written in.
    words
        Of each column of words: those it held, the most common first.
    notes
        What was left out and why, in sentences.

    Examples
    --------
    >>> from motifbook.onehot import encode
    >>> letters = encode(["ACGTACGT", "AAATTTAA", "GGGGCCAT", "ACACACGC"])
    >>> obs = pd.DataFrame({"half_life": [1.0, 2.0, 4.0, 5.0], "batch": ["A", "A", "B", "A"]})
    >>> covariates = Covariates.learn(letters, DNA, obs, ["half_life", "batch"], composition=False)
    >>> covariates.names
    ('half_life', 'batch = B')
    >>> covariates.table(letters, obs).T.tolist()
    [[-2.0, -1.0, 1.0, 2.0], [0.0, 0.0, 1.0, 0.0]]
    """

    terms: tuple[Covariate, ...] = ()
    alphabet: Alphabet = DNA
    words: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What tables call the terms."""
        return tuple(term.name for term in self.terms)

    @classmethod
    def learn(
        cls,
        letters: Letters,
        alphabet: Alphabet,
        obs: pd.DataFrame,
        wanted: Sequence[str] = (),
        *,
        composition: bool = True,
    ) -> Covariates:
        """Choose terms and their centers from these rows.

        Parameters
        ----------
        letters : (n, length)
            Letter codes.
        obs : n rows
            With the `wanted` columns: numbers, or words of which each but the most common becomes
            a term.
        composition
            Whether letters count as well: share of G and C, its square, and share of CG among all
            two letters in a row; the share of each letter in other alphabets.

        Raises
        ------
        InputError
            If a column is not there, holds a missing value, or too many different words.

        Notes
        -----
        Terms that are constant or a combination of those before them are left out; `notes` says
        so. Without the composition, motifs are found for what is a matter of G and C (methods
        section 6.3 of the contextual regression of Liu & Wang 2022, arXiv 2208.09559, as tested).
        """
        if isinstance(wanted, str):
            raise _check.InputError(
                f"`covariates` is {wanted!r}; expected a list of columns: [{wanted!r}]."
            )
        if not isinstance(wanted, Iterable):
            raise _check.InputError(
                f"`covariates` is {_check.shown(wanted)}; expected a list of columns: ['batch']."
            )
        shares = _composition(letters, alphabet) if composition else {}
        terms = [Covariate(name, center=_mean(values)) for name, values in shares.items()]
        words: dict[str, list[str]] = {}
        for column in dict.fromkeys(wanted):
            _refuse_unknown(obs, column, [])
            words[column] = _words(obs, column)
            terms += _terms_of(obs, column, words[column], [term.name for term in terms])
        everything = cls(tuple(terms), alphabet, words)
        kept, notes = _independent(everything.table(letters, obs), everything.names)
        return cls(tuple(terms[number] for number in kept), alphabet, words, tuple(notes))

    def table(self, letters: Letters, obs: pd.DataFrame) -> Floats:
        """Value of every term for every sequence, (n, n_terms).

        Sequences without a known letter count as average in composition.

        Raises
        ------
        InputError
            If a column is not there, a value is missing, or a word was not among the learned ones.
        """
        from_letters = any(not term.column for term in self.terms)
        shares = _composition(letters, self.alphabet) if from_letters else {}
        for column in dict.fromkeys(term.column for term in self.terms if term.column):
            _refuse_unknown(obs, column, self.words.get(column, []))
        values = np.zeros((len(letters), len(self.terms)))
        for number, term in enumerate(self.terms):
            if term.category is not None:
                values[:, number] = obs[term.column].astype(str) == term.category
            elif term.column:
                values[:, number] = _numbers(obs, term.column) - term.center
            else:
                away = np.nan_to_num(shares[term.name] - term.center)
                values[:, number] = away**2 if term.name == "GC^2" else away
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "terms": [asdict(term) for term in self.terms],
            "alphabet": written(self.alphabet),
            "words": self.words,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Covariates:
        """Read what `to_dict` wrote."""
        terms = tuple(Covariate(**term) for term in fields["terms"])
        return cls(terms, named(fields["alphabet"]), fields["words"], tuple(fields["notes"]))


def _composition(letters: Letters, alphabet: Alphabet) -> dict[str, Floats]:
    """Shares by term, (n,) each, GC twice; NaN where a sequence has no known letter."""
    counted = count_letters(letters, alphabet)
    if not alphabet.is_nucleotides:
        return {f"share of {x}": counted.share([i]) for i, x in enumerate(alphabet.letters)}
    gc = counted.share([alphabet.letters.index("G"), alphabet.letters.index("C")])
    return {"GC": gc, "GC^2": gc, "CpG": counted.cpg}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _words(obs: pd.DataFrame, column: str) -> list[str]:
    """The words of a column, the most common first; none of a column of numbers."""
    if is_numeric_dtype(obs[column]):
        return []
    counts = obs[column].astype(str).value_counts()
    counts = counts[counts > 0]
    if len(counts) > MOST_CATEGORIES:
        raise _check.InputError(
            f"Covariate {column!r} holds {len(counts):,} different words in {len(obs):,} rows; "
            f"expected numbers, or {MOST_CATEGORIES} words at most. Leave it out or join words."
        )
    return sorted(map(str, counts.index), key=lambda word: (-counts[word], word))


def _terms_of(
    obs: pd.DataFrame, column: str, words: Sequence[str], taken: Sequence[str]
) -> list[Covariate]:
    """Terms of one column; where its name is taken, they get " (column)" behind it."""
    name = f"{column} (column)" if column in taken else column
    if not words:
        return [Covariate(name, column, center=_mean(_numbers(obs, column)))]
    return [Covariate(f"{name} = {word}", column, word) for word in sorted(words[1:] or words)]


def _independent(values: Floats, names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Which columns, (n, n_terms), say something of their own, and sentences on the others."""
    kept: list[int] = []
    notes: list[str] = []
    basis = np.zeros((len(values), 0))
    centered = values - values.mean(axis=0)
    for number, column in enumerate(centered.T):
        size = np.linalg.norm(column)
        if size <= 1e-9 * max(1.0, np.abs(values[:, number]).max(initial=0)) * len(column) ** 0.5:
            notes.append(f"{names[number]} was left out: it is the same for all sequences.")
            continue
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough
        if np.linalg.norm(rest) <= COLLINEAR * size:
            notes.append(f"{names[number]} was left out: the terms before it say the same.")
            continue
        kept.append(number)
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept, notes


def _numbers(obs: pd.DataFrame, column: str) -> Floats:
    if not is_numeric_dtype(obs[column]):
        raise _check.InputError(
            f"Covariate {column!r} holds {_check.shown(obs[column].iloc[0])}; expected numbers, "
            "as in the rows that the formula was fitted on."
        )
    return obs[column].to_numpy(dtype=np.float64)


def _refuse_unknown(obs: pd.DataFrame, column: str, words: Sequence[str]) -> None:
    """Refuse values that are missing or infinite, and words not among the learned ones."""
    _check.columns(obs.columns, [column], "`adata.obs`")
    values = obs[column]
    is_number = is_numeric_dtype(values)
    missing = np.flatnonzero(
        values.isna() | (np.isinf(_numbers(obs, column)) if is_number else False)
    )
    if len(missing):
        raise _check.InputError(
            f"Covariate {column!r} has no value for sequence {obs.index[missing[0]]!r} "
            f"({len(missing):,} of {len(obs):,} have none); expected one for each. Fill them in, "
            "or leave these rows out."
        )
    is_known = values.astype(str).isin(words).to_numpy()
    other = np.flatnonzero(~is_known) if words else missing
    if len(other):
        raise _check.InputError(
            f"Covariate {column!r} is {str(values.iloc[other[0]])!r} for sequence "
            f"{obs.index[other[0]]!r}; expected one of {_check.shown(list(words))}, the words that "
            "the formula was fitted on."
        )
