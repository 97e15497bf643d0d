"""Everything a report says, computed; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.quality.check import check
from motifbook.data.splits import leakage
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.call import call_instances
from motifbook.discover.syntax.read import Syntax
from motifbook.discover.use import motif_network
from motifbook.models import MotifNetwork, MotifSyntaxNet, Network
from motifbook.models.motif_layer import usual_width
from motifbook.motif.matrix import Motif
from motifbook.report.asked import Example, find_examples, take_out
from motifbook.report.cards import Card, make_cards
from motifbook.report.contrasts import Contrast, composition, find_contrasts
from motifbook.report.designed import N_DESIGNS, Designed, check_asked, find_designs
from motifbook.report.enriched import known_enrichment
from motifbook.report.linear import Linear, fit_linear
from motifbook.report.predictors import (
    BASELINES,
    Settings,
    baseline_predictors,
    n_steps,
    own_predictors,
)
from motifbook.report.prepare import KNOWN, Known, find_targets, with_split
from motifbook.report.reading import Reading
from motifbook.report.scores import Predictor, evaluation_table
from motifbook.report.syntax import find_syntax, named_forms
from motifbook.report.tested import MotifTests, held_out_tests
from motifbook.train import predict
from motifbook.train.evaluate import trained

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.design.designs import Designs

NARROWEST = 8  # letters of a filter; else at most half a sequence, so that motifs have a place
FEWEST = 20  # sequences with measurements below which nothing is judged, or trained to compare


@dataclass(frozen=True)
class Analysis(Reading):
    """Everything a report says of one set of sequences: what was read, and what was asked then.

    Parameters
    ----------
    syntax
        Which motifs work together, under the names of their cards; None without motifs.
    instances
        Motif instances that the network sees, under the same names; see `mb.call_instances`.
    taken_out
        What the network misses without them; see `mb.ablate`. May be empty.
    examples
        Motifs in sequences, with what each letter adds.
    linear
        The formula of the same motifs.
    designed
        New sequences that the network predicts to be high.
    """

    syntax: Syntax | None
    instances: pd.DataFrame
    taken_out: pd.DataFrame
    examples: list[Example]
    linear: Linear
    designed: Designed


def analyze(
    adata: AnnData,
    model: Network | None = None,
    *,
    known: Known | None = KNOWN,
    baselines: Sequence[str] = BASELINES,
    designs: Designs | int = N_DESIGNS,
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
    known, baselines, designs
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
    asked = check_asked(designs)
    settings = settings or Settings()
    book, notes = with_split(adata, model, split_by, settings.seed)
    targets, known_name = find_targets(known, book, notes)
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
    judges, held_out = _judges(book)
    predictors = own_predictors(network, book, judges, settings)
    if held_out and _can_compare(book, notes):
        predictors += baseline_predictors(book, judges, targets, baselines, settings)
    read = Reading(
        adata=_keep(book, network, cards, tested, settings),
        model=network,
        cards=cards,
        evaluation=_evaluate(book, judges, predictors, contrasts),
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
    return _ask(read, targets, asked, settings)


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


def _evaluate(
    book: AnnData,
    judges: npt.NDArray[np.int64],
    predictors: list[Predictor],
    contrasts: list[Contrast],
) -> pd.DataFrame:
    """`evaluation_table` of the rows that judge."""
    names, kinds = [c.readout for c in contrasts], [c.kind for c in contrasts]
    return evaluation_table(store.get_readouts(book)[judges], predictors, names, kinds)


def _ask(read: Reading, known: list[Motif], designs: Designs | int, settings: Settings) -> Analysis:
    """Ask the network what its motifs do, alone, together, in a formula and in new sequences."""
    network, book, device = read.model, read.adata, settings.device
    motifs = named_forms(read.cards)
    instances = call_instances(network, book, motifs=motifs, device=device)
    taken_out = take_out(network, book, instances, settings)
    syntax = find_syntax(network, book, read.cards, known, device)
    examples = find_examples(
        network, book, motifs, instances, taken_out=taken_out, settings=settings
    )
    settings.say("asked the network what its motifs do, alone and together")
    linear = fit_linear(book, motifs, settings, have_judged=read.tested.have_judged)
    if linear.formula is not None:
        store.add_formula(book, linear.coefficients)
        settings.say("fitted the linear formula of these motifs")
    designed = find_designs(designs, network, motifs, settings, readout=read.first_readout)
    if designed.is_own and designed.designs is not None:
        settings.say(f"wrote {len(designed.table)} new sequences")
    return Analysis(
        **vars(read),
        syntax=syntax,
        instances=instances,
        taken_out=taken_out,
        examples=examples,
        linear=linear,
        designed=designed,
    )


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
