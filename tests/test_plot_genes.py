"""Genes and regions of a genome: where boxes lie, that names stand apart, what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError, plot
from motifbook._region import Region
from motifbook.plot.genes import _arrows, n_rows, packed, place_ticks
from motifbook.plot.panel import Letters, Shapes
from motifbook.plot.region import _panel, _Tracks

COLUMNS = ["chrom", "start", "end", "strand", "kind", "gene", "transcript"]


def genes(*rows):
    return pd.DataFrame([("chr1", *row) for row in rows], columns=COLUMNS)


ACTB = genes(
    (100, 900, "-", "transcript", "ACTB", "T1"),
    (100, 200, "-", "exon", "ACTB", "T1"),
    (800, 900, "-", "exon", "ACTB", "T1"),
    (150, 200, "-", "CDS", "ACTB", "T1"),
    (150, 300, "-", "exon", "ACTB", "T2"),
)
AT = Region("chr1", 0, 1000)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_gene_is_the_union_of_its_transcripts():
    (model,) = packed(ACTB, AT, 1.0)
    assert model.exons.tolist() == [[100, 300], [800, 900]]
    assert model.coding.tolist() == [[150, 200]]
    assert model.span == (100, 900)
    assert texts(plot.genes(ACTB)) == ["ACTB"]


@pytest.mark.parametrize(
    ("column", "value"), [("strand", np.nan), ("strand", ""), ("gene", np.nan), ("kind", "gene")]
)
def test_genes_of_which_less_is_known_are_drawn_all_the_same(column, value):
    one = genes((100, 900, "-", "transcript", "ACTB", "T1")).assign(**{column: value})
    (model,) = packed(one, AT, 1.0)
    assert model.span == (100, 900)
    assert "no gene here" not in texts(plot.genes(one))
    if column == "strand":
        assert not _arrows(model, 0.0, 1.0)


@pytest.mark.parametrize(("start", "end"), [(3000, 9000), (4500, 5500), (0, 2), (49_999, 50_003)])
@pytest.mark.parametrize("width", [100, 160, 300, 720])
def test_two_places_at_least_are_named_below_a_narrow_axis(start, end, width):
    named = [value for value, _ in place_ticks(Region("chr1", start, end), width)]
    assert len(named) >= 2
    assert start <= named[0] < named[-1] < end


def test_transcripts_are_drawn_one_by_one_on_request():
    assert sorted(texts(plot.genes(ACTB, transcripts=True))) == ["T1", "T2"]


def test_genes_are_cut_at_the_ends_of_the_region():
    (model,) = packed(ACTB, Region("chr1", 250, 850), 1.0)
    assert model.exons.tolist() == [[250, 300], [800, 850]]
    assert packed(ACTB, Region("chr1", 1000, 2000), 1.0) == []
    assert packed(ACTB, Region("chr2", 0, 1000), 1.0) == []


def test_genes_share_a_row_only_where_their_names_stand_apart():
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 9000, 60)
    rows = [
        (s, s + rng.integers(10, 900), "+", "exon", f"GENE{i}", f"T{i}")
        for i, s in enumerate(starts.tolist())
    ]
    ax = plot.genes(genes(*rows), "chr1:0-10000")
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 60
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    models = packed(genes(*rows), Region("chr1", 0, 10000), 0.07)
    for a, b in itertools.combinations(models, 2):
        assert a.row != b.row or a.span[1] <= b.span[0] or b.span[1] <= a.span[0]
    assert 1 < n_rows(models) < 30


def test_the_last_exon_points_along_the_strand():
    ax = plot.genes(genes((100, 200, "-", "exon", "A", "T")), "chr1:0-1000")
    left = min(ax.patches[-2].get_path().vertices.tolist())
    assert left[0] == 99.5
    assert left[1] == pytest.approx(ax.patches[-2].get_path().vertices[:, 1].mean(), rel=0.2)


def test_a_region_without_genes_says_so():
    assert texts(plot.genes(ACTB, "chr2:0-100")) == ["no gene here"]
    with pytest.raises(InputError, match=r"`genes` has no rows; .*`region="):
        plot.genes(ACTB.head(0))


def test_axes_of_the_genome_count_in_round_places():
    ax = plot.genes(ACTB, "chr1:0-1000")
    assert "200" in [label.get_text() for label in ax.get_xticklabels()]
    assert ax.get_xlabel() == "position on chr1"


# ---- regions


def marks_of(region, window=None, **tracks):
    given = {"signals": {}, "attribution": None, "instances": None, "genes": None}
    return _panel(region, window, _Tracks(**{**given, **tracks}), 720.0).marks


def test_a_window_of_the_minus_strand_is_turned_round():
    heights = np.zeros((4, 10))
    heights[0, 1] = 1.0  # A at the second place of the sequence
    (plus,) = (m for m in marks_of("chr1:100-110", attribution=heights) if isinstance(m, Letters))
    window = ("chr1", 100, 110, "-")
    turned = marks_of("chr1:100-110", window, attribution=heights)
    (minus,) = (mark for mark in turned if isinstance(mark, Letters))
    assert (plus.letters[plus.codes[0]], plus.x[0]) == ("A", 101)
    assert (minus.letters[minus.codes[0]], minus.x[0]) == ("T", 108)


def test_instances_of_a_window_find_their_place_in_the_genome():
    found = pd.DataFrame({"start": [1], "end": [5], "strand": ["+"], "motif": ["GATA1"]})
    for strand, left, right in (("+", 101, 105), ("-", 105, 109)):
        marks = marks_of("chr1:100-120", ("chr1", 100, 110, strand), instances=found)
        (box,) = (m for m in marks if isinstance(m, Shapes) and m.points.shape[1] == 5)
        assert box.points[0, :, 0].min() == left - 0.5
        assert box.points[0, :, 0].max() == right - 0.5


def test_instances_that_know_their_place_need_no_window():
    found = pd.DataFrame(
        {"chrom": ["chr1", "chr2"], "genome_start": 101, "genome_end": 105, "genome_strand": "-"}
    ).assign(motif="GATA1", sequence=["a", "b"])
    marks = marks_of("chr1:100-120", instances=found)
    boxes = [m for m in marks if isinstance(m, Shapes) and m.points.shape[1] == 5]
    assert len(boxes) == 1


def test_instances_of_several_sequences_without_a_place_are_refused():
    found = pd.DataFrame(
        {"sequence": ["a", "b"], "start": 1, "end": 5, "strand": "+", "motif": "GATA1"}
    )
    with pytest.raises(InputError, match=r"are of 2 sequences without a place in the genome"):
        plot.region("chr1:0-20", instances=found)


def test_letters_become_bars_where_they_cannot_be_read():
    wide = marks_of("chr1:0-5000", attribution=np.ones((4, 5000)))
    assert not any(isinstance(mark, Letters) for mark in wide)


def test_a_peak_of_one_letter_is_seen_in_a_wide_region():
    values = np.zeros(100_000)
    values[54_321] = 7.0
    bars = next(m for m in marks_of("chr1:0-100000", signals={"ATAC": values}) if m.points.size)
    heights = np.ptp(bars.points[:, :, 1], axis=1)
    assert (heights > 0).sum() == 1
    left, right = (
        bars.points[heights.argmax(), :, 0].min(),
        bars.points[heights.argmax(), :, 0].max(),
    )
    assert left <= 54_321 <= right


def test_signals_of_another_length_are_refused():
    with pytest.raises(InputError, match=r"`signals\['ATAC'\]` has shape \(3,\); expected \(20,\)"):
        plot.region("chr1:0-20", signals={"ATAC": [1, 2, 3]})


def test_a_window_elsewhere_and_nothing_at_all_are_refused():
    with pytest.raises(InputError, match=r"`window` is chr1:50-60, which does not lie in"):
        plot.region("chr1:0-20", attribution=np.ones((4, 10)), window="chr1:50-60")
    with pytest.raises(InputError, match=r"nothing to draw; expected `signals=`"):
        plot.region("chr1:0-20")


def test_all_tracks_share_one_axis_and_are_named():
    found = pd.DataFrame({"start": [1], "end": [5], "strand": ["+"], "motif": ["GATA1"]})
    ax = plot.region(
        "chr1:100-120",
        signals={"ATAC": np.arange(20.0)},
        attribution=np.ones((4, 20)),
        instances=found,
        genes=ACTB,
    )
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["ATAC", "attribution", "motifs", "genes"]
    assert ax.get_xlim() == (99.5, 119.5)
