"""Design in motifs: optima that are known, and the moves that lead there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from design_toys import FREE, GATA1, MOTIFS, SP1, TAL1, Counts, Pair, network, put, quiet
from toys import linear

import motifbook as mb
from motifbook.design.designs import Designs
from motifbook.design.lexicon import Lexicon
from motifbook.design.limits import Limits
from motifbook.design.motif_hits import HitFinder
from motifbook.design.unmake import unmake
from motifbook.motif.compare import similarity
from motifbook.motif.scan import scan_motifs
from motifbook.onehot import encode


def design(model: mb.Foreign, n: int = 4, **settings: Any) -> Designs:
    options = mb.DesignOptions(motifs=settings.pop("motifs", MOTIFS), **settings.pop("options", {}))
    settings.setdefault("constraints", FREE)
    return mb.design(model, method="motifs", n=n, seed=0, options=options, **settings)


def test_every_addition_of_an_activator_counts_once() -> None:
    designs = design(network(Counts()), start=quiet(), options={"n_steps": 4, "distance": 0})
    assert designs.table["activity_after"].tolist() == [4.0] * 4
    assert (designs.edits["motif"] == "GATA1").all()
    assert (designs.edits["kind"] == "add").all()
    assert designs.edits["effect"].tolist() == designs.edits["alone"].tolist() == [1.0] * 16


def test_repressors_are_removed_with_few_letters() -> None:
    start = put(quiet()[0], CCGCCCC=10, GGGGCGG=40)
    designs = design(network(Counts()), n=1, start=start, motifs=[SP1], options={"n_steps": 2})
    assert designs.table["activity_before"].tolist() == [-4.0]
    assert designs.table["activity_after"].tolist() == [0.0]
    told = designs.edits.sort_values("start")[["edit", "motif", "strand", "effect", "alone"]]
    assert told.to_numpy().tolist() == [
        ["SP1 at 10 (+) removed", "SP1", "+", 2.0, 2.0],
        ["SP1 at 40 (-) removed", "SP1", "-", 2.0, 2.0],
    ]
    assert designs.table["n_changed"].item() <= 4


def test_two_words_that_only_work_together_are_found_at_their_distance() -> None:
    designs = design(network(Pair()), start=quiet(), options={"distance": 0})
    assert designs.table["activity_after"].tolist() == [3.0] * 4
    for _, edits in designs.edits.groupby("design"):
        starts = edits.set_index("motif")["start"]
        assert starts["TAL1"] - (starts["GATA1"] + GATA1.width) == 5
        assert edits["strand"].tolist() == ["+", "+"]
        assert edits["effect"].tolist() == [0.0, 3.0]
        assert edits["alone"].tolist() == [3.0, 3.0]
        assert "5 letters " in edits["edit"].iloc[1]


def test_a_partner_is_added_at_the_distance_that_works() -> None:
    start = put(quiet()[0], GGATAAG=20)
    edits = design(network(Pair()), n=1, start=start).edits
    assert edits["edit"].tolist() == ["TAL1 added at 32 (+), 5 letters after GATA1 (+)"]


def test_a_site_moves_to_the_distance_that_works_where_letters_are_few() -> None:
    start = put(quiet()[0], GGATAAG=10, CATCTGT=30)
    mask = np.zeros(60, dtype=bool)
    mask[20:40] = True  # the first word stays, there is room for one second word
    limited = mb.Constraints(gc=None, gc_window=None, homopolymer=None, repeat=None, edit_mask=mask)
    edits = design(network(Pair()), n=1, start=start, constraints=limited).edits
    assert edits["effect"].sum() == 3
    assert edits["start"].iloc[-1] == 22


def test_a_value_is_reached_and_the_search_stops_there() -> None:
    table = design(network(Counts()), goal=3.0, start=quiet(), options={"distance": 0}).table
    assert table["activity_after"].tolist() == [3.0] * 4
    assert table["n_edits"].tolist() == [3] * 4


def test_the_lowest_value_is_made_of_repressors() -> None:
    start = put(quiet()[0], GGATAAG=10)
    designs = design(network(Counts()), n=1, goal="min", start=start, options={"n_steps": 3})
    assert designs.table["activity_after"].item() <= -5
    assert (designs.edits["effect"] < 0).all()


def test_calls_stay_within_what_is_allowed() -> None:
    designs = design(network(Counts()), n=2, options={"n_calls": 150})
    assert designs.details["n_calls"] <= 2 * 2 * 150 + 100  # and a few to choose and to tell
    assert designs.table["n_edits"].max() > 0


def test_letters_that_are_fixed_or_too_many_do_not_change() -> None:
    start = quiet()[0]
    kept = mb.Constraints(
        gc=None, gc_window=None, homopolymer=None, repeat=None, fixed=[(0, 25)], n_edits=8
    )
    designs = design(network(Counts()), n=2, start=start, constraints=kept)
    for sequence in designs.sequences:
        assert sequence[:25] == start[:25]
        assert 0 < sum(a != b for a, b in zip(sequence, start)) <= 8


def test_sequences_of_several_lengths_are_counted_from_their_first_letter() -> None:
    starts = [quiet(length=60)[0], put(quiet(length=40)[0], CCGCCCC=3)]
    options = {"n_steps": 1, "distance": 0}
    designs = design(network(Counts()), n=4, start=starts, motifs=[SP1], options=options)
    assert "start_2" in set(designs.table["start"])
    assert set(designs.edits["edit"]) == {"SP1 at 3 (+) removed"}


def test_designs_are_the_same_for_the_same_seed() -> None:
    one, other = (design(network(Counts())) for _ in range(2))
    assert one.sequences == other.sequences
    assert len(set(one.sequences)) == len(one)


def test_a_network_without_motifs_asks_for_some() -> None:
    with pytest.raises(mb.InputError, match=r"no motif to place.*DesignOptions\(motifs=.*database"):
        mb.design(linear(), method="motifs", n=1, seed=0)


def test_palindromes_are_one_word_and_others_are_two() -> None:
    motifs = [GATA1, mb.Motif.from_sites("MAX", ["CACGTG"])]
    lexicon = Lexicon(motifs, GATA1.alphabet)
    assert len(lexicon) == 3
    assert lexicon.mirror.tolist() == [1, 0, 2]
    assert lexicon.number[1, 0] == lexicon.number[1, 1]


def test_a_site_is_unmade_on_both_strands_or_not_at_all() -> None:
    finder, rng = HitFinder([SP1]), np.random.default_rng(0)
    [letters] = encode(["AAACCGCCCCAAA"])
    free = np.ones(13, dtype=bool)
    changed = unmake(finder, letters, free, 0, 3, rng=rng)
    assert changed is not None
    assert 1 <= (changed != letters).sum() <= 2
    assert not len(finder.find(changed[None], weak=True))
    assert unmake(finder, letters, ~free, 0, 3, rng=rng) is None


def test_short_motifs_have_hits_where_all_letters_fit() -> None:
    finder = HitFinder([mb.Motif.from_sites("CAC", ["CAC"]), TAL1])
    hits = finder.find(encode(["AACACTTGTGAA", "AACATTTGTTAA"]))
    assert hits.row.tolist() == [0, 0]
    assert hits.start.tolist() == [2, 7]
    assert hits.strand.tolist() == [0, 1]


def test_hits_are_where_a_scan_finds_them_whatever_the_background() -> None:
    letters = np.random.default_rng(0).integers(4, size=(200, 100)).astype(np.uint8)
    skewed = (0.4, 0.2, 0.1, 0.3)
    for name in ("MA0506.3", "MA0076.3", "MA0139.2"):
        motif = replace(mb.database.motif(name), background=skewed)
        finder = HitFinder([motif])
        table = scan_motifs([motif], letters, background=skewed)
        assert set(finder.find(letters).row) == set(table["sequence"])
        forbidden = Limits(mb.Constraints.none(forbid=[motif]), GATA1.alphabet)
        assert set(np.flatnonzero(forbidden.count(letters))) == set(table["sequence"])
        assert len(table)


def test_what_is_written_is_a_hit_whatever_stays_in_open_columns() -> None:
    open_one = mb.Motif.from_sites("open", ["GAACTC", "GATCTC", "GACCTC", "GAGCTC"])
    finder = HitFinder([open_one])
    assert finder.find(encode(["AAGATCTCAA", "AAGACCTCAA"])).row.tolist() == [0, 1]
    assert not len(finder.find(encode(["AAGATATCAA"])))


def test_a_whole_collection_of_motifs_finds_those_that_count() -> None:
    collection = [m for m in mb.database.collection("JASPAR2026_vertebrates") if m.width >= 9]
    motifs = [*(motif.renamed(f"known_{i}") for i, motif in enumerate(collection[:300])), *MOTIFS]
    designs = design(network(Counts()), n=2, motifs=motifs, options={"n_steps": 3})
    assert (designs.table["activity_after"] >= 3).all()
    assert "GATA1" in set(designs.edits["motif"])


@pytest.mark.slow
def test_a_learned_syntax_is_written_and_the_stated_edits_are_true() -> None:
    adata = mb.simulate(n=2500, length=150, rule="tut", seed=3)
    model = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(model, adata, seed=0, progress=False)
    planted = [mb.Motif(name, ppm) for name, ppm in adata.uns["truth"]["motifs"].items()]
    designs = mb.design(model, n=10, seed=0, method="motifs")
    assert (designs.table["bound_after"] > 0.95).all()
    added = designs.edits[designs.edits["kind"] == "add"]
    named = {motif.name: max(similarity(motif, one) for one in planted) for motif in designs.motifs}
    assert (added["motif"].map(named) >= 0.7).mean() > 0.9
    assert ((added["effect"] > 0) & (added["alone"] > 0)).mean() > 0.8
