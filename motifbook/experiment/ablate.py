"""Take the sites of a motif out of sequences: what does the network miss?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from motifbook import _check
from motifbook.data import store
from motifbook.data.places import find_spans
from motifbook.experiment.effects import FloatArray, effect_table
from motifbook.models.network import Network
from motifbook.onehot import Letters, shuffle
from motifbook.train.evaluate import apply_link, outputs, trained
from motifbook.train.inputs import refuse_other_alphabet

if TYPE_CHECKING:
    from anndata import AnnData

IntArray = npt.NDArray[np.int64]

COLUMNS = ("sequence", "start", "end", "motif")  # of a hits table: what is needed here
PER = ("motif", "hit")
LETTERS = ("shuffled", "drawn")


def ablate(
    model: Network,
    adata: AnnData,
    hits: pd.DataFrame,
    *,
    per: str = "motif",
    letters: str = "shuffled",
    n_draws: int = 10,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 512,
) -> pd.DataFrame:
    """Replace the sites of each motif by background letters and see what the network misses.

    Parameters
    ----------
    model
        Any trained network.
    adata
        The sequences that `hits` are of.
    hits
        Sites: from `mb.scan`, `mb.call_instances`, or a table of your own with the columns
        "sequence" (name in `adata.obs_names`), "start", "end" and "motif". Positions count from
        the first letter of that sequence.
    per
        "motif": all sites of one motif in a sequence are replaced together. "hit": one at a time,
        and their effects are averaged within each sequence.
    letters
        What they are replaced by. "shuffled": the letters that lie there when the whole sequence
        is shuffled with its pairs of neighboring letters kept. "drawn": letters drawn one by one
        from the sequence's own.
    n_draws
        How many such replacements are averaged.
    seed
        For the replacements.

    Returns
    -------
    DataFrame
        One row per motif and readout: "motif", "before" and "after" (mean predictions with and
        without the sites, on the scale of the measurement, over the sequences that have some),
        "readout", "effect" (mean of after minus before: negative if the sites raise the readout),
        "lower" and "upper" (95 % interval of that mean over sequences, Student's t), "n"
        (sequences), "unit": "logit" for binary readouts, "readout" for continuous ones.

    Raises
    ------
    InputError
        If the network is untrained or reads another alphabet, or a hit is of no sequence of
        `adata` or lies outside of it.

    Notes
    -----
    Where sites of two motifs overlap, taking one out damages the other.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> history = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=15))
    >>> hits = mb.scan(mb.Motif.from_sites("SPI1", ["AGAGGAAGTG"]), adata)
    >>> ablate(model, adata, hits, seed=0)["motif"].tolist()
    ['SPI1']
    """
    record = trained(model)
    refuse_other_alphabet(model, adata)
    _check.one_of(per, "per", PER)
    codes, table = store.get_letters(adata), _located(hits, adata)
    rows, starts, ends = (table[name].to_numpy(np.int64) for name in ("row", "start", "end"))
    # one cell: a motif in a sequence
    cells = table.groupby(["motif", "row"], sort=False, dropna=False).ngroup()
    groups = np.asarray(cells if per == "motif" else range(len(table)), dtype=np.int64)
    stretches = Stretches(rows, starts, ends, groups)
    copies = without(
        codes, stretches, model.alphabet.n_letters, letters=letters, n_draws=n_draws, seed=seed
    )
    row_of_group = stretches.row_of_group
    before = outputs(model, codes[row_of_group], batch_size=batch_size, device=device)
    after = np.stack([outputs(model, c, batch_size=batch_size, device=device) for c in copies])
    changed = [  # each (n_groups, n_readouts)
        after.mean(axis=0) - before,
        apply_link(before, record),
        apply_link(after, record).mean(axis=0),
    ]
    motif_of_group = np.empty(len(row_of_group), dtype=object)
    motif_of_group[groups] = table["motif"].to_numpy(dtype=object)
    averaged = _per_motif(np.stack(changed, axis=1), motif_of_group, row_of_group)
    shape = (len(averaged), len(record.readouts))
    means = {
        name: np.reshape([values[:, part].mean(axis=0) for values in averaged.values()], shape)
        for part, name in ((1, "before"), (2, "after"))
    }
    effects = [values[:, 0] for values in averaged.values()]
    return effect_table({"motif": list(averaged), **means}, effects, record)


@dataclass(frozen=True)
class Stretches:
    """Stretches of sequences that are to be replaced, (n_stretches,) each.

    Parameters
    ----------
    rows
        In which sequence each lies.
    starts, ends
        Columns of the letter codes: 0-based, half-open.
    groups
        Numbers from 0, none left out; those of one group, in one sequence, are replaced together.
    """

    rows: IntArray
    starts: IntArray
    ends: IntArray
    groups: IntArray

    @property
    def row_of_group(self) -> IntArray:
        """In which sequence each group lies, (n_groups,)."""
        rows = np.zeros(self.groups.max(initial=-1) + 1, dtype=np.int64)
        rows[self.groups] = self.rows
        return rows

    def mask(self, length: int) -> npt.NDArray[np.bool_]:
        """Which letters each group covers, (n_groups, length)."""
        covered = np.zeros((len(self.row_of_group), length), dtype=bool)
        for group, start, end in zip(self.groups, self.starts, self.ends):
            covered[group, start:end] = True
        return covered


def without(
    codes: Letters,
    stretches: Stretches,
    n_letters: int,
    *,
    letters: str = "shuffled",
    n_draws: int = 10,
    seed: int | None = None,
) -> Iterator[Letters]:
    """Yield copies of sequences in which a group of stretches is replaced, once per draw.

    Parameters
    ----------
    codes : (n, length)
        Letter codes.
    letters, n_draws, seed
        See `ablate`.

    Yields
    ------
    (n_groups, length)
        Unknown letters stay unknown.
    """
    _check.one_of(letters, "letters", LETTERS)
    _check.whole_number(n_draws, "n_draws")
    rng = _check.generator(seed, "ablate")
    rows, number = np.unique(stretches.row_of_group, return_inverse=True)
    own, sequences = codes[stretches.row_of_group], codes[rows]
    replaced = stretches.mask(codes.shape[1]) & (own < n_letters)
    for _ in range(n_draws):
        background = _drawn(sequences, n_letters, rng)
        if letters == "shuffled":
            shuffled = shuffle(sequences, n_letters, seed=int(rng.integers(2**31)))
            background = np.where(shuffled < n_letters, shuffled, background)
        yield np.where(replaced, background[number], own)


def _drawn(sequences: Letters, n_letters: int, rng: np.random.Generator) -> Letters:
    """Letters drawn from the known letters of each sequence, (n, length)."""
    known = sequences < n_letters
    order = np.argsort(~known, axis=1, kind="stable")  # known letters first
    picks = (rng.random(sequences.shape) * known.sum(axis=1, keepdims=True)).astype(np.int64)
    return np.take_along_axis(sequences, np.take_along_axis(order, picks, axis=1), axis=1)


def _located(hits: pd.DataFrame, adata: AnnData) -> pd.DataFrame:
    """Motif, row of `adata`, and start and end in columns of the letter codes, per hit."""
    _check.table(hits, "hits", "`mb.scan(motifs, adata)`")
    _check.columns(hits.columns, COLUMNS, "The hits table")
    hits = hits.loc[:, ~hits.columns.duplicated()]
    if not adata.obs_names.is_unique:
        raise _check.InputError(
            "Several sequences of `adata` have one name; expected different ones, by which hits "
            "tell them apart. Call `adata.obs_names_make_unique()`, then scan."
        )
    names = hits["sequence"].to_numpy(dtype=object)
    rows = adata.obs_names.get_indexer(names)
    if (rows < 0).any():
        raise _check.InputError(
            f"`hits` has a site in sequence {_check.shown(names[rows < 0][0])}, which `adata` does "
            f"not hold; expected names such as {_check.shown(list(adata.obs_names[:2]))}. Scan "
            "these very sequences: `mb.scan(motifs, adata)`."
        )
    starts, ends = (_positions(hits, name) for name in ("start", "end"))
    padding, lengths = (span[rows] for span in find_spans(adata))
    outside = (starts < 0) | (starts >= ends) | (ends > lengths)
    if outside.any():
        bad = int(outside.argmax())
        raise _check.InputError(
            f"`hits` has a site at {starts[bad]} to {ends[bad]} of sequence {names[bad]!r}, which "
            f"has {lengths[bad]} letters; expected it inside. Positions count from 0, and the end "
            "is the first letter behind the site."
        )
    places = {"row": rows, "start": starts + padding, "end": ends + padding}
    return pd.DataFrame({"motif": hits["motif"].to_numpy(dtype=object), **places})


def _positions(hits: pd.DataFrame, column: str) -> IntArray:
    values = _check.parse_numbers(hits[column])
    is_whole = values == np.round(values)  # not for NaN
    if not is_whole.all():
        got = hits[column].iloc[int((~is_whole).argmax())]
        raise _check.InputError(
            f"`hits[{column!r}]` holds {got}; expected whole numbers, the first letter being 0."
        )
    return values.astype(np.int64)


def _per_motif(
    values: FloatArray, motifs: npt.NDArray[np.object_], rows: IntArray
) -> dict[str, FloatArray]:
    """Values of each motif, (n_sequences, ...), averaged over its groups in a sequence."""
    found = {}
    for motif in dict.fromkeys(motifs):
        mine = motifs == motif
        sequences, number = np.unique(rows[mine], return_inverse=True)
        sums = np.zeros((len(sequences), *values.shape[1:]))
        np.add.at(sums, number, values[mine])
        found[str(motif)] = sums / np.bincount(number)[:, None, None]
    return found
