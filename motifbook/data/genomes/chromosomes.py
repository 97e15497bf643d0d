"""Names of chromosomes: 4, chr4 and chrIV may be the same, and files disagree on them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from motifbook import _check
from motifbook.data import schema
from motifbook.data.words import listed

_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split()  # noqa: SIM905 twenty words read better in one line
_ARABIC = {roman: str(number) for number, roman in enumerate(_ROMAN, start=1)}
_TO_ROMAN = {number: roman for roman, number in _ARABIC.items()}
_MITOCHONDRION = ("m", "mt", "mito", "mitochondrion")


def renaming(wanted: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """Return, for each wanted name that is not known, the known name of the same chromosome.

    Names without a counterpart are left out.

    Examples
    --------
    >>> renaming(["chr4", "chrM", "2L"], ["chrI", "chrIV", "chrmt"])
    {'chr4': 'chrIV', 'chrM': 'chrmt'}
    """
    called = {_bare(name): name for name in known}
    missing = [name for name in wanted if name not in known]
    suggestion = {}
    for name in missing:
        bare = _bare(name)
        others = [bare]
        if _counts_in_roman(known):
            others.append(_TO_ROMAN.get(bare, ""))
        if _counts_in_roman(missing):
            others.append(_ARABIC.get(bare, ""))
        if bare in _MITOCHONDRION:
            others += _MITOCHONDRION
        found = [called[other] for other in others if other in called]
        if found:
            suggestion[name] = found[0]
    return suggestion


def _bare(name: str) -> str:
    return re.sub(r"^chr(omosome)?_?", "", name, flags=re.IGNORECASE).lower()


def _counts_in_roman(names: Iterable[str]) -> bool:
    """Whether names are Roman numbers; a lone chrX or chrI may be a letter."""
    return any(_bare(name) in _ROMAN and len(_bare(name)) > 1 for name in names)


def as_renaming(rename: object) -> dict[str, str]:
    """Return what the user gave as `rename`, names as text; None renames nothing.

    Raises
    ------
    InputError
        If it is no dictionary.
    """
    if rename is None:
        return {}
    if not isinstance(rename, Mapping):
        raise _check.InputError(
            f"`rename` is {rename!r}; expected names of your files and of the genome: "
            'rename={"chr4": "chrIV"}.'
        )
    return {str(old): str(new) for old, new in rename.items()}


def renamed(regions: pd.DataFrame, rename: Mapping[str, str]) -> pd.DataFrame:
    """Return the regions under the names that `rename` gives their chromosomes."""
    if not rename:
        return regions
    return regions.assign(**{schema.CHROM: regions[schema.CHROM].replace(dict(rename))})


def check_rename(
    rename: Mapping[str, str], files: Mapping[str, Collection[str]], known: Collection[str]
) -> list[str]:
    """Return a sentence on names in `rename` that no file has; refuse it if that holds for all.

    Parameters
    ----------
    rename
        Names of the files -> names of the genome.
    files
        File name -> names of its chromosomes.
    known
        Names of the genome.
    """
    names = {name for found in files.values() for name in found}
    idle = [old for old in rename if old not in names]
    if not idle:
        return []
    if len(idle) < len(rename):
        return [f"`rename` names {listed(idle)}, which no file has; it changes nothing."]
    turned = {new: old for old, new in rename.items() if new in names and old in known}
    way_out = f" Turn it round: rename={json.dumps(turned)}." if turned else ""
    file = next(iter(files))
    raise _check.InputError(
        f"`rename` names {listed(idle)}, which {' and '.join(files)} does not have; {file} has "
        f"{listed(sorted(files[file]))}.{way_out}"
    )


def check_names(
    wanted: Iterable[str],
    known: Collection[str],
    *,
    file: str,
    genome: str,
    rename: Mapping[str, str],
) -> list[str]:
    """Return the names that the genome lacks; refuse them if it has them under other names.

    Parameters
    ----------
    wanted
        Chromosomes of a file, already renamed.
    known
        Chromosomes of the genome.
    rename
        What the user gave: the exact fix keeps it.

    Raises
    ------
    InputError
        With the exact `rename=` that helps, or if no chromosome is found at all.
    """
    names = list(wanted)
    missing = [name for name in names if name not in known]
    suggestion = renaming(missing, known)
    if not suggestion and (len(missing) < len(names) or not names):
        return missing
    way_out = "Is it the right genome? Other names go through `rename={old: new}`."
    if suggestion:
        kept = {old: suggestion.get(new, new) for old, new in rename.items()}
        added = {old: new for old, new in suggestion.items() if old not in rename.values()}
        fix = json.dumps({**kept, **added})
        way_out = f"They seem to be the same under other names: use rename={fix}."
    raise _check.InputError(
        f"{file} names chromosomes that {genome} does not have: {listed(missing)}; it has "
        f"{listed(list(known))}. {way_out}"
    )
