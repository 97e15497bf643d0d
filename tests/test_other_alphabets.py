"""RNA, proteins and alphabets of one's own, from a file to motifs and back to files."""

from __future__ import annotations

from dataclasses import dataclass

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.alphabet import PROTEIN, RNA, Alphabet
from motifbook.data import store
from motifbook.discover.filters import filter_motifs
from motifbook.discover.syntax.weights import pair_table, response_curves
from motifbook.motif.compare import similarity
from motifbook.motif.seeds import find_seeds
from motifbook.onehot import decode

METHYLATED = Alphabet("methylated DNA", "ACGTM", ambiguous="RYSWKBDHVX")
PAIRED = Alphabet("paired", "ABXY", complement="YXBA")
WORDS = {"RNA": "UGUAAAUA", "protein": "RPLPALP", "methylated DNA": "ACMMGTA", "paired": "ABBAXYBB"}
# Swiss-Prot: shares of amino acids in percent, in the order of the alphabet
SHARES = "8.25 1.38 5.45 6.75 3.86 7.07 2.27 5.96 5.84 9.66 2.42 4.06 4.70 3.93 5.53 6.56 5.34 6.87 1.08 2.92"  # noqa: E501 # fmt: skip


def write_fasta(path, sequences):
    path.write_text("".join(f">{path.stem}{i}\n{one}\n" for i, one in enumerate(sequences)))


@dataclass
class Walk:
    """What a walk through the book made of sequences in one alphabet."""

    alphabet: Alphabet
    adata: ad.AnnData
    model: mb.MotifSyntaxNet
    motifs: list[mb.Motif]
    truth: mb.Motif


@pytest.fixture(scope="module", params=[RNA, PROTEIN, METHYLATED, PAIRED], ids=lambda a: a.name)
def walk(request, tmp_path_factory):
    """300 sequences with a word and 300 without, read, kept, trained from and looked at."""
    alphabet, folder = request.param, tmp_path_factory.mktemp("walk")
    rng, word = np.random.default_rng(0), alphabet.codes(WORDS[request.param.name])
    letters = rng.integers(0, alphabet.n_letters, (600, 60)).astype(np.uint8)
    starts = rng.integers(0, 60 - len(word), 300)
    letters[np.arange(300)[:, None], starts[:, None] + np.arange(len(word))] = word
    sequences = decode(letters, alphabet)
    write_fasta(folder / "with.fa", sequences[:300])
    write_fasta(folder / "without.fa", sequences[300:])
    adata = mb.read_fasta(folder / "with.fa", negatives=folder / "without.fa", alphabet=alphabet)
    adata.obs["split"] = mb.split(adata, seed=0)
    mb.write(adata, folder / "book.h5ad")
    adata = mb.read(folder / "book.h5ad")
    model = mb.MotifSyntaxNet(1, alphabet=alphabet, width=10)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=200))
    truth = mb.Motif.from_sites("planted", [WORDS[alphabet.name]], alphabet=alphabet)
    return Walk(alphabet, adata, model, mb.read_motifs(model, adata), truth)


def test_the_alphabet_stays_with_the_sequences(walk):
    assert store.get_alphabet(walk.adata) == walk.alphabet
    assert WORDS[walk.alphabet.name] in walk.adata.obs["sequence"].iloc[0]


def test_the_planted_word_is_found_and_predicts(walk):
    assert similarity(walk.motifs[0], walk.truth) > 0.9
    assert walk.motifs[0].alphabet == walk.alphabet
    assert mb.evaluate(walk.model, walk.adata)["auroc"][0] > 0.95
    assert len(response_curves(walk.model, walk.motifs)) == 51
    assert set(pair_table(walk.model, walk.motifs)["orientation"]) <= {"++", "+-", "-+", "--"}


def test_only_alphabets_with_complements_have_a_second_strand(walk):
    assert walk.model.motifs.reverse_complement == walk.alphabet.has_strands
    hits = mb.scan([walk.truth], walk.adata)
    assert hits["sequence"].str.startswith("with").sum() >= 300
    assert set(hits["strand"]) <= ({"+", "-"} if walk.alphabet.has_strands else {"+"})
    if not walk.alphabet.has_strands:
        with pytest.raises(mb.InputError, match="have no complement"):
            mb.CNN(1, alphabet=walk.alphabet, reverse_complement=True)


def test_a_network_keeps_its_alphabet(walk, tmp_path):
    mb.save(walk.model, tmp_path / "net.motifbook")
    loaded = mb.load(tmp_path / "net.motifbook")
    assert loaded.alphabet == walk.alphabet
    expected = mb.predict(walk.model, walk.adata)
    np.testing.assert_array_equal(mb.predict(loaded, walk.adata), expected)


