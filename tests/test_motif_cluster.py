from dataclasses import replace

import numpy as np
import pytest

from motifbook import InputError
from motifbook.motif import database
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.compare import similarity
from motifbook.motif.matrix import Motif

SIX = ("MA0139.2", "MA0080.7", "MA0035.5", "MA0091.2", "MA0476.2", "MA0511.2")


def copies(motif, seed, n=5):
    """Noisy copies in windows that are shifted and flanked, every other one mirrored."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(n):
        flanked = np.hstack([np.full((4, 4), 0.25), motif.ppm, np.full((4, 4), 0.25)])
        shift = generator.integers(0, 4)
        window = flanked[:, shift : shift + motif.width + 5]
        counts = [generator.multinomial(200, column) for column in window.T]
        copy = Motif.from_pfm(f"{motif.name}-{number}", np.array(counts).T)
        made.append(copy.reverse_complement() if number % 2 else copy)
    return made


def test_copies_of_six_motifs_merge_into_six():
    truths = [database.motif(identifier).trim() for identifier in SIX]
    mixed = [copy for seed, truth in enumerate(truths) for copy in copies(truth, seed)]
    order = np.random.default_rng(0).permutation(len(mixed))
    merged = cluster_motifs([mixed[number] for number in order])
    assert len(merged) == 6
    for truth in truths:
        best = max(merged, key=lambda motif: similarity(motif, truth))
        assert similarity(best, truth) > 0.95
        assert sorted(best.info["members"]) == [f"{truth.name}-{number}" for number in range(5)]
        assert abs(best.width - truth.width) <= 2
        assert best.n_sites == 1000


def test_the_order_of_equals_does_not_matter():
    truths = [database.motif(identifier) for identifier in SIX[:3]]
    mixed = [copy for seed, truth in enumerate(truths) for copy in copies(truth, seed)]
    first, second = cluster_motifs(mixed), cluster_motifs(mixed[::-1])
    assert [motif.name for motif in first] == [motif.name for motif in second]
    for one, other in zip(first, second):
        np.testing.assert_array_equal(one.ppm, other.ppm)


def test_the_consensus_is_the_mean_weighted_by_sites():
    strong = Motif.from_pfm(
        "strong", np.array([[30, 0, 0, 0, 30], [0] * 5, [0, 0, 30, 0, 0], [0, 30, 0, 30, 0]])
    )
    weak = Motif("weak", 0.9 * strong.ppm + 0.1 * 0.25, n_sites=10)
    [merged] = cluster_motifs([weak, strong])
    assert merged.name == "strong"
    assert merged.info["members"] == ["strong", "weak"]
    np.testing.assert_allclose(merged.ppm, (30 * strong.ppm + 10 * weak.ppm) / 40)
    assert merged.n_sites == 40


def test_columns_that_few_cover_are_cut():
    core = Motif.from_sites("core", ["GATAAG"] * 9)
    longer = Motif.from_sites("longer", ["GATAAGC"] * 3)
    [merged] = cluster_motifs([core, longer])
    assert merged.consensus == "GATAAG"


def test_use_decides_who_is_strongest_and_filters_are_kept():
    motif = Motif.from_sites("rarely", ["TGACTCA"] * 50, info={"use": 0.1, "filters": [4]})
    used = Motif.from_sites("often", ["TGACTCA"] * 20, info={"use": 0.5, "filters": [1, 2]})
    [merged] = cluster_motifs([motif, used])
    assert merged.name == "often"
    assert merged.info == {"use": 0.5, "filters": [1, 2, 4], "members": ["often", "rarely"]}


def test_motifs_without_company_are_returned_as_they_are():
    motifs = [database.motif(identifier) for identifier in SIX]
    alone = cluster_motifs(motifs)
    assert len(alone) == 6
    assert all(any(found is motif for motif in motifs) for found in alone)
    assert cluster_motifs(motifs[:1]) == motifs[:1]
    assert cluster_motifs([]) == []


def test_without_sites_all_members_count_the_same():
    first = Motif("a", np.eye(4)[:, [0, 2, 3, 3]])
    [merged] = cluster_motifs([first, first.renamed("b")])
    assert merged.n_sites is None
    np.testing.assert_allclose(merged.ppm, first.ppm)


def test_the_limit_is_checked():
    with pytest.raises(InputError, match="`similarity` is 80; expected a number between 0 and 1"):
        cluster_motifs([], similarity=80)


def test_filters_of_two_networks_are_not_mixed():
    ours = Motif.from_sites("ours", ["TTGATAAC"] * 3)
    told = [
        replace(ours, name=name, info={"filters": [number], "network": network})
        for number, (name, network) in enumerate([("first", "x"), ("second", "y"), ("third", "x")])
    ]
    assert "filters" not in cluster_motifs(told)[0].info
    assert cluster_motifs(told[::2])[0].info["filters"] == [0, 2]
