"""Attributions streamed to disk: those of `mb.attribute`, whoever works and whenever it stops."""

import joblib
import numpy as np
import pytest

import motifbook as mb
from motifbook.data import letters_file, store
from motifbook.stream import work
from motifbook.stream.explain import Explainer, Read
from motifbook.stream.folder import Folder

N, LENGTH, SIZE = 90, 60, 25
FEW = mb.AttributeOptions(scrambler=mb.ScramblerOptions(n_steps=4), n_steps=3, n_references=2)


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=N, length=LENGTH, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(network, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=5))
    return network


@pytest.fixture
def stream(model, adata, tmp_path):
    def go(method="gradient", **changes):
        asked = {"rows_per_piece": SIZE, "options": FEW, "seed": 3, "progress": False} | changes
        network, book = asked.pop("model", model), asked.pop("adata", adata)
        return mb.stream_attribution(network, book, tmp_path / "a", method, **asked)

    return go


def close(got, expected):
    np.testing.assert_allclose(np.asarray(got), np.asarray(expected), rtol=1e-4, atol=1e-5)


# ---- the same as in one go


@pytest.mark.parametrize("method", ["mutagenesis", "gradient", "gradient_x_input"])
@pytest.mark.parametrize("size", [1, 25, 90, 1000, 10**30])
def test_values_are_those_of_attribute(stream, model, adata, method, size):
    if size == 1:
        adata = adata[:10].copy()
    streamed = stream(method, adata=adata, rows_per_piece=size)
    expected = mb.attribute(model, adata, method)
    close(streamed.attribution(), expected)
    close(streamed.values(), expected.per_position())
    said = streamed.attribution()
    for field in ("method", "unit", "signed", "readout"):
        assert getattr(said, field) == getattr(streamed, field) == getattr(expected, field)


def test_a_baseline_of_the_data_is_counted_in_all_rows(stream, model, adata):
    expected = mb.attribute(model, adata, "integrated_gradients", options=FEW)
    streamed = stream("integrated_gradients", rows_per_piece=7)
    close(streamed.attribution(), expected)
    assert streamed.readout == expected.readout


@pytest.mark.filterwarnings("ignore:.*Completeness")
@pytest.mark.parametrize("method", ["deep_lift_shap", "random"])
def test_a_method_that_draws_has_a_seed_for_each_piece(stream, model, adata, method):
    streamed = stream(method)
    rows = slice(SIZE, 2 * SIZE)
    one = mb.attribute(model, adata[rows], method, options=FEW, seed=streamed.seeds[1])
    close(streamed.attribution(rows), one)
    assert len(set(streamed.seeds)) == 4


def test_a_scrambler_is_trained_and_kept(stream, model, adata, tmp_path):
    streamed = stream("scrambler")
    expected = mb.attribute(model, adata, options=FEW, seed=3, progress=False)
    close(streamed.attribution(), expected)
    assert (streamed.unit, streamed.signed, streamed.method) == ("bits", False, expected.method)
    kept = mb.load_scrambler(tmp_path / "a" / "scrambler.motifbook", model)
    close(streamed.attribution([4, 80]), kept.attribute(adata[[4, 80]]))
    assert streamed.notes == kept.notes


def test_a_scrambler_of_yours_reads_with_its_budget(stream, model, adata):
    options = FEW.scrambler
    yours = mb.fit_scrambler(model, adata, bits=0.3, options=options, seed=0, progress=False)
    close(stream("scrambler", model=yours, options=None).attribution(), yours.attribute(adata))
    other = mb.fit_scrambler(model, adata, bits=0.3, options=options, seed=1, progress=False)
    with pytest.raises(mb.InputError, match="the scrambler changed since"):
        stream("scrambler", model=other, options=None)
    with pytest.raises(mb.InputError, match=r"is a scrambler and `method` 'gradient'; expected"):
        stream("gradient", model=yours)


def test_a_scrambler_learns_from_a_sample_of_many_rows(stream, model, adata, monkeypatch):
    from motifbook.stream import attribution

    monkeypatch.setattr(attribution, "TRAINED_ON", 20)
    seen = []
    fit = attribution.fit_scrambler
    monkeypatch.setattr(
        attribution, "fit_scrambler", lambda m, a, **how: (seen.append(a), fit(m, a, **how))[1]
    )
    assert stream("scrambler").is_finished
    assert seen[0].n_obs == 20
    assert set(seen[0].obs_names) < set(adata.obs_names)


@pytest.mark.slow
def test_two_processes_read_the_same(stream, model, adata):
    with joblib.parallel_config(n_jobs=2):
        streamed = stream("gradient")
    close(streamed.attribution(), mb.attribute(model, adata, "gradient"))


def test_a_book_on_disk_is_read_piece_by_piece(stream, model, adata, tmp_path, monkeypatch):
    monkeypatch.setattr(letters_file, "MANY_LETTERS", 1)
    kept = adata.copy()
    kept.obsm["letters"] = store.get_letters(kept)
    mb.write(kept, tmp_path / "book.h5ad")
    backed = mb.read(tmp_path / "book.h5ad", backed=True)
    assert isinstance(backed.obsm["letters"], np.memmap)
    close(stream(adata=backed).attribution(), mb.attribute(model, adata, "gradient"))


