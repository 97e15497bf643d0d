"""Instances against words planted for filters that know them, and against other ways to count."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.alphabet import DNA
from motifbook.data import schema
from motifbook.discover.instances.rule import RATE, find_instances, learn_rule
from motifbook.models import CNN, MotifSyntaxNet
from motifbook.models.network import Record
from motifbook.onehot import decode, encode, reverse_complement, shuffle
from motifbook.train.evaluate import outputs

A, B, PALINDROME = "GATTACAGTC", "CCGTGTCATA", "GGACATGTCC"
OFFSETS = {A: 3, B: 0, PALINDROME: 1}  # columns of a filter before its word
WIDTH, LENGTH, N = 13, 80, 400
COLUMNS = [*schema.HIT_COLUMNS, "q_value", "weight"]


def filter_of(word: str, offset: int) -> torch.Tensor:
    weight = torch.zeros(4, WIDTH)
    for column, code in enumerate(DNA.codes(word), start=offset):
        weight[code, column] = 1
    return weight


def network(words=(A, B), offsets=None, n_readouts: int = 1) -> MotifSyntaxNet:
    """Fires with 1 at its words, with a half at one mismatch; they add 2 and -3 to a readout."""
    model = MotifSyntaxNet(n_readouts, n_filters=len(words), width=WIDTH)
    offsets = offsets or [OFFSETS[word] for word in words]
    with torch.no_grad():
        filters = [filter_of(word, offset) for word, offset in zip(words, offsets)]
        model.motifs.weight.copy_(torch.stack(filters))
        model.motifs.bias.fill_(-8.0)
        model.largest.fill_(2.0)
        slopes = torch.tensor([2.0, -3.0])[: len(words)]
        model.reader.slope.copy_(slopes.expand(n_readouts, -1))
    names = [f"readout{number}" for number in range(n_readouts)]
    kinds, ones = ["binary"] * n_readouts, [1.0] * n_readouts
    model.record = Record(names, kinds, [0.0] * n_readouts, ones, LENGTH)
    return model.eval()


def motifs_of(*words: str) -> list[Motif]:
    return [Motif.from_sites(w[:2], [w], info={"filters": [f]}) for f, w in enumerate(words)]


def planted(words=(A, B), n: int = N, seed: int = 0) -> tuple[np.ndarray, pd.DataFrame]:
    """Random sequences, each with one word on a random strand, and where it is."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    sites = []
    for row in range(n):
        word, start = words[row % len(words)], int(rng.integers(5, LENGTH - 20))
        codes, strand = DNA.codes(word)[None], "+-"[int(rng.integers(2))]
        codes = reverse_complement(codes) if strand == "-" else codes
        letters[row, start : start + len(word)] = codes[0]
        sites.append((row, start, start + len(word), strand, word[:2]))
    return letters, pd.DataFrame(sites, columns=["row", "start", "end", "strand", "motif"])


def book(letters: np.ndarray, **obs) -> ad.AnnData:
    table = pd.DataFrame({"sequence": decode(letters, strip=True), **obs})
    table.index = [f"s{row}" for row in range(len(table))]
    return ad.AnnData(X=np.zeros((len(table), 1), np.float32), obs=table)


def found_sites(table: pd.DataFrame, sites: pd.DataFrame) -> int:
    """How many sites are in a table of instances, in every column."""
    return len(sites.merge(table, on=list(sites.columns)))


def test_words_are_found_where_they_lie_and_on_their_strand():
    letters, sites = planted()
    table = mb.call_instances(network(), book(letters), motifs=motifs_of(A, B))
    assert list(table.columns) == COLUMNS
    rows = table["sequence"].str[1:].astype(int)
    assert found_sites(table.assign(row=rows), sites) == N
    assert len(table) < N * 1.1
    assert rows.is_monotonic_increasing
    assert (table["p_value"] <= RATE).all()
    assert table["q_value"].between(0, 1).all()


def test_weights_are_what_the_output_loses_without_the_word():
    letters, sites = planted()
    model = network()
    table = mb.call_instances(model, book(letters), motifs=motifs_of(A, B))
    table["row"] = table["sequence"].str[1:].astype(int)
    whole = sites.merge(table, on=list(sites.columns)).sort_values("row")
    broken = letters.copy()
    for row, start in zip(sites["row"], sites["start"]):
        broken[row, start : start + 10] = DNA.codes("A")  # fires nothing
    lost = outputs(model, letters) - outputs(model, broken)
    np.testing.assert_allclose(whole["weight"], lost[:, 0], atol=1e-5)
    assert (np.sign(whole["weight"]) == np.where(whole["motif"] == "GA", 1, -1)).all()