def test_motif_files_keep_the_alphabet(walk, tmp_path):
    mb.write_motif_file(walk.motifs, tmp_path / "m.meme")
    back = mb.read_motif_file(tmp_path / "m.meme", alphabet=walk.alphabet)
    assert [motif.alphabet for motif in back] == [walk.alphabet] * len(walk.motifs)
    for motif, original in zip(back, walk.motifs):
        np.testing.assert_allclose(motif.ppm, original.ppm, atol=1e-6)
    [own] = mb.read_motif_file(tmp_path / "m.meme")[:1]
    assert (own.alphabet.name, own.consensus) == (walk.alphabet.name, back[0].consensus)
    store.add_motifs(walk.adata, walk.motifs)
    mb.write(walk.adata, tmp_path / "b.h5ad")
    [kept] = store.get_motifs(mb.read(tmp_path / "b.h5ad"))[:1]
    assert kept.alphabet == walk.alphabet


@pytest.mark.filterwarnings("ignore:P-values from")
def test_known_motifs_of_the_same_alphabet_name_it(walk):
    rng = np.random.default_rng(1)
    others = [
        mb.Motif(
            f"o{i}", rng.dirichlet([0.1] * walk.alphabet.n_letters, 8).T, alphabet=walk.alphabet
        )
        for i in range(30)
    ]
    known = mb.identify(walk.motifs[:1], [*others, walk.truth], n=1)
    assert known["target_name"].tolist() == ["planted"]
    with pytest.raises(mb.InputError, match=r"is in DNA letters \(ACGT\).*expected one alphabet"):
        mb.identify(walk.motifs)
    with pytest.raises(
        mb.InputError, match=rf"in DNA letters, the sequences in {walk.alphabet.name}"
    ):
        mb.scan([mb.Motif("dna", np.eye(4))], walk.adata)


def test_it_can_be_drawn_and_explored(walk):
    assert mb.plot.logo_svg(walk.motifs[0]).startswith("<svg")
    merged = mb.cluster_motifs([walk.motifs[0], walk.truth], similarity=0.5)
    assert merged[0].alphabet == walk.alphabet
    assert "<svg" in mb.widgets.FilterExplorer(walk.model, walk.adata).svg()


def test_shuffles_are_written_in_the_same_letters(walk, tmp_path):
    write_fasta(tmp_path / "with.fa", walk.adata.obs["sequence"][:50])
    adata = mb.read_fasta(tmp_path / "with.fa", negatives="shuffle", seed=0, alphabet=walk.alphabet)
    counts = [sorted("".join(adata.obs["sequence"][adata.X[:, 0] == bound])) for bound in (1, 0)]
    assert counts[0] == counts[1]


def test_the_report_tells_of_any_alphabet(walk, tmp_path):
    page = mb.report(walk.adata, out=tmp_path / "r.html", baselines=(), seed=0, progress=False)
    told = page.read_text()
    assert f"The known motifs are DNA, the sequences {walk.alphabet.name}" in told
    assert "G and C make up" not in told or walk.alphabet == RNA


# ---- who meets whom


def test_networks_and_sequences_of_one_name_and_other_letters_do_not_meet(walk):
    own = walk.alphabet
    other = Alphabet(own.name, own.letters[::-1] + "#", unknown=own.unknown)
    model = mb.CNN(1, alphabet=other, n_filters=2, width=5)
    with pytest.raises(mb.InputError, match=rf"the same letters, .*#, not {own.letters}"):
        mb.fit(model, walk.adata, progress=False)


@pytest.mark.parametrize("network", [mb.MotifSyntaxNet, mb.CNN])
def test_a_network_for_dna_says_what_rna_needs(network):
    adata = ad.AnnData(
        X=np.zeros((2, 1)), obs=pd.DataFrame({"sequence": ["ACGU", "CCGU"]}, index=["a", "b"])
    )
    adata.uns["alphabet"] = "RNA"
    sentence = r'reads DNA, the sequences are RNA; expected.*with `alphabet="RNA"`'
    with pytest.raises(mb.InputError, match=sentence):
        mb.fit(network(n_readouts=1), adata)


def test_the_published_layout_reads_any_alphabet(walk):
    model = mb.MotifSyntaxNet.published(1, n_layers=1, alphabet=walk.alphabet)
    options = mb.FitOptions(n_steps=5)
    assert mb.fit(model, walk.adata, seed=0, progress=False, options=options).stopped == "finished"
    assert model.show_both_strands == walk.alphabet.has_strands


@pytest.mark.parametrize(
    "door",
    [
        mb.predict,
        mb.evaluate,
        mb.read_motifs,
        filter_motifs,
        mb.widgets.FilterExplorer,
        lambda model, adata: mb.report(adata, model, progress=False),
    ],
)
def test_a_trained_network_meets_other_letters_at_no_door(trained, door):
    adata = trained.adata.copy()
    adata.obs["sequence"] = adata.obs["sequence"].str.replace("T", "W")
    adata.uns["alphabet"] = "protein"
    del adata.obs["split"]
    with pytest.raises(mb.InputError, match="reads DNA, the sequences are protein; expected the"):
        door(trained.model, adata)


# ---- what proteins need


