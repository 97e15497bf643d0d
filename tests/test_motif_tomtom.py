import numpy as np
import pytest

from motifbook import InputError
from motifbook.motif import database
from motifbook.motif.matrix import Motif
from motifbook.motif.tomtom import _null, tomtom


def random_motifs(n, seed, widths=(6, 14), concentration=0.3):
    generator = np.random.default_rng(seed)
    columns = [
        generator.dirichlet(np.full(4, concentration), w) for w in generator.integers(*widths, n)
    ]
    return [Motif(f"random{number}", ppm.T) for number, ppm in enumerate(columns)]


def noisy(motif, generator, share=0.1):
    noise = generator.dirichlet(np.ones(4), motif.width).T
    return Motif(motif.name, (1 - share) * motif.ppm + share * noise, info=motif.info)


def test_the_null_of_two_columns_against_one_is_the_better_of_both():
    steps = np.array([[0, 10, 50], [0, 20, 30]])  # distances to three target columns
    shares = np.zeros((2, 143))
    for row in range(2):
        shares[row, steps[row]] = 1 / 3
    medians = np.array([10, 20])
    p_value = _null(shares, medians, np.array([1]))[1]
    # column 0 scores 10, 0 or -40, column 1 scores 20, 0 or -10: the better one, drawn apart
    np.testing.assert_allclose(
        p_value[[0, 1, 10, 11, 20, 21]], [8 / 9, 5 / 9, 5 / 9, 3 / 9, 3 / 9, 0]
    )


def test_p_values_far_in_the_tail_are_exact():
    generator = np.random.default_rng(0)
    letters = generator.integers(4, size=(40, 60))
    targets = [Motif(f"t{number}", np.eye(4)[:, row]) for number, row in enumerate(letters)]
    counts = np.bincount(letters.ravel(), minlength=4)
    share = (counts + counts[::-1]) / counts.sum() / 2  # on both strands
    best = tomtom([targets[7]], targets, n=1).iloc[0]
    assert best["target"] == "t7"
    assert best["p_value"] == pytest.approx(2 * np.prod(share[letters[7]]), rel=1e-9)
    assert 0 < best["p_value"] < 1e-34


def test_p_values_of_unrelated_motifs_are_uniform():
    table = tomtom(random_motifs(40, seed=1), random_motifs(300, seed=2))
    for limit in (0.5, 0.1, 0.01):
        assert (table["p_value"] <= limit).mean() == pytest.approx(limit, rel=0.35)


def test_shift_and_strand_are_read_off():
    targets = database.collection("JASPAR2026_insects")
    target = max(targets, key=lambda motif: motif.bits)
    query = Motif("query", target.reverse_complement().ppm[:, 2:])
    best = tomtom([query], targets, n=1).iloc[0]
    assert best["target"] == target.info["id"]
    assert (best["offset"], best["strand"], best["overlap"]) == (-2, "-", query.width)


def test_rows_are_those_of_each_query_alone_and_sorted():
    targets = random_motifs(30, seed=3)
    queries = [noisy(motif, np.random.default_rng(0)) for motif in targets[:3]]
    table = tomtom(queries, targets, n=4)
    assert table["motif"].tolist() == [q.name for q in queries for _ in range(4)]
    for query in queries:
        own = table[table["motif"] == query.name].reset_index(drop=True)
        assert own["p_value"].is_monotonic_increasing
        assert own.equals(tomtom([query], targets, n=4))


def test_q_values_count_all_targets():
    targets = random_motifs(30, seed=3)
    table = tomtom(targets[:1], targets, n=1)
    assert table.loc[0, "q_value"] == pytest.approx(30 * table.loc[0, "p_value"])


def test_few_targets_and_none_are_spoken_of():
    with pytest.warns(UserWarning, match=r"P-values from 3 targets are rough.*Give 25 or more"):
        tomtom(random_motifs(1, seed=0), random_motifs(3, seed=1))
    with pytest.raises(InputError, match="`targets` is empty; expected known motifs"):
        tomtom(random_motifs(1, seed=0), [])


def test_no_queries_give_an_empty_table():
    assert len(tomtom([], random_motifs(30, seed=0))) == 0


@pytest.mark.slow
def test_agrees_with_memelite():
    memelite = pytest.importorskip("memelite")
    targets = database.collection("JASPAR2026_vertebrates")
    generator = np.random.default_rng(0)
    queries = [noisy(targets[i], generator) for i in generator.choice(len(targets), 24, False)]
    table = tomtom(queries, targets)
    ids = [target.info["id"] for target in targets]
    ours = np.array(
        [
            rows.set_index("target").loc[ids, "p_value"]
            for _, rows in table.groupby(np.arange(len(table)) // len(targets))
        ]
    )
    theirs = memelite.tomtom(
        [q.ppm for q in queries], [t.ppm for t in targets], n_target_bins=None, n_score_bins=500
    )[0]
    assert (ours.argmin(axis=1) == theirs.argmin(axis=1)).all()
    logs = np.log10(ours), np.log10(theirs)
    assert np.corrcoef(logs[0].ravel(), logs[1].ravel())[0, 1] > 0.9999
    np.testing.assert_allclose(logs[0], logs[1], rtol=0.05, atol=0.1)
