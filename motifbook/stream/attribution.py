"""Which letters matter, in any number of sequences, written piece by piece."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from motifbook import _check
from motifbook._digest import plain
from motifbook.attribution.attribute import attribute
from motifbook.attribution.options import AttributeOptions
from motifbook.attribution.predictor import Asked, choose
from motifbook.attribution.scrambler.fit import fit_scrambler
from motifbook.attribution.scrambler.load import load_scrambler
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.data import schema
from motifbook.data.pieces import book_digest, piece_of, sequence_length, some_rows
from motifbook.models.network import Network
from motifbook.stream.explain import (
    Explainer,
    count_frequencies,
    network_digest,
    scrambler_digest,
    without_rows,
)
from motifbook.stream.folder import (
    Folder,
    Layout,
    claim,
    make,
    nothing,
    open_folder,
    saying,
)
from motifbook.stream.request import draw_seed, piece_seed, refuse_other
from motifbook.stream.streamed_attribution import KIND, StreamedAttribution
from motifbook.stream.work import SMALLER_PIECES, each, slices, usual_rows
from motifbook.train.evaluate import refuse_foreign
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

TRAINED_ON = 10_000  # rows at most that a scrambler learns from: it sees no more in its steps
SCRAMBLER = "scrambler.motifbook"  # its file in the folder
_DRAWING = ("deep_lift_shap", "integrated_gradients", "random")


def stream_attribution(
    model: Network | Scrambler,
    adata: AnnData,
    out: str | os.PathLike[str],
    method: str = "scrambler",
    *,
    readout: Asked = 0,
    options: AttributeOptions | None = None,
    rows_per_piece: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 512,
    progress: bool = True,
) -> StreamedAttribution:
    """Value of every letter that stands in any number of sequences, in a folder on disk.

    The same line again goes on where it was stopped, killed or out of room.

    Parameters
    ----------
    model
        Trained; or a scrambler (`mb.fit_scrambler`), which then reads with its own budget or
        `options.bits`.
    adata
        Sequences; a large book may stay on disk: ``mb.read(path, backed=True)``.
    out
        A new folder, or one that this call was begun in.
    method, readout, options, batch_size
        As `mb.attribute` takes them. "scrambler" with a network trains a scrambler on 10,000 of
        the rows first, on all if there are no more, and keeps it in `out`, so that all rows are
        read with the same one.
    rows_per_piece
        Sequences that are read and written together; None for about a million letters.

    Returns
    -------
    StreamedAttribution
        ``.values(rows)``, (n_rows, length), and ``.attribution(rows)``, for plots.

    Raises
    ------
    InputError
        As `mb.attribute` raises it; if `out` is or holds something else, was begun with another
        request, or cannot be written. What is done is kept.

    Warns
    -----
    UserWarning
        As `mb.attribute` warns, each sentence once; if a worker process was killed.

    Notes
    -----
    The values are those of `mb.attribute`. Where a method draws, each piece has a seed of its own
    (``.seeds``), so that they do not depend on who works on it and when, but on `rows_per_piece`.
    ``with joblib.parallel_config(n_jobs=2):`` shares the work among processes, ``backend="dask"``
    among machines; only this process writes.

    Examples
    --------
    >>> import tempfile, motifbook as mb, torch
    >>> yours = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * 50, 1))
    >>> model = mb.Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
    >>> adata = mb.simulate(n=8, length=50, rule="single", seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     streamed = mb.stream_attribution(
    ...         model, adata, f"{folder}/a", "mutagenesis", rows_per_piece=5, progress=False
    ...     )
    ...     difference = streamed.attribution() - mb.attribute(model, adata, "mutagenesis")
    >>> bool(abs(difference).max() < 1e-5)
    True
    """
    _check.one_of(method, "method", attribute.methods)
    schema.refuse_others(adata)
    options = _check.options(options, AttributeOptions, "mb.AttributeOptions(n_steps=100)")
    if not adata.n_obs:
        raise _check.InputError("`adata` has no rows; expected sequences.")
    explainer = _explainer(model, method, readout, options, device=device, batch_size=batch_size)
    path, is_begun = claim(out, KIND)
    asked = _request(explainer, adata, seed, rows_per_piece)
    if is_begun:
        folder = open_folder(path, KIND, to_write=True)
        refuse_other(path, folder.about["request"], asked)
    else:
        folder = _begin(path, asked, explainer, adata, progress=progress)
    if method == "scrambler" and isinstance(model, Network):
        explainer = _reading_with(load_scrambler(folder.path / SCRAMBLER, model), explainer)
    elif method == "integrated_gradients" and options.baseline == "data":
        assert isinstance(model, Network)
        explainer = replace(explainer, frequencies=count_frequencies(model, adata))
    _go_on(folder, explainer, adata, progress=progress)
    return StreamedAttribution(folder)


def _explainer(
    model: Network | Scrambler,
    method: str,
    readout: Asked,
    options: AttributeOptions,
    *,
    device: str,
    batch_size: int,
) -> Explainer:
    _check.whole_number(batch_size, "batch_size")
    if isinstance(model, Scrambler):
        if method != "scrambler":
            raise _check.InputError(
                f"`model` is a scrambler and `method` {method!r}; expected "
                '`method="scrambler"`, or the network that it explains: `scrambler.model`.'
            )
        model = without_rows(model, device)
    else:
        refuse_foreign(model)
        choose(model, readout)
    return Explainer(model, method, readout, options, device, batch_size)


def _network(explainer: Explainer) -> Network:
    model = explainer.model
    return model.model if isinstance(model, Scrambler) else model


def _scrambler_options(explainer: Explainer) -> ScramblerOptions:
    if isinstance(explainer.model, Scrambler):
        return explainer.model.options
    return explainer.options.scrambler or ScramblerOptions()


def _cutter(explainer: Explainer, adata: AnnData) -> Callable[[slice], AnnData]:
    """What makes a piece of a book: no more than is read of it."""
    model, options = _network(explainer), _scrambler_options(explainer)
    columns = [*model.inputs, *model.extra_names]
    length = None if model.inputs else sequence_length(adata)
    measured = explainer.method == "scrambler" and _reads_measured(options)
    return lambda rows: piece_of(adata, rows, length, columns=columns, measured=measured)


def _reads_measured(options: ScramblerOptions) -> bool:
    return options.reference == "measured" or "measured" in options.reads


def _request(
    explainer: Explainer, adata: AnnData, seed: int | None, rows_per_piece: int | None
) -> dict[str, Any]:
    model, method = explainer.model, explainer.method
    network = _network(explainer)
    columns = [name for name in (*network.inputs, *network.extra_names) if name in adata.obs]
    measured = method == "scrambler" and _reads_measured(_scrambler_options(explainer))
    choice = model.choice if isinstance(model, Scrambler) else choose(model, explainer.readout)
    return {
        "the sequences": book_digest(adata, columns, measured=measured),
        "the weights of the network": network_digest(network),
        "the scrambler": scrambler_digest(model) if isinstance(model, Scrambler) else "",
        "method": method,
        "readout": choice.names,
        "options": plain(explainer.options),
        "rows_per_piece": None
        if rows_per_piece is None
        else _check.whole_number(rows_per_piece, "rows_per_piece"),
        "seed": None if seed is None else _check.whole_number(seed, "seed", low=0),
        "batch_size": explainer.batch_size if method in _DRAWING else None,
    }


def _begin(
    path: Path, asked: dict[str, Any], explainer: Explainer, adata: AnnData, *, progress: bool
) -> Folder:
    """Train what is to be trained, try one row, and make the folder."""
    seed, files = draw_seed(asked["seed"]), {}
    if explainer.method == "scrambler" and isinstance(explainer.model, Network):
        scrambler = _train(explainer, adata, seed, progress=progress)
        explainer = _reading_with(scrambler, explainer)
        files[SCRAMBLER] = scrambler.save
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = explainer.explain(_cutter(explainer, adata)(slice(0, 1)), seed)
    n, (_, n_letters, length) = adata.n_obs, one.shape
    size = asked["rows_per_piece"] or usual_rows(length)
    about = {
        "kind": KIND,
        "request": {**asked, "rows_per_piece": size, "seed": seed},
        "rows_per_piece": size,
        "seed": seed,
        "n": n,
        "length": length,
        "n_letters": n_letters,
        **{name: getattr(one, name) for name in ("method", "unit", "signed", "readout")},
        "notes": one.notes if one.unit == "bits" else [],  # others are of one row
    }
    layouts = {
        "values": Layout((n, length), (min(size, n), length), "<f4", nothing("<f4")),
        "letters": Layout((n, length), (min(size, n), length), "|u1", nothing("|u1")),
    }
    texts = {"names": [str(name) for name in adata.obs_names]}
    n_pieces = len(slices(n, size))
    return make(path, about, n_pieces, layouts=layouts, texts=texts, arrays={}, files=files)


def _train(explainer: Explainer, adata: AnnData, seed: int, *, progress: bool) -> Scrambler:
    """Train a scrambler on some of the rows."""
    model, options = explainer.model, explainer.options
    assert isinstance(model, Network)
    if adata.n_obs > TRAINED_ON:
        rng = _check.generator(seed, "rows of a scrambler")
        adata = some_rows(adata, np.sort(rng.choice(adata.n_obs, TRAINED_ON, replace=False)))
    scrambler = fit_scrambler(
        model,
        adata,
        mode=options.mode,
        bits=options.bits,
        readout=explainer.readout,
        options=options.scrambler,
        seed=seed,
        device=explainer.device,
        progress=progress,
    )
    if any(note.startswith("Training was interrupted") for note in scrambler.notes):
        raise KeyboardInterrupt("The scrambler's training was interrupted; nothing was begun.")
    return scrambler


def _reading_with(scrambler: Scrambler, explainer: Explainer) -> Explainer:
    """The same with a scrambler that was trained for its budget."""
    light = without_rows(scrambler, explainer.device)
    return replace(explainer, model=light, options=replace(explainer.options, bits=None))


def _go_on(folder: Folder, explainer: Explainer, adata: AnnData, *, progress: bool) -> None:
    """Read the pieces that are missing."""
    about, cut, model = folder.about, _cutter(explainer, adata), _network(explainer)
    rows, told = slices(about["n"], about["rows_per_piece"]), set[str]()
    reads = each(
        explainer,
        lambda number: (cut(rows[number]), piece_seed(about["seed"], number)),
        np.flatnonzero(~folder.done).tolist(),
        name="pieces",
        way_out=SMALLER_PIECES,
        progress=progress,
    )
    with saying(folder):
        for number, read in reads:
            folder["values"][rows[number]] = read.values
            folder["letters"][rows[number]] = inputs_of(model, cut(rows[number])).letters
            folder.finish(number)
            for caution in read.cautions:
                sentence = re.sub(r"[\d.,]+", "", caution)  # another number is no news
                if sentence not in told:
                    told.add(sentence)
                    warnings.warn(f"Piece {number}: {caution}", stacklevel=3)
