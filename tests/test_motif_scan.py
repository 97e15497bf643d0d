import numpy as np
import pytest
from scipy.stats import false_discovery_control

from motifbook import InputError
from motifbook.alphabet import PROTEIN, RNA
from motifbook.motif import database
from motifbook.motif.distribution import in_steps, q_values, score_distribution
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import best_scores, prepare, scan_motifs, score_positions
from motifbook.motif.word_search import Strand, searches
from motifbook.onehot import encode, reverse_complement

UNIFORM = (0.25, 0.25, 0.25, 0.25)
AT_RICH = (0.4, 0.1, 0.1, 0.4)


def random_motif(seed, width):
    ppm = np.random.default_rng(seed).dirichlet(np.full(4, 0.3), size=width).T
    return Motif(f"random{seed}", ppm)


def random_letters(seed, n, length, background=UNIFORM, unknown=0.0):
    generator = np.random.default_rng(seed)
    shares = np.append(np.array(background) * (1 - unknown), unknown)
    return generator.choice(5, p=shares, size=(n, length)).astype(np.uint8)


def all_words(width):
    return np.stack(np.meshgrid(*[np.arange(4)] * width, indexing="ij"), axis=-1).reshape(-1, width)


def tails_by_listing(scores, probabilities):
    order = np.argsort(scores)
    tails = probabilities[order][::-1].cumsum()[::-1]
    return tails[np.searchsorted(scores[order], scores, side="left")]


@pytest.mark.parametrize("background", [UNIFORM, AT_RICH, (0.1, 0.2, 0.3, 0.4)])
@pytest.mark.parametrize("width", [5, 8])
def test_p_values_are_those_of_listing_every_word(width, background):
    words = all_words(width)
    probabilities = np.array(background)[words].prod(axis=1)
    pssm = random_motif(width, width).pssm()
    distribution = score_distribution(pssm, background)

    steps = in_steps(pssm)[words, np.arange(width)].sum(axis=1)
    listed = tails_by_listing(steps, probabilities)
    np.testing.assert_allclose(distribution.tail(steps), listed, rtol=1e-9)

    scores = pssm[words, np.arange(width)].sum(axis=1)
    listed = tails_by_listing(scores, probabilities)
    ratio = distribution.p_value(scores) / listed
    assert ratio.min() > 1 - 1e-9
    assert (ratio < 1.01).mean() > 0.99


@pytest.mark.parametrize("identifier", ["MA0139.2", "MA0080.7"])
def test_thresholds_agree_with_biopython(identifier):
    biopython = pytest.importorskip("Bio.motifs.matrix")
    motif = Motif("m", database.motif(identifier).ppm, background=AT_RICH)
    pssm = motif.pssm()
    matrix = biopython.PositionSpecificScoringMatrix("ACGT", dict(zip("ACGT", pssm.tolist())))
    theirs = matrix.distribution(background=dict(zip("ACGT", AT_RICH)), precision=2000)
    ours = score_distribution(pssm, AT_RICH)
    for p_value in (1e-2, 1e-3, 1e-4):
        assert ours.threshold(p_value) == pytest.approx(theirs.threshold_fpr(p_value), abs=0.05)


def test_the_rarest_word_of_a_long_motif_keeps_its_p_value():
    motif = random_motif(0, 60)
    distribution = score_distribution(motif.pssm(), UNIFORM)
    assert distribution.p_value(motif.pssm().max(axis=0).sum()) == pytest.approx(0.25**60)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("background", [UNIFORM, AT_RICH])
def test_random_sequences_have_as_many_hits_as_expected(seed, background):
    jaspar = database.collection("JASPAR2026_vertebrates")
    motifs = [motif for motif in jaspar if motif.width >= 9][seed::100]
    letters = random_letters(seed, 2000, 500, background)
    hits = scan_motifs(motifs, letters, p_value=1e-3, background=background)
    for motif in motifs:
        pssm = Motif("m", motif.ppm, background=background).pssm()
        distribution = score_distribution(pssm, background)
        attained = distribution.p_value(distribution.threshold(1e-3))
        expected = attained * (500 - motif.width + 1) * 2000 * 2
        assert 0.9 < (hits["motif"] == motif.name).sum() / expected < 1.1
    assert 0.95 < len(hits) / (1e-3 * sum(501 - m.width for m in motifs) * 4000) < 1.02


