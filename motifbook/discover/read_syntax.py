"""Which motifs work together, in which order, how far apart: asked of the network by experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.discover.filters import read_motifs
from motifbook.discover.rules import SMALLEST, find_rules
from motifbook.discover.sentences import alone_sentences, rule_sentence
from motifbook.experiment import backgrounds, marginalize, space
from motifbook.models.network import MotifNetwork, Network
from motifbook.models.pair_reader import PairReader
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, reverse_complement
from motifbook.train.evaluate import outputs, refuse_other_alphabet, trained

if TYPE_CHECKING:
    from anndata import AnnData

REACH = 40  # letters between two motifs, by default, in networks without a table of pairs
ONE_STRAND, BOTH_STRANDS = ("++",), ("++", "+-", "-+", "--")


@dataclass(frozen=True)
class Syntax:
    """Which motifs work together, and which alone.

    Parameters
    ----------
    motifs
        Those that were tried.
    rules
        One row per rule, strongest first: motif_a, motif_b, order, orientation, gap_min, gap_max,
        spacing, readout, effect, lower, upper, n, unit (see `discover.rules.Rule`), weight (the
        same from the network's own table of pairs, or the attention on both), agrees (whether
        that says the same), sentence.
    effects
        What every pair adds at every gap and orientation: rows of `mb.space`.
    alone
        What every motif does alone: rows of `mb.marginalize`.
    """

    motifs: list[Motif]
    rules: pd.DataFrame
    effects: pd.DataFrame
    alone: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """The rules, then what motifs do alone, in words."""
        return [*self.rules["sentence"], *alone_sentences(self.rules, self.alone)]

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{sentence}</li>" for sentence in self.sentences)
        return f"<ul>{items}</ul>"


def read_syntax(
    model: Network,
    adata: AnnData,
    *,
    motifs: Sequence[Motif] | None = None,
    reach: int | None = None,
    n_backgrounds: int = 30,
    smallest: float = SMALLEST,
    seed: int | None = 0,
    batch_size: int = 512,
    device: str = "auto",
) -> Syntax:
    """Find which motifs work together, in which order, strands and distance, by experiment."""
    record = trained(model)
    refuse_other_alphabet(model, adata)
    motifs = read_motifs(model, adata) if motifs is None else list(motifs)
    _refuse_repeated([motif.name for motif in motifs])
    background = backgrounds(adata, n=n_backgrounds, seed=seed)
    tied = reads_strands_alike(model, background)
    settings: dict[str, Any] = {"batch_size": batch_size, "device": device}
    reach = _reach(model, motifs, record.length) if reach is None else reach
    effects = _effects(model, motifs, background, tied=tied, gaps=range(reach + 1), **settings)
    alone = marginalize(model, motifs, background, **settings)
    rules = find_rules(
        effects, tied=tied, smallest=smallest, strongest=float(alone["effect"].abs().max())
    )
    rules["weight"], rules["agrees"] = np.nan, True
    rules["sentence"] = [rule_sentence(rule, alone) for rule in rules.itertuples()]
    return Syntax(motifs, rules, effects, alone)


def _effects(
    model: Network,
    motifs: Sequence[Motif],
    background: Letters,
    *,
    tied: bool,
    **settings: Any,
) -> pd.DataFrame:
    """Rows of `space` for every pair; where strands are read alike, mirror images once."""
    strands = BOTH_STRANDS if model.alphabet.has_strands else ONE_STRAND
    pairs = combinations_with_replacement(motifs, 2) if tied else product(motifs, repeat=2)
    tables = []
    for a, b in pairs:
        once = BOTH_STRANDS[:3] if tied and a is b else strands
        tables.append(space(model, a, b, background, orientations=once, **settings))
    return pd.concat(tables, ignore_index=True)


def reads_strands_alike(model: Network, letters: Letters) -> bool:
    """Whether the network's outputs are the same for reverse complements."""
    if not model.alphabet.has_strands:
        return False
    if isinstance(model, MotifNetwork) and model.motifs.reverse_complement:
        return True
    turned = reverse_complement(letters, model.alphabet)
    return bool(np.allclose(outputs(model, letters), outputs(model, turned), rtol=1e-3, atol=1e-3))


def _reach(model: Network, motifs: Sequence[Motif], length: int) -> int:
    """Largest gap to try: as far as the table of pairs reaches, within the sequence."""
    widths = [motif.width for motif in motifs] or [0]
    reader = getattr(model, "reader", None)
    reach = reader.pairs.reach - min(widths) if isinstance(reader, PairReader) else REACH
    return max(0, min(reach, length - 2 * max(widths)))


def _refuse_repeated(names: list[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise _check.InputError(
            f"`motifs` holds {repeated[0]!r} more than once; expected different names, such as "
            "those of mb.name_motifs."
        )
