"""Any torch network of yours, in the shape that the book's functions expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from motifbook import _check
from motifbook.alphabet import Alphabet, named, written
from motifbook.models.foreign_inputs import (
    AXES,
    Input,
    checked_columns,
    checked_inputs,
    checked_readouts,
    ends,
    largest_alphabet,
    random_onehot,
    take_apart,
)
from motifbook.models.foreign_outputs import Output, find_scale, pick, refuse_odd, resting
from motifbook.models.foreign_outputs import written as written_output
from motifbook.models.network import Network, Phase, Record

_MANY = 20  # sequences whose outputs tell probabilities from logits
_MANY_LETTERS = 20_000  # fewer of long ones, whose networks are large


class Foreign(Network):
    """Wrap a trained torch network, so that predictions, experiments and variants accept it.

    The network stays as it is: it is never trained here, and its device and mode are restored.

    Parameters
    ----------
    network
        Yours, with its weights.
    readouts
        Names of what it predicts.
    kinds
        "binary" or "continuous", one word for all readouts or one for each.
    length
        Letters of the sequences it reads; needed unless you say `inputs`.
    alphabet
        "DNA", "RNA", "protein", or your own `Alphabet`; its letters are in the order in which
        the network reads them. Unknown letters are zeros.
    axes
        What the network takes: "letters first", (n, n_letters, length), or "letters last",
        (n, length, n_letters).
    output
        Takes (n, n_readouts) from what the network returns; needed unless it is that already. A
        number (item of a tuple, column of a tensor), a key of a dictionary, a slice of columns, a
        tuple of such steps one after another, a list of such parts side by side, or a function.
        Example: ``output=lambda result: result[1].mean(dim=-1)``.
    probabilities
        Whether the network returns probabilities for binary readouts (True) or logits (False).
        If you do not say, a few random sequences do: values outside 0 to 1 are logits, those of a
        sigmoid or softmax are probabilities. Where that leaves it open, values that look like
        probabilities are refused. `repr` tells what was found.
    inputs
        Instead of `length`, `alphabet` and `axes`, for a network that reads several sequences of
        each row: column of `adata.obs` -> `Input`; "sequence" is the column of the book's own
        sequences. The network is called with one tensor for each, in this order.
    extra
        Columns of `adata.obs` whose numbers the network reads beside the sequences, as one last
        tensor, (n, n_extra).

    Raises
    ------
    InputError
        If an argument does not fit; when it predicts, if what the network returns does not.

    Examples
    --------
    >>> import motifbook as mb
    >>> yours = nn.Sequential(nn.Flatten(), nn.Linear(4 * 50, 1))
    >>> model = Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
    >>> mb.predict(model, mb.simulate(n=8, length=50, rule="single", seed=0)).shape
    (8, 1)

    Logits or probabilities:

    >>> yours = nn.Sequential(nn.Flatten(), nn.Linear(4 * 50, 1), nn.Sigmoid())
    >>> Foreign(yours, readouts=["bound"], kinds="binary", length=50).probabilities
    True

    Two sequences per row:

    >>> class Shared(nn.Module):
    ...     def forward(self, first, second):
    ...         return (first[:, :, :10] * second).sum(dim=(1, 2))
    >>> two = {"sequence": Input(50), "partner": Input(10)}
    >>> model = Foreign(Shared(), readouts=["n_shared"], kinds="continuous", inputs=two)
    >>> adata = mb.simulate(n=8, length=50, rule="single", seed=0)
    >>> adata.obs["partner"] = [sequence[:10] for sequence in adata.obs["sequence"]]
    >>> mb.predict(model, adata)[:, 0].tolist() == [10.0] * 8
    True
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        readouts: Sequence[str],
        kinds: str | Sequence[str],
        length: int | None = None,
        alphabet: str | Alphabet = "DNA",
        axes: str = "letters first",
        output: Output = None,
        probabilities: bool | None = None,
        inputs: Mapping[str, Input] | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        _refuse_no_network(network)
        names, words = checked_readouts(readouts, kinds)
        several = {} if inputs is None else checked_inputs(inputs, length)
        layout = list(several.values()) or [Input(_needed(length), alphabet, axes)]
        _check.one_of(probabilities, "probabilities", (None, True, False))
        refuse_odd(output)
        super().__init__(len(names), largest_alphabet(layout), {})
        self.network, self.output, self.probabilities = network, output, probabilities
        self.inputs, self.layout = several, layout
        self.extra_names = checked_columns(extra)
        is_binary = torch.tensor([word == "binary" for word in words])
        self.register_buffer("is_binary", is_binary, persistent=False)
        self.is_binary: torch.Tensor
        zeros, ones = [0.0] * len(names), [1.0] * len(names)
        details = {"network": type(network).__name__}
        self.length = sum(one.length for one in layout)
        self.record: Record = Record(names, words, zeros, ones, self.length, details)
        self.training = network.training
        if probabilities is None and is_binary.any():
            self._find_scale()
        self.settings |= self._plain()

    def phases(self) -> Sequence[Phase]:
        """Refuse: a network of somebody else's stays as it was trained."""
        raise _check.InputError(
            "A Foreign network is not trained here; expected a network of the book, such as "
            "`mb.MotifSyntaxNet(n_readouts=adata.n_vars)`. Train yours as you did before, and "
            "wrap it again."
        )

    def spans(self, length: int) -> list[tuple[int, int]]:
        """First letter and end of each sequence among `length` joined letters."""
        self._refuse_other_length(length)
        return ends(self.layout)

    def forward(self, onehot: torch.Tensor, extra: torch.Tensor | None = None) -> torch.Tensor:
        """Predict readouts, (n, n_readouts), from one-hot sequences, (n, n_letters, length).

        Logits for binary readouts, whatever the network returns. Several sequences per row stand
        end to end; `extra` is (n, n_extra).
        """
        self.check_input(onehot)
        self._refuse_other_length(onehot.shape[2])
        return self._logits(self._ask(onehot, extra))

    def extra_repr(self) -> str:
        """Return the readouts, and what was found of their scale."""
        return f"readouts={self.record.readouts}. {self.record.details.get('scale', '')}".rstrip()

    def _ask(self, onehot: torch.Tensor, extra: torch.Tensor | None) -> torch.Tensor:
        """Return the readouts, (n, n_readouts), as the network returns them."""
        given = take_apart(onehot, self.layout) + self._numbers(extra)
        own = next((p.dtype for p in self.network.parameters() if p.is_floating_point()), None)
        try:
            result = self.network(*[part.to(own) if own else part for part in given])
            values = pick(result, self.output)
        except _check.InputError:
            raise
        except Exception as error:  # whatever somebody else's network raises
            shapes = " and ".join(str(tuple(part.shape)) for part in given)
            raise _check.InputError(
                f"Your {type(self.network).__name__} cannot read inputs of shape {shapes}, or "
                f"`output` its result ({_check.reason(error)}). Check `axes`, here "
                f"{self.layout[0].axes!r}, `length`, `inputs` and `output`."
            ) from error
        return self._as_table(values, len(onehot))

    def _find_scale(self) -> None:
        """Find out by random sequences whether binary readouts are logits or probabilities.

        A network that cannot read them here, for want of a GPU or of sensible numbers beside
        them, stays as it is: it may well do so later.
        """
        parts = [*self.network.parameters(), *self.network.buffers(), torch.zeros(())]
        device = parts[0].device
        n = min(_MANY, max(2, _MANY_LETTERS // self.length))
        shown = random_onehot(self.layout, n, seed=0).to(device).requires_grad_()
        beside = torch.zeros(n, len(self.extra_names), device=device)
        with resting(self.network, device):
            try:
                values = self._ask(shown, beside)[:, self.is_binary]
            except _check.InputError:
                return
            self.probabilities, said = find_scale(values)
        self.record.details["scale"] = said

    def _plain(self) -> dict[str, Any]:
        """What `restored` needs, in plain values."""
        inputs = {
            name: {**asdict(one), "alphabet": written(named(one.alphabet))}
            for name, one in zip(self.inputs or [""], self.layout)
        }
        return {
            "inputs": inputs,
            "extra": list(self.extra_names),
            "output": written_output(self.output),
            "probabilities": self.probabilities,
        }

    def _numbers(self, extra: torch.Tensor | None) -> list[torch.Tensor]:
        """What is handed over after the sequences."""
        columns, n = ", ".join(self.extra_names), len(self.extra_names)
        if extra is None and not n:
            return []
        if extra is None:
            raise _check.InputError(
                f"This network reads {columns} of `adata.obs` beside the letters, and was given "
                "letters alone; expected a function that hands over both, such as `mb.predict` "
                "or `mb.attribute`. To hold them fixed, wrap a network that fills them in."
            )
        _check.shape(extra, "extra", f"(n, n_extra) = (n, {n})", None, n, hint=columns)
        return [extra] if n else []

    def _refuse_other_length(self, length: int) -> None:
        if length == self.length:
            return
        if self.inputs:
            parts = " and ".join(f"{one.length} of {name!r}" for name, one in self.inputs.items())
            raise _check.InputError(
                f"The network reads {parts}, {self.length} letters of each row, and was given "
                f"{length}; expected a function that hands over all of them, such as `mb.predict` "
                "or `mb.attribute`. To hold one fixed, wrap a network that fills it in."
            )
        raise _check.InputError(
            f"The sequences have {length} letters, the network reads {self.length}; expected "
            f"that many. `length={self.length}` cuts or pads them so, in `mb.read_bed` and others."
        )

    def _as_table(self, values: object, n: int) -> torch.Tensor:
        """Return (n, n_readouts); refuse anything else."""
        if isinstance(values, torch.Tensor):
            if values.shape == (n,) and self.n_readouts == 1:
                values = values[:, None]
            if values.shape == (n, self.n_readouts) and not values.is_complex():
                return _finite(values.float())
            got = f"a tensor of shape {tuple(values.shape)}"
        else:
            got = _check.shown(values) if values is None else f"a {type(values).__name__}"
        where = "The network returned" if self.output is None else "`output` made"
        raise _check.InputError(
            f"{where} {got} for {n} sequences; expected (n, n_readouts) = ({n}, "
            f"{self.n_readouts}). Say how to reduce it, such as `output=lambda result: …`."
        )

    def _logits(self, values: torch.Tensor) -> torch.Tensor:
        """Binary readouts as logits, (n, n_readouts)."""
        binary = values[:, self.is_binary]
        if not binary.numel():
            return values
        lowest, highest = (float(value) for value in binary.detach().aminmax())
        if self.probabilities and (lowest < 0 or highest > 1):
            raise _check.InputError(
                f"The network returned {lowest:.3g} to {highest:.3g} for binary readouts; expected "
                "probabilities. If these are logits, use `probabilities=False`."
            )
        if self.probabilities is None and len(values) >= _MANY and lowest > 0 and highest < 1:
            raise _check.InputError(
                f"The network returned {lowest:.3g} to {highest:.3g} for binary readouts: these "
                "look like probabilities. Say `probabilities=True`, or `probabilities=False` if "
                "they are logits all the same."
            )
        if not self.probabilities:
            return values
        return torch.where(self.is_binary, torch.logit(values, eps=1e-6), values)


def _needed(length: int | None) -> int:
    if length is None:
        raise _check.InputError(
            "`length` is None; expected the letters of the sequences that the network reads, or "
            'several sequences, such as `inputs={"sequence": mb.models.Input(60)}`.'
        )
    return length


def _finite(values: torch.Tensor) -> torch.Tensor:
    bad = ~torch.isfinite(values).all(dim=1)
    if bad.any():
        raise _check.InputError(
            f"Your network predicts NaN or infinity for {int(bad.sum())} of {len(values)} "
            "sequences; expected numbers. Unknown letters are zeros: leave such sequences out."
        )
    return values


def _refuse_no_network(network: object) -> None:
    if isinstance(network, Network):
        raise _check.InputError(
            f"`network` is a {type(network).__name__} of the book already; expected another torch "
            "network. Use it as it is."
        )
    if not isinstance(network, nn.Module):
        raise _check.InputError(
            f"`network` is {_check.shown(network)}; expected a torch network with its weights."
        )


def restored(
    settings: dict[str, Any], record: Record, network: nn.Module, output: Output
) -> Foreign:
    """Wrap a network as the one was whose `settings` and `record` are given; see `mb.load`."""
    inputs = {name: Input(**one) for name, one in settings["inputs"].items()}
    alone = inputs.get("")
    model = Foreign(
        network,
        readouts=record.readouts,
        kinds=record.kinds,
        length=alone.length if alone else None,
        alphabet=alone.alphabet if alone else "DNA",
        axes=alone.axes if alone else AXES[0],
        output=output,
        probabilities=settings["probabilities"],
        inputs=None if alone else inputs,
        extra=settings["extra"],
    )
    model.record = record
    return model