def proteins(pattern, n=2000, length=80, seed=0):
    """Half of the sequences hold the pattern; x is any letter, + is K or R, $ is S or T."""
    rng, shares = np.random.default_rng(seed), np.array(SHARES.split(), dtype=float)
    letters = rng.choice(20, (n, length), p=shares / shares.sum()).astype(np.uint8)
    bound = np.arange(n) % 2 == 0
    choices = {"x": PROTEIN.letters, "+": "KR", "$": "ST"}
    for row in np.flatnonzero(bound):
        start = rng.integers(0, length - len(pattern))
        for offset, symbol in enumerate(pattern):
            if symbol != "x":
                letter = rng.choice(list(choices.get(symbol, symbol)))
                letters[row, start + offset] = PROTEIN.letters.index(letter)
    columns = [np.isin(list(PROTEIN.letters), list(choices.get(s, s))) for s in pattern]
    ppm = np.array(columns, dtype=float).T
    return letters, bound, mb.Motif(pattern, ppm / ppm.sum(axis=0), alphabet=PROTEIN)


def protein_book(pattern):
    letters, bound, truth = proteins(pattern)
    adata = ad.AnnData(
        X=bound.astype(np.float32)[:, None],
        obs=pd.DataFrame(
            {"sequence": decode(letters, PROTEIN)}, index=[f"p{i}" for i in range(2000)]
        ),
        uns={"alphabet": "protein"},
    )
    adata.obs["split"] = mb.split(adata, seed=0)
    return adata, truth


@pytest.mark.parametrize("pattern", ["RxLPxLP", "PxxPx+", "+xxPxxP"])
def test_words_with_gaps_are_seeds_of_protein_motifs(pattern):
    letters, bound, truth = proteins(pattern)
    seeds = find_seeds(letters, bound, width=10, alphabet=PROTEIN, seed=0)
    assert max(similarity(seed, truth) for seed in seeds) > 0.85
    assert any("." in seed.info["word"] for seed in seeds)
    flat = seeds[0].icm().sum(axis=0) < 0.3
    assert flat.sum() >= 3  # flanks hold the usual letters, which is no information


def test_noise_of_proteins_gives_no_seeds():
    letters, bound, _ = proteins("xx")
    assert find_seeds(letters, bound, width=10, alphabet=PROTEIN, seed=0) == []


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["RxLPxLP", "PxxPx+", "+xxPxxP"])
def test_a_protein_motif_is_found_by_the_network(pattern):
    adata, truth = protein_book(pattern)
    model = mb.MotifSyntaxNet(1, alphabet="protein")
    mb.fit(model, adata, seed=0, progress=False)
    assert similarity(mb.read_motifs(model, adata)[0], truth) > 0.9
    assert mb.evaluate(model, adata)["auroc"][0] > 0.85


@pytest.mark.slow
def test_a_motif_of_two_letters_is_found_in_its_two_forms():
    adata, _ = protein_book("Nx$")  # N-glycosylation
    model = mb.MotifSyntaxNet(1, alphabet="protein")
    mb.fit(model, adata, seed=0, progress=False)
    motifs = mb.read_motifs(model, adata, include_unused=True)
    for form in ("NxS", "NxT"):
        truth = proteins(form, n=2)[2]
        assert max(similarity(motif, truth) for motif in motifs) > 0.8
    assert mb.evaluate(model, adata)["auroc"][0] > 0.85


# ---- real RNA


@pytest.mark.slow
def test_pumilio_binds_uguanaua_on_the_strand_that_is_given(test_data):
    parts = {
        part: mb.read_table(
            test_data / f"chip/pum2_clip_{file}.csv.gz",
            sequence="seq",
            readouts="binding_site",
            alphabet="RNA",
        )
        for part, file in (("train", "train"), ("validation", "valid"), ("test", "test"))
    }
    adata = ad.concat(parts, label="split", index_unique="-", merge="same")
    adata.uns["alphabet"] = "RNA"
    model = mb.MotifSyntaxNet(1, alphabet="RNA")
    with pytest.warns(UserWarning, match="share 24 letters in a row"):  # sites overlap
        mb.fit(model, adata, seed=0, progress=False)
    best = mb.read_motifs(model, adata)[0]
    sites = [f"UGUA{letter}AUA" for letter in "ACGU"]
    assert similarity(best, mb.Motif.from_sites("PUM2", sites, alphabet="RNA")) > 0.9
    hits = mb.scan(best, adata)
    assert set(hits["strand"]) == {"+"}
    bound = adata.to_df()["binding_site"]
    has_hit = bound.index.isin(hits["sequence"])
    assert has_hit[bound == 1].mean() > 5 * has_hit[bound == 0].mean()


def test_nine_letters_are_too_few_for_the_usual_filters(test_data):
    path = test_data / "mpra/mpsa_5ss_9nt.csv.gz"
    adata = mb.read_table(path, sequence="x", readouts="y", alphabet="RNA")[:3000].copy()
    for network in (mb.MotifSyntaxNet, mb.CNN):
        with pytest.raises(mb.InputError, match=r"have 9 letters.*with `width=9` or less"):
            mb.fit(network(1, alphabet="RNA"), adata, seed=0, progress=False)
    model = mb.MotifSyntaxNet(1, alphabet="RNA", width=9)
    mb.fit(model, adata, seed=0, progress=False)
    assert "GGU" in mb.read_motifs(model, adata, include_unused=True)[0].consensus.upper()
