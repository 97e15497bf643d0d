"""Who predicts: the network, and what it is compared with."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from motifbook import __version__, _check
from motifbook._digest import digest
from motifbook.data import schema, store
from motifbook.data.splits.leakage import LeakageWarning
from motifbook.models import CNN, MotifNetwork, Network
from motifbook.models.motif_layer import usual_width
from motifbook.motif.matrix import Motif
from motifbook.report.known import best_known
from motifbook.report.pairs import without_pairs
from motifbook.report.scores import Predictor
from motifbook.train import fit, predict
from motifbook.train.evaluate import trained

if TYPE_CHECKING:
    from anndata import AnnData

BASELINES = ("cnn", "strong", "known")
NETWORK, ALONE = "this network", "this network without pairs"
CNN_NAME, STRONG_NAME = "plain CNN", "larger CNN"

IntArray = npt.NDArray[np.int64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How networks are trained and run here.

    Parameters
    ----------
    seed, device, batch_size, progress
        See `mb.fit`.
    say
        Called with a sentence after each step.
    keep
        Folder in which trainings are kept; one with the same data, seed and settings goes on from
        there. None, or no seed: nothing is kept.
    """

    seed: int | None = None
    device: str = "auto"
    batch_size: int = 128
    progress: bool = True
    say: Say = lambda sentence: None
    keep: Path | None = None

    def train(self, model: Network, adata: AnnData) -> None:
        """Train in place; stopping the training stops the analysis. The page says what leaks."""
        kept = self._kept(model, adata)
        if kept is not None and kept.exists():
            self.say("goes on with a training of an earlier run, which was stopped")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LeakageWarning)
            history = fit(
                model,
                adata,
                seed=self.seed,
                device=self.device,
                batch_size=self.batch_size,
                progress=self.progress,
                checkpoint=kept,
                resume=kept is not None,
            )
        if history.stopped == "interrupted":
            raise KeyboardInterrupt

    def _kept(self, model: Network, adata: AnnData) -> Path | None:
        """Where the training of this network on these data is kept."""
        if self.keep is None or self.seed is None:
            return None
        way_out = "name another place for `out`, where you may write."
        folder = _check.make_folder(self.keep, "out", way_out)
        return folder / f"{self._fingerprint(model, adata)}.checkpoint"

    def _fingerprint(self, model: Network, adata: AnnData) -> str:
        """What a training depends on, as a name: equal only for the same data and settings."""
        words = [
            __version__,
            type(model).__name__,
            model.settings,
            self.seed,
            self.batch_size,
            list(adata.var_names),
            store.readout_kinds(adata),
            store.get_alphabet(adata).name,
            adata.obs[schema.SPLIT].astype(str).tolist(),
        ]
        arrays: dict[str, npt.NDArray[Any]] = {
            "letters": store.get_letters(adata),
            "readouts": store.get_readouts(adata),
        }
        return digest(words, arrays)[:16]


def own_predictors(
    model: MotifNetwork, book: AnnData, judges: IntArray, settings: Settings
) -> list[Predictor]:
    """The network, and the same without its pairs."""
    part = book[judges]
    about = f"{type(model).__name__} with {model.motifs.n_filters} filters: the one read here."
    found = [Predictor(NETWORK, about, predict(model, part, device=settings.device))]
    silent = without_pairs(model)
    if silent is not None:
        about = "The same network with its table of pairs silenced, not trained again."
        found.append(Predictor(ALONE, about, predict(silent, part, device=settings.device)))
    return found


def baseline_predictors(
    book: AnnData,
    judges: IntArray,
    targets: list[Motif],
    wanted: Sequence[str],
    settings: Settings,
) -> list[Predictor]:
    """What the network is compared with, on the same rows."""
    length = store.get_letters(book).shape[1]
    alphabet = store.get_alphabet(book)
    widths = [min(usual_width(alphabet, letters), length) for letters in (17, 20)]
    networks = {
        "cnn": (CNN_NAME, {"n_filters": 32, "width": widths[0]}),
        "strong": (STRONG_NAME, {"n_filters": 64, "width": widths[1], "hidden": 64}),
    }
    found = []
    for baseline, (name, layout) in networks.items():
        if baseline in wanted:
            cnn = CNN(book.n_vars, alphabet=alphabet, **layout)
            settings.train(cnn, book)
            settings.say(f"trained a {name}: {n_steps(cnn)} steps")
            words = ", ".join(f"{key.replace('n_', '')} {value}" for key, value in layout.items())
            about = f"An ordinary convolutional network ({words}), best match per filter."
            found.append(Predictor(name, about, predict(cnn, book[judges], device=settings.device)))
    if "known" in wanted and targets:
        found.append(best_known(book, targets, judges))
        settings.say(f"tried {len(targets):,} known motifs one by one")
    return found


def n_steps(model: Network) -> str:
    """How many batches it was trained on, for a sentence."""
    rounds = trained(model).details.get("rounds") or [{"step": 0}]
    return f"{rounds[-1]['step']:,}"
