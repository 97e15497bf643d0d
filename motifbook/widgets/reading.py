"""A network asked about one sequence after another: prediction, motif instances, attribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.attribution.attribute import attribute
from motifbook.attribution.letters import Attribution
from motifbook.data import store
from motifbook.data.text.collect import Collected, to_anndata
from motifbook.design.motif_hits import STRANDS, HitFinder
from motifbook.design.scorer import refuse_more_inputs
from motifbook.discover.filters import read_motifs
from motifbook.discover.instances.rule import InstanceRule, find_instances, learn_rule
from motifbook.discover.weight_motifs import weight_motifs
from motifbook.experiment.effects import UNITS
from motifbook.experiment.place import background_letters, word_of
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.columns import motif_list, refuse_twice
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters, decode, encode, shuffle
from motifbook.train.evaluate import apply_link, outputs, predict, trained
from motifbook.train.inputs import refuse_other_alphabet
from motifbook.widgets.parts import refuse_no_rows

if TYPE_CHECKING:
    from anndata import AnnData

METHODS = ("gradient", "gradient_x_input", "integrated_gradients", "mutagenesis")
NONE = "none"  # of them: no attribution is drawn
COLUMNS = ("step", "start", "end", "strand", "motif")
_SHUFFLES = 200  # of the sequence, to learn from where there are no others


class Reading:
    """What a network and its motifs say of sequences as long as the first.

    Parameters
    ----------
    model
        Trained; reads the letters of one sequence.
    sequence
        The first; where there is no `adata`, what counts as a motif instance is learned from
        shuffles of it, into which the motifs are written.
    motifs
        Of the network, perhaps renamed, or others, whose hits (p-value 1e-4 per position) are then
        taken for instances. By default those that the network uses; none for networks without.
    adata
        Sequences like those that the network was trained on.

    Raises
    ------
    InputError
        If the network is untrained, reads more than the letters of one sequence, or another
        alphabet, or a motif does not fit.
    """

    def __init__(
        self,
        model: Network,
        sequence: str,
        *,
        motifs: Sequence[Motif] | None = None,
        adata: AnnData | None = None,
    ) -> None:
        self.record = trained(model)
        refuse_more_inputs(model)
        if adata is not None:
            refuse_other_alphabet(model, adata)
        self.model = model
        self._outputs: dict[str, npt.NDArray[np.float64]] = {}
        letters = None if adata is None else store.get_letters(adata)
        some = _shuffles(model, sequence) if letters is None else letters
        self.motifs = _motifs(model, motifs, some, adata)
        self._rule: InstanceRule | None = None
        self._hits = HitFinder(self.motifs)
        if self.motifs and isinstance(model, MotifNetwork) and _are_read(self.motifs):
            known = _with_sites(model, some, self.motifs) if letters is None else letters
            self._rule = learn_rule(model, known, self.motifs)

    def outputs(self, sequences: Sequence[str]) -> npt.NDArray[np.float64]:
        """Predict where effects add up, (n, n_readouts); each sequence by itself, and once."""
        for sequence in sequences:
            if sequence not in self._outputs:
                letters = encode([sequence], self.model.alphabet)
                self._outputs[sequence] = outputs(self.model, letters)[0]
        return np.stack([self._outputs[sequence] for sequence in sequences])

    def edits(self, sequences: Sequence[str], words: Sequence[str]) -> pd.DataFrame:
        """Tell what led from each sequence to the next, one row per edit and readout.

        Returns
        -------
        DataFrame
            design, step (from 1), edit (its words), readout, before and after (predictions on the
            scale of the measurement), effect (after - before where effects add up) and unit.
        """
        values = self.outputs(sequences)
        shown = apply_link(values, self.record)
        names, units = self.record.readouts, [UNITS[kind] for kind in self.record.kinds]
        n_edits, n_readouts = len(words), len(names)
        return pd.DataFrame(
            {
                "design": "sequence",
                "step": np.repeat(np.arange(1, n_edits + 1), n_readouts),
                "edit": np.repeat(np.array(words, dtype=object), n_readouts),
                "readout": names * n_edits,
                "before": shown[:-1].ravel(),
                "after": shown[1:].ravel(),
                "effect": np.diff(values, axis=0).ravel(),
                "unit": units * n_edits,
            }
        )

    def instances(
        self, sequences: Sequence[str], steps: Sequence[int], readout: int = 0
    ) -> pd.DataFrame:
        """Motif instances in sequences, which `steps` number; see `by_step`."""
        letters = encode(sequences, self.model.alphabet)
        if self._rule is not None:
            found = find_instances(self.model, self._rule, letters, readout=readout)
        else:
            found = hit_table(self._hits, letters)
        return by_step(found, steps, self.motifs)

    def attribution(self, sequence: str, method: str, readout: int = 0) -> Attribution:
        """Contribution of each letter to a readout, (n_letters, length); see `METHODS`."""
        return attribution_of(self.model, sequence, method, readout)


def first_sequence(model: Network, sequence: Any, adata: AnnData | None) -> str:
    """Return the letters to begin with.

    Parameters
    ----------
    sequence
        Letters, or one row of an AnnData. None for the row of `adata` with the highest prediction
        of the first readout; without data, for random letters.

    Raises
    ------
    InputError
        If it is neither, or holds letters that the network does not read.
    """
    if sequence is None:
        if adata is None:
            rng = _check.generator(0, "first_sequence")
            drawn = rng.integers(model.alphabet.n_letters, size=(1, trained(model).length))
            return decode(drawn.astype(np.uint8), model.alphabet)[0]
        refuse_no_rows(adata)
        sequence = adata[[int(predict(model, adata)[:, 0].argmax())]]
    is_row = hasattr(sequence, "obs") and sequence.n_obs == 1
    if not (is_row or isinstance(sequence, str)):
        raise _check.InputError(
            f"`sequence` is {_check.shown(sequence)}; expected letters or one row of an AnnData, "
            "such as `adata[3]`."
        )
    letters = background_letters(model, sequence if is_row else [sequence], "sequence")
    return decode(letters, model.alphabet)[0]


def attribution_of(model: Network, sequence: str, method: str, readout: int | str) -> Attribution:
    """Contribution of each letter of one sequence, (n_letters, length), by `mb.attribute`."""
    one = Collected(["sequence"], [sequence], model.alphabet, pd.DataFrame(index=[0]), [])
    adata = to_anndata(one, None)
    found = attribute(model, adata, method, readout=readout, seed=0, progress=False)
    return cast(Attribution, found[0])


def hit_table(finder: HitFinder, letters: Letters) -> pd.DataFrame:
    """Hits of motifs, by scanning, in letter codes, (n, length).

    Returns
    -------
    DataFrame
        row (number of the sequence), start, end, strand, motif.
    """
    hits = finder.find(letters)
    names = np.array([motif.name for motif in finder.motifs], dtype=object)
    columns = {
        "row": hits.row,
        "start": hits.start,
        "end": hits.start + finder.widths[hits.motif],
        "strand": np.array(list(STRANDS), dtype=object)[hits.strand],
        "motif": names[hits.motif],
    }
    return pd.DataFrame(columns)


def by_step(found: pd.DataFrame, steps: Sequence[int], motifs: Sequence[Motif]) -> pd.DataFrame:
    """Instances as `plot.design_page_svg` takes them, `steps` being those of their rows.

    Returns
    -------
    DataFrame
        step, start, end, strand, motif (categorical, all motifs among its categories).
    """
    numbered = found.assign(
        step=np.asarray(steps, dtype=np.int64)[found["row"].to_numpy(dtype=np.int64)],
        motif=pd.Categorical(found["motif"], categories=[motif.name for motif in motifs]),
    )
    return numbered[list(COLUMNS)]


def _motifs(
    model: Network, motifs: Sequence[Motif] | None, letters: Letters, adata: AnnData | None
) -> tuple[Motif, ...]:
    """Those given, else those of the network."""
    if motifs is not None:
        listed = motif_list(motifs)
        refuse_twice(listed)
        return tuple(listed)
    if not isinstance(model, MotifNetwork):
        return ()
    return tuple(weight_motifs(model, letters) if adata is None else read_motifs(model, adata))


def _are_read(motifs: Sequence[Motif]) -> bool:
    """Whether motifs say which filters they were read from."""
    return all("filters" in motif.info for motif in motifs)


def _shuffles(model: Network, sequence: str) -> Letters:
    letters = encode([sequence] * _SHUFFLES, model.alphabet)
    return shuffle(letters, model.alphabet.n_letters, seed=0)


def _with_sites(model: Network, letters: Letters, motifs: Sequence[Motif]) -> Letters:
    """Sequences, (n, length), with letters drawn from each motif at a random place in each."""
    rng = _check.generator(0, "sites")
    written = letters.copy()
    rows = np.arange(len(letters))[:, None]
    for motif in motifs:
        if motif.width > letters.shape[1]:
            continue
        word = word_of(motif, model.alphabet, letters="drawn", n=len(letters), rng=rng)
        starts = rng.integers(letters.shape[1] - motif.width + 1, size=len(letters))
        columns = starts[:, None] + np.arange(motif.width)
        known = word.letters < model.alphabet.n_letters
        written[rows, columns] = np.where(known, word.letters, written[rows, columns])
    return written
