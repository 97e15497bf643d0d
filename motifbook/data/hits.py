"""Where do motifs occur in the sequences of a book?"""

from __future__ import annotations

import os
from collections.abc import Sequence

import anndata as ad
import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.places import find_places, find_spans, has_regions, in_genome
from motifbook.data.store import get_alphabet, get_letters
from motifbook.motif.columns import motif_list
from motifbook.motif.compare import known_motifs
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs


def scan(
    motifs: Motif | Sequence[Motif] | str | os.PathLike[str],
    adata: ad.AnnData,
    *,
    p_value: float = 1e-4,
    background: Sequence[float] | None = None,
    strands: bool = True,
) -> pd.DataFrame:
    """Find where motifs occur in the sequences of `adata`.

    Parameters
    ----------
    motifs
        In the alphabet of the sequences: motifs, the name of a packaged collection such as
        "JASPAR2026_vertebrates" (`mb.database.names()`), or the path of a motif file.
    adata
        Sequences, such as `mb.read_fasta` returns.
    p_value, background, strands
        See `motif.scan.scan_motifs`; the background is counted in the sequences by default.

    Returns
    -------
    DataFrame
        One row per hit: sequence (its name in `adata.obs_names`), start, end, strand, motif,
        score (bits), p_value, q_value. Positions count from the first letter of that sequence:
        `sequence[start:end]` is the site, on the given strand. Where `adata.obs` has regions, as
        `mb.read_bed` writes them, also chrom, genome_start, genome_end and genome_strand: the
        same site on the genome's forward strand, 0-based, half-open; ".", -1, -1 and "." for
        sequences without a place, such as shuffles.

    Raises
    ------
    InputError
        If the motifs are written in another alphabet than the sequences, or an option does not
        fit.

    Examples
    --------
    >>> adata = ad.AnnData(obs=pd.DataFrame({"sequence": ["GGTGACTCAGG"]}, index=["peak1"]))
    >>> hits = scan([Motif.from_sites("AP-1", ["TGACTCA"])], adata, background=[0.25] * 4)
    >>> hits[["sequence", "start", "end", "strand"]].to_numpy().tolist()
    [['peak1', 2, 9, '+']]
    """
    hits = scan_motifs(
        motifs_for(motifs, adata),
        get_letters(adata),
        p_value=p_value,
        background=background,
        strands=strands,
    )
    rows = hits["sequence"].to_numpy(dtype=np.int64)
    padding = find_spans(adata)[0][rows]
    hits = hits.assign(
        sequence=adata.obs_names.to_numpy(dtype=object)[rows],
        start=hits["start"] - padding,
        end=hits["end"] - padding,
    )
    if not has_regions(adata):
        return hits
    starts, ends = (hits[column].to_numpy(dtype=np.int64) for column in ("start", "end"))
    places = in_genome(find_places(adata), rows, starts, ends, hits["strand"])
    return pd.concat([hits, places], axis=1)


def motifs_for(
    motifs: Motif | Sequence[Motif] | str | os.PathLike[str], adata: ad.AnnData
) -> list[Motif]:
    """Return motifs, those of a collection or a file, once they and the sequences fit."""
    if isinstance(motifs, ad.AnnData) and not isinstance(adata, ad.AnnData):
        raise _check.InputError("`motifs` is an AnnData; expected motifs, then `adata`: swap them.")
    schema.validate(adata)
    known = motif_list(motifs if isinstance(motifs, Motif) else known_motifs(motifs))
    _refuse_other_letters(known, adata)
    return known


def _refuse_other_letters(motifs: Sequence[Motif], adata: ad.AnnData) -> None:
    """Refuse motifs, all in one alphabet, that are not in the alphabet of the sequences."""
    alphabet = get_alphabet(adata)
    if motifs and motifs[0].alphabet != alphabet:
        raise _check.InputError(
            f"Motif {motifs[0].name!r} is written in {motifs[0].alphabet.name} letters, the "
            f"sequences in {alphabet.name}; expected one alphabet. Give motifs in "
            f"{alphabet.letters}, such as those of `mb.read_motif_file(path, alphabet=…)`."
        )
