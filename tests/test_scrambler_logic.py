"""Two sites that are both needed, and two of which one would do: which letters are found."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import motifbook as mb
from tests.toys import book, word

LENGTH, SITES = 100, ("GATAAGCA", "TGACTCAT")


class Needs(nn.Module):
    """Logit 6 where both words stand ("and"), or the first one anywhere ("or"); else less."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        words = SITES if self.rule == "and" else SITES[:1]
        best = [nn.functional.conv1d(onehot, word(text)).amax(dim=2) for text in words]
        return 4 * (torch.stack(best).amin(dim=0) - 6.5)


def planted(rule: str, n: int, seed: int):
    """Sequences with two sites, and which site each letter belongs to, (n, length)."""
    rng = np.random.default_rng(seed)
    sequences, sites = [], np.zeros((n, LENGTH), dtype=np.int64)
    for row in sites:
        letters = rng.choice(list("ACGT"), LENGTH)
        for number, text in enumerate(SITES if rule == "and" else SITES[:1] * 2):
            first = rng.integers(2, 38) + 50 * number
            letters[first : first + 8] = list(text)
            row[first : first + 8] = number + 1
        sequences.append("".join(letters))
    return book(sequences), sites


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["and", "or"])
def test_both_sites_are_found_also_where_one_would_do(rule):
    model = mb.Foreign(
        Needs(rule), readouts=["bound"], kinds="binary", length=LENGTH, probabilities=False
    )
    train, test, sites = planted(rule, 600, 1)[0], *planted(rule, 60, 2)
    scrambler = mb.fit_scrambler(model, train, bits=0.32, seed=0, progress=False)
    ways = {
        "scrambler": scrambler.attribute(test),
        "mutagenesis": mb.attribute(model, test, "mutagenesis"),
    }
    sheet = mb.fidelity(model, test, ways, annotation=sites, seed=0).set_index("method")
    assert sheet.loc["scrambler", "auprc"] > 0.95
    assert sheet.loc["scrambler", "copy_min"] > 0.8
    assert sheet.loc["random", "auprc"] < 0.3
    if rule == "or":  # no single letter is missed, as the other copy does its work
        assert sheet.loc["mutagenesis", "copy_min"] < 0.5
