"""The trained scrambler and what it says of sequences."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from motifbook import _check
from motifbook.attribution.background import refuse_impossible
from motifbook.attribution.chance import generator as generator_of
from motifbook.attribution.draws import mixture
from motifbook.attribution.letters import Attribution
from motifbook.attribution.predictor import Asked, Predictor, choose, frozen
from motifbook.attribution.scrambler.budgets import asked_budget
from motifbook.attribution.scrambler.compare import Comparison, compare
from motifbook.attribution.scrambler.files import save_scrambler
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.peel import peel
from motifbook.attribution.scrambler.per_sequence import Search, optimize
from motifbook.attribution.scrambler.questions import (
    grid_of,
    known_rows,
    refuse_changed,
    rows_to_read,
    some_rows,
)
from motifbook.attribution.scrambler.reading import Level, Reader
from motifbook.attribution.scrambler.result import Curves, FloatArray, Masks, bits_of_letters
from motifbook.attribution.scrambler.rows import Rows, Training
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.attribution.scrambler.summary import CONFIRM, describe
from motifbook.models.network import Network
from motifbook.train.batches import as_tensor, encode_batch

if TYPE_CHECKING:
    from anndata import AnnData

Budget = float | str | None
_JUDGED, _DRAWS = 48, 8  # rows that the usual budget is found with, and draws of each
_SHOWN = 32  # draws where none are asked for
_REMOVED = 0.05  # probability below which a letter is not selected


class Scrambler:
    """A trained scrambler; made by `fit_scrambler`.

    All that reads takes ``adata=None`` for the sequences it was trained with, and ``bits=None`` for
    the budget it was trained for; of a scrambler for every budget, `usual_bits`. Other budgets are
    bits per position, or a share of the letters such as "5%". Random numbers come from `seed`, and
    from the seed of the training if that is None.

    Attributes
    ----------
    model
        The network it explains.
    readout
        As asked for.
    choice
        The readouts it explains.
    scorer
        Its own network.
    rule
        What its scores mean.
    options
        Of its training.
    bits
        Budget it was trained for, in what `rule.counts` says; None for all budgets.
    ceiling
        Largest mean budget of its training rows.
    seed
        Of its training.
    notes
        Sentences on its training.
    device
        Where it reads: that of its training, or as asked for in `load_scrambler`.
    """

    def __init__(
        self,
        model: Network,
        readout: Asked,
        *,
        scorer: Scorer,
        rule: MaskRule,
        options: ScramblerOptions,
        bits: float | None,
        seed: int,
        training: Training,
    ) -> None:
        self.model, self.readout, self.choice = model, readout, choose(model, readout)
        self.scorer, self.rule, self.options = scorer, rule, options
        self.bits, self.seed, self.training = bits, seed, training
        self.ceiling, self.notes = training.ceiling, training.notes
        self.device = "auto"

    @property
    def history(self) -> pd.DataFrame:
        """How training went."""
        return self.training.history

    @property
    def mode(self) -> str:
        """What its masks are for: "inclusion", "exclusion", "enhance" or "repress"."""
        return self.rule.mode

    @cached_property
    def usual_bits(self) -> float:
        """Budget it reads with: the one it was trained for, or enough for the median sequence.

        Enough is a `Masks.gain` of 0.9, on the rows that training was judged on; where no budget
        of a curve is, the largest.
        """
        if self.bits is not None:
            return self.bits
        with frozen(self.model, self.readout, device=self.device) as predictor:
            rows = some_rows(self._rows(None, predictor), self.training.watched[:_JUDGED])
            reader = Reader(self.rule, predictor, rows, self._generator(None))
            grid = grid_of(None, self.ceiling)
            levels = [self._level(self.rule, budget) for budget in grid]
            return reader.curves(reader.score(self.scorer), levels, grid, _DRAWS).usual()

    def importance(self, adata: AnnData | None = None, *, bits: Budget = None) -> FloatArray:
        """Probability with which each letter is selected, (n, length).

        The letter is kept with it; in "exclusion" it is removed. One pass of the scrambler's
        network and one of the network it explains, without draws.
        """
        with self._reading(adata, bits) as (reader, level):
            scores = reader.score(self.scorer)
            found = [one.importance.cpu().numpy() for _, one in reader.select(scores, level)]
        return np.concatenate(found)

    def attribute(self, adata: AnnData | None = None, *, bits: Budget = None) -> Attribution:
        """Bits that the mask selects, at the letters that stand there: (n, n_letters, length)."""
        began = time.process_time()
        with self._reading(adata, bits) as (reader, level):
            scores = reader.score(self.scorer)
            found = [one.bits.cpu().numpy() for _, one in reader.select(scores, level)]
            letters, n_letters = reader.rows.inputs.letters, reader.predictor.n_letters
            n_calls = reader.predictor.n_calls
        values = np.concatenate(found)
        made = bits_of_letters(values, letters, n_letters, self.mode, self.choice.names)
        made.notes = [*self.notes, *([CONFIRM] if self.mode in ("exclusion", "repress") else [])]
        made.cost = {"seconds": time.process_time() - began, "n_calls": n_calls}
        return made

    def relaxed(self, adata: AnnData | None = None, *, bits: Budget = None) -> FloatArray:
        """Columns that masks leave, (n, n_letters, length), between letter and background."""
        with self._reading(adata, bits) as (reader, level):
            background = reader.rule.background
            selected = reader.select(reader.score(self.scorer), level)
            found = [mixture(onehot, one.keep, background) for onehot, one in selected]
        columns: FloatArray = torch.cat(found).cpu().numpy()
        return columns

    def sample(
        self,
        adata: AnnData | None = None,
        n_draws: int = 4,
        *,
        bits: Budget = None,
        seed: int | None = None,
    ) -> npt.NDArray[np.uint8]:
        """Letter codes of sequences drawn from masks, (n, n_draws, length)."""
        n_draws = _check.whole_number(n_draws, "n_draws")
        with self._reading(adata, bits, seed) as (reader, level):
            selected = reader.select(reader.score(self.scorer), level)
            found = [reader.codes(onehot, one.keep, n_draws) for onehot, one in selected]
        return np.concatenate(found)

    def explain(
        self,
        adata: AnnData | None = None,
        *,
        bits: Budget = None,
        n_draws: int = 32,
        seed: int | None = None,
    ) -> Masks:
        """Masks, and what the network predicts of sequences drawn from them."""
        n_draws = _check.whole_number(n_draws, "n_draws")
        with self._reading(adata, bits, seed) as (reader, level):
            return reader.explain(reader.score(self.scorer), level, n_draws)

    def curves(
        self,
        adata: AnnData | None = None,
        *,
        bits: Sequence[float] | None = None,
        n_draws: int = 16,
        at_random: bool = False,
        seed: int | None = None,
    ) -> Curves:
        """How well fewer and fewer bits do, sequence by sequence.

        `bits`: budgets, in what the scrambler was trained for (`rule.counts`); None for twelve
        from 0.5 % to 90 % of the ceiling, evenly on a log scale. `at_random`: for letters chosen at
        random, the control that `mb.plot.distortion` draws beside.
        """
        n_draws = _check.whole_number(n_draws, "n_draws")
        grid = grid_of(bits, self.ceiling)
        with self._reading(adata, None, seed) as (reader, _):
            levels = [self._level(self.rule, budget) for budget in grid]
            scores = reader.score(self.scorer)
            scores = reader.shuffled(scores) if at_random else scores
            return reader.curves(scores, levels, grid, n_draws)

    def refine(
        self,
        adata: AnnData | None = None,
        *,
        bits: Budget = None,
        n_steps: int = 50,
        remove_only: bool = False,
        seed: int | None = None,
        progress: bool = True,
    ) -> Masks:
        """Masks optimized for each sequence, from those of the network, each at the budget.

        They predict better with the same bits, and seek what suffices for this sequence alone: of
        copies that do the same work one may be dropped, so that sites are found less well than by
        the network (two copies: AUPRC .92 after .96). `remove_only`: letters that the network's
        mask leaves out never come in.

        Notes
        -----
        Linder et al. 2022 fine-tune by lowering scores. Here the budget is met as well: what is
        taken from one letter goes to others.
        """
        search = self._search(_check.whole_number(n_steps, "n_steps", low=0), falls=False)
        with self._reading(adata, bits, seed) as (reader, level):
            scores = reader.score(self.scorer)
            may = reader.selected(scores, level, _REMOVED) if remove_only else None
            budget = self._number(bits)
            return optimize(reader, budget, search, start=scores, allowed=may, progress=progress)

    def optimize(
        self,
        adata: AnnData | None = None,
        *,
        bits: Budget = None,
        n_steps: int = 150,
        seed: int | None = None,
        progress: bool = True,
    ) -> Masks:
        """Masks optimized for each sequence from nothing, without the network, at the budget."""
        search = self._search(_check.whole_number(n_steps, "n_steps"))
        with self._reading(adata, bits, seed) as (reader, _):
            return optimize(reader, self._number(bits), search, progress=progress)

    def peel(
        self,
        adata: AnnData | None = None,
        n_sets: int = 2,
        *,
        bits: Budget = None,
        seed: int | None = None,
        progress: bool = True,
    ) -> list[Masks]:
        """Sets of letters, each of which does without the ones before.

        A set is the smallest number of letters that hold 0.9 of the prediction (`Masks.gain`)
        among the top ones of masks optimized for the sequence; its letters are always kept, and
        always replaced in later sets. Where no number does, the set with the largest gain says so.

        Parameters
        ----------
        n_sets
            How many.
        bits
            Of the masks by which letters are ranked; None tries the bits of 24 and of 8 letters.
        """
        n_sets = _check.whole_number(n_sets, "n_sets")
        with self._reading(adata, bits, seed) as (reader, _):
            scorer = self.scorer if self.scorer.reads_dropped else None
            budget = None if bits is None else self._number(bits)
            return peel(reader, n_sets, budget, self._search(150), scorer=scorer, progress=progress)

    def compare(
        self,
        reference: AnnData | Sequence[str],
        variant: AnnData | Sequence[str],
        *,
        bits: Budget = None,
        seed: int | None = None,
    ) -> Comparison:
        """Masks of sequences and of variants of them, pair by pair.

        Both are read with the same random numbers.

        Raises
        ------
        InputError
            If they are not as many.
        """
        masks = []
        for sequences in (reference, variant):
            with self._reading(sequences, bits, seed) as (reader, level):
                masks.append(reader.explain(reader.score(self.scorer), level, _SHOWN))
        return compare(*masks)

    def summary(self, adata: AnnData | None = None, *, bits: Budget = None) -> str:
        """Say in words how much of the prediction how many letters hold, beside random letters."""
        with self._reading(adata, bits) as (reader, level):
            scores = reader.score(self.scorer)
            masks = reader.explain(scores, level, _SHOWN)
            random = reader.explain(reader.shuffled(scores), level, _SHOWN)
        return describe(masks, random, self.choice.kinds)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to one file, without the network that it explains and without sequences.

        Raises
        ------
        InputError
            If functions of yours are part of it, or the folder does not exist.
        """
        save_scrambler(self, path)

    @contextlib.contextmanager
    def _reading(
        self, adata: AnnData | Sequence[str] | None, bits: Budget, seed: int | None = None
    ) -> Iterator[tuple[Reader, Level]]:
        """Rows with all that is needed to read them, and how scores are moved to the budget."""
        budget = asked_budget(bits, self._ceiling, self.options) if bits is not None else None
        rule = self.rule if budget is None else replace(self.rule, counts=budget.counts)
        is_as_scored = bits is None and self.options.budget_form != "exact"
        level = Level(None) if is_as_scored else self._level(rule, self._number(bits))
        with frozen(self.model, self.readout, device=self.device) as predictor:
            generator = self._generator(seed)
            yield Reader(rule, predictor, self._rows(adata, predictor), generator), level

    def _number(self, bits: Budget) -> float:
        """The budget as a number."""
        if bits is None:
            return self.usual_bits
        goal = asked_budget(bits, self._ceiling, self.options).goal
        assert goal is not None
        return goal

    @cached_property
    def _ceiling(self) -> float:
        """In bits, whatever it was trained for."""
        rule, onehot = replace(self.rule, counts="bits"), self._sampled()
        return float(rule.ceiling(onehot).mean())

    def _level(self, rule: MaskRule, budget: float) -> Level:
        """How scores are moved to a budget: of each sequence, or of the training rows together."""
        if self.options.scope == "sequence":
            return Level(budget)
        scores = torch.as_tensor(self.training.scores)
        return Level(None, rule.shift(scores, self._sampled(), budget))

    def _sampled(self) -> torch.Tensor:
        """Some training rows, one-hot."""
        return encode_batch(as_tensor(self.training.letters), self.model.alphabet.n_letters)

    def _rows(self, adata: AnnData | Sequence[str] | None, predictor: Predictor) -> Rows:
        """The rows asked for."""
        length = self.training.letters.shape[1]
        refuse_changed(self.training, predictor)
        if adata is None:
            return known_rows(self.training.rows)
        rows = rows_to_read(adata, predictor, self.options, length)
        refuse_impossible(rows.inputs.letters, self.rule.background.probabilities)
        return rows

    def _generator(self, seed: int | None) -> torch.Generator:
        number = self.seed if seed is None else _check.whole_number(seed, "seed", low=0)
        return generator_of(number)

    def _search(self, n_steps: int, *, falls: bool = True) -> Search:
        options = self.options
        share = options.start_share if falls else 0.0
        return Search(n_steps, options.n_draws, share, options.fall, options.smoothing)
