"""What a report says, checked against planted truth; and that its page needs nothing but itself."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

import motifbook as mb
from motifbook._check import NotFoundError
from motifbook.data import store
from motifbook.discover.syntax.read import read_syntax
from motifbook.models import Record
from motifbook.motif.compare import align, similarity
from motifbook.motif.scan import prepare
from motifbook.onehot import encode, onehot
from motifbook.report import Settings, report, write_folder
from motifbook.report import analyze as everything
from motifbook.report.analysis import _new_network
from motifbook.report.cards import find_sites, gather_forms
from motifbook.report.enriched import known_enrichment
from motifbook.report.folder import MANIFEST
from motifbook.report.known import best_known, best_matches
from motifbook.report.methods import CITATIONS
from motifbook.report.page import page
from motifbook.report.pairs import without_pairs
from motifbook.report.pictures import laid_out, pictures
from motifbook.report.scores import measure, resampled
from motifbook.report.words import headline, likeness, pair_sentences, verdict

analyze = partial(everything, designs=0)
QUICK = mb.FitOptions(n_steps=90)
FEW = [*mb.database.collection("JASPAR2026_fungi"), mb.database.motif("MA0080.7")]


def trained(adata, network, options=QUICK):
    mb.fit(network, adata, seed=0, progress=False, options=options)
    return network


@pytest.fixture(scope="module")
def adata():
    """Half of the sequences hold SPI1."""
    simulated = mb.simulate(n=800, length=80, rule="single", seed=0)
    simulated.obs["split"] = mb.split(simulated, fractions=(0.6, 0.1, 0.3), seed=0)
    return simulated


@pytest.fixture(scope="module")
def analysis(adata):
    model = trained(adata, mb.MotifSyntaxNet(1, n_filters=6, width=16))
    return analyze(adata, model, known=FEW, baselines=["known"])


# ---- the page


class Reader(HTMLParser):
    """Sections, headings, addresses, pictures and saved files of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.headings, self.links, self.files = [], [], [], {}
        self.tags, self.svgs, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.headings += [int(tag[1])] if tag in ("h1", "h2", "h3") else []
        for key in ("href", "src", "xlink:href"):
            self.links += [found[key]] if key in found else []
        if "download" in found:
            packed = found["href"].split("base64,")[1]
            self.files[found["download"]] = base64.b64decode(packed).decode()
        if tag == "svg":
            self.svgs.append(found)

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def text(analysis):
    return page(analysis, pictures(analysis))


@pytest.fixture(scope="module")
def read(text):
    return Reader(text)


def test_sections_come_in_the_order_in_which_one_asks(read):
    wanted = ["verdict", "motifs", "pairs", "quality", "data", "unused", "methods", "files"]
    assert [name for name in read.ids if name in wanted] == wanted
    assert read.headings[:2] == [1, 2]
    assert all(b - a <= 1 for a, b in zip(read.headings, read.headings[1:]))


def test_the_page_needs_nothing_but_itself(read, text):
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    cited = {address for _, address in CITATIONS}
    assert {link for link in read.links if not link.startswith(("#", "data:"))} == cited
    assert "@import" not in text
    assert "url(" not in text
    assert len(text.encode()) < 5e6


def test_every_picture_says_what_it_shows(read):
    assert len(read.svgs) >= 4
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in read.svgs)


def test_files_can_be_saved_from_the_page(read, analysis, tmp_path):
    assert {"motifs.meme", "motifs.csv", "evaluation.csv", "positions.csv"} <= set(read.files)
    target = tmp_path / "motifs.meme"
    target.write_text(read.files["motifs.meme"])
    found = mb.read_motif_file(target)
    assert [motif.info["id"] for motif in found] == [
        form.name for card in analysis.cards for form in card.forms
    ]
    assert found[0].name == analysis.cards[0].name


