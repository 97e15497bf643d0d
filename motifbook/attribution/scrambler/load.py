"""Load scramblers; nothing in their files is executed."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from motifbook import _check
from motifbook.attribution.background import Background, make_background, parts_of
from motifbook.attribution.scrambler.files import FORMAT, signature
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.attribution.scrambler.objective import Objective
from motifbook.attribution.scrambler.options import ScramblerOptions
from motifbook.attribution.scrambler.rows import Training
from motifbook.attribution.scrambler.scorer import Scorer
from motifbook.attribution.scrambler.scrambler import Scrambler
from motifbook.models.network import Network
from motifbook.train.batches import pick_device

_SAMPLE = ("watched", "scores", "letters", "extra", "prediction")
_PARTS = {"scorer", "probabilities", "fixed", *_SAMPLE}


def load_scrambler(
    path: str | os.PathLike[str], model: Network, *, device: str = "auto"
) -> Scrambler:
    """Read a scrambler written by `Scrambler.save`; nothing in the file is executed.

    Parameters
    ----------
    model
        The network that it explains, which the file does not hold.
    device
        Where it reads.

    Raises
    ------
    InputError
        If the file is not a scrambler, is of a later version, or explains another network.
    """
    source = _check.existing_file(path)
    said, state = _read(source)
    if said["format"] > FORMAT:
        raise _check.InputError(
            f"{source} has format {said['format']}, written by motifbook {said['motifbook']}; this "
            f"version reads up to {FORMAT}. Update motifbook."
        )
    _refuse_other_network(said["model"], model, source)
    options = ScramblerOptions(**{**said["options"], "reads": tuple(said["options"]["reads"])})
    training = Training(
        rows=None,
        history=pd.DataFrame(said["history"]),
        ceiling=said["ceiling"],
        notes=said["notes"],
        **{name: state[name].numpy() for name in _SAMPLE},
    )
    scrambler = Scrambler(
        model,
        said["readout"],
        scorer=_scorer(state["scorer"], model, state["letters"].shape[1], options),
        rule=_rule(said, state, model),
        options=options,
        bits=said["bits"],
        seed=said["seed"],
        training=training,
    )
    pick_device(device)  # refuses one that is not here
    scrambler.usual_bits, scrambler.device = said["usual_bits"], device
    return scrambler


def _refuse_other_network(saved: dict[str, Any], model: Network, source: Path) -> None:
    for name, got in signature(model).items():
        if got != saved[name]:
            raise _check.InputError(
                f"`model` has {name} {got}; expected {saved[name]}, of the network that the "
                f"scrambler in {source.name} was trained for. Load that network with `mb.load`."
            )


def _scorer(
    state: dict[str, torch.Tensor], model: Network, length: int, options: ScramblerOptions
) -> Scorer:
    n_beside = len(state["mean"])
    scorer = Scorer(
        model.alphabet.n_letters,
        model.spans(length),
        inputs=options.inputs,
        beside=torch.zeros(2, n_beside) if n_beside else None,
        reads_dropped=options.mask_dropout > 0,
        smoothing=options.smoothing,
        settings=options.network,
    )
    scorer.load_state_dict(state)
    return scorer.eval()


def _rule(said: dict[str, Any], state: dict[str, torch.Tensor], model: Network) -> MaskRule:
    name, probabilities = said["background"], state["probabilities"].numpy()
    background = Background(name, probabilities)
    if name == "dinucleotide":
        letters = state["letters"].numpy()
        parts = parts_of(model, letters.shape[1])
        made = make_background(name, letters, parts, model.alphabet.n_letters)
        background = Background(name, probabilities, made.sampler)
    lists = ("kinds", "middle", "variance")
    objective: dict[str, Any] = {
        key: tuple(value) if key in lists else value for key, value in said["objective"].items()
    }
    return MaskRule(
        Objective(**objective), background, np.asarray(state["fixed"].numpy()), **said["rule"]
    )


def _read(source: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the description and the state of a saved scrambler."""
    with contextlib.suppress(Exception):  # foreign bytes make the unpickler fail in many ways
        content = torch.load(source, weights_only=True, map_location="cpu")
        if set(content) == {"description", "state"} and set(content["state"]) == _PARTS:
            return json.loads(content["description"]), content["state"]
    raise _check.InputError(
        f"{source} is not a scrambler saved by motifbook; expected a file of `scrambler.save`. "
        "Networks are read by `mb.load`."
    )
