"""Where do motifs occur in the sequences of a book?"""

from __future__ import annotations

from collections.abc import Sequence

import anndata as ad
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.store import get_alphabet, get_letters, get_sequences
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import scan_motifs


def scan(
    motifs: Motif | Sequence[Motif],
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
        In the alphabet of the sequences.
    adata
        Sequences, such as `mb.read_fasta` returns.
    p_value, background, strands
        See `motif.scan.scan_motifs`; the background is counted in the sequences by default.

    Returns
    -------
    DataFrame
        One row per hit: sequence (its name in `adata.obs_names`), start, end, strand, motif,
        score (bits), p_value, q_value. Positions count from the first letter of that sequence:
        `sequence[start:end]` is the site, on the given strand.

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
    schema.validate(adata)
    alphabet = get_alphabet(adata)
    motifs = motif_list(motifs)
    for motif in motifs:
        if motif.alphabet != alphabet:
            raise _check.InputError(
                f"Motif {motif.name!r} is written in {motif.alphabet.name} letters, the sequences "
                f"in {alphabet.name}; expected one alphabet. Make both with the same `alphabet=`."
            )
    hits = scan_motifs(
        motifs, get_letters(adata), p_value=p_value, background=background, strands=strands
    )
    rows = hits["sequence"].to_numpy(dtype=np.int64)
    padding = _n_before(adata)[rows]
    return hits.assign(
        sequence=adata.obs_names.to_numpy(dtype=object)[rows],
        start=hits["start"] - padding,
        end=hits["end"] - padding,
    )


def _n_before(adata: ad.AnnData) -> npt.NDArray[np.int64]:
    """How many columns of the letters come before each sequence, (n,)."""
    if schema.LETTERS in adata.obsm:
        known = get_letters(adata) != get_alphabet(adata).n_letters
        return np.asarray(known.argmax(axis=1))
    lengths = np.array([len(sequence) for sequence in get_sequences(adata)], dtype=np.int64)
    return np.asarray((lengths.max(initial=0) - lengths) // 2)
