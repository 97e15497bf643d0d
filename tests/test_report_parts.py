"""Formula, experiments, examples, new sequences and files of a report; and who can read it."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.data import store
from motifbook.report import Settings, analyze, designed_page, files_page, html, write_folder
from motifbook.report.asked import MARGIN
from motifbook.report.designed import N_LETTERS, WITHOUT_SKILL, Designed
from motifbook.report.formula_page import NO_COEFFICIENT, PAIRS
from motifbook.report.linear import fit_linear
from motifbook.report.methods import methods
from motifbook.report.page import page
from motifbook.report.phrases import signed
from motifbook.report.pictures import pictures
from motifbook.report.words import verdict

QUIET = Settings(seed=0, progress=False)


@pytest.fixture(scope="module")
def made(trained):
    """Half of the sequences hold SPI1; two new sequences are written."""
    return analyze(trained.adata, trained.model, known=None, baselines=[], designs=2,
                   settings=QUIET)  # fmt: skip


@pytest.fixture(scope="module")
def drawn(made):
    return pictures(made)


@pytest.fixture(scope="module")
def text(made, drawn):
    return page(made, drawn)


# ---- the formula


def test_the_motif_of_the_network_has_a_coefficient_with_an_interval(made, text):
    [row] = made.linear.of_motif(made.motifs[0].consensus).to_dict("records")
    assert 0 < row["lower"] < row["coefficient"] < row["upper"]
    assert row["n"] == (made.adata.obs["split"] == "test").sum()
    shown = f"{signed(row['coefficient'])} ({signed(row['lower'])} to {signed(row['upper'])})"
    assert f"{shown} log odds of bound per site" in text.replace("\u00a0", " ")
    assert "log odds of bound = " in text.replace("\u00a0", " ")


def test_a_motif_without_a_coefficient_is_told_in_words(made):
    table = made.linear.coefficients.copy()
    unknown = table["motif"] == made.motifs[0].consensus
    table.loc[unknown, "coefficient"] = 0.0
    table.loc[unknown, ["lower", "upper", "p_value", "q_value"]] = np.nan
    formula = replace(made.linear.formula, coefficients=table)
    told = replace(made, linear=replace(made.linear, formula=formula))
    text = page(told, pictures(told)).replace("\u00a0", " ")
    assert NO_COEFFICIENT in text
    assert "nan to" not in text
    assert f"0 × {made.motifs[0].consensus}" not in text


def test_too_few_rows_give_a_sentence_instead_of_a_formula(made):
    few = made.adata[made.adata.obs["split"] != "test"].copy()
    linear = fit_linear(few, made.motifs, QUIET, have_judged=False)
    assert linear.reason == "there are 0 test sequences, and it needs 30 at least"
    without = replace(made, linear=linear)
    text = page(without, pictures(without))
    assert f"No formula was fitted: {linear.reason}." in text
    assert "In the formula</dt>" not in text


def test_rows_that_judged_the_motifs_are_told(made):
    linear = fit_linear(made.adata, made.motifs, QUIET, have_judged=True)
    assert "helped to judge which motifs are used" in " ".join(linear.notes)


def test_pairs_are_explained_where_there_are_some(made, text):
    table = made.linear.coefficients
    assert not (table["kind"] == "interaction").any()
    assert html.text(PAIRS) not in text
    pair = table[table["kind"] == "motif"].assign(kind="interaction", term="a x b", partner="b")
    formula = replace(made.linear.formula, coefficients=pd.concat([table, pair]))
    told = replace(made, linear=replace(made.linear, formula=formula))
    assert html.text(PAIRS) in page(told, pictures(made))


# ---- the network, asked


def test_taking_a_motif_out_is_the_reverse_of_putting_it_in(made, text):
    taken, put = made.taken_out.iloc[0], made.syntax.alone.iloc[0]
    assert taken["effect"] < 0 < put["effect"]
    assert taken["n"] == made.instances["sequence"].nunique()
    assert f"<dt>Taken out</dt><dd>{signed(taken['effect'])} (" in text


def test_examples_show_the_motif_where_the_network_sees_it(made, text):
    first, second = made.examples
    weights = made.instances["weight"].abs()
    strongest = made.instances.loc[weights.idxmax()]
    assert (first.what, first.sequence) == ("the strongest site", strongest["sequence"])
    assert second.what == "a typical site"
    place = made.adata.obs_names.get_loc(first.sequence)
    values = mb.attribute(made.model, made.adata[[place]].copy(), "mutagenesis", seed=0)
    np.testing.assert_allclose(first.values, values[0], atol=1e-5)
    start, end = first.window
    assert start <= strongest["start"] < strongest["end"] <= end
    assert end - start <= strongest["end"] - strongest["start"] + 2 * MARGIN
    size = np.abs(np.asarray(first.values)).sum(axis=0)
    assert size[strongest["start"] : strongest["end"]].mean() > 3 * size.mean()
    assert "Shaded: motifs that the network sees." in text


def test_sequences_of_different_lengths_are_shown_where_their_motifs_lie(trained):
    book = trained.adata.copy()
    cut = np.random.default_rng(0).integers(60, 81, book.n_obs)
    book.obs["sequence"] = [s[:n] for s, n in zip(book.obs["sequence"], cut)]
    uneven = analyze(book, trained.model, known=None, baselines=[], designs=0, settings=QUIET)
    assert uneven.syntax.effects["gap"].max() < 60
    assert "sequences of 60 to 80 letters" in page(uneven, pictures(uneven)).replace("\u00a0", " ")
    assert "sequences of 60 to 80 letters" in methods(uneven)[0]
    for example in uneven.examples:
        row = book.obs_names.get_loc(example.sequence)
        sequence = book.obs["sequence"].iloc[row]
        assert example.values.shape == (4, len(sequence))
        stands = np.array([[letter == own for own in sequence] for letter in "ACGT"])
        assert (np.asarray(example.values)[~stands] == 0).all()
        assert example.window[1] <= len(sequence)
        places = uneven.instances[uneven.instances["sequence"] == example.sequence]
        pd.testing.assert_frame_equal(example.instances, places)


def test_a_network_without_motifs_is_asked_nothing_and_its_reason_is_told(made):
    silent = replace(made, cards=[], syntax=None, instances=made.instances[:0], examples=[])
    text = page(silent, {})
    assert "Nothing was asked: the network uses no motif." in text
    assert "No two motifs" not in text
    assert verdict(silent)[0] == "Do not interpret this network: it uses no motif."
    assert "should be above" not in " ".join(verdict(silent))


# ---- new sequences


def test_new_sequences_are_told_with_every_edit(made, text):
    table = made.designed.table
    assert len(table) == 2
    assert (table["n_changed"] <= N_LETTERS).all()
    assert (table["bound_after"] > table["bound_before"]).all()
    predicted = mb.predict(made.model, made.designed.designs.to_adata())[:, 0]
    np.testing.assert_allclose(predicted, table["bound_after"], atol=1e-5)
    assert "No other network judged them" in text
    assert "In the words of edits, the first letter has number 0" in text
    assert table["sequence"][0] in text
    for edit in made.designed.edits["edit"]:
        assert f"<li>{html.text(edit)}. Predicted bound:" in text  # names keep their letters
    assert text.count("its edits and letters") == 2


@pytest.mark.slow
def test_new_sequences_raise_a_readout_that_is_predicted_well():
    adata = mb.simulate(n=600, length=80, rule="additive", seed=0)
    adata.X[:, 0] = np.random.default_rng(0).permutation(adata.X[:, 0])
    model = mb.MotifSyntaxNet(2, n_filters=6, width=12)
    adata.obs["split"] = mb.split(adata, seed=0)
    mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=300))
    found = analyze(adata, model, known=None, baselines=[], designs=2, settings=QUIET)
    weak, good = adata.var_names
    assert found.weak_readouts == [weak]
    assert found.designed.readout == good
    table = found.designed.table
    assert (table[f"{good}_after"] > table[f"{good}_before"]).all()
    assert f"the network predicts {good} as high as it gets." in page(found, pictures(found))


def test_designs_that_are_handed_in_are_shown(made):
    handed = replace(made, designed=Designed(made.designed.designs, is_own=False))
    text = page(handed, pictures(handed))
    assert "2 sequences from mb.design." in text
    assert "random sequence" not in text
    assert "No other network judged them" not in text


def test_a_network_that_should_not_be_followed_writes_nothing(trained, tmp_path):
    permuted = trained.adata.copy()
    permuted.X = np.random.default_rng(0).permutation(permuted.X)
    model = mb.MotifSyntaxNet(1, n_filters=4, width=12)
    mb.fit(model, permuted, seed=0, progress=False, options=mb.FitOptions(n_steps=30))
    weak = analyze(permuted, model, known=None, baselines=[], settings=QUIET)
    assert weak.designed.reason == WITHOUT_SKILL
    assert f"No new sequences were written: {WITHOUT_SKILL}." in page(weak, pictures(weak))
    out = write_folder(weak, tmp_path)
    made = [pd.read_csv(path) for path in (out.parent / "tables").iterdir()]
    assert all(len(table.columns) for table in made)  # none is a file without a line


def test_a_number_of_designs_that_makes_no_sense_is_refused(trained):
    with pytest.raises(mb.InputError, match="`designs` is -1"):
        analyze(trained.adata, trained.model, designs=-1)


def test_designs_of_many_readouts_get_a_line_per_readout(made, text):
    table = made.designed.table
    names = [f"r{number}" for number in range(6)]
    more = {f"{n}_{when}": table[f"bound_{when}"] for n in names for when in ("before", "after")}
    designs = SimpleNamespace(table=table.assign(**more), edits=made.designed.edits)
    many = replace(
        made,
        contrasts=[replace(made.contrasts[0], readout=name) for name in names],
        evaluation=pd.concat([made.evaluation.assign(readout=name) for name in names]),
        designed=Designed(designs, is_own=False, readout="r4"),
    )
    shown = designed_page.section_html(many, {})
    assert "predicted r4</th>" in shown  # what they raise comes first
    assert "predicted r2</th>" not in shown
    folded = shown[shown.index("All 6 readouts") :]
    assert all(f"<td>{name}</td>" in folded for name in names)


def test_designs_of_a_network_that_is_too_weak_come_with_a_caution(made):
    weak = made.evaluation.assign(low=0.3)
    handed = replace(made.designed, is_own=False)
    told = replace(made, evaluation=weak, designed=handed)
    assert "predicts too badly to be followed" in designed_page.section_html(told, {})
    good = replace(made, designed=handed)
    assert "predicts too badly" not in designed_page.section_html(good, {})


# ---- tests and methods


def test_notes_of_the_tests_are_shown(made):
    told = replace(made, tested=replace(made.tested, notes=("60 rows are near copies.",)))
    text = page(told, pictures(told))
    assert text.index("About the tests") < text.index("60 rows are near copies.")


def test_methods_tell_what_was_done_with_numbers(made):
    said = " ".join(methods(made))
    n_test = int((made.adata.obs["split"] == "test").sum())
    assert f"coefficients fitted to {n_test} test sequences" in said
    assert "2 sequences were written by mb.design" in said
    assert "10 draws" in said
    assert "of the states after half of the batches planned" in said
    assert f"Predictors were judged on {len(made.judges)} held-out sequences; " in said
    made = replace(made, held_out=False)
    assert f"judged on the {len(made.judges)} sequences it has seen; " in " ".join(methods(made))


# ---- files


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.files = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "download" in found:
            packed = found["href"].split("base64,")[1]
            self.files[found["download"]] = base64.b64decode(packed).decode()


def test_the_page_holds_tables_figures_and_sequences(made, drawn, text):
    assert "penalties that keep motifs simple, which may raise it" in text  # the loss in training
    files = Links(text).files
    assert {"motifs.meme", "designs.fa", "formula.csv", "effects_taken_out.csv"} <= set(files)
    assert {f"{name}.svg" for name in drawn} <= set(files)
    assert files["formula.svg"] == drawn["formula"]
    kept = pd.read_csv(io.StringIO(files["formula.csv"]))
    expected = made.linear.coefficients["coefficient"].to_numpy()
    np.testing.assert_allclose(kept["coefficient"], expected, rtol=1e-5)
    letters = [line for line in files["designs.fa"].splitlines() if not line.startswith(">")]
    assert letters == made.designed.designs.sequences


def test_files_that_would_make_the_page_too_large_are_named(made, drawn):
    room = 30_000
    inside = files_page.section_html(made, drawn, room)
    assert len(inside) < room + 2000
    assert "would make the page too large to send" in inside
    assert "motifs.meme" in Links(inside).files


def test_the_folder_holds_new_sequences(made, tmp_path):
    folder = write_folder(made, tmp_path / "out").parent
    assert (folder / "designs.fa").read_text() == made.designed.fasta()
    for name in ("formula", "designs", "edits", "effects_taken_out"):
        assert (folder / "tables" / f"{name}.csv").exists()
    assert (folder / "figures" / "formula.svg").exists()
    kept = store.get_formula(mb.read(folder / "book.h5ad"))
    np.testing.assert_allclose(kept["coefficient"], made.linear.coefficients["coefficient"])


# ---- everyone can read it


class Outline(HTMLParser):
    """What screen readers and keyboards need of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.headings, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(SimpleNamespace(name=tag, inside=tuple(self.open), has=found))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag not in ("meta", "br", "rect", "path", "use", "circle", "polyline", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def named(self, name):
        return [tag for tag in self.tags if tag.name == name]


@pytest.fixture(scope="module")
def outline(text):
    return Outline(text)


def test_headings_step_down_by_one(outline):
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:]))


