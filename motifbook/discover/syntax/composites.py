"""One motif of a network, two known ones at a fixed distance: composites and what they do."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from motifbook.discover.syntax.rules import find_rules
from motifbook.experiment import space
from motifbook.models.network import Network
from motifbook.motif.compare import known_motifs
from motifbook.motif.matrix import Motif
from motifbook.motif.tomtom import tomtom
from motifbook.onehot import Letters

FLANK = 0.3  # bits: flatter columns at the ends of a half are no part of it
NARROWEST, WEAKEST = 5, 5.0  # columns and bits that each half has at least
ALIKE = 0.05  # q-value up to which a half is like a known motif
MORE_LIKELY = 1e-3  # the halves' p-values together, over that of the best single motif
GAPS = range(21)  # tried between the two halves

COLUMNS = (
    *("motif", "part_a", "part_b", "class_a", "class_b", "gap", "known"),
    *("gap_min", "gap_max", "spacing", "readout", "effect", "lower", "upper", "n", "unit"),
)


@dataclass(frozen=True)
class Composite:
    """A motif that is two known ones.

    Parameters
    ----------
    motif
        Its name.
    first, second
        The halves as they stand in it, named after the known motifs they are like.
    classes
        Of the factors of those known motifs, such as "TEA domain factors".
    gap
        Letters between the halves.
    known
        Name of the known composite it is like, such as "Pou5f1::Sox2"; "" for none.
    """

    motif: str
    first: Motif
    second: Motif
    classes: tuple[str, str]
    gap: int
    known: str


def find_composites(
    motifs: Sequence[Motif],
    known: str | os.PathLike[str] | Sequence[Motif] = "JASPAR2026_vertebrates",
) -> list[Composite]:
    """Find motifs whose two halves are known motifs of factors of two different classes.

    Parameters
    ----------
    motifs
        Such as `mb.read_motifs` returns.
    known
        As for `mb.identify`; its motifs say their class, as those of JASPAR do.

    Returns
    -------
    list of Composite

    Notes
    -----
    Every cut that leaves halves of at least five columns and five bits is tried. Both halves must
    be like known motifs (Tomtom, q-value up to 0.05) of different classes (one dimer's two halves,
    as of a MARE, are of one), and the product of their p-values a thousand times smaller than the
    p-value of the best known motif for the whole, known composites (names with "::") set aside.
    Where the whole is most like a known composite, halves are compared with its two classes alone.

    Examples
    --------
    >>> jun_tead = Motif.from_sites("motif_1", ["TGACTCATGCTAACATTCC", "TGAGTCACATGCACATTCC"])
    >>> [found] = find_composites([jun_tead])
    >>> sorted(found.classes)
    ['Basic leucine zipper factors (bZIP)', 'TEA domain factors']
    """
    targets = known_motifs(known)
    single = [target for target in targets if "::" not in target.name]
    found = []
    for motif in (motif.trim(FLANK) for motif in motifs if _has_room(motif)):
        told = _known_composite(motif, targets)
        composite = _composite(motif, single)
        if told is not None:
            own = [target for target in single if target.info.get("class") in told]
            composite = _renamed(_composite(motif, own), told) or composite
        if composite is not None:
            found.append(composite)
    return found


def measure_composites(
    model: Network, composites: Sequence[Composite], background: Letters, **settings: Any
) -> pd.DataFrame:
    """What the halves of each composite do together beyond what each does alone.

    Parameters
    ----------
    background : (n, length)
        Letter codes.
    settings
        `batch_size` and `device`.

    Returns
    -------
    DataFrame
        One row per composite and readout: motif, part_a, part_b, class_a, class_b, gap, known,
        as in `Composite`; gap_min and gap_max: at which distances the halves work together, and
        spacing ("hard", "soft", "any", or "" where they add no more than both alone); readout,
        effect (at the composite's own distance), lower, upper, n, unit.
    """
    rows = []
    for one in composites:
        gaps = range(max(GAPS.stop, one.gap + 6))
        table = space(
            model, one.first, one.second, background, gaps=gaps, orientations=["++"], **settings
        )
        rules = find_rules(table, tied=False)
        for _, measured in table[table["gap"] == one.gap].iterrows():
            place: tuple[object, ...] = (one.gap, one.gap, "")
            for rule in rules:
                if rule.readout == measured["readout"] and one.gap in rule.gaps:
                    place = (rule.gap_min, rule.gap_max, rule.spacing)
            names = (one.motif, one.first.name, one.second.name, *one.classes, one.gap, one.known)
            effect = measured[["readout", "effect", "lower", "upper", "n", "unit"]]
            rows.append((*names, *place, *effect))
    return pd.DataFrame(rows, columns=COLUMNS)


def _has_room(motif: Motif) -> bool:
    return motif.width >= 2 * NARROWEST and motif.bits >= 2 * WEAKEST


def _composite(motif: Motif, single: Sequence[Motif]) -> Composite | None:
    """The cut of a motif into two known ones that is most like them, if it is good enough."""
    whole = _matches([motif], single).iloc[0]
    best, smallest = None, MORE_LIKELY * float(whole["p_value"])
    for first, second in _cuts(motif):
        left, right = (row for _, row in _matches([first, second], single).iterrows())
        classes = _class(left, single), _class(right, single)
        product = float(left["p_value"] * right["p_value"])
        is_known = max(left["q_value"], right["q_value"]) <= ALIKE
        if product < smallest and is_known and classes[0] != classes[1]:
            smallest = product
            named = first.renamed(left["target_name"]), second.renamed(right["target_name"])
            gap = motif.width - first.width - second.width
            best = Composite(motif.name, *named, classes, gap, "")
    return best


def _cuts(motif: Motif) -> list[tuple[Motif, Motif]]:
    """Every pair of halves, without their flat flanks."""
    heights = motif.icm().sum(axis=0)
    found = []
    for cut in range(NARROWEST, motif.width - NARROWEST + 1):
        if heights[cut - 1] < FLANK:
            continue  # the same halves as one cut before
        first, second = (
            Motif(motif.name, ppm, motif.background, alphabet=motif.alphabet).trim(FLANK)
            for ppm in (motif.ppm[:, :cut], motif.ppm[:, cut:])
        )
        if all(half.width >= NARROWEST and half.bits >= WEAKEST for half in (first, second)):
            found.append((first, second))
    return found


def _matches(motifs: Sequence[Motif], targets: Sequence[Motif]) -> pd.DataFrame:
    """The best known motif for each, in order."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "P-values from")
        return tomtom(motifs, targets, n=1)


def _class(match: pd.Series, targets: Sequence[Motif]) -> str:
    """Class of the factor of a known motif; its name where the collection does not say."""
    for target in targets:
        if str(target.info.get("id", target.name)) == match["target"]:
            return str(target.info.get("class", target.name))
    return str(match["target_name"])


def _known_composite(motif: Motif, targets: Sequence[Motif]) -> dict[str, str] | None:
    """Class -> name of the two factors of the known composite that a motif is most like."""
    best = _matches([motif], targets).iloc[0]
    names, classes = str(best["target_name"]).split("::"), _class(best, targets).split("::")
    if best["q_value"] > ALIKE or len(set(classes)) != 2 or len(names) != 2:
        return None
    return dict(zip(classes, names))


def _renamed(composite: Composite | None, told: dict[str, str]) -> Composite | None:
    """The composite with the names of a known one; None if it is not of its two classes."""
    if composite is None or {*composite.classes} != {*told}:
        return None
    first, second = (
        half.renamed(told[own])
        for half, own in zip((composite.first, composite.second), composite.classes)
    )
    return replace(composite, first=first, second=second, known="::".join(told.values()))
