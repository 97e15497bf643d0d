"""The formula as text, LaTeX, HTML and JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from formula_example import example_formula
from pandas.testing import assert_frame_equal

from motifbook.formula.covariates import Covariate, Covariates
from motifbook.formula.files import FORMAT, TABLES, read_formula, save_formula
from motifbook.formula.html import to_html
from motifbook.formula.latex import escape, to_latex
from motifbook.formula.positions import Positions
from motifbook.formula.text import Line, interval, to_text


@pytest.fixture
def formula():
    """Odd weights, half-open counts, an interaction, and covariates of all kinds."""
    made = example_formula(3, 2, pairs=((0, 2),))
    more = (
        Covariate("GC", center=0.5123),
        Covariate("GC^2", center=0.5123),
        Covariate("half_life", "half_life", center=-2.5),
        Covariate("batch = B", "batch", "B"),
    )
    covariates = Covariates(more, words={"batch": ["A", "B"]})
    motifs = [replace(made.terms.motifs[0], slope=1.7), *made.terms.motifs[1:]]
    terms = replace(made.terms, motifs=motifs, covariates=covariates)
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 1, (len(terms.table()), 2)) / 3
    table = made.coefficients.iloc[:5]
    table = pd.concat([table, *[made.coefficients.iloc[5:6]] * 4], ignore_index=True)
    table["term"] = ["intercept", *terms.table()["term"]]
    coefficients = pd.concat([table.assign(readout=name) for name in made.readouts])
    return replace(
        made,
        terms=terms,
        weights=weights,
        intercept=rng.normal(0, 1, 2),
        coefficients=coefficients.reset_index(drop=True),
        info={"seed": 0, "notes": ["one", "two"], "rows": {"discover": np.int64(3)}},
    )


def some_sequences(n=40):
    rng = np.random.default_rng(1)
    sequences = ["".join("ACGT"[code] for code in row) for row in rng.integers(0, 4, (n, 120))]
    for row in range(0, n, 2):  # sites: Nrf1 and NFYA
        sequences[row] = f"{sequences[row][:20]}TTGCGCATGCGCAA{sequences[row][34:]}"
        sequences[row] = f"{sequences[row][:60]}CAGCCAATCAG{sequences[row][71:]}"
    return sequences


def as_anndata(tmp_path):
    import motifbook as mb

    rng = np.random.default_rng(2)
    table = pd.DataFrame({"sequence": some_sequences(), "half_life": rng.normal(0, 3, 40)})
    table["batch"] = np.where(np.arange(40) % 3, "A", "B")
    table["y"] = 0.0
    table.to_csv(tmp_path / "some.csv", index=False)
    return mb.read_table(tmp_path / "some.csv", sequence="sequence", readouts=["y"])


def worked_out(text, values):
    """The sums of a text, term by term, (n, n_readouts)."""
    sums = []
    for block in text.strip().split("\n\n")[:-1]:
        _, *lines = block.splitlines()
        total = np.full(len(values), float(lines[0]))
        for line in lines[1:]:
            sign, size, term = re.fullmatch(r"  ([+-]) (\S+) x (.+)", line).groups()
            total += float(f"{sign}{size}") * values[term].to_numpy()
        sums.append(total)
    return np.stack(sums, axis=1)


def test_the_text_worked_out_by_hand_is_the_prediction(formula, tmp_path):
    adata = as_anndata(tmp_path)
    text = to_text(formula, digits=None, intervals=False)
    by_hand = worked_out(text, formula.counts(adata))
    np.testing.assert_allclose(by_hand, formula.predict(adata), rtol=1e-12)
    assert by_hand.std(axis=0).min() > 0.05


def test_the_text_says_what_covariates_are(formula):
    text = to_text(formula, "cell 1", digits=None)
    assert text.startswith("cell 1 =\n")
    assert "cell 0" not in text
    assert "GC: share of G and C minus 0.5123." in text
    assert "GC^2: the square of the share of G and C minus 0.5123." in text
    assert "half_life: half_life plus 2.5." in text
    assert "batch = B: 1 where it is so, else 0." in text
    assert "come from 1,000 sequences that were not used to find the motifs" in text


def test_the_text_says_what_was_chosen_or_given(formula):
    assert "for sequences without B." in to_text(formula)
    assert "stood out in these very sequences" in to_text(formula)
    plain = example_formula(2, 1)
    assert "stood out" not in to_text(plain)
    assert "that were not used to find the motifs" in to_text(plain)
    given = replace(plain, selection=pd.DataFrame({"source": ["given", "known"]}))
    assert "hold if the motifs that were given do not come from these." in to_text(given)
    smooth = example_formula(2, 1, positions=Positions("smooth", 6, 120))
    assert "Splines are hills along the sequence" in to_text(smooth)


def test_intervals_follow_the_coefficients():
    text = to_text(example_formula(3, 1))
    assert "  + 1.00 x Nrf1    [0.80, 1.20]\n" in text
    assert "  - 0.667 x GABPA  [-0.863, -0.471]\n" in text
    unknown = example_formula(3, 1)
    nothing = unknown.coefficients.assign(lower=np.nan, upper=np.nan)
    assert "+ 1.00 x Nrf1\n" in to_text(replace(unknown, coefficients=nothing))


def test_binary_readouts_are_logits(formula):
    binary = replace(formula, kinds=["binary", "continuous"])
    assert to_text(binary).startswith("logit P(cell 0) =\n")
    assert "logit P(cell 0)" in to_html(binary)
    assert r"\operatorname{logit} P(\text{cell 0})" in to_latex(binary)


def test_a_readout_that_is_not_there_is_refused(formula):
    for write in (to_text, to_latex, to_html):
        with pytest.raises(ValueError, match=r"`readout` is 'cell 7'; expected one of 'cell 0'"):
            write(formula, "cell 7")
        with pytest.raises(ValueError, match=r"`readout` is 2; expected a whole number, 0 to 1"):
            write(formula, 2)


def test_latex_is_well_formed(formula):
    odd = formula.coefficients.replace({"cell 0": "a_b & 50 %"})
    named = ["a_b & 50 %", "cell 1"]
    latex = to_latex(replace(formula, readouts=named, coefficients=odd))
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}") == 2
    body = latex.split("\n", 1)[1]
    assert not re.search(r"(?<!\\)[%#$]", body)  # no comment, no stray mathematics
    bare = re.sub(r"\\[\\%&#$_{}]", "", body)
    assert bare.count("{") == bare.count("}")
    depth = np.cumsum([(c == "{") - (c == "}") for c in bare])
    assert depth.min() == 0
    assert r"\text{a\_b \& 50 \%} ={} & " in latex
    assert all(line.count("&") - line.count(r"\&") <= 1 for line in body.splitlines())


def test_latex_escapes_every_special_character():
    assert escape(r"\^~&%$#_{}") == (
        r"\textbackslash{}\textasciicircum{}\textasciitilde{}\&\%\$\#\_\{\}"
    )


def test_small_numbers_in_latex():
    formula = example_formula(2, 1)
    tiny = to_latex(replace(formula, weights=np.array([[1.5e-7], [1.0], [2.0]])))
    assert r"1.50 \cdot 10^{-7}" in tiny


class Table(HTMLParser):
    """Cells of a page, and whether its tags close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.images = [], 0, 0

    def handle_starttag(self, tag, attributes):
        self.rows += tag == "tr"
        self.images += tag == "svg"
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_one_table_that_needs_nothing_else(formula):
    html = to_html(formula)
    page = Table()
    page.feed(html)
    assert page.open == []
    assert page.rows == 2 + len(formula.terms.table())
    assert page.images == 3
    assert "the formula explains 0.43" in html
    assert "gray numbers: q-value above 0.05." in html
    assert html.index("counts sites:") < html.index("Pairs were taken")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert all(address.startswith("#") for address in loaded)