def test_language_landmarks_and_skip_link(outline):
    assert outline.named("html")[0].has["lang"] == "en"
    [main] = outline.named("main")
    first = outline.named("a")[0]
    assert first.has["href"] == f"#{main.has['id']}"
    assert outline.named("nav")[0].has["aria-label"]
    ids = {tag.has["id"] for tag in outline.tags if "id" in tag.has}
    jumps = [tag.has["href"][1:] for tag in outline.named("a") if tag.has["href"][0] == "#"]
    assert set(jumps) <= ids


def test_pictures_tables_and_details_have_words(outline):
    for svg in outline.named("svg"):
        assert svg.has["role"] == "img"
        assert svg.has["aria-label"]
    for table in outline.named("table"):
        assert "div" in table.inside
    regions = [tag.has for tag in outline.tags if tag.has.get("class") == "scroll"]
    assert all(has["tabindex"] == "0" and has["aria-label"] for has in regions)
    assert all("scope" in tag.has for tag in outline.named("th"))
    assert len(outline.named("details")) == len(outline.named("summary"))
    assert all(tag.inside[-1] == "details" for tag in outline.named("summary"))


def test_print_keeps_cards_whole_and_unfolds_everything(text):
    style = text[text.index("<style>") : text.index("</style>")]
    printed = style[style.index("@media print") :]
    assert "break-inside: avoid" in style[style.index(".card {") : style.index(".card header")]
    assert "details::details-content" in printed
    assert "color-scheme: light" in style


def test_minus_signs_are_printed_and_names_stay():
    assert html.text("AP-1 by -0.5 (-1 to 2)") == "AP-1 by −0.5 (−1 to 2)"
    assert (
        html.text('"-1" and log2-3 in `n=-1`') == "&quot;-1&quot; and log2-3 in <code>n=-1</code>"
    )


def test_no_number_on_the_page_has_a_hyphen_for_a_minus(text):
    body = re.sub(r"<svg.*?</svg>|<code>.*?</code>|<[^>]+>", " ", text[text.index("<main") :])
    assert re.findall(r"[\s(=]-\.?\d", body) == []
    assert "−" in body


def test_numbers_with_signs():
    assert [signed(value) for value in (2, -0.0351, 12.3, 0.0)] == ["+2.0", "−0.035", "+12", "0"]
