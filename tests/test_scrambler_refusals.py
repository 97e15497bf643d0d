"""What scramblers refuse, in words, rather than fail at or answer with NaN."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from toys import book, linear

import motifbook as mb
from motifbook._check import InputError

LENGTH = 12
QUICK = mb.ScramblerOptions(n_steps=2, n_rows=8)


def sequences(n: int = 40, letters: str = "ACGT", length: int = LENGTH) -> list[str]:
    rng = np.random.default_rng(0)
    return ["".join(row) for row in rng.choice(list(letters), (n, length))]


def fit(model: mb.Foreign, rows: list[str], **changes):
    settings = {"options": QUICK, "seed": 0, "progress": False, "bits": 0.2, **changes}
    return mb.fit_scrambler(model, book(rows), **settings)


@pytest.mark.filterwarnings("ignore:Its masks are no better")
def test_letters_without_a_background_are_refused_at_reading_too():
    model, few = linear(LENGTH), sequences(letters="AC")
    background = [0.5, 0.5, 0, 0]
    scrambler = fit(model, few, background=background)
    assert np.isfinite(scrambler.importance()).all()
    for read in (scrambler.importance, scrambler.attribute, scrambler.explain):
        with pytest.raises(InputError, match="gives letter 2 probability 0 at position"):
            read(book(sequences()))
    both = book([*few, *sequences(5)])
    both.obs["split"] = ["train"] * 40 + ["validation"] * 5
    with pytest.raises(InputError, match="gives letter 2 probability 0 at position"):
        mb.fit_scrambler(
            model, both, bits=0.2, background=background, options=QUICK, seed=0, progress=False
        )


@pytest.mark.filterwarnings("ignore:Its masks are no better")
@pytest.mark.parametrize("is_loaded", [False, True])
def test_another_network_of_the_same_kind_is_refused(is_loaded, tmp_path):
    model = linear(LENGTH)
    scrambler = fit(model, sequences())
    if is_loaded:
        scrambler.save(tmp_path / "some.scrambler")
        scrambler = mb.load_scrambler(tmp_path / "some.scrambler", linear(LENGTH, seed=9))
    else:
        with torch.no_grad():
            model.network[1].weight.mul_(-3)
    for adata in (book(sequences()), None):
        with pytest.raises(InputError, match="predicts otherwise than when the scrambler was tr"):
            scrambler.explain(adata)


@pytest.mark.parametrize("bits", [None, 0.2, "5%"])
def test_nothing_to_select(bits):
    with pytest.raises(InputError, match="hold 0 bits; expected known letters"):
        fit(linear(LENGTH), ["N" * LENGTH] * 10, bits=bits)


def test_one_letter():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    model = mb.Foreign(network, readouts=["y"], kinds="continuous", length=1)
    with pytest.raises(InputError, match="A sequence has 1 letter; expected 2 or more"):
        fit(model, sequences(length=1))


@pytest.mark.parametrize(
    ("readout", "words"),
    [
        (lambda outputs: outputs[:, 0].detach(), "do not depend on the outputs"),
        (lambda outputs: torch.ones(len(outputs)), "do not depend on the outputs"),
        (lambda outputs: outputs[:, 0] * torch.nan, "`readout` made NaN or infinity"),
    ],
)
def test_functions_of_readouts_that_explain_nothing(readout, words):
    with pytest.raises(InputError, match=words):
        fit(linear(LENGTH), sequences(), readout=readout)
    with pytest.raises(InputError, match=words):
        mb.attribute(linear(LENGTH), book(sequences()), "gradient", readout=readout)


def test_divergence_without_gradients():
    options = mb.ScramblerOptions(n_steps=2, divergence=lambda reference, drawn: reference[:, 0])
    with pytest.raises(InputError, match="values that do not depend on the draws"):
        fit(linear(LENGTH), sequences(), options=options)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reads": None}, "`reads` is None; expected"),
        ({"reads": "measured"}, "`reads` is 'measured'; expected"),
        ({"network": None}, "`network` is None; expected"),
    ],
)
def test_options_of_another_type(changes, words):
    with pytest.raises(InputError, match=words):
        mb.ScramblerOptions(**changes)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({"n_filters": 0}, "`n_filters` is 0; expected a whole number"),
        ({"dilations": 3}, "`dilations` is 3; expected such as"),
        ({"dilations": (1, 0)}, "`dilations` is 0; expected a whole number"),
        ({"dropout": 2}, "`dropout` is 2; expected a number between 0 and 1"),
    ],
)
def test_networks_that_cannot_be_made(network, words):
    options = mb.ScramblerOptions(n_steps=2, network=network)
    with pytest.raises(InputError, match=words):
        fit(linear(LENGTH), sequences(), options=options)


@pytest.mark.filterwarnings("ignore:Its masks are no better")
def test_files_hold_numbers_of_numpy_and_are_no_networks(tmp_path):
    model, path = linear(LENGTH), tmp_path / "x.scrambler"
    options = mb.ScramblerOptions(n_steps=np.int64(2), network={"n_filters": np.int64(8)})
    scrambler = fit(model, sequences(), bits=np.float32(0.2), options=options)
    scrambler.save(path)
    again = mb.load_scrambler(path, model).importance(book(sequences()))
    assert (again == scrambler.importance()).all()
    with pytest.raises(InputError, match=r"scramblers go through mb\.load_scrambler"):
        mb.load(path)
    with pytest.raises(InputError, match="expected an AnnData, or sequences as texts"):
        scrambler.importance([None])


def test_networks_of_torch_are_refused_before_anything_else():
    adata = book(sequences())
    with pytest.raises(InputError, match="`model` is a Linear; expected a network"):
        mb.attribute(nn.Linear(2, 2), adata, "gradient")
    with pytest.raises(InputError, match="`model` is a Linear; expected a network"):
        mb.fidelity(nn.Linear(2, 2), adata, {})
    with pytest.raises(InputError, match="`curves` is an AnnData; expected such as"):
        mb.plot.distortion(adata)


def test_smoothing_wider_than_the_sequence_is_its_mean():
    from motifbook.attribution.scrambler.scorer import smooth

    score = torch.arange(6.0)[None]
    assert torch.allclose(smooth(score, 1e6, [(0, 6)]), torch.full((1, 6), 2.5))


def test_networks_without_gradients_are_refused_where_gradients_are_needed():
    class Counts(nn.Module):
        def forward(self, onehot: torch.Tensor) -> torch.Tensor:
            return (onehot.argmax(dim=1) == 2).float().sum(dim=1, keepdim=True)

    model = mb.Foreign(Counts(), readouts=["n_g"], kinds="continuous", length=LENGTH)
    adata = book(sequences())
    for method in ("gradient", "integrated_gradients", "deep_lift_shap"):
        with pytest.raises(InputError, match="gives no gradients, which this needs"):
            mb.attribute(model, adata, method, seed=0)
    with pytest.raises(InputError, match="gives no gradients, which this needs"):
        fit(model, sequences())
    values = mb.attribute(model, adata, "mutagenesis").per_position()
    is_g = np.array([list(row) for row in sequences()]) == "G"
    assert np.allclose(values, np.where(is_g, 0.75, -0.25))


def test_widgets_say_what_they_were_given():
    adata = book(sequences())
    with pytest.raises(InputError, match="`scrambler` is 5; expected such as"):
        mb.widgets.PositionExplorer(linear(LENGTH), adata, scrambler=5)
    with pytest.raises(InputError, match="`options` is 5; expected such as"):
        mb.widgets.ScramblerTraining(linear(LENGTH), adata, options=5)
    with pytest.raises(InputError, match="`mode` is 'x'; expected one of"):
        mb.widgets.ScramblerTraining(linear(LENGTH), adata, mode="x")


def test_swapped_arguments_of_seqlets():
    adata, values = book(sequences()), np.zeros((40, 4, LENGTH))
    with pytest.raises(InputError, match="`adata` is an ndarray; expected an AnnData"):
        mb.seqlets(adata, values)
    with pytest.raises(InputError, match="`adata` is an ndarray; expected an AnnData"):
        mb.write_modisco(adata, values, "folder")


def test_measured_values_of_binary_readouts():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4 * LENGTH, 1))
    settings = {"readouts": ["y"], "kinds": "binary", "probabilities": False}
    model = mb.Foreign(network, length=LENGTH, **settings)
    bare = book(sequences())
    measured = np.full((40, 1), 3, dtype=np.float32)
    adata = ad.AnnData(measured, obs=bare.obs, var=pd.DataFrame(index=["y"]))
    options = mb.ScramblerOptions(n_steps=2, reference="measured")
    with pytest.raises(InputError, match="were measured as 3 to 3; expected 0 to 1"):
        mb.fit_scrambler(model, adata, bits=0.2, options=options, seed=0, progress=False)
