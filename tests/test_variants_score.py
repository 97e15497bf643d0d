"""What variants do: effects in closed form, instances by name, the same by every door."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError
from motifbook.data import store
from motifbook.onehot import decode, encode, reverse_complement
from tests import toys
from tests.genomes import LETTERS, write_fasta
from tests.test_data_vcf import write

QUIET = toys.quiet(1)[0]
SITE = "AAAAAGAGGAAGTGA"  # SPI1, on the other strand of its matrix


def put(word, at, text=QUIET):
    return text[:at] + word + text[at + len(word) :]


def pairs(*rows):
    return pd.DataFrame(rows, columns=["ref", "alt"])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))


def test_effects_are_mental_arithmetic():
    table = mb.score_variants(toys.words(), pairs((QUIET, put("GATA", 5)), (put("TTT", 9), QUIET)))
    logit = table[table["readout"] == "bound"]
    assert logit["effect"].tolist() == [2.0, 3.0]
    assert logit["unit"].tolist() == ["logit", "logit"]
    expected = 1 / (1 + np.exp(-np.array([[1, 3], [-2, 1]])))
    assert logit[["reference", "alternative"]].to_numpy() == pytest.approx(expected)
    counts = table[table["readout"] == "n_g"]
    assert counts["effect"].tolist() == [1.0, 0.0]
    assert counts["unit"].tolist() == ["readout", "readout"]


def test_one_row_per_variant_and_readout_in_order():
    table = mb.score_variants(toys.words(), pairs((QUIET, put("G", 5)), (QUIET, put("T", 6))))
    assert table[["name", "readout"]].values.tolist() == [
        ["pair0", "bound"], ["pair0", "n_g"], ["pair1", "bound"], ["pair1", "n_g"],
    ]  # fmt: skip
    assert list(table) == [
        *("name", "chrom", "position", "ref", "alt", "readout", "reference", "alternative"),
        *("effect", "alone", "unit", "destroyed", "created"),
    ]


def test_changes_alone_are_summed_beside_what_they_do_together():
    both = put("TTT", 13, put("GATA", 5))  # four letters between them: 1.5 more
    bound = mb.score_variants(toys.words(), pairs((QUIET, both), (QUIET, put("GATA", 5)))).iloc[::2]
    assert bound["effect"].tolist() == [0.5, 2.0]
    assert bound["alone"].tolist() == [-1.0, 2.0]


def test_a_linear_network_has_the_effect_of_its_weights():
    model = toys.linear()
    weight = next(model.parameters()).detach().numpy().reshape(4, 40)
    alternative = put("GT", 17)
    table = mb.score_variants(model, pairs((QUIET, alternative)))
    change = sum(
        weight["ACGT".index(alternative[i]), i] - weight["ACGT".index(QUIET[i]), i]
        for i in (17, 18)
    )
    assert table["effect"][0] == pytest.approx(change, rel=1e-4)


def test_networks_without_motifs_say_that_instances_are_not_told():
    table = mb.score_variants(toys.words(), pairs((QUIET, put("GATA", 5))))
    assert (table[["destroyed", "created"]] == "").all(axis=None)
    assert "no motifs in use" in table.attrs["done"][-1]


@pytest.fixture
def sequences(trained):
    """Reference with a strong site in a window of 80 letters, and its start."""
    rng = np.random.default_rng(3)
    text = "".join(rng.choice(list("ACT"), 80))
    return put(SITE, 30, text)


def compare(trained, *rows, **options):
    model, adata = trained
    return mb.compare_alleles(model, pairs(*rows), adata=adata, **options)


def fates(compared):
    return compared.instances[["variant", "fate"]].values.tolist()


def test_a_site_that_is_replaced_is_destroyed_and_the_other_way_round_created(trained, sequences):
    gone = put("CATCATCATCATCAT", 30, sequences)
    compared = compare(trained, (sequences, gone), (gone, sequences))
    assert fates(compared) == [[0, "destroyed"], [1, "created"]]
    for place in (["start", "end", "strand"], ["width"]):
        assert (
            compared.instances[place].iloc[0].tolist() == compared.instances[place].iloc[1].tolist()
        )
    one, other = compared.instances["effect"]
    assert one == pytest.approx(-other)
    assert one < -1
    assert compared.table["effect"][0] == pytest.approx(one, abs=1.0)
    assert compared.table["destroyed"].str.contains("motif_1 at ").tolist() == [True, False]
    assert compared.table["created"].str.contains("motif_1 at ").tolist() == [False, True]


def test_the_words_say_place_strand_and_change(trained, sequences):
    compared = compare(trained, (sequences, put("CATCATCATCATCAT", 30, sequences)))
    site = compared.instances.iloc[0]
    assert compared.table["destroyed"][0] == (
        f"motif_1 at {site.start}-{site.end} ({site.strand}), {site.effect:+.2f}"
    )
    assert "GAGGAAGTG" in sequences[site.start : site.end]


@pytest.mark.parametrize("size", [1, 3, 8])
def test_a_site_that_an_indel_moves_is_kept(trained, sequences, size):
    longer = sequences[:20] + "C" * size + sequences[20 : 80 - size]
    shorter = sequences[:20] + sequences[20 + size :]
    compared = compare(trained, (sequences, longer), (sequences, shorter), (longer, sequences))
    assert [fate for _, fate in fates(compared)] == ["kept"] * 3
    moved = compared.instances["start_alternative"] - compared.instances["start_reference"]
    assert moved.tolist() == [size, -size, -size]


def test_letters_outside_the_site_change_nothing(trained, sequences):
    compared = compare(trained, (sequences, put("A", 3, sequences)))
    assert fates(compared) == [[0, "kept"]]
    assert compared.table[["destroyed", "created"]].iloc[0].tolist() == ["", ""]


def test_the_same_sequence_twice_has_no_effect(trained, sequences):
    compared = compare(trained, (sequences, sequences))
    assert fates(compared) == [[0, "kept"]]
    assert compared.table["effect"].tolist() == [0.0]


def test_a_site_inside_an_insertion_is_created(trained, sequences):
    rest = put("CATCATCATCATCAT", 30, sequences)
    compared = compare(trained, (rest, rest[:60] + "CCC" + SITE + "CCC" + rest[60:]))
    assert fates(compared) == [[0, "created"]]
    site = compared.instances.iloc[0]
    assert 60 <= site.start <= site.end <= 62  # two letters behind it could be the inserted ones
    assert (compared.alternative[0][65:78]) in SITE
    assert site.start_alternative == 65


def test_both_strands_tell_the_same(trained, sequences):
    gone = put("CATCATCATCATCAT", 30, sequences)
    turned = [decode(reverse_complement(encode([text])))[0] for text in (sequences, gone)]
    compared = compare(trained, (sequences, gone), tuple(turned))
    one, other = (row for _, row in compared.instances.iterrows())
    assert compared.table["effect"][0] == pytest.approx(compared.table["effect"][1], abs=1e-4)
    assert (other.start, other.end) == (80 - one.end, 80 - one.start)
    assert {one.strand, other.strand} == {"+", "-"}


def test_sequences_padded_to_a_length_have_the_same_places(trained, sequences):
    row = (sequences, put("CATCATCATCATCAT", 30, sequences))
    plain, padded = (compare(trained, row, length=length) for length in (None, 101))
    pd.testing.assert_frame_equal(plain.instances, padded.instances, atol=1e-4)


def test_before_and_after_are_what_the_picture_wants(trained, sequences):
    gone = put("CATCATCATCATCAT", 30, sequences)
    compared = compare(trained, (sequences, gone), (sequences, put("A", 3, sequences)))
    assert [len(compared.before(0)), len(compared.after(0))] == [1, 0]
    assert [len(compared.before(1)), len(compared.after(1))] == [1, 1]
    assert list(compared.before(0)) == ["start", "end", "strand", "motif"]
    assert compared.reference[0] == sequences
    assert compared.alternative[0] == gone
    drawn = mb.plot.variants_svg(
        compared.reference[0],
        compared.alternative[0],
        before=compared.before(0),
        after=compared.after(0),
    )
    assert "motif_1 destroyed" in drawn


def test_names_are_those_of_the_motifs_given(trained, sequences):
    motifs = [motif.renamed("SPI1") for motif in mb.read_motifs(trained.model, trained.adata)]
    gone = put("CATCATCATCATCAT", 30, sequences)
    compared = compare(trained, (sequences, gone), motifs=motifs)
    assert compared.table["destroyed"][0].startswith("SPI1 at ")


def test_without_data_motifs_are_read_from_the_weights(trained, sequences):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 80)) for _ in range(30)]
    rows = [(put(SITE, 30, text), put("CATCATCATCATCAT", 30, text)) for text in texts]
    table = mb.score_variants(trained.model, pairs(*rows))
    assert (table["destroyed"].str.contains("TTCC|GGAA")).mean() > 0.9


def test_a_genome_tells_the_same_as_its_sequences(tmp_path, trained, sequences):
    letters = LETTERS["chrI"]
    letters = letters[:300] + sequences + letters[380:]
    genome = write_fasta(tmp_path / "genome.fa", {"chrI": letters})
    lines = "".join(
        f"chrI\t{at + 1}\t.\t{letters[at]}\t{alt}\n"
        for at in range(330, 350)
        for alt in "ACGT"
        if alt != letters[at]
    )
    path = write(tmp_path, lines)
    by_place = mb.compare_alleles(trained.model, path, genome=genome, adata=trained.adata)
    table = pairs(*zip(by_place.reference, by_place.alternative))
    by_pair = mb.compare_alleles(trained.model, table, adata=trained.adata)
    columns = ["reference", "alternative", "effect"]
    assert by_place.table[columns].to_numpy() == pytest.approx(by_pair.table[columns].to_numpy())
    assert (by_place.instances["fate"] == by_pair.instances["fate"]).all()
    origin = by_place.table["position"].to_numpy() - 40
    shift = by_place.instances["start"] - by_pair.instances["start"]
    assert (shift.to_numpy() == origin[by_place.instances["variant"]]).all()
    assert by_place.table["position"].tolist() == [at for at in range(330, 350) for _ in range(3)]


def test_an_indel_of_a_genome_is_shown_over_the_same_stretch(tmp_path, trained):
    letters = LETTERS["chrI"]
    genome = write_fasta(tmp_path / "genome.fa", {"chrI": letters})
    path = write(tmp_path, f"chrI\t301\t.\t{letters[300:306]}\t{letters[300]}\n")
    compared = mb.compare_alleles(trained.model, path, genome=genome, adata=trained.adata)
    start = letters.index(compared.reference[0])
    assert compared.reference == [letters[start : start + 80]]
    assert compared.alternative == [letters[start:301] + letters[306 : start + 80]]


def test_predictions_are_those_of_predict(trained, sequences):
    adata = toys.book([sequences])
    table = mb.score_variants(trained.model, pairs((sequences, sequences)), adata=trained.adata)
    assert table["reference"][0] == pytest.approx(mb.predict(trained.model, adata)[0, 0], abs=1e-6)


def test_nothing_of_the_network_changes(trained, sequences):
    state = {name: value.clone() for name, value in trained.model.state_dict().items()}
    mode = trained.model.training
    compare(trained, (sequences, put("A", 3, sequences)))
    assert trained.model.training == mode
    assert all(
        torch.equal(value, state[name]) for name, value in trained.model.state_dict().items()
    )


def test_an_untrained_network_is_refused():
    with pytest.raises(InputError, match="has not been trained yet"):
        mb.score_variants(mb.MotifSyntaxNet(1), pairs((QUIET, QUIET)))


def test_proteins_have_no_genome(tmp_path):
    model = mb.Foreign(
        torch.nn.Flatten(), readouts=["a"], kinds="continuous", length=4, alphabet="protein"
    )
    with pytest.raises(InputError, match="The network reads protein, a genome has DNA"):
        mb.score_variants(model, "x.vcf", genome="genome.fa")


def test_an_anndata_of_pairs_is_scored(tmp_path, trained, sequences):
    gone = put("CATCATCATCATCAT", 30, sequences)
    path = tmp_path / "x.csv"
    path.write_text(f"ref,alt\n{sequences},{gone}\n")
    adata = mb.read_table(path, sequence=("ref", "alt"))
    from_book = mb.score_variants(trained.model, adata, adata=trained.adata)
    from_file = mb.score_variants(trained.model, path, adata=trained.adata)
    pd.testing.assert_frame_equal(from_book, from_file)
    assert len(store.get_letters(adata)) == 2


@pytest.mark.slow
def test_a_yeast_chromosome(test_data, tmp_path, trained):
    packed = test_data / "genome" / "sacCer3_chrIV.fa.gz"
    from motifbook.data.genomes.genome import open_genome
    from motifbook.variants.places import fetch

    genome = open_genome(packed)
    at = np.arange(1000, 200_000, 1000)
    refs = fetch(genome, ["chrIV"] * len(at), at, at + 1)
    lines = [f"IV\t{p + 1}\t.\t{r}\t{'A' if r != 'A' else 'AC'}\n" for p, r in zip(at, refs)]
    path = write(tmp_path, "".join(lines))
    table = mb.score_variants(
        trained.model, path, genome=packed, adata=trained.adata, rename={"IV": "chrIV"}
    )
    assert len(table) == len(at)
    assert np.isfinite(table["effect"]).all()
    assert (table["position"] == at).all()
