"""Hits streamed to disk: the same as in one go, whoever works, and however often it stops."""

import joblib
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.data import store
from motifbook.motif.distribution import q_values, score_distribution
from motifbook.stream import work
from motifbook.stream.q_values import Counted, adjust

N, SIZE = 300, 41


def same(got, expected):
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


@pytest.fixture(scope="module")
def adata():
    book = mb.simulate(n=N, length=80, seed=0)
    sequences = book.obs["sequence"].tolist()
    sequences[3], sequences[4] = sequences[3][:50], "N" * 30 + sequences[4][30:]
    book.obs["sequence"] = sequences
    return book


@pytest.fixture(scope="module")
def motifs():
    every = mb.database.collection("JASPAR2026_vertebrates")
    return [motif for motif in every if motif.width >= 8][:12]


@pytest.fixture
def stream(adata, motifs, tmp_path):
    def go(**changes):
        asked = {"rows_per_piece": SIZE, "p_value": 1e-3, "progress": False} | changes
        return mb.stream_hits(
            asked.pop("motifs", motifs), asked.pop("adata", adata), tmp_path / "hits", **asked
        )

    return go


def stop_after(n, monkeypatch, error):
    """Let writing fail when so many pieces are done."""
    from motifbook.stream.folder import Folder

    finish, seen = Folder.finish, []

    def counted(self, piece):
        if len(seen) == n:
            raise error
        finish(self, piece)
        seen.append(piece)

    monkeypatch.setattr(Folder, "finish", counted)
    return seen


# ---- the same as in one go


@pytest.mark.parametrize("size", [1, 41, 300, 1000, 10**30])
def test_the_table_is_that_of_scan_whatever_the_pieces(stream, adata, motifs, size):
    if size == 1:
        adata = adata[:20].copy()
    hits = stream(adata=adata, rows_per_piece=size)
    same(hits.table(), mb.scan(motifs, adata, p_value=1e-3))
    assert hits.is_finished
    assert hits.n_pieces == -(-adata.n_obs // size)


@pytest.mark.slow
def test_two_processes_find_the_same(stream, adata, motifs):
    with joblib.parallel_config(n_jobs=2):
        hits = stream()
    same(hits.table(), mb.scan(motifs, adata, p_value=1e-3))


@pytest.mark.parametrize(
    "asked",
    [
        {"strands": False},
        {"background": [0.3, 0.2, 0.2, 0.3]},
        {"background": np.array([0.3, 0.2, 0.2, 0.3])},
        {"p_value": 0.05},
        {"p_value": np.float32(0.05)},
    ],
)
def test_requests_mean_what_they_mean_to_scan(stream, adata, motifs, asked):
    same(stream(**asked).table(), mb.scan(motifs, adata, **{"p_value": 1e-3, **asked}))


def test_places_in_a_genome_are_those_of_scan(stream, adata, motifs):
    placed = adata.copy()
    lengths = placed.obs["sequence"].str.len()
    placed.obs["chrom"], placed.obs["start"] = "chr1", np.arange(N) * 100
    placed.obs["end"] = placed.obs["start"] + lengths
    placed.obs["strand"] = np.where(np.arange(N) % 2, "+", "-")
    same(stream(adata=placed).table(), mb.scan(motifs, placed, p_value=1e-3))


def test_a_book_on_disk_is_read_piece_by_piece(stream, motifs, adata, tmp_path, monkeypatch):
    from motifbook.data import letters_file

    monkeypatch.setattr(letters_file, "MANY_LETTERS", 1)
    kept = mb.simulate(n=N, length=80, seed=0)
    kept.obsm["letters"] = store.get_letters(kept)
    mb.write(kept, tmp_path / "book.h5ad")
    backed = mb.read(tmp_path / "book.h5ad", backed=True)
    assert isinstance(backed.obsm["letters"], np.memmap)
    same(stream(adata=backed).table(), mb.scan(motifs, kept, p_value=1e-3))


def test_q_values_of_counts_are_those_of_all_hits():
    rng = np.random.default_rng(0)
    distribution = score_distribution(np.eye(4), [0.25] * 4)
    steps = rng.integers(0, 4001, size=500)
    hits = np.zeros((500, 5), dtype=np.int32)
    hits[:, 4] = steps
    counted = Counted.of(np.array_split(hits, 7))
    found = adjust(counted, [distribution], np.array([700]))
    p_values = distribution.tail(steps)
    places = np.searchsorted(np.unique(steps), steps)
    np.testing.assert_array_equal(found[places, 0], p_values)
    np.testing.assert_array_equal(found[places, 1], q_values(p_values, 700))
    assert counted.counts.sum() == 500


# ---- reading


def test_rows_and_motifs_are_chosen(stream, adata, motifs):
    hits, name = stream(), motifs[2].name
    whole = mb.scan(motifs, adata, p_value=1e-3)
    some = whole.loc[whole["motif"] == name, "sequence"].unique()[[0, -1]]
    first, last = adata.obs_names.get_indexer(some)
    expected = whole[whole["sequence"].isin(some) & (whole["motif"] == name)]
    same(hits.table([last, first], name), expected.reset_index(drop=True))
    same(hits.table(list(some), [name]), expected.reset_index(drop=True))
    same(pd.concat(hits.tables(), ignore_index=True), whole)
    assert hits.n_hits == len(whole)
    assert hits.counts[name] == (whole["motif"] == name).sum()


def test_some_of_it_goes_into_a_book(stream, adata, tmp_path):
    hits, part = stream(), adata[10:20].copy()
    store.add_hits(part, hits.table(slice(10, 20)))
    mb.write(part, tmp_path / "part.h5ad")
    same(store.get_hits(mb.read(tmp_path / "part.h5ad")), hits.table(slice(10, 20)))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([N], f"`rows` holds {N}; expected numbers from 0 to {N - 1}"),
        (["peak"], "`rows` holds 'peak'; expected names of sequences"),
        ([True, False], r"`rows` has shape \(2,\); expected \(300,\)"),
        ([0.5], "expected row numbers, names, a slice, or None"),
    ],
)
def test_rows_that_are_not_there_are_refused(stream, rows, sentence):
    with pytest.raises(mb.InputError, match=sentence):
        stream().table(rows)