def test_weights_hold_what_a_site_adds_with_its_partner():
    model, letters = network(), np.random.default_rng(0).integers(0, 4, (N, LENGTH))
    letters = letters.astype(np.uint8)
    letters[:, 10:20], letters[:, 40:50] = DNA.codes(A), DNA.codes(B)
    with torch.no_grad():
        model.reader.pairs.in_use.fill_(True)
        model.reader.pairs.weight[0, 0, 1] = 5.0
        model.reader.pairs.weight[0, 3, 2] = 5.0  # its mirror image
    table = mb.call_instances(model, book(letters), motifs=motifs_of(A, B))
    weight = table[table["start"] == 10].groupby("motif")["weight"].median()
    assert weight["GA"] == pytest.approx(2 + 5)


def test_continuous_weights_are_in_the_unit_of_the_measurement():
    letters, _ = planted()
    plain = mb.call_instances(network(), book(letters), motifs=motifs_of(A, B))
    model = network()
    model.record = Record(["level"], ["continuous"], [50.0], [10.0], LENGTH)
    scaled = mb.call_instances(model, book(letters), motifs=motifs_of(A, B))
    np.testing.assert_allclose(scaled["weight"], 10 * plain["weight"], rtol=1e-5)
    pd.testing.assert_series_equal(scaled["score"], plain["score"])


def test_weights_are_about_the_readout_asked_for():
    letters, _ = planted()
    model = network(n_readouts=2)
    with torch.no_grad():
        model.reader.slope[1] *= -4
    first, second = (
        mb.call_instances(model, book(letters), motifs=motifs_of(A, B), readout=readout)
        for readout in (0, 1)
    )
    np.testing.assert_allclose(second["weight"], -4 * first["weight"], rtol=1e-4)
    pd.testing.assert_frame_equal(first.drop(columns="weight"), second.drop(columns="weight"))


def test_turned_and_renamed_motifs_are_called_as_they_are_drawn():
    letters, _ = planted()
    a, b = motifs_of(A, B)
    plain = mb.call_instances(network(), book(letters), motifs=[a, b])
    turned = mb.call_instances(
        network(), book(letters), motifs=[a.reverse_complement().renamed("mine"), b]
    )
    expected = plain.copy()
    is_a = expected["motif"] == "GA"
    expected.loc[is_a, "strand"] = expected.loc[is_a, "strand"].map({"+": "-", "-": "+"})
    expected["motif"] = expected["motif"].replace("GA", "mine")
    pd.testing.assert_frame_equal(turned, expected)


def test_the_other_strand_has_the_same_instances():
    letters, _ = planted()
    model = network()
    rule = learn_rule(model, letters, motifs_of(A, B))
    forward = find_instances(model, rule, letters)
    back = find_instances(model, rule, reverse_complement(letters))
    mirrored = back.assign(
        start=LENGTH - back["end"],
        end=LENGTH - back["start"],
        strand=back["strand"].map({"+": "-", "-": "+"}),
    )
    keys = ["row", "start", "motif"]
    pd.testing.assert_frame_equal(
        forward.sort_values(keys, ignore_index=True), mirrored.sort_values(keys, ignore_index=True)
    )


def test_a_palindrome_is_one_instance():
    letters, _ = planted((PALINDROME,))
    table = mb.call_instances(network((PALINDROME,)), book(letters), motifs=motifs_of(PALINDROME))
    assert not table.duplicated(["sequence", "start"]).any()
    assert N <= len(table) < 1.1 * N


def test_filters_that_show_one_motif_give_one_instance_per_site():
    letters, sites = planted((A,))
    model = network((A, A), offsets=(0, 3))
    motif = Motif.from_sites("GA", [A], info={"filters": [0, 1]})
    table = mb.call_instances(model, book(letters), motifs=[motif])
    assert found_sites(table.assign(row=table["sequence"].str[1:].astype(int)), sites) == N
    assert not table.duplicated(["sequence", "start"]).any()


def test_of_overlapping_places_the_better_one_is_called():
    repeat, letters = "GATAGATAGATA", np.random.default_rng(0).integers(0, 4, (N, LENGTH))
    letters = letters.astype(np.uint8)
    letters[:, 29:47] = DNA.codes("C" + "GATA" + repeat + "C")  # at 30, and at 34 as well
    model = network((repeat,), offsets=(0,))
    with torch.no_grad():
        model.motifs.bias.fill_(-9.0)
    table = mb.call_instances(model, book(letters), motifs=motifs_of(repeat))
    inside = table[table["start"].between(25, 45)]
    assert len(inside) == N
    assert (inside["start"] == 30).all()


def test_padding_and_unknown_letters_move_nothing():
    letters, _ = planted()
    model = network()
    rule = learn_rule(model, letters, motifs_of(A, B))
    plain = find_instances(model, rule, letters)
    padded = np.pad(letters, ((0, 0), (15, 22)), constant_values=4)
    moved = find_instances(model, rule, padded)
    shift = moved.assign(start=moved["start"] - 15, end=moved["end"] - 15)
    pd.testing.assert_frame_equal(shift, plain)


