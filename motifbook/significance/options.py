"""Expert settings of `test_motifs`."""

from __future__ import annotations

from dataclasses import dataclass, field

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.significance.mesh_selection import MeshOptions
from motifbook.significance.seism import SeismOptions

MOST_WORDS = 8000  # in a dictionary, by default
LONGEST = 6
CONTROLS = ("fwer", "fdr")
SCORES = ("auto", "normal", "measured")


@dataclass(frozen=True)
class TestOptions:
    """How motifs are selected and tested; the defaults were measured.

    Parameters
    ----------
    k
        Letters per word of the dictionary; by default 6 for nucleotides, 3 for proteins.
    n_steps
        Motifs that are selected, at most.
    control
        What `kept` means. "fwer": no false motif among those kept, but with probability `alpha`
        (steps up to the first with a larger p-value). "fdr": a share of `fdr` of those kept is
        false, on average (ForwardStop).
    alpha, fdr
        See `control`. Readouts are first chosen at `fdr` (Benjamini-Hochberg on their first step).
    level
        Share of intervals that hold the true effect; of motifs that are hardly ever kept, fewer do,
        as intervals know how motifs were chosen, not that they were kept.
    n_draws
        Of the engine; its own number by default.
    scores
        "normal": ranks of the readout are made normal. "measured": it is tested as it is, by
        permutations unless another engine is asked for. "auto": normal scores for engines that ask
        for normal noise.
    composition
        Whether GC content and length are taken out as covariates.
    omega
        Width of the Gaussian activation, squared letters.
    both_strands
        Whether words and motifs count on either strand, where there are two.
    mesh, seism
        Of the engine "seism".
    """

    __test__ = False  # pytest takes what is called Test… for tests

    k: int | None = None
    n_steps: int = 5
    control: str = "fwer"
    alpha: float = 0.05
    fdr: float = 0.1
    level: float = 0.9
    n_draws: int | None = None
    scores: str = "auto"
    composition: bool = True
    omega: float = 2.0
    both_strands: bool = True
    mesh: MeshOptions = field(default_factory=MeshOptions)
    seism: SeismOptions = field(default_factory=SeismOptions)

    def __post_init__(self) -> None:
        for name in ("k", "n_draws"):
            if getattr(self, name) is not None:
                _check.whole_number(getattr(self, name), name)
        _check.whole_number(self.n_steps, "n_steps")
        for name in ("composition", "both_strands"):
            _check.one_of(getattr(self, name), name, (True, False))
        for name, kind in (("mesh", MeshOptions), ("seism", SeismOptions)):
            if not isinstance(getattr(self, name), kind):
                raise _check.InputError(
                    f"`{name}` is {_check.shown(getattr(self, name))}; expected such as "
                    f"`{kind.__module__}.{kind.__name__}()`."
                )
        _check.one_of(self.control, "control", CONTROLS)
        _check.one_of(self.scores, "scores", SCORES)
        for name in ("alpha", "fdr", "level"):
            _check.number(getattr(self, name), name, low=1e-9, high=1 - 1e-9, what="a share")

    def word_length(self, alphabet: Alphabet) -> int:
        """Letters per word in this alphabet."""
        if self.k is not None:
            return self.k
        return max(k for k in range(1, LONGEST + 1) if alphabet.n_letters**k <= MOST_WORDS)
