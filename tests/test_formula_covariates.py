"""What goes into a formula beside motifs."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.formula.covariates import Covariates
from motifbook.onehot import encode


def random_letters(n=60, length=50, n_letters=4, seed=0):
    return np.random.default_rng(seed).integers(0, n_letters, (n, length)).astype(np.uint8)


def a_table(n=60, seed=1):
    rng = np.random.default_rng(seed)
    batch = np.array(["A", "A", "B", "C"])[np.arange(n) % 4]
    return pd.DataFrame({"half_life": rng.normal(5, 2, n), "batch": batch}, index=names(n))


def names(n):
    return [f"seq{number}" for number in range(n)]


def test_composition_by_hand():
    letters = encode(["CGCGNNNN", "ATATATAT", "GGCCATAT", "ACGTACCC"])
    covariates = Covariates.learn(letters, DNA, pd.DataFrame(index=range(4)))
    gc = np.array([1, 0, 0.5, 5 / 8])
    cpg = np.array([2 / 3, 0, 0, 1 / 7])
    assert covariates.names == ("GC", "GC^2", "CpG")
    expected = np.stack([gc - gc.mean(), (gc - gc.mean()) ** 2, cpg - cpg.mean()], axis=1)
    np.testing.assert_allclose(
        covariates.table(letters, pd.DataFrame(index=range(4))), expected, atol=1e-12
    )


def test_both_strands_have_one_composition():
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters, DNA, obs)
    turned = DNA.complement_codes[letters][:, ::-1]
    np.testing.assert_array_equal(covariates.table(letters, obs), covariates.table(turned, obs))


def test_centers_are_those_of_the_learned_rows():
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters[:40], DNA, obs[:40], ["half_life", "batch"])
    whole = covariates.table(letters, obs)
    np.testing.assert_allclose(whole[:40, [0, 2, 3]].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_array_equal(covariates.table(letters[40:], obs[40:]), whole[40:])
    is_b = (obs["batch"] == "B").to_numpy(float)
    assert covariates.names[3:] == ("half_life", "batch = B", "batch = C")
    np.testing.assert_array_equal(whole[:, 4], is_b)


def test_numbers_keep_their_unit():
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters, DNA, obs, ["half_life"], composition=False)
    values = covariates.table(letters, obs)[:, 0]
    np.testing.assert_allclose(np.diff(values), np.diff(obs["half_life"]), atol=1e-12)


def test_shares_of_letters_sum_to_one_so_one_is_left_out():
    letters = random_letters(n_letters=20)
    covariates = Covariates.learn(letters, PROTEIN, a_table())
    assert covariates.names == tuple(f"share of {letter}" for letter in PROTEIN.letters[:-1])
    assert covariates.notes[0].startswith("share of Y was left out")


def test_rna_has_the_composition_of_nucleotides():
    assert Covariates.learn(random_letters(), RNA, a_table()).names == ("GC", "GC^2", "CpG")


def test_what_is_constant_or_said_before_is_left_out():
    letters, obs = random_letters(), a_table()
    obs = obs.assign(twice=2 * obs["half_life"] + 1, same=3.0, lane="one")
    obs = obs.assign(pool=obs["batch"].map({"A": "x", "B": "y", "C": "y"}))
    wanted = ["half_life", "twice", "same", "lane", "batch", "pool"]
    covariates = Covariates.learn(letters, DNA, obs, wanted, composition=False)
    assert covariates.names == ("half_life", "batch = B", "batch = C")
    assert covariates.notes == (
        "twice was left out: the terms before it say the same.",
        "same was left out: it is the same for all sequences.",
        "lane = one was left out: it is the same for all sequences.",
        "pool = y was left out: the terms before it say the same.",
    )
    assert covariates.table(letters, obs).shape == (60, 3)


def test_a_column_called_gc_is_told_from_the_composition():
    letters, obs = random_letters(), a_table().assign(GC=a_table()["half_life"])
    assert Covariates.learn(letters, DNA, obs, ["GC"]).names[3] == "GC (column)"


def test_a_sequence_of_unknown_letters_counts_as_average():
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters, DNA, obs)
    letters[7] = DNA.n_letters
    np.testing.assert_array_equal(covariates.table(letters, obs)[7], np.zeros(3))


def test_nothing_wanted_is_no_column():
    assert Covariates().table(random_letters(), a_table()).shape == (60, 0)
    learned = Covariates.learn(random_letters(), DNA, a_table(), composition=False)
    assert learned.names == ()


def test_json_and_back():
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters, DNA, obs, ["batch", "half_life"])
    again = Covariates.from_dict(json.loads(json.dumps(covariates.to_dict())))
    assert again == covariates
    np.testing.assert_array_equal(again.table(letters, obs), covariates.table(letters, obs))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda obs: obs.drop(columns="batch"), r"`adata.obs` has no column 'batch'"),
        (
            lambda obs: obs.assign(half_life=obs["half_life"].where(obs.index != "seq3")),
            r"'half_life' has no value for sequence 'seq3' \(1 of 60",
        ),
        (
            lambda obs: obs.assign(half_life=np.inf),
            r"'half_life' has no value for sequence 'seq0' \(60 of 60",
        ),
        (
            lambda obs: obs.assign(batch=obs["batch"].replace("C", "D")),
            r"'batch' is 'D' for sequence 'seq3'; expected one of \['A', 'B', 'C'\]",
        ),
        (lambda obs: obs.assign(half_life="slow"), r"'half_life' holds 'slow'; expected numbers"),
    ],
)
def test_new_rows_that_do_not_fit_are_refused(change, message):
    letters, obs = random_letters(), a_table()
    covariates = Covariates.learn(letters, DNA, obs, ["half_life", "batch"])
    with pytest.raises(ValueError, match=message):
        covariates.table(letters, change(obs))


def test_names_of_sequences_are_no_category():
    obs = a_table()
    with pytest.raises(ValueError, match=r"'id' holds 60 different words in 60 rows"):
        Covariates.learn(random_letters(), DNA, obs.assign(id=obs.index), ["id"])


def test_one_column_is_asked_for_in_a_list():
    with pytest.raises(ValueError, match=r"expected a list of columns: \['batch'\]"):
        Covariates.learn(random_letters(), DNA, a_table(), "batch")


def test_what_is_no_list_of_columns():
    with pytest.raises(ValueError, match="`covariates` is 3; expected a list of columns"):
        Covariates.learn(random_letters(), DNA, a_table(), 3)
