"""Judges: who learned from what, and who may judge."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import toys
from designs_example import made, taught

import motifbook as mb
from motifbook._check import InputError
from motifbook.alphabet import RNA
from motifbook.design.judge import fit_judge, halve_rows, judges_of, shared_training
from motifbook.design.outlook import outlook
from motifbook.onehot import decode, encode, reverse_complement

QUIET = toys.quiet(40, seed=3)
START = QUIET[0]
GATA = START[:10] + "GATA" + START[14:]


def test_shared_training_sequences_are_said_aloud():
    maker, judge = taught(toys.words(), QUIET[:20]), taught(toys.words(), QUIET[10:])
    row = outlook(made([[START, GATA]], maker), judge).iloc[0]
    assert row["judge_shared"] == pytest.approx(10 / 30)
    assert "33 % of the judge's training sequences" in row["words"]
    apart = outlook(made([[START, GATA]], maker), taught(toys.words(), QUIET[20:])).iloc[0]
    assert apart["judge_shared"] == 0
    assert "independent" not in apart["words"]
    unknown = outlook(made([[START, GATA]]), toys.words()).iloc[0]
    assert np.isnan(unknown["judge_shared"])
    assert "is not known" in unknown["words"]


def test_the_other_strand_is_shared_training_too():
    turned = decode(reverse_complement(encode(QUIET[:20])))
    maker, judge = taught(toys.words(), QUIET), taught(toys.words(), turned)
    assert shared_training([maker], [judge]) == 1


def test_halves_share_no_sequence_and_leave_test_rows_alone():
    adata = mb.simulate(n=200, seed=0)
    adata.obs["split"] = mb.split(adata, seed=0)
    half = halve_rows(adata, seed=0)
    counts = half.value_counts()
    assert ((half == "test") == (adata.obs["split"] == "test")).all()
    assert abs(counts["design"] - counts["judge"]) <= 2
    assert (half == halve_rows(adata, seed=0)).all()
    design, judge = (set(adata.obs["sequence"][half == one]) for one in ("design", "judge"))
    assert not design & judge


def test_relatives_stay_in_one_half():
    rng = np.random.default_rng(0)
    founders = decode(rng.integers(4, size=(30, 80)).astype(np.uint8))
    adata = toys.book([one[:70] + "ACGTACGTAC" for one in founders] + founders)
    half = halve_rows(adata, seed=1).to_numpy()
    assert (half[:30] == half[30:]).all()


def test_judges_learn_from_their_half_alone():
    adata = mb.simulate(n=300, length=60, rule="single", seed=0)
    half = halve_rows(adata, seed=0)
    options = mb.FitOptions(n_steps=5)
    model = mb.CNN(1, n_filters=4, width=8)
    mb.fit(model, adata[half == "design"], seed=0, progress=False, options=options)
    judges = fit_judge(
        adata[half == "judge"], model=model, n=2, seed=0, progress=False, options=options
    )
    assert shared_training([model], judges) == 0
    assert [one.motifs.n_filters for one in judges] == [4, 4]
    assert not any(one is model for one in judges)


def test_wrong_judges_are_refused():
    designs = made([[START, GATA]])
    with pytest.raises(InputError, match=r"`judge` predicts \['activity'\].*expected \['bound'"):
        outlook(designs, toys.linear())
    with pytest.raises(InputError, match="has not been trained yet"):
        outlook(designs, mb.CNN(n_readouts=1))
    with pytest.raises(InputError, match="`judge` is a network that made the designs"):
        outlook(designs, designs.models[0])
    other = copy.deepcopy(designs.models[0])
    other.alphabet = RNA
    with pytest.raises(InputError, match=r"expected .* from ACGT"):
        judges_of(designs, other)
    with pytest.raises(InputError, match="`models` is empty"):
        outlook(designs, [])


def test_rows_that_are_all_for_testing_are_refused():
    testing = toys.book(QUIET)
    testing.obs["split"] = "test"
    with pytest.raises(InputError, match="All rows of `adata` are for testing"):
        halve_rows(testing)
