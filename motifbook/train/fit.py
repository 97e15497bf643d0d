"""`fit`: the only function that changes a network handed to it."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from motifbook import __version__, _check
from motifbook.data import schema, store
from motifbook.data.splits import copies, leakage, split
from motifbook.models.network import MotifNetwork, Network, Record
from motifbook.motif.refine import SeedOptions
from motifbook.motif.seeds import find_seeds
from motifbook.onehot import onehot
from motifbook.train.batches import seeded
from motifbook.train.evaluate import refuse_foreign
from motifbook.train.inputs import refuse_other_alphabet
from motifbook.train.loop import loop
from motifbook.train.losses import make_loss
from motifbook.train.plan import History, Plan, TrainingData

if TYPE_CHECKING:
    from anndata import AnnData

FEWEST_STEPS, MOST_STEPS = 450, 6000
FEWEST_ROWS = 20
SPARE, ROWS_PER_SPARE = 3, 5000  # random filters beside the seeded ones: more data, more of them


@dataclass(frozen=True)
class FitOptions:
    """Expert settings of `fit`.

    Parameters
    ----------
    n_steps
        Batches in all; by default as many passes over the training rows as the network wants (15,
        the published layout 40), but at least 450 batches and at most 6,000.
    warm_start
        True: start from the data's own words (`motif.seeds`). False: go on from the weights that
        the network has, set by hand or trained before. By default as the network wants it:
        `MotifSyntaxNet` starts from words, the plain `CNN` at random, drawn from `seed`.
    class_weights
        Give both classes of every binary readout the same weight in the loss. Predictions are
        corrected for it.
    patience
        Rounds (fifteenths of the training) without improvement before stopping early.
    n_devices
        Devices that share every batch: GPUs, or processes on the CPU. More than one: so many
        processes are started on this machine, from scripts and notebooks alike, and end as one
        process would, but for the order of sums (drop-out draws otherwise). Each takes
        seconds to start.
    strategy
        "auto", or "ddp" where this program itself was started once per device, on one machine or
        several, by torchrun, srun or the like: ranks are read from the environment. All must come
        with the same data, and a `seed`.
    precision
        "32-true", or "bf16-mixed": forward and backward pass in 16 bits where torch holds that
        safe; weights, losses and penalties keep 32. For GPUs: on the CPU tried it was slower.
    """

    n_steps: int | None = None
    warm_start: bool | None = None
    class_weights: bool = False
    patience: int = 5
    n_devices: int = 1
    strategy: str = "auto"
    precision: str = "32-true"


def fit(
    model: Network,
    adata: AnnData,
    *,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 128,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    options: FitOptions | None = None,
) -> History:
    """Train a network on the sequences and readouts of `adata`.

    Rows whose `adata.obs["split"]` is "train" are learned from and "validation" decides when to
    stop; "test" is never looked at. Without a split a tenth of all rows is set aside for
    validation, and the history says so.

    Parameters
    ----------
    model
        Any network of `motifbook.models`; changed in place, returned to the CPU.
    adata
        Sequences with readouts, NaN where not measured; not changed.
    checkpoint
        File written every fifteenth of the training.
    resume
        Go on from `checkpoint`, if it is there, with the same data, seed and settings.
    options
        See `FitOptions`.

    Returns
    -------
    History
        Losses per round, why it stopped, and notes on the data. Interrupting the cell keeps the
        best weights so far.

    Raises
    ------
    InputError
        If there are no readouts, too few rows, the alphabet or number of readouts differs from
        the network's, or the checkpoint belongs to another training.

    Warns
    -----
    LeakageWarning
        If validation or test sequences resemble training sequences so much that scores on them
        would be too good, see `mb.leakage`.

    Examples
    --------
    >>> import motifbook as mb
    >>> adata = mb.simulate(n=300, length=80, rule="single", seed=0)
    >>> model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    >>> options = mb.FitOptions(n_steps=15)
    >>> mb.fit(model, adata, seed=0, progress=False, options=options).stopped
    'finished'
    """
    options = _check.options(options, FitOptions, "mb.FitOptions(n_steps=500)")
    _check_fit(model, adata, batch_size)
    _check_devices(options, seed)
    file = _checkpoint(checkpoint, resume)
    rng = _check.generator(seed, "fit")
    letters, values = store.get_letters(adata), store.get_readouts(adata)
    notes: list[str] = []
    train, validation = _rows(adata, values, notes, int(rng.integers(2**31)))
    if schema.SPLIT in adata.obs and (related := leakage.caution(adata)):
        notes.append(related)
        warnings.warn(related, leakage.LeakageWarning, stacklevel=2)
    record = _record(adata, values[train], letters.shape[1], options)
    readout = scaled(values, record)
    data = TrainingData(letters, readout, train, validation)
    plan = Plan(
        n_steps=_n_steps(model, options, len(train), batch_size),
        batch_size=batch_size,
        seed=int(rng.integers(2**31)),
        device=device,
        progress=progress,
        patience=options.patience,
        checkpoint=file,
        n_devices=options.n_devices,
        strategy=options.strategy,
        precision=options.precision,
    )
    start = int(rng.integers(2**31))
    model.to("cpu", torch.float32)
    if options.warm_start is not False:
        _start_anew(model, start)
    if isinstance(model, MotifNetwork) and _wants_seeds(model, options):
        n_seeds = _warm_start(model, data, start)
        notes.append(f"{n_seeds} of {model.motifs.n_filters} filters start from enriched words.")
    weights = _class_weights(readout[train], record.kinds) if options.class_weights else None
    history = loop(model, data, plan, make_loss(record.kinds, weights), resume=resume)
    history.notes = [*notes, *history.notes]
    record.details |= _details(seed, plan, history)
    hashes = copies.sequence_hashes(letters, model.alphabet)[train]  # letters are not copied
    _remember(model, record, hashes, adata.uns.get(schema.PART))
    return history


def _remember(model: Network, record: Record, hashes: npt.NDArray[np.uint64], part: object) -> None:
    """Keep what trained the network, beside what trained the weights that it went on from."""
    before = model.record
    if part is not None and (before is None or before.details.get(schema.PART) == part):
        record.details[schema.PART] = str(part)  # the other half may test the motifs
    own = torch.as_tensor(hashes.view(np.int64))
    model.training_hashes = torch.cat([model.training_hashes.to("cpu"), own])
    model.record = record


def _check_fit(model: Network, adata: AnnData, batch_size: int) -> None:
    refuse_foreign(model)
    model.phases()  # a network that stays as it is says so
    schema.validate(adata)
    _check.whole_number(batch_size, "batch_size")
    if adata.n_vars == 0:
        raise _check.InputError(
            "`adata` has no readouts to learn; expected at least one column. Read the FASTA with "
            '`negatives="shuffle"`, or a table with `readouts=[…]`.'
        )
    if adata.n_vars != model.n_readouts:
        raise _check.InputError(
            f"The network predicts {model.n_readouts} readouts, `adata` has {adata.n_vars}: "
            f"{list(adata.var_names[:5])}. Make it with `n_readouts=adata.n_vars`."
        )
    refuse_other_alphabet(model, adata)


def _check_devices(options: FitOptions, seed: int | None) -> None:
    _check.whole_number(options.n_devices, "n_devices")
    _check.one_of(options.strategy, "strategy", ("auto", "ddp"))
    _check.one_of(options.precision, "precision", ("32-true", "bf16-mixed"))
    if options.strategy == "ddp" and seed is None:
        raise _check.InputError(
            '`seed` is None with `strategy="ddp"`; expected a number, so that all processes draw '
            "the same split, start and batches."
        )


def _checkpoint(path: str | os.PathLike[str] | None, resume: bool) -> Path | None:
    if path is None:
        if resume:
            raise _check.InputError("`resume` is True, `checkpoint` None; expected its file.")
        return None
    file = _check.file_to_write(path)
    try:
        with tempfile.TemporaryFile(dir=file.parent):  # better now than after an hour
            pass
    except OSError as error:
        raise _check.cannot_write(file, error) from None
    return file


def _rows(
    adata: AnnData, values: npt.NDArray[np.float32], notes: list[str], seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and to validate on; those without any measured value are left out."""
    if schema.SPLIT in adata.obs:
        column = adata.obs[schema.SPLIT].astype(str).to_numpy()
        _check_split(column)
    else:
        made = split.split(adata, fractions=(0.9, 0.1, 0.0), seed=seed)
        column = made.astype(str).to_numpy()
        notes.append(
            f"No split was given: {int((column == 'validation').sum())} of {adata.n_obs} rows "
            "were set aside for validation, none for testing."
        )
    measured = ~np.isnan(values).all(axis=1)
    if not measured.all():
        notes.append(f"{int((~measured).sum())} rows without any measured value were left out.")
    train = np.flatnonzero((column == "train") & measured)
    validation = np.flatnonzero((column == "validation") & measured)
    if len(train) < FEWEST_ROWS:
        n_empty = int(((column == "train") & ~measured).sum())
        without = f" ({n_empty} more have no measured value)" if n_empty else ""
        raise _check.InputError(
            f"There are {len(train)} rows to train on{without}; expected at least {FEWEST_ROWS}. A "
            "network learns motifs from some hundred sequences upward."
        )
    if not len(validation):
        notes.append("No validation rows: the last weights were kept.")
    return train, validation


