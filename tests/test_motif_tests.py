"""`test_motifs`: what it returns, which findings it keeps, and what it says of them."""

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.alphabet import DNA
from motifbook.motif.compare import similarity
from motifbook.significance.errors import control_errors
from motifbook.significance.finding import Finding, ReadoutTests
from motifbook.significance.logo import word_motif
from motifbook.significance.result import SelfCheck
from motifbook.significance.tested import Tested
from tests.motif_tests_books import book as small_book
from tests.motif_tests_books import different

MOTIF = "TGACTCAT"
FEW = mb.TestOptions(n_steps=2, k=5)


def book(n=200, n_readouts=1, effects=(2.0,), seed=0):
    """Sequences of 50 letters, half with the motif, which adds its effect to each readout."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n, 50)).astype(np.uint8)
    holds = rng.random(n) < 0.5
    letters[holds, 20:28] = DNA.codes(MOTIF)
    noise = rng.standard_normal((n, n_readouts))
    sequences = ["".join("ACGT"[code] for code in row) for row in letters]
    readouts = noise + holds[:, None] * np.resize(effects, n_readouts)
    names = [f"readout{number}" for number in range(n_readouts)]
    table = pd.DataFrame({"sequence": sequences} | dict(zip(names, readouts.T)))
    return table, names


@pytest.fixture(scope="module")
def adata(tmp_path_factory):
    table, names = book(n_readouts=3, effects=(2.0, 0.0, 2.0))
    path = tmp_path_factory.mktemp("book") / "book.tsv"
    table.to_csv(path, sep="\t", index=False)
    return mb.read_table(path, sequence="sequence", readouts=names)


@pytest.fixture(scope="module")
def tests(adata):
    return mb.test_motifs(adata, options=FEW, seed=0)


def test_the_planted_motif_is_kept_in_the_readouts_that_it_moves(tests):
    kept = tests.table[tests.table["kept"]]
    assert kept["readout"].tolist() == ["readout0", "readout2"]
    assert all(similarity(m, mb.Motif.from_sites("planted", [MOTIF])) > 0.8 for m in tests.motifs)
    assert (kept["lower"] > 0).all()
    assert tests.readouts["n_kept"].tolist() == [1, 0, 1]


def test_motifs_know_their_readout_and_p_value(tests):
    first = tests.motifs[0]
    assert first.info["readout"] == "readout0"
    assert first.info["p_value"] == tests.table["p_value"][0]


def test_the_table_is_one_row_per_readout_and_step(tests):
    assert tests.table[["readout", "step"]].values.tolist() == [
        [f"readout{number}", step] for number in range(3) for step in (1, 2)
    ]
    assert (tests.table["p_value"] >= tests.table["naive_p_value"]).all()
    assert np.isfinite(tests.table["log_p"]).all()


def test_one_readout_by_name_or_number(adata, tests):
    for readout in (2, "readout2"):
        alone = mb.test_motifs(adata, readout=readout, options=FEW, seed=0).table
        of_all = tests.table[tests.table["readout"] == "readout2"]
        assert alone["motif"].tolist() == of_all["motif"].tolist()
        assert alone["log_p"].tolist() == of_all["log_p"].tolist()


def test_methods_name_engine_numbers_and_seed(tests):
    text = tests.methods_text()
    for part in ("200 sequences", "max-T", "Villié", "seed 0", "0.05", "90%", "GC"):
        assert part in text, part


@pytest.mark.parametrize("engine", ["maxt", "seism", "split", "fixed"])
def test_methods_say_that_ranks_were_tested(adata, engine):
    options = mb.TestOptions(n_steps=1, k=4)
    motifs = [mb.Motif.from_sites("planted", [MOTIF])] if engine == "fixed" else None
    tests = mb.test_motifs(adata[:80], motifs, readout=0, engine=engine, options=options, seed=0)
    assert "Ranks of the readout were made normal" in tests.methods_text()
    assert "covariates: GC." in tests.methods_text()


def test_methods_say_within_what_rows_were_compared():
    adata = small_book(different(80, 50), np.arange(80) % 2, batch=np.arange(80) // 20)
    free = mb.test_motifs(adata, options=FEW, seed=0).methods_text()
    held = mb.test_motifs(adata, blocks="batch", options=FEW, seed=0).methods_text()
    assert "within blocks only" in held
    assert "within blocks only" not in free
    assert "Ranks" not in held


def test_the_null_is_drawn_on_request(tests):
    sample = tests.null(0, n_draws=50)
    assert sample.values.shape == (50,)
    assert sample.observed > sample.values.max()  # the motif is there
    with pytest.raises(mb.InputError, match=r"`row` is 6; expected"):
        tests.null(6)


def test_rows_without_draws_say_so(adata):
    fixed = mb.test_motifs(adata, [mb.Motif.from_sites("planted", [MOTIF])], readout=0, seed=0)
    assert fixed.table["step"].tolist() == [0]
    assert np.isnan(fixed.table["naive_p_value"][0])
    with pytest.raises(mb.InputError, match="'fixed', which has a formula and draws nothing"):
        fixed.null(0)
    with pytest.raises(mb.InputError, match="cannot be repeated on readouts in random order"):
        fixed.qq()


@pytest.mark.parametrize("engine", ["seism", "split", "thin", "conditional", "permutation"])
def test_every_engine_fills_the_same_table(adata, tests, engine):
    options = mb.TestOptions(n_steps=1, k=4)
    other = mb.test_motifs(adata[:100], readout=0, engine=engine, options=options, seed=0)
    assert other.table.columns.tolist() == tests.table.columns.tolist()
    assert other.table["engine"].tolist() == [engine]
    assert other.methods_text()


def test_seism_tests_all_its_motifs_together_too(adata):
    options = mb.TestOptions(n_steps=2, k=4)
    found = mb.test_motifs(adata[:80], readout=0, engine="seism", options=options, seed=0)
    assert "All 2 motifs together: p = 0." in found.readouts["notes"][0]


def test_chosen_motifs_are_refused_on_the_rows_that_chose_them(adata, tests):
    with pytest.raises(mb.InputError, match="was learned from about 100% of the 200 sequences"):
        mb.test_motifs(adata, tests.motifs, seed=0)


def test_a_network_gives_its_motifs_to_rows_that_it_has_not_seen(adata):
    split = np.where(np.arange(adata.n_obs) % 2, "test", "train")
    halved = adata[:, [0]].copy()
    halved.obs["split"] = split
    model = mb.CNN(n_readouts=1, n_filters=4, width=8)
    mb.fit(model, halved, seed=0, options=mb.FitOptions(n_steps=30), progress=False)
    found = mb.test_motifs(halved, model, rows="test", seed=0)
    listed = mb.read_motifs(model, halved, include_unused=True)
    assert found.table["motif"].tolist() == [motif.name for motif in listed]
    with pytest.raises(mb.InputError, match="was learned from about 50% of the 200 sequences"):
        mb.test_motifs(halved, model)


def test_an_engine_that_does_not_suit_is_refused(adata):
    motif = mb.Motif.from_sites("planted", [MOTIF])
    with pytest.raises(mb.InputError, match="'fixed', but `motifs` is None"):
        mb.test_motifs(adata, engine="fixed")
    with pytest.raises(mb.InputError, match="'seism', which selects among all motifs of a width"):
        mb.test_motifs(adata, [motif], engine="seism")
    with pytest.raises(mb.InputError, match="`engine` is 'maxT'"):
        mb.test_motifs(adata, engine="maxT")


def findings(log_p, readout="a", is_stepwise=True):
    motif = mb.Motif.from_sites("x", ["ACGT"])
    listed = [
        Finding("x", motif, 1, np.zeros(1, bool), 0.0, Tested(value, 0.0), value) for value in log_p
    ]
    return ReadoutTests(readout, "maxt", "", 10, listed, is_stepwise)


def test_steps_are_kept_up_to_the_first_large_p():
    [errors] = control_errors([findings(np.log([0.001, 0.2, 0.01]))], mb.TestOptions())
    assert errors.fwer_p_value.round(3).tolist() == [0.001, 0.2, 0.2]
    assert errors.kept.tolist() == [True, False, False]


def test_forward_stop_may_pass_a_large_p():
    by_fdr = mb.TestOptions(control="fdr", fdr=0.1)
    [errors] = control_errors([findings(np.log([0.001, 0.2, 0.01]))], by_fdr)
    assert errors.q_value.round(3).tolist() == [0.001, 0.078, 0.078]
    assert errors.kept.tolist() == [True, True, True]


def test_fixed_motifs_are_adjusted_by_holm_and_benjamini_hochberg():
    one = findings(np.log([0.01, 0.04, 0.03]), is_stepwise=False)
    [errors] = control_errors([one], mb.TestOptions())
    assert errors.fwer_p_value.round(3).tolist() == [0.03, 0.06, 0.06]
    assert errors.q_value.round(3).tolist() == [0.03, 0.04, 0.04]
    assert errors.kept.tolist() == [True, False, False]


def test_levels_shrink_by_the_share_of_readouts_with_a_finding():
    """One readout of four is chosen, so a step is kept at a quarter of .05."""
    logs = np.log([[0.001, 0.02], [0.5, 0.5], [0.6, 0.6], [0.7, 0.7]])
    first, *others = control_errors([findings(log_p) for log_p in logs], mb.TestOptions())
    assert first.readout_q_value == pytest.approx(0.004)
    assert first.kept.tolist() == [True, False]
    assert not any(one.kept.any() for one in others)
    [alone] = control_errors([findings(logs[0])], mb.TestOptions())
    assert alone.kept.tolist() == [True, True]


def test_a_tiny_p_is_no_zero_q():
    [errors] = control_errors([findings([-500.0])], mb.TestOptions())
    assert errors.q_value[0] == pytest.approx(np.exp(-500.0))


def test_a_self_check_tells_too_many_small_p_values():
    fine, bad = np.linspace(0.005, 0.995, 100), np.full(100, 0.01)
    assert SelfCheck("a", "maxt", fine).holds_level
    assert SelfCheck("a", "maxt", fine).uniformity > 0.9
    assert not SelfCheck("a", "maxt", bad).holds_level
    assert "100 of 100 readouts in random order have p <= .05" in str(SelfCheck("a", "maxt", bad))


def test_a_word_grows_to_the_motif_around_it():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (300, 60)).astype(np.uint8)
    letters[:100, 20:30] = DNA.codes("ATGACTCATC")
    towards = np.where(np.arange(300) < 100, 1.0, 0.0) + 0.1 * rng.random(300)
    grown = word_motif(DNA.codes("GACTCA"), letters, towards, DNA)
    assert similarity(grown, mb.Motif.from_sites("whole", ["ATGACTCATC"])) > 0.9


def test_a_word_that_is_nowhere_stays_a_word():
    letters = DNA.codes("GGATTTGGCC" * 4)[np.add.outer(np.zeros(60, int), np.arange(40))]
    kept = word_motif(DNA.codes("GACTCA"), letters, np.arange(60.0), DNA)
    assert kept.consensus == "GACTCA"


@pytest.mark.parametrize("bad", [{"control": "none"}, {"alpha": 2.0}, {"n_steps": 0}, {"k": 0}])
def test_settings_without_sense_are_refused(bad):
    with pytest.raises(mb.InputError, match=f"`{next(iter(bad))}` is"):
        mb.TestOptions(**bad)


def test_measured_values_of_heavy_tails_give_no_small_p_unsaid():
    """Few large values and rare words: what asks for normal noise is not what "auto" takes."""
    options = mb.TestOptions(n_steps=1, scores="measured")
    given = [mb.Motif.from_sites(word, [word]) for word in ("GGAA", "ACGT", "GATTACA")]
    p_values = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        adata = mb.simulate(n=100, length=50, rule="single", seed=seed)
        adata.X = np.exp(2 * rng.normal(size=(100, 1))).astype(np.float32)
        adata.var["kind"] = "continuous"
        tests = mb.test_motifs(adata, options=options, seed=seed)
        assert tests.readouts["why"][0].startswith("measured values need not have normal noise")
        p_values.append(tests.table["p_value"][0])
        fixed = mb.test_motifs(adata, given, options=options, seed=seed)
        p_values.append(fixed.table["fwer_p_value"].min())
    assert np.mean(np.array(p_values) <= 0.05) <= 0.2
    tests = mb.test_motifs(adata, engine="maxt", options=options, seed=0)
    assert any("only if their noise is normal" in note for note in tests.notes)


@pytest.mark.parametrize("high", [0.9, 0.5])
def test_effects_that_may_be_those_of_blocks_are_not_given(high):
    """Every second block holds the motif, and reads 1 more often, or not."""
    batch = np.arange(160) // 40
    is_rich, rng = batch % 2 == 1, np.random.default_rng(1)
    holds = is_rich & (rng.random(160) < 0.8)
    sequences = different(160, 50)
    sequences = [MOTIF + one[8:] if held else one for one, held in zip(sequences, holds)]
    bound = rng.random(160) < np.where(is_rich, high, 1 - high)
    adata = small_book(sequences, bound, batch=batch)
    row = mb.test_motifs(adata, blocks="batch", options=FEW, seed=0).table.loc[0]
    assert row["p_value"] > 0.05
    assert ("blocks differ" in row["notes"]) == (high > 0.5)
    assert np.isnan(row["lower"]) == (high > 0.5)


def test_what_nobody_can_repeat_or_read_is_refused(tests):
    with pytest.raises(mb.InputError, match="`n_repeats` is 0; expected a whole number, 1 or more"):
        tests.qq(0)
    rng = np.random.default_rng(0)
    sequences = ["".join(row) for row in rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), (40, 30))]
    proteins = small_book(sequences, rng.normal(size=40), alphabet="protein")
    with pytest.raises(mb.InputError, match=r"is written in DNA, the sequences in protein"):
        mb.test_motifs(proteins, "JASPAR2026_fungi", seed=0)


def test_wrong_settings_are_told(adata):
    for setting, told in (
        ({"composition": "no"}, "`composition` is 'no'; expected one of True, False"),
        ({"n_draws": 0}, "`n_draws` is 0; expected a whole number, 1 or more"),
        ({"mesh": 3}, r"`mesh` is 3; expected such as `motifbook.*MeshOptions\(\)`"),
    ):
        with pytest.raises(mb.InputError, match=told):
            mb.TestOptions(**setting)
    with pytest.raises(mb.InputError, match="`covariates` is 3; expected names of columns"):
        mb.test_motifs(adata, covariates=3, seed=0)
