"""Restriction enzymes by name, as Biopython (REBASE) knows them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from motifbook import _check


def recognition_sites(names: Sequence[str]) -> dict[str, str]:
    """Return what enzymes recognize, name -> word of letters and ambiguity codes.

    Raises
    ------
    InputError
        If there is no such enzyme, or Biopython is not installed.

    Notes
    -----
    Sites of REBASE (Roberts et al. 2015, Nucleic Acids Res 43:D298), as Biopython packages them.

    Examples
    --------
    >>> recognition_sites(["EcoRI", "HincII"])
    {'EcoRI': 'GAATTC', 'HincII': 'GTYRAC'}
    """
    return {name: str(enzyme(name).site) for name in names}


def enzyme(name: str) -> Any:
    """Return Biopython's enzyme of that name.

    Raises
    ------
    InputError
        If there is none, or Biopython is not installed.
    """
    restriction = _restriction()
    known = [str(one) for one in restriction.AllEnzymes]
    if name in known:
        return getattr(restriction, name)
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=3)
    hint = f"Did you mean {' or '.join(by_lower[one] for one in near)}?" if near else ""
    raise _check.InputError(
        f"`avoid_sites` names {name!r}; expected restriction enzymes that Biopython knows, such as "
        f"'EcoRI' or 'BsaI'. {hint or 'Words of letters go into `avoid`.'}"
    )


def _restriction() -> ModuleType:
    try:
        from Bio import Restriction
    except ImportError:
        raise _check.InputError(
            "`avoid_sites` names restriction enzymes, whose sites Biopython knows, and Biopython "
            'is not installed. Install it (`pip install "motifbook[design]"`), or write the sites '
            "into `avoid`."
        ) from None
    return Restriction  # type: ignore[no-any-return]
