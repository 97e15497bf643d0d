"""Given motifs, one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import motifbook as mb
from motifbook.alphabet import DNA, RNA
from motifbook.onehot import encode
from motifbook.significance.fixed_path import fixed_tests
from motifbook.significance.nuisance import nuisance
from motifbook.significance.rows import Taken, take_rows

GATA = mb.Motif.from_sites("GATA", ["AGATAAGC"] * 9, pseudocount=0.1)
SPI1, CTCF = (mb.database.motif(name) for name in ("MA0080.7", "MA0139.2"))


def taken_of(letters, readout, blocks=None):
    n = len(letters)
    names = np.array([f"s{row}" for row in range(n)], dtype=object)
    readout = np.asarray(readout, dtype=float)
    return Taken("y", names, letters, DNA, readout, np.arange(n, dtype=np.uint64), {}, blocks, ())


def planted(n, n_with, effect, seed=0):
    """Random letters, GATA in the first rows, and a readout that is `effect` higher in these."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n, 60)).astype(np.uint8)
    letters[:n_with, 20:28] = encode(["AGATAAGC"])[0]
    return letters, effect * (np.arange(n) < n_with) + rng.standard_normal(n)


def test_the_effect_is_that_of_a_hit_in_readout_units():
    letters, readout = planted(400, 200, 3.0)
    [found] = fixed_tests(taken_of(letters, readout), [GATA], nuisance(400), seed=0).findings
    assert found.is_hit[:200].all()
    assert found.effect.lower < 3 < found.effect.upper
    assert found.effect.value == pytest.approx(3, abs=0.3)
    assert found.difference == pytest.approx(3, abs=0.3)
    assert found.tested.log_p < -30
    assert found.tested.n_draws == 0


def test_scale_and_shift_of_the_readout_do_not_matter():
    letters, readout = planted(100, 30, 0.7)
    one = fixed_tests(taken_of(letters, readout), [GATA], nuisance(100), seed=0).findings[0]
    other = fixed_tests(taken_of(letters, 9 - 1e6 * readout), [GATA], nuisance(100), seed=0)
    [turned] = other.findings
    assert turned.tested.log_p == pytest.approx(one.tested.log_p)
    assert turned.effect.value == pytest.approx(-1e6 * one.effect.value)
    assert turned.effect.lower == pytest.approx(-1e6 * one.effect.upper)


def test_the_strand_of_sequences_does_not_matter():
    letters, readout = planted(60, 30, 0.7)
    turned = DNA.complement_codes[letters[:, ::-1]]
    both = [
        fixed_tests(taken_of(codes, readout), [GATA], nuisance(60), seed=0).findings[0]
        for codes in (letters, turned)
    ]
    assert both[0].tested.log_p == pytest.approx(both[1].tested.log_p)


def test_few_values_and_few_sequences_are_permuted():
    letters, readout = planted(200, 100, 2.0)
    found = fixed_tests(taken_of(letters, readout > 1), [GATA, CTCF], nuisance(200), seed=0)
    gata, ctcf = found.findings
    assert gata.tested.p_value == pytest.approx(1e-4)
    assert gata.tested.n_draws == 9999
    assert ctcf.tested.n_draws < 9999  # enough is known of it
    assert "few values" in found.why
    few = fixed_tests(taken_of(letters[90:110], readout[90:110]), [GATA], nuisance(20), seed=0)
    assert "20 sequences are few" in few.why
    assert few.findings[0].tested.n_draws > 0


def test_positives_are_compared_with_their_own_shuffles():
    """What pairs differ in counts for nothing: here it is twenty times what a hit does."""
    letters, _ = planted(200, 100, 0)
    rng = np.random.default_rng(1)
    pair = np.tile(np.arange(100), 2)
    readout = (np.arange(200) < 100) + rng.normal(0, 20, 100)[pair] + rng.normal(0, 0.5, 200)
    within = fixed_tests(taken_of(letters, readout, pair), [GATA], nuisance(200), scores="measured")
    across = fixed_tests(taken_of(letters, readout), [GATA], nuisance(200), scores="measured")
    assert within.findings[0].tested.p_value == pytest.approx(1e-4)  # the least of 9,999
    assert within.findings[0].effect.value == pytest.approx(1, abs=0.2)
    assert across.findings[0].tested.p_value > 0.01


