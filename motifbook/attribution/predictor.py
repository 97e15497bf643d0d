"""A trained network, frozen, asked for some of its readouts on the scale where effects add up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from motifbook import _check
from motifbook.models.network import Network
from motifbook.train.batches import (
    as_tensor,
    encode_batch,
    evaluating,
    pick_device,
    row_batches,
    threads,
)
from motifbook.train.evaluate import trained
from motifbook.train.inputs import Inputs

_lock = threading.Lock()
_fixed: dict[Network, tuple[int, list[tuple[nn.Parameter, bool]]]] = {}  # while blocks run

Combine = Callable[[torch.Tensor], torch.Tensor]
Asked = int | str | slice | Sequence[int | str] | Combine | None


@dataclass(frozen=True)
class Choice:
    """Which readouts are explained.

    Parameters
    ----------
    names, kinds
        Of each; kinds are "binary" or "continuous".
    numbers
        Columns of the network's outputs; all that `combine` is handed.
    combine
        Makes one readout, (n,), of the network's outputs, (n, n_readouts); None for none.
    """

    names: list[str]
    kinds: list[str]
    numbers: list[int]
    combine: Combine | None = None

    @property
    def unit(self) -> str:
        """What the values are in: "logit" for binary readouts, else "readout"."""
        return "logit" if set(self.kinds) == {"binary"} else "readout"


def choose(model: Network, readout: Asked) -> Choice:
    """Find the readouts that were asked for.

    Parameters
    ----------
    readout
        Number or name; several of them, also as a slice of numbers; None for all; or a function
        that makes one value per sequence, (n,), of the network's outputs, (n, n_readouts), logits
        for binary ones.

    Raises
    ------
    InputError
        If the network is untrained or has no such readout.
    """
    record = trained(model)
    everything = list(range(len(record.readouts)))
    if callable(readout):
        name = getattr(readout, "__name__", "combined")
        return Choice([name], ["continuous"], everything, readout)
    numbers = [_number(one, record.readouts) for one in _several(readout, everything)]
    if not numbers or len(set(numbers)) < len(numbers):
        raise _check.InputError(
            f"`readout` is {_check.shown(readout)}; expected one or more different readouts of "
            f"{', '.join(record.readouts)}, or None for all."
        )
    kinds = [record.kinds[number] for number in numbers]
    return Choice([record.readouts[number] for number in numbers], kinds, numbers)


def _several(readout: object, everything: list[int]) -> list[object]:
    """What was asked for, one by one."""
    if readout is None:
        return list(everything)
    if isinstance(readout, slice):
        return list(everything[readout])
    if isinstance(readout, Iterable) and not isinstance(readout, str):
        return list(readout)
    return [readout]


def _number(readout: object, names: list[str]) -> int:
    if isinstance(readout, str):
        _check.one_of(readout, "readout", names)
        return names.index(readout)
    return _check.whole_number(readout, "readout", low=0, high=len(names) - 1)


class Predictor:
    """The network and the readouts asked for; made by `frozen`.

    Attributes
    ----------
    choice
        The readouts.
    n_calls
        Sequences predicted so far.
    """

    def __init__(self, model: Network, choice: Choice, device: torch.device) -> None:
        record = trained(model)
        self.model, self.choice, self.device = model, choice, device
        self.n_letters = model.alphabet.n_letters
        self.n_calls = 0
        self._center = torch.tensor(record.center, dtype=torch.float32, device=device)
        self._scale = torch.tensor(record.scale, dtype=torch.float32, device=device)

    def __call__(self, onehot: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
        """Predict the chosen readouts, (n, n_chosen), with gradients.

        Logits for binary readouts, measured units for continuous ones. `onehot` is
        (n, n_letters, length), relaxed or not; `extra` is (n, n_extra).
        """
        self.n_calls += len(onehot)
        outputs = self.model(onehot, extra) if extra.shape[1] else self.model(onehot)
        has_gradients = torch.is_grad_enabled() and onehot.requires_grad
        if has_gradients and not outputs.requires_grad:
            raise _check.InputError(
                "The network gives no gradients, which this needs: it runs under `torch.no_grad`, "
                "leaves torch, or reads letters by `argmax`; expected torch operations on the "
                '(n, n_letters, length) that it is handed. Use `mb.attribute(…, "mutagenesis")`.'
            )
        values: torch.Tensor = self._center + self._scale * outputs
        if self.choice.combine is None:
            return values[:, self.choice.numbers]
        combined = self.choice.combine(values)
        if not isinstance(combined, torch.Tensor) or combined.shape != (len(onehot),):
            got = getattr(combined, "shape", combined)
            raise _check.InputError(
                f"`readout` made {_check.shown(got)} of outputs of shape {tuple(values.shape)}; "
                f"expected a tensor of shape ({len(onehot)},), one value per sequence."
            )
        _refuse_useless(combined, has_gradients=has_gradients)
        return combined[:, None]

    def onehot(self, letters: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Letter codes, (n, length), as one-hot on the device."""
        return encode_batch(as_tensor(letters).to(self.device), self.n_letters)

    def extra(self, inputs: Inputs) -> torch.Tensor:
        """The numbers beside the letters, on the device."""
        return torch.as_tensor(inputs.extra, device=self.device)

    @torch.no_grad()
    def predict(self, inputs: Inputs, batch_size: int = 512) -> npt.NDArray[np.float32]:
        """Predict the chosen readouts of rows, (n, n_chosen)."""
        values = [np.zeros((0, len(self.choice.names)), dtype=np.float32)]
        for rows in row_batches(inputs.letters.shape, batch_size, self.device):
            part = inputs.rows(rows)
            values.append(self(self.onehot(part.letters), self.extra(part)).cpu().numpy())
        return np.concatenate(values)


