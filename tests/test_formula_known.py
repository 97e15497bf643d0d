"""Known motifs as candidates beside the learned ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from motifbook.alphabet import DNA, RNA
from motifbook.formula.counting import count_sites
from motifbook.formula.known import count_motifs, known_motifs
from motifbook.formula.positions import Positions
from motifbook.motif import database
from motifbook.motif.compare import align
from motifbook.motif.files import write_motif_file
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode


def random_letters(n=400, length=150, seed=0, shares=(0.25,) * 4):
    return np.random.default_rng(seed).choice(4, (n, length), p=shares).astype(np.uint8)


def named(counted):
    return [one.motif.name for one in counted]


def test_exactly_the_rarest_words_are_sites():
    motif = Motif("m", np.random.default_rng(0).dirichlet(np.ones(4) / 2, 6).T)
    words = np.array(list(itertools.product(range(4), repeat=6)), dtype=np.uint8)
    [one] = count_motifs([motif], words, DNA, p_value=0.01, both_strands=False)
    scores = one.weights()[words, np.arange(6)].sum(axis=1)
    is_site = count_sites([one], words, Positions.named("anywhere", 6), both_strands=False)[:, 0]
    assert 0 <= is_site.sum() - int(0.01 * 4**6) <= 2  # as likely as each other; steps of 0.001
    assert scores[is_site == 1].min() > scores[is_site == 0].max()


@pytest.mark.parametrize("shares", [(0.25,) * 4, (0.35, 0.15, 0.15, 0.35)])
def test_sites_in_random_sequence_are_as_rare_as_asked_for(shares):
    letters = random_letters(4000, shares=shares)
    motifs = [database.motif(name) for name in ("MA0139.2", "MA0080.7", "MA0035.5")]
    counted = known_motifs(motifs, letters, DNA, p_value=1e-3)
    counts = count_sites(counted, letters, Positions.named("anywhere", 150))
    windows = np.array([2 * len(letters) * (151 - one.motif.width) for one in counted])
    np.testing.assert_allclose(counts.sum(axis=0) / windows, 1e-3, rtol=0.12)


def test_copies_of_learned_motifs_and_of_each_other_are_left_out():
    letters = random_letters()
    ctcf, gata, spi1 = (database.motif(name) for name in ("MA0139.2", "MA0035.5", "MA0080.7"))
    turned = gata.reverse_complement().renamed("GATA turned")
    several = [ctcf, gata, turned, spi1]
    assert len(known_motifs(several, letters, DNA, p_value=1e-3)) == 3
    learned = [spi1.renamed("learned 1")]
    left = known_motifs(several, letters, DNA, learned=learned, p_value=1e-3)
    assert all(align(one.motif, spi1).score < 0.8 for one in left)
    assert len(left) == 2


def test_motifs_that_hardly_occur_are_left_out():
    half = random_letters(400, length=40)
    half[:, 15:] = DNA.n_letters  # so that nothing longer than 15 letters fits
    long = Motif.from_sites("long", ["ACGTTGCAACGATTGC"])
    short = Motif.from_sites("short", ["TGACTCA"])
    assert named(known_motifs([long, short], half, DNA, p_value=1e-3)) == ["short"]


def test_a_short_motif_counts_where_it_matches_best():
    [one] = known_motifs([Motif.from_sites("GATA", ["GATA"])], encode(["CCGATACC"]), DNA)
    positions = Positions.named("anywhere", 8)
    assert count_sites([one], encode(["CCGATACC", "CCTATCCC"]), positions).tolist() == [[1], [1]]
    assert count_sites([one], encode(["CCGACACC"]), positions).tolist() == [[0]]


def test_names_that_are_taken_get_an_id_or_a_number():
    gata = Motif.from_sites("GATA", ["TGATAAG"], info={"id": "MA1"})
    ebox = Motif.from_sites("GATA", ["CACGTG"])
    learned = [Motif.from_sites("GATA", ["TTTTGGGGG"])]
    found = known_motifs([gata, ebox], random_letters(), DNA, learned=learned)
    by_width = {one.motif.width: one.motif.name for one in found}
    assert by_width[7] == "GATA MA1"
    assert by_width[6] in ("GATA 2", "GATA 3")  # as the first or the second of the two


def test_a_file_or_a_packaged_collection(tmp_path):
    path = tmp_path / "one.meme"
    write_motif_file([Motif.from_sites("AP-1", ["TGACTCA"])], path)
    assert named(known_motifs(path, random_letters(), DNA)) == ["AP-1"]
    assert len(known_motifs("JASPAR2026_urochordates", random_letters(100), DNA)) > 10
    assert known_motifs([], random_letters(), DNA) == []


def test_other_letters_are_refused():
    rna = Motif.from_sites("PUM2", ["UGUAAAUA"], alphabet=RNA)
    with pytest.raises(ValueError, match=r"'PUM2' is written in RNA, the sequences in DNA"):
        known_motifs([rna], random_letters(), DNA)
    assert count_motifs([], random_letters(), DNA) == []
    with pytest.raises(ValueError, match=r"`p_value` is 2; expected a probability"):
        known_motifs([], random_letters(), DNA, p_value=2)