def test_the_users_names_cannot_break_the_page(adata):
    other = adata.copy()
    other.var_names = ["<b>&x"]
    model = trained(other, mb.CNN(1, n_filters=4, width=12), mb.FitOptions(n_steps=30))
    made = analyze(other, model, known=None, baselines=[])
    text = page(made, pictures(made))
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;x" in text


def test_the_report_is_one_file(adata, analysis, tmp_path):
    few = {"known": FEW, "baselines": [], "designs": 0}
    out = report(adata, analysis.model, out=tmp_path / "r.html", **few)
    assert out == tmp_path / "r.html"
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    with pytest.raises(mb.InputError, match=r"is a folder; expected the name of a file in it"):
        report(adata, analysis.model, out=tmp_path, **few)


# ---- the verdict


def test_the_planted_motif_is_named_first_with_its_numbers(analysis):
    card = analysis.cards[0]
    assert headline(analysis) == "The motif that matters most is Spi1 (MA0080.7)."
    share = card.shares.iloc[0]
    assert share["high"] > 0.7
    assert share["low"] < 0.1
    said = " ".join(verdict(analysis))
    assert f"found in {100 * share['high']:.0f} % of bound and" in said
    auroc = mb.evaluate(analysis.model, analysis.adata)["auroc"][0]
    assert f"auROC {auroc:.3f}" in said
    assert "for the best known motif, Spi1 (MA0080.7)" in said


def test_permuted_readouts_are_not_interpreted(adata):
    permuted = adata.copy()
    permuted.X = np.random.default_rng(0).permutation(permuted.X)
    made = analyze(permuted, trained(permuted, mb.MotifSyntaxNet(1)), known=FEW, baselines=[])
    assert made.is_too_weak
    assert headline(made).startswith("Do not interpret this network")
    text = page(made, pictures(made))
    assert text.index("Do not interpret") < text.index("<section")
    assert 'class="verdict alarm"' in text


def test_a_known_motif_stands_out_where_sequences_are_too_few_for_a_network():
    few = mb.simulate(n=120, length=80, rule="single", seed=0)
    few.obs["split"] = mb.split(few, fractions=(0.7, 0.1, 0.2), seed=0)
    blind = trained(few, mb.MotifSyntaxNet(1, n_filters=2, width=4), mb.FitOptions(n_steps=15))
    made = analyze(few, blind, known=FEW, baselines=[])
    assert made.is_too_weak
    assert headline(made) == (
        "Spi1 (MA0080.7) stands out; but do not interpret the network: 24 held-out sequences are "
        "too few to judge it."
    )
    row = made.enriched.iloc[0]
    assert row["share_1"] > 0.8
    assert row["share_0"] < 0.2
    said = " ".join(verdict(made))
    assert f"stands in {100 * row['share_1']:.0f} % of bound" in said
    assert headline(made) in Reader(page(made, pictures(made))).words


def test_a_network_that_learned_few_sequences_by_heart_is_not_interpreted():
    few = mb.simulate(n=60, length=80, rule="single", seed=0)
    few.X = np.random.default_rng(0).permutation(few.X)
    made = analyze(few, known=FEW, baselines=[], settings=Settings(seed=0, progress=False))
    assert not made.held_out
    assert made.is_too_weak
    assert headline(made) == "Do not interpret this network: 60 sequences are too few to judge it."
    assert "cannot be told from chance" in " ".join(verdict(made))


def test_known_motifs_of_permuted_readouts_do_not_stand_out(adata):
    permuted = adata.copy()
    permuted.X = np.random.default_rng(0).permutation(permuted.X)
    table = known_enrichment(permuted, FEW, notes := [])
    assert len(table) == len(FEW)
    assert notes == []
    assert (table["q_value"] > 0.01).all()


def test_a_motif_that_is_a_small_part_of_a_known_one_has_no_name(analysis):
    card = analysis.cards[0]
    assert card.is_named
    assert card.covered > 0.9
    long = np.concatenate([card.known_motif.ppm, np.eye(4)[:, [0, 1] * 12]], axis=1)
    part = replace(card, known_motif=mb.Motif("long", long))
    assert part.is_like
    assert not part.is_named
    assert part.covered < 0.5
    assert likeness(part).startswith("only a part of")


