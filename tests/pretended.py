"""A device that is not there: real numbers, kept apart from those of the CPU as a GPU keeps them.

Under `device_apart` torch seems to have Apple's MPS. Tensors sent there are a class of their own
that computes on the CPU: mixing them with tensors of the CPU is refused, and so is what MPS has
not, numbers of 64 bits. It rests on a private switch of torch, `_set_only_lift_cpu_tensors`, which
torch 2.13 has (others were not looked at); tests are skipped where it is absent.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from unittest import mock

import numpy as np
import pytest
import torch
from lightning.fabric.accelerators import MPSAccelerator
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

APART = torch.device("mps", 0)
_MAKERS = (torch.tensor, torch.as_tensor)
_INDEXERS = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
_FORBIDDEN = (torch.float64, torch.complex128)


class Apart(torch.Tensor):
    """A tensor on the pretended device; `near` holds its numbers."""

    @staticmethod
    def __new__(cls, near):
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            near.shape,
            strides=near.stride(),
            storage_offset=near.storage_offset(),
            dtype=near.dtype,
            device="meta",
            requires_grad=near.requires_grad,
        )
        made.near = near
        return made

    @property
    def device(self):
        return APART

    def __repr__(self):
        return f"Apart({self.near})"

    def tolist(self):
        return self.near.tolist()

    @classmethod
    def __torch_dispatch__(cls, operation, types, args=(), kwargs=None):
        return _compute(operation, args, kwargs or {})


class _Dispatch(TorchDispatchMode):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if any(isinstance(one, Apart) for one in _tensors(args, kwargs or {})):
            self.seen[operation.overloadpacket.__name__] += 1
        return _compute(operation, args, kwargs or {})


class _Making(TorchFunctionMode):
    """Tells torch's own code "meta" for the pretended device, which it has no code for."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.device:
            return function(*args, **(kwargs or {}))
        args, kwargs = _each(_as_meta, args), _each(_as_meta, kwargs or {})
        if function in _INDEXERS:  # lists become tensors that have no numbers otherwise
            index = tuple(_as_index(one) for one in _as_tuple(args[1]))
            return function(args[0], index, *args[2:])
        if function in _MAKERS and "device" in kwargs and _is_apart(kwargs["device"]):
            del kwargs["device"]
            return function(*args, **kwargs).to("meta")
        return function(*args, **kwargs)


def _each(change, value):
    """A function applied to all that lists, tuples and dictionaries hold; quicker than torch's."""
    if type(value) in (tuple, list):
        return type(value)([_each(change, one) for one in value])
    if type(value) is dict:
        return {key: _each(change, one) for key, one in value.items()}
    return change(value)


def _as_meta(value):
    return torch.device("meta") if _is_apart(value) else value


def _as_near(value):
    return value.near if isinstance(value, Apart) else value


def _tensors(args, kwargs):
    found = []
    _each(lambda one: found.append(one) if isinstance(one, torch.Tensor) else None, [args, kwargs])
    return found


def _as_tuple(index):
    return index if isinstance(index, tuple) else (index,)


def _as_index(one):
    if not isinstance(one, (list, range, np.ndarray)):
        return one
    return torch.as_tensor(np.asarray(one)) if len(one) else torch.zeros(0, dtype=torch.int64)


def _is_apart(device):
    if isinstance(device, str):
        return device.partition(":")[0] in ("mps", "meta")
    return isinstance(device, torch.device) and device.type in ("mps", "meta")


def _compute(operation, args, kwargs):
    """Compute on the CPU what was asked for there, and send the result to where it belongs."""
    tensors = _tensors(args, kwargs)
    apart = [one for one in tensors if isinstance(one, Apart)]
    name = operation.overloadpacket.__name__
    _refuse_mixed(name, tensors, apart)
    if any(one.is_meta and not isinstance(one, Apart) for one in tensors):
        raise RuntimeError(f"`{name}` reads a tensor that was made behind the pretended device.")
    near = _each(_as_near, args), _each(_as_near, dict(kwargs))
    goes_apart = bool(apart)
    if kwargs.get("device") is not None:
        goes_apart = _is_apart(kwargs["device"])
        near[1]["device"] = torch.device("cpu")
    made = operation(*near[0], **near[1])
    if name == "copy_":
        return args[0]

    def placed(value):
        same = [one for one in apart if one.near is value]  # what worked in place
        if same or not isinstance(value, torch.Tensor) or not goes_apart:
            return same[0] if same else value
        if value.dtype in _FORBIDDEN:
            raise TypeError(f"`{name}` makes {value.dtype} on the device, which MPS has not.")
        return Apart(value)

    return _each(placed, made)


def _refuse_mixed(name, tensors, apart):
    """Refuse what a GPU refuses: single numbers and indices of the CPU alone may come along."""
    if not apart or name in ("copy_", "_to_copy"):
        return
    near = [one for one in tensors if not isinstance(one, Apart) and one.dim()]
    if name in ("index", "index_put", "index_put_"):
        near = [one for one in near if one.dtype not in (torch.int64, torch.bool, torch.uint8)]
    if near:
        shapes = [tuple(one.shape) for one in near]
        raise RuntimeError(f"`{name}` mixes devices: {shapes} on the CPU, others are not.")


@contextlib.contextmanager
def device_apart():
    """Run a block in which device="auto" is the pretended one; yields a count of its operations."""
    if not hasattr(torch._C, "_set_only_lift_cpu_tensors"):
        pytest.skip("this torch lacks the switch that a pretended device rests on")
    seen = Counter()
    with (
        mock.patch.object(torch.backends.mps, "is_available", return_value=True),
        mock.patch.object(torch.mps, "manual_seed"),
        mock.patch.object(torch.cuda, "is_available", return_value=False),
        mock.patch.object(MPSAccelerator, "is_available", return_value=True),
        _Dispatch(seen),
        _Making(),
    ):
        torch._C._set_only_lift_cpu_tensors(True)
        try:
            yield seen
        finally:
            torch._C._set_only_lift_cpu_tensors(False)
