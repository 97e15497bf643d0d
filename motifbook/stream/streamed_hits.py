"""Hits of motifs in a folder, read as tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data.places import Places, in_genome
from motifbook.motif.distribution import ScoreDistribution
from motifbook.motif.scan import distributions_of
from motifbook.stream import scanning
from motifbook.stream.folder import Folder, open_folder
from motifbook.stream.q_values import Counted, adjust, keys_of
from motifbook.stream.rows import Asked, IntArray
from motifbook.stream.streamed import Streamed

KIND = "hits"


def part_name(number: int) -> str:
    """Where the hits of a piece are kept."""
    return f"hits/{number:06d}"


class StreamedHits(Streamed):
    """Hits of motifs in a folder; made by `mb.stream_hits` and opened by `mb.read_hits`.

    Attributes
    ----------
    path
        The folder.
    names, motifs
        Of the sequences; of the motifs.
    background : (n_letters,)
        Letter probabilities that scores and p-values were made with.
    """

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder, int(folder["padding"].shape[0]))
        self.motifs = list(folder.about["motifs"])
        self.background = np.array(folder.about["background"])

    def __repr__(self) -> str:
        n = f"{self._n:,} sequences, {len(self.motifs):,} motifs"
        if self.is_finished:
            return f"<StreamedHits: {self.n_hits:,} hits in {n}; {self.path}>"
        part = f"{self.n_done:,} of {self.n_pieces:,} pieces done, q-values when all are"
        return f"<StreamedHits: {n}; {part}; {self.path}>"

    @property
    def is_finished(self) -> bool:
        """Whether all pieces are done, and the q-values."""
        return "scores" in self._folder and bool(self._folder.about.get("is_finished"))

    @property
    def counts(self) -> pd.Series:
        """Hits of each motif, in the order of the motifs; of the pieces that are done."""
        total = np.zeros(len(self.motifs), dtype=np.int64)
        for hits in self._parts():
            total += np.bincount(hits[:, 2], minlength=len(total))
        return pd.Series(total, index=pd.Index(self.motifs, name="motif"), name="hits")

    @property
    def n_hits(self) -> int:
        """How many hits there are in the pieces that are done."""
        numbers = np.flatnonzero(self._folder.done).tolist()
        return sum(self._folder[part_name(number)].shape[0] for number in numbers)

    def table(self, rows: Asked = None, motif: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Hits as `mb.scan` lists them.

        Parameters
        ----------
        rows
            Row numbers, a slice, names of sequences, True or False for each; None for all.
        motif
            Name of a motif, or several; None for all.

        Returns
        -------
        DataFrame
            The columns of `mb.scan`, by sequence; of all rows it equals what `mb.scan` returns.
            q-values are NaN until all pieces are done: they need every hit.

        Raises
        ------
        InputError
            If there is no such row or motif, or a row is not done yet.
        """
        wanted = np.unique(self._rows(rows))
        keep = self._motif_numbers(motif)
        found = [np.zeros((0, 5), dtype=np.int32)]
        for number in np.unique(wanted // self._size).tolist():
            hits = self._hits(number)
            chosen = np.isin(hits[:, 0], wanted[wanted // self._size == number])
            found.append(hits[chosen & keep[hits[:, 2]]])
        return self._named(np.concatenate(found))

    def tables(self) -> Iterator[pd.DataFrame]:
        """The table of each piece that is done, in order: all hits without all in memory."""
        for hits in self._parts():
            yield self._named(hits)

    def _motif_numbers(self, motif: str | Sequence[str] | None) -> npt.NDArray[np.bool_]:
        """Which motifs are asked for, (n_motifs,)."""
        if motif is None:
            return np.ones(len(self.motifs), dtype=bool)
        listed = [motif] if isinstance(motif, str) else list(motif)
        for name in listed:
            _check.one_of(name, "motif", self.motifs)
        return np.isin(np.array(self.motifs, dtype=object), np.array(listed, dtype=object))

    def _parts(self) -> Iterator[npt.NDArray[np.int32]]:
        for number in np.flatnonzero(self._folder.done).tolist():
            yield self._hits(number)

    def _hits(self, number: int) -> npt.NDArray[np.int32]:
        """Hits of a piece, (n_hits, 5), with row numbers of the book."""
        hits = np.array(self._folder.read(part_name(number)), dtype=np.int32).reshape(-1, 5)
        hits[:, 0] += number * self._size
        return hits

    def _named(self, hits: npt.NDArray[np.int32]) -> pd.DataFrame:
        """The hits table of hits as numbers."""
        row, start, motif, strand, steps = (hits[:, column].astype(np.int64) for column in range(5))
        begin = start - self._folder.read("padding").astype(np.int64)[row]
        end = begin + np.array(self._folder.about["widths"], dtype=np.int64)[motif]
        p_and_q = self._adjusted(keys_of(motif, steps))
        table = pd.DataFrame(
            {
                "sequence": np.array(self.names, dtype=object)[row],
                "start": begin,
                "end": end,
                "strand": np.array(["+", "-"], dtype=object)[strand],
                "motif": np.array(self.motifs, dtype=object)[motif],
                "score": scanning.bits(steps),
                "p_value": p_and_q[:, 0],
                "q_value": p_and_q[:, 1],
            }
        )
        if "region" not in self._folder:
            return table
        places = in_genome(self._places, row, begin, end, table["strand"])
        return pd.concat([table, places], axis=1)

    def _adjusted(self, keys: IntArray) -> npt.NDArray[np.float64]:
        """p-value and q-value of each hit, (n_hits, 2)."""
        if self.is_finished:
            scores, values = self._scores
            found: npt.NDArray[np.float64] = values[np.searchsorted(scores, keys)]
            return found
        distinct, places = np.unique(keys, return_inverse=True)
        counted = Counted(distinct, np.ones(len(distinct), dtype=np.int64))
        now = adjust(counted, self._distributions, np.ones(len(self.motifs), dtype=np.int64))
        now[:, 1] = np.nan
        return now[places.ravel()]

    @cached_property
    def _scores(self) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """Scores that occur, and the p-value and q-value of each."""
        return self._folder.read("scores"), self._folder.read("adjusted")

    @cached_property
    def _distributions(self) -> list[ScoreDistribution]:
        ends = np.cumsum(self._folder.about["widths"])[:-1]
        matrices = np.split(self._folder.read("matrix"), ends, axis=1)
        return distributions_of(matrices, self.background, self._folder.about["request"]["p_value"])

    @cached_property
    def _places(self) -> Places:
        region = self._folder.read("region")
        chrom = np.array(self._folder.texts("chrom"), dtype=object)
        return Places(chrom, region[:, 0], region[:, 1], region[:, 2].astype(bool))


def read_hits(path: str | os.PathLike[str]) -> StreamedHits:
    """Open hits that `mb.stream_hits` wrote, finished or not.

    Raises
    ------
    InputError
        If there are none.

    Examples
    --------
    >>> import tempfile, motifbook as mb
    >>> adata = mb.simulate(n=20, length=80, seed=0)
    >>> ap1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = mb.stream_hits(ap1, adata, f"{folder}/hits", progress=False)
    ...     mb.read_hits(f"{folder}/hits").is_finished
    True
    """
    return StreamedHits(open_folder(_check.a_path(path, what="folder"), KIND))
