"""Sequences with planted motifs, known sites and known effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.data.simulation.plant import (
    Sites,
    draw_background,
    place_chains,
    plant,
    scatter,
    turn,
)
from motifbook.data.simulation.rules import AdditiveRule, Rule, named
from motifbook.data.simulation.uorf import UorfRule, true_load
from motifbook.data.simulation.uorf_draw import draw as draw_utrs
from motifbook.motif import database
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode

Integers = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

TRIM_BITS = 0.3  # flanks of JASPAR matrices below this are not planted
EFFECT_COLUMNS = ["readout", "motif", "partner", "gap_min", "gap_max", "effect"]
_ALONE = ("", np.nan, np.nan)  # no partner, no gap


@dataclass(frozen=True)
class SimulateOptions:
    """What `simulate` does beyond its rule.

    Parameters
    ----------
    motifs
        Your own motifs in place of the rule's, in the rule's order, planted untrimmed.
    gc
        Share of G and C in the background, unless the rule sets it.
    jitter
        How far, in letters, the center of what is planted lies at most from the middle; less
        where the sequence is too short for it.
    flipped
        Share of binary readouts turned into the other value, as errors of measurement.
    missing
        Share of readouts that were not measured (NaN).
    """

    motifs: Sequence[Motif] = ()
    gc: float = 0.5
    jitter: int = 60
    flipped: float = 0.0
    missing: float = 0.0

    def __post_init__(self) -> None:
        _check.whole_number(self.jitter, "jitter", low=0)
        for name in ("gc", "flipped", "missing"):
            _check.number(getattr(self, name), name, low=0, high=1)


def simulate(
    n: int = 4000,
    length: int = 200,
    *,
    rule: str | Rule | AdditiveRule | UorfRule = "tut2",
    seed: int | None = None,
    options: SimulateOptions | None = None,
) -> anndata.AnnData:
    """Simulate DNA sequences with planted motifs whose truth is known.

    Parameters
    ----------
    n
        Number of sequences; half of them are positives in all named binary rules.
    length
        Letters per sequence.
    rule
        Which motifs are planted and what they do. "single" (SPI1), "tut2" (SPI1, or TAL1::TCF3
        and GATA1 6 to 10 letters apart; negatives hold each alone and the pair at wrong
        distances), "tut" (the same without wrong distances), "gc" (tut2 with GC-rich positives),
        "spacing" (only the distance decides), "hard" (ATF7, or JUN and TEAD1 exactly 5 letters
        apart, with decoys), "soft" (CEBPB and RUNX2 2 to 14 letters apart, with decoys), "either"
        (TAL1::TCF3 or GATA1 or both), "cooperation" (E2F6 and MAX are both needed), "repress"
        (CTCF vetoes SPI1), "both" (two words are needed), "copies" (one copy of a word does, two
        are no better), "six" (six motifs), "multi" (two binary readouts), "additive" (two
        continuous readouts), "formula" (four continuous readouts of eight motifs, and two motifs
        without effect), "uorf" (5' untranslated regions, whose upstream reading frames lower the
        ribosome load; never turned); or your own `Rule`, `AdditiveRule` or `UorfRule`.
    options
        See `SimulateOptions`.

    Returns
    -------
    AnnData
        `X` the readouts, `obs["sequence"]` the letters, and `uns["truth"]`:

        * "motifs": name -> ppm (4, width);
        * "sites": table sequence, start, end, strand, motif; 0-based, half-open. Chance
          hits in the background are neither listed nor removed;
        * "effects": table readout, motif, partner, gap_min, gap_max, effect. Binary: the readout
          of sequences that hold exactly these motifs (a chain of three takes two rows).
          Continuous: what each copy of the motif adds.

    Raises
    ------
    InputError
        If a name or number is not possible, or `length` is too short for what is planted.

    Notes
    -----
    Letters of the background are independent. Every site is drawn from its matrix anew, and each
    finished sequence is turned to the other strand with probability 1/2 ("uorf": never).

    Examples
    --------
    >>> adata = simulate(100, 200, rule="single", seed=0)
    >>> len(adata.uns["truth"]["sites"]), float(adata.X.mean())
    (50, 0.5)
    """
    n = _check.whole_number(n, "n")
    length = _check.whole_number(length, "length")
    chosen, options = named(rule), options or SimulateOptions()
    motifs = _motifs(chosen, options)
    rng = _check.generator(seed, "simulate")
    gc = np.full(n, options.gc)
    if isinstance(chosen, UorfRule):
        letters, sites = draw_utrs(chosen, gc, length, rng)
        readouts = true_load(letters, chosen)[:, None]
        readouts += chosen.noise * rng.standard_normal((n, 1))
        readouts[rng.random(readouts.shape) < options.missing] = np.nan
        return _assemble(chosen, motifs, letters, readouts, sites)
    if isinstance(chosen, Rule):
        kinds = _draw_kinds(chosen, n, rng)
        for kind, configuration in enumerate(chosen.configurations):
            if configuration.gc is not None:
                gc[kinds == kind] = configuration.gc
        sites = place_chains(chosen, kinds, motifs, length=length, jitter=options.jitter, rng=rng)
        readouts = _binary_readouts(chosen, kinds, options.flipped, rng)
    else:
        counts = rng.binomial(chosen.copies, chosen.probability, size=(n, len(motifs)))
        sites = scatter(counts, motifs, length=length, rng=rng)
        deviations = np.zeros(n)
        if chosen.gc_sd:
            deviations = rng.standard_normal(n)
            gc = np.clip(gc + chosen.gc_sd * deviations, 0.05, 0.95)
        readouts = _continuous_readouts(chosen, counts, deviations, rng)
    readouts[rng.random(readouts.shape) < options.missing] = np.nan
    letters = draw_background(gc, length, rng)
    plant(letters, sites, motifs, rng)
    sites = turn(letters, sites, rng)
    return _assemble(chosen, motifs, letters, readouts, sites)


def _motifs(rule: Rule | AdditiveRule | UorfRule, options: SimulateOptions) -> list[Motif]:
    if not len(options.motifs):
        return [_known(name, source) for name, source in rule.motifs.items()]
    names = [motif.name for motif in options.motifs]
    if len(names) != len(rule.motifs) or len(set(names)) != len(names):
        raise _check.InputError(
            f"`motifs` holds {', '.join(names)}; expected {len(rule.motifs)} motifs of different "
            f"names, in place of {', '.join(rule.motifs)}."
        )
    return list(options.motifs)


def _known(name: str, source: str | Motif) -> Motif:
    if isinstance(source, Motif):
        return source.renamed(name)
    return database.motif(source).trim(TRIM_BITS).renamed(name)


def _draw_kinds(rule: Rule, n: int, rng: np.random.Generator) -> Integers:
    """Number of the configuration of each row, (n,), in random order."""
    shares = np.cumsum([configuration.share for configuration in rule.configurations])
    ends = np.rint(n * shares / shares[-1]).astype(np.int64)
    return rng.permutation(np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))


def _binary_readouts(
    rule: Rule, kinds: Integers, flipped: float, rng: np.random.Generator
) -> FloatArray:
    table = np.array([configuration.readouts for configuration in rule.configurations])
    readouts = table[kinds].astype(np.float64)
    wrong = rng.random(readouts.shape) < flipped
    return np.where(wrong, 1 - readouts, readouts)


def _continuous_readouts(
    rule: AdditiveRule, counts: Integers, deviations: FloatArray, rng: np.random.Generator
) -> FloatArray:
    effects = np.asarray(rule.effects, dtype=np.float64)
    per_motif = rule.copies * rule.probability * (1 - rule.probability)
    variance = per_motif * (effects**2).sum(axis=0)
    signal = counts @ effects
    if rule.bonus or rule.gc_effect:
        signal += _beyond_copies(rule, counts, deviations)[:, None]
        variance = signal.var(axis=0)
    noise = np.sqrt(np.where(variance > 0, variance * (1 - rule.r2) / rule.r2, 1.0))
    readouts: FloatArray = signal + noise * rng.standard_normal((len(counts), len(noise)))
    return readouts


def _beyond_copies(rule: AdditiveRule, counts: Integers, deviations: FloatArray) -> FloatArray:
    """What pairs of motifs and the share of G and C add to every readout, (n,)."""
    numbers = {name: number for number, name in enumerate(rule.motifs)}
    added = rule.gc_effect * deviations
    for (first, second), bonus in rule.bonus.items():
        holds_both = (counts[:, numbers[first]] > 0) & (counts[:, numbers[second]] > 0)
        added += bonus * holds_both
    return added


def _assemble(
    rule: Rule | AdditiveRule | UorfRule,
    motifs: list[Motif],
    letters: Letters,
    readouts: FloatArray,
    sites: Sites,
) -> anndata.AnnData:
    n, length = letters.shape
    names = pd.Index([f"sequence{row}" for row in range(n)])
    if isinstance(rule, Rule):
        kind, effects = "binary", _pair_effects(rule, motifs)
    elif isinstance(rule, UorfRule):
        kind, effects = "continuous", _frame_effects(rule, motifs)
    else:
        kind, effects = "continuous", _copy_effects(rule, motifs)
    adata = anndata.AnnData(
        X=readouts.astype(np.float32),
        obs=pd.DataFrame({schema.SEQUENCE: decode(letters)}, index=names),
        var=pd.DataFrame({schema.KIND: kind}, index=pd.Index(rule.readouts)),
    )
    adata.uns[schema.ALPHABET] = DNA.name
    adata.uns[schema.TRUTH] = {
        "motifs": {motif.name: motif.ppm.copy() for motif in motifs},
        "sites": _sites_table(sites, motifs, names),
        "effects": pd.DataFrame(effects, columns=EFFECT_COLUMNS),
    }
    planted = ", ".join(motif.name for motif in motifs)
    adata.uns[schema.DONE] = [
        f"Simulated {n} sequences of {length} letters with {len(sites.row)} sites of {planted}.",
        "The truth lists planted sites only; chance hits in the background stay in.",
    ]
    return adata


def _sites_table(sites: Sites, motifs: list[Motif], names: pd.Index) -> pd.DataFrame:
    order = np.lexsort((sites.start, sites.row))
    table = pd.DataFrame(
        {
            "sequence": names[sites.row],
            "start": sites.start,
            "end": sites.start + sites.width,
            "strand": np.where(sites.minus, "-", "+"),
            "motif": np.array([motif.name for motif in motifs])[sites.motif],
        }
    )
    return table.iloc[order].reset_index(drop=True)


def _pair_effects(rule: Rule, motifs: list[Motif]) -> list[tuple[object, ...]]:
    shown = dict(zip(rule.motifs, (motif.name for motif in motifs)))
    effects: list[tuple[object, ...]] = []
    for number, readout in enumerate(rule.readouts):
        for configuration in rule.configurations:
            effect = float(configuration.readouts[number])
            chain = [shown[name] for name in configuration.motifs]
            if len(chain) == 1:
                effects.append((readout, chain[0], *_ALONE, effect))
            for motif, partner, gap in zip(chain, chain[1:], configuration.gaps):
                effects.append((readout, motif, partner, *map(float, gap), effect))
    return effects


def _frame_effects(rule: UorfRule, motifs: list[Motif]) -> list[tuple[object, ...]]:
    start, stop = (motif.name for motif in motifs)
    (readout,) = rule.readouts
    return [(readout, start, stop, np.nan, np.nan, -rule.own),
            (readout, start, *_ALONE, -rule.overlapping)]  # fmt: skip


def _copy_effects(rule: AdditiveRule, motifs: list[Motif]) -> list[tuple[object, ...]]:
    shown = dict(zip(rule.motifs, (motif.name for motif in motifs)))
    rows: list[tuple[object, ...]] = []
    for number, readout in enumerate(rule.readouts):
        for motif, effects in zip(motifs, rule.effects):
            rows.append((readout, motif.name, *_ALONE, float(effects[number])))
        for (first, second), bonus in rule.bonus.items():
            rows.append((readout, shown[first], shown[second], np.nan, np.nan, float(bonus)))
    return rows
