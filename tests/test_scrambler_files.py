"""A scrambler from a file is the one that was saved."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from scrambler_example import finder, planted, trained

import motifbook as mb


def rows():
    """Sequences, some with and some without the word, and what was measured."""
    adata = planted(20, seed=1)[0]
    return ad.AnnData(np.arange(20.0)[:, None] % 2, adata.obs, pd.DataFrame(index=["bound"]))


def short(**changed):
    options = mb.ScramblerOptions(n_steps=5, n_rows=8, **changed.pop("options", {}))
    adata = rows()
    settings = {"seed": 0, "progress": False, "options": options, "model": finder(), **changed}
    return mb.fit_scrambler(settings.pop("model"), adata, **settings)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"bits": "10%", "mode": "exclusion"},
        {"bits": 0.2, "options": {"scope": "data set"}},
        {"background": "dinucleotide"},
        {"options": {"fixed": np.arange(50) < 3, "smoothing": 1.0}},
        {"options": {"network": {"dilations": (1, 2)}, "inputs": "joint"}},
        {"options": {"mask_dropout": 0.2, "reads": ("measured",), "reference": "measured"}},
    ],
    ids=["usual", "exclusion", "data set", "dinucleotide", "fixed", "network", "told"],
)
@pytest.mark.filterwarnings("ignore:Its masks are no better")  # five steps of training
def test_it_explains_as_before(tmp_path, changed):
    adata = rows()
    scrambler = short(**changed)
    scrambler.save(tmp_path / "one.scrambler")
    loaded = mb.load_scrambler(tmp_path / "one.scrambler", scrambler.model)
    assert loaded.usual_bits == scrambler.usual_bits
    assert loaded.notes == scrambler.notes
    pd.testing.assert_frame_equal(loaded.history, scrambler.history)
    np.testing.assert_array_equal(loaded.importance(adata), scrambler.importance(adata))
    before, after = scrambler.explain(adata, n_draws=4), loaded.explain(adata, n_draws=4)
    np.testing.assert_array_equal(before.drawn, after.drawn)
    np.testing.assert_array_equal(before.distortion, after.distortion)


def test_it_holds_no_sequences_to_explain(tmp_path):
    trained().save(tmp_path / "one.scrambler")
    loaded = mb.load_scrambler(tmp_path / "one.scrambler", finder())
    with pytest.raises(mb.InputError, match=r"`adata` is None; expected sequences"):
        loaded.importance()


def test_another_network_is_refused(tmp_path):
    short().save(tmp_path / "one.scrambler")
    with pytest.raises(mb.InputError, match=r"`model` has length 60; expected 50"):
        mb.load_scrambler(tmp_path / "one.scrambler", finder(length=60))


def draw_as_they_are(letters, n_draws, rng):
    return np.repeat(letters[:, None], n_draws, axis=1)


def squared(reference, drawn):
    return ((drawn - reference[:, None]) ** 2).mean(dim=(1, 2))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"readout": lambda outputs: outputs[:, 0]}, "readout"),
        ({"background": draw_as_they_are}, "background"),
        ({"options": {"divergence": squared}}, "divergence"),
    ],
)
def test_functions_are_not_written(tmp_path, changed, name):
    scrambler = short(bits=0.2, **changed)
    with pytest.raises(mb.InputError, match=f"`{name}` is a function of yours"):
        scrambler.save(tmp_path / "one.scrambler")
    assert not list(tmp_path.iterdir())


def test_other_files_are_refused(tmp_path):
    torch.save({"description": "{}", "state": {}}, tmp_path / "other.pt")
    with pytest.raises(mb.InputError, match="is not a scrambler saved by motifbook"):
        mb.load_scrambler(tmp_path / "other.pt", finder())


def test_a_later_format_is_refused(tmp_path):
    short().save(tmp_path / "one.scrambler")
    content = torch.load(tmp_path / "one.scrambler", weights_only=True)
    content["description"] = content["description"].replace('"format": 1', '"format": 99')
    torch.save(content, tmp_path / "later.scrambler")
    with pytest.raises(mb.InputError, match=r"has format 99.*reads up to 1"):
        mb.load_scrambler(tmp_path / "later.scrambler", finder())