def test_a_motif_that_is_not_there_is_refused(stream):
    with pytest.raises(mb.InputError, match="`motif` is 'Gata'; expected one of"):
        stream().table(motif="Gata")


# ---- stopped and gone on with


def test_an_interrupted_call_goes_on_and_does_nothing_twice(stream, adata, motifs, monkeypatch):
    with monkeypatch.context() as patch:
        first = stop_after(3, patch, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt, match="3 of 8 pieces are done and kept"):
            stream()
    second = stop_after(99, monkeypatch, None)
    hits = stream()
    assert sorted(first + second) == list(range(8))
    same(hits.table(), mb.scan(motifs, adata, p_value=1e-3))


def test_an_unfinished_folder_says_how_much_is_done(stream, adata, motifs, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        stop_after(2, patch, OSError(28, "No space left on device"))
        with pytest.raises(mb.InputError, match=r"No space left.*done are kept.*same line"):
            stream()
    hits = mb.read_hits(tmp_path / "hits")
    assert not hits.is_finished
    assert "2 of 8 pieces done" in repr(hits)
    assert hits.rows_done.sum() == 2 * SIZE
    table, whole = hits.table(slice(0, 2 * SIZE)), mb.scan(motifs, adata, p_value=1e-3)
    assert table["q_value"].isna().all()
    expected = whole[whole["sequence"].isin(adata.obs_names[: 2 * SIZE])]
    same(table.drop(columns="q_value"), expected.drop(columns="q_value"))
    for rows, others in [
        (None, ", nor are 217 others"),
        ([82], ""),
        ([82, 83], ", nor is 1 other"),
    ]:
        with pytest.raises(mb.InputError, match=f"Row 82 of .* not done yet{others}; 2"):
            hits.table(rows)
    assert stream().is_finished


def test_a_finished_call_looks_at_no_sequence_again(stream, monkeypatch):
    stream()
    monkeypatch.setattr(work, "_do", lambda _: pytest.fail("a piece was done twice"))
    assert stream(rows_per_piece=None).is_finished


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"p_value": 1e-4}, "p_value was 0.001, now it is 0.0001"),
        ({"strands": False}, "strands was True, now it is False"),
        ({"background": [0.25] * 4}, r"background was 'counted', now it is \[0.25"),
        ({"rows_per_piece": 7}, "rows_per_piece was 41, now it is 7"),
    ],
)
def test_another_request_is_refused_by_its_difference(stream, change, sentence):
    stream()
    with pytest.raises(mb.InputError, match=f"another request: {sentence}.*name another folder"):
        stream(**change)


def test_other_sequences_and_motifs_are_refused(stream, adata, motifs):
    stream()
    with pytest.raises(mb.InputError, match="the sequences changed since"):
        stream(adata=adata[:100])
    with pytest.raises(mb.InputError, match="the motifs changed since"):
        stream(motifs=motifs[:3])


def test_folders_and_files_of_others_stay_as_they_are(stream, tmp_path):
    (tmp_path / "hits").write_text("mine")
    with pytest.raises(mb.InputError, match="hits, a file; expected a folder"):
        stream()
    (tmp_path / "hits").unlink()
    (tmp_path / "hits").mkdir()
    (tmp_path / "hits" / "thesis.txt").write_text("mine")
    with pytest.raises(mb.InputError, match=r"holds something else.*nothing in it was changed"):
        stream()
    with pytest.raises(mb.InputError, match="holds no results of motifbook"):
        mb.read_hits(tmp_path / "hits")
    assert [path.name for path in (tmp_path / "hits").iterdir()] == ["thesis.txt"]


def test_a_folder_that_is_not_there_is_refused(tmp_path, adata, motifs):
    with pytest.raises(mb.InputError, match=r"There is no folder .*absent. Make it first"):
        mb.stream_hits(motifs, adata, tmp_path / "absent" / "hits")
    with pytest.raises(FileNotFoundError, match="was not found: there is no such folder"):
        mb.read_hits(tmp_path / "absent")
    with pytest.raises(mb.InputError, match="`motifs` is empty; expected at least one"):
        mb.stream_hits([], adata, tmp_path / "hits")
