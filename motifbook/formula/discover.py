"""`discover_motifs`: which motifs make a formula of the readouts, whatever the restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from motifbook import _check
from motifbook.alphabet import DNA, Alphabet
from motifbook.data.splits.copies import sequence_hashes
from motifbook.formula.calibrate import calibrate
from motifbook.formula.counting import CountedMotif
from motifbook.formula.merging import LEAST_STRENGTH, consensus, distinct
from motifbook.formula.restarts import Learned, Setup, train_again, train_restarts
from motifbook.formula.words import Presence, as_ppms, best_words
from motifbook.models.site_layer import site_width
from motifbook.motif.learned import LEARNED_FROM, sketch
from motifbook.onehot import Letters
from motifbook.train.plan import History, TrainingData

Floats = npt.NDArray[np.float64]
FEW = 1000  # training rows below which motifs are often missed
REFINE, REFIT = 4, 3  # passes, once the restarts agree
MOST_FOR_WORDS, MOST_FOR_SITES = 20_000, 5000
FLANK = 0.25  # bits; outer columns below are cut
GROW = 6  # letters on either side of a motif, where it may go on
MANY, FILTERS, MORE_FILTERS = 10_000, 16, 32  # training rows from which there are more filters


@dataclass(frozen=True)
class DiscoverOptions:
    """How motifs are learned; the defaults were measured (`benchmarks/formula_recovery.py`).

    Parameters
    ----------
    n_restarts
        Formulas trained side by side, each from words and on rows of its own.
    n_filters
        Motifs per restart; by default 16, from 10,000 training rows on 32.
    width
        Letters per motif; by default 12, for proteins 6. A consensus may be longer.
    passes
        Over the training rows in the first training; more fit noise.
    bag
        Share of the training rows that each restart sees.
    group
        See `ContextOptions`; twice as large where the consensus motifs are refined.
    similarity
        Motifs of restarts that are this alike are one.
    support
        Share of the restarts that must show a motif.
    overlap
        A motif that shares more than this of its sites with a stronger one is dropped.
    """

    n_restarts: int = 3
    n_filters: int | None = None
    width: int | None = None
    passes: int = 8
    bag: float = 0.8
    group: float = 0.002
    similarity: float = 0.7
    support: float = 0.5
    overlap: float = 0.5


@dataclass(frozen=True)
class Discovery:
    """What `discover_motifs` returns.

    Parameters
    ----------
    motifs
        Strongest first.
    support
        How many restarts show each: agreement about these rows, never significance.
    n_restarts
        How many there were.
    notes
        Sentences on what was done with the data.
    histories
        Of the trainings: restarts, refinement, last refit.
    """

    motifs: list[CountedMotif]
    support: list[int]
    n_restarts: int
    notes: list[str]
    histories: list[History]


def discover_motifs(
    letters: Letters,
    readout: npt.ArrayLike,
    kinds: Sequence[str],
    *,
    train: npt.NDArray[np.int64],
    validation: npt.NDArray[np.int64],
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
    options: DiscoverOptions | None = None,
    seed: int | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Discovery:
    """Learn the motifs whose numbers of sites make a linear formula of the readouts.

    Parameters
    ----------
    letters : (n, length)
        Letter codes; N where sequences are shorter.
    readout : (n, n_readouts)
        Measured values; NaN where not measured.
    kinds
        "binary" or "continuous" for each readout.
    train, validation
        Numbers of the rows to learn from, and to choose the best moment by. Others are not
        looked at: they are for the formula's intervals.
    alphabet
        The one `letters` are written in.
    both_strands
        Whether a site counts on either strand, where the alphabet has two.
    options
        See `DiscoverOptions`.

    Returns
    -------
    Discovery
        Interrupting (the stop button, Ctrl-C) keeps the motifs learned so far.

    Raises
    ------
    InputError
        If shapes do not fit.

    Notes
    -----
    Words chosen by forward selection start the motifs of each restart; the restarts, each on a
    random part of the rows, are trained as one network (`ContextualRegression`); motifs that most
    of them show are refined together; of motifs that count the same sites the strongest stays.
    From contextual regression (Liu & Wang 2022, arXiv 2208.09559), whose ten restarts are kept
    apart and never merged; thresholds, both strands, the group penalty and merging are ours.

    Support is no test: readouts in random order give motifs with full support as well. Their
    coefficients on rows that were not looked at are what tells them apart.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> letters = rng.integers(0, 4, (600, 60)).astype(np.uint8)
    >>> letters[:300, 20:28] = DNA.codes("ATGACTCA")
    >>> readout = np.repeat([1.0, 0.0], 300)[:, None] + rng.normal(0, 0.3, (600, 1))
    >>> rows = rng.permutation(600)
    >>> found = discover_motifs(
    ...     letters, readout, ["continuous"], train=rows[:500], validation=rows[500:], seed=0,
    ...     options=DiscoverOptions(n_filters=2), progress=False,
    ... )
    >>> len(found.motifs)
    1
    """
    options = DiscoverOptions() if options is None else options
    _check.shape(letters, "letters", "(n, length)", None, None)
    _check.shape(readout, "readout", "(n, n_readouts)", len(letters), len(kinds))
    rng = _check.generator(seed, "discover")
    both = both_strands and alphabet.has_strands
    values = standardized(np.asarray(readout, dtype=np.float64), kinds, train)
    data = TrainingData(letters, values, np.sort(train), np.sort(validation))
    setup = Setup(data, list(kinds), alphabet, both, int(rng.integers(2**31)), device, progress)
    notes = []
    if len(train) < FEW:
        notes.append(
            f"Motifs were learned from {len(train):,} sequences: below {FEW:,} some are missed, "
            "and some are chance."
        )
    starts, bags = _starts(setup, options, rng)
    if not starts[0]:
        notes.append("No word goes with the readouts, so no motif was learned.")
        return Discovery([], [], options.n_restarts, notes, [])
    found, history = train_restarts(setup, starts, bags, passes=options.passes, group=options.group)
    histories = [history]
    agreed = consensus(
        found, similarity=options.similarity, least_support=options.support * options.n_restarts
    )
    motifs, support = [one for one, _ in agreed], [number for _, number in agreed]
    for passes, group, grow in ((REFINE, 2 * options.group, GROW), (REFIT, options.group, 0)):
        if not motifs or histories[-1].stopped == "interrupted":
            break
        again, history = train_again(setup, motifs, passes=passes, group=group, grow=grow)
        histories.append(history)
        kept = _own_sites(again, setup, options.overlap)
        motifs = [again[number].counted for number in kept]
        support = [support[number] for number in kept]
    if histories[-1].stopped == "interrupted":
        notes.append("Interrupted: the motifs are as they were then.")
    trimmed = [replace(one, motif=one.motif.trim(FLANK)) for one in motifs]
    some = setup.data.train[:MOST_FOR_SITES]
    motifs = calibrate(trimmed, letters[some], values[some], both_strands=both)
    named = _named(motifs, support, setup, options.n_restarts)
    return Discovery(named, support, options.n_restarts, notes, histories)


def _starts(
    setup: Setup, options: DiscoverOptions, rng: np.random.Generator
) -> tuple[list[list[Floats]], npt.NDArray[np.bool_]]:
    """Words that each restart starts from, one list of one length each, and its bag of rows."""
    data, alphabet = setup.data, setup.alphabet
    n_filters = options.n_filters or (FILTERS if len(data.train) < MANY else MORE_FILTERS)
    width = min(options.width or site_width(alphabet), data.letters.shape[1])
    bags = rng.random((len(data.letters), options.n_restarts)) < options.bag
    read = alphabet if setup.both_strands else replace(alphabet, complement="")
    train = data.train
    if len(train) > MOST_FOR_WORDS:
        train = np.sort(rng.choice(train, MOST_FOR_WORDS, replace=False))
    presence = Presence.of(data.letters[train], read)
    starts = []
    for bag in bags[train].T:
        words = best_words(presence, data.readout[train], np.flatnonzero(bag), n_filters)
        starts.append(as_ppms(words, alphabet, width, rng))
    n_filters = min(len(ppms) for ppms in starts)
    return [ppms[:n_filters] for ppms in starts], bags


def _own_sites(found: Sequence[Learned], setup: Setup, overlap: float) -> list[int]:
    """Numbers of the motifs that matter and count sites of their own, strongest first."""
    order = sorted(range(len(found)), key=lambda number: -found[number].strength)
    order = [number for number in order if found[number].strength > LEAST_STRENGTH]
    some = setup.data.letters[setup.data.train[:MOST_FOR_SITES]]
    kept = distinct(
        [found[number].counted for number in order],
        some,
        overlap=overlap,
        both_strands=setup.both_strands,
    )
    return [order[place] for place in kept]


def _named(
    motifs: Sequence[CountedMotif], support: Sequence[int], setup: Setup, n_restarts: int
) -> list[CountedMotif]:
    """Number the motifs; they remember which sequences they were learned from."""
    rows = np.concatenate([setup.data.train, setup.data.validation])
    seen = sketch(sequence_hashes(setup.data.letters[rows], setup.alphabet))
    named = []
    for number, (counted, n) in enumerate(zip(motifs, support), start=1):
        info = {"support": n, "n_restarts": n_restarts, LEARNED_FROM: seen}
        motif = replace(counted.motif, name=f"motif_{number}", info=info)
        named.append(replace(counted, motif=motif))
    return named


def standardized(
    readout: Floats, kinds: Sequence[str], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Continuous readouts with mean 0 and deviation 1 in these rows, (n, n_readouts)."""
    values = readout.astype(np.float32)
    for column, kind in enumerate(kinds):
        if kind == "continuous":
            own = readout[rows, column]
            values[:, column] -= np.nanmean(own)
            values[:, column] /= np.nanstd(own) or 1.0
    return values
