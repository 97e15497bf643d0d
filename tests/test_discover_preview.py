"""The preview of syntax from seeds: against planted pairs, brute force, and the other strand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook import InputError, Motif
from motifbook.data import store
from motifbook.discover.syntax.preview import COLUMNS, WEAK, _features
from motifbook.motif.scan import prepare, score_positions
from motifbook.onehot import decode, encode, reverse_complement

GATA, TAL = "MA0035.5", "MA0091.2"


def known() -> list[Motif]:
    return [mb.database.motif(TAL), mb.database.motif(GATA)]


@pytest.fixture(scope="module")
def tut2():
    return mb.simulate(n=2000, length=120, rule="tut2", seed=3)


def test_planted_distances_come_first(tut2):
    table = mb.preview_syntax(tut2)
    assert list(table) == list(COLUMNS)
    top = table.iloc[:4]
    assert top[["motif_a", "motif_b", "orientation"]].drop_duplicates().shape[0] == 1
    assert (top["weight"] > 1).all()
    # seeds are trimmed to their strong columns: as far apart as planted, give or take two
    assert top["gap"].between(4, 12).all()
    assert table["weight"].abs().is_monotonic_decreasing


def test_known_motifs_may_be_given(tut2):
    table = mb.preview_syntax(tut2, motifs=known())
    planted = table[table["gap"].between(6, 10)]
    assert planted["weight"].abs().sum() > 0.8 * table["weight"].abs().sum()


def test_an_either_or_has_no_pairs():
    adata = mb.simulate(n=2000, length=120, rule="either", seed=3)
    assert len(mb.preview_syntax(adata, motifs=known())) == 0


def test_the_other_strand_tells_the_same(tut2):
    turned = tut2.copy()
    turned.obs["sequence"] = decode(reverse_complement(encode(tut2.obs["sequence"])))
    first, second = (mb.preview_syntax(each, motifs=known()) for each in (tut2, turned))
    pd.testing.assert_frame_equal(first, second)


def test_the_same_seed_gives_the_same_table(tut2):
    pd.testing.assert_frame_equal(mb.preview_syntax(tut2), mb.preview_syntax(tut2))


def test_features_are_the_best_pair_at_each_distance(tut2):
    letters, reach = store.get_letters(tut2)[:20], 12
    motifs = [motif.trim(0.3) for motif in known()]
    table = _features(motifs, prepare(letters), reach)
    strands = {}
    for number, motif in enumerate(motifs):
        for sign, read in (("+", motif), ("-", motif.reverse_complement())):
            share = score_positions(read.pssm(), prepare(letters)) / motif.pssm().max(axis=0).sum()
            strands[number, sign] = np.clip((share - WEAK) / (1 - WEAK), 0, None)
    names = {motif.name: number for number, motif in enumerate(motifs)}
    turned = {"++": "--", "--": "++", "+-": "+-", "-+": "-+"}
    for column, key in enumerate(table.keys.itertuples()):
        a, b = names[key.motif_a], names[key.motif_b]
        expected = np.zeros(len(letters))
        for first, second, signs in ((a, b, key.orientation), (b, a, turned[key.orientation])):
            left, right = strands[first, signs[0]], strands[second, signs[1]]
            step = motifs[first].width + key.gap
            n = min(left.shape[1], right.shape[1] - step)
            both = np.minimum(left[:, :n], right[:, step : step + n])
            expected = np.maximum(expected, both.max(axis=1))
        np.testing.assert_allclose(table.values[:, column], expected, atol=1e-5)
    for number in (0, 1):
        best = np.maximum(strands[number, "+"].max(axis=1), strands[number, "-"].max(axis=1))
        np.testing.assert_allclose(table.values[:, len(table.keys) + number], best, atol=1e-5)


def test_continuous_readouts_weigh_in_their_own_unit(tut2):
    level = tut2.copy()
    level.X = 100.0 + 10.0 * tut2.X
    level.var["kind"] = "continuous"
    table = mb.preview_syntax(level, motifs=known())
    assert table["gap"].iloc[:3].between(6, 10).all()
    assert 3 < table["weight"].iloc[0] < 12
    doubled = level.copy()
    doubled.X = 2 * level.X
    twice = mb.preview_syntax(doubled, motifs=known())
    np.testing.assert_allclose(twice["weight"], 2 * table["weight"], rtol=1e-3)


def test_readouts_have_rows_of_their_own_and_missing_values_do_not_count(tut2):
    values = np.repeat(tut2.X, 2, axis=1)
    values[::2, 1] = np.nan
    two = mb.simulate(n=2000, length=120, rule="multi", seed=0)
    two.obs = tut2.obs.copy()
    two.X = values
    table = mb.preview_syntax(two, motifs=known())
    assert set(table["readout"]) == {"A", "B"}
    for _, part in table.groupby("readout"):
        assert part["gap"].iloc[:3].between(6, 10).all()


def test_one_strand_has_one_orientation(tut2):
    rna = tut2.copy()
    rna.obs["sequence"] = [sequence.replace("T", "U") for sequence in tut2.obs["sequence"]]
    rna.uns["alphabet"] = "RNA"
    motifs = [Motif(motif.name, motif.ppm, alphabet="RNA") for motif in known()]
    table = mb.preview_syntax(rna, motifs=motifs)
    assert set(table["orientation"]) == {"++"}
    forward = table[(table["motif_a"] == motifs[0].name) & (table["motif_b"] == motifs[1].name)]
    assert forward["gap"].iloc[:3].between(6, 10).all()


def test_no_motifs_make_no_pairs():
    noise = mb.simulate(n=200, length=60, rule="single", seed=0)
    noise.obs["sequence"] = decode(
        np.random.default_rng(0).integers(0, 4, (200, 60)).astype(np.uint8)
    )
    assert len(mb.preview_syntax(noise)) == 0
    assert len(mb.preview_syntax(noise, motifs=[])) == 0


def test_what_cannot_be_previewed_is_refused(tut2):
    with pytest.raises(InputError, match=r"`adata` is a CNN; expected an AnnData"):
        mb.preview_syntax(mb.CNN(1))
    with pytest.raises(InputError, match=r"`motifs` holds 'GATA'; expected motifs"):
        mb.preview_syntax(tut2, motifs=["GATA"])
    with pytest.raises(InputError, match=r"'GATA1' more than once"):
        mb.preview_syntax(tut2, motifs=[mb.database.motif(GATA)] * 2)
    empty = tut2.copy()
    empty.X = np.full_like(tut2.X, np.nan)
    with pytest.raises(InputError, match=r"no measured values in its training rows"):
        mb.preview_syntax(empty)
    rna = Motif("r", mb.database.motif(GATA).ppm, alphabet="RNA")
    with pytest.raises(InputError, match=r"RNA letters"):
        mb.preview_syntax(tut2, motifs=[rna])
