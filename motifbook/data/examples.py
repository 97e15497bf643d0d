"""Data to try things on: simulated with known truth, or public and checked by their hash."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pooch

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data.collect import Collected
from motifbook.data.fasta import read_records
from motifbook.data.genome import cache_folder
from motifbook.data.negatives import with_shuffles
from motifbook.data.simulate import simulate

_SEED = 0  # of subsets, shuffles and simulation: an example is the same everywhere
_FOLDERS = ("MOTIFBOOK_DATA", "MOTIFBOOK_TEST_DATA")
_ADDRESS = "https://github.com/{repository}/raw/{commit}/{path}"


@dataclass(frozen=True)
class _Peaks:
    """A public FASTA file of peaks: `file` in a local folder, `path` at a commit of a repository.

    `sha256` is that of the file at the source, which may be packed in the local folder.
    """

    what: str
    n: int
    file: str
    repository: str
    commit: str
    path: str
    license: str
    sha256: str

    @property
    def source(self) -> str:
        return f"{self.repository}@{self.commit}:{self.path}"


_DEMO = ("const-ae/Neural_Network_DNA_Demo", "3404b374717d")
_JANGGU = ("BIMSBbioinfo/janggu", "5128419cf404")
_PEAKS = {
    "ctcf": _Peaks(
        "human CTCF peaks, 100 letters",
        39_184,
        "ctcf_hg19_100bp.fa.gz",
        *_DEMO,
        "data/ctcf.fa.gz",
        "MIT",
        "29f74f5096f3d6e71125c3b34eabb88d72e422fefeac55c9763b4e588132c4d5",
    ),
    "pu1": _Peaks(
        "human PU.1 peaks, 100 letters",
        28_677,
        "pu1_100bp.fa.gz",
        *_DEMO,
        "data/pu1.fa.gz",
        "MIT",
        "5db3f070fa38285600492ae4d2fe58e511ffd3f1573ecf48cc7cff7a2e297a2a",
    ),
    "oct4": _Peaks(
        "human OCT4 peaks, 200 letters",
        3_897,
        "oct4_200bp.fa.gz",
        *_JANGGU,
        "src/janggu/resources/sample.fa",
        "GPL-3",
        "effef1417ad2ca12514d5a4fe72741aaada7b29c16553655c4ed84ad83640e82",
    ),
    "mafk": _Peaks(
        "human MAFK peaks, 200 letters",
        3_900,
        "mafk_200bp.fa.gz",
        *_JANGGU,
        "src/janggu/resources/sample2.fa",
        "GPL-3",
        "0228f9e016bd91c642526136270b4efef75dc2916f906d47785fbe11c0fb94f8",
    ),
}
_SIMULATED = {"tut2": ("simulated: SPI1, TAL1-GATA with a fixed gap, decoys; truth known", 4_000)}


class Examples:
    """Example data: call it for the table of sets, `load` one by its name.

    Examples
    --------
    >>> examples()["name"].tolist()
    ['tut2', 'ctcf', 'pu1', 'oct4', 'mafk']
    """

    def __call__(self) -> pd.DataFrame:
        """Return the table of sets, one row each.

        Columns: name, what, rows (sequences, without negatives), license, source, and available:
        "packaged" (made on the spot), "local" (in your folder) or "download" (fetched once).
        """
        rows = [
            (name, what, n, "BSD-3-Clause", "mb.simulate", "packaged")
            for name, (what, n) in _SIMULATED.items()
        ]
        for name, peaks in _PEAKS.items():
            available = "local" if _found(peaks) else "download"
            rows.append((name, peaks.what, peaks.n, peaks.license, peaks.source, available))
        columns = ["name", "what", "rows", "license", "source", "available"]
        return pd.DataFrame(rows, columns=columns)

    def load(self, name: str, *, n: int | None = None) -> ad.AnnData:
        """Load one set: peaks come with one dinucleotide shuffle each as negatives.

        Parameters
        ----------
        name
            A row of the table.
        n
            How many sequences (peaks) to take; all by default. The choice is always the same.

        Returns
        -------
        AnnData
            Readout "bound": 1 or 0.

        Raises
        ------
        InputError
            If there is no such set, or its file is neither in a local folder nor to be fetched.

        Notes
        -----
        Files are looked for in the folders that the environment variables MOTIFBOOK_DATA and
        MOTIFBOOK_TEST_DATA name, then fetched once, checked by their hash.
        """
        _check.one_of(name, "name", [*_SIMULATED, *_PEAKS])
        if name in _SIMULATED:
            n_all = _SIMULATED[name][1]
            return simulate(n_all if n is None else n, rule=name, seed=_SEED)
        peaks = _PEAKS[name]
        if n is not None:
            _check.whole_number(n, "n", high=peaks.n)
        records = read_records(_found(peaks) or _fetched(name, peaks), DNA)
        done = [*records.done, f"Source: {peaks.source}, license {peaks.license}."]
        return with_shuffles(_subset(replace(records, done=done), n), seed=_SEED)

    def __repr__(self) -> str:
        names = ", ".join(repr(name) for name in [*_SIMULATED, *_PEAKS])
        return f"Examples({names}): call it for a table, or use .load(name)"


def _subset(records: Collected, n: int | None) -> Collected:
    n_all = len(records.names)
    if n is None or n >= n_all:
        return records
    rng = _check.generator(_SEED, "example")
    taken = records.take(np.sort(rng.choice(n_all, n, replace=False)))
    return replace(taken, done=[*taken.done, f"Took {n:,} of {n_all:,} sequences at random."])


def _found(peaks: _Peaks) -> Path | None:
    """Return the file in a local folder."""
    for variable in _FOLDERS:
        folder = os.environ.get(variable)
        if folder:
            for path in (Path(folder) / "chip" / peaks.file, Path(folder) / peaks.file):
                if path.is_file():
                    return path
    return None


def _fetched(name: str, peaks: _Peaks) -> str:
    address = _ADDRESS.format(repository=peaks.repository, commit=peaks.commit, path=peaks.path)
    try:
        fetched = pooch.retrieve(
            address,
            known_hash=f"sha256:{peaks.sha256}",
            fname=f"{name}-{Path(peaks.path).name}",
            path=cache_folder(),
        )
    except (OSError, ValueError) as error:
        is_other = isinstance(error, ValueError)
        reason = "the file there has another hash" if is_other else type(error).__name__
        raise _check.InputError(
            f"The example {name!r} could not be fetched from {address} ({reason}); put "
            f"{peaks.file} into a folder and name the folder in the environment variable "
            "MOTIFBOOK_DATA."
        ) from error
    return str(fetched)


examples = Examples()
