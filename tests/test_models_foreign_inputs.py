"""A torch network that reads several sequences of each row, and numbers beside them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from toys import book

import motifbook as mb
from motifbook import InputError
from motifbook.models import Input
from motifbook.train.inputs import inputs_of

DNA, PROTEINS = ["ACGT", "AAAA", "CNGT"], ["WY", "AWW", "C"]


class Counts(nn.Module):
    """A's of the first sequence + 10 x W's of the second + 100 x the number beside them."""

    def forward(self, dna, protein, numbers):
        assert dna.shape[1:] == (4, 4)
        assert protein.shape[1:] == (3, 20)
        return dna[:, 0].sum(dim=1) + 10 * protein[:, :, 18].sum(dim=1) + 100 * numbers[:, 0]


def counts():
    inputs = {"sequence": Input(4), "partner": Input(3, "protein", "letters last")}
    return mb.Foreign(Counts(), readouts=["n"], kinds="continuous", inputs=inputs, extra=["dose"])


def rows(**columns):
    adata = book(DNA)
    for name, values in {"partner": PROTEINS, "dose": [0, 1, 2], **columns}.items():
        adata.obs[name] = values
    return adata


def test_every_input_reaches_the_network():
    assert mb.predict(counts(), rows())[:, 0].tolist() == [11, 124, 200]
    assert mb.predict(counts(), rows()[[1]])[:, 0].tolist() == [124]


def test_sequences_stand_end_to_end():
    inputs = inputs_of(counts(), rows())
    assert counts().spans(7) == [(0, 4), (4, 7)]
    assert inputs.letters[0].tolist() == [0, 1, 2, 3, 18, 19, 20]  # 20: unknown in the larger one
    assert inputs.letters[2].tolist() == [1, 20, 2, 3, 20, 1, 20]  # shorter ones are centered
    assert inputs.extra.tolist() == [[0], [1], [2]]


def test_networks_of_one_sequence_have_one_span():
    assert mb.CNN(1).spans(30) == [(0, 30)]
    assert inputs_of(mb.CNN(1), book(DNA)).extra.shape == (3, 0)


def test_gradients_reach_every_letter_and_number():
    onehot = torch.zeros(1, 20, 7, requires_grad=True)
    extra = torch.zeros(1, 1, requires_grad=True)
    counts()(onehot, extra).sum().backward()
    assert onehot.grad[0, :, 0].tolist() == [1.0] + [0.0] * 19
    assert onehot.grad[0, :, 5].tolist() == [0.0] * 18 + [10.0, 0.0]
    assert extra.grad.item() == 100


def test_attributions_cover_all_letters():
    values = mb.attribute(counts(), rows(), "gradient_x_input", progress=False)
    assert values.shape == (3, 20, 7)
    assert values.sum(axis=1).tolist() == [
        [1, 0, 0, 0, 10, 0, 0],
        [1, 1, 1, 1, 0, 10, 10],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def test_the_same_sequence_can_be_read_twice():
    class Difference(nn.Module):
        def forward(self, first, second):
            return (first - second)[:, 0].sum(dim=1)

    inputs = {"sequence": Input(4), "other": Input(4)}
    model = mb.Foreign(Difference(), readouts=["n"], kinds="continuous", inputs=inputs)
    adata = book(DNA)
    adata.obs["other"] = adata.obs["sequence"]
    assert mb.predict(model, adata)[:, 0].tolist() == [0, 0, 0]
    adata.obs["other"] = DNA[::-1]
    assert mb.predict(model, adata)[:, 0].tolist() == [1, 0, -1]


def test_it_is_evaluated():
    adata = rows()
    book_with_values = mb.evaluate(
        counts(), type(adata)(X=np.array([[11.0], [124], [201]]), obs=adata.obs), split=None
    )
    assert book_with_values["pearson"][0] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"partner": ["WWWW", "A", "A"]}, r"\['partner'\]` has sequences of up to 4 .*at most 3"),
        ({"partner": ["W1", "A", "A"]}, r"\['partner'\]`: Sequence 0 has '1' at position 1"),
        ({"partner": ["W", None, "A"]}, r"\['partner'\]` is (None|nan) in row 's1'; expected"),
        ({"dose": [0, np.nan, 1]}, r"\['dose'\]` is nan in row 's1', and no number in 1 rows"),
        ({"dose": ["a", "b", "c"]}, r"`adata\.obs\['dose'\]` is .*; expected a number for each"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns, said):
    with pytest.raises(InputError, match=said):
        mb.predict(counts(), rows(**columns))


@pytest.mark.parametrize("name", ["partner", "dose"])
def test_absent_columns_are_named(name):
    adata = rows()
    del adata.obs[name]
    with pytest.raises(InputError, match=rf"has no column '{name}', .* it has 'sequence'.*Add it"):
        mb.predict(counts(), adata)


def test_other_letters_are_refused():
    adata = rows()
    adata.uns["alphabet"] = "protein"
    with pytest.raises(InputError, match=r"reads DNA, the sequences are protein"):
        mb.predict(counts(), adata)


def test_functions_that_show_letters_alone_say_so():
    with pytest.raises(InputError, match=r"reads partner, dose of .*`mb\.predict`.*fills it in"):
        mb.marginalize(counts(), "AC", rows())
    with pytest.raises(InputError, match=r"4 of 'sequence' and 3 of 'partner', 7 letters.*given 4"):
        mb.marginalize(counts(), "AC", ["ACGT"])
    with pytest.raises(InputError, match=r"reads dose of `adata\.obs` beside the letters"):
        counts()(torch.zeros(1, 20, 7))
    with pytest.raises(InputError, match=r"`extra` has shape \(1, 2\); expected .*dose"):
        counts()(torch.zeros(1, 20, 7), torch.zeros(1, 2))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"inputs": {}}, r"`inputs` is {}; expected an `Input` for each column"),
        ({"inputs": {"sequence": 4}}, r"`inputs` is {'sequence': 4}; expected an `Input`"),
        ({"length": 4}, r"`length` is 4 beside `inputs`; expected one of them"),
        ({"inputs": None}, r"`length` is None; expected the letters"),
        ({"extra": "dose"}, r"`extra` is 'dose'; expected names of columns"),
        ({"extra": ["dose", "dose"]}, r"`extra` is \['dose', 'dose'\]; expected a different name"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(changed, said):
    given = {"readouts": ["n"], "kinds": "continuous", "inputs": {"sequence": Input(4)}}
    with pytest.raises(InputError, match=said):
        mb.Foreign(Counts(), **{**given, **changed})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0,), r"`length` is 0; expected a whole number"),
        ((5, "DNS"), r"`alphabet` is 'DNS'"),
        ((5, "DNA", "last"), r"`axes` is 'last'; expected one of"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        Input(*given)
