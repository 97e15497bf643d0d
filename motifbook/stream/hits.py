"""Hits of motifs in any number of sequences, written piece by piece."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook._digest import digest, plain
from motifbook.data.hits import motifs_for
from motifbook.data.pieces import blocks_of, book_digest, letters_of, sequence_length
from motifbook.data.places import find_places, find_spans, has_regions
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import distributions_of, hit_steps, step_matrices
from motifbook.stream import scanning
from motifbook.stream.folder import Folder, claim, make, open_folder, saying
from motifbook.stream.q_values import Counted, adjust
from motifbook.stream.request import refuse_other
from motifbook.stream.streamed_hits import KIND, StreamedHits, part_name
from motifbook.stream.work import SMALLER_PIECES, each, slices, usual_rows

if TYPE_CHECKING:
    from anndata import AnnData

_REGION = ("chrom", "start", "end", "strand")


def stream_hits(
    motifs: Motif | Sequence[Motif] | str | os.PathLike[str],
    adata: AnnData,
    out: str | os.PathLike[str],
    *,
    p_value: float = 1e-4,
    background: Sequence[float] | None = None,
    strands: bool = True,
    rows_per_piece: int | None = None,
    progress: bool = True,
) -> StreamedHits:
    """Find where motifs occur in any number of sequences; memory does not grow with the hits.

    The same line again goes on where it was stopped, killed or out of room.

    Parameters
    ----------
    motifs, adata, p_value, background, strands
        As `mb.scan` takes them; the background is counted in all sequences first.
    out
        A new folder for the hits, or one that this call was begun in.
    rows_per_piece
        Sequences that are scanned and written together; None for about a million letters.

    Returns
    -------
    StreamedHits
        ``hits.table()`` equals ``mb.scan(motifs, adata)``; ``hits.table(rows, motif)`` reads some.

    Raises
    ------
    InputError
        As `mb.scan` raises it; if `out` is or holds something else, was begun with another request,
        or cannot be written. What is done is kept.

    Notes
    -----
    q-values come last, from how often each score of each motif occurs, and are those of all hits.
    ``with joblib.parallel_config(n_jobs=2):`` shares the work among processes, ``backend="dask"``
    among machines; only this process writes.

    Examples
    --------
    >>> import tempfile, motifbook as mb
    >>> adata = mb.simulate(n=200, length=80, seed=0)
    >>> ap1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hits = mb.stream_hits(ap1, adata, f"{folder}/hits", p_value=1e-3, progress=False)
    ...     hits.table().equals(mb.scan(ap1, adata, p_value=1e-3))
    True
    """
    listed = motifs_for(motifs, adata)
    p_value = _check.number(p_value, "p_value", low=1e-300, high=1, what="a probability")
    if not listed:
        raise _check.InputError("`motifs` is empty; expected at least one motif.")
    path, is_begun = claim(out, KIND)
    length = sequence_length(adata)
    asked = {
        "the sequences": book_digest(adata, [name for name in _REGION if name in adata.obs]),
        "the motifs": _digest(listed),
        "p_value": p_value,
        "background": "counted" if background is None else plain(list(background)),
        "strands": bool(strands),
        "rows_per_piece": rows_per_piece,
    }
    if rows_per_piece is None:
        size = usual_rows(length)
    else:
        size = _check.whole_number(rows_per_piece, "rows_per_piece")
    if is_begun:
        folder = open_folder(path, KIND, to_write=True)
        refuse_other(path, folder.about["request"], asked)
    else:
        request = {**asked, "rows_per_piece": size}
        folder = _begin(path, request, listed, adata, background)
    _go_on(folder, listed, adata, progress=progress)
    return StreamedHits(folder)


def _digest(motifs: Sequence[Motif]) -> str:
    return digest([motif.name for motif in motifs], {str(i): m.ppm for i, m in enumerate(motifs)})


def _begin(
    path: Path,
    request: dict[str, Any],
    motifs: Sequence[Motif],
    adata: AnnData,
    background: Sequence[float] | None,
) -> Folder:
    """Count what is needed of all rows, and make the folder."""
    both = bool(request["strands"]) and motifs[0].alphabet.has_strands
    counted, windows = scanning.count(blocks_of(adata, sequence_length(adata)), motifs)
    shares = scanning.background_of(motifs[0], counted if background is None else background, both)
    arrays: dict[str, npt.NDArray[Any]] = {
        "padding": find_spans(adata)[0].astype(np.int32),
        "matrix": np.concatenate(step_matrices(motifs, shares), axis=1),
    }
    texts = {"names": [str(name) for name in adata.obs_names]}
    if has_regions(adata):
        places = find_places(adata)
        arrays["region"] = np.column_stack([places.start, places.end, places.is_minus])
        texts["chrom"] = [str(chrom) for chrom in places.chrom]
    about = {
        "kind": KIND,
        "request": request,
        "rows_per_piece": request["rows_per_piece"],
        "motifs": [motif.name for motif in motifs],
        "widths": [motif.width for motif in motifs],
        "background": shares.tolist(),
        "n_tests": (windows * (1 + both)).tolist(),
    }
    n_pieces = len(slices(adata.n_obs, request["rows_per_piece"]))
    return make(path, about, n_pieces, layouts={}, texts=texts, arrays=arrays, groups=["hits"])


def _go_on(folder: Folder, motifs: Sequence[Motif], adata: AnnData, *, progress: bool) -> None:
    """Find the hits of the pieces that are missing, then q-values."""
    about, done = folder.about, folder.done
    length, rows = sequence_length(adata), slices(adata.n_obs, about["rows_per_piece"])
    asked, shares, alphabet = about["request"], np.array(about["background"]), motifs[0].alphabet
    matrices = step_matrices(motifs, shares)
    distributions = distributions_of(matrices, shares, asked["p_value"])
    thresholds = hit_steps(motifs, distributions, asked["p_value"])
    both = bool(asked["strands"]) and alphabet.has_strands
    complement = alphabet.complement_codes[:-1] if both else None
    find = scanning.Finder(matrices, thresholds, complement, digest(asked))
    missing = np.flatnonzero(~done).tolist()
    found = each(
        find,
        lambda number: (letters_of(adata, rows[number], length),),
        missing,
        name="pieces",
        way_out=SMALLER_PIECES,
        progress=progress,
    )
    with saying(folder):
        for number, hits in found:
            folder.put(part_name(number), hits)
            folder.finish(number)
        if not about.get("is_finished"):
            parts = (folder.read(part_name(number)) for number in range(len(rows)))
            counted = Counted.of(part.reshape(-1, 5) for part in parts)
            folder.put("scores", counted.keys)
            folder.put("adjusted", adjust(counted, distributions, np.array(about["n_tests"])))
            folder.tell(is_finished=True)