def test_filters_are_narrower_than_reads():
    reads = mb.simulate(n=100, length=24, rule="single", seed=0)
    assert _new_network(reads).motifs.width == 12
    assert _new_network(mb.simulate(n=100, length=200, seed=0)).motifs.width == 20


def test_a_page_that_has_no_place_is_told_before_the_work(adata, tmp_path):
    with pytest.raises(NotFoundError, match="There is no folder"):
        report(adata, out=tmp_path / "nowhere" / "page.html")


def test_what_training_has_seen_does_not_judge(adata, analysis):
    everything = adata.copy()
    everything.obs["split"] = "test"
    made = analyze(everything, analysis.model, known=None, baselines=[])
    trained_on = set(np.flatnonzero(adata.obs["split"] == "train"))
    assert not trained_on & set(made.judges)
    assert "they count as training here" in " ".join(made.notes)
    seen = adata[adata.obs["split"] == "train"].copy()
    made = analyze(seen, analysis.model, known=None)
    assert not made.held_out
    assert headline(made).startswith("Read with care")
    assert [predictor.name for predictor in made.predictors] == ["this network"]


def test_new_sequences_need_no_split(adata, analysis):
    fresh = mb.simulate(n=100, length=80, rule="single", seed=5)
    made = analyze(fresh, analysis.model, known=FEW)
    assert len(made.judges) == 100
    assert "none to train others for comparison" in " ".join(made.notes)
    assert "split" not in fresh.obs


def test_a_different_letter_content_is_told(adata):
    rng = np.random.default_rng(0)
    rows = ["".join(rng.choice(list("ACGT"), 60, p=p)) for p in ([0.1, 0.4, 0.4, 0.1],) * 60]
    rows += ["".join(rng.choice(list("ACGT"), 60)) for _ in range(60)]
    other = mb.simulate(n=120, length=60, rule="single", seed=0)
    other.obs["sequence"], other.X = rows, np.repeat([1.0, 0.0], 60)[:, None].astype(np.float32)
    other.obs["split"] = mb.split(other, fractions=(0.6, 0.0, 0.4), seed=0)
    model = trained(other, mb.CNN(1, n_filters=4, width=8), mb.FitOptions(n_steps=20))
    made = analyze(other, model, known=None, baselines=[])
    assert "Negatives of matched GC" in page(made, pictures(made))


def test_families_over_both_sides_of_a_split_are_told(adata):
    families = adata[:200].copy()
    families.obs["sequence"] = [
        s[:79] + "ACGT"[i % 2] for s in adata.obs["sequence"][:100] for i in (0, 1)
    ]
    families.obs["split"] = ["train", "test"] * 100
    with pytest.warns(mb.LeakageWarning):
        model = trained(families, mb.CNN(1, n_filters=4, width=8), mb.FitOptions(n_steps=20))
    made = analyze(families, model, known=None, baselines=[])
    assert "100 of 100" in made.leak
    assert "share 24 letters in a row" in page(made, pictures(made))


def test_many_readouts_are_summed_up(analysis):
    several = ["a", "b", "c", "d"]
    table = pd.concat([analysis.evaluation.assign(readout=name) for name in several])
    contrasts = [replace(analysis.contrasts[0], readout=name) for name in several]
    shares = pd.concat([analysis.cards[0].shares.assign(readout=name) for name in several])
    response = pd.concat([analysis.cards[0].response] * 4, axis=1).set_axis(several, axis=1)
    card = replace(analysis.cards[0], shares=shares, response=response)
    made = replace(analysis, evaluation=table, contrasts=contrasts, cards=[card])
    drawn = pictures(analysis)
    assert "By readout" in page(made, drawn)
    assert "By readout" not in page(analysis, drawn)
    assert "predicts 4 readouts with a median auROC of 0." in " ".join(verdict(made))


