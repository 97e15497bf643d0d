"""Save and load trained networks: weights and a plain description, nothing that runs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import torch

from motifbook import __version__, _check, models
from motifbook.models.network import Network, Record
from motifbook.train.evaluate import refuse_foreign

FORMAT = 1


def save(model: Network, path: str | os.PathLike[str]) -> None:
    """Write a network, trained or not, to one file.

    The file holds the state dict and a JSON description; it is replaced in one move.

    Raises
    ------
    InputError
        If `model` is not a network of motifbook, wraps one of yours, or the folder does not exist.
    """
    refuse_foreign(model)
    if type(model) not in models.ALL:
        raise _check.InputError(
            f"A {type(model).__name__} cannot be saved, because `mb.load` could not make it anew; "
            f"expected one of {', '.join(network.__name__ for network in models.ALL)}. Keep your "
            "own network with `torch.save(network.state_dict(), path)`, and wrap it again."
        )
    description = {
        "format": FORMAT,
        "motifbook": __version__,
        "network": type(model).__name__,
        "settings": model.settings,
        "record": None if model.record is None else dataclasses.asdict(model.record),
    }
    content = {"description": json.dumps(description), "state": model.state_dict()}
    with _check.new_file(path) as part, part.open("wb") as stream:
        torch.save(content, stream)


def load(path: str | os.PathLike[str]) -> Network:
    """Read a network written by `save`; nothing in the file is executed.

    Raises
    ------
    InputError
        If the file is not a network of motifbook, or of a later version.
    """
    source = _check.existing_file(path)
    description, state = _read(source)
    if description["format"] > FORMAT:
        raise _check.InputError(
            f"{source} has format {description['format']}, written by motifbook "
            f"{description['motifbook']}; this version reads up to {FORMAT}. Update motifbook."
        )
    by_name = {network.__name__: network for network in models.ALL}
    _check.one_of(description["network"], "network", by_name)
    model: Network = by_name[description["network"]](**description["settings"])
    model.training_hashes = torch.zeros_like(state["training_hashes"])
    model.load_state_dict(state)
    if description["record"] is not None:
        model.record = Record(**description["record"])
    return model.eval()


def _read(source: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return the description and the state of a saved network."""
    with contextlib.suppress(Exception):  # foreign bytes make the unpickler fail in many ways
        content = torch.load(source, weights_only=True, map_location="cpu")
        if isinstance(content, dict) and set(content) == {"description", "state"}:
            return json.loads(content["description"]), content["state"]
    raise _check.InputError(
        f"{source} is not a network saved by motifbook. Files of mb.save end in .motifbook; "
        "a table or FASTA goes through mb.read_table or mb.read_fasta."
    )