def test_sequences_of_unequal_length_stay_centered(stream, model, adata):
    uneven = adata.copy()
    uneven.obs["sequence"] = [s[: 40 + i % 21] for i, s in enumerate(adata.obs["sequence"])]
    streamed = stream(adata=uneven, rows_per_piece=4)
    close(streamed.attribution(), mb.attribute(model, uneven, "gradient"))
    np.testing.assert_array_equal(streamed.letters(), store.get_letters(uneven))


# ---- reading


def test_rows_are_read_in_the_order_asked_for(stream, adata):
    streamed = stream()
    whole, rows = streamed.values(), [80, 3, -1, 3]
    np.testing.assert_array_equal(streamed.values(rows), whole[rows])
    np.testing.assert_array_equal(streamed.values(list(adata.obs_names[[9, 2]])), whole[[9, 2]])
    mask = np.arange(N) % 40 == 0
    np.testing.assert_array_equal(streamed.values(mask), whole[mask])
    assert repr(mb.read_attribution(streamed.path)).startswith("<StreamedAttribution (90, 60): gra")


def test_some_of_it_goes_into_a_book_and_a_figure(stream, adata, tmp_path):
    streamed, part = stream(), adata[10:20].copy()
    store.add_attribution(part, streamed.attribution(slice(10, 20)), "gradient", streamed.readout)
    mb.write(part, tmp_path / "part.h5ad")
    kept = store.get_attribution(mb.read(tmp_path / "part.h5ad"), "gradient", 0)
    np.testing.assert_array_equal(kept, streamed.attribution(slice(10, 20)))
    assert mb.plot.attribution(streamed.attribution([5])[0]) is not None


def test_each_caution_is_told_once_whatever_its_number(stream, monkeypatch):
    said = [["1 letter is odd."], ["22.5 letter is odd.", "No network."], ["No network."], []]

    def read(self, piece, seed):
        return Read(np.zeros((piece.n_obs, LENGTH), dtype=np.float32), said.pop(0))

    monkeypatch.setattr(Explainer, "__call__", read)
    with pytest.warns(UserWarning, match="odd|network") as told:
        stream("gradient")
    assert [str(one.message) for one in told] == [
        "Piece 0: 1 letter is odd.",
        "Piece 1: No network.",
    ]


def test_row_numbers_need_no_names(stream, monkeypatch):
    streamed = stream("gradient")
    monkeypatch.setattr(Folder, "texts", lambda *_: pytest.fail("all names were read"))
    assert streamed.values([3, 80]).shape == streamed.values(slice(2)).shape == (2, LENGTH)


# ---- stopped and gone on with


def stop_at(number, monkeypatch, error):
    finish = Folder.finish

    def stopped(self, piece):
        if piece == number:
            raise error
        finish(self, piece)

    monkeypatch.setattr(Folder, "finish", stopped)


@pytest.mark.parametrize("method", ["scrambler", "random"])
def test_an_interrupted_call_goes_on_to_the_same_values(stream, tmp_path, monkeypatch, method):
    whole = stream(method).values()
    (tmp_path / "a").rename(tmp_path / "b")
    with monkeypatch.context() as patch:
        stop_at(2, patch, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt, match="2 of 4 pieces are done and kept"):
            stream(method)
    half = mb.read_attribution(tmp_path / "a")
    assert (half.n_done, half.rows_done.sum()) == (2, 2 * SIZE)
    assert "2 of 4 pieces done" in repr(half)
    with pytest.raises(mb.InputError, match=r"Row 50 of .* is not done yet"):
        half.values([0, 50])
    np.testing.assert_array_equal(stream(method).values(), whole)


def test_a_seed_that_was_drawn_is_kept(stream, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_at(1, patch, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt, match="1 of 4"):
            stream("random", seed=None)
    begun = mb.read_attribution(tmp_path / "a").seeds
    assert stream("random", seed=None).seeds == begun


def test_a_finished_call_asks_the_network_nothing(stream, monkeypatch):
    stream()
    monkeypatch.setattr(work, "_do", lambda _: pytest.fail("a piece was done twice"))
    assert stream().is_finished


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"method": "mutagenesis"}, "method was 'gradient', now it is 'mutagenesis'"),
        ({"rows_per_piece": 7}, "rows_per_piece was 25, now it is 7"),
        ({"seed": 4}, "seed was 3, now it is 4"),
    ],
)
def test_another_request_is_refused_by_its_difference(stream, change, sentence):
    stream()
    with pytest.raises(mb.InputError, match=f"another request: {sentence}"):
        stream(**change)


def test_other_sequences_and_networks_are_refused(stream, adata):
    stream()
    with pytest.raises(mb.InputError, match="the sequences changed since"):
        stream(adata=adata[:50])
    other = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(other, adata, seed=1, progress=False, options=mb.FitOptions(n_steps=2))
    with pytest.raises(mb.InputError, match="the weights of the network changed since"):
        stream(model=other)


def test_wrong_arguments_begin_nothing(stream, model, adata, tmp_path):
    with pytest.raises(mb.InputError, match="`method` is 'saliency'; expected one of"):
        stream("saliency")
    with pytest.raises(mb.InputError, match="`adata` has no rows; expected sequences"):
        stream(adata=adata[:0])
    with pytest.raises(mb.InputError, match="`rows_per_piece` is 0; expected a whole number"):
        stream(rows_per_piece=0)
    with pytest.raises(mb.InputError, match="has not been trained yet"):
        stream(model=mb.CNN(n_readouts=1))
    assert list(tmp_path.iterdir()) == []
