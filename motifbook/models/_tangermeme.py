"""The one door to tangermeme, which is imported when it is needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pandas as pd
import torch
from torch import nn

Explained = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class _OneValue(nn.Module):
    """A network that predicts one value per sequence; holds `network` so that hooks reach it."""

    def __init__(self, network: nn.Module, explained: Explained) -> None:
        super().__init__()
        self.network = network
        self.explained = explained

    def forward(self, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
        return self.explained(onehot, extra)[:, None]


def deep_lift_shap(
    network: nn.Module,
    explained: Explained,
    onehot: torch.Tensor,
    extra: torch.Tensor,
    references: torch.Tensor,
    *,
    n_pairs: int,
) -> torch.Tensor:
    """What each letter would add against references, (n, n_letters, length).

    Parameters
    ----------
    network
        Its layers are given the rules of DeepLIFT for the time being.
    explained
        From one-hot and the numbers beside it to one value per sequence, (n,), by `network`.
    onehot : (n, n_letters, length)
    extra : (n, n_extra)
    references : (n, n_references, n_letters, length)
    n_pairs
        A sequence and a reference each; the network reads so many at once.
    """
    from tangermeme.deep_lift_shap import deep_lift_shap as by_tangermeme

    with warnings.catch_warnings():  # unknown letters, and what `completeness` says in its place
        warnings.simplefilter("ignore")
        values: torch.Tensor = by_tangermeme(
            _OneValue(network, explained).eval(),  # tangermeme restores the mode it finds
            onehot,
            args=(extra,),
            references=references,
            batch_size=n_pairs,
            hypothetical=True,
            only_warn=True,
            device=str(onehot.device),
        )
    return values


def modisco_seqlets(values: torch.Tensor, *, window: int, flank: int, fdr: float) -> pd.DataFrame:
    """Windows of values, (n, length), that stand out: example_idx, start, end, attribution."""
    from tangermeme.seqlet import tfmodisco_seqlets

    with warnings.catch_warnings():  # of NumPy, about how tangermeme calls it
        warnings.simplefilter("ignore", DeprecationWarning)
        table: pd.DataFrame = tfmodisco_seqlets(
            values, window_size=window, flank=flank, target_fdr=fdr
        )
    return table
