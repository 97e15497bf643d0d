"""The one door to tangermeme, which is imported when it is needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pandas as pd
import torch
from torch import nn

Explained = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class _OneValue(nn.Module):
    """A network that predicts one value per sequence; holds `network` so that hooks reach it.

    It is asked for sequences and their references, joined, and keeps how their values differ.
    """

    def __init__(self, network: nn.Module, explained: Explained) -> None:
        super().__init__()
        self.network = network
        self.explained = explained
        self.differences: list[torch.Tensor] = []

    def forward(self, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
        values = self.explained(onehot, extra)
        sequences, references = values.detach().chunk(2)
        self.differences.append(sequences - references)
        return values[:, None]


def deep_lift_shap(
    network: nn.Module,
    explained: Explained,
    onehot: torch.Tensor,
    extra: torch.Tensor,
    references: torch.Tensor,
    *,
    n_pairs: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What each letter would add against references.

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

    Returns
    -------
    values : (n, n_letters, length)
    differences : (n,)
        Value of each sequence minus the mean of its references': what `values` should add up to.
    """
    from tangermeme.deep_lift_shap import deep_lift_shap as by_tangermeme

    whole = _OneValue(network, explained).eval()  # tangermeme restores the mode it finds
    with warnings.catch_warnings():  # unknown letters, and what `completeness` says in its place
        warnings.simplefilter("ignore")
        values: torch.Tensor = by_tangermeme(
            whole,
            onehot,
            args=(extra,),
            references=references,
            batch_size=n_pairs,
            hypothetical=True,
            only_warn=True,
            device=str(onehot.device),
        )
    return values, torch.cat(whole.differences).reshape(references.shape[:2]).mean(dim=1)


def modisco_seqlets(values: torch.Tensor, *, window: int, flank: int, fdr: float) -> pd.DataFrame:
    """Windows of values, (n, length), that stand out: example_idx, start, end, attribution."""
    from tangermeme.seqlet import tfmodisco_seqlets

    with warnings.catch_warnings():  # of NumPy, about how tangermeme calls it
        warnings.simplefilter("ignore", DeprecationWarning)
        table: pd.DataFrame = tfmodisco_seqlets(
            values, window_size=window, flank=flank, target_fdr=fdr
        )
    return table
