"""Training formulas whose motifs are learned: several restarts as one network, or one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from motifbook.alphabet import Alphabet
from motifbook.formula.counting import CountedMotif
from motifbook.models.contextual_regression import ContextOptions, ContextualRegression
from motifbook.models.site_layer import SiteLayer
from motifbook.motif.matrix import Motif
from motifbook.onehot import onehot
from motifbook.train.batches import seeded
from motifbook.train.loop import loop
from motifbook.train.losses import make_loss
from motifbook.train.plan import History, Plan, TrainingData

BATCH = 128
FEWEST_STEPS, MOST_STEPS = 150, 1200
BINARY = 0.5  # how much flatter cross-entropy is than squared errors: penalties are so smaller
SEEN = 500  # sequences on which thresholds are set

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """A motif as one restart, or the refined formula, learned it.

    Parameters
    ----------
    counted
        Its letters, threshold and slope.
    strength
        Length of its coefficients over readouts, per deviation of its count.
    restart
        Number of the restart.
    """

    counted: CountedMotif
    strength: float
    restart: int


@dataclass(frozen=True)
class Setup:
    """What all trainings of one discovery share.

    Parameters
    ----------
    data
        Letters, standardized readouts, rows.
    kinds
        "binary" or "continuous" for each readout.
    alphabet, both_strands
        How sequences are read.
    seed, device, progress
        See `fit`.
    """

    data: TrainingData
    kinds: list[str]
    alphabet: Alphabet
    both_strands: bool
    seed: int
    device: str
    progress: bool

    def plan(self, passes: int) -> Plan:
        """How long so many passes over the training rows are, within bounds."""
        n_steps = passes * len(self.data.train) // BATCH
        n_steps = int(np.clip(n_steps, FEWEST_STEPS, MOST_STEPS))
        return Plan(n_steps, BATCH, self.seed, self.device, self.progress)

    def network(
        self, n_filters: int, width: int, n_formulas: int, group: float
    ) -> ContextualRegression:
        """An untrained network of this many formulas, drawn from the seed."""
        scale = float(np.mean([BINARY if kind == "binary" else 1.0 for kind in self.kinds]))
        usual = ContextOptions().columns
        with seeded(self.seed):
            return ContextualRegression(
                n_formulas * len(self.kinds),
                n_filters=n_filters,
                width=width,
                alphabet=self.alphabet,
                reverse_complement=self.both_strands,
                options=ContextOptions(scale * group, scale * usual, n_formulas=n_formulas),
            )


def train_restarts(
    setup: Setup,
    ppms: Sequence[Sequence[Floats]],
    bags: npt.NDArray[np.bool_],
    *,
    passes: int,
    group: float,
) -> tuple[list[Learned], History]:
    """Train several formulas side by side, each on its bag of rows.

    Parameters
    ----------
    ppms : one list per restart, of one length, of (n_letters, width)
        Where the motifs start.
    bags : (n, n_restarts)
        Which rows each restart sees; the validation rows are the same for all.
    """
    n_restarts, width = len(ppms), ppms[0][0].shape[1]
    flat = [ppm for some in ppms for ppm in some]
    network = setup.network(len(flat), width, n_restarts, group)
    data = setup.data
    readout = np.where(bags[:, :, None], data.readout[:, None], np.nan).astype(np.float32)
    readout[data.validation] = data.readout[data.validation, None]
    tiled = replace(data, readout=readout.reshape(len(readout), -1))
    seen = onehot(data.letters[data.train[:SEEN]], setup.alphabet.n_letters)
    with seeded(setup.seed):
        network.motifs.seed(flat, torch.as_tensor(seen))
    history = loop(network, tiled, setup.plan(passes), make_loss(setup.kinds * n_restarts))
    return learned(network, setup.alphabet), history


def train_again(
    setup: Setup,
    motifs: Sequence[CountedMotif],
    *,
    passes: int,
    group: float,
    grow: int = 0,
) -> tuple[list[Learned], History]:
    """Train one formula that starts from these motifs, on all training rows.

    Motifs get `grow` flat columns on either side, to be filled if they go on.
    """
    width = max(counted.motif.width for counted in motifs) + 2 * grow
    width = min(width, setup.data.letters.shape[1])
    network = setup.network(len(motifs), width, 1, group)
    seen = onehot(setup.data.letters[setup.data.train[:SEEN]], setup.alphabet.n_letters)
    layer = network.motifs
    ratios = [m.motif.ppm / np.array(m.motif.background)[:, None] for m in motifs]
    with torch.no_grad(), seeded(setup.seed):
        layer.seed([ratio / setup.alphabet.n_letters for ratio in ratios], torch.as_tensor(seen))
        layer.bias.copy_(-torch.tensor([m.threshold for m in motifs]))
    history = loop(network, setup.data, setup.plan(passes), make_loss(setup.kinds))
    return learned(network, setup.alphabet), history


@torch.no_grad()
def learned(network: ContextualRegression, alphabet: Alphabet) -> list[Learned]:
    """The motifs of a trained network, in the order of its filters."""
    layer, n_formulas = network.motifs, network.options.n_formulas
    if not isinstance(layer, SiteLayer):
        raise TypeError(f"the filters of a {type(layer).__name__} are no motifs")
    ppms = layer.ppms().double().numpy()
    background = tuple(layer.background[:, 0].double().tolist())
    thresholds = (-layer.bias).tolist()
    strengths = (network.coefficients * network.own).norm(dim=0).tolist()
    per_formula = len(ppms) // n_formulas
    found = []
    for number, (ppm, threshold) in enumerate(zip(ppms, thresholds)):
        motif = Motif(f"filter_{number}", ppm / ppm.sum(axis=0), background, alphabet=alphabet)
        counted = CountedMotif(motif, threshold, 1.0)
        found.append(Learned(counted, strengths[number], number // per_formula))
    return found
