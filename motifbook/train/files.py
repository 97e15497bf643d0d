"""Save and load trained networks: weights and a plain description, nothing that runs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import torch
from torch import nn

from motifbook import __version__, _check, models
from motifbook.models import foreign_outputs
from motifbook.models.foreign import Foreign, restored
from motifbook.models.network import Network, Record
from motifbook.train.batches import single_precision
from motifbook.train.evaluate import refuse_foreign
from motifbook.train.tensors import write_tensors

FORMAT = 1


def save(model: Network, path: str | os.PathLike[str]) -> None:
    """Write a network, trained or not, to one file.

    The file holds the state dict and a JSON description; it is replaced in one move. Of a network
    of yours (`Foreign`) it holds the weights and how it is wrapped, not its code.

    Raises
    ------
    InputError
        If `model` is not a network of motifbook, or the folder does not exist.
    """
    refuse_foreign(model)
    if type(model) not in (*models.ALL, Foreign):
        raise _check.InputError(
            f"A {type(model).__name__} cannot be saved, because `mb.load` could not make it anew; "
            f"expected one of {', '.join(network.__name__ for network in models.ALL)}, or a "
            "network of yours wrapped by `mb.Foreign`."
        )
    description = {
        "format": FORMAT,
        "motifbook": __version__,
        "network": type(model).__name__,
        "settings": model.settings,
        "record": None if model.record is None else dataclasses.asdict(model.record),
    }
    content = {"description": json.dumps(description), "state": model.state_dict()}
    write_tensors(content, path)


def load(
    path: str | os.PathLike[str],
    *,
    network: nn.Module | None = None,
    output: foreign_outputs.Output = None,
) -> Network:
    """Read a network written by `save`; nothing in the file is executed.

    Parameters
    ----------
    network
        For a file that holds a network of yours (`Foreign`): one of the same class, made anew; the
        saved weights are written into it.
    output
        The function that was the `output=` of that `Foreign`; files keep no functions.

    Raises
    ------
    InputError
        If the file is not a network of motifbook, or of a later version; if `network` or
        `output` is needed, or does not fit.

    Examples
    --------
    >>> import tempfile, motifbook as mb
    >>> yours = nn.Sequential(nn.Flatten(), nn.Linear(4 * 50, 1))
    >>> model = mb.Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/yours.motifbook")
    ...     anew = nn.Sequential(nn.Flatten(), nn.Linear(4 * 50, 1))
    ...     again = load(f"{folder}/yours.motifbook", network=anew)
    >>> bool((again.network[1].weight == yours[1].weight).all())
    True
    """
    source = _check.existing_file(path)
    description, state = _read(source)
    if description["format"] > FORMAT:
        raise _check.InputError(
            f"{source} has format {description['format']}, written by motifbook "
            f"{description['motifbook']}; this version reads up to {FORMAT}. Update motifbook."
        )
    if description["network"] == Foreign.__name__:
        return _foreign(source, description, state, network=network, output=output).eval()
    by_name = {known.__name__: known for known in models.ALL}
    _check.one_of(description["network"], "network", by_name)
    if network is not None or output is not None:
        raise _check.InputError(
            f"{source} holds a {description['network']} of the book, which is made anew; expected "
            "neither `network` nor `output`. Leave them out."
        )
    with single_precision():
        model: Network = by_name[description["network"]](**description["settings"])
    model.training_hashes = torch.zeros_like(state["training_hashes"])
    model.load_state_dict(state)
    if description["record"] is not None:
        model.record = Record(**description["record"])
    return model.eval()


def _foreign(
    source: Path,
    description: dict[str, Any],
    state: dict[str, torch.Tensor],
    *,
    network: nn.Module | None,
    output: foreign_outputs.Output,
) -> Foreign:
    """Write the saved weights into the user's network, and wrap it as it was."""
    settings, record = description["settings"], Record(**description["record"])
    name = record.details["network"]
    if not isinstance(network, nn.Module) or type(network).__name__ != name:
        raise _check.InputError(
            f"{source} holds the weights of a {name} of yours, `network` is "
            f"{_check.shown(network) if network is None else f'a {type(network).__name__}'}; "
            f"expected a {name}, made anew: `mb.load(path, network={name}(…))`."
        )
    is_function = foreign_outputs.holds_function(settings["output"])
    if is_function != (output is not None):
        had = "was a function, which files do not keep" if is_function else "is in the file"
        do = "Say it again: `mb.load(path, network=…, output=…)`" if is_function else "Leave it out"
        raise _check.InputError(
            f"The `output` of the {name} in {source} {had}; got {_check.shown(output)}. {do}."
        )
    prefix = "network."
    weights = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
    _refuse_other_weights(source, weights, network.state_dict())
    network.load_state_dict(weights)
    chosen = output if is_function else foreign_outputs.read(settings["output"])
    return restored(settings, record, network, chosen)


def _refuse_other_weights(
    source: Path, saved: dict[str, torch.Tensor], own: dict[str, Any]
) -> None:
    """Refuse a network that the saved weights do not fit, before any of it is changed."""
    for key in sorted(set(saved) | set(own)):
        shapes = [
            f"shape {tuple(where[key].shape)}" if key in where else "none" for where in (saved, own)
        ]
        if shapes[0] != shapes[1]:
            raise _check.InputError(
                f"`{key}` has {shapes[0]} in {source} and {shapes[1]} in `network`; expected the "
                "same. Make `network` with the settings that the saved one had."
            )


def _read(source: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return the description and the state of a saved network."""
    with contextlib.suppress(Exception):  # foreign bytes make the unpickler fail in many ways
        content = torch.load(source, weights_only=True, map_location="cpu")
        if isinstance(content, dict) and set(content) == {"description", "state"}:
            description = json.loads(content["description"])
            if "network" in description:
                return description, content["state"]
    raise _check.InputError(
        f"{source} is not a network saved by motifbook. Files of mb.save end in .motifbook; "
        "scramblers go through mb.load_scrambler, a table or FASTA goes through mb.read_table or "
        "mb.read_fasta."
    )
