"""One card per motif: its forms, its name, where it lies, what a better match adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook.data import store
from motifbook.data.hits import scan
from motifbook.discover.filters import FLANK, weight_ppms
from motifbook.discover.syntax.weights import response_curves
from motifbook.models import MotifNetwork, Network
from motifbook.motif.compare import align_all, identify, similarities
from motifbook.motif.matrix import Motif
from motifbook.report.contrasts import Contrast
from motifbook.report.pairs import pair_reader

if TYPE_CHECKING:
    from anndata import AnnData

FloatArray = npt.NDArray[np.float64]

NAMED = 0.01  # q-value up to which a motif goes by the name of a known one,
COVERED = 0.5  # and share of the known motif's bits that it must cover
ALIKE = 0.65  # similarity of two motifs from which they are forms of one
SITE_P = 1e-4  # p-value up to which a position is a site
MINOR = 0.05  # of the largest use: motifs below get a line, not a card
N_MATCHES = 5  # known motifs listed per motif


@dataclass(frozen=True)
class Card:
    """What is known of one motif.

    Parameters
    ----------
    forms
        The motifs of the network that are this motif, most used first.
    known
        Known motifs like each form, from `identify`; empty without a collection.
    known_motif
        The first of them for the first form, read on the strand on which they agree.
    sites
        Table of hits of the first form: sequence, start, end, strand, motif, score, p_value,
        q_value.
    shares
        Columns "readout", "high", "low": share of the sequences of either group with a site.
    response
        What one site adds to each readout (columns), by its relative strength 0 to 1 (index): log
        odds for binary readouts, the measurement's unit for continuous ones. None if the network
        has no such curves.
    weights
        The weights of its filter as a motif, on the strand of the first form.
    """

    forms: list[Motif]
    known: pd.DataFrame
    known_motif: Motif | None
    sites: pd.DataFrame
    shares: pd.DataFrame
    response: pd.DataFrame | None
    weights: Motif | None = None

    @property
    def motif(self) -> Motif:
        """The most used form."""
        return self.forms[0]

    @property
    def name(self) -> str:
        """Name of the known motif it is like, else its consensus."""
        best = self.best
        return (
            self.motif.consensus if best is None or not self.is_named else str(best["target_name"])
        )

    @property
    def use(self) -> float:
        """Rise of the held-out loss when the most used form is silenced."""
        return float(self.motif.info["use"])

    @property
    def best(self) -> pd.Series | None:
        """The known motif most like the first form; None without a collection."""
        own = self.known[self.known["motif"] == self.motif.name]
        return own.iloc[0] if len(own) else None

    @property
    def is_named(self) -> bool:
        """Whether a known motif is like it by more than chance, and not in a small part only."""
        return self.is_like and self.covered >= COVERED

    @property
    def is_like(self) -> bool:
        """Whether a known motif is like it by more than chance."""
        best = self.best
        return best is not None and float(best["q_value"]) <= NAMED

    @property
    def covered(self) -> float:
        """Share of the known motif's bits in the columns that the first form covers."""
        best, known = self.best, self.known_motif
        if best is None or known is None:
            return 0.0
        bits, offset = known.icm().sum(axis=0), int(best["offset"])
        return float(bits[max(0, -offset) : max(0, self.motif.width - offset)].sum() / bits.sum())

    @property
    def n_sequences(self) -> int:
        """How many sequences hold a site."""
        return int(self.sites["sequence"].nunique())

    def is_minor(self, largest_use: float) -> bool:
        """Whether it is used little beside the most used motif."""
        return self.use < MINOR * largest_use


def make_cards(
    model: MotifNetwork,
    adata: AnnData,
    motifs: Sequence[Motif],
    *,
    known: Sequence[Motif],
    contrasts: Sequence[Contrast],
) -> list[Card]:
    """Gather forms of the same motif and describe each, most used first.

    Parameters
    ----------
    motifs
        Used by the network, most used first.
    known
        Known motifs to compare with; may be empty.
    """
    if not motifs:
        return []
    table = identify(motifs, known, n=N_MATCHES) if known else pd.DataFrame(columns=["motif"])
    by_id = {str(motif.info.get("id", motif.name)): motif for motif in known}
    ppms = weight_ppms(model)
    cards = []
    for forms in gather_forms(motifs, table):
        own = table[table["motif"].isin([form.name for form in forms])].reset_index(drop=True)
        sites = find_sites(forms[0], adata)
        has_site = np.asarray(adata.obs_names.isin(sites["sequence"]))
        shares = [(c.readout, *c.shares(has_site)) for c in contrasts]
        cards.append(
            Card(
                forms=forms,
                known=own,
                known_motif=_best_known(forms[0], own, by_id),
                sites=sites,
                shares=pd.DataFrame(shares, columns=["readout", "high", "low"]),
                response=find_response(model, forms[0], [c.readout for c in contrasts]),
                weights=_weights(forms[0], ppms),
            )
        )
    return cards


