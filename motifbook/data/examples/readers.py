"""How each example set is read: the right readouts, alphabet, errors and families.

Every reader takes the paths of the set's files and the number of sequences wanted (None: all), and
returns an AnnData. What is drawn at random is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.genomes.bed import read_bed
from motifbook.data.text.covariates import count_from_zero
from motifbook.data.text.fasta import read_fasta, read_records
from motifbook.data.text.negatives import with_shuffles
from motifbook.data.text.selex import read_selex
from motifbook.data.text.table import read_table

IntArray = npt.NDArray[np.int64]

SEED = 0  # of subsets, shuffles and windows

_CONDITIONS = ("WT", "Rhet", "Rhom", "Ehet", "Ehom", "CrxKO")


def _chosen(n: int | None, n_all: int) -> IntArray:
    if n is None or n >= n_all:
        return np.arange(n_all)
    rng = _check.generator(SEED, "example")
    return np.sort(rng.choice(n_all, n, replace=False))


def _took(n: int, n_all: int) -> list[str]:
    return [f"Took {n:,} of {n_all:,} sequences at random."] if n < n_all else []


def _some(adata: ad.AnnData, n: int | None) -> ad.AnnData:
    return _taken(adata, _chosen(n, adata.n_obs))


def _taken(adata: ad.AnnData, rows: IntArray) -> ad.AnnData:
    taken = adata[rows].copy()
    taken.uns[schema.DONE] = [*adata.uns[schema.DONE], *_took(len(rows), adata.n_obs)]
    return taken


def peaks(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Peaks and one dinucleotide shuffle of each."""
    records = read_records(paths[0], DNA)
    rows = _chosen(n, len(records.names))
    done = [*records.done, *_took(len(rows), len(records.names))]
    return with_shuffles(replace(records.take(rows), done=done), seed=SEED)


def labeled(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Peaks and shuffles of one file, told apart by a file of labels."""
    adata = read_fasta(paths[0], labels=paths[1])
    adata.var_names = pd.Index([schema.BOUND], dtype=object)
    adata.obs[schema.PAIR] = adata.obs_names.str.removesuffix("_shuf")
    return _some(adata, n)


def yeast_peaks(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Windows around peaks of chromosome IV, and as many elsewhere with the same GC content."""
    adata = read_bed(
        paths[0],
        genome=paths[1],
        length=200,
        negatives="matched",
        rename={"chr4": "chrIV"},
        seed=SEED,
    )
    n_peaks = int(adata.X.sum())
    rows = _chosen(n, n_peaks)  # as many peaks as negatives
    return _taken(adata, np.concatenate([rows, n_peaks + rows]))


def pum2(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Three tables, for train, validation and test."""
    parts = {
        part: read_table(path, sequence="seq", readouts={"bound": "binding_site"}, alphabet="RNA")
        for part, path in zip(schema.SPLITS, paths)
    }
    joined = ad.concat(parts, label=schema.SPLIT, index_unique="|", merge="same")
    joined.obs[schema.SPLIT] = joined.obs[schema.SPLIT].astype(object)
    done = [sentence for part in parts.values() for sentence in part.uns[schema.DONE]]
    joined.uns = {schema.ALPHABET: "RNA", schema.DONE: done}
    joined.var[schema.KIND] = schema.KINDS[0]
    return _some(joined, n)


def fly(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Two readouts: the developmental and the housekeeping promoter."""
    readouts = {"Dev": "Dev_log2_enrichment", "Hk": "Hk_log2_enrichment"}
    adata = read_table(paths[0], sequence="Sequence", readouts=readouts)
    adata.obs = adata.obs.rename(columns={"seqnames": schema.CHROM})
    lengths = [len(sequence) for sequence in adata.obs[schema.SEQUENCE]]
    adata.uns[schema.DONE] = [*adata.uns[schema.DONE], *count_from_zero(adata.obs, lengths)]
    return _some(adata, n)


def human(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Read elements; the same may stand in both orientations: "seq7_F" and "seq7_Reversed:"."""
    adata = read_table(paths[0], sequence="seq", readouts={"activity": "mean_value"})
    elements = adata.obs["seq_id"].str.replace(r"_(F|Reversed):?$", "", regex=True)
    adata.obs[schema.PAIR] = elements
    return _some(adata, n)


def yeast(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Two columns without a header."""
    return _some(read_table(paths[0], sequence=0, readouts={"expression": 1}), n)


def crx(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Twelve conditions; wild type and mutants of one peak are a family."""
    readouts = [f"{promoter}_{c}" for promoter in ("rho", "hsp68") for c in _CONDITIONS]
    sigma = {readout: f"{readout}_sigma" for readout in readouts}
    adata = read_table(paths[0], sequence="CRE_sequence", readouts=readouts, sigma=sigma)
    adata.obs[schema.PAIR] = adata.obs["chip_peak_id"].fillna(".")
    return _some(adata, n)


def utr5(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Mean number of ribosomes; the fractions it comes from are in `obs`."""
    return _some(read_table(paths[0], sequence="utr", readouts={"load": "rl"}, alphabet="RNA"), n)


def mpsa(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """Share of transcripts that hold the exon, as a logarithm."""
    adata = read_table(paths[0], sequence="x", readouts={"log10_psi": "y"}, alphabet="RNA")
    adata.obs[schema.SPLIT] = adata.obs["set"].replace({"training": "train"})
    return _some(adata, n)


def selex(paths: Sequence[Path], n: int | None) -> ad.AnnData:
    """One file per cycle, from cycle 0 on."""
    return _some(read_selex(dict(enumerate(paths))), n)