def test_html_does_not_run_what_names_say(formula):
    named = replace(formula, readouts=["<script>", "x"])
    renamed = formula.coefficients.replace({"cell 0": "<script>", "cell 1": "x"})
    assert "<script>" not in to_html(replace(named, coefficients=renamed))


def test_json_and_back(formula, tmp_path):
    path = tmp_path / "formula.json"
    save_formula(formula, path)
    again = read_formula(path)
    adata = as_anndata(tmp_path)
    np.testing.assert_array_equal(again.predict(adata), formula.predict(adata))
    np.testing.assert_array_equal(again.weights, formula.weights)
    for name in TABLES:
        got, expected = getattr(again, name), getattr(formula, name)
        assert_frame_equal(got, expected, check_index_type=False, check_dtype=len(expected) > 0)
    assert again.terms.covariates == formula.terms.covariates
    assert again.info == {"seed": 0, "notes": ["one", "two"], "rows": {"discover": 3}}
    assert [motif.name for motif in again.motifs] == [motif.name for motif in formula.motifs]
    assert again.held_out is None
    assert to_html(again) == to_html(formula)


def test_bins_and_motifs_of_a_training_survive(tmp_path):
    formula = example_formula(2, 1, positions=Positions.named(3, 120))
    learned = np.array([1, 2**63], dtype=np.uint64)
    first = formula.terms.motifs[0]
    info = {"learned_from": learned, "use": np.float32(0.5)}
    motifs = [replace(first, motif=replace(first.motif, info=info)), *formula.terms.motifs[1:]]
    save_formula(replace(formula, terms=replace(formula.terms, motifs=motifs)), tmp_path / "f.json")
    again = read_formula(tmp_path / "f.json")
    assert again.terms.positions == formula.terms.positions
    assert again.motifs[0].info["learned_from"] == learned.tolist()
    assert np.isinf(again.terms.motifs[0].slope)