def test_what_cannot_be_analyzed_is_refused(adata):
    with pytest.raises(mb.InputError, match=r'no readouts; .*`negatives="shuffle"`'):
        analyze(adata[:, []].copy())
    with pytest.raises(mb.InputError, match=r"`baselines` is 'cnns'; .*Did you mean 'cnn'\?"):
        analyze(adata, baselines=["cnns"])
    protein = [mb.Motif("p", np.full((20, 3), 0.05), alphabet=mb.alphabet.PROTEIN)]
    with pytest.raises(mb.InputError, match=r"another alphabet than the sequences \(DNA\)"):
        analyze(adata, known=protein)


# ---- other readouts and networks


def test_continuous_readouts_are_compared_by_thirds():
    simulated = mb.simulate(n=500, length=80, rule="additive", seed=0)
    simulated.obs["split"] = mb.split(simulated, seed=0)
    model = trained(simulated, mb.MotifSyntaxNet(2, n_filters=8, width=14))
    made = analyze(simulated, model, known=FEW, baselines=["known"])
    text = page(made, pictures(made))
    assert "highest third by readout0" in text
    assert "predicts readout1 with Pearson r" in " ".join(verdict(made))
    assert "Predicted against measured" in text
    assert set(made.cards[0].response.columns) == {"readout0", "readout1"}
    known = made.evaluation.query("predictor == 'best known motif' and readout == 'readout0'")
    assert known["pearson"].item() > 0.4
    assert np.isnan(known["r2"].item())


def test_a_network_without_curves_gets_a_page_without_them(adata):
    made = analyze(adata, trained(adata, mb.CNN(1, n_filters=8, width=14)), known=FEW, baselines=[])
    assert made.cards[0].response is None
    assert len(made.syntax.alone)
    text = page(made, pictures(made))
    assert "Silencing the network's table of pairs" not in text
    assert "Effect of a better match" not in text


def test_rna_gets_motifs_without_names(adata):
    rna = adata.copy()
    rna.uns["alphabet"] = "RNA"
    rna.obs["sequence"] = rna.obs["sequence"].str.replace("T", "U")
    model = trained(rna, mb.CNN(1, n_filters=4, width=10, alphabet="RNA"))
    made = analyze(rna, model, baselines=[])
    assert "motifs get no names" in " ".join(made.notes)
    assert all(card.best is None for card in made.cards)
    assert "not compared with known motifs" in page(made, pictures(made))


# ---- cards


def motif(name, consensus, use=0.1, **info):
    return mb.Motif.from_sites(name, [consensus], info={"use": use, **info})


def matches(*rows):
    return pd.DataFrame(rows, columns=["motif", "target_name", "q_value"])


DIFFERENT = [motif("a", "CACTTCCTCT"), motif("b", "AGATAAGGAG"), motif("c", "TGACGTCATT")]


def test_a_factor_is_named_once():
    table = matches(("a", "CTCF", 1e-9), ("b", "ctcf", 1e-3), ("c", "CTCF", 0.5))
    groups = gather_forms(DIFFERENT, table)
    assert [[form.name for form in group] for group in groups] == [["a", "b"], ["c"]]


def test_members_of_a_family_are_one_only_if_each_is_like_the_other():
    table = matches(("a", "MAFK", 1e-9), ("a", "MAFG", 1e-8), ("b", "MAFG", 1e-9))
    assert len(gather_forms(DIFFERENT[:2], table)) == 2
    both = pd.concat([table, matches(("b", "MAFK", 1e-8))])
    assert len(gather_forms(DIFFERENT[:2], both)) == 1


def test_forms_without_a_name_are_gathered_by_likeness():
    turned = motif("d", "CACTTCCTCT").reverse_complement()
    groups = gather_forms([*DIFFERENT, turned], matches())
    assert [[form.name for form in group] for group in groups] == [["a", "d"], ["b"], ["c"]]


