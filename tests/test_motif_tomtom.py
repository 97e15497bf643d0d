import numpy as np
import pandas as pd
import pytest

from motifbook import InputError
from motifbook.motif import database
from motifbook.motif.alignment_null import alignment_p_values
from motifbook.motif.matrix import Motif
from motifbook.motif.tomtom import _slide, _Targets, tomtom


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
    scores = np.array([[0, 1, 10, 11, 20, 21]])
    widths = np.ones(6, dtype=int)
    p_values = alignment_p_values(shares[None], np.array([[10, 20]]), scores, widths)
    # column 0 scores 10, 0 or -40, column 1 scores 20, 0 or -10: the better one, drawn apart
    np.testing.assert_allclose(p_values[0], [8 / 9, 5 / 9, 5 / 9, 3 / 9, 3 / 9, 0])


def slow_tomtom(query, targets):
    """Distances in float64, every alignment and every stretch by itself, logs of P(not reached)."""
    turned = [target.reverse_complement() for target in targets]
    columns = np.concatenate([motif.ppm for motif in [*targets, *turned]], axis=1)

    def steps(motif):
        gaps = query.ppm[:, :, None] - motif[:, None]
        return np.rint(100 * np.sqrt((gaps**2).sum(axis=0))).astype(int)

    shares = np.array([np.bincount(row, minlength=143) for row in steps(columns)])
    shares = shares / columns.shape[1]
    medians = (shares.cumsum(axis=1) >= 0.5).argmax(axis=1)
    missed = {}
    for first in range(query.width):
        far = np.ones(1)
        for last in range(first, query.width):
            far = np.convolve(far, shares[last])
            most = medians[first : last + 1].sum()
            missed[first, last] = [np.log1p(-far[: most - s + 1].sum()) for s in range(most + 1)]
    rows = []
    for target, other in zip(targets, turned):
        found = []
        for strand, motif in (("+", target), ("-", other)):
            gains = medians[:, None] - steps(motif.ppm)
            for offset in range(query.width - 1, -motif.width, -1):
                found.append((int(gains.diagonal(-offset).sum()), offset, strand))
        score, offset, strand = max(found, key=lambda row: row[0])
        log = 0.0
        for place in range(query.width - 1, -target.width, -1):
            span = max(place, 0), min(place + target.width, query.width) - 1
            log += missed[span][score] if 0 <= score < len(missed[span]) else 0.0
        p_value = -np.expm1(log) if score > 0 else 1.0
        rows.append((target.name, p_value * (2 - p_value), offset, strand))
    return sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize("widths", [(1, 4), (5, 18)])
def test_agrees_with_every_alignment_and_stretch_taken_by_itself(widths):
    targets = random_motifs(40, seed=5, widths=widths)
    queries = [targets[0].reverse_complement(), *random_motifs(3, seed=6, widths=(2, 16))]
    table = tomtom(queries, targets)
    for number, query in enumerate(queries):
        rows = table.iloc[number * 40 : number * 40 + 40].set_index("target")
        for name, p_value, offset, strand in slow_tomtom(query, targets):
            assert rows.loc[name, "p_value"] == pytest.approx(p_value, rel=1e-9)
            assert (rows.loc[name, "offset"], rows.loc[name, "strand"]) == (offset, strand)


def test_queries_compared_in_batches_are_as_each_alone(monkeypatch):
    targets = random_motifs(30, seed=3)
    queries = random_motifs(20, seed=4, widths=(8, 10))
    table = tomtom(queries, targets)
    monkeypatch.setattr("motifbook.motif.tomtom.DISTANCES_AT_ONCE", 1)
    pd.testing.assert_frame_equal(tomtom(queries, targets), table, rtol=1e-12)


def test_scores_beyond_sixteen_bits():
    targets = _Targets.of(random_motifs(1, seed=7, widths=(240, 241)))
    steps = np.zeros((240, 480), dtype=np.uint8)
    (sums,) = _slide(steps, np.full(240, 142), targets, 1)
    assert sums.max() == 240 * 142


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
