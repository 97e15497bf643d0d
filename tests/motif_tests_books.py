"""Small books, and tests of them, for the tests of `test_motifs`."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.alphabet import DNA

SMALL = mb.TestOptions(k=3, n_steps=2)
P_VALUES = ["motif", "p_value", "log_p"]
MIRRORED = str.maketrans("ACGT", "TGCA")


def different(n, length=30, letters="ACGT", seed=0):
    drawn = np.random.default_rng(seed).choice(list(letters), (n, length))
    return ["".join(row) for row in drawn]


def noise(n, seed=1):
    return np.random.default_rng(seed).normal(size=n)


def holding(sequences, word):
    """Whether a word, on either strand, is in each sequence."""
    other = word[::-1].translate(MIRRORED)
    return np.array([word in sequence or other in sequence for sequence in sequences], dtype=float)


def word_motif(word, name=None, alphabet=DNA):
    """A word as a motif, .97 for its letters."""
    ppm = [[0.97 if letter == other else 0.01 for other in word] for letter in alphabet.letters]
    return mb.Motif(name or word, ppm, alphabet=alphabet)


def book(sequences, readout, alphabet="DNA", **obs):
    """Sequences s0, s1, ... and readouts y0, y1, ..."""
    values = np.asarray(readout, dtype=np.float32).reshape(len(sequences), -1)
    table = pd.DataFrame(
        {"sequence": sequences, **obs}, index=[f"s{i}" for i in range(len(values))]
    )
    var = pd.DataFrame(index=[f"y{number}" for number in range(values.shape[1])])
    return ad.AnnData(values, obs=table, var=var, uns={"alphabet": alphabet})


def table(sequences, readout, seed=0, **options):
    chosen = mb.TestOptions(k=3, **{"n_steps": 2, **options})
    return mb.test_motifs(book(sequences, readout), options=chosen, seed=seed).table