def _check_split(column: npt.NDArray[Any]) -> None:
    unknown = sorted(set(column) - set(schema.SPLITS))
    if unknown:
        raise _check.InputError(
            f"`adata.obs['split']` holds {unknown[:3]}; expected train, validation or test. Make "
            "it with `mb.split(adata, seed=0)`."
        )


def _record(
    adata: AnnData, values: npt.NDArray[np.float32], length: int, options: FitOptions
) -> Record:
    kinds = store.readout_kinds(adata)
    center, scale = [], []
    for kind, column, name in zip(kinds, values.T, adata.var_names):
        measured = column[~np.isnan(column)]
        if len(measured) == 0 or measured.min() == measured.max():
            got = f"{len(measured)} measured values, all alike" if len(measured) else "no value"
            raise _check.InputError(
                f"Readout {name!r} has {got} in the {len(column):,} training rows; expected values "
                f"that differ. Leave it out (`adata[:, adata.var_names != {str(name)!r}]`), or "
                "check the split."
            )
        if kind == "binary":
            if not np.isin(measured, (0, 1)).all():
                raise _check.InputError(
                    f"Readout {name!r} is called binary and holds {measured.max():g}; expected 0 "
                    "and 1 only. Mend the values or `adata.var['kind']`."
                )
            odds = np.log(measured.mean() / (1 - measured.mean()))
            center.append(float(odds) if options.class_weights else 0.0)
            scale.append(1.0)
        else:
            center.append(float(measured.mean(dtype=np.float64)))
            scale.append(float(measured.std(dtype=np.float64)))
    return Record([str(name) for name in adata.var_names], kinds, center, scale, length)


