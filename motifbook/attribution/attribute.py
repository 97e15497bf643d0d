"""One door to all attribution methods."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import torch

from motifbook import _check
from motifbook.attribution.background import parts_of
from motifbook.attribution.control import random
from motifbook.attribution.deep_lift import deep_lift_shap
from motifbook.attribution.explained import Method, Request
from motifbook.attribution.gradient import gradient, gradient_x_input, integrated_gradients
from motifbook.attribution.letters import Attribution
from motifbook.attribution.mutagenesis import mutagenesis
from motifbook.attribution.options import AttributeOptions
from motifbook.attribution.predictor import Asked, frozen
from motifbook.models.network import Network
from motifbook.onehot import Letters
from motifbook.train.evaluate import refuse_foreign
from motifbook.train.inputs import inputs_of

if TYPE_CHECKING:
    from anndata import AnnData

_EVERY_LETTER: dict[str, Method] = {
    "mutagenesis": mutagenesis,
    "gradient": gradient,
    "gradient_x_input": gradient_x_input,
    "integrated_gradients": integrated_gradients,
    "deep_lift_shap": deep_lift_shap,
}
_METHODS: dict[str, Method] = {**_EVERY_LETTER, "random": random}


class Attribute:
    """Which letters matter: call it with a network and sequences; `methods` lists the methods.

    One convention for all of them: a value is what the letter that stands there adds to the
    prediction, in units of the readout (logits for binary readouts), and positive where it raises
    it. The scrambler alone says how much of a letter is needed, in bits, without a sign.

    Attributes
    ----------
    methods
        "scrambler"
            Bits of each letter that the mask of a network keeps ("exclusion": removes). That
            network is trained on `adata` first, which is most of its cost; see `mb.fit_scrambler`.
        "mutagenesis"
            Prediction as it is, minus the mean of the predictions with each letter that may stand
            there, the observed one included.
        "gradient"
            Gradient at the observed letter, minus the mean over the letters that may stand there.
        "gradient_x_input"
            Gradient at the observed letter, as it is.
        "integrated_gradients"
            Mean gradient on the straight way from a baseline, at the observed letter minus at the
            baseline (its mean over letters). Sums to the prediction minus that of the baseline.
        "deep_lift_shap"
            DeepLIFT against shuffles of each sequence (tangermeme). Sums to the prediction minus
            the mean of those of the shuffles, if all layers of the network have a rule.
        "random"
            Normal random numbers, the control.
    """

    methods = ("scrambler", *_METHODS)

    def __call__(
        self,
        model: Network,
        adata: AnnData,
        method: str = "scrambler",
        *,
        readout: Asked = 0,
        options: AttributeOptions | None = None,
        seed: int | None = None,
        device: str = "auto",
        batch_size: int = 512,
        progress: bool = True,
    ) -> Attribution:
        """Value of every letter of every sequence.

        Parameters
        ----------
        model
            Trained; several sequences per row are explained joined end to end.
        method
            One of `mb.attribute.methods`.
        readout
            Number or name; several of them, or None for all, whose mean is explained (the
            scrambler: all at once); or a function that makes one value per sequence, (n,), of the
            network's outputs, (n, n_readouts).
        options
            See `AttributeOptions`.
        batch_size
            Sequences that the network reads at once; a scrambler sees to that itself.
        progress
            Whether a scrambler shows how far its training is.

        Returns
        -------
        (n, n_letters, length) float32
            With `method`, `unit`, `signed`, `readout`, `notes` and `cost` (CPU "seconds" and
            "n_calls", sequences predicted). Zero for letters that do not stand there and for
            unknown letters.

        Raises
        ------
        InputError
            If the network is untrained, reads something else, or there is no such method.

        Warns
        -----
        UserWarning
            If DeepLIFT lacks a rule for layers of the network, so that its sums are far off.

        Examples
        --------
        >>> import motifbook as mb
        >>> import torch
        >>> yours = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * 50, 1))
        >>> model = mb.Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
        >>> adata = mb.simulate(n=8, length=50, rule="single", seed=0)
        >>> mb.attribute(model, adata, "mutagenesis")
        <Attribution (8, 4, 50): mutagenesis of activity, in units of the readout, signed>
        """
        _check.one_of(method, "method", self.methods)
        if method == "scrambler":
            return _by_scrambler(
                model,
                adata,
                readout=readout,
                options=options,
                seed=seed,
                device=device,
                progress=progress,
            )
        attribution, letters = _find(
            model,
            adata,
            method,
            readout=readout,
            options=options,
            seed=seed,
            batch_size=batch_size,
            device=device,
        )
        for code in range(attribution.shape[1]):
            attribution[:, code] *= letters == code
        return attribution

    def hypothetical(
        self,
        model: Network,
        adata: AnnData,
        method: str = "mutagenesis",
        *,
        readout: Asked = 0,
        options: AttributeOptions | None = None,
        seed: int | None = None,
        device: str = "auto",
        batch_size: int = 512,
    ) -> Attribution:
        """Value of every letter at every position, also of those that do not stand there.

        For `mb.write_modisco`. Parameters and values as of `mb.attribute`; zero at unknown letters.

        Returns
        -------
        (n, n_letters, length) float32

        Raises
        ------
        InputError
            As `mb.attribute` raises it, and for "scrambler" and "random", which say nothing of
            letters that do not stand there.

        Examples
        --------
        >>> import motifbook as mb
        >>> import torch
        >>> yours = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4 * 50, 1))
        >>> model = mb.Foreign(yours, readouts=["activity"], kinds="continuous", length=50)
        >>> adata = mb.simulate(n=8, length=50, rule="single", seed=0)
        >>> values = mb.attribute.hypothetical(model, adata)
        >>> float(values.sum(axis=1).max().round(3))  # each is measured against their mean
        0.0
        """
        _check.one_of(method, "method", tuple(_EVERY_LETTER))
        attribution, letters = _find(
            model,
            adata,
            method,
            readout=readout,
            options=options,
            seed=seed,
            batch_size=batch_size,
            device=device,
        )
        attribution *= (letters < attribution.shape[1])[:, None]
        return attribution


attribute = Attribute()


def _find(
    model: Network,
    adata: AnnData,
    method: str,
    *,
    readout: Asked,
    options: AttributeOptions | None,
    seed: int | None,
    device: str,
    batch_size: int,
) -> tuple[Attribution, Letters]:
    """Values of all letters at all positions, and the letters that stand there."""
    _check.whole_number(batch_size, "batch_size")
    refuse_foreign(model)
    inputs = inputs_of(model, adata)
    length = inputs.letters.shape[1]
    with frozen(model, readout, device=device) as predictor:
        request = Request(
            inputs,
            parts_of(model, length),
            _settings(options),
            int(_check.generator(seed, "attribution").integers(2**31)),
            batch_size,
        )
        begin = time.process_time()
        found = _METHODS[method](predictor, request)
        cost = {"seconds": time.process_time() - begin, "n_calls": float(predictor.n_calls)}
    if found.caution:
        warnings.warn(found.caution, stacklevel=3)
    names = predictor.choice.names
    attribution = Attribution(
        found.values,
        method=method,
        unit=predictor.choice.unit,
        readout=names[0] if len(names) == 1 else f"the mean of {', '.join(names)}",
        notes=found.notes,
        cost=cost,
    )
    return attribution, inputs.letters


def _settings(options: AttributeOptions | None) -> AttributeOptions:
    example = "mb.AttributeOptions(scrambler=mb.ScramblerOptions(n_steps=500))"
    return _check.options(options, AttributeOptions, example)


def _by_scrambler(
    model: Network,
    adata: AnnData,
    *,
    readout: Asked,
    options: AttributeOptions | None,
    seed: int | None,
    device: str,
    progress: bool,
) -> Attribution:
    """Train a scrambler on the sequences and read its masks; training is part of the cost."""
    from motifbook.attribution.scrambler.fit import fit_scrambler

    settings, n_calls = _settings(options), 0

    def count(_: object, given: tuple[torch.Tensor, ...], __: object) -> None:
        nonlocal n_calls
        n_calls += len(given[0])

    refuse_foreign(model)
    counter = model.register_forward_hook(count)
    began = time.process_time()
    try:
        attribution: Attribution = fit_scrambler(
            model,
            adata,
            mode=settings.mode,
            bits=settings.bits,
            readout=readout,
            options=settings.scrambler,
            seed=seed,
            device=device,
            progress=progress,
        ).attribute(adata)
    finally:
        counter.remove()
    attribution.cost = {"seconds": time.process_time() - began, "n_calls": float(n_calls)}
    return attribution
