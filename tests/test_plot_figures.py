"""Every other figure: what is marked, what is counted, what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from motifbook import InputError, Motif, plot
from motifbook.plot.tracks import find_sites

RNG = np.random.default_rng(0)
GATA = Motif("GATA1", 0.88 * np.eye(4)[[2, 0, 3, 0]].T + 0.03, info={"use": 0.03, "used": True})
SPARE = Motif("filter_7", GATA.ppm, info={"use": 0.001, "used": False})
STRENGTH = np.zeros((2, 17))
STRENGTH[0, 5], STRENGTH[1, 10] = 1.0, 0.6
SEQUENCES = ["ACGT" * 5, "TTTTTGGGGGCCCCCAAAAA"]
PAIRS = pd.DataFrame(
    {"motif_a": "A", "motif_b": ["B", "B", "C"], "gap": [0, 3, 1], "effect": [0.1, 0.2, -0.9]}
)


def words(svg: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(svg).findall(".//{*}text")]


def test_sites_are_the_strongest_starts_of_their_neighborhood():
    strength = np.array([[0.6, 0.9, 0.0, 0.0, 0.7], [0.4, 0.0, 0.0, 0.0, 0.5]])
    rows, starts = find_sites(strength, 3, 0.5)
    assert (rows.tolist(), starts.tolist()) == ([0, 0, 1], [1, 4, 4])


def test_of_equal_neighbors_the_first_is_the_site():
    _, starts = find_sites(np.full((1, 6), 0.8), 3, 0.5)
    assert starts.tolist() == [0]


def test_tracks_name_each_row_and_show_letters_where_they_can_be_read():
    svg = plot.tracks_svg(STRENGTH, width=4, sequences=SEQUENCES, names=["one", "two"])
    assert {"one", "two"} <= set(words(svg))
    assert svg.count("<use") == 40
    wide = plot.tracks_svg(np.zeros((1, 197)), width=4, sequences=["A" * 200])
    assert wide.count("<use") == 0


def test_letters_in_a_site_are_colored():
    svg = plot.tracks_svg(STRENGTH[:1], width=4, sequences=SEQUENCES[:1])
    colored = ElementTree.fromstring(svg).findall(".//{*}g[@fill='#009E73']/{*}use")
    assert len(colored) == 1  # the one A among the site's CGTA


def test_a_window_cuts_the_letters():
    svg = plot.tracks_svg(STRENGTH, width=4, sequences=SEQUENCES, window=(5, 12))
    assert svg.count("<use") == 14


def test_a_window_outside_the_sequence_is_refused():
    with pytest.raises(InputError, match=r"`window` is \(5, 30\); .* within 0 to 20"):
        plot.tracks(STRENGTH, width=4, window=(5, 30))


def test_strands_need_the_shape_of_the_strength():
    with pytest.raises(InputError, match=r"`strand` has shape \(2, 3\); .*like `strength`"):
        plot.tracks_svg(STRENGTH, width=4, strand=np.ones((2, 3)))


def test_sites_of_both_strands_are_counted_in_their_own_direction():
    ax = plot.positions([3, 3, 7], 10, strand=[1, 1, -1])
    forward, reverse = (patch.get_path().vertices for patch in ax.patches[:2])
    assert forward[:, 1].max() == 2
    assert reverse[:, 1].min() == -1
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "0", "1", "2"]


def test_roc_agrees_with_scikit_learn():
    truth = RNG.integers(0, 2, 300).astype(float)
    score = np.round(truth + RNG.normal(size=300), 1)  # with ties
    expected = roc_auc_score(truth, score)
    assert f"auROC {expected:.3f}" in words(plot.roc_svg(truth, score))


def test_roc_draws_one_curve_per_network():
    truth = np.array([[0.0], [0.0], [1.0], [1.0]])
    told = words(plot.roc_svg(truth, {"good": [0, 1, 2, 3], "bad": np.array([[3], [2], [1], [0]])}))
    assert "good auROC 1.000" in told
    assert "bad auROC 0.000" in told
    with pytest.raises(InputError, match=r"`prediction\['short'\]` has shape \(2,\)"):
        plot.roc(truth, {"short": [0, 1]})


def test_roc_leaves_out_what_was_not_measured():
    truth, score = np.array([[0, 1, np.nan]]).T, np.array([[0.1, 0.2, 0.0]]).T
    assert "bound auROC 1.000" in words(plot.roc_svg(truth, score, names=["bound"]))


def test_roc_asks_for_two_classes():
    with pytest.raises(InputError, match=r"`measured` holds 0\.2, 0\.7; .*`plot.agreement`"):
        plot.roc([0.2, 0.7], [0, 1])


def test_agreement_states_pearson_and_the_number_of_sequences():
    measured = np.append(np.arange(10.0), np.nan)
    assert plot.agreement(measured, 2 * measured, title="Dev").get_title(loc="left") == (
        "Dev: Pearson r 1.00, 10 sequences"
    )


def test_history_marks_the_round_that_was_kept():
    ax = plot.history([10, 20, 30], [3.0, 2.0, 1.0], [3.0, 2.5, 2.6], kept=1)
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (20, 2.5)
    with pytest.raises(InputError, match=r"`kept` is 3; expected a whole number, 0 to 2"):
        plot.history([10, 20, 30], [3.0, 2.0, 1.0], kept=3)
    with pytest.raises(InputError, match=r"`training` has shape \(2,\); .*like `steps`"):
        plot.history([10, 20, 30], [3.0, 2.0])


def test_motif_use_tells_used_from_spare_motifs():
    ax = plot.motif_use([GATA, SPARE])
    used, spare = (patch.get_facecolor() for patch in ax.patches)
    assert used != spare
    assert [label.get_text() for label in ax.get_yticklabels()] == ["GATA1", "filter_7"]
    assert "1 of 2 motifs" in plot.motif_use_svg([GATA, SPARE])


def test_motif_use_asks_for_motifs_of_a_network():
    with pytest.raises(InputError, match=r"Motif 'x' has no info\['use'\]; .*`read_motifs`"):
        plot.motif_use([Motif("x", GATA.ppm)])


def test_response_draws_each_curve_with_its_interval():
    effect = np.array([[0.0, 1.0], [0.0, -1.0]])
    interval = np.stack([effect - 0.5, effect + 0.5], axis=1)
    ax = plot.response([1, 2], effect, interval=interval, names=["GATA1", "REST"])
    assert len(ax.patches) == 2
    assert ax.get_ylim() == pytest.approx((-1.68, 1.68))
    with pytest.raises(InputError, match=r"`effect` has shape \(1, 3\); .*like `score`"):
        plot.response([1, 2], [0, 1, 2])


def test_pairs_are_sorted_by_their_strongest_effect():
    labels = [label.get_text() for label in plot.pairs(PAIRS).get_yticklabels()]
    assert labels == ["A – C", "A – B"]
    with pytest.raises(InputError, match=r"`table` has no column 'gap'"):
        plot.pairs(PAIRS.drop(columns="gap"))


def test_a_filter_page_holds_logo_sites_and_sequences():
    svg = plot.filter_svg(GATA, STRENGTH, sequences=SEQUENCES, names=["one", "two"], rows=[1])
    shown = words(svg)
    assert {"GATA1", "2 sites in 2 sequences", "two"} <= set(shown)
    assert "one" not in shown


@pytest.mark.parametrize(
    ("draw", "values"),
    [
        (plot.tracks, {"strength": STRENGTH, "width": 4}),
        (plot.positions, {"starts": [1, 2], "length": 10}),
        (plot.roc, {"measured": [0, 1], "prediction": [0, 1]}),
        (plot.agreement, {"measured": [0, 1, 2], "prediction": [0, 1, 1]}),
        (plot.history, {"steps": [1, 2], "training": [2.0, 1.0]}),
        (plot.motif_use, {"motifs": [GATA, SPARE]}),
        (plot.response, {"score": [0, 1], "effect": [0, 1]}),
        (plot.pairs, {"table": PAIRS}),
        (plot.logo, {"motif": GATA}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_figure_comes_on_axes_and_as_svg(draw, values):
    ax = Figure().subplots()
    assert draw(**values, ax=ax) is ax
    assert draw(**values).get_figure() is not None
    tree = ElementTree.fromstring(getattr(plot, f"{draw.__name__}_svg")(**values))
    assert tree.get("role") == "img"
    assert tree.get("aria-label")


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_the_same_figure_gives_the_same_file(tmp_path, suffix):
    first, second = (
        plot.save(plot.logo(GATA, title="GATA1"), tmp_path / folder / f"logo.{suffix}")
        for folder in "ab"
    )
    assert first.read_bytes() == second.read_bytes()


def test_words_stay_editable_in_files(tmp_path):
    saved = plot.save(plot.logo(GATA, title="GATA1"), tmp_path / "logo.svg")
    assert ">GATA1</text>" in saved.read_text()
    saved = plot.save(plot.logo(GATA, title="GATA1"), tmp_path / "logo.pdf")
    assert b"/FontFile2" in saved.read_bytes()  # a whole TrueType font, no outlines


def test_a_picture_that_cannot_be_written_is_refused(tmp_path):
    drawn = plot.logo(GATA)
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=r"The folder .*file cannot be made"):
        plot.save(drawn, tmp_path / "file" / "logo.png")
    with pytest.raises(InputError, match=r"folder.png is a folder; expected the name of a file"):
        plot.save(drawn, tmp_path / "folder.png")
    with pytest.raises(InputError, match="cannot be written"):
        plot.save(drawn, tmp_path / f"{'x' * 300}.svg")


def test_svg_text_is_saved_as_it_is_and_only_as_svg(tmp_path):
    svg = plot.logo_svg(GATA)
    assert plot.save(svg, tmp_path / "logo.svg").read_text() == svg
    with pytest.raises(InputError, match=r"SVG text is only written as \.svg"):
        plot.save(svg, tmp_path / "logo.pdf")
    with pytest.raises(InputError, match=r"`suffix` is '.jpg'; expected one of"):
        plot.save(svg, tmp_path / "logo.jpg")
