"""What to expect of designs: the judge, ranks among training rows, distance to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
import toys
from designs_example import made

from motifbook._check import InputError
from motifbook.alphabet import DNA, PROTEIN, RNA
from motifbook.design import novelty
from motifbook.design.novelty import find_nearest, nearest_words
from motifbook.design.outlook import outlook
from motifbook.onehot import encode, reverse_complement

QUIET = toys.quiet(40, seed=3)
START = QUIET[0]
GATA = START[:10] + "GATA" + START[14:]
TTT = START[:10] + "TTT" + START[13:]


def shifted(by, length=40):
    """A linear network whose activity is `by` more than that of `toys.linear()`."""
    model = toys.linear(length)
    model.network[1].bias = torch.nn.Parameter(torch.tensor([float(by)]))
    return model


# ---- what the judge says


def test_the_judge_is_quoted_with_its_lowest_and_highest_network():
    designs = made([[START, GATA]], toys.linear())
    judge = [shifted(1), shifted(2), shifted(6)]
    row = outlook(designs, judge).iloc[0]
    own = row["activity"]
    assert own == pytest.approx(designs.table["activity_after"].iloc[0])
    quoted = row[["activity_judge", "activity_judge_lowest", "activity_judge_highest"]]
    np.testing.assert_allclose(quoted.astype(float) - own, [3, 1, 6], atol=1e-5)
    assert "by the judge" in row["words"]
    assert "between 3 networks" in row["words"]


def test_probabilities_are_averaged_as_logits_like_the_predictions_of_designs():
    row = outlook(made([[START, GATA]]), [toys.words(), toys.words()]).iloc[0]
    assert row["bound_judge"] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)  # 1 + 2
    assert row["judge_score"] == pytest.approx(3)
    assert "(by each of 2 networks)" in row["words"]


def test_percentile_counts_rows_that_reach_the_goal_less():
    rows = toys.book([*QUIET[1:7], *[TTT] * 2, *[GATA] * 2])  # logits 1, -2 and 3
    table = outlook(made([[START, START], [START, TTT]]), toys.words(), rows)
    assert table["percentile"].tolist() == [20, 0]
    assert table["beats_best"].tolist() == pytest.approx([0.2**2, 0])
    lower = outlook(made([[START, START], [START, TTT]], goal="min"), toys.words(), rows)
    assert lower["percentile"].tolist() == [20, 80]
    assert "The judge puts it above 20 % of training sequences" in table["words"][0]
    assert "; above the highest of 2 of them with probability 0.04" in table["words"][0]
    assert "The judge puts it below 80 % of training sequences" in lower["words"][1]


def test_a_value_is_neared_not_exceeded():
    rows = toys.book([*QUIET[1:7], *[TTT] * 2, *[GATA] * 2])
    table = outlook(made([[START, START]], goal=0.9), toys.words(), rows)
    assert "nearer to the goal than" in table["words"][0]
    assert " above " not in table["words"][0]


def test_extrapolation_is_named():
    rows = toys.book([*QUIET[1:7], *[TTT] * 2])
    table = outlook(made([[START, GATA], [START, TTT]]), toys.words(), rows)
    assert table["extrapolates"].tolist() == [True, False]
    assert "extrapolate" in table["words"][0]
    assert "extrapolate" not in table["words"][1]


def test_judges_that_disagree_are_counted():
    against = toys.linear()
    against.network[1].weight = torch.nn.Parameter(-against.network[1].weight)
    for_it = shifted(3)
    ways = [[START, GATA]]
    designs = made(ways, toys.linear())
    gains = designs.table["activity_after"] > designs.table["activity_before"]
    table = outlook(designs, [against, for_it, for_it])
    assert table["agree"].tolist() == pytest.approx([2 / 3 if gains[0] else 1 / 3])
    assert "of 3 networks of the judge put it above its start" in table["words"][0]
    same = made([[START, START]], toys.linear())
    assert "The judge does not put it above its start" in outlook(same, for_it)["words"][0]
    none = outlook(same, [for_it, shifted(3)])["words"][0]
    assert "None of the judge's 2 networks puts it above its start" in none


def test_several_readouts_have_columns_each():
    designs = made([[START, GATA]], goal={"bound": "max", "n_g": "min"})
    table = outlook(designs, toys.words(), toys.book(QUIET))
    assert table["n_g_judge"].tolist() == [1.0]
    assert table["judge_score"][0] == pytest.approx(3 - 1)


def test_without_a_judge_the_words_say_who_judges():
    table = outlook(made([[START, GATA]]), None, toys.book(QUIET))
    assert table["bound_judge"].isna().all()
    assert "no judge was asked" in table["words"][0]
    assert "The network that it was made to please puts it above" in table["words"][0]


def test_columns_do_not_depend_on_what_is_known():
    designs = made([[START, GATA]])
    everything = outlook(designs, [toys.words(), toys.words()], toys.book(QUIET))
    nothing = outlook(designs)
    assert everything.columns.tolist() == nothing.columns.tolist()
    assert nothing[["percentile", "beats_best", "identity", "distance"]].isna().all(axis=None)
    assert "not known without `adata`" in nothing["words"][0]


# ---- distance to the training data


def test_the_nearest_row_shares_a_known_part_of_its_letters():
    rows = toys.book(QUIET)
    table = outlook(made([[START, GATA], [START, START]]), None, rows)
    assert table["nearest"].tolist() == ["s0", "s0"]
    n_same = sum(a == b for a, b in zip(GATA, START))
    assert table["identity"].tolist() == pytest.approx([n_same / 40, 1])
    assert table["distance"][1] == pytest.approx(0, abs=1e-12)
    assert table["distance_percentile"][1] == 0


def test_test_rows_are_no_training_data_and_say_what_is_usual():
    rows = toys.book([*QUIET, *toys.quiet(30, seed=9)])
    rows.obs["split"] = ["train"] * 40 + ["test"] * 30
    row = outlook(made([[START, rows.obs["sequence"].iloc[50]]]), None, rows).iloc[0]
    assert row["nearest"] in rows.obs_names[:40]
    assert row["identity"] < 1
    assert 0 < row["distance_percentile"] < 100
    assert "held-out sequences" in row["words"]
    few = outlook(made([[START, GATA]]), None, rows[:45]).iloc[0]
    assert "other training sequences" in few["words"]


def test_ends_that_all_training_sequences_share_are_missed():
    left, right = "GGATCCGGATCC", "TTCGAATTCG"
    rows = toys.book([left + one + right for one in toys.quiet(20, 18, seed=4)])
    whole = rows.obs["sequence"].iloc[0]
    kept, lost = outlook(made([[whole, whole], [START, GATA]]), None, rows)["words"]
    assert "All training sequences" not in kept
    assert f"begin with the same 12 letters ({left}) and end with the same 10" in lost


def test_more_sites_than_training_sequences_have_are_counted():
    site = "AGATAAGA"
    one, two = START[:4] + site + START[12:], START[:4] + site + START[12:20] + site + START[28:]
    rows = toys.book([*QUIET[:5], *[one] * 4, two])
    row = outlook(made([[START, two]]), None, rows).iloc[0]
    assert (row["n_sites"], row["sites_percentile"]) == (2, 90)
    assert "2 motif sites, more than in 90 % of training sequences" in row["words"]


def test_other_strand_and_other_offset_are_found():
    rng = np.random.default_rng(0)
    reference = rng.integers(4, size=(300, 60)).astype(np.uint8)
    asked = reference[[5, 9, 20]].copy()
    asked[0] = reverse_complement(reference[[5]])[0]
    asked[1] = np.concatenate([rng.integers(4, size=12), reference[9, :48]])
    asked[2] = reverse_complement(asked[[1]])[0]
    found = find_nearest(asked, reference, DNA)
    assert found.rows.tolist() == [5, 9, 9]
    assert found.identity.tolist() == pytest.approx([1, 48 / 60, 48 / 60])


def test_identity_is_that_of_every_row_offset_and_strand_tried_one_by_one():
    rng = np.random.default_rng(1)
    reference = rng.integers(4, size=(20, 30)).astype(np.uint8)
    asked = rng.integers(4, size=(8, 30)).astype(np.uint8)
    asked[:, :3] = 4  # shorter ones are padded
    best = []
    for one in asked:
        shares = []
        for strand in (one, reverse_complement(one[None])[0]):
            for row in reference:
                for offset in range(-29, 30):
                    a, b = strand[max(offset, 0) :], row[max(-offset, 0) :]
                    width = min(len(a), len(b))
                    shares.append(((a[:width] == b[:width]) & (a[:width] < 4)).sum())
        best.append(max(shares) / 27)
    assert find_nearest(asked, reference, DNA).identity.tolist() == pytest.approx(best)


def test_word_likeness_is_the_cosine_of_word_counts():
    asked, reference = encode(["AAAAAAC"]), encode(["AAAAAAA", "CCCCCCC", "GTTTTTT"])
    # AAAAAA, AAAAAC; twice AAAAAA; twice CCCCCC; the other strand of the first
    rows, cosines = nearest_words(asked, reference, DNA, n=3)
    assert dict(zip(rows[0].tolist(), cosines[0])) == pytest.approx({0: 0.5**0.5, 1: 0, 2: 1})
    rows, cosines = nearest_words(asked, reference, DNA, own_rows=np.array([2]))
    assert (rows[0, 0], cosines[0, 0]) == (0, pytest.approx(0.5**0.5))


def test_large_sets_are_searched_in_parts(monkeypatch):
    rng = np.random.default_rng(3)
    reference = rng.integers(4, size=(95, 40)).astype(np.uint8)
    at_once = find_nearest(reference[:9] ^ 1, reference, DNA)
    monkeypatch.setattr(novelty, "_AT_ONCE", 10)
    in_parts = find_nearest(reference[:9] ^ 1, reference, DNA)
    np.testing.assert_array_equal(at_once.rows, in_parts.rows)
    np.testing.assert_allclose(at_once.distance, in_parts.distance)


@pytest.mark.parametrize("alphabet", [RNA, PROTEIN], ids=lambda one: one.name)
def test_alphabets_without_strands(alphabet):
    rng = np.random.default_rng(2)
    reference = rng.integers(alphabet.n_letters, size=(30, 50)).astype(np.uint8)
    found = find_nearest(reference[[3]], reference, alphabet)
    assert (found.rows[0], found.identity[0]) == (3, 1.0)
    assert found.distance[0] == pytest.approx(0, abs=1e-12)


# ---- what is refused


def test_data_without_sequences_or_of_another_alphabet_are_refused():
    designs = made([[START, GATA]])
    bare = toys.book(QUIET)
    bare.obs = pd.DataFrame(index=bare.obs_names)
    with pytest.raises(InputError, match="holds no sequences"):
        outlook(designs, None, bare)
    with pytest.raises(InputError, match="expected an AnnData"):
        outlook(designs, None, QUIET)
    proteins = toys.book(["MKVLA" * 8] * 4, "protein")
    with pytest.raises(InputError, match="protein"):
        outlook(designs, None, proteins)
    with pytest.raises(InputError, match="has 1 rows that are not for testing"):
        outlook(designs, None, toys.book(QUIET[:1]))