def test_unequal_lengths_count_from_the_first_letter():
    letters, _ = planted()
    text = decode(letters)
    cut = [sequence[2 * (row % 2) :] for row, sequence in enumerate(text)]  # some start later
    adata = book(letters)
    adata.obs["sequence"] = cut
    table = mb.call_instances(network(), adata, motifs=motifs_of(A, B))
    words = [cut[int(name[1:])][s:e] for name, s, e in table[["sequence", "start", "end"]].values]
    turned = decode(reverse_complement(encode(words)))
    drawn = [w if s == "+" else t for w, s, t in zip(words, table["strand"], turned)]
    assert np.isin(drawn, [A, B]).sum() >= N


def test_a_motif_never_hangs_over_the_end():
    model = network((A,), offsets=(0,))
    wide = Motif.from_sites("wide", ["ACGTAC" + A + "GTACGT"], info={"filters": [0]})
    letters, _ = planted((A,))
    letters[0, :10] = letters[1, -10:] = DNA.codes(A)
    table = find_instances(model, learn_rule(model, letters, [wide]), letters)
    assert len(table) > N / 2
    assert table["start"].min() >= 0
    assert table["end"].max() <= LENGTH


def test_false_calls_in_fresh_background_come_at_the_rate_asked_for():
    letters, _ = planted(n=2000)
    model, rate = network(), 1 / 500
    with torch.no_grad():
        model.motifs.bias.fill_(-5.0)  # so that chance fires
    rule = learn_rule(model, letters, motifs_of(A, B), rate=rate)
    fresh = shuffle(np.tile(letters, (3, 1)), seed=77)
    expected = rate * fresh.size
    assert len(find_instances(model, rule, fresh)) == pytest.approx(expected, rel=0.2)


def test_looser_rates_keep_scores_and_add_calls():
    letters, _ = planted()
    model = network()
    with torch.no_grad():
        model.motifs.bias.fill_(-5.0)
    strict, loose = (
        mb.call_instances(model, book(letters), motifs=motifs_of(A, B), rate=rate)
        for rate in (RATE, 1 / 200)
    )
    assert len(loose) > len(strict)
    kept = loose[loose["p_value"] <= RATE].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.drop(columns="q_value"), strict.drop(columns="q_value"))


def test_batches_and_seeds_change_nothing_but_chance():
    letters, _ = planted()
    calls = [
        mb.call_instances(network(), book(letters), motifs=motifs_of(A, B), batch_size=size)
        for size in (7, 256)
    ]
    pd.testing.assert_frame_equal(*calls)


def test_a_given_background_sets_the_rate():
    letters, _ = planted()
    model = network()
    background = np.random.default_rng(1).integers(0, 4, (500, LENGTH)).astype(np.uint8)
    tables = [
        mb.call_instances(model, book(letters), motifs=motifs_of(A, B), background=given)
        for given in (background, book(background), decode(background))
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])
    smallest = 1 / (1 + background.size)
    assert tables[0]["p_value"].min() == pytest.approx(smallest)


def test_one_sequence_is_called_too():
    letters, sites = planted()
    table = mb.call_instances(network(), book(letters[:1]), motifs=motifs_of(A, B))
    assert found_sites(table.assign(row=0), sites[:1]) == 1


def test_regions_give_places_in_the_genome():
    letters, _ = planted()
    adata = book(letters, chrom="chr1", start=1000, end=1000 + LENGTH, strand="-")
    table = mb.call_instances(network(), adata, motifs=motifs_of(A, B))
    assert list(table.columns) == [*COLUMNS, *schema.GENOME_COLUMNS]
    assert (table["genome_start"] == 1000 + LENGTH - table["end"]).all()
    assert (table["genome_strand"] != table["strand"]).all()


def test_no_motif_gives_an_empty_table_with_all_columns():
    letters, _ = planted()
    table = mb.call_instances(network(), book(letters), motifs=[])
    assert list(table.columns) == COLUMNS
    assert len(table) == 0


def test_sequences_are_read_with_the_motifs_in_use_by_default(trained):
    table = mb.call_instances(*trained)
    used = [motif.name for motif in mb.read_motifs(*trained)]
    assert set(table["motif"]) <= set(used)
    scores = mb.exercises.instance_scores(table, mb.read_motifs(*trained), trained.adata)
    assert scores.set_index("planted")["recall"]["SPI1"] > 0.6