def _best_known(motif: Motif, table: pd.DataFrame, by_id: dict[str, Motif]) -> Motif | None:
    own = table[table["motif"] == motif.name]
    if own.empty:
        return None
    target = by_id[own["target"].iloc[0]]
    return target.reverse_complement() if own["strand"].iloc[0] == "-" else target


def _weights(motif: Motif, ppms: FloatArray) -> Motif:
    """Of the filters that show `motif`, the weights most like it, on its strand."""
    filters = [
        Motif("weights", ppms[number], alphabet=motif.alphabet).trim(FLANK)
        for number in motif.info["filters"]
    ]
    placed = align_all(motif, filters)
    best = int(np.argmax([place.score for place in placed]))
    turned = placed[best].strand == "-"
    return filters[best].reverse_complement() if turned else filters[best]


def gather_forms(motifs: Sequence[Motif], known: pd.DataFrame) -> list[list[Motif]]:
    """Put forms of the same motif together.

    Two motifs are forms of one if they are called by the same name, if each is among the known
    motifs that the other is most like, or if they are alike themselves.
    """
    alike = similarities(motifs) >= ALIKE
    names = [_names(motif, known) for motif in motifs]
    groups: list[list[int]] = []
    for i in range(len(motifs)):
        for group in groups:
            if any(alike[i, j] or _same(names[i], names[j]) for j in group):
                group.append(i)
                break
        else:
            groups.append([i])
    return [[motifs[i] for i in group] for group in groups]


def _names(motif: Motif, known: pd.DataFrame) -> list[str]:
    """Names of the known motifs that `motif` is like, upper case, most like first."""
    own = known[known["motif"] == motif.name]
    return [] if own.empty else own.loc[own["q_value"] <= NAMED, "target_name"].str.upper().tolist()


def _same(first: list[str], second: list[str]) -> bool:
    if not first or not second:
        return False
    return first[0] == second[0] or (first[0] in second and second[0] in first)


def find_sites(motif: Motif, adata: AnnData) -> pd.DataFrame:
    """Hits of one motif with p-values up to 1e-4, a palindrome's two hits counted once.

    A motif too short to be that surprising is hit where its best word stands.
    """
    background = _background(adata)
    odds = motif.ppm / background[:, None]
    rarest = float(background[odds.argmax(axis=0)].prod())
    hits = scan(motif, adata, p_value=max(SITE_P, 1.01 * rarest), background=background.tolist())
    order = hits["p_value"].argsort(kind="stable")
    kept = hits.iloc[order].drop_duplicates(["sequence", "start"]).sort_index()
    return kept.reset_index(drop=True)


def _background(adata: AnnData) -> FloatArray:
    """Letter shares in the sequences, averaged over strands, (n_letters,)."""
    alphabet = store.get_alphabet(adata)
    letters = store.get_letters(adata)
    counts = np.bincount(letters.ravel(), minlength=alphabet.n_letters + 1)[:-1] + 1.0
    if alphabet.has_strands:
        counts = counts + counts[alphabet.complement_codes[:-1]]
    shares: FloatArray = counts / counts.sum()
    return shares


def find_response(model: Network, motif: Motif, readouts: Sequence[str]) -> pd.DataFrame | None:
    """What one site adds to each readout, by its strength; None if the network cannot tell.

    Index "strength", one column per readout; see `discover.syntax.weights.response_curves`.
    """
    if pair_reader(model) is None:
        return None
    curves = [
        response_curves(model, [motif], readout=number)[motif.name]
        for number in range(len(readouts))
    ]
    return pd.concat(curves, axis=1, keys=list(readouts))
