"""What is to be compared, from whatever the user gave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.genomes.genome import open_genome
from motifbook.data.genomes.vcf import is_vcf
from motifbook.models.network import Network
from motifbook.train.evaluate import trained
from motifbook.train.inputs import refuse_other_alphabet
from motifbook.variants.alleles import Alleles
from motifbook.variants.pairs import pairs_of_adata, pairs_of_table
from motifbook.variants.places import in_genome, read_variants
from motifbook.variants.windows import cut_windows

if TYPE_CHECKING:
    from anndata import AnnData

PathLike = str | os.PathLike[str]


def find_alleles(
    model: Network,
    variants: pd.DataFrame | PathLike | AnnData,
    *,
    genome: PathLike | None = None,
    length: int | None = None,
    together: str | None = None,
    rename: Mapping[str, str] | None = None,
) -> Alleles:
    """Return what is to be compared; parameters and errors are those of `score_variants`."""
    record = trained(model)
    if genome is not None:
        _refuse_pairs(model, variants)
        window = record.length if length is None else _check.whole_number(length, "length")
        opened = open_genome(genome)
        table, done = in_genome(read_variants(variants, together), opened, rename)
        return cut_windows(table, opened, window, model.alphabet, done)
    for name, value in (("together", together), ("rename", rename)):
        if value is not None:
            raise _check.InputError(
                f"`{name}` is {_check.shown(value)} without `genome`; expected it with a VCF file "
                "and its genome only. Leave it out: a pair of sequences holds all its changes."
            )
    if hasattr(variants, "obs"):
        refuse_other_alphabet(model, variants)
        return pairs_of_adata(variants, model.alphabet, length)
    _refuse_places(variants)
    return pairs_of_table(variants, model.alphabet, length)


def _refuse_pairs(model: Network, variants: object) -> None:
    """Refuse what `genome=` does not go with."""
    if not model.alphabet.is_nucleotides:
        raise _check.InputError(
            f"The network reads {model.alphabet.name}, a genome has DNA; expected pairs of "
            "sequences. Leave `genome` out."
        )
    if not isinstance(variants, (pd.DataFrame, str, os.PathLike)):
        raise _check.InputError(
            f"`variants` is {_check.shown(variants)}; expected a VCF file or a table of places "
            "with `genome=`. Pairs of sequences need no genome."
        )


def _refuse_places(variants: object) -> None:
    """Refuse places without a genome, and what is neither a table nor a path."""
    if isinstance(variants, pd.DataFrame):
        is_place = {schema.CHROM, "position"} <= set(variants)
    elif isinstance(variants, (str, os.PathLike)):
        is_place = is_vcf(variants)
    else:
        raise _check.InputError(
            f"`variants` is {_check.shown(variants)}; expected a VCF file (with `genome=`), or a "
            "table or AnnData of pairs of sequences."
        )
    if is_place:
        raise _check.InputError(
            "`variants` holds places in a genome; expected the genome with them. Name its FASTA "
            'file: genome="genome.fa".'
        )
