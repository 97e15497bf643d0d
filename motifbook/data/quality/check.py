"""`check`: what a biologist should know about the data before training."""

from __future__ import annotations

from dataclasses import dataclass

import anndata as ad
import pandas as pd

from motifbook.data import schema, show
from motifbook.data.quality.findings import FINE, NOTE, WARNING, Data, Facts, Finding
from motifbook.data.quality.gc_findings import on_gc
from motifbook.data.quality.letter_findings import on_lengths, on_letters, on_variety
from motifbook.data.quality.readout_findings import on_readouts
from motifbook.data.quality.relative_findings import on_copies, on_families, on_flanks
from motifbook.data.splits.leakage import caution, leakage
from motifbook.data.splits.stretches import is_large

# From how many sequences on what is to be expected. Networks refuse fewer than 20 training rows. In
# simulated sets (benchmarks/sizes.md) they find a motif of half of the positives from 300 rows on,
# a pair that acts at a distance only from 2,000 on. Words of a fifth of the positives are enriched
# visibly in 1,000 positives and 1,000 negatives, of a tenth in 2,000 and 2,000.
_REFUSED, _UNSURE, _STRONG_ONLY, _ENOUGH = 25, 300, 2000, 4000
_FEW_TESTED = 100  # rows; the standard error of an auROC of 0.9 on them is 0.03


@dataclass(frozen=True, repr=False)
class DataCheck:
    """What was found in the data.

    Parameters
    ----------
    table
        One row per finding: "topic", "level" ("fine", "note" or "warning"), "sentence", "advice".
    facts
        The numbers behind the sentences, by name; those of one readout as "name:readout".
    """

    table: pd.DataFrame
    facts: Facts

    @property
    def summary(self) -> str:
        """How many findings there are of each level."""
        counts = {level: int((self.table["level"] == level).sum()) for level in (WARNING, NOTE)}
        said = [f"{n} {level}{'s' * (n > 1)}" for level, n in counts.items() if n]
        return f"{' and '.join(said).capitalize()}." if said else "Nothing to mend."

    def __repr__(self) -> str:
        lines = [
            f"{row.level:<8}{row.topic}: {row.sentence} {row.advice}".rstrip()
            for row in self.table.itertuples()
        ]
        return "\n".join([self.summary, *lines])

    def to_html(self) -> str:
        """Return the table as HTML, for a page."""
        head = ("about", "verdict", "what is there", "what to do")
        return show.table(self.summary, head, self.table.to_numpy().tolist())

    def _repr_html_(self) -> str:
        return self.to_html()


def check(adata: ad.AnnData) -> DataCheck:
    """Look through sequences and measured values, and say what a biologist should know.

    Numbers, lengths, letters, composition against every readout, copies and families, constant
    ends, missing and odd values, the noise of the measurement, and how related the splits are.
    Nothing is changed. Relatives are looked for in sets of up to 20 million letters.

    Parameters
    ----------
    adata
        Sequences, with or without readouts and `obs["split"]`.

    Returns
    -------
    DataCheck
        Prints as sentences, shows itself as a table in a notebook.

    Raises
    ------
    InputError
        If `adata` holds no sequences, or what it holds cannot be worked with.

    Notes
    -----
    The ceiling of Pearson r is the square root of the measurement's reliability. It comes from
    replicates (mean r of all pairs, made that of their mean after Spearman 1910 and Brown 1910,
    British Journal of Psychology 3), else from standard errors, else from sequences measured more
    than once.

    Examples
    --------
    >>> from motifbook.data.simulation.simulate import simulate
    >>> found = check(simulate(n=400, rule="single", seed=0))
    >>> found.summary
    '2 notes.'
    >>> print(found.table.loc[0, "sentence"])
    400 sequences.
    """
    schema.validate(adata)
    data, facts = Data.of(adata), Facts(n=adata.n_obs)
    found = _on_size(data)
    if data.n:
        for look in (on_lengths, on_letters, on_variety, on_copies, on_families, on_flanks):
            found += look(data, facts)
        found += on_readouts(data, facts) + on_gc(data, facts) + _on_split(data, facts)
    return DataCheck(pd.DataFrame(found, columns=list(Finding._fields)), facts)


def _on_size(data: Data) -> list[Finding]:
    """Whether there are enough sequences, and for what."""
    if not data.n:
        return [Finding("size", WARNING, "There are no sequences.", "Look at what was read.")]
    said = f"{data.n:,} sequences." if data.n > 1 else "1 sequence."
    if not data.names:
        return [Finding("size", FINE, said)]
    n = max(_n_useful(data, column) for column in range(len(data.names)))
    known = "The enrichment of known motifs, `mb.enrichment`, works with few."
    if n < _REFUSED:
        advice = f"Too few to train a network on: it needs 20 training rows. {known}"
        return [Finding("size", WARNING, said, advice)]
    if n < _UNSURE:
        advice = f"Below about {_UNSURE} a network is not reliable. {known}"
        return [Finding("size", WARNING, said, advice)]
    if n < _STRONG_ONLY:
        advice = (
            "Enough for common motifs; rare ones, and pairs that act only together, may be missed."
        )
        return [Finding("size", NOTE, said, advice)]
    share = "a fifth" if n < _ENOUGH else "a tenth"
    return [Finding("size", FINE, said, f"Enough for motifs that {share} of them have.")]


def _n_useful(data: Data, column: int) -> int:
    """Measured rows of a readout; of a binary one, twice those of the rarer kind."""
    values = data.measured(column)
    if data.kinds[column] == "continuous":
        return len(values)
    return 2 * int(min((values == 1).sum(), (values == 0).sum()))


def _on_split(data: Data, facts: Facts) -> list[Finding]:
    """How large and how related training, validation and test rows are."""
    if schema.SPLIT not in data.adata.obs:
        by = "random" if facts.get("share_with_relatives", 0) < 0.05 else "similarity"
        advice = f'Make one: `adata.obs["split"] = mb.split(adata, by="{by}", seed=0)`.'
        return [Finding("split", NOTE, "There is no split yet.", advice)]
    column = data.adata.obs[schema.SPLIT].astype(object)
    counts = {part: int((column == part).sum()) for part in schema.SPLITS}
    facts |= {f"n_{part}": n for part, n in counts.items()}
    said = ", ".join(f"{n:,} {part}" for part, n in counts.items()) + "."
    found = [Finding("split", FINE, said[0].upper() + said[1:])]
    if counts["test"] < _FEW_TESTED:
        advice = "Scores on so few test rows are uncertain; `fractions` of `mb.split` gives more."
        found = [Finding("split", NOTE, said, advice)]
    return found + _on_leakage(data, facts)


def _on_leakage(data: Data, facts: Facts) -> list[Finding]:
    if is_large(data.letters):
        related = caution(data.adata)
        said = related or "Few or no copies of training sequences are held out."
        advice = "Relatives were not looked for in so large a set: `mb.leakage(adata)` does."
        return [Finding("leakage", WARNING if related else FINE, said, advice)]
    found = leakage(data.adata)
    for row in found.table[found.table["reference"] == "train"].itertuples():
        facts |= {f"copies:{row.split}": row.copies, f"similar:{row.split}": row.similar}
    level = WARNING if found.matters else FINE
    return [Finding("leakage", level, " ".join(found.sentences[:-1]), found.sentences[-1])]
