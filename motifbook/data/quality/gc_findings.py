"""What a check says about composition: how much the share of G and C alone tells of a readout."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from motifbook.data.quality.composition import auroc, correlation
from motifbook.data.quality.findings import FINE, NOTE, WARNING, Data, Facts, Finding
from motifbook.data.words import percent

FloatArray = npt.NDArray[np.float64]

_AUROC_NOTE, _AUROC_WARNING = 0.60, 0.70
_R_NOTE, _R_WARNING = 0.2, 0.4
_BY_CHANCE = 3  # standard errors of no relation at all: what is smaller may be chance
_CPG = 0.05  # by how much CG pairs must tell more than G and C to be worth a word


def on_gc(data: Data, facts: Facts) -> list[Finding]:
    """How much the share of G and C tells of each readout."""
    if not data.alphabet.is_nucleotides:
        return []
    codes = [data.alphabet.letters.index(letter) for letter in "CG"]
    gc = data.composition.share(codes)
    known = ~np.isnan(gc)
    if not known.any():
        return []
    facts["gc"] = mean = float(gc[known].mean())
    found = [_on_classes(data, gc, column, facts) for column in data.readouts("binary")]
    found += _on_values(data, gc, mean, facts)
    if found:
        return found
    return [Finding("composition", FINE, f"G and C make up {percent(mean)} of the letters.")]


def _on_classes(data: Data, gc: FloatArray, column: int, facts: Facts) -> Finding:
    name, values = data.names[column], data.values[:, column]
    high, low = (gc[(values == value) & ~np.isnan(gc)] for value in (1, 0))
    if not len(high) or not len(low):
        return Finding("composition", NOTE, f"The letters of {name} = 1 or 0 are all unknown.")
    there = np.isin(values, (0, 1))
    scores = [auroc(share[there], values[there] == 1) for share in (gc, data.composition.cpg)]
    gap = float(high.mean() - low.mean())
    error = float(np.sqrt(high.var() / len(high) + low.var() / len(low)))
    facts |= {f"gc_difference:{name}": gap, f"gc_error:{name}": error}
    facts |= {f"gc_auroc:{name}": scores[0], f"cpg_auroc:{name}": scores[1]}
    by_gc, by_cpg = (max(score, 1 - score) for score in scores)  # whichever class has more
    said = (
        f"G and C make up {percent(high.mean())} of the letters where {name} is 1 and "
        f"{percent(low.mean())} where it is 0 (difference {100 * gap:+.1f} ± {100 * error:.1f} "
        f"points); that alone separates the two with auROC {by_gc:.2f} (0.5 is chance)."
    )
    if by_cpg > by_gc + _CPG:
        said += f" The share of the pair CG separates them with {by_cpg:.2f}."
    chance = 0.5 + _BY_CHANCE * np.sqrt((len(high) + len(low) + 1) / (12 * len(high) * len(low)))
    strongest = max(by_gc, by_cpg)
    if strongest < max(_AUROC_NOTE, chance):
        return Finding("composition", FINE, said)
    way = 'dinucleotide shuffles (`negatives="shuffle"` with `mb.read_fasta`) keep both'
    if by_cpg <= by_gc + _CPG:
        way += ', windows of matched GC (`negatives="matched"` with `mb.read_bed`) the latter'
    advice = (
        "Part of what a network learns may be pairs of letters or the share of G and C. Other "
        f"negatives tell: {way}."
    )
    return Finding("composition", WARNING if strongest >= _AUROC_WARNING else NOTE, said, advice)


def _on_values(data: Data, gc: FloatArray, mean: float, facts: Facts) -> list[Finding]:
    """One finding for all continuous readouts."""
    columns = data.readouts("continuous")
    found = {data.names[c]: correlation(gc, data.values[:, c]) for c in columns}
    found = {name: r for name, r in found.items() if not np.isnan(r)}
    if not found:
        return []
    facts |= {f"gc_r:{name}": r for name, r in found.items()}
    sizes = {data.names[c]: len(data.measured(c)) for c in columns}
    telling = [
        name for name, r in found.items() if abs(r) >= max(_R_NOTE, _BY_CHANCE / sizes[name] ** 0.5)
    ]
    name = max(telling or found, key=lambda key: abs(found[key]))
    r, among = found[name], f", the most of {len(found)} readouts" if len(found) > 1 else ""
    said = (
        f"G and C make up {percent(mean)} of the letters; their share correlates "
        f"with {name} by r = {r:.2f} (R² = {r * r:.2f}){among}."
    )
    if not telling:
        return [Finding("composition", FINE, said)]
    advice = f"A network that predicts {name} with r near {abs(r):.2f} need not know any motif."
    return [Finding("composition", WARNING if abs(r) >= _R_WARNING else NOTE, said, advice)]