def _refuse_useless(combined: torch.Tensor, *, has_gradients: bool) -> None:
    """Refuse what a function of the user's made, if nothing can be explained by it."""
    if not torch.isfinite(combined).all():
        raise _check.InputError("`readout` made NaN or infinity; expected numbers.")
    if has_gradients and not combined.requires_grad:
        raise _check.InputError(
            "`readout` made values that do not depend on the outputs it was handed, or were "
            "detached from them; expected torch operations on these, without `detach` or `numpy`."
        )


@contextlib.contextmanager
def frozen(model: Network, readout: Asked = 0, *, device: str = "auto") -> Iterator[Predictor]:
    """Run a block with the network in evaluation mode, its weights fixed; then put all back.

    Raises
    ------
    InputError
        If the network is untrained or has no such readout.
    """
    choice, place = choose(model, readout), pick_device(device)
    with evaluating(model, place), threads(), _gradients_of_rnns(model), _fixed_weights(model):
        yield Predictor(model, choice, place)


@contextlib.contextmanager
def _fixed_weights(model: Network) -> Iterator[None]:
    """Run a block without gradients of weights; the last of several threads puts them back."""
    with _lock:
        now = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
        n_blocks, needed = _fixed.get(model, (0, now))
        _fixed[model] = n_blocks + 1, needed
        for parameter, _ in needed:
            parameter.requires_grad_(False)
    try:
        yield
    finally:
        with _lock:
            n_blocks, needed = _fixed.pop(model)
            if n_blocks > 1:
                _fixed[model] = n_blocks - 1, needed
            else:
                for parameter, was_needed in needed:
                    parameter.requires_grad_(was_needed)


def _gradients_of_rnns(model: Network) -> contextlib.AbstractContextManager[None]:
    """Run a block without cuDNN, whose recurrent layers give no gradients in evaluation mode."""
    if any(isinstance(part, nn.RNNBase) for part in model.modules()):
        without: contextlib.AbstractContextManager[None]
        without = torch.backends.cudnn.flags(enabled=False)  # type: ignore[no-untyped-call]
        return without
    return contextlib.nullcontext()