@pytest.mark.parametrize("alphabet", ["RNA", "protein"])
def test_one_strand_alphabets_have_instances_on_one_strand(alphabet):
    letters_of = {"RNA": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}[alphabet]
    rng = np.random.default_rng(0)
    word = "".join(rng.choice(list(letters_of), 8))
    texts = ["".join(rng.choice(list(letters_of), 60)) for _ in range(300)]
    texts = [text[:20] + word + text[28:] for text in texts]
    model = CNN(1, n_filters=1, width=8, alphabet=alphabet)
    codes = model.alphabet.codes(word)
    with torch.no_grad():
        model.motifs.weight.zero_()
        model.motifs.weight[0, codes.tolist(), range(8)] = 1
        model.motifs.bias.fill_(-5.0)
        model.readout.weight.fill_(1.0)
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], 60)
    obs = pd.DataFrame({"sequence": texts}, index=[f"s{row}" for row in range(300)])
    adata = ad.AnnData(X=np.zeros((300, 1), np.float32), obs=obs)
    adata.uns["alphabet"] = alphabet
    motif = Motif.from_sites("word", [word], alphabet=model.alphabet, info={"filters": [0]})
    table = mb.call_instances(model, adata, motifs=[motif])
    assert (table["strand"] == "+").all()
    assert (table["start"] == 20).sum() == 300


@pytest.mark.parametrize("published", [False, True])
def test_attention_is_shown_for_networks_that_have_it(published):
    options = {"n_filters": 2, "width": WIDTH}
    model = MotifSyntaxNet(1, syntax="attention", **options)
    if published:
        model = MotifSyntaxNet.published(1, n_layers=2, **options)
    with torch.no_grad():
        model.motifs.weight.copy_(torch.stack([filter_of(A, 3), filter_of(B, 0)]))
        model.motifs.bias.fill_(-8.0)
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], LENGTH)
    letters, _ = planted()
    table = mb.call_instances(model, book(letters), motifs=motifs_of(A, B))
    assert list(table.columns) == [*COLUMNS, "attention"]
    assert table["attention"].between(0, 1).all()
    assert len(table) > N / 3  # the published layout reads one strand


def test_what_cannot_be_called_is_refused():
    letters, _ = planted(n=30)
    model, adata = network(), book(letters)
    with pytest.raises(InputError, match=r"'stranger' does not say .*mb\.read_motifs"):
        mb.call_instances(model, adata, motifs=[Motif.from_sites("stranger", [A])])
    with pytest.raises(InputError, match=r"`readout` is 1; expected a whole number, 0 to 0"):
        mb.call_instances(model, adata, motifs=motifs_of(A, B), readout=1)
    with pytest.raises(InputError, match=r"`rate` is 0\.5; expected .* between 1e-09 and 0\.01"):
        mb.call_instances(model, adata, motifs=motifs_of(A, B), rate=0.5)
    with pytest.raises(InputError, match="`background` holds no letters"):
        mb.call_instances(
            model, adata, motifs=motifs_of(A, B), background=np.zeros((0, 80), np.uint8)
        )
    with pytest.raises(InputError, match=r"`background` has 80 letters, .*expected 2,000 letters"):
        mb.call_instances(model, adata, motifs=motifs_of(A, B), background=letters[:1])
    with pytest.raises(InputError, match=r"`motifs` holds 'GATA'; expected motifs"):
        mb.call_instances(model, adata, motifs=["GATA"])
    with pytest.raises(InputError, match=r"`batch_size` is 0; expected a whole number, 1 or more"):
        mb.call_instances(model, adata, motifs=motifs_of(A, B), batch_size=0)
    with pytest.raises(InputError, match="`letters` holds no known letters"):
        learn_rule(model, np.full((3, 80), 4, np.uint8), motifs_of(A, B))
    adata.obs["sequence"] = adata.obs["sequence"].str.replace("T", "U")
    adata.uns["alphabet"] = "RNA"
    with pytest.raises(InputError, match="The network reads DNA, the sequences are RNA"):
        mb.call_instances(model, adata, motifs=motifs_of(A, B))
    with pytest.raises(InputError, match="has not been trained yet"):
        mb.call_instances(MotifSyntaxNet(1), book(letters))


@pytest.mark.slow
def test_planted_sites_of_the_tutorial_rule_are_called():
    adata = mb.simulate(n=5000, length=200, rule="tut2", seed=11)
    adata.obs["split"] = mb.split(adata, fractions=(0.8, 0.05, 0.15), seed=11)
    model = mb.MotifSyntaxNet(1)
    mb.fit(model, adata, seed=11, progress=False)
    motifs, test = mb.read_motifs(model, adata), adata[adata.obs["split"] == "test"].copy()
    table = mb.call_instances(model, test, motifs=motifs)
    overall = mb.exercises.instance_scores(table, motifs, test).iloc[-1]
    assert overall["precision"] >= 0.82
    assert overall["recall"] >= 0.75
