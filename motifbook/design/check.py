"""`mb.check_order`: what is ordered, checked by other code than the search's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.data import store
from motifbook.design.broken import Broken, broken_in_text, own_places
from motifbook.design.constraints import Constraints
from motifbook.motif.distribution import STEP, in_steps, score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import letter_shares, scan_motifs
from motifbook.onehot import encode

Sequences = Any  # AnnData, or a list of strings

P_VALUE = 1e-4  # of a position that is a motif's site
COLUMNS = ("sequence", "constraint", "start", "end", "what")


def check_order(
    sequences: Sequences,
    constraints: Constraints,
    *,
    starts: Sequences | None = None,
    alphabet: str | Alphabet = "DNA",
) -> pd.DataFrame:
    """List what sequences to order break of constraints; an empty table if nothing.

    Parameters
    ----------
    sequences : AnnData or list of str
        Without the flanks, which are added here.
    constraints
        What they should keep to.
    starts
        What each was made of, to check `fixed`, `edit_mask` (one row per sequence, if it has
        several) and `n_edits`, which are not checked without.
    alphabet
        Of sequences that are no AnnData.

    Returns
    -------
    DataFrame
        One row per broken constraint and place:

        - sequence: its number, or its name in `adata.obs_names`
        - constraint: field of `Constraints`; "letters" for unknown ones
        - start, end: 0-based, half-open, in what is ordered: counted from the first letter of
          the left flank
        - what: in words

    Raises
    ------
    InputError
        If there are no sequences, other numbers of them and of `starts`, or constraints do not
        fit the alphabet or the starts.

    Notes
    -----
    Written apart from what the search uses, so that a mistake there does not go unseen here: by
    plain text, regular expressions, Biopython's patterns of its enzymes, and `scan_motifs`.

    Examples
    --------
    >>> ordered = check_order(["ACGTGAATTCACGT"], Constraints(avoid_sites=["EcoRI"]))
    >>> ordered[["constraint", "start", "end", "what"]].values.tolist()
    [['avoid_sites', 4, 10, 'EcoRI finds GAATTC']]
    """
    if not isinstance(constraints, Constraints):
        raise _check.InputError(
            f"`constraints` is {_check.shown(constraints)}; expected such as `mb.Constraints()`."
        )
    letters = named(alphabet) if _obs_names(sequences) is None else store.get_alphabet(sequences)
    asked = constraints.of(letters)
    texts = _texts(sequences, "sequences", letters)
    names = _obs_names(sequences) or list(range(len(texts)))
    left, right = asked.flanks
    ordered = [f"{left}{text}{right}" for text in texts]
    found = [list(broken_in_text(text, asked, letters)) for text in ordered]
    if starts is not None:
        origins = _texts(starts, "starts", letters)
        if len(origins) != len(texts):
            raise _check.InputError(
                f"`starts` has {len(origins)} sequences; expected {len(texts)}, one per sequence."
            )
        _refuse_other_mask(asked, origins)
        for number, (text, origin) in enumerate(zip(texts, origins)):
            allowed = _allowed(asked, number, len(origin))
            found[number] += _changes(text, origin, asked, letters, allowed)
    for number, one in _motifs(ordered, asked, letters):
        found[number].append(one)
    rows = [(name, *astuple(one)) for name, own in zip(names, found) for one in own]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"start": int, "end": int})


def _obs_names(value: Any) -> list[Any] | None:
    """Names of an AnnData's sequences; None if it is none."""
    return list(value.obs_names) if hasattr(value, "obs_names") else None


def _texts(value: Any, name: str, alphabet: Alphabet) -> list[str]:
    """Sequences in capitals, each letter as the alphabet writes it."""
    if _obs_names(value) is not None:
        value = store.get_sequences(value)
    is_many = isinstance(value, Iterable) and not isinstance(value, str)
    texts = list(value) if is_many else []
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise _check.InputError(
            f"`{name}` is {_check.shown(value)}; expected sequences: a list of strings, or AnnData."
        )
    same = str.maketrans({pair[0]: pair[1] for pair in alphabet.same_as})
    return [text.upper().translate(same) for text in texts]


