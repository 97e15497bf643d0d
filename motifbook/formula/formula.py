"""`Formula`: what `fit_formula` returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data import schema, store
from motifbook.formula.baselines import summary
from motifbook.formula.contributions import (
    N_CLUSTERS,
    SequenceClusters,
    cluster_sequences,
    contributions,
)
from motifbook.formula.count_table import with_texts
from motifbook.formula.fits import Grams, corrected, fit_continuous
from motifbook.formula.html import to_html
from motifbook.formula.influence import sum_families
from motifbook.formula.latex import to_latex
from motifbook.formula.naming import name_formula
from motifbook.formula.terms import Terms
from motifbook.formula.text import to_text
from motifbook.motif.compare import identify
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, encode

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class HeldOut:
    """The rows that coefficients come from, as the formula sees them.

    Parameters
    ----------
    names : (n,)
        Of the sequences.
    columns : (n, n_terms)
        Value of every term.
    readout : (n, n_readouts)
        Measured values; NaN where not measured.
    families : (n,)
        Name of each row's family; None where every row is its own.
    """

    names: pd.Index
    columns: Floats
    readout: Floats
    families: npt.NDArray[np.object_] | None = None


@dataclass(frozen=True)
class Formula:
    """Readout = intercept + sum of coefficient x term, with what is known about each number.

    Parameters
    ----------
    readouts, kinds
        Names of the readouts, and "binary" or "continuous" for each.
    terms
        How sequences become the numbers that are multiplied.
    intercept : (n_readouts,)
        In readout units, logits for binary readouts.
    weights : (n_terms, n_readouts)
        The coefficients, in the order of `terms.table()`.
    coefficients
        One row per readout and term (`tables.COEFFICIENT_COLUMNS`), the intercept first: interval
        of 95 % (`lower`, `upper`), p-value, Benjamini-Hochberg q-value over motif terms of all
        readouts (for pairs: over all that were tried), `standardized` (readout deviations per
        deviation of the term), `mean` of the term, `n` rows, `unit` ("readout" or "logit", per site
        for motifs). All from the inference rows alone.
    same
        One row per motif: is its coefficient the same in all readouts? motif, statistic, df,
        p_value, q_value; empty with one readout.
    deviations
        One row per motif and readout: how far the coefficient lies from the motif's mean over
        readouts: motif, readout, deviation, lower, upper, p_value, q_value.
    interactions
        One row per tried pair: motif, partner, readout, coefficient, lower, upper, p_value,
        q_value, score (what the residual context makes of it), in_formula.
    baselines
        One row per model and readout on the inference rows: model, readout, kind, n, r2, pearson
        (auroc for binary ones), and n_terms where it has any. Models: "formula" (without pairs,
        which were chosen on these rows, and with coefficients fitted anew to the others, as all
        models are), "composition", "k-mer ridge", "k-mer lasso", "CNN", "ceiling" (where
        replicates or standard errors give one).
    selection
        One row per motif that was a candidate: motif, source ("learned", "known", "word", "given"
        or "counted"), support, frequency (stability), kept, why.
    held_out
        The inference rows; None in a formula read from a file.
    info
        Seeds, versions, numbers of rows, notes in sentences (`notes`).
    """

    readouts: list[str]
    kinds: list[str]
    terms: Terms
    alphabet: Alphabet
    intercept: Floats
    weights: Floats
    coefficients: pd.DataFrame
    same: pd.DataFrame
    deviations: pd.DataFrame
    interactions: pd.DataFrame
    baselines: pd.DataFrame
    selection: pd.DataFrame
    held_out: HeldOut | None = None
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def motifs(self) -> list[Motif]:
        """The motifs of the formula, strongest first."""
        return [counted.motif for counted in self.terms.motifs]

    def predict(self, sequences: Any) -> Floats:
        """Readouts by the formula, (n, n_readouts), on the scale of the measurement.

        Parameters
        ----------
        sequences
            An AnnData, with the covariates of the formula in `obs`; a list of sequences; or, for a
            formula of counts made elsewhere, a table with their columns (or an AnnData with them in
            `obs`).

        Returns
        -------
        (n, n_readouts)
            ``intercept + sum of coefficient x term``; for binary readouts the probability.

        Raises
        ------
        InputError
            If a column that the formula needs is not there, sequences have another length than
            its bins were made for, or are written in other letters.
        """
        letters, obs = self._inputs(sequences)
        return self._linked(self.intercept + self._columns(letters, obs) @ self.weights)

    def counts(self, sequences: Any) -> pd.DataFrame:
        """Value of every term for every sequence: rows as `predict`, columns as `terms.table()`."""
        letters, obs = self._inputs(sequences)
        columns = self._columns(letters, obs)
        return pd.DataFrame(columns, index=obs.index, columns=self.terms.table()["term"].tolist())

    def _columns(self, letters: Letters, obs: pd.DataFrame) -> Floats:
        return self.terms.at_length(letters.shape[1]).columns(letters, obs)

    def _linked(self, values: Floats) -> Floats:
        is_binary = np.array([kind == "binary" for kind in self.kinds])
        linked: Floats = np.where(is_binary, expit(values), values)
        return linked

    def _inputs(self, sequences: Any) -> tuple[Letters, pd.DataFrame]:
        """Letter codes and the table of other columns; no letters where the formula reads none."""
        if isinstance(sequences, pd.DataFrame):
            if self.terms.motifs:
                raise _check.InputError(
                    "`sequences` is a table; expected an AnnData or a list of sequences, whose "
                    "sites this formula counts itself."
                )
            return self._no_letters(len(sequences)), with_texts(sequences)
        if isinstance(sequences, str):
            sequences = [sequences]
        if isinstance(sequences, (Sequence, np.ndarray, pd.Series)):
            texts = [str(sequence) for sequence in sequences]
            return encode(texts, self.alphabet), pd.DataFrame(index=range(len(texts)))
        schema.refuse_others(sequences)
        if self.terms.counted and not self.terms.motifs:
            return self._no_letters(sequences.n_obs), sequences.obs
        if store.get_alphabet(sequences) != self.alphabet:
            raise _check.InputError(
                f"`sequences` are written in {store.get_alphabet(sequences).name} letters, the "
                f"formula's motifs in {self.alphabet.name}; expected the same."
            )
        return store.get_letters(sequences), sequences.obs

    def _no_letters(self, n: int) -> Letters:
        return np.zeros((n, self.terms.positions.length), np.uint8)

    def r2_without(
        self, readout: str | int, off: Sequence[str] = (), *, refit: bool = True
    ) -> float:
        """Share of a readout's variance that is explained when some terms are taken out.

        Parameters
        ----------
        readout
            Name or number.
        off
            Names of terms (column "term"), or of motifs, which stand for all of theirs.
        refit
            Whether the other coefficients are fitted anew. Otherwise they stay, and each term that
            is off counts with its mean.

        Returns
        -------
        float
            On the inference rows, each predicted by coefficients fitted to all others
            (leave-one-out, families as one, in closed form). Binary readouts are taken as the
            numbers 0 and 1.

        Raises
        ------
        InputError
            If a name is unknown, or the formula was read from a file.
        """
        number = self._readout_number(readout)
        if self.held_out is None:
            raise _check.InputError(
                "The formula was read from a file, which keeps no rows; expected one that "
                "`mb.fit_formula` has just returned."
            )
        is_off = self._terms_off(off)
        y = self.held_out.readout[:, number]
        measured = np.isfinite(y)
        y, columns = y[measured].astype(np.float64), self.held_out.columns[measured]
        if refit:
            columns, is_off = columns[:, ~is_off], is_off[~is_off]
        families = None
        if self.held_out.families is not None:
            families = np.unique(self.held_out.families[measured], return_inverse=True)[1]
        error = _left_out_errors(columns, y, is_off, families)
        return float(1 - (error**2).sum() / ((y - y.mean()) ** 2).sum())

    def _readout_number(self, readout: str | int) -> int:
        if isinstance(readout, str):
            _check.one_of(readout, "readout", self.readouts)
            return self.readouts.index(readout)
        return _check.whole_number(readout, "readout", low=0, high=len(self.readouts) - 1)

    def _terms_off(self, off: Sequence[str]) -> npt.NDArray[np.bool_]:
        table = self.terms.table()
        is_motif = table["kind"] == "motif"
        is_off = np.zeros(len(table), dtype=bool)
        for name in [off] if isinstance(off, str) or not isinstance(off, Iterable) else off:
            _check.one_of(
                name, "off", dict.fromkeys([*table["term"], *table.loc[is_motif, "motif"]])
            )
            is_off |= ((table["term"] == name) | (is_motif & (table["motif"] == name))).to_numpy()
        return is_off

    def named(
        self, collection: Any = "JASPAR2026_vertebrates", *, q_value: float = 0.05
    ) -> Formula:
        """Give motifs the names of the known motifs they look like; numbers stay the same.

        Parameters
        ----------
        collection
            See `mb.identify`.
        q_value
            Motifs without a known motif up to this q-value keep their names.

        Returns
        -------
        Formula
            A new one. Motifs read on the strand on which the known one is written.
        """
        _check.number(q_value, "q_value", low=0, high=1)
        if not self.motifs:
            return self
        return name_formula(self, identify(self.motifs, collection, n=1), q_value=q_value)

    @property
    def sentence(self) -> str:
        """What the formula is worth beside other models, in a sentence or two."""
        return summary(self.baselines)

    def to_text(
        self,
        readout: str | int | None = None,
        *,
        digits: int | None = 3,
        intervals: bool = True,
    ) -> str:
        """Plain text; see `formula.text.to_text`. With `digits=None` it is `predict`, by hand."""
        return to_text(self, readout, digits=digits, intervals=intervals)

    def to_latex(self, readout: str | int | None = None, *, digits: int = 3) -> str:
        """Equations for a paper; see `formula.latex.to_latex`."""
        return to_latex(self, readout, digits=digits)

    def to_html(self, readout: str | int | None = None, *, digits: int = 3) -> str:
        """Table with logos for a page; see `formula.html.to_html`."""
        return to_html(self, readout, digits=digits)

    def contributions(self, sequences: Any) -> Floats:
        """What the sites of each motif add to each prediction, (n, n_motifs, n_readouts).

        In readout units, against the mean of the inference rows; see
        `formula.contributions.contributions`. `sequences` as for `predict`.
        """
        return contributions(self, *self._inputs(sequences))

    def cluster(
        self, sequences: Any, *, n_clusters: int = N_CLUSTERS, seed: int | None = 0
    ) -> SequenceClusters:
        """Group sequences by what the motifs add to them; see `cluster_sequences`.

        `sequences` as for `predict`; the means of measured values are those of the readouts of an
        AnnData that have the formula's names.
        """
        return cluster_sequences(
            self.contributions(sequences),
            self._measured(sequences),
            motifs=self.terms.names,
            readouts=self.readouts,
            n_clusters=n_clusters,
            seed=seed,
        )

    def _measured(self, sequences: Any) -> Floats | None:
        """Measured values of the formula's readouts, (n, n_readouts); None where there is none."""
        if isinstance(sequences, (str, pd.DataFrame, Sequence, np.ndarray, pd.Series)):
            return None
        columns = sequences.var_names.get_indexer(self.readouts)
        values = store.get_readouts(sequences).astype(np.float64)
        found: Floats = np.full((len(values), len(columns)), np.nan)
        found[:, columns >= 0] = values[:, columns[columns >= 0]]
        return found

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        n, readouts = len(self.terms.names), ", ".join(self.readouts[:3])
        more = f" and {len(self.readouts) - 3} more" if len(self.readouts) > 3 else ""
        return f"Formula({n} motifs for {readouts}{more})"


def _left_out_errors(
    columns: Floats,
    y: Floats,
    is_off: npt.NDArray[np.bool_],
    families: npt.NDArray[np.int64] | None,
) -> Floats:
    """Error at each row when least squares is fitted to all others, (n,); means for columns off."""
    table = np.column_stack([np.ones(len(y)), columns - columns.mean(axis=0)])
    fit = fit_continuous(Grams(table), y[:, None], np.zeros(1, dtype=np.int64))
    pulls = table * corrected(fit, table, families)[0]
    if families is not None:
        pulls = sum_families(pulls, families)[families]
    kept = np.where(np.append(False, is_off), 0.0, table)
    pulled = np.einsum("ij,ij->i", kept @ fit.inverse, pulls)  # by a row on its own prediction
    errors: Floats = y - kept @ fit.coefficients[:, 0] + pulled
    return errors
