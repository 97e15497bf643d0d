"""What a check says about the sequences themselves."""

from __future__ import annotations

import numpy as np

from motifbook.data.quality.findings import FINE, NOTE, WARNING, Data, Facts, Finding
from motifbook.data.words import counted, named, percent

_FILTER = 20  # letters: default width of the filters of MotifSyntaxNet, half of it for proteins
_VARIETY = 0.6  # of pairs of letters; below it one or two words fill half of the sequence
_MANY = 0.01  # share of such sequences that is worth a look
_FOR_VARIETY = 16  # letters below which chance alone repeats words


def on_lengths(data: Data, facts: Facts) -> list[Finding]:
    """How long the sequences are, and whether that suits the networks."""
    lengths = data.lengths
    shortest, longest, middle = int(lengths.min()), int(lengths.max()), float(np.median(lengths))
    facts |= {"shortest": shortest, "median_length": middle, "longest": longest}
    if shortest == longest:
        said = f"All sequences have {longest:,} letters."
    else:
        said = f"Sequences have {shortest:,} to {longest:,} letters (median {middle:,.0f})."
    usual = _FILTER if data.alphabet.n_letters <= 8 else _FILTER // 2
    if longest < usual:
        advice = f"Filters are {usual} letters wide by default: use `width={longest}` or less."
        return [Finding("lengths", WARNING, said, advice)]
    if longest < 2 * usual:
        advice = (
            f"Filters are {usual} letters wide by default, too wide to say where a motif lies in "
            f"so short a sequence: `width={longest // 2}` suits it better."
        )
        return [Finding("lengths", NOTE, said, advice)]
    if longest > 4 * middle:
        advice = (
            f"Shorter sequences are padded to {longest:,}, so most of what a network sees would be "
            f"padding. Leave out the longest, or cut all to about {middle:,.0f} letters."
        )
        return [Finding("lengths", WARNING, said, advice)]
    if shortest < usual:
        n_short = int((lengths < usual).sum())
        advice = (
            f"{n_short:,} are shorter than {usual}, the default width of filters; a smaller "
            "`width` suits them better."
        )
        return [Finding("lengths", NOTE, said, advice)]
    return [Finding("lengths", FINE, said)]


def on_letters(data: Data, facts: Facts) -> list[Finding]:
    """Which letters there are, and how many are unknown."""
    counts = data.composition.counts.sum(axis=0)
    total, n_unknown = int(counts.sum()), int(data.composition.n_unknown.sum())
    if not total:
        return [Finding("letters", WARNING, "No letter is known.", "Look at the file.")]
    shares = counts / total
    facts |= {f"share:{letter}": float(s) for letter, s in zip(data.alphabet.letters, shares)}
    facts["unknown"] = n_unknown / (total + n_unknown)
    order = range(4) if data.alphabet.n_letters == 4 else np.argsort(-shares)[:4]
    listed = ", ".join(f"{data.alphabet.letters[code]} {percent(shares[code])}" for code in order)
    most = "" if data.alphabet.n_letters == 4 else "; most common: "
    said = f"{data.alphabet.name}{most or ': '}{listed}. "
    found = [_on_unknown(data, said, n_unknown, total + n_unknown)]
    absent = [letter for letter, s in zip(data.alphabet.letters, shares) if not s]
    if data.alphabet.n_letters == 4 and absent and total > 1000:
        advice = f"Look whether the alphabet is right ({data.alphabet.name})."
        found.append(Finding("letters", WARNING, f"{named(absent)} never occurs.", advice))
    if data.alphabet.name == "protein" and counts[_codes(data, "ACGTN")].sum() == total:
        advice = 'If they are DNA, read them with `alphabet="DNA"`.'
        found.append(Finding("letters", WARNING, "Only A, C, G, T and N occur.", advice))
    return found


def _on_unknown(data: Data, said: str, n_unknown: int, total: int) -> Finding:
    if not n_unknown:
        return Finding("letters", FINE, f"{said}None is unknown.")
    unknown, lengths = data.composition.n_unknown, data.composition.lengths
    n_half = int((unknown > lengths / 2).sum() + (lengths == 0).sum())
    n_with = counted(int((unknown > 0).sum()), "sequence")
    said += f"Unknown ({data.alphabet.unknown}): {percent(n_unknown / total)}, in {n_with}."
    if n_half:
        advice = f"Mostly unknown: {counted(n_half, 'sequence')}. Leave them out."
        return Finding("letters", WARNING, said, advice)
    return Finding("letters", FINE, said, "They count as no letter at all.")


def on_variety(data: Data, facts: Facts) -> list[Finding]:
    """Sequences that repeat one or two words."""
    long_enough = data.composition.lengths >= _FOR_VARIETY
    simple = long_enough & (data.composition.variety < _VARIETY)
    n = int(simple.sum())
    facts["n_repetitive"] = n
    if not long_enough.any():
        return []
    if not n:
        return [Finding("repeats", FINE, "No sequence repeats one or two words all along.")]
    example = str(data.adata.obs_names[int(simple.argmax())])
    said = f"{counted(n, 'sequence')} of one or two words repeated, such as {example!r}."
    if n < _MANY * data.n:
        return [Finding("repeats", FINE, said)]
    said = f"{percent(n / data.n)} of the sequences repeat one or two words, such as {example!r}."
    advice = "Networks learn repeats as motifs: see whether they are what you want to study."
    return [Finding("repeats", NOTE, said, advice)]


def _codes(data: Data, letters: str) -> list[int]:
    return [data.alphabet.letters.index(letter) for letter in letters]
