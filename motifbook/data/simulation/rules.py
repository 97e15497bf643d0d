"""What simulated sequences contain, and what that does to their readouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from motifbook import _check
from motifbook.data import schema
from motifbook.data.simulation.spelled import spelled
from motifbook.data.simulation.uorf import UorfRule
from motifbook.motif.matrix import Motif

Piece = str | tuple[int, int]


@dataclass(frozen=True)
class Configuration:
    """One kind of sequence.

    Parameters
    ----------
    share
        How many of all sequences are of this kind, relative to the other configurations.
    readouts
        0 or 1 for each readout of the rule.
    pieces
        What is planted, from 5' to 3': names of motifs and, between two of them, the smallest and
        the largest gap in letters. Empty for background.
    gc
        Share of G and C in its background; None for the one of `SimulateOptions`.

    Raises
    ------
    InputError
        If motifs and gaps do not alternate, or a number is out of range.

    Examples
    --------
    >>> Configuration(0.25, (1,), ("TAL1", (6, 10), "GATA1")).motifs
    ('TAL1', 'GATA1')
    """

    share: float
    readouts: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()
    gc: float | None = None

    def __post_init__(self) -> None:
        _check.number(self.share, "share", low=0)
        for readout in self.readouts:
            _check.one_of(readout, "readouts", (0, 1))
        if self.gc is not None:
            _check.number(self.gc, "gc", low=0, high=1)
        names_fit = all(isinstance(piece, str) for piece in self.pieces[::2])
        if len(self.pieces) % 2 != bool(self.pieces) or not names_fit:
            raise _check.InputError(
                f"`pieces` is {self.pieces!r}; expected motif names with a gap between two of "
                'them, such as ("TAL1", (6, 10), "GATA1").'
            )
        for gap in self.pieces[1::2]:
            _refuse_gap(gap)

    @property
    def motifs(self) -> tuple[str, ...]:
        """Names of the planted motifs, from 5' to 3'."""
        return tuple(str(piece) for piece in self.pieces[::2])

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Smallest and largest gap, in letters, between neighboring motifs."""
        return tuple(gap for gap in self.pieces[1::2] if not isinstance(gap, str))


@dataclass(frozen=True)
class Rule:
    """Binary readouts decided by which motifs stand together, and how far apart.

    Parameters
    ----------
    motifs
        Name -> JASPAR id, such as "MA0080.7", or your own `Motif`.
    configurations
        The kinds of sequences. List the positives first: numbers are rounded so that the first k
        kinds together always get their share.
    readouts
        Names of the readouts.

    Raises
    ------
    InputError
        If a configuration names a motif that the rule has not, or another number of readouts.
    """

    motifs: Mapping[str, str | Motif]
    configurations: tuple[Configuration, ...]
    readouts: tuple[str, ...] = (schema.BOUND,)

    def __post_init__(self) -> None:
        if not sum(configuration.share for configuration in self.configurations) > 0:
            raise _check.InputError("`configurations` have no share; expected one above 0.")
        for configuration in self.configurations:
            for name in configuration.motifs:
                _check.one_of(name, "pieces", self.motifs)
            if len(configuration.readouts) != len(self.readouts):
                raise _check.InputError(
                    f"`readouts` of a configuration is {configuration.readouts}; expected "
                    f"{len(self.readouts)} values, one for each of {', '.join(self.readouts)}."
                )


@dataclass(frozen=True)
class AdditiveRule:
    """Continuous readouts: the sum of the effects of all planted copies, plus noise.

    Parameters
    ----------
    motifs
        Name -> JASPAR id or your own `Motif`.
    effects : (n_motifs, n_readouts)
        What one copy of each motif adds to each readout.
    r2
        Share of the variance of each readout that the motifs explain; the rest is Gaussian noise.
        A readout without effects is noise of unit variance.
    copies
        Each sequence has 0 to this many copies of each motif, binomially distributed.
    probability
        Chance that each of these copies is there.
    bonus
        What a pair of motifs adds to every readout of sequences that hold both, once.
    gc_sd
        Standard deviation of the share of G and C between sequences.
    gc_effect
        What one such deviation adds to every readout, whatever the motifs.

    Raises
    ------
    InputError
        If the shape of `effects` does not fit, or a number is out of range.
    """

    motifs: Mapping[str, str | Motif]
    effects: Sequence[Sequence[float]]
    r2: float = 0.8
    copies: int = 2
    probability: float = 0.35
    bonus: Mapping[tuple[str, str], float] = field(default_factory=dict)
    gc_sd: float = 0.0
    gc_effect: float = 0.0

    def __post_init__(self) -> None:
        _check.shape(
            self.effects, "effects", "(n_motifs, n_readouts)", len(self.motifs), None,
            hint=f"The rule has the motifs {', '.join(self.motifs)}.",
        )  # fmt: skip
        _check.number(self.r2, "r2", low=1e-6, high=1)
        _check.whole_number(self.copies, "copies")
        _check.number(self.probability, "probability", low=0, high=1)
        _check.number(self.gc_sd, "gc_sd", low=0, high=0.3)
        for pair in self.bonus:
            for name in pair:
                _check.one_of(name, "bonus", self.motifs)

    @property
    def readouts(self) -> tuple[str, ...]:
        """Names of the readouts."""
        return tuple(f"readout{number}" for number in range(len(self.effects[0])))