def hits_by_loops(motif, letters, distribution, background, p_value):
    found = []
    for strand, oriented in (("+", motif), ("-", motif.reverse_complement())):
        steps = in_steps(Motif("m", oriented.ppm, background=background).pssm())
        for row, codes in enumerate(letters):
            for start in range(len(codes) - motif.width + 1):
                window = codes[start : start + motif.width]
                if (window == 4).any():
                    continue
                score = steps[window, np.arange(motif.width)].sum()
                if distribution.tail(score) <= p_value:
                    found.append((row, start, strand, score / 1000))
    return sorted(found)


@pytest.mark.parametrize("width", [3, 5, 6, 10, 13])
def test_hits_are_those_of_plain_loops(width):
    motif = random_motif(width, width)
    letters = random_letters(width, 60, 24, unknown=0.03)
    hits = scan_motifs([motif], letters, p_value=0.02, background=AT_RICH)
    pssm = Motif("m", motif.ppm, background=AT_RICH).pssm()
    distribution = score_distribution(pssm, AT_RICH)
    expected = hits_by_loops(motif, letters, distribution, AT_RICH, 0.02)
    got = hits[["sequence", "start", "strand", "score"]].itertuples(index=False, name=None)
    assert sorted(got) == expected
    assert (hits["end"] - hits["start"] == width).all()


def test_motifs_of_all_widths_looked_for_together_are_found_as_each_alone():
    motifs = [random_motif(width, width) for width in (4, 5, 6, 9, 10, 11, 14, 16, 19, 23, 41)]
    letters = random_letters(7, 12, 60, unknown=0.002)
    together = scan_motifs(motifs, letters, p_value=1e-2, background=AT_RICH)
    alone = [scan_motifs([m], letters, p_value=1e-2, background=AT_RICH) for m in motifs]
    assert together["motif"].nunique() == len(motifs)
    for motif, hits in zip(motifs, alone):
        own = together[together["motif"] == motif.name].reset_index(drop=True)
        assert own.equals(hits)
        distribution = score_distribution(Motif("m", motif.ppm, background=AT_RICH).pssm(), AT_RICH)
        expected = hits_by_loops(motif, letters, distribution, AT_RICH, 1e-2)
        assert list(zip(hits["sequence"], hits["start"], hits["strand"], hits["score"])) == expected


def test_matrices_wider_than_coarse_steps_reach_are_found():
    generator = np.random.default_rng(0)
    matrix = generator.integers(-3, 4, size=(4, 340))
    letters = random_letters(3, 3, 700)
    letters[1, 200:540] = matrix.argmax(axis=0)
    letters[1, 300] = matrix[:, 100].argmin()
    strand = Strand.of(5, 1, matrix, threshold=matrix.max(axis=0).sum() - 6, unknown=-1e6)
    (search,) = searches([strand], 5)
    codes = np.pad(prepare(letters).codes.ravel().astype(int), (0, search.reach))
    steps = matrix[letters[1, 200:540], np.arange(340)].sum()
    assert search.hits(codes).tolist() == [[5, 1, 705 + 200, steps]]


def test_the_other_strand_gives_the_mirrored_table():
    motifs = [random_motif(1, 7), random_motif(2, 8)]
    letters = random_letters(0, 50, 40)
    columns = ["sequence", "motif", "start", "end", "strand", "score"]
    forward = scan_motifs(motifs, letters, p_value=1e-2)
    mirrored = scan_motifs(motifs, reverse_complement(letters), p_value=1e-2)
    mirrored["start"], mirrored["end"] = 40 - mirrored["end"], 40 - mirrored["start"]
    mirrored["strand"] = mirrored["strand"].map({"+": "-", "-": "+"})
    both = [table[columns].sort_values(columns, ignore_index=True) for table in (forward, mirrored)]
    assert both[0].equals(both[1])


def test_palindromes_are_hits_on_both_strands():
    ebox = Motif.from_sites("E-box", ["CACGTG"])
    hits = scan_motifs([ebox], encode(["TTCACGTGTT"]), p_value=1e-3, background=UNIFORM)
    assert hits["strand"].tolist() == ["+", "-"]
    assert hits["start"].tolist() == [2, 2]
    assert hits["p_value"].nunique() == 1