def scaled(values: npt.NDArray[np.float32], record: Record) -> npt.NDArray[np.float32]:
    """Readouts as the network sees them: continuous ones with mean 0 and deviation 1."""
    scaled = values.copy()
    for column, kind in enumerate(record.kinds):
        if kind == "continuous":
            scaled[:, column] -= record.center[column]
            scaled[:, column] /= record.scale[column]
    return scaled


def _n_steps(model: Network, options: FitOptions, n_train: int, batch_size: int) -> int:
    if options.n_steps is not None:
        return _check.whole_number(options.n_steps, "n_steps")
    steps = model.passes * max(1, n_train // batch_size)
    return int(np.clip(steps, FEWEST_STEPS, MOST_STEPS))


def _wants_seeds(model: MotifNetwork, options: FitOptions) -> bool:
    return model.warm_start if options.warm_start is None else options.warm_start


def _start_anew(model: Network, seed: int) -> None:
    """Draw all weights from `seed`: neither torch's state nor an earlier training counts."""
    model.as_made()
    with seeded(seed):
        fresh = type(model)(**model.settings)
    model.record, model.training_hashes = None, fresh.training_hashes
    model.load_state_dict(fresh.state_dict())


def _warm_start(model: MotifNetwork, data: TrainingData, seed: int) -> int:
    layer = model.motifs
    seeds = find_seeds(
        data.letters,
        data.readout,
        rows=data.train,
        width=layer.width,
        n_seeds=layer.n_filters,
        alphabet=model.alphabet,
        both_strands=layer.reverse_complement,
        seed=seed,
        options=SeedOptions(longest=model.longest),
    )
    rng = np.random.default_rng(seed)
    sample = data.letters[rng.permutation(data.train)[:500]]
    with seeded(seed):
        model.seed(
            [m.ppm / np.array(m.background)[:, None] / layer.n_letters for m in seeds],
            torch.as_tensor(onehot(sample, layer.n_letters)),
            n_spare=SPARE + len(data.train) // ROWS_PER_SPARE,
        )
    return len(seeds)


def _class_weights(readout: npt.NDArray[np.float32], kinds: list[str]) -> npt.NDArray[np.float32]:
    """Weight of a positive per readout: negatives per positive; 1 for continuous readouts."""
    share = np.nanmean(readout, axis=0)
    is_binary = np.array([kind == "binary" for kind in kinds])
    weights: npt.NDArray[np.float32] = np.where(
        is_binary, (1 - share) / np.where(is_binary, share, 0.5), 1.0
    ).astype(np.float32)
    return weights


def _details(seed: int | None, plan: Plan, history: History) -> dict[str, Any]:
    return {
        "motifbook": __version__,
        "torch": torch.__version__,
        "seed": seed,
        "n_steps": plan.n_steps,
        "batch_size": plan.batch_size,
        "stopped": history.stopped,
        "rounds": history.rounds,
        "best_round": history.best_round,
        "notes": history.notes,
    }