def test_what_covariates_explain_is_no_motif():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(20):
        gc = rng.beta(4, 4, 200)
        strong = rng.random((200, 60)) < gc[:, None]
        letters = np.where(
            strong, rng.integers(1, 3, strong.shape), 3 * rng.integers(0, 2, strong.shape)
        )
        taken = taken_of(letters.astype(np.uint8), strong.mean(axis=1))
        readout = taken.readout + rng.normal(0, 0.02, 200)
        taken = replace(taken, readout=readout)
        without = nuisance(200, letters=taken.letters)
        p_values.append(
            [
                fixed_tests(taken, [CTCF], w).findings[0].tested.p_value
                for w in (nuisance(200), without)
            ]
        )
    ignoring, holding = np.median(p_values, axis=0)
    assert ignoring < 1e-4
    assert holding > 0.1


def test_sequences_too_short_for_a_motif_hold_no_site():
    letters, readout = planted(100, 50, 2.0)
    short = letters.copy()
    short[::3, 10:] = 4  # of every third sequence ten letters are known
    found = fixed_tests(taken_of(short, readout), [CTCF, GATA], nuisance(100), seed=0)
    assert not found.findings[0].is_hit[::3].any()
    assert np.isfinite([one.tested.log_p for one in found.findings]).all()
    wide = mb.Motif("wide", np.tile(GATA.ppm, 9))
    [never] = fixed_tests(taken_of(short, readout), [wide], nuisance(100), seed=0).findings
    assert never.tested.p_value == 1
    assert np.isnan(never.effect.value)
    assert not never.is_hit.any()


def test_unknown_letters_are_told():
    letters, readout = planted(100, 50, 2.0)
    assert fixed_tests(taken_of(letters, readout), [GATA], nuisance(100)).notes == ()
    letters[:, 40:44] = 4
    found = fixed_tests(taken_of(letters, readout), [GATA], nuisance(100))
    assert found.notes == ("7% of the letters are unknown; windows that hold one do not count.",)


def test_real_motifs_are_told_apart():
    adata = mb.simulate(n=300, length=100, rule="single", seed=2)
    taken = take_rows(adata)
    found = fixed_tests(taken, [CTCF, SPI1], nuisance(300, letters=taken.letters), seed=0)
    assert [one.tested.p_value < 0.001 for one in found.findings] == [False, True]


@pytest.mark.parametrize("law", ["normal", "log-normal", "binary"])
def test_p_values_are_uniform_where_nothing_is_planted(law):
    p_values = []
    for seed in range(150):
        rng = np.random.default_rng([3, seed])
        letters = rng.integers(0, 4, (60, 60)).astype(np.uint8)
        noise = rng.standard_normal(60)
        readout = {"normal": noise, "log-normal": np.exp(noise), "binary": noise > 1}[law]
        taken = taken_of(letters, readout)
        [found] = fixed_tests(taken, [GATA], nuisance(60), n_draws=199, seed=seed).findings
        p_values.append(found.tested.p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_other_letters_and_no_motifs_are_refused():
    letters, readout = planted(50, 20, 1.0)
    with pytest.raises(mb.InputError, match=r"'r' is written in RNA, the sequences in DNA"):
        fixed_tests(
            taken_of(letters, readout), [mb.Motif("r", GATA.ppm, alphabet=RNA)], nuisance(50)
        )
    with pytest.raises(mb.InputError, match=r"`motifs` is empty; expected a motif or more"):
        fixed_tests(taken_of(letters, readout), [], nuisance(50))
    with pytest.raises(mb.InputError, match=r"`scores` is 'ranks'; expected one of 'auto'"):
        fixed_tests(taken_of(letters, readout), [GATA], nuisance(50), scores="ranks")
