"""A judge: networks that learned from rows which the designing network never saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits.split import split
from motifbook.models.cnn import CNN
from motifbook.models.network import Network
from motifbook.train.evaluate import trained, training_hashes
from motifbook.train.fit import FitOptions
from motifbook.train.repeat import alike, fit_repeats

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.design.designs import Designs

HALVES = ("design", "judge", "test")


def halve_rows(
    adata: AnnData, *, by: str = "similarity", seed: int | None = None
) -> pd.Series[str]:
    """Divide training rows in two: one half for the network that designs, one for its judge.

    A design is made to please one network, so that network overrates it. One that learned from
    other sequences has other weak spots.

    Parameters
    ----------
    by
        What stays together, as in `mb.split`.

    Returns
    -------
    Series of n strings
        "design" or "judge"; "test" for the test rows of `adata`, which belong to neither.

    Raises
    ------
    InputError
        If `adata` holds no sequences, or too few groups of them.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=100, seed=0)
    >>> half = halve_rows(adata, seed=0)
    >>> half.value_counts().to_dict()
    {'design': 50, 'judge': 50}

    Then train both, and ask the judge about the designs::

        mb.fit(model, adata[half == "design"])
        judge = mb.fit_judge(adata[half == "judge"])
        mb.design(model).outlook(judge, adata)
    """
    schema.validate(adata)
    halves = pd.Series(HALVES[2], index=adata.obs_names, dtype=object, name="half")
    used = np.ones(adata.n_obs, dtype=bool)
    if schema.SPLIT in adata.obs:
        used = (adata.obs[schema.SPLIT] != "test").to_numpy()
    if not used.any():
        raise _check.InputError(
            "All rows of `adata` are for testing; expected some to train with. See `mb.split`."
        )
    parts = split(adata[used], by=by, fractions=(0.5, 0.0, 0.5), seed=seed)
    halves[used] = np.where(parts == "train", *HALVES[:2])
    return halves


def fit_judge(
    adata: AnnData,
    *,
    model: Network | None = None,
    n: int = 3,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 128,
    progress: bool = True,
    options: FitOptions | None = None,
) -> list[Network]:
    """Train networks that judge designs, on rows kept from the network that designs.

    Parameters
    ----------
    adata
        Those rows: ``adata[halve_rows(adata, seed=0) == "judge"]``.
    model
        Says what the judges are like, and is not changed; by default a plain `CNN`.
    n
        How many, each from a seed of its own; how far they lie apart is part of the judgment.
    options
        See `FitOptions`.

    Returns
    -------
    list of `n` networks
        For `designs.outlook`.

    Raises
    ------
    InputError
        As `fit` raises it.

    Notes
    -----
    On simulated data (two rules, two seeds, `benchmarks/design_outlook.py`) judges that are like
    the designing network, ``model=mb.MotifSyntaxNet(...)``, came closer to the truth than CNNs
    (error 2.7 and 4.7 against 3.2 and 5.3 standard deviations of the readout) and ranked designs
    better (0.81 and 0.83 against 0.77 and 0.77). All said too little of designs with more sites
    than any training sequence, CNNs least: they are the cautious choice.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=200, length=60, rule="single", seed=0)
    >>> fast = mb.FitOptions(n_steps=5)
    >>> len(fit_judge(adata, n=2, seed=0, progress=False, options=fast))
    2
    """
    schema.refuse_others(adata)
    if model is None:
        model = CNN(n_readouts=max(adata.n_vars, 1), alphabet=store.get_alphabet(adata))
    return fit_repeats(
        model,
        adata,
        n=n,
        seed=seed,
        device=device,
        batch_size=batch_size,
        progress=progress,
        options=options,
    )


def judges_of(designs: Designs, judge: Network | Sequence[Network]) -> list[Network]:
    """Return the networks of a judge, which predict what the designing networks predict.

    Raises
    ------
    InputError
        If they do not, or one of them made the designs.
    """
    judges = alike([judge] if isinstance(judge, Network) else judge)
    got, wanted = trained(judges[0]), trained(designs.models[0])
    letters = judges[0].alphabet.letters, designs.models[0].alphabet.letters
    if (got.readouts, got.kinds) != (wanted.readouts, wanted.kinds) or letters[0] != letters[1]:
        raise _check.InputError(
            f"`judge` predicts {got.readouts} ({', '.join(got.kinds)}) from {letters[0]}; "
            f"expected {wanted.readouts} ({', '.join(wanted.kinds)}) from {letters[1]}, as the "
            "network that made the designs. Train one: "
            '`mb.fit_judge(adata[mb.halve_rows(adata) == "judge"])`.'
        )
    if any(one is maker for one in judges for maker in designs.models):
        raise _check.InputError(
            "`judge` is a network that made the designs; expected one that learned from other "
            'rows, such as `mb.fit_judge(adata[mb.halve_rows(adata) == "judge"])`.'
        )
    return judges


def shared_training(makers: Sequence[Network], judges: Sequence[Network]) -> float:
    """Share of the judges' training sequences that taught a designing network, too.

    Copies and reverse complements count as the same. NaN where one side does not say what it
    learned from, such as a network trained elsewhere.
    """
    own, theirs = (
        np.unique(np.concatenate([training_hashes(one) for one in side]))
        for side in (judges, makers)
    )
    if not len(own) or not len(theirs):
        return float("nan")
    return float(np.isin(own, theirs).mean())
