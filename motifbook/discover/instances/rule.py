"""When does a motif network see a site? Rules learned from sequences and their shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.discover.instances.odds import site_odds, tail
from motifbook.discover.instances.sites import SiteFinder, Sites
from motifbook.discover.use import motif_network
from motifbook.models.network import Network
from motifbook.motif.columns import motif_list
from motifbook.motif.distribution import q_values
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, shuffle
from motifbook.train.evaluate import trained

FloatArray = npt.NDArray[np.float64]

RATE = 1 / 2000  # false calls per background position
MOST_ROWS = 2500  # sequences that a rule is learned from
MOST_SHUFFLES = 100
ENOUGH = 1_000_000  # background positions: five hundred false calls
ROWS_AT_ONCE = 20_000  # of which all candidates are in memory
CANDIDATES = 1 / 50  # candidates per background position, over all motifs
HIGHEST_RATE = CANDIDATES / 2


@dataclass(frozen=True, eq=False)
class InstanceRule:
    """Which sites of a network's motifs count as instances.

    Parameters
    ----------
    motifs
        Read from the network.
    rate
        False calls per background position, over all motifs.
    largest : (n_channels,)
        Activation of each channel that counts as 1.
    least : (n_motifs,)
        Relative activation below which a place of a motif is no candidate.
    odds : (n_motifs, 3)
        Log odds that a candidate is a site: constant, per bit of its match with the motif, per
        unit of what the network makes of it.
    chance : (n_chance,)
        Scores of the candidates in the background, ascending.
    n_positions
        Letters of the background.
    """

    motifs: tuple[Motif, ...]
    rate: float
    largest: npt.NDArray[np.float32]
    least: FloatArray
    odds: FloatArray
    chance: FloatArray
    n_positions: int


def learn_rule(
    model: Network,
    letters: Letters,
    motifs: Sequence[Motif],
    *,
    background: Letters | None = None,
    rate: float = RATE,
    seed: int | None = 0,
    device: str = "auto",
    batch_size: int = 256,
) -> InstanceRule:
    """Learn from sequences when a network's motifs are sites rather than chance.

    Parameters
    ----------
    model
        A trained network that reads motifs.
    letters : (n, length) uint8
        Letter codes of sequences like those the network was trained on; up to 2,500 are used.
    motifs
        From `read_motifs` of this network, perhaps renamed or reverse-complemented.
    background : (n', length') uint8
        Sequences without sites; by default dinucleotide shuffles of the sequences.
    rate
        False calls per background position, summed over motifs.
    seed
        For the shuffles and the choice of sequences.

    Returns
    -------
    InstanceRule

    Raises
    ------
    InputError
        If the network is untrained or has no motif layer, a motif was not read from its filters,
        or there are no letters.

    Notes
    -----
    Candidates are places where a motif's filters fire. Their score adds up two things: how well
    the letters match the motif, and how much the network makes of them there (how far its outputs
    move without this site, its pairs with others included), so that a weak match counts where
    the network has a use for it. What each is worth is learned from how much more often such
    candidates occur than in the background; readouts are not looked at
    (`odds.site_odds`). Tseng et al. 2024 call a position by attention above 0.9 and an
    activation above the mean; ours is the background's quantile, the same for every network.
    """
    network, motifs = motif_network(model), motif_list(motifs)
    rate = _check.number(rate, "rate", low=1e-9, high=HIGHEST_RATE, what="calls per position")
    _refuse_no_letters(letters, "letters", network.alphabet.n_letters)
    rng = _check.generator(seed, "learn_rule")
    letters = _some(letters, rng)
    n_letters = network.alphabet.n_letters
    if background is None:
        background = _shuffles(letters, n_letters, rng)
    else:
        _refuse_too_few(background, n_letters, rate)
    finder = SiteFinder(network, motifs, batch_size=batch_size, device=device)
    largest = finder.largest(letters)
    n_positions = count_known(background, n_letters)
    each = CANDIDATES * n_positions / max(len(motifs), 1)
    fired = finder.activations(background, largest)
    least = np.array([_largest_but(one, round(each)) for one in fired])
    found, chance = (finder.sites(part, largest, least) for part in (letters, background))
    ratio = count_known(letters, n_letters) / n_positions
    odds = _learn_odds(found, chance, len(motifs), ratio)
    scores = np.sort(_scores(odds, chance))
    return InstanceRule(tuple(motifs), rate, largest, least, odds, scores, n_positions)


def find_instances(
    model: Network,
    rule: InstanceRule,
    letters: Letters,
    *,
    readout: int = 0,
    device: str = "auto",
    batch_size: int = 256,
) -> pd.DataFrame:
    """Find the instances of a network's motifs in letter codes.

    Parameters
    ----------
    model
        The network that `rule` was learned for.
    rule
        From `learn_rule`.
    letters : (n, length) uint8
        Any sequences in the network's alphabet.
    readout
        Number of the readout that `weight` is about.

    Returns
    -------
    DataFrame
        As `call_instances`, with the column `row` (number of the sequence) in place of
        `sequence`; `start` and `end` count columns of `letters`, padding included.

    Raises
    ------
    InputError
        If the network is untrained or has no motif layer, or there is no such readout.
    """
    network = motif_network(model)
    readout = _check.whole_number(readout, "readout", low=0, high=network.n_readouts - 1)
    finder = SiteFinder(network, rule.motifs, batch_size=batch_size, device=device)
    blocks = range(0, max(len(letters), 1), ROWS_AT_ONCE)
    called = [_called(finder, rule, letters, first) for first in blocks]
    sites = Sites.joined([one for one, _, _ in called])
    scores, p_values = (np.concatenate([one[i] for one in called]) for i in (1, 2))
    widths = np.array([motif.width for motif in rule.motifs], dtype=np.int64)
    names = np.array([motif.name for motif in rule.motifs], dtype=object)
    columns = {
        "row": sites.row,
        "start": sites.start,
        "end": sites.start + widths[sites.motif],
        "strand": np.where(sites.sign > 0, "+", "-").astype(object),
        "motif": names[sites.motif],
        "score": scores.round(3),
        "p_value": p_values,
        "q_value": q_values(p_values, count_known(letters, network.alphabet.n_letters)),
        "weight": sites.weight[:, readout] * trained(network).scale[readout],
    }
    if finder.has_attention:
        columns["attention"] = sites.attention
    return pd.DataFrame(columns)


def _called(
    finder: SiteFinder, rule: InstanceRule, letters: Letters, first: int
) -> tuple[Sites, FloatArray, FloatArray]:
    """Instances of some rows from `first` on, with scores and p-values."""
    sites = finder.sites(letters[first : first + ROWS_AT_ONCE], rule.largest, rule.least)
    sites = replace(sites, row=sites.row + first)
    scores = _scores(rule.odds, sites)
    p_values = tail(scores, rule.chance, rule.n_positions)
    kept = p_values <= rule.rate
    return sites.take(kept), scores[kept], p_values[kept]


def count_known(letters: Letters, n_letters: int) -> int:
    """How many letters are known."""
    return int((letters < n_letters).sum())


def _refuse_no_letters(letters: Letters, name: str, n_letters: int) -> None:
    _check.shape(letters, name, "(n, length) letter codes", None, None)
    if not count_known(letters, n_letters):
        raise _check.InputError(f"`{name}` holds no known letters; expected sequences.")


def _refuse_too_few(background: Letters, n_letters: int, rate: float) -> None:
    _refuse_no_letters(background, "background", n_letters)
    n_positions = count_known(background, n_letters)
    if n_positions * rate < 1:
        raise _check.InputError(
            f"`background` has {n_positions:,} letters, in which {rate:g} false calls per letter "
            f"cannot be counted; expected {int(np.ceil(1 / rate)):,} letters or more. Take more "
            "background, or a higher `rate`."
        )


def _some(letters: Letters, rng: np.random.Generator) -> Letters:
    """Up to 2,500 sequences, fewer if they are long, drawn at random."""
    most = min(MOST_ROWS, max(ENOUGH // max(letters.shape[1], 1), 100))
    rows = rng.permutation(len(letters))[:most]
    return np.ascontiguousarray(letters[np.sort(rows)])


def _shuffles(letters: Letters, n_letters: int, rng: np.random.Generator) -> Letters:
    """Shuffles of all sequences, as often as it takes for a smooth tail."""
    times = int(np.clip(round(ENOUGH / letters.size), 1, MOST_SHUFFLES))
    return shuffle(np.tile(letters, (times, 1)), n_letters, seed=int(rng.integers(2**31)))


def _largest_but(values: npt.NDArray[np.float32], rank: int) -> float:
    """The value that `rank` others exceed; 0 if there are not so many."""
    if rank >= len(values):
        return 0.0
    return float(np.partition(values, len(values) - 1 - rank)[len(values) - 1 - rank])


def _learn_odds(found: Sites, chance: Sites, n_motifs: int, ratio: float) -> FloatArray:
    """Constant and slopes of `InstanceRule.odds`, (n_motifs, 3)."""
    odds = np.zeros((n_motifs, 3))
    for number in range(n_motifs):
        own, random = (_features(part.take(part.motif == number)) for part in (found, chance))
        odds[number] = site_odds(own, random, ratio)
    return odds


def _features(sites: Sites) -> FloatArray:
    """Match in bits, and how far the outputs move without the site, (n_sites, 2)."""
    return np.column_stack([sites.match, np.linalg.norm(sites.weight, axis=1)])


def _scores(odds: FloatArray, sites: Sites) -> FloatArray:
    """Log2 odds that each candidate is a site, (n_sites,)."""
    own = odds[sites.motif]
    scores: FloatArray = (own[:, 0] + (own[:, 1:] * _features(sites)).sum(axis=1)) / np.log(2)
    return scores
