"""Data to try things on: simulated with known truth, or public and checked by their hash."""

from __future__ import annotations

import os
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.examples.files import LOCUS, LOCUS_PIECE, write_files
from motifbook.data.examples.readers import SEED
from motifbook.data.examples.sets import EXAMPLES, GENOMES
from motifbook.data.simulation.simulate import simulate
from motifbook.data.splits.split import split

_WHAT = "SPI1, TAL1-GATA with a fixed gap, decoys; truth known"
_SIMULATED = {
    "locus": (f"the locus of the notebooks: {_WHAT}; with places and split", 4_000),
    "tut2": (f"simulated: {_WHAT}", 4_000),
}
_NETWORKS = Path(__file__).parents[1]  # {name}.motifbook
_COLUMNS = ["name", "what", "rows", "megabytes", "license", "source", "available"]
_UCSC_LICENSE = "free for any use (UCSC)"


class Examples:
    """Example data: call it for the table of sets, `load` one by its name.

    Examples
    --------
    >>> examples()["name"].head(3).tolist()
    ['locus', 'tut2', 'ctcf']
    """

    def __call__(self) -> pd.DataFrame:
        """Return the table of sets and genomes, one row each.

        Columns: name, what, rows (sequences, without negatives; chromosomes of a genome),
        megabytes (to fetch; of genomes unpacked), license, source, and available: "packaged" (made
        on the spot), "local" (in your folder), "download" (fetched once) or "absent" (read from a
        local folder only).
        """
        rows: list[tuple[object, ...]] = [
            (name, what, n, 0.0, "BSD-3-Clause", "mb.simulate", "packaged")
            for name, (what, n) in _SIMULATED.items()
        ]
        rows += [
            (name, e.what, e.n, e.megabytes, e.license, e.source, e.available)
            for name, e in EXAMPLES.items()
        ]
        rows += [
            (name, g.what, g.n, g.megabytes, _UCSC_LICENSE, g.address, g.available)
            for name, g in GENOMES.items()
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def load(self, name: str, *, n: int | None = None) -> ad.AnnData:
        """Load one set: peaks come with as many negatives, measured sequences with their readouts.

        Parameters
        ----------
        name
            A row of the table.
        n
            How many sequences (peaks) to take; all by default. The choice is always the same.

        Returns
        -------
        AnnData
            Ready to train on: readouts, standard errors, alphabet. Families, such as the mutants
            of one sequence, share `obs["pair"]`, so that `mb.split` keeps them together; a
            published split is in `obs["split"]`.

        Raises
        ------
        InputError
            If there is no such set, or its file is neither in a local folder nor to be fetched.

        Notes
        -----
        Files are looked for in the folders that the environment variables MOTIFBOOK_DATA and
        MOTIFBOOK_TEST_DATA name, then fetched once, checked by their hash.
        """
        if name in GENOMES:
            raise _check.InputError(
                f"{name!r} is a genome; expected a set. Use `mb.examples.genome({name!r})`."
            )
        _check.one_of(name, "name", [*_SIMULATED, *EXAMPLES])
        n_all = _SIMULATED[name][1] if name in _SIMULATED else EXAMPLES[name].n
        if n is not None:
            _check.whole_number(n, "n", high=n_all)
        if name == LOCUS:
            return _locus(n_all)[:n].copy()
        if name in _SIMULATED:
            return simulate(n_all if n is None else n, rule=name, seed=SEED)
        return EXAMPLES[name].load(n)

    def genome(self, name: str, *, progress: bool = True) -> Path:
        """Return the FASTA file (or 2bit, if you have that) of a reference genome.

        Parameters
        ----------
        name
            "hg38", "mm10" or "sacCer3".
        progress
            Show how far the download is.

        Returns
        -------
        Path
            For `mb.read_bed(..., genome=)`.

        Raises
        ------
        InputError
            If it is neither in a local folder nor to be fetched, or another file stands there.

        Notes
        -----
        `{name}.fa`, `{name}.fa.gz` and `{name}.2bit` are looked for as files of sets are; else the
        genome is fetched once from UCSC, unpacked, and checked by its hash.
        """
        _check.one_of(name, "name", GENOMES)
        return GENOMES[name].fetch(progress=progress)

    def network(self, name: str) -> Path:
        """Return the file of a trained network, packaged so that any notebook can start from it.

        Parameters
        ----------
        name
            "locus": a `MotifSyntaxNet` trained on the training rows of `load("locus")`, as
            notebook 00 trains its own.

        Returns
        -------
        Path
            For `mb.load`.

        Raises
        ------
        InputError
            If there is no such network.

        Examples
        --------
        >>> import motifbook as mb
        >>> mb.load(mb.examples.network("locus")).n_readouts
        1
        """
        _check.one_of(name, "name", [LOCUS])
        return _NETWORKS / f"{name}.motifbook"

    def files(self, folder: str | os.PathLike[str]) -> pd.DataFrame:
        """Write small simulated files of every kind: peaks, a genome, genes, a table, reads.

        Returns
        -------
        DataFrame
            One row per file: "file", "what".

        Raises
        ------
        InputError
            If the folder cannot be made.
        """
        return write_files(folder, seed=SEED)

    def __repr__(self) -> str:
        names = ", ".join(repr(name) for name in [*_SIMULATED, *EXAMPLES])
        return f"Examples({names}): call it for a table, or use .load(name)"


def _locus(n: int) -> ad.AnnData:
    """Pieces of `simulate` side by side on one chromosome, divided as the packaged network saw."""
    adata = simulate(n, LOCUS_PIECE, seed=SEED)
    adata.obs[schema.CHROM] = LOCUS
    adata.obs[schema.START] = LOCUS_PIECE * np.arange(n)
    adata.obs[schema.END] = adata.obs[schema.START] + LOCUS_PIECE
    adata.obs[schema.STRAND] = "+"
    adata.obs[schema.SPLIT] = split(adata, seed=SEED)
    return adata


examples = Examples()
