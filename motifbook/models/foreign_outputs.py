"""Which part of what a network of your own returns are the readouts, and on which scale."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from motifbook import _check

Function = Callable[[Any], torch.Tensor]
Output = Function | int | str | slice | tuple[Any, ...] | list[Any] | None

_EXAMPLE = "a function, a number, a key, a slice, a tuple of such steps, or a list of such parts"
_FUNCTION = {"function": True}  # in files, which keep no functions
_PASSES_ON = re.compile(  # autograd steps that move values, or only cut off the ends
    "Alias|AsStrided|Cat|Clamp(Max|Min)?|Clone|Copy|Expand|Index(Select)?|Narrow|Permute|"
    "ReshapeAlias|Select|Slice|Split(WithSizes)?|Squeeze|Stack|T|ToCopy|Transpose|Unbind|"
    "Unsafe(Split|View)|Unsqueeze|View"
)
_LOGARITHMS = {"LogSoftmax", "LogSigmoid"}
_PROBABILITIES = {"Softmax", "Sigmoid"}


def refuse_odd(output: object) -> None:
    """Refuse what `pick` does not understand."""
    parts = output if isinstance(output, (tuple, list)) and output else (output,)
    for part in parts:
        if isinstance(part, (tuple, list)) and part is not output:
            refuse_odd(part)
        elif isinstance(part, bool) or not (
            part is None or callable(part) or isinstance(part, (int, str, slice))
        ):
            raise _check.InputError(
                f"`output` is {_check.shown(output)}; expected {_EXAMPLE}, such as `output=1` or "
                "`output=lambda result: result[1].mean(dim=-1)`."
            )


def pick(result: Any, output: Output) -> Any:
    """Take the readouts out of what a network returned.

    Examples
    --------
    >>> counts = torch.tensor([[1.0, 2.0, 3.0]])
    >>> pick({"profile": None, "counts": counts}, ("counts", slice(0, 2)))
    tensor([[1., 2.]])
    >>> pick((counts, counts[:, 0]), [1, (0, 2)])
    tensor([[1., 3.]])
    """
    if output is None:
        return result
    if isinstance(output, tuple):
        for step in output:
            result = pick(result, step)
        return result
    if isinstance(output, list):
        parts = [pick(result, part) for part in output]
        return torch.cat([part[:, None] if part.ndim == 1 else part for part in parts], dim=1)
    return output(result) if callable(output) else _step(result, output)


def _step(result: Any, step: int | str | slice) -> Any:
    """One column or slice of a tensor, one item of a tuple or dictionary."""
    if isinstance(result, torch.Tensor):
        n_columns = result.shape[1] if result.ndim > 1 else 0
        held = f"a tensor of shape {tuple(result.shape)}"
        if isinstance(step, slice) and n_columns:
            return result[:, step]
        if isinstance(step, int) and -n_columns <= step < n_columns:
            return result[:, step]
    elif isinstance(result, Mapping):
        held = f"a dictionary of {', '.join(map(repr, result))}"
        if not isinstance(step, slice) and step in result:
            return result[step]
    else:
        many = result if isinstance(result, (tuple, list)) else ()
        held = f"a {type(result).__name__}" + (f" of {len(many)}" if many else "")
        if isinstance(step, int) and -len(many) <= step < len(many):
            return many[step]
    raise _check.InputError(
        f"`output` asks for {step!r} of {held}; expected a column of a tensor, (n, n_columns), "
        "a number in a tuple, or a key of a dictionary."
    )


def written(output: Output) -> Any:
    """Return `output` in plain values that JSON keeps; of functions, only that there is one."""
    if isinstance(output, tuple):
        return {"steps": [written(step) for step in output]}
    if isinstance(output, list):
        return [written(part) for part in output]
    if isinstance(output, slice):
        return {"slice": [output.start, output.stop, output.step]}
    return _FUNCTION if callable(output) else output


def holds_function(text: Any) -> bool:
    """Whether what `written` returned stands for a function, or for several steps with one."""
    if isinstance(text, dict):
        return text == _FUNCTION or holds_function(text.get("steps"))
    return isinstance(text, list) and any(map(holds_function, text))


def read(text: Any) -> Output:
    """Return the output that `written` wrote."""
    if isinstance(text, dict):
        if "slice" in text:
            return slice(*text["slice"])
        return tuple(read(step) for step in text["steps"])
    if isinstance(text, list):
        return [read(part) for part in text]
    output: int | str | None = text
    return output


@contextlib.contextmanager
def resting(network: nn.Module, device: torch.device) -> Iterator[None]:
    """Run a block with the network in evaluation mode and gradients on; restore modes and seeds."""
    modes = [(part, part.training) for part in network.modules()]
    network.eval()
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.enable_grad():
            yield
    finally:
        for part, was_training in modes:
            part.training = was_training


def find_scale(values: torch.Tensor) -> tuple[bool | None, str]:
    """Tell probabilities (True) from logits (False) by values and how they were computed.

    None if neither is certain; and a sentence that says why.

    Raises
    ------
    InputError
        If the values are logarithms of probabilities.
    """
    steps = last_steps(values)
    lowest, highest = float(values.detach().min()), float(values.detach().max())
    seen = f"{lowest:.3g} to {highest:.3g} on random sequences"
    if steps & _LOGARITHMS:
        raise _check.InputError(
            f"The network returns logarithms of probabilities ({seen}) for binary readouts; "
            "expected probabilities or logits: `output=lambda result: result.exp()`."
        )
    if lowest < 0 or highest > 1:
        return False, f"Binary readouts are logits: {seen}."
    found = sorted(steps & _PROBABILITIES)
    if found:
        last = found[0].lower()
        return True, f"Binary readouts are probabilities, by their {last}: {seen}."
    return None, f"Whether binary readouts are logits or probabilities is not known: {seen}."


def last_steps(values: torch.Tensor) -> set[str]:
    """What computed the values, looking through everything that only moves them.

    Examples
    --------
    >>> start = torch.zeros(2, 3, requires_grad=True)
    >>> last_steps(torch.stack([start.sigmoid()[:, 0], start.sigmoid()[:, 1]], dim=1))
    {'Sigmoid'}
    """
    names, ahead, seen = set(), [values.grad_fn], set()
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        name = re.sub(r"Backward(s|\d*)$", "", node.name())
        if _PASSES_ON.fullmatch(name):
            ahead += [before for before, _ in node.next_functions]
        else:
            names.add(name)
    return names