def changed(path, change):
    fields = json.loads(path.read_text())
    change(fields)
    path.write_text(json.dumps(fields))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.update(format=FORMAT + 1), rf"has format {FORMAT + 1}, .* Update motifbook"),
        (lambda f: f.pop("what"), r"is not a formula saved by motifbook.*save_formula"),
        (lambda f: f.pop("weights"), r"damaged \(KeyError: 'weights'\)"),
        (lambda f: f["weights"].pop(), r"damaged \(InputError: `weights` has shape"),
        (lambda f: f["terms"]["motifs"][0].update(ppm=[[1, 2]]), r"damaged \(InputError: Motif"),
        (lambda f: f["same"].update(motif=3), r"damaged \(TypeError"),
        (lambda f: f.update(alphabet="Klingon"), r"damaged \(InputError: `alphabet`"),
        (lambda f: f["weights"][0].__setitem__(0, None), r"damaged .*missing or infinite"),
        (lambda f: f.update(kinds=["bi"]), r"damaged .*the kinds of the readouts"),
        (lambda f: f["readouts"].__setitem__(0, 3), r"damaged .*names that are no text"),
        (lambda f: f["coefficients"].pop("lower"), r"damaged \(KeyError: .*lower"),
        (lambda f: f["coefficients"]["mean"]["values"].__setitem__(1, "inf"), r"damaged .*means"),
        (lambda f: f["coefficients"]["term"]["values"].__setitem__(1, "x"), r"damaged .*rows of"),
        (lambda f: f["coefficients"]["n"]["values"].__setitem__(1, 10**30), r"damaged .*Overflow"),
        (lambda f: f["terms"]["covariates"]["terms"][0].update(name="x"), r"damaged .*rows of"),
        (lambda f: f["terms"]["covariates"]["terms"][0].update(center=[]), r"damaged"),
        (lambda f: f["terms"]["positions"].update(kind="far"), r"damaged"),
    ],
)
def test_damaged_files_are_refused(tmp_path, change, message):
    path = tmp_path / "formula.json"
    save_formula(example_formula(2, 1), path)
    changed(path, change)
    with pytest.raises(ValueError, match=message):
        read_formula(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "formula.json"
    save_formula(example_formula(2, 1), path)
    half = path.read_text()[:500]
    for content in (half.encode(), b"\xff\xfe\x00", b"[1, 2]", b"", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is not a formula saved by motifbook"):
            read_formula(path)
    with pytest.raises(FileNotFoundError, match="was not found"):
        read_formula(tmp_path / "none.json")


def test_only_formulas_are_saved(tmp_path):
    with pytest.raises(ValueError, match=r"`formula` is 5; expected what `mb\.fit_formula`"):
        save_formula(5, tmp_path / "formula.json")


@pytest.mark.parametrize("write", [to_text, to_latex, to_html])
@pytest.mark.parametrize("digits", [0, -1, "3", 1.5])
def test_digits_are_a_whole_number(write, digits):
    with pytest.raises(ValueError, match=r"`digits` is .*; expected a whole number, 1 to 17"):
        write(example_formula(2, 1), digits=digits)


def test_an_end_that_rounds_to_zero_has_no_sign():
    assert interval(Line("GC", -120.0, -240.0, -0.3, 0.04), 2) == "[-240, 0]"
