"""What variants do to the readouts that a network predicts, and to the instances of its motifs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from motifbook.models.network import Network
from motifbook.motif.matrix import Motif
from motifbook.variants.compare import compare_alleles

if TYPE_CHECKING:
    from anndata import AnnData

PathLike = str | os.PathLike[str]


def score_variants(
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
) -> pd.DataFrame:
    """Predict what variants do to the readouts, and which motif instances they make or destroy.

    Parameters
    ----------
    model
        Trained. Networks without a motif layer predict effects only.
    variants
        With `genome`: a VCF file, plain or packed, or a table such as `mb.read_vcf` returns, with
        columns chrom, position (0-based), ref, alt and perhaps name. Without: pairs of sequences,
        as a table or its file with columns reference and alternative (or ref and alt) and perhaps
        name, or as an AnnData whose `obs` has `pair` and `allele`. The sequences of a pair may
        differ in several places and in length.
    genome
        FASTA or 2bit of the assembly that the places count in.
    adata
        Sequences like those the network was trained on, best its own: from them it is learned
        when a motif counts as an instance, and which motifs the network uses. By default from the
        reference sequences, with the motifs of the filters' weights.
    motifs
        From `mb.read_motifs` of this network, perhaps renamed, such as by `mb.name_motifs`.
    length
        Letters around each variant; by default those of the training sequences. Of pairs, letters
        to which all are padded with N; by default those of the longest.
    together
        Which variants share one sequence: "phase" (those on one haplotype of the only sample), the
        name of a sample, "name" (the same ID), a key of INFO, or a column of the table. By default
        each variant is alone. Only what lies within half a window of each other can share one.
    rename
        Chromosome names of your file -> names of the genome, such as {"4": "chrIV"}.
    seed
        Of the shuffles on which false calls are counted.

    Returns
    -------
    DataFrame
        One row per variant, pair or group, and readout:

        - name: the ID, else as chr1:1000:A>G, which counts from 1 as VCF does; of a group joined
          by "+"
        - chrom, position: 0-based, of the first change; "." and the place in the sequence for
          pairs
        - ref, alt: letters; of several changes separated by commas
        - readout; reference, alternative: predictions, on the scale of the measurement
        - effect: alternative - reference, on the scale on which effects add up
        - alone: the sum of the effects of its changes alone; what differs from `effect` is what
          they do together
        - unit: of `effect` and `alone`: "logit" or "readout"
        - destroyed, created: motif instances, such as "GATA1 at 96-103 (-), -1.25": place on the
          reference, 0-based, half-open, and what its weight changes by

        `attrs["done"]` says in plain sentences what was left out and why.

    Raises
    ------
    InputError
        If a file or table is malformed (file and line are named), chromosome names or most
        references differ from the genome's, or an option does not fit.

    Notes
    -----
    Windows are centered on the variant, and both alleles are as long: where the alternative lost
    letters, those behind the window move in. An instance is destroyed (or created) if it holds
    changed letters, is called as `mb.call_instances` does on the reference (the alternative) only,
    and its score falls (rises) by three bits or more, so that a score near the threshold does not
    flicker. Where letters changed, one false call in 300 letters is allowed, elsewhere one in
    2,000. An instance that an insertion or deletion moved is the same instance.

    `mb.compare_alleles` returns all instances, also those that are weakened, and the sequences.
    `benchmarks/variants.py` compares effects and calls with a known truth.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=600, length=80, rule="single", seed=0)
    >>> model = mb.MotifSyntaxNet(1, width=15)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=100))
    >>> reference = "ACGTTGCA" * 4 + "AAAAAGAGGAAGTGA" + "TGCAACGT" * 4
    >>> pairs = pd.DataFrame({"ref": [reference], "alt": [reference.replace("GAGGAA", "GACTCA")]})
    >>> variants = score_variants(model, pairs, adata=adata)
    >>> variants[["position", "ref", "alt", "unit"]].values.tolist()
    [[39, 'GGA', 'CTC', 'logit']]
    >>> variants["destroyed"][0].split(",")[0], variants["created"][0]
    ('motif_1 at 34-47 (-)', '')
    """
    return compare_alleles(
        model,
        variants,
        genome=genome,
        adata=adata,
        motifs=motifs,
        length=length,
        together=together,
        rename=rename,
        seed=seed,
        batch_size=batch_size,
        device=device,
    ).table