def test_q_values_count_every_window_and_strand():
    motif = random_motif(3, 6)
    letters = random_letters(1, 30, 50, unknown=0.02)
    hits = scan_motifs([motif, random_motif(4, 6)], letters, p_value=1)
    hits = hits[hits["motif"] == motif.name]
    np.testing.assert_allclose(hits["q_value"], false_discovery_control(hits["p_value"]))
    top = scan_motifs([motif], letters, p_value=0.01)
    exact = hits.nsmallest(len(top) // 2, "p_value")
    merged = exact.merge(top, on=["sequence", "start", "strand"], suffixes=("", "_top"))
    assert len(merged) == len(exact)
    assert (merged["q_value_top"] >= merged["q_value"] - 1e-12).all()


def test_the_background_is_counted_from_the_sequences():
    motif = random_motif(5, 7)
    letters = random_letters(2, 400, 100, AT_RICH, unknown=0.1)
    counts = np.bincount(letters.ravel(), minlength=5)[:4] + 1
    shares = (counts + counts[::-1]) / counts.sum() / 2
    counted = scan_motifs([motif], letters, p_value=1e-3)
    assert counted.equals(scan_motifs([motif], letters, p_value=1e-3, background=shares))
    assert not counted.equals(scan_motifs([motif], letters, p_value=1e-3, background=UNIFORM))


def test_names_and_order():
    motif = Motif.from_sites("site", ["ACGGT"])
    letters = encode(["TTACGGTT", "ACGGTTTT", "TTTTTTTT", "ACCGTACGGT"])
    hits = scan_motifs([motif], letters, names=list("wxyz"), p_value=2e-3, background=UNIFORM)
    assert hits["sequence"].tolist() == ["w", "x", "z", "z"]
    assert hits["strand"].tolist() == ["+", "+", "-", "+"]
    assert list(hits) == [
        *("sequence", "start", "end", "strand", "motif", "score", "p_value", "q_value")
    ]


def test_one_strand_where_there_is_one_or_it_is_wanted():
    letters = encode(["TTACGGTTTACCGTTT"])
    dna = Motif.from_sites("site", ["ACGGT"])
    options = {"p_value": 1e-2, "background": UNIFORM}
    assert set(scan_motifs([dna], letters, **options)["strand"]) == {"+", "-"}
    assert set(scan_motifs([dna], letters, strands=False, **options)["strand"]) == {"+"}
    rna = Motif("site", dna.ppm, alphabet=RNA)
    assert set(scan_motifs([rna], letters, **options)["strand"]) == {"+"}


def test_proteins_are_scanned():
    motif = Motif.from_sites("kinase", ["RRAS"], alphabet=PROTEIN)
    hits = scan_motifs([motif], encode(["MKRRASLWW", "RRARRASXX"], PROTEIN), background=[0.05] * 20)
    assert hits[["sequence", "start"]].to_numpy().tolist() == [[0, 2], [1, 3]]


def test_nothing_to_scan_gives_an_empty_table():
    empty = scan_motifs([], random_letters(0, 3, 20))
    assert list(empty)[:5] == ["sequence", "start", "end", "strand", "motif"]
    assert len(scan_motifs([random_motif(0, 8)], random_letters(0, 3, 5))) == 0


def test_what_cannot_be_found_or_does_not_fit_is_said():
    letters = random_letters(0, 3, 20)
    with pytest.warns(UserWarning, match=r"1 of 1 motifs are too short.*p-value 0.0001.*random0"):
        assert len(scan_motifs([random_motif(0, 4)], letters)) == 0
    with pytest.raises(InputError, match="`names` has 1 entries; expected 3, one per sequence"):
        scan_motifs([random_motif(0, 8)], letters, names=["a"])
    with pytest.raises(InputError, match=r"`background` is .*; expected 4 probabilities above 0"):
        scan_motifs([random_motif(0, 8)], letters, background=[0.5, 0.5])
    with pytest.raises(InputError, match="`p_value` is 0; expected a probability"):
        scan_motifs([random_motif(0, 8)], letters, p_value=0)
    with pytest.raises(InputError, match=r"`letters` has shape \(20,\); expected \(n, length\)"):
        scan_motifs([random_motif(0, 8)], letters[0])
    with pytest.raises(InputError, match=r"`pssm` holds a value that is not finite.*pseudocount"):
        score_distribution([[0.0], [1.0], [-1.0], [-np.inf]], UNIFORM)


def test_best_scores_are_the_largest_of_both_strands():
    motif = random_motif(6, 7)
    letters = random_letters(3, 40, 30, unknown=0.05)
    mirrored = score_positions(motif.reverse_complement().pssm(), prepare(letters))
    scores = np.maximum(score_positions(motif.pssm(), prepare(letters)), mirrored).max(axis=1)
    some = scores > -500
    best = best_scores(motif, prepare(letters))
    np.testing.assert_allclose(best[some], scores[some], rtol=1e-6)
    assert np.isneginf(best[~some]).all()
    assert np.isneginf(best_scores(motif, prepare(letters[:, :5]))).all()


def test_q_values_are_those_of_scipy():
    p_values = np.random.default_rng(0).uniform(size=200) ** 3
    np.testing.assert_allclose(q_values(p_values), false_discovery_control(p_values))
