"""Reference and alternative side by side: readouts, and what becomes of motif instances."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import trained
from motifbook.variants.find import find_alleles
from motifbook.variants.instances import compare_instances
from motifbook.variants.motifs import instance_rule
from motifbook.variants.tables import allele_table, instance_table, no_instances, with_fates

if TYPE_CHECKING:
    from anndata import AnnData

PathLike = str | os.PathLike[str]

_NO_MOTIFS = "The network has no motifs in use: which instances change is not told."
_SITE = ["start", "end", "strand", "motif"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Variants, their sequences and the instances on them.

    Parameters
    ----------
    table
        What `score_variants` returns.
    instances
        One row per instance of either allele and readout:

        - variant: number of the variant, 0 for the first of `table`; name, chrom: as in `table`
        - start, end, strand, motif: on the reference, 0-based, half-open; of created ones, where
          they would lie there
        - fate: "destroyed", "created", "weakened" or "strengthened" (the weight changes by a
          quarter or more), "kept"
        - readout; reference, alternative: the instance's weight on each allele, 0 where it is
          not seen; effect: their difference; unit
        - score_reference, score_alternative: as `mb.call_instances`; NaN where it is not seen
        - start_reference, start_alternative: first letter in `reference` and `alternative`, -1
          where it is not seen; width
    reference, alternative : n strings
        Letters of each variant's window; an alternative that lost or gained letters is shorter or
        longer here, while the network sees it refilled or cut to the same length.
    """

    table: pd.DataFrame
    instances: pd.DataFrame
    reference: list[str]
    alternative: list[str]

    def before(self, variant: int) -> pd.DataFrame:
        """Instances on the reference of a variant, as `mb.plot.variants` draws them."""
        return self._on("reference", variant, ("created",))

    def after(self, variant: int) -> pd.DataFrame:
        """Instances on its alternative."""
        return self._on("alternative", variant, ("destroyed",))

    def _on(self, allele: str, variant: int, others: Sequence[str]) -> pd.DataFrame:
        own = self.instances[self.instances["variant"] == variant]
        start = own[f"start_{allele}"]
        here = own.assign(start=start, end=start + own["width"])
        shown = here[(start >= 0) & ~own["fate"].isin(others)]
        return shown[_SITE].drop_duplicates(ignore_index=True)


def compare_alleles(
    model: Network,
    variants: pd.DataFrame | PathLike | AnnData,
    *,
    genome: PathLike | None = None,
    adata: AnnData | None = None,
    motifs: Sequence[Motif] | None = None,
    length: int | None = None,
    together: str | None = None,
    rename: Mapping[str, str] | None = None,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 512,
) -> Comparison:
    """Compare the alleles of variants and keep everything: sequences and all instances.

    Parameters and errors are those of `score_variants`, which returns the table alone.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    >>> model = mb.MotifSyntaxNet(1, width=15)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=100))
    >>> reference = "ACGTTGCA" * 4 + "AAAAAGAGGAAGTGA" + "TGCAACGT" * 4
    >>> pairs = pd.DataFrame({"ref": [reference], "alt": [reference.replace("GAGGAA", "GACTCA")]})
    >>> compared = compare_alleles(model, pairs, adata=adata)
    >>> compared.instances[["start", "end", "fate"]].values.tolist()
    [[34, 47, 'destroyed']]
    """
    alleles = find_alleles(
        model, variants, genome=genome, length=length, together=together, rename=rename
    )
    table = allele_table(model, alleles, batch_size=batch_size, device=device)
    rule = None
    if isinstance(model, MotifNetwork):
        letters = alleles.encode(alleles.reference())
        rule = instance_rule(
            model, letters, adata, motifs, seed=seed, batch_size=batch_size, device=device
        )
    instances, done = no_instances(), [_NO_MOTIFS]
    if isinstance(model, MotifNetwork) and rule is not None:
        fates = compare_instances(model, alleles, rule, batch_size=batch_size, device=device)
        instances, done = instance_table(fates, alleles, trained(model)), []
    table = with_fates(table, instances)
    table.attrs["done"] = [*alleles.done, *done]
    return Comparison(table, instances, *alleles.plain())
