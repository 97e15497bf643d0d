"""From sequences, and what is said beside them, to one score per position."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf
from torch import nn

from motifbook import _check
from motifbook.models.mask_network import MaskNetwork

INPUTS = ("tied", "untied", "joint")
_TINY = 1e-6
Spans = list[tuple[int, int]]


class Scorer(nn.Module):
    """One mask network for all inputs of the predictor, or one for each.

    Parameters
    ----------
    n_letters
        Of the alphabet.
    spans
        First position and end of each input among the joined letters.
    inputs
        "tied": one network reads each input by itself; "untied": each has its own; "joint": one
        network reads them end to end.
    beside : (n_rows, n_beside)
        Of the training rows: numbers that are shown at every position, beside the letters, less
        their mean and in standard deviations.
    reads_dropped
        Whether it is told which positions it may not select.
    smoothing
        Letters, standard deviation of the Gaussian that scores are averaged with; 0 for none.
    settings
        Of the `MaskNetwork`.
    """

    def __init__(
        self,
        n_letters: int,
        spans: Spans,
        *,
        inputs: str = "tied",
        beside: torch.Tensor | None = None,
        reads_dropped: bool = False,
        smoothing: float = 0.0,
        settings: dict[str, object] | None = None,
    ) -> None:
        super().__init__()
        self.spans = [(spans[0][0], spans[-1][1])] if inputs == "joint" else list(spans)
        if any(end - first < 2 for first, end in self.spans):
            raise _check.InputError(
                "A sequence has 1 letter; expected 2 or more, of which some matter more. For one "
                'of several sequences, `inputs="joint"` of the options reads them end to end.'
            )
        self.reads_dropped, self.smoothing = reads_dropped, smoothing
        beside = torch.zeros(1, 0) if beside is None else beside
        mean = beside.mean(dim=0)
        sd = ((beside - mean) ** 2).mean(dim=0).sqrt()
        self.register_buffer("mean", mean)
        self.register_buffer("sd", torch.where(sd > _TINY, sd, 1.0))
        self.mean: torch.Tensor
        self.sd: torch.Tensor
        n_channels = n_letters + beside.shape[1] + int(reads_dropped)
        n_networks = len(spans) if inputs == "untied" else 1
        self.networks = nn.ModuleList(
            MaskNetwork(n_channels, **(settings or {}))  # type: ignore[arg-type]
            for _ in range(n_networks)
        )

    @property
    def reach(self) -> int:
        """Letters that a score depends on."""
        return max(int(network.reach) for network in self.networks)  # type: ignore[arg-type]

    def forward(
        self,
        onehot: torch.Tensor,
        beside: torch.Tensor | None = None,
        allowed: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Scores, (n, length).

        Parameters
        ----------
        onehot : (n, n_letters, length)
        beside : (n, n_beside)
        allowed : (n, length)
            1 where a position may be selected, 0 where it was dropped; all, if None.
        """
        channels = [onehot]
        n, _, length = onehot.shape
        if beside is not None and len(self.mean):
            channels.append(((beside - self.mean) / self.sd)[:, :, None].expand(-1, -1, length))
        if self.reads_dropped:
            everything = torch.ones(n, length, device=onehot.device)
            channels.append((everything if allowed is None else allowed)[:, None])
        joined = torch.cat(channels, dim=1)
        scores = [
            self.networks[number % len(self.networks)](joined[:, :, first:end])
            for number, (first, end) in enumerate(self.spans)
        ]
        return smooth(torch.cat(scores, dim=1), self.smoothing, self.spans)


def smooth(score: torch.Tensor, sd: float, spans: Spans) -> torch.Tensor:
    """Average scores, (n, length), with a Gaussian within each input; weights sum to 1.

    Notes
    -----
    Linder et al. 2022 leave the Gaussian unnormalized, which inflates the bits.
    """
    if not sd:
        return score
    longest = max(end - first for first, end in spans)
    reach = min(int(3 * sd + 0.5), longest)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=score.device) / sd) ** 2)
    parts = []
    for first, end in spans:
        part = score[:, None, first:end]
        weights = nnf.conv1d(torch.ones_like(part), kernel[None, None], padding=reach)
        parts.append(nnf.conv1d(part, kernel[None, None], padding=reach) / weights)
    return torch.cat(parts, dim=2)[:, 0]
