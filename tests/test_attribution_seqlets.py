"""Seqlets, and files for modisco."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook.onehot import encode, onehot
from tests import toys


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(0)
    adata = toys.book(["".join(row) for row in rng.choice(list("ACGT"), (60, 100))])
    values = rng.laplace(scale=0.1, size=(60, 100))
    values[:40, 30:38] += 2
    values[40:, 60:68] -= 3
    return adata, values


def test_windows_of_both_signs_are_found_where_they_were_put(planted):
    adata, values = planted
    table = mb.seqlets(values, adata, window=9, flank=3)
    assert list(table.columns) == ["sequence", "start", "end", "attribution", "rank_value"]
    up, down = table[table["attribution"] > 8], table[table["attribution"] < -12]
    assert set(up["sequence"]) == {f"s{number}" for number in range(40)}
    assert set(down["sequence"]) == {f"s{number}" for number in range(40, 60)}
    assert up["start"].between(26, 28).all()
    assert down["start"].between(56, 58).all()
    assert table["rank_value"].is_monotonic_increasing
    first = table.iloc[0]
    row, start = int(first["sequence"][1:]), first["start"] + 3
    assert first["attribution"] == pytest.approx(values[row, start : start + 9].sum(), rel=1e-5)
    sums = np.abs(np.lib.stride_tricks.sliding_window_view(values, 9, axis=1).sum(axis=2))
    assert first["rank_value"] == pytest.approx(
        (sums >= abs(first["attribution"]) * 0.99999).mean()
    )


def test_values_without_a_sign_make_no_seqlets(planted):
    adata, values = planted
    with pytest.raises(mb.InputError, match="has no sign"):
        mb.seqlets(np.abs(values), adata)
    unsigned = mb.Attribution(np.zeros((60, 4, 100)), unit="bits", signed=False)
    with pytest.raises(mb.InputError, match="has no sign"):
        mb.seqlets(unsigned, adata)
    with pytest.raises(mb.InputError, match="expected 121 or more"):
        mb.seqlets(values, adata, window=101)
    with pytest.raises(mb.InputError, match="finds no threshold"):
        mb.seqlets(np.where(np.arange(100) < 99, 0.0, -1.0) * np.ones((60, 1)), adata)


def test_modisco_reads_what_is_written(planted, tmp_path):
    adata, _ = planted
    model = toys.linear(length=100)
    values = mb.attribute.hypothetical(model, adata)
    files = mb.write_modisco(values, adata, tmp_path / "new")
    sequences, attributions = (np.load(file)["arr_0"] for file in files)
    assert sequences.shape == attributions.shape == (60, 4, 100)
    np.testing.assert_array_equal(sequences, onehot(encode(list(adata.obs["sequence"]))))
    weight = model.network[1].weight.detach().numpy().reshape(1, 4, 100)
    expected = np.broadcast_to(weight - weight.mean(axis=1, keepdims=True), (60, 4, 100))
    np.testing.assert_allclose(attributions, expected, atol=2e-5)


def test_modisco_needs_values_of_all_letters(planted, tmp_path):
    adata, _ = planted
    model = toys.linear(length=100)
    with pytest.raises(mb.InputError, match=r"mb\.attribute\.hypothetical"):
        mb.write_modisco(mb.attribute(model, adata, "mutagenesis"), adata, tmp_path)
    unsigned = mb.Attribution(np.ones((60, 4, 100)), unit="bits", signed=False)
    with pytest.raises(mb.InputError, match="has no sign"):
        mb.write_modisco(unsigned, adata, tmp_path)
    protein = toys.book(["MKLV"], alphabet="protein")
    with pytest.raises(mb.InputError, match="expected DNA or RNA"):
        mb.write_modisco(np.ones((1, 20, 4)), protein, tmp_path)
