"""The known motifs that come with the package: JASPAR CORE, release 2026.

The matrices are exported by `scripts/export_jaspar.py`; `jaspar2026_license.txt` names their
authors and license (CC BY 4.0).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.motif.matrix import FloatArray, Motif


def names() -> list[str]:
    """Names of the packaged collections, the one with every motif first.

    Examples
    --------
    >>> names()
    ['JASPAR2026', 'JASPAR2026_diatoms', 'JASPAR2026_fungi', 'JASPAR2026_insects',
     'JASPAR2026_nematodes', 'JASPAR2026_plants', 'JASPAR2026_urochordates',
     'JASPAR2026_vertebrates']
    """
    profiles = _profiles()
    return [profiles.release, *(f"{profiles.release}_{taxon}" for taxon in profiles.taxa)]


def collection(name: str) -> list[Motif]:
    """The motifs of one collection, sorted by JASPAR id.

    A collection holds the newest version of every JASPAR CORE profile of its group of species:
    curated, without redundant profiles, 2,633 in all and 1,019 of vertebrates. `Motif.name` is
    the transcription factor ("CTCF"; several profiles can share it), `n_sites` the largest column
    sum of the counts, the background uniform. `info` holds "id" ("MA0139.2"), "collection", and
    where JASPAR knows them "family" and "class" of the factor; "::" joins those of a dimer.

    Parameters
    ----------
    name
        One of `names()`, such as "JASPAR2026_vertebrates"; "JASPAR2026" is all of them.

    Raises
    ------
    InputError
        If there is no such collection.

    Notes
    -----
    Data: JASPAR 2026 (https://jaspar.elixir.no), CC BY 4.0. Please cite JASPAR when you
    publish with it.

    Examples
    --------
    >>> len(collection("JASPAR2026_vertebrates"))
    1019
    """
    _check.one_of(name, "name", names())
    return list(_collection(name))


def motif(name: str) -> Motif:
    """One packaged motif, by its JASPAR id ("MA0139.2") or by its name ("SPI1").

    The case of letters decides only between names that differ in nothing else ("MAX", "Max").

    Raises
    ------
    InputError
        If no motif is called so, or several are; the message lists the near or the several ones.

    Examples
    --------
    >>> motif("MA0139.2")
    Motif('CTCF', gCCAccAGggGGCgc, 16.2 bits, n_sites=913)
    """
    profiles = _profiles()
    found = profiles.called(str(name))
    if len(found) == 1:
        return profiles.motif(found[0])
    if found:
        several = ", ".join(
            f"{profiles.ids[i]} ({profiles.taxa[profiles.taxon[i]]}, {profiles.widths[i]} wide)"
            for i in found
        )
        raise _check.InputError(
            f"`name` is {name!r}, which {len(found)} motifs share: {several}. Give the id of one."
        )
    near = profiles.near(str(name))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise _check.InputError(
        f"`name` is {name!r}; expected the id or the name of a {profiles.release} motif.{hint}"
    )


@dataclass(frozen=True, eq=False)
class _Profiles:
    """The packaged file: one value per motif, and all matrices side by side."""

    release: str
    taxa: list[str]
    taxon: npt.NDArray[np.uint8]  # which of `taxa`
    ids: list[str]
    names: list[str]
    families: list[str]
    classes: list[str]
    widths: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]  # first column of each motif
    n_sites: FloatArray
    ppm: FloatArray  # (4, sum of widths)

    def called(self, name: str) -> list[int]:
        """Numbers of the motifs with this id or name, else with this name in another case."""
        exact = [i for i, both in enumerate(zip(self.ids, self.names)) if name in both]
        return exact or [i for i, own in enumerate(self.names) if own.lower() == name.lower()]

    def near(self, name: str) -> list[str]:
        """Other versions of the profile with this id, else up to three similar ids or names."""
        stem = name.partition(".")[0] + "."
        versions = [own for own in self.ids if own.startswith(stem)]
        by_lower = {own.lower(): own for own in (*self.ids, *self.names)}
        similar = difflib.get_close_matches(name.lower(), by_lower, n=3)
        return versions or [by_lower[own] for own in similar]

    def motif(self, i: int) -> Motif:
        """Make motif number `i`."""
        known = {
            "id": self.ids[i],
            "collection": f"{self.release}_{self.taxa[self.taxon[i]]}",
            "family": self.families[i],
            "class": self.classes[i],
        }
        start, width = int(self.starts[i]), int(self.widths[i])
        return Motif(
            self.names[i],
            self.ppm[:, start : start + width],
            n_sites=float(self.n_sites[i]),
            info={key: value for key, value in known.items() if value},
        )


@cache
def _profiles() -> _Profiles:
    with files("motifbook.motif").joinpath("jaspar2026.npz").open("rb") as handle:
        stored = np.load(handle)
        counts = stored["counts"].astype(np.float64)
        totals = counts.sum(axis=0)
        widths = stored["widths"]
        starts = np.cumsum(widths, dtype=np.int64) - widths
        return _Profiles(
            release=str(stored["release"]),
            taxa=stored["taxon_labels"].tolist(),
            taxon=stored["taxon"],
            ids=stored["ids"].tolist(),
            names=stored["names"].tolist(),
            families=_labels(stored, "family"),
            classes=_labels(stored, "class"),
            widths=widths,
            starts=starts,
            n_sites=np.maximum.reduceat(totals, starts).round(3),
            ppm=counts / totals,
        )


def _labels(stored: Any, name: str) -> list[str]:
    labels: list[str] = stored[f"{name}_labels"][stored[name]].tolist()
    return labels


@cache
def _collection(name: str) -> tuple[Motif, ...]:
    profiles = _profiles()
    _, _, taxon = name.partition("_")
    chosen = [i for i, code in enumerate(profiles.taxon) if taxon in ("", profiles.taxa[code])]
    return tuple(profiles.motif(i) for i in chosen)