def test_sites_are_where_they_were_planted(adata):
    truth = adata.uns["truth"]["sites"]
    found = find_sites(mb.Motif("SPI1", adata.uns["truth"]["motifs"]["SPI1"]), adata)
    keys = ["sequence", "start", "strand"]
    assert len(truth.merge(found, on=keys)) > 0.85 * len(truth)


def test_a_palindrome_is_counted_once_and_a_short_motif_where_it_is_perfect():
    book = mb.simulate(n=2, length=30, rule="single", seed=0)
    book.obs["sequence"] = ["C" * 10 + "TGACGTCA" + "C" * 12, "C" * 10 + "GATA" + "C" * 16]
    assert find_sites(motif("CRE", "TGACGTCA"), book)["start"].tolist() == [10]
    gata = find_sites(motif("GATA", "GATA"), book)
    assert gata[["sequence", "start"]].to_numpy().tolist() == [["sequence1", 10]]


def test_weights_and_the_known_motif_are_laid_on_the_found_one():
    card = replace(replace_card(offset=-2), weights=motif("w", "GATAAGC"))
    laid = {key: motif.consensus for key, motif in laid_out(card).items()}
    assert laid == {"aligned": "nnGATAAGn", "weights": "nnGATAAGC", "known": "TTGATAnnn"}


def test_a_card_shows_the_weights_of_the_filter_that_reads_its_motif(adata, analysis):
    card = analysis.cards[0]
    assert similarity(card.weights, mb.database.motif("MA0080.7")) > 0.7
    assert align(card.motif, card.weights).strand == "+"
    assert pictures(analysis)[f"weights_{card.motif.name}"] in page(analysis, pictures(analysis))


def replace_card(offset):
    from motifbook.report.cards import Card

    table = pd.DataFrame({"motif": "m", "target_name": "GATA", "q_value": 1e-5, "offset": [offset]})
    empty = pd.DataFrame()
    return Card([motif("m", "GATAAG")], table, motif("k", "TTGATA"), empty, empty, None)


# ---- scores


def test_measures_agree_with_their_referees():
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 300).astype(float), np.round(rng.normal(size=300), 1)
    weight = rng.integers(0, 3, 300)
    expected = roc_auc_score(label, score, sample_weight=weight)
    assert measure("binary", label, score, weight) == pytest.approx(expected)
    r = np.corrcoef(np.repeat(label, weight), np.repeat(score, weight))[0, 1]
    assert measure("continuous", label, score, weight) == pytest.approx(r)
    low, high = np.quantile(resampled("binary", label, score[None])[0], (0.025, 0.975))
    assert low < measure("binary", label, score) < high
    assert np.isnan(measure("continuous", label, np.ones(300)))


def test_a_sequence_without_letters_matches_worst(adata):
    letters = store.get_letters(adata)[:50].copy()
    letters[0] = 4
    found = best_matches(mb.database.motif("MA0080.7"), prepare(letters))
    assert found[0] == found[1:].min()


def test_the_best_known_motif_is_the_planted_one(adata):
    judges = np.flatnonzero(adata.obs["split"] == "test")
    predictor = best_known(adata, FEW, judges)
    assert predictor.name == "best known motif: Spi1 (MA0080.7)"
    assert roc_auc_score(adata.X[judges, 0], predictor.prediction[:, 0]) > 0.9


def test_a_motif_that_lowers_the_readout_is_a_known_motif_too(adata):
    vetoed = adata.copy()
    vetoed.X = 1 - vetoed.X
    judges = np.flatnonzero(adata.obs["split"] == "test")
    predictor = best_known(vetoed, FEW, judges)
    assert roc_auc_score(vetoed.X[judges, 0], predictor.prediction[:, 0]) > 0.9


# ---- pairs