def _changes(
    text: str, origin: str, asked: Constraints, alphabet: Alphabet, allowed: list[bool]
) -> Iterator[Broken]:
    """What was changed that should not be; `allowed` says where a start may change."""
    known = _known(origin, alphabet)
    padded = len(known) - len(known.lstrip(alphabet.unknown))  # such letters are not designed
    known = known.strip(alphabet.unknown)
    left = len(asked.flanks[0])
    if len(text) != len(known):
        what = f"{len(text)} letters, and {len(known)} of its start"
        yield Broken("fixed", left, left + len(text), what)
        return
    changed = [place for place, (old, new) in enumerate(zip(known, text)) if old != new]
    if asked.n_edits is not None and len(changed) > asked.n_edits:
        what = f"{len(changed)} letters differ from the start, {asked.n_edits} may"
        yield Broken("n_edits", left + changed[0], left + changed[-1] + 1, what)
    fixed = own_places(asked.fixed, len(text))
    for place in changed:
        what = f"{known[place]} of the start is {text[place]}"
        if place in fixed:
            yield Broken("fixed", left + place, left + place + 1, what)
        if not allowed[padded + place]:
            yield Broken("edit_mask", left + place, left + place + 1, what)


def _refuse_other_mask(asked: Constraints, origins: list[str]) -> None:
    """Refuse an `edit_mask` that is shorter than a start, or has fewer rows than there are."""
    if asked.edit_mask is None:
        return
    mask, longest = np.asarray(asked.edit_mask), max(map(len, origins))
    if mask.shape[-1] < longest or (mask.ndim == 2 and len(mask) < len(origins)):
        raise _check.InputError(
            f"`edit_mask` has shape {mask.shape}; expected ({longest},) or ({len(origins)}, "
            f"{longest}), one row per sequence."
        )


def _allowed(asked: Constraints, number: int, length: int) -> list[bool]:
    """Where a start of `length` letters may change, by its mask."""
    if asked.edit_mask is None:
        return [True] * length
    mask = np.asarray(asked.edit_mask)
    row = mask if mask.ndim == 1 else mask[number]
    before = (len(row) - length) // 2  # shorter sequences lie in the middle
    own: list[bool] = row[before : before + length].tolist()
    return own


def _known(text: str, alphabet: Alphabet) -> str:
    """The text with one sign for all unknown letters."""
    return re.sub(f"[^{re.escape(alphabet.letters)}]", alphabet.unknown, text)


def _motifs(
    ordered: list[str], asked: Constraints, alphabet: Alphabet
) -> Iterator[tuple[int, Broken]]:
    """Number of a sequence, and a motif that it should not have, or lacks."""
    if not (asked.forbid or asked.require):
        return
    letters = encode([_known(text, alphabet) for text in ordered], alphabet)
    before = [(letters.shape[1] - len(text)) // 2 for text in ordered]  # shorter ones are centered
    for motif in asked.forbid:
        hits = _hits(motif, letters)
        for number, start, strand in hits[["sequence", "start", "strand"]].to_numpy():
            begin = start - before[number]
            what = f"a site of {motif.name} on the {strand} strand"
            yield number, Broken("forbid", begin, begin + motif.width, what)
    for motif in asked.require:
        having = set(_hits(motif, letters)["sequence"])
        for number in set(range(len(ordered))) - having:
            whole = Broken("require", 0, len(ordered[number]), f"no site of {motif.name}")
            yield number, whole


def _hits(motif: Motif, letters: Any) -> pd.DataFrame:
    """Sites of a motif: p-value 1e-4, or its best words if it is too short for that."""
    both = motif.alphabet.has_strands
    shares = letter_shares(motif, letters, motif.background, both)
    with_shares = Motif(motif.name, motif.ppm, tuple(shares), alphabet=motif.alphabet)
    tails = score_distribution(in_steps(with_shares.pssm()) * STEP, shares).tails
    p_value = max(P_VALUE, float(tails[tails > 0].min()) * (1 + 1e-9))  # tails are rounded
    return scan_motifs([motif], letters, p_value=min(p_value, 1), background=motif.background)
