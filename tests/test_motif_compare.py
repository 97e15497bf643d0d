import numpy as np
import pandas as pd
import pytest

from motifbook import InputError
from motifbook.alphabet import RNA
from motifbook.motif import database
from motifbook.motif.compare import align, align_all, identify, name_motifs, similarity
from motifbook.motif.files import read_motif_file
from motifbook.motif.matrix import Motif


def random_motif(seed, width=9, name="random"):
    generator = np.random.default_rng(seed)
    return Motif(name, generator.dirichlet(np.full(4, 0.3), size=width).T)


def with_flanks(motif, left, right):
    flank = np.full((4, left + right), 0.25)
    return Motif("flanked", np.hstack([flank[:, :left], motif.ppm, flank[:, left:]]))


def similarity_by_loops(found, truth):
    bits = 2 + (truth.ppm * np.log2(truth.ppm)).sum(axis=0)
    best = 0.0
    for candidate in (found, found.reverse_complement()):
        for offset in range(-candidate.width, truth.width):
            total = 0.0
            for column in range(truth.width):
                if 0 <= column - offset < candidate.width:
                    f = candidate.ppm[:, column - offset] - 0.25
                    t = truth.ppm[:, column] - 0.25
                    cosine = f @ t / np.linalg.norm(f) / np.linalg.norm(t)
                    flatter = min(1, np.linalg.norm(f) / np.linalg.norm(t))
                    total += bits[column] * cosine * flatter
            best = max(best, total / bits.sum())
    return best


@pytest.mark.parametrize("seed", range(5))
def test_similarity_is_its_formula_written_as_loops(seed):
    found, truth = random_motif(seed, 7), random_motif(seed + 50, 10)
    assert similarity(found, truth) == pytest.approx(similarity_by_loops(found, truth), rel=1e-9)


def test_a_motif_is_all_of_itself_on_either_strand_at_any_offset():
    motif = random_motif(0)
    assert similarity(motif, motif) == pytest.approx(1)
    assert similarity(with_flanks(motif.reverse_complement(), 3, 1), motif) == pytest.approx(1)


def test_half_the_bits_are_half_the_motif():
    truth = Motif.from_sites("truth", ["ACGTTG"])
    assert similarity(Motif.from_sites("half", ["ACG"]), truth) == pytest.approx(0.5)
    assert similarity(truth, Motif.from_sites("half", ["ACG"])) == pytest.approx(1)


def test_a_flatter_copy_is_worth_the_ratio_of_lengths():
    truth = random_motif(1)
    flat = Motif("flat", 0.7 * truth.ppm + 0.3 * 0.25)
    assert similarity(flat, truth) == pytest.approx(0.7)
    assert similarity(truth, flat) == pytest.approx(1)


def test_flat_motifs_are_similar_to_nothing():
    flat = Motif("flat", np.full((4, 5), 0.25))
    assert similarity(flat, random_motif(0)) == 0
    assert similarity(random_motif(0), flat) == 0


def test_align_finds_shift_and_strand():
    motif = random_motif(2)
    found = align(with_flanks(motif, 4, 2), motif.reverse_complement())
    assert (found.offset, found.strand) == (4, "-")
    assert found.score == pytest.approx(1)
    cut = Motif("cut", motif.ppm[:, 3:])
    assert align(cut, motif).offset == -3


def test_align_all_is_align_of_each():
    motifs = [random_motif(seed, width=4 + seed) for seed in range(12)]
    assert align_all(motifs[5], motifs) == [align(motifs[5], motif) for motif in motifs]


def test_alphabets_must_agree():
    rna = Motif("rna", np.eye(4), alphabet=RNA)
    with pytest.raises(InputError, match=r"'random' is written in DNA letters, motif 'rna' in RNA"):
        similarity(random_motif(0), rna)


def test_rna_motifs_have_one_strand():
    rna = Motif("rna", np.eye(4)[:, [0, 1, 0]], alphabet=RNA)
    mirrored = Motif("mirrored", rna.ppm[::-1, ::-1], alphabet=RNA)
    assert similarity(mirrored, rna) < 0.5


@pytest.fixture(scope="module")
def ctcf():
    return database.motif("MA0139.2")


def test_identify_names_a_packaged_motif(ctcf):
    known = identify([ctcf.reverse_complement().renamed("mine")], n=3)
    assert known.loc[0, ["motif", "target", "target_name"]].tolist() == ["mine", "MA0139.2", "CTCF"]
    assert known.loc[0, "p_value"] < 1e-15
    assert len(known) == 3


def test_identify_takes_lists_and_offsets_count_from_the_motif_as_given(ctcf):
    table = identify([with_flanks(ctcf, 4, 2)], database.collection("JASPAR2026_vertebrates"), n=1)
    assert table.loc[0, ["target", "offset", "strand"]].tolist() == ["MA0139.2", 4, "+"]


def test_identify_keeps_rows_up_to_a_q_value(ctcf):
    table = identify([ctcf, random_motif(0)], n=40, q_value=1e-6)
    assert set(table["motif"]) == {"CTCF"}
    assert table["q_value"].max() <= 1e-6


@pytest.mark.filterwarnings("ignore:P-values from")
def test_identify_refuses_other_letters_and_names_the_nearest_collection():
    rna = Motif("rna", np.eye(4), alphabet=RNA)
    packaged = r"'JASPAR2026_vertebrates' is in DNA letters .*, motif 'rna' in RNA.*such as.*T as U"
    with pytest.raises(InputError, match=packaged):
        identify([rna])
    with pytest.raises(
        InputError, match=r"known motifs are in RNA letters .ACGU., motif 'random' in DNA"
    ):
        identify([random_motif(0)], [rna])
    assert identify([rna], [rna])["target"].tolist() == ["rna"]
    with pytest.raises(InputError, match=r"JASPAR2026_vertebrate'.*JASPAR2026_vertebrates"):
        identify([random_motif(0)], "JASPAR2026_vertebrate")


def test_identify_reads_a_motif_file(test_data):
    yeast = test_data / "motifs" / "yeast_uniprobe.meme.gz"
    best = identify(read_motif_file(yeast)[:3], yeast, n=1)
    assert (best["target_name"] == best["motif"]).all()


def test_nothing_to_identify_gives_an_empty_table():
    assert list(identify([]))[:3] == ["motif", "target", "target_name"]
    assert len(identify([])) == 0


def test_named_motifs_have_the_strand_of_the_known_one(ctcf):
    found = [ctcf.reverse_complement().renamed("motif_1"), random_motif(0, name="motif_2")]
    found.append(ctcf.renamed("motif_3"))
    named = name_motifs(found, identify(found))
    assert [motif.name for motif in named] == ["CTCF", "motif_2", "CTCF 2"]
    np.testing.assert_allclose(named[0].ppm, ctcf.ppm)
    np.testing.assert_array_equal(named[1].ppm, found[1].ppm)


def test_naming_needs_the_table_of_identify():
    with pytest.raises(InputError, match=r"`known` has no column 'motif'; it has: name"):
        name_motifs([], pd.DataFrame(columns=["name"]))