GATA, AP1 = "TTGATAAG", "TGAGTCAG"
PAIR = [motif("GATA", GATA, filters=[0]), motif("AP1", AP1, filters=[1])]


@pytest.fixture
def pair_network():
    """GATA, then AP1 on either strand, 6 to 8 letters apart, adds 2."""
    model = mb.MotifSyntaxNet(1, n_filters=2, width=8)
    with torch.no_grad():
        for number, letters in enumerate((GATA, AP1)):
            model.motifs.weight[number] = torch.as_tensor(onehot(encode([letters]))[0])
            model.motifs.bias[number] = -6.5  # of 8 letters all must fit, or all but one
        pairs = model.reader.pairs
        pairs.in_use.fill_(True)
        for channel, mirror in ((1, 3), (3, 1)):
            pairs.weight[0, 0, channel, 10:13] = 2.0  # 14 to 16 between starts
            pairs.weight[0, mirror, 2, 10:13] = 2.0
    model.record = Record(["bound"], ["binary"], [0.0], [1.0], 60)
    return model.eval()


def test_silencing_pairs_leaves_the_network_as_it_was(pair_network):
    sequence = torch.as_tensor(onehot(encode(["C" * 9 + GATA + "C" * 6 + AP1 + "C" * 9])))
    silent = without_pairs(pair_network)
    with torch.no_grad():
        assert float(pair_network(sequence) - silent(sequence)) > 1
    assert without_pairs(silent) is None


def test_a_rule_becomes_a_sentence_and_a_picture(adata, analysis, pair_network):
    syntax = read_syntax(pair_network, adata, motifs=PAIR, known=None)
    made = replace(analysis, syntax=syntax)
    [sentence] = pair_sentences(made)
    assert sentence.startswith("GATA then AP1, 6 to 8 letters apart")
    assert "What two motifs add" in page(made, pictures(made))


# ---- the folder


def test_the_folder_is_complete_and_can_be_read_again(analysis, tmp_path):
    out = write_folder(analysis, tmp_path / "new" / "results")
    folder = out.parent
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("report.html", "motifs.meme", "model.motifbook", "book.h5ad", "tables", "figures"),
        MANIFEST,
    }
    listed = set(pd.read_csv(folder / MANIFEST)["file"])
    assert listed | {MANIFEST} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    }
    made = {path.stem for path in (folder / "tables").iterdir()}
    assert {"motifs", "known_motifs", "evaluation", "sites", "history", "data"} <= made
    assert {"logo_motif_1", "positions_motif_1", "roc_0", "history"} <= {
        path.stem for path in (folder / "figures").iterdir()
    }
    book = mb.read(folder / "book.h5ad")
    prediction = mb.predict(mb.load(folder / "model.motifbook"), book)
    np.testing.assert_array_equal(prediction, book.layers["prediction"])
    assert store.get_motifs(book)[0].name == "motif_1"
    sites = pd.read_csv(folder / "tables" / "sites.csv")
    assert len(sites) == len(store.get_hits(book))
    assert pd.read_csv(folder / "tables" / "motifs.csv")["name"][0] == "Spi1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [("ctcf_hg19_100bp", {"CTCF"}), ("oct4_200bp", {"Pou5f1::Sox2"})],
)
def test_real_peaks_name_their_factor(test_data, name, expected):
    peaks = mb.read_fasta(test_data / "chip" / f"{name}.fa.gz", negatives="shuffle", seed=0)
    half = peaks.n_obs // 2
    few = peaks[[*range(1000), *range(half, half + 1000)]].copy()
    few.obs["split"] = mb.split(few, seed=0)
    made = analyze(few, trained(few, mb.MotifSyntaxNet(1), None), baselines=["known"])
    assert made.cards[0].name in expected
    assert [card.name for card in made.cards].count(made.cards[0].name) == 1
    own, known = made.evaluation.drop_duplicates("predictor").set_index("predictor")["auroc"][
        ["this network", made.predictors[-1].name]
    ]
    assert own > known
