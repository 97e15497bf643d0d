"""Scrambled sequences: letters kept with some probability, others drawn anew."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf

from motifbook.attribution.background import Background
from motifbook.attribution.chance import uniform

SAMPLINGS = ("gate", "reinforce", "straight-through", "gumbel", "mean")
_TEMPERATURE = 0.5
_TINY = 1e-7


def scramble(
    onehot: torch.Tensor,
    keep: torch.Tensor,
    background: Background,
    n_draws: int,
    generator: torch.Generator,
    *,
    sampling: str = "gate",
) -> torch.Tensor:
    """Draw sequences in which each letter is kept with its probability.

    Parameters
    ----------
    onehot : (n, n_letters, length)
        Unknown letters, zeros, stay zeros.
    keep : (n, length)
        Probability of keeping each letter; gradients flow into it.
    n_draws
        Per sequence.
    sampling
        "gate": keep or not, stratified over the draws of a sequence, and a letter of the
        background where not; gradients as if the choice were `keep` itself. "reinforce": the same
        draws; see `scrambler.mask_rule`. "straight-through"
        and "gumbel": letters of the mixed column, hard or relaxed (temperature 0.5), as published.
        "mean": the mixed column itself, no draw at all.

    Returns
    -------
    (n * n_draws, n_letters, length)
        Draws of the first sequence first.
    """
    if sampling in ("gate", "reinforce"):
        return scramble_choices(onehot, keep, background, n_draws, generator)[1]
    mixed = mixture(onehot, keep, background).repeat_interleave(n_draws, dim=0)
    if sampling == "mean":
        return mixed
    known = onehot.sum(dim=1, keepdim=True).repeat_interleave(n_draws, dim=0)
    noise = uniform(*mixed.shape, drawing=generator, device=mixed.device)
    gumbel = -torch.log(-torch.log(noise.clamp(_TINY, 1 - _TINY)))
    raised = mixed.clamp_min(_TINY).log() + gumbel
    if sampling == "gumbel":
        return torch.softmax(raised / _TEMPERATURE, dim=1) * known
    hard = nnf.one_hot(raised.argmax(dim=1), mixed.shape[1]).transpose(1, 2) * known
    return hard + mixed - mixed.detach()


def scramble_choices(
    onehot: torch.Tensor,
    keep: torch.Tensor,
    background: Background,
    n_draws: int,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw as `scramble` by "gate": what is kept, (n, n_draws, length), and the sequences."""
    chosen = _stratified(keep, n_draws, generator)
    drawn = background.draw(onehot, n_draws, generator)
    mixed = chosen[:, :, None] * onehot[:, None] + (1 - chosen[:, :, None]) * drawn
    return chosen, mixed.flatten(0, 1)


def _stratified(keep: torch.Tensor, n_draws: int, generator: torch.Generator) -> torch.Tensor:
    """Zeros and ones, (n, n_draws, length), with the gradient of `keep`, (n, length).

    Each position is kept in that share of the draws, up to one; positions are independent.
    """
    n, length = keep.shape
    size, device = (n, n_draws, length), keep.device
    order = uniform(*size, drawing=generator, device=device).argsort(dim=1)
    chance = (order + uniform(n, 1, length, drawing=generator, device=device)) / n_draws
    chosen = (chance < keep[:, None]).float()
    return chosen + keep[:, None] - keep[:, None].detach()


def mixture(onehot: torch.Tensor, keep: torch.Tensor, background: Background) -> torch.Tensor:
    """Columns that masks leave, (n, n_letters, length): letters mixed with the background.

    `keep` : (n, length); unknown letters stay zeros.
    """
    columns = torch.as_tensor(background.probabilities, device=onehot.device)
    known, kept = onehot.sum(dim=1, keepdim=True), keep[:, None]
    return kept * onehot + (1 - kept) * columns * known
