"""A small formula made by hand, for figures and the explorer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from motifbook.alphabet import DNA
from motifbook.formula.counting import CountedMotif
from motifbook.formula.covariates import Covariate, Covariates
from motifbook.formula.formula import Formula, HeldOut
from motifbook.formula.positions import Positions
from motifbook.formula.tables import COEFFICIENT_COLUMNS
from motifbook.formula.terms import Terms
from motifbook.motif.matrix import Motif

SITES = ["TTGCGCATGCGCAA", "ACCGGAAGTG", "CAGCCAATCAG", "AAGATGGCGGC", "TGACGTCA", "CAAAGTCCA"]
NAMES = ["Nrf1", "GABPA", "NFYA", "YY2", "CREB1", "HNF4A"]
SE = 0.1  # of every coefficient


def example_formula(
    n_motifs: int = 6,
    n_readouts: int = 2,
    *,
    positions: Positions | None = None,
    pairs: tuple[tuple[int, int], ...] = (),
) -> Formula:
    """Coefficients fall from 1 to 0 and change their sign from motif to motif."""
    repeated = [SITES[i % len(SITES)] for i in range(n_motifs)]
    names = [NAMES[i] if i < len(NAMES) else f"motif_{i}" for i in range(n_motifs)]
    motifs = [
        CountedMotif(Motif.from_sites(name, [site]), threshold=8.0)
        for name, site in zip(names, repeated)
    ]
    places = positions or Positions("anywhere", 1, 120)
    covariates = Covariates((Covariate("GC"),))
    terms = Terms(motifs, places, covariates, pairs)
    readouts = [f"cell {c}" for c in range(n_readouts)]
    n_terms = len(terms.table())
    sizes = np.linspace(1, 0, n_terms) * np.where(np.arange(n_terms) % 2, -1, 1)
    weights = np.column_stack([sizes * (1 - 0.9 * c / n_readouts) for c in range(n_readouts)])
    return Formula(
        readouts=readouts,
        kinds=["continuous"] * n_readouts,
        terms=terms,
        alphabet=DNA,
        intercept=np.full(n_readouts, 0.5),
        weights=weights,
        coefficients=coefficient_table(terms, readouts, weights),
        same=pd.DataFrame(columns=["motif", "statistic", "df", "p_value", "q_value"]),
        deviations=pd.DataFrame(),
        interactions=pd.DataFrame(),
        baselines=baseline_table(readouts),
        selection=pd.DataFrame(),
        held_out=held_out(weights),
        info={"notes": []},
    )


def held_out(weights: np.ndarray, n: int = 300) -> HeldOut:
    """Rows that obey the formula, with some noise."""
    rng = np.random.default_rng(0)
    columns = rng.poisson(0.5, (n, len(weights))).astype(float)
    readout = 0.5 + columns @ weights + rng.normal(0, 0.5, (n, weights.shape[1]))
    return HeldOut(pd.Index([f"sequence {i}" for i in range(n)]), columns, readout)


def coefficient_table(terms: Terms, readouts: list[str], weights: np.ndarray) -> pd.DataFrame:
    """One row per readout and term, the intercept first."""
    parts = []
    for column, readout in enumerate(readouts):
        table = terms.table()
        table["coefficient"] = weights[:, column]
        intercept = {"term": "intercept", "kind": "intercept", "coefficient": 0.5}
        table = pd.concat([pd.DataFrame([intercept]), table], ignore_index=True)
        table["readout"] = readout
        parts.append(table)
    table = pd.concat(parts, ignore_index=True).fillna({"motif": "", "partner": "", "position": ""})
    size = table["coefficient"].abs()
    return table.assign(
        se=SE,
        lower=table["coefficient"] - 1.96 * SE,
        upper=table["coefficient"] + 1.96 * SE,
        p_value=np.where(size > 1.96 * SE, 1e-4, 0.5),
        q_value=np.where(size > 1.96 * SE, 1e-3, 0.6),
        standardized=table["coefficient"] / 2,
        mean=0.5,
        n=1000,
        unit="readout",
    )[list(COEFFICIENT_COLUMNS)]


def baseline_table(readouts: list[str]) -> pd.DataFrame:
    """The same shares of variance for every readout."""
    shares = {
        "formula": 0.43,
        "composition": 0.08,
        "k-mer ridge": 0.31,
        "k-mer lasso": 0.38,
        "CNN": 0.25,
        "ceiling": 0.59,
    }
    rows = [
        (model, readout, "continuous", 1000, share, share**0.5, np.nan, np.nan)
        for readout in readouts
        for model, share in shares.items()
    ]
    columns = ["model", "readout", "kind", "n", "r2", "pearson", "auroc", "n_terms"]
    return pd.DataFrame(rows, columns=columns)


def without_intervals(formula: Formula) -> Formula:
    """The same formula where no interval could be made."""
    unknown = dict.fromkeys(["se", "lower", "upper", "p_value", "q_value"], np.nan)
    return replace(formula, coefficients=formula.coefficients.assign(**unknown))
