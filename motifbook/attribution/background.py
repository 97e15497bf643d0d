"""What replaces a letter that is not kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nnf

from motifbook import _check
from motifbook.onehot import Letters

Sampler = Callable[[Letters, int, np.random.Generator], Letters]
KINDS = ("data", "uniform", "dinucleotide")
_PSEUDO = 1.0  # count added to every letter


@dataclass(frozen=True)
class Background:
    """Letters to draw from.

    Parameters
    ----------
    name
        "data", "uniform", "dinucleotide", "array" or "sampler".
    probabilities : (n_letters, length)
        Of each letter at each position, above 0 for every letter that may stand there; bits are
        counted against it.
    sampler
        From letter codes, (n, length), a number of draws and a random generator to codes,
        (n, n_draws, length); None draws each position from `probabilities`.
    """

    name: str
    probabilities: npt.NDArray[np.float32]
    sampler: Sampler | None = None

    def draw(self, onehot: torch.Tensor, n_draws: int, generator: torch.Generator) -> torch.Tensor:
        """Letters in place of others, (n, n_draws, n_letters, length); zeros at unknown letters.

        `onehot` : (n, n_letters, length)
        """
        n, n_letters, length = onehot.shape
        known = onehot.sum(dim=1)[:, None, None]
        if self.sampler is None:
            steps = torch.as_tensor(self.probabilities, device=onehot.device).cumsum(dim=0)[:-1]
            chance = torch.rand(n, n_draws, 1, length, generator=generator, device=onehot.device)
            codes = (chance > steps).sum(dim=2)
        else:
            codes = self._sample(onehot, n_draws, generator)
        return nnf.one_hot(codes, n_letters + 1)[..., :n_letters].transpose(2, 3) * known

    def _sample(
        self, onehot: torch.Tensor, n_draws: int, generator: torch.Generator
    ) -> torch.Tensor:
        n, n_letters, length = onehot.shape
        is_known = onehot.sum(dim=1) > 0
        letters = torch.where(is_known, onehot.argmax(dim=1), n_letters).cpu().numpy()
        bits = torch.randint(2**62, (1,), generator=generator, device=generator.device)
        rng = np.random.default_rng(int(bits))
        assert self.sampler is not None
        drawn = np.asarray(self.sampler(letters.astype(np.uint8), n_draws, rng))
        _check.shape(drawn, "background", "(n, n_draws, length)", n, n_draws, length)
        return torch.as_tensor(drawn.astype(np.int64), device=onehot.device)