def _refuse_gap(gap: Piece) -> None:
    match gap:
        case (int(smallest), int(largest)) if 0 <= smallest <= largest:
            return
    raise _check.InputError(
        f"`pieces` has the gap {gap!r}; expected the smallest and the largest number of letters "
        "between two motifs, such as (6, 10)."
    )


# Positives are half of all sequences. Matrices of JASPAR 2026 CORE vertebrates.
_SPI1 = {"SPI1": "MA0080.7"}
_CTCF = {"CTCF": "MA0139.2"}
_PAIR = {"TAL1::TCF3": "MA0091.2", "GATA1": "MA0035.5"}
_TAL, _GATA = _PAIR
_NEAR: tuple[Piece, ...] = (_TAL, (6, 10), _GATA)
_FAR: tuple[Piece, ...] = (_TAL, (20, 50), _GATA)


def _tut2(*, gc_positive: float | None = None, gc_negative: float | None = None) -> Rule:
    """SPI1, or TAL1 and GATA1 at the right distance; negatives hold all decoys of the pair."""
    configurations = (
        Configuration(0.25, (1,), ("SPI1",), gc_positive),
        Configuration(0.25, (1,), _NEAR, gc_positive),
        Configuration(0.20, (0,), (), gc_negative),
        Configuration(0.10, (0,), (_TAL,), gc_negative),
        Configuration(0.10, (0,), (_GATA,), gc_negative),
        Configuration(0.10, (0,), _FAR, gc_negative),
    )
    return Rule(_SPI1 | _PAIR, configurations)


def additive(n_readouts: int = 2, *, r2: float = 0.8) -> AdditiveRule:
    """Continuous readouts from SPI1, JUN, GATA1 and RUNX2 with effects 2, 1, -1 and 0.

    Each further readout has the same effects, moved on by one motif.
    """
    n_readouts = _check.whole_number(n_readouts, "n_readouts")
    motifs = _SPI1 | {"JUN": "MA0489.3", "GATA1": "MA0035.5", "RUNX2": "MA0511.2"}
    base = (2.0, 1.0, -1.0, 0.0)
    effects = [[base[(row - readout) % 4] for readout in range(n_readouts)] for row in range(4)]
    return AdditiveRule(motifs, effects, r2)


_OF_FORMULA = {
    "NRF1": "MA0506.3",
    "GABPA": "MA0062.4",
    "NFYA": "MA0060.4",
    "YY2": "MA0748.3",
    "CREB1": "MA0018.5",
    "HNF4A": "MA0114.5",
    "GATA1::TAL1": "MA0140.3",
    "MEF2C": "MA0497.2",
    "CTCF": "MA0139.2",
    "REST": "MA0138.3",
}


def formula(
    *,
    r2: float = 0.6,
    bonus: Mapping[tuple[str, str], float] | None = None,
    gc_effect: float = 0.0,
) -> AdditiveRule:
    """Four continuous readouts from eight motifs, and two motifs that are there for nothing.

    NRF1, NFYA and YY2 act alike in all readouts, GABPA more in two of them, CREB1 and MEF2C only in
    two and in opposite ways, HNF4A and GATA1::TAL1 in one each; CTCF and REST do nothing.
    """
    alike, first, second = (0.8,) * 4, (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)
    effects = [alike, (0.9, 0.9, 0.6, 0.6), (0.6,) * 4, (-0.7,) * 4, (0.0, 0.0, 0.8, -0.8)]
    effects += [first, second, (0.0, 0.0, -0.8, 0.8), (0.0,) * 4, (0.0,) * 4]
    return AdditiveRule(
        _OF_FORMULA,
        effects,
        r2,
        copies=3,
        probability=1 / 6,
        bonus=bonus or {},
        gc_sd=0.1,
        gc_effect=gc_effect,
    )


_FIRST, _SECOND = "GATAAGCA", "TGACTCAT"
_APART = (12, 80)

