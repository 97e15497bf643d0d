"""`test_motifs` at its edges: what is refused, what is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.alphabet import RNA
from tests.motif_tests_books import (
    MIRRORED,
    P_VALUES,
    SMALL,
    book,
    different,
    holding,
    noise,
    table,
    word_motif,
)


@pytest.fixture(scope="module")
def planted():
    """80 sequences whose readout rises with ACG."""
    sequences = different(80, 40)
    return sequences, noise(80) + 1.5 * holding(sequences, "ACG")


def test_a_constant_readout_names_its_rows():
    with pytest.raises(mb.InputError, match=r"'y0' is 3 in all 40 rows \('s0', 's1', 's2', …\)"):
        mb.test_motifs(book(different(40), np.full(40, 3.0)), options=SMALL)


def test_infinite_values_name_their_sequence():
    readout = noise(40)
    readout[7] = np.inf
    with pytest.raises(mb.InputError, match=r"'y0' of sequence 's7' is infinite.*NaN where"):
        mb.test_motifs(book(different(40), readout), options=SMALL)


def test_missing_values_are_left_out_and_counted(planted):
    sequences, readout = planted
    readout = readout.copy()
    readout[[3, 9]] = np.nan
    tests = mb.test_motifs(book(sequences, readout), options=SMALL, seed=0)
    assert "2 of 80 rows without a measurement were left out." in tests.notes
    assert tests.readouts["n"].tolist() == [78]
    kept = np.isfinite(readout)
    fewer = table(np.array(sequences)[kept], readout[kept])
    pd.testing.assert_frame_equal(tests.table[P_VALUES], fewer[P_VALUES])


def test_of_several_readouts_one_without_values_is_named():
    readouts = np.column_stack([noise(40), np.full(40, np.nan)])
    with pytest.raises(mb.InputError, match=r"'y1' has 0 rows with a measurement.*expected 8"):
        mb.test_motifs(book(different(40), readouts), options=SMALL)


def test_a_binary_readout_is_permuted_and_maxt_refused():
    adata = book(different(40), np.arange(40) % 2)
    with pytest.raises(mb.InputError, match=r"'maxt', which needs normal noise.*2 distinct values"):
        mb.test_motifs(adata, engine="maxt", options=SMALL)
    tests = mb.test_motifs(adata, options=SMALL, seed=0)
    assert tests.readouts["engine"].tolist() == ["permutation"]
    assert "2 distinct values" in tests.readouts["why"][0]


def test_an_outlier_moves_the_measured_p_value_not_that_of_ranks():
    """One value of 50 on the only sequence with a word: p of measured values believes it."""
    sequences = different(60, letters="ACT")  # CG is nowhere
    sequences[5] = sequences[5][:10] + "CGCGCG" + sequences[5][16:]
    readout = noise(60)
    readout[5] = 50.0
    [row] = mb.test_motifs(book(sequences, readout), options=SMALL, seed=0).readouts.itertuples()
    assert row.measured_p_value < 1e-12
    assert row.p_value > 1e-3


def test_copies_of_sequences_are_averaged(planted):
    sequences, readout = planted
    twice = table(sequences * 2, np.concatenate([readout - 0.3, readout + 0.3]))
    once = table(sequences, readout)
    pd.testing.assert_frame_equal(twice[P_VALUES], once[P_VALUES], rtol=1e-4)
    mirrored = [sequence[::-1].translate(MIRRORED) for sequence in sequences]
    other = table(sequences + mirrored, np.concatenate([readout - 0.3, readout + 0.3]))
    pd.testing.assert_frame_equal(other[P_VALUES], once[P_VALUES], rtol=1e-4)


def test_copies_are_told():
    adata = book(different(40) * 2, noise(80))
    [note] = mb.test_motifs(adata, options=SMALL, seed=0).notes
    assert note.startswith("80 rows hold 40 different sequences (strands count as one)")


# ---- sequences and sizes


def test_identical_sequences_are_one():
    with pytest.raises(mb.InputError, match=r"'y0' has 1 rows .*\(copies count once\): 's0'"):
        mb.test_motifs(book(["ACGTACGTAA"] * 40, noise(40)), options=SMALL)


def test_sequences_without_a_motif_that_tells_them_apart():
    """Every window of three letters is in every sequence: rotations of a circle, twice around."""
    circle = "ACGTTGCATC"
    sequences = [(circle * 3)[start : start + 20] for start in range(10)]
    with pytest.raises(mb.InputError, match=r"None of 32 motifs tells sequences apart"):
        mb.test_motifs(book(sequences, noise(10)), options=SMALL)


@pytest.mark.parametrize("sequence", ["AC", "N" * 30, "ANNCGNNTTN"])
def test_a_sequence_without_a_window_is_refused(sequence):
    sequences = different(40)
    sequences[5] = sequence
    with pytest.raises(mb.InputError, match=r"1 of 40 sequences have no window.*\('s5'\)"):
        mb.test_motifs(book(sequences, noise(40)), options=SMALL)


def test_case_and_u_do_not_matter(planted):
    sequences, readout = planted
    lower = [sequence.lower().replace("t", "u") for sequence in sequences]
    pd.testing.assert_frame_equal(table(lower, readout), table(sequences, readout))


def test_unequal_lengths_are_those_padded_with_n():
    sequences = [text[: 20 + number % 7] for number, text in enumerate(different(60))]
    readout = noise(60)
    padded = [text + "N" * (40 - len(text)) for text in sequences]
    pd.testing.assert_frame_equal(
        table(sequences, readout)[P_VALUES], table(padded, readout)[P_VALUES]
    )


def test_sequences_may_be_hardly_longer_than_words():
    planted = [text[0] + "ACGT" + text[1] for text in different(60, 2)]
    sequences = sorted({*planted, *different(300, 6)})
    readout = noise(len(sequences)) + 3 * holding(sequences, "ACGT")
    options = mb.TestOptions(k=4, n_steps=3)
    first = mb.test_motifs(book(sequences, readout), options=options, seed=0).table.iloc[0]
    assert (first["motif"], first["kept"]) == ("ACGT", True)


def test_many_unknown_letters_are_told():
    some = [text[:10] + "NNN" + text[13:] for text in different(40)]  # 5 of 28 windows
    assert "18% of the windows hold unknown letters and do not count." in notes_of(some)
    few = [text[:-1] + "N" for text in different(40)]  # they end sooner
    assert not notes_of(few)


def notes_of(sequences):
    return mb.test_motifs(book(sequences, noise(40)), options=SMALL, seed=0).notes


def test_length_is_no_motif():
    """Longer sequences hold every word more often; the readout is their length."""
    sequences = [text[: 15 + number % 20] for number, text in enumerate(different(120))]
    readout = np.array([len(text) for text in sequences]) + 0.5 * noise(120)
    without = table(sequences, readout, composition=False)
    assert without["p_value"][0] < 1e-3
    assert table(sequences, readout)["p_value"][0] > 0.05


def test_rna_has_one_strand():
    """A word and its reverse complement are one motif in DNA, two in RNA."""
    sequences = different(100, 25)
    forward = np.array(["ACC" in text for text in sequences], dtype=float)
    readout = noise(100) + 2 * forward
    adata = book([text.replace("T", "U") for text in sequences], readout, "RNA")
    found = mb.test_motifs(adata, options=SMALL, seed=0).table
    assert (found["motif"][0], found["kept"][0]) == ("ACC", True)
    assert found["n_sequences"][0] == forward.sum()


def test_proteins_are_tested_by_their_own_letters():
    sequences = different(150, 30, "ACDEFGHIKLMNPQRSTVWY")
    holds = np.array(["KR" in text for text in sequences], dtype=float)
    adata = book(sequences, noise(150) + 4 * holds, "protein")
    tests = mb.test_motifs(adata, options=mb.TestOptions(k=2, n_steps=2), seed=0)
    assert tests.table["motif"][0] == "KR"
    assert tests.table["kept"][0]
    assert tests.motifs[0].alphabet.name == "protein"


def test_few_rows_are_refused_or_told():
    with pytest.raises(mb.InputError, match=r"7 dimensions are left \(sequences minus covariates"):
        mb.test_motifs(book(different(9), noise(9)), options=SMALL)
    tests = mb.test_motifs(book(different(15), noise(15)), options=SMALL, seed=0)
    assert "Only 13 dimensions are left (sequences minus covariates)" in tests.notes[0]


@pytest.mark.parametrize("k", [10, 31])
def test_words_too_long_are_refused(k):
    adata = book(different(40), noise(40))
    with pytest.raises(mb.InputError, match=r"expected [\d,]+ at most"):
        mb.test_motifs(adata, options=mb.TestOptions(k=k))


def test_steps_end_when_motifs_do():
    adata = book(different(40), noise(40))
    found = mb.test_motifs(adata, options=mb.TestOptions(k=2, n_steps=100), seed=0).table
    assert 1 < len(found) < 10
    assert found["motif"].is_unique


# ---- covariates and blocks


def test_a_covariate_that_is_the_readout_is_refused():
    batch, readout = np.repeat(["a", "b"], 20), np.repeat([0.0, 1.0], 20)
    adata = book(different(40), readout, batch=batch)
    with pytest.raises(mb.InputError, match="constant, or a sum of covariates, in all 40 rows"):
        mb.test_motifs(adata, covariates=["batch"], options=SMALL)


def test_a_batch_effect_is_taken_out_even_if_batches_are_numbered(planted):
    """Names 1, 2, 3 as text are batches, whatever their order; the column is called by a number."""
    sequences, readout = planted
    batch = np.arange(80) % 3
    shift = np.array([0.0, 9.0, -4.0])[batch]
    adata = book(sequences, readout + shift, **{"1": batch.astype(str)})
    options = mb.TestOptions(k=3, n_steps=1, scores="measured")
    with_it = mb.test_motifs(adata, covariates=["1"], options=options, seed=0).table
    adata.X[:, 0] = readout
    same = mb.test_motifs(adata, covariates=["1"], options=options, seed=0).table
    pd.testing.assert_frame_equal(with_it[P_VALUES], same[P_VALUES], rtol=1e-3)


def test_copies_of_a_covariate_change_nothing(planted):
    sequences, readout = planted
    adata = book(sequences, readout, dose=noise(80, 2))
    adata.obs["twice"] = 2 * adata.obs["dose"] + 1
    found = [
        mb.test_motifs(adata, covariates=names, options=SMALL, seed=0).table[P_VALUES]
        for names in (["dose"], ["dose", "twice"])
    ]
    pd.testing.assert_frame_equal(*found, rtol=1e-4)


def test_one_covariate_may_be_given_by_its_name_alone(planted):
    adata = book(*planted, dose=noise(80, 2))
    listed = mb.test_motifs(adata, covariates=["dose"], options=SMALL, seed=0)
    alone = mb.test_motifs(adata, covariates="dose", options=SMALL, seed=0)
    pd.testing.assert_frame_equal(alone.table, listed.table)


def test_an_unknown_covariate_gets_the_nearest_name():
    adata = book(different(40), noise(40), batch=["a", "b"] * 20)
    with pytest.raises(mb.InputError, match=r"no column 'bach'.*Did you mean 'batch'\?"):
        mb.test_motifs(adata, covariates=["bach"], options=SMALL)


def test_a_batch_per_row_leaves_nothing():
    adata = book(different(40), noise(40), batch=[f"b{number}" for number in range(40)])
    with pytest.raises(mb.InputError, match=r"0 dimensions are left.*fewer covariates"):
        mb.test_motifs(adata, covariates=["batch"], options=SMALL)


def test_blocks_of_one_row_each_are_refused():
    names = [f"b{number}" for number in range(40)]
    adata = book(different(40), np.arange(40) % 2, family=names)
    with pytest.raises(mb.InputError, match=r"40 blocks for 40 rows, one row each"):
        mb.test_motifs(adata, blocks="family", options=SMALL)


def test_blocks_make_every_readout_permuted(planted):
    sequences, readout = planted
    adata = book(sequences, readout, family=np.arange(80) // 4)
    tests = mb.test_motifs(adata, blocks="family", options=SMALL, seed=0)
    assert tests.readouts["engine"].tolist() == ["permutation"]
    assert "permuted within" in tests.readouts["why"][0]
    with pytest.raises(
        mb.InputError, match=r"'maxt', which exchanges no rows.*`covariates=\[...\]`"
    ):
        mb.test_motifs(adata, engine="maxt", blocks="family", options=SMALL)


def test_rows_alone_in_their_block_cannot_be_evidence():
    """The motif is in rows that are exchanged with none: permutations say nothing about it."""
    sequences = different(60, letters="ACT")
    marked = range(30, 60)
    for row in marked:
        sequences[row] = sequences[row][:10] + "CGC" + sequences[row][13:]
    readout = holding(sequences, "CGC")
    alone = ["shared"] * 30 + [f"alone {row}" for row in marked]
    readout[:15] = 1 - readout[:15]  # so that the shared block has something to exchange
    adata = book(sequences, readout, family=alone)
    free = mb.test_motifs(adata, options=SMALL, seed=0).table
    held = mb.test_motifs(adata, blocks="family", options=SMALL, seed=0).table
    assert free["p_value"][0] < 0.01
    assert held["p_value"][0] > 0.1


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("batch", pd.Categorical(["x", "y", "z", "x"] * 20, categories=["w", "x", "y", "z"])),
        ("flag", np.arange(80) % 2 == 0),
        ("count", np.arange(80) % 5),
    ],
)
def test_covariates_of_every_kind(planted, column, values):
    tests = mb.test_motifs(
        book(*planted, **{column: values}), covariates=[column], options=SMALL, seed=0
    )
    assert tests.table["kept"][0]
    assert column in " ".join(tests.info["covariates"])


def test_a_covariate_with_a_gap_names_the_row(planted):
    dose = noise(80, 2)
    dose[4] = np.nan
    with pytest.raises(mb.InputError, match=r"Covariate 'dose' is nan in 1 rows \('s4'\)"):
        mb.test_motifs(book(*planted, dose=dose), covariates=["dose"], options=SMALL)


# ---- engines and motifs


@pytest.mark.parametrize("engine", ["maxt", "permutation", "conditional", "line", "seism"])
def test_every_engine_finds_the_planted_word_first(planted, engine):
    first = mb.test_motifs(book(*planted), engine=engine, options=SMALL, seed=0).table.iloc[0]
    assert first["motif"] == "ACG"
    assert first["kept"]
    assert first["engine"] == engine


def test_few_effective_draws_are_told(planted):
    options = mb.TestOptions(k=3, n_steps=5, n_draws=60)
    found = mb.test_motifs(book(*planted), engine="conditional", options=options, seed=0).table
    few = found[found["ess"] < 50]
    assert len(few)
    assert few["notes"].str.contains("draws: the p-value is valid but may be large").all()


def test_rare_acceptance_is_told():
    adata = book(different(60, letters="ACDEFGHIKLMNPQRSTVWY"), noise(60), "protein")
    found = mb.test_motifs(adata, seed=0).table
    rare = found["acceptance"] < 0.01
    assert rare.any()
    assert found["notes"].str.contains("Earlier selections leave").eq(rare).all()


def test_copies_of_given_motifs_change_nothing(planted):
    """A copy, and the other strand, of a motif that competes."""
    adata = book(*planted)
    once, twice = (
        mb.test_motifs(adata, [word_motif(word) for word in words], engine="maxt", seed=0).table
        for words in (["ACG", "TTT"], ["ACG", "TTT", "ACG", "CGT"])
    )
    pd.testing.assert_frame_equal(twice[P_VALUES], once[P_VALUES])
    assert (once["n_members"].tolist(), twice["n_members"].tolist()) == ([1, 1], [3, 1])


def test_motifs_that_cannot_be_tested_are_refused(planted):
    adata = book(*planted)
    with pytest.raises(mb.InputError, match="`motifs` is empty"):
        mb.test_motifs(adata, [])
    with pytest.raises(mb.InputError, match=r"'ACG' is written in RNA, the sequences in DNA"):
        mb.test_motifs(adata, [word_motif("ACG", alphabet=RNA)])
    with pytest.raises(mb.InputError, match=r"Did you mean 'JASPAR2026_vertebrates'\?"):
        mb.test_motifs(adata, "JASPAR2026_vertebrate")
    with pytest.raises(mb.InputError, match=r"`engine` is 'fixed', but `motifs` is None"):
        mb.test_motifs(adata, engine="fixed")
    with pytest.raises(mb.InputError, match=r"`engine` is 'max-t'.*Did you mean 'maxt'\?"):
        mb.test_motifs(adata, engine="max-t")


def test_readouts_and_rows_that_are_not_there(planted):
    adata = book(*planted)
    with pytest.raises(mb.InputError, match="`readout` is 'y9'; expected one of 'y0'"):
        mb.test_motifs(adata, readout="y9")
    with pytest.raises(mb.InputError, match="`readout` is 3; expected a whole number, 0 to 0"):
        mb.test_motifs(adata, readout=3)
    with pytest.raises(mb.InputError, match="`rows` is 'test', but `adata` has no split"):
        mb.test_motifs(adata, rows="test")
    with pytest.raises(mb.InputError, match="`adata` has no readouts"):
        mb.test_motifs(adata[:, []])


def test_motifs_of_a_network_must_not_have_seen_the_rows(trained):
    """Trained on "train", chosen on "validation": only "test" is left for tests."""
    motifs = mb.read_motifs(trained.model, trained.adata)[:1]
    with pytest.raises(mb.InputError, match=r'rows="test"'):
        mb.test_motifs(trained.adata, motifs, seed=0)
    tests = mb.test_motifs(trained.adata, motifs, rows="test", seed=0)
    assert tests.table["kept"].tolist() == [True]
    assert tests.readouts["n"].tolist() == [(trained.adata.obs["split"] == "test").sum()]


def test_a_network_trained_on_all_rows_leaves_none(trained):
    adata = trained.adata.copy()
    del adata.obs["split"]
    model = mb.MotifSyntaxNet(1, width=10)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=2))
    with pytest.raises(mb.InputError, match=r"was learned from about 90% .* trained on other rows"):
        mb.test_motifs(adata, mb.read_motifs(model, adata), seed=0)
