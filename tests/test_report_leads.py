"""Who predicts better? A report says so by the interval of the difference on the same rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motifbook.report import Settings, analyze, quality_page
from motifbook.report.analysis import _evaluate
from motifbook.report.leads import beaten
from motifbook.report.page import page
from motifbook.report.pictures import pictures
from motifbook.report.predictors import CNN_NAME, STRONG_NAME
from motifbook.report.scores import Predictor, evaluation_table, measure
from motifbook.report.words import headline, verdict

QUIET = Settings(seed=0, progress=False)
KNOWN = "best known motif: Spi1 (MA0080.7)"


@pytest.fixture(scope="module")
def made(trained):
    return analyze(
        trained.adata, trained.model, known=None, baselines=[], designs=0, settings=QUIET
    )


@pytest.fixture
def beside(made):
    """The analysis as if baselines of these names predicted these values."""

    def beside(**predictions):
        own = made.predictors[0]
        others = [replace(own, name=name, prediction=p) for name, p in predictions.items()]
        predictors = [own, *others]
        table = _evaluate(made.adata, made.judges, predictors, made.contrasts)
        return replace(made, predictors=predictors, evaluation=table)

    return beside


def noisy(made, size):
    rng = np.random.default_rng(0)
    own = made.predictors[0].prediction
    return (own + size * rng.normal(size=own.shape)).astype(np.float32)


def truth(made):
    return made.adata.X[made.judges].astype(np.float32)


def test_a_lead_is_the_difference_with_an_interval_of_the_same_draws():
    rng = np.random.default_rng(0)
    measured = rng.integers(0, 2, (300, 1)).astype(np.float32)
    first = (measured + rng.normal(size=(300, 1))).astype(np.float32)
    second = (first + 0.1 * rng.normal(size=(300, 1))).astype(np.float32)
    predictors = [Predictor("network", "", first), Predictor("other", "", second)]
    table = evaluation_table(measured, predictors, ["bound"], ["binary"])
    own, other = (row for _, row in table.iterrows())
    values = [measure("binary", *map(np.ravel, (measured, p.prediction))) for p in predictors]
    assert other["lead"] == pytest.approx(values[0] - values[1])
    assert other["lead_low"] < other["lead"] < other["lead_high"]
    paired, alone = other["lead_high"] - other["lead_low"], own["high"] - own["low"]
    assert paired < alone / 3  # nearly the same predictions differ by less than each is uncertain
    assert np.isnan([own["lead"], own["lead_low"], own["lead_high"]]).all()


def test_the_interval_of_a_difference_agrees_with_its_formula():
    """Two correlations of unrelated noise near 0 differ with a variance of 2 / n."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 1)).astype(np.float32)
    noise = [rng.normal(size=x.shape).astype(np.float32) for _ in range(2)]
    predictors = [Predictor(name, "", one) for name, one in zip("ab", noise)]
    row = evaluation_table(x, predictors, ["y"], ["continuous"]).iloc[1]
    expected = 2 * 1.96 * np.sqrt(2 / 2000)
    assert row["lead_high"] - row["lead_low"] == pytest.approx(expected, rel=0.1)


def test_a_plain_network_that_is_better_is_told_under_the_headline(made, beside):
    better = beside(**{CNN_NAME: truth(made)})
    [caution] = beaten(better)
    assert caution.startswith("The plain CNN predicts bound better than this network, auROC 0.")
    assert "95 % interval of the difference, on the same sequences: 0." in caution
    assert verdict(better)[:2] == [headline(better), caution]
    text = page(better, pictures(better))
    assert text.index("predicts bound better than this network") < text.index("is found in")
    assert "The motif " in verdict(better)[2]  # not "It", which would be the network


def test_a_plain_network_that_is_as_good_is_no_caution(made, beside):
    alike = beside(**{CNN_NAME: noisy(made, 0.05)})
    assert beaten(alike) == []
    assert "they cannot be told apart" in " ".join(verdict(alike))


def test_a_network_that_is_better_than_all_says_so(made, beside):
    worse = beside(**{CNN_NAME: noisy(made, 9.0), STRONG_NAME: noisy(made, 20.0)})
    assert beaten(worse) == []
    assert "The network is ahead of the best of these, the plain CNN, by 0." in " ".join(
        verdict(worse)
    )
    assert "it is better." in " ".join(verdict(worse))


def test_a_known_motif_that_is_better_is_told(made, beside):
    [caution] = beaten(beside(**{KNOWN: truth(made)}))
    assert caution.startswith("One known motif by itself, Spi1 (MA0080.7), predicts bound better")
    assert caution.endswith("read the known motifs before those of the network.")


def test_a_known_motif_that_is_a_little_ahead_is_told_as_not_shown(made, beside):
    ahead = next(
        analysis
        for size in np.arange(0.01, 0.5, 0.01)
        if (analysis := beside(**{KNOWN: noisy(made, size)})).evaluation["lead"].iloc[-1] < 0
    )
    assert ahead.evaluation["lead_high"].iloc[-1] >= 0
    [caution] = beaten(ahead)
    assert "predicts bound as well as the network" in caution
    assert caution.endswith("that the network knows more than this motif is not shown.")


def test_the_page_compares_each_predictor_with_the_network(made, beside):
    text = page(beside(**{CNN_NAME: noisy(made, 9.0)}), pictures(made))
    assert "network ahead by</th>" in text
    assert "if its interval holds 0, the two cannot be told apart" in text


def test_those_that_are_not_ahead_are_told_beside_those_that_are(made, beside):
    mixed = beside(
        **{CNN_NAME: truth(made), STRONG_NAME: noisy(made, 0.05), KNOWN: noisy(made, 20)}
    )
    said = " ".join(verdict(mixed))
    assert "it is better than the best known motif and cannot be told apart from the larger" in said


def test_shuffles_are_told_to_be_easy_controls(made):
    book = made.adata.copy()
    book.obs_names = [*book.obs_names[:-1], "peak_1|shuffled"]
    easy = "easier to tell from them than unbound regions"
    assert easy in quality_page.section_html(replace(made, adata=book), {})
    assert easy not in quality_page.section_html(made, {})


def test_log_odds_are_explained_where_a_readout_is_yes_or_no(made):
    assert "Log odds, or logit: the scale of yes and no" in page(made, pictures(made))
