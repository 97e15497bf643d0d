"""Everything a report says, computed; nothing is drawn here."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.quality.check import DataCheck, check
from motifbook.data.splits import leakage, split
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.call import call_instances
from motifbook.discover.syntax.read import Syntax
from motifbook.discover.use import motif_network
from motifbook.models import MotifNetwork, MotifSyntaxNet, Network
from motifbook.models.motif_layer import usual_width
from motifbook.motif.compare import known_motifs
from motifbook.motif.matrix import Motif
from motifbook.report.cards import Card, make_cards
from motifbook.report.contrasts import Contrast, composition, find_contrasts
from motifbook.report.enriched import known_enrichment
from motifbook.report.predictors import (
    BASELINES,
    NETWORK,
    Settings,
    baseline_predictors,
    n_steps,
    own_predictors,
)
from motifbook.report.scores import Predictor, evaluation_table, is_weak, main_score
from motifbook.report.syntax import find_syntax, named_forms
from motifbook.report.tested import MotifTests, held_out_tests
from motifbook.train import predict
from motifbook.train.evaluate import trained, unseen

if TYPE_CHECKING:
    from anndata import AnnData

KNOWN = "JASPAR2026_vertebrates"
FEW_SEEN = 200  # from fewer that it has seen a network of permuted readouts uses motifs too
FEW_JUDGES = 50  # an auROC of 0.75 on fewer has an interval that reaches 0.6
NARROWEST = 8  # letters of a filter; else at most half a sequence, so that motifs have a place
FEWEST = 20  # sequences with measurements below which nothing is judged, or trained to compare

Known = str | os.PathLike[str] | Sequence[Motif]


@dataclass(frozen=True)
class Analysis:
    """What was found in one set of sequences.

    Parameters
    ----------
    adata
        A copy of the data with split, predictions, motifs, hits and tests.
    model
        The trained network.
    cards
        One per motif that it uses, most used first.
    syntax
        Which motifs work together, under the names of their cards; None without motifs.
    instances
        Motif instances that the network sees, under the same names; see `mb.call_instances`.
    evaluation
        See `evaluation_table`; predictions of the rows that judge.
    predictors
        The network first.
    judges
        Rows on which predictors were judged.
    held_out
        Whether training has not seen them.
    leak
        A sentence if they resemble training sequences too much, else "".
    contrasts, composition
        Groups of sequences, and what is in them.
    checked
        What the data are like; see `mb.check`.
    enriched
        Known motifs against the readouts, without the network; see `mb.enrichment`. May be empty.
    known_name
        What the network's motifs were compared with; "" for nothing.
    n_known
        How many known motifs that were.
    tested
        Whether motifs hold on rows that had no part in finding them.
    notes
        Sentences on what was done with the data, beyond `adata.uns["done"]`.
    """

    adata: AnnData
    model: MotifNetwork
    cards: list[Card]
    syntax: Syntax | None
    instances: pd.DataFrame
    evaluation: pd.DataFrame
    predictors: list[Predictor]
    judges: npt.NDArray[np.int64]
    held_out: bool
    leak: str
    contrasts: list[Contrast]
    composition: pd.DataFrame
    checked: DataCheck
    enriched: pd.DataFrame
    known_name: str
    n_known: int
    tested: MotifTests
    notes: list[str]

    @property
    def motifs(self) -> list[Motif]:
        """All motifs that the network uses, by their number."""
        forms = [form for card in self.cards for form in card.forms]
        return sorted(forms, key=lambda motif: -float(motif.info["use"]))

    @property
    def n_filters(self) -> int:
        """How many filters the network has."""
        return int(self.model.motifs.n_filters)

    @property
    def n_unused(self) -> int:
        """How many of them belong to no motif that is used."""
        return self.n_filters - len({f for motif in self.motifs for f in motif.info["filters"]})

    @property
    def weak_readouts(self) -> list[str]:
        """Readouts that the network predicts too badly for its motifs to mean anything."""
        names = [contrast.readout for contrast in self.contrasts]
        return [n for n in names if is_weak(main_score(self.evaluation, NETWORK, n))]

    @property
    def is_too_weak(self) -> bool:
        """Whether the network should not be interpreted at all."""
        is_unjudged = not self.held_out and self.has_few_judges
        return not self.cards or is_unjudged or len(self.weak_readouts) == len(self.contrasts)

    @property
    def has_few_judges(self) -> bool:
        """Whether so few rows judge that a good network may seem weak, or learned by heart."""
        return len(self.judges) < (FEW_JUDGES if self.held_out else FEW_SEEN)


def analyze(
    adata: AnnData,
    model: Network | None = None,
    *,
    known: Known | None = KNOWN,
    baselines: Sequence[str] = BASELINES,
    split_by: str | None = None,
    settings: Settings | None = None,
) -> Analysis:
    """Find motifs and everything a report says of them.

    Parameters
    ----------
    adata
        Sequences with readouts; not changed.
    model
        A trained network that reads motifs; by default a `MotifSyntaxNet` is trained here.
    known, baselines
        See `mb.report`.
    split_by
        How the new network's sequences are divided, see `mb.split`; by default as
        `obs["split"]` says, else by similarity; at random where most are one family.

    Raises
    ------
    InputError
        If there are no readouts, too few rows, or a name is unknown.
    """
    schema.validate(adata)
    for baseline in baselines:
        _check.one_of(baseline, "baselines", BASELINES)
    settings = settings or Settings()
    book, notes = _with_split(adata, model, split_by, settings.seed)
    targets, known_name = _targets(known, book, notes)
    contrasts = find_contrasts(book)
    checked = check(book)
    settings.say(f"checked the data: {checked.summary.lower().rstrip('.')}")
    enriched = known_enrichment(book, targets, notes)
    settings.say(f"looked for {len(targets):,} known motifs")
    network = _network(model, book, notes, settings)
    found = read_motifs(network, book, include_unused=True, device=settings.device)
    motifs = _used(found)
    settings.say(f"read motifs: {len(motifs)} used")
    unused = [motif for motif in found if not motif.info["used"]]
    tested = held_out_tests(network, book, motifs, unused, seed=settings.seed)
    cards = make_cards(network, book, motifs, known=targets, contrasts=contrasts)
    settings.say("named the motifs and found their sites")
    device = settings.device
    instances = call_instances(network, book, motifs=named_forms(cards), device=device)
    syntax = find_syntax(network, book, cards, targets, device)
    settings.say("asked the network what its motifs do, alone and together")
    judges, held_out = _judges(book)
    predictors = own_predictors(network, book, judges, settings)
    if held_out and _can_compare(book, notes):
        predictors += baseline_predictors(book, judges, targets, baselines, settings)
    readouts = store.get_readouts(book)[judges]
    kinds = [contrast.kind for contrast in contrasts]
    table = evaluation_table(readouts, predictors, [c.readout for c in contrasts], kinds)
    return Analysis(
        adata=_keep(book, network, cards, tested, settings),
        model=network,
        cards=cards,
        syntax=syntax,
        instances=instances,
        evaluation=table,
        predictors=predictors,
        judges=judges,
        held_out=held_out,
        leak=_leak(book, judges) if held_out else "",
        contrasts=contrasts,
        composition=composition(book, contrasts),
        checked=checked,
        enriched=enriched,
        known_name=known_name,
        n_known=len(targets),
        tested=tested,
        notes=notes,
    )


def _with_split(
    adata: AnnData, model: Network | None, by: str | None, seed: int | None
) -> tuple[AnnData, list[str]]:
    """A copy of the data with a split that agrees with what `model` was trained on, and notes."""
    names = [] if model is None else trained(model).readouts
    book = (adata[:, names] if names and set(names) <= set(adata.var_names) else adata).copy()
    notes: list[str] = []
    if model is None:
        if by is not None or schema.SPLIT not in book.obs:
            book.obs[schema.SPLIT], how = _new_split(book, by, seed)
            notes.append(
                f"Sequences were divided {'at' if how == 'random' else 'by'} {how} into training, "
                "validation and test; copies, reverse complements, and a sequence with its own "
                "shuffle stay together."
            )
        return book, notes
    seen = ~unseen(model, book)
    if schema.SPLIT not in book.obs:
        book.obs[schema.SPLIT] = np.where(seen, "train", "test").astype(object)
        notes.append(f"{int((~seen).sum()):,} sequences that the network was not trained on judge.")
        return book, notes
    column = book.obs[schema.SPLIT].astype(str).to_numpy(dtype=object)
    moved = seen & (column != "train")
    if moved.any():
        notes.append(
            f"{int(moved.sum()):,} sequences of the validation or test part are among those the "
            "network was trained on; they count as training here."
        )
    book.obs[schema.SPLIT] = np.where(seen, "train", column)
    return book, notes


def _new_split(book: AnnData, by: str | None, seed: int | None) -> tuple[pd.Series[str], str]:
    """Divide by similarity unless told otherwise; at random if most sequences are one family."""
    if by is not None:
        return split.split(book, by=by, seed=seed), by
    with warnings.catch_warnings():
        warnings.simplefilter("error", split.UnevenSplitWarning)
        try:
            return split.split(book, by="similarity", seed=seed), "similarity"
        except (split.UnevenSplitWarning, _check.InputError):
            pass
    return split.split(book, by="random", seed=seed), "random"


def _targets(known: Known | None, book: AnnData, notes: list[str]) -> tuple[list[Motif], str]:
    """Known motifs in the alphabet of the sequences, and what they are called."""
    if known is None:
        return [], ""
    targets = known_motifs(known)
    alphabet = store.get_alphabet(book)
    if targets and targets[0].alphabet == alphabet:
        if isinstance(known, (str, os.PathLike)):
            return targets, os.path.basename(known)
        return targets, "the motifs given"
    if known != KNOWN:
        raise _check.InputError(
            f"`known` holds motifs of another alphabet than the sequences ({alphabet.name}); "
            "expected the same. Give other motifs, or `known=None`."
        )
    notes.append(
        f"The known motifs are DNA, the sequences {alphabet.name}: motifs get no names. A file of "
        f"known motifs in {alphabet.letters} gives some: `known=`, on the command line --known."
    )
    return [], ""


def _network(
    model: Network | None, book: AnnData, notes: list[str], settings: Settings
) -> MotifNetwork:
    """The network given, or a new one trained on `book`."""
    if model is not None:
        return motif_network(model)
    network = _new_network(book)
    settings.train(network, book)
    notes.extend(trained(network).details["notes"])
    settings.say(f"trained the network: {n_steps(network)} steps")
    return network


def _new_network(book: AnnData) -> MotifSyntaxNet:
    if book.n_vars == 0:
        raise _check.InputError(
            "`adata` has no readouts; expected at least one. Read the FASTA with "
            '`negatives="shuffle"`, or a table with `readouts=[…]`.'
        )
    alphabet = store.get_alphabet(book)
    length = store.get_letters(book).shape[1]
    width = min(usual_width(alphabet, 20), max(length // 2, min(length, NARROWEST)))
    return MotifSyntaxNet(book.n_vars, width=width, alphabet=alphabet)


def _used(found: list[Motif]) -> list[Motif]:
    used = [motif for motif in found if motif.info["used"]]
    return [motif.renamed(f"motif_{number}") for number, motif in enumerate(used, start=1)]


def _judges(book: AnnData) -> tuple[npt.NDArray[np.int64], bool]:
    """Rows that judge: test, else validation, else all; and whether training has not seen them."""
    measured = ~np.isnan(store.get_readouts(book)).all(axis=1)
    column = book.obs[schema.SPLIT].astype(str).to_numpy()
    for part in ("test", "validation"):
        rows = np.flatnonzero((column == part) & measured)
        if len(rows) >= FEWEST:
            return rows, True
    return np.flatnonzero(measured), False


def _leak(book: AnnData, judges: npt.NDArray[np.int64]) -> str:
    """A sentence if the rows that judge resemble training sequences too much."""
    return leakage.caution(book, (str(book.obs[schema.SPLIT].iloc[judges[0]]),))


def _can_compare(book: AnnData, notes: list[str]) -> bool:
    """Whether there are rows to train baselines on; a note if not."""
    n_train = int((book.obs[schema.SPLIT].astype(str) == "train").sum())
    if n_train < FEWEST:
        notes.append(
            "None of these sequences trained the network, so there are none to train others for "
            "comparison."
        )
    return n_train >= FEWEST


def _keep(
    book: AnnData, model: Network, cards: list[Card], tested: MotifTests, settings: Settings
) -> AnnData:
    """The book with predictions, motifs, hits and tests."""
    store.add_predictions(book, predict(model, book, device=settings.device))
    forms = [replace(form, info={**form.info, "card": c.name}) for c in cards for form in c.forms]
    store.add_motifs(book, forms)
    if cards:
        store.add_hits(book, pd.concat([card.sites for card in cards], ignore_index=True))
    if not tested.reason:
        store.add_tests(book, tested.table.reset_index())
    return book
