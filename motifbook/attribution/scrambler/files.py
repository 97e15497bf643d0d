"""Save scramblers: weights, numbers and a plain description, nothing that runs."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from motifbook import __version__, _check
from motifbook.attribution.scrambler.mask_rule import MaskRule
from motifbook.models.network import Network
from motifbook.train.evaluate import trained
from motifbook.train.tensors import write_tensors

if TYPE_CHECKING:
    from motifbook.attribution.scrambler.scrambler import Scrambler

FORMAT = 1
_UNSAVED = ("fixed", "watch")  # of the options: `rule.fixed` says it; a function


def save_scrambler(scrambler: Scrambler, path: str | os.PathLike[str]) -> None:
    """Write a scrambler to one file; see `Scrambler.save`."""
    _refuse_functions(scrambler)
    rule, options = scrambler.rule, dataclasses.asdict(scrambler.options)
    description = {
        "format": FORMAT,
        "motifbook": __version__,
        "model": signature(scrambler.model),
        "readout": scrambler.choice.numbers,
        "objective": dataclasses.asdict(rule.objective),
        "rule": {name: getattr(rule, name) for name in _words(rule)},
        "background": rule.background.name,
        "options": {name: value for name, value in options.items() if name not in _UNSAVED},
        "bits": scrambler.bits,
        "usual_bits": scrambler.usual_bits,
        "ceiling": scrambler.ceiling,
        "seed": scrambler.seed,
        "notes": scrambler.notes,
        "history": scrambler.history.to_dict("list"),
    }
    state = {
        "scorer": scrambler.scorer.state_dict(),
        "probabilities": torch.as_tensor(rule.background.probabilities),
        "fixed": torch.as_tensor(rule.fixed),
        "watched": torch.as_tensor(scrambler.training.watched),
        "scores": torch.as_tensor(scrambler.training.scores),
        "letters": torch.as_tensor(scrambler.training.letters),
        "extra": torch.as_tensor(scrambler.training.extra),
        "prediction": torch.as_tensor(scrambler.training.prediction),
    }
    content = {"description": json.dumps(description, default=_plain), "state": state}
    write_tensors(content, path)


def _plain(value: object) -> object:
    """A number of NumPy as one of Python."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not JSON serializable")


def _words(rule: MaskRule) -> list[str]:
    """Fields of a rule that are plain text."""
    return [field.name for field in dataclasses.fields(rule) if field.type == "str"]


def _refuse_functions(scrambler: Scrambler) -> None:
    """A function cannot be written without running it when it is read."""
    functions = {
        "readout": scrambler.choice.combine is not None,
        "divergence": callable(scrambler.options.divergence),
        "background": scrambler.rule.background.name == "sampler",
    }
    for name, is_function in functions.items():
        if is_function:
            raise _check.InputError(
                f"`{name}` is a function of yours, which no file of motifbook can hold; expected a "
                "scrambler without one. Keep its masks instead: `scrambler.attribute(adata)`."
            )


def signature(model: Network) -> dict[str, Any]:
    """What two networks must share so that one scrambler can explain both."""
    record = trained(model)
    return {
        "readouts": record.readouts,
        "kinds": record.kinds,
        "letters": model.alphabet.letters,
        "length": record.length,
    }