RULES: dict[str, Rule | AdditiveRule | UorfRule] = {
    "single": Rule(
        _SPI1,
        (Configuration(0.5, (1,), ("SPI1",)), Configuration(0.5, (0,))),
    ),
    "tut": Rule(
        _SPI1 | _PAIR,
        (
            Configuration(0.25, (1,), ("SPI1",)),
            Configuration(0.25, (1,), _NEAR),
            Configuration(0.25, (0,)),
            Configuration(0.125, (0,), (_TAL,)),
            Configuration(0.125, (0,), (_GATA,)),
        ),
    ),
    "tut2": _tut2(),
    "gc": _tut2(gc_positive=0.60, gc_negative=0.45),
    "either": Rule(
        _PAIR,
        (
            Configuration(0.20, (1,), (_TAL,)),
            Configuration(0.20, (1,), (_GATA,)),
            Configuration(0.05, (1,), (_TAL, (5, 40), _GATA)),
            Configuration(0.05, (1,), (_GATA, (5, 40), _TAL)),
            Configuration(0.5, (0,)),
        ),
    ),
    "hard": Rule(
        {"ATF7": "MA0834.2", "JUN": "MA0489.3", "TEAD1": "MA0090.4"},
        (
            Configuration(0.20, (1,), ("ATF7",)),
            Configuration(0.30, (1,), ("JUN", (5, 5), "TEAD1")),
            Configuration(0.20, (0,)),
            Configuration(0.10, (0,), ("JUN",)),
            Configuration(0.10, (0,), ("TEAD1",)),
            Configuration(0.10, (0,), ("JUN", (9, 40), "TEAD1")),
        ),
    ),
    "soft": Rule(
        {"CEBPB": "MA0466.4", "RUNX2": "MA0511.2"},
        (
            Configuration(0.5, (1,), ("CEBPB", (2, 14), "RUNX2")),
            Configuration(0.1, (0,)),
            Configuration(0.1, (0,), ("CEBPB",)),
            Configuration(0.1, (0,), ("RUNX2",)),
            Configuration(0.2, (0,), ("CEBPB", (22, 50), "RUNX2")),
        ),
    ),
    "spacing": Rule(
        _PAIR,
        (
            Configuration(0.5, (1,), _NEAR),
            Configuration(0.5, (0,), (_TAL, (30, 60), _GATA)),
        ),
    ),
    "cooperation": Rule(
        {"E2F6": "MA0471.3", "MAX": "MA0058.4"},
        (
            Configuration(0.5, (1,), ("E2F6", (3, 20), "MAX")),
            Configuration(0.25, (0,), ("E2F6",)),
            Configuration(0.25, (0,), ("MAX",)),
        ),
    ),
    "repress": Rule(
        _SPI1 | _CTCF,
        (
            Configuration(0.5, (1,), ("SPI1",)),
            Configuration(0.25, (0,)),
            Configuration(0.125, (0,), ("SPI1", (5, 40), "CTCF")),
            Configuration(0.125, (0,), ("CTCF", (5, 40), "SPI1")),
        ),
    ),
    "six": Rule(
        _SPI1 | _CTCF | {"JUN": "MA0489.3"} | _PAIR | {"RUNX2": "MA0511.2"},
        (
            Configuration(0.10, (1,), ("SPI1",)),
            Configuration(0.10, (1,), ("CTCF",)),
            Configuration(0.10, (1,), ("JUN",)),
            Configuration(0.10, (1,), ("RUNX2",)),
            Configuration(0.10, (1,), _NEAR),
            Configuration(0.35, (0,)),
            Configuration(0.05, (0,), (_TAL,)),
            Configuration(0.05, (0,), (_GATA,)),
            Configuration(0.05, (0,), _FAR),
        ),
    ),
    "multi": Rule(
        _SPI1 | {"JUN": "MA0489.3", "GATA1": "MA0035.5"},
        (
            Configuration(0.20, (1, 0), ("SPI1",)),
            Configuration(0.15, (1, 1), ("GATA1",)),
            Configuration(0.15, (1, 1), ("SPI1", (10, 40), "JUN")),
            Configuration(0.20, (0, 1), ("JUN",)),
            Configuration(0.30, (0, 0)),
        ),
        readouts=("A", "B"),
    ),
    "both": Rule(
        {_FIRST: spelled(_FIRST), _SECOND: spelled(_SECOND)},
        (
            Configuration(0.25, (1,), (_FIRST, _APART, _SECOND)),
            Configuration(0.25, (1,), (_SECOND, _APART, _FIRST)),
            Configuration(0.20, (0,), (_FIRST,)),
            Configuration(0.20, (0,), (_SECOND,)),
            Configuration(0.10, (0,)),
        ),
    ),
    "copies": Rule(
        {_FIRST: spelled(_FIRST)},
        (
            Configuration(0.25, (1,), (_FIRST,)),
            Configuration(0.25, (1,), (_FIRST, _APART, _FIRST)),
            Configuration(0.50, (0,)),
        ),
    ),
    "additive": additive(),
    "formula": formula(),
    "uorf": UorfRule(),
}


def named(rule: str | Rule | AdditiveRule | UorfRule) -> Rule | AdditiveRule | UorfRule:
    """Return the rule called `rule`; a rule of your own passes through.

    Raises
    ------
    InputError
        If there is no rule of that name.
    """
    if isinstance(rule, (Rule, AdditiveRule, UorfRule)):
        return rule
    _check.one_of(rule, "rule", RULES)
    return RULES[rule]
