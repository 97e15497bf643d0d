"""Known motifs against readouts: figures by hand, no false alarms, known biology."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, pearsonr
from sklearn.metrics import roc_auc_score

import motifbook as mb
from motifbook.alphabet import RNA
from motifbook.data import schema
from motifbook.data.enrichment import COLUMNS
from motifbook.motif import database
from motifbook.motif.distribution import q_values
from motifbook.motif.scan import best_scores, prepare
from motifbook.onehot import encode

AP1 = mb.Motif.from_sites("AP-1", ["TGACTCA"])
GATA = mb.Motif.from_sites("GATA", ["AGATAA", "TGATAA"])
RNG = np.random.default_rng(0)


def book(sequences, values=None, names=None, **uns):
    obs = pd.DataFrame(
        {"sequence": list(sequences)}, index=[f"s{i}" for i in range(len(sequences))]
    )
    if values is None:
        return ad.AnnData(obs=obs, uns=uns)
    table = np.asarray(values, dtype=np.float32).reshape(len(obs), -1)
    names = names or [f"readout{i}" for i in range(table.shape[1])]
    return ad.AnnData(table, obs=obs, var=pd.DataFrame(index=names), uns=uns)


def random_sequences(n, length=60, gc=0.5):
    gc = np.broadcast_to(gc, n)
    return [
        "".join(RNG.choice(list("ACGT"), length, p=[(1 - g) / 2, g / 2, g / 2, (1 - g) / 2]))
        for g in gc
    ]


def with_site(sequences, site, at=20):
    return [sequence[:at] + site + sequence[at + len(site) :] for sequence in sequences]


@pytest.fixture(scope="module")
def planted():
    """1,000 sequences: AP-1 in 60 % of those that read out 1; it doubles a second readout."""
    sequences = random_sequences(1000)
    bound = np.arange(1000) % 2
    has = (bound == 1) & (RNG.random(1000) < 0.6)
    sequences = [with_site([s], "TGACTCA")[0] if h else s for s, h in zip(sequences, has)]
    strength = 1.0 + has + RNG.normal(0, 0.3, 1000)
    return book(sequences, np.column_stack([bound, strength]), ["bound", "strength"])


def test_every_column_means_what_it_says(planted):
    table = mb.enrichment([AP1, GATA], planted)
    assert list(table) == list(COLUMNS)
    assert table["readout"].tolist() == ["bound"] * 2 + ["strength"] * 2
    assert table["motif"].tolist() == ["AP-1", "GATA"] * 2
    hits = mb.scan(AP1, planted)
    has_hit = planted.obs_names.isin(hits["sequence"])
    bound, strength = planted.X.T
    first, third = table.iloc[0], table.iloc[2]
    assert first["n_hits"] == has_hit.sum()
    assert first["share_1"] == pytest.approx(has_hit[bound == 1].mean())
    assert first["share_0"] == pytest.approx(has_hit[bound == 0].mean())
    assert first["odds_ratio"] == pytest.approx(np.exp(first["effect"]))
    assert first["odds_ratio_lower"] == pytest.approx(np.exp(first["effect_lower"]))
    assert third["mean_with"] == pytest.approx(strength[has_hit].mean(), rel=1e-5)
    assert third["mean_without"] == pytest.approx(strength[~has_hit].mean(), rel=1e-5)
    assert third["effect"] == pytest.approx(third["mean_with"] - third["mean_without"], abs=0.05)
    assert third["effect_lower"] < 1 < third["effect_upper"] + 0.1
    assert np.isnan(third[["share_1", "odds_ratio", "auroc"]].astype(float)).all()
    for _, rows in table.groupby("readout"):
        np.testing.assert_allclose(rows["q_value"], q_values(rows["p_value"]))
        np.testing.assert_allclose(rows["position_q_value"], q_values(rows["position_p_value"]))
    assert first["position_center"] == pytest.approx(23.5 - 30, abs=1)
    assert first["position_p_value"] < 1e-30


def test_auroc_and_pearson_are_those_of_the_best_match(planted):
    table = mb.enrichment([AP1], planted, background=[0.25] * 4)
    best = best_scores(AP1, prepare(encode(planted.obs["sequence"].tolist())))
    bound, strength = planted.X.T
    assert table["auroc"][0] == pytest.approx(roc_auc_score(bound, best), abs=0.01)
    assert table["pearson"][1] == pytest.approx(pearsonr(strength, best)[0], abs=1e-3)


def test_a_readout_can_be_chosen_by_name_and_number(planted):
    both = mb.enrichment([AP1], planted)
    for chosen in ("strength", 1):
        one = mb.enrichment([AP1], planted, readout=chosen)
        pd.testing.assert_frame_equal(one, both[1:].reset_index(drop=True))


def test_missing_values_are_left_out(planted):
    kept = np.arange(1000) < 700
    partly = planted.copy()
    partly.X[~kept, 0] = np.nan
    options = {"readout": "bound", "background": [0.25] * 4}
    masked = mb.enrichment([AP1, GATA], partly, **options)
    alone = mb.enrichment([AP1, GATA], planted[kept].copy(), **options)
    assert masked["n"].tolist() == [700, 700]
    ties = ["position_center", "position_width", "position_share"]  # drawn at random
    pd.testing.assert_frame_equal(masked.drop(columns=ties), alone.drop(columns=ties), rtol=1e-2)


def test_a_split_is_a_choice_of_rows(planted):
    adata = planted.copy()
    adata.obs["split"] = np.where(np.arange(1000) < 600, "train", "test")
    table = mb.enrichment([AP1], adata, split="test", readout="bound")
    own = mb.enrichment([AP1], planted[600:].copy(), readout="bound")
    pd.testing.assert_frame_equal(table, own)
    with pytest.raises(mb.InputError, match=r"`split` is 'test', but `adata` has none.*mb\.split"):
        mb.enrichment([AP1], planted, split="test")


def test_without_readouts_only_positions_are_tested(planted):
    table = mb.enrichment([GATA, AP1], book(planted.obs["sequence"]))
    assert table["motif"].tolist() == ["AP-1", "GATA"]
    assert table["position_p_value"][0] < 1e-30
    assert table[["effect", "p_value", "q_value"]].isna().all(axis=None)


def test_motifs_come_from_a_collection_a_file_or_the_hand(planted, tmp_path):
    mb.write_motif_file([AP1], tmp_path / "own.meme")
    for given in (AP1, [AP1], str(tmp_path / "own.meme")):
        assert mb.enrichment(given, planted)["p_value"].iloc[0] < 1e-30
    table = mb.enrichment("JASPAR2026_urochordates", planted)
    known = database.collection("JASPAR2026_urochordates")
    assert len(table) == 2 * len(known)
    assert set(table["id"]) == {motif.info["id"] for motif in known}


def test_one_class_or_one_value_is_no_test(planted):
    for values in (np.ones(1000), np.full(1000, 2.5), np.full(1000, np.nan)):
        table = mb.enrichment([AP1], book(planted.obs["sequence"], values))
        assert np.isnan(table["p_value"][0])
    assert len(mb.enrichment([], planted)) == 0


def test_letter_codes_give_the_same_table(planted):
    codes = ad.AnnData(planted.X, obs=pd.DataFrame(index=planted.obs_names), var=planted.var)
    codes.obsm[schema.LETTERS] = encode(planted.obs["sequence"].tolist())
    pd.testing.assert_frame_equal(
        mb.enrichment([AP1, GATA], codes), mb.enrichment([AP1, GATA], planted)
    )


def test_rna_has_one_strand():
    motif = mb.Motif.from_sites("PUM2", ["UGUAAAUA"], alphabet=RNA)
    sequences = [s.replace("T", "U") for s in random_sequences(400)]
    values = np.arange(400) % 2
    forward = [with_site([s], "UGUAAAUA")[0] if v else s for s, v in zip(sequences, values)]
    turned = [with_site([s], "UAUUUACA")[0] if v else s for s, v in zip(sequences, values)]
    for sequences, share in ((forward, 1.0), (turned, 0.0)):
        table = mb.enrichment(motif, book(sequences, values, alphabet="RNA"), p_value=2e-5)
        assert table["share_1"][0] == pytest.approx(share, abs=0.03)
    with pytest.raises(
        mb.InputError, match="'AP-1' is written in DNA letters, the sequences in RNA"
    ):
        mb.enrichment(AP1, book(forward, values, alphabet="RNA"))


def test_other_readouts_are_refused(planted):
    with pytest.raises(mb.InputError, match=r"`readout` is 'bond'; .*Did you mean 'bound'"):
        mb.enrichment([AP1], planted, readout="bond")
    with pytest.raises(mb.InputError, match="`readout` is 2; expected a whole number, 0 to 1"):
        mb.enrichment([AP1], planted, readout=2)


@pytest.fixture(scope="module")
def uneven():
    """1,500 sequences of a GC content between 30 and 70 % and of 50 to 90 letters."""
    shares = RNG.uniform(0.3, 0.7, 1500)
    sequences = [
        random_sequences(1, int(length), gc)[0]
        for length, gc in zip(RNG.integers(50, 91, 1500), shares)
    ]
    return sequences, (shares - 0.5) * 8, (np.array([len(s) for s in sequences]) - 70) / 10


def some_motifs(n):
    wide = [motif for motif in database.collection("JASPAR2026_vertebrates") if motif.width < 12]
    return wide[:: len(wide) // n][:n]


def test_without_an_effect_p_values_are_uniform(uneven):
    sequences, _, _ = uneven
    n = len(sequences)
    values = {
        "even": RNG.random((n, 60)) < 0.5,
        "rare": RNG.random((n, 60)) < 0.05,
        "number": RNG.normal(size=(n, 60)),
    }
    names = [f"{kind}{i}" for kind in values for i in range(60)]
    adata = book(sequences, np.column_stack([*values.values()]), names)
    motifs = [motif for motif in some_motifs(200) if motif.width == 11][::3][:8]
    table = mb.enrichment(motifs, adata, p_value=1e-3)
    kinds = table["readout"].str.rstrip("0123456789")
    assert kstest(table.loc[kinds == "number", "p_value"], "uniform").pvalue > 1e-3
    for kind in ("even", "rare"):  # of few hits: exact, so in steps
        p_values = table.loc[kinds == kind, "p_value"]
        assert kstest(p_values, "uniform", alternative="greater").pvalue > 1e-3
        assert 0.01 < (p_values < 0.05).mean() < 0.08
    n_alarms = (table["q_value"] < 0.05).groupby(table["readout"]).any().sum()
    assert n_alarms <= 18  # of 180 readouts, 9 by chance


@pytest.mark.parametrize("cause", ["GC content", "length"])
@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_a_readout_of_composition_alone_enriches_no_motif(uneven, cause, kind):
    sequences, by_gc, by_length = uneven
    push = by_gc if cause == "GC content" else 3 * by_length
    values = push + np.sin(2 * push) + RNG.normal(size=len(push))
    if kind == "binary":
        values = RNG.random(len(push)) < 1 / (1 + np.exp(-push))
    table = mb.enrichment(some_motifs(200), book(sequences, values), p_value=1e-3)
    assert (table["q_value"] < 0.05).sum() <= 1
    assert (table["p_value"] < 0.05).mean() < 0.1
    fooled = (q_values(table["unadjusted_p_value"]) < 0.05).mean()
    assert fooled > (0.3 if cause == "GC content" else 0.1)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("ctcf_hg19_100bp", ["CTCF"]),
        ("pu1_100bp", ["SPIB", "Spi1"]),
        ("oct4_200bp", ["Pou5f1::Sox2"]),
        ("mafk_200bp", ["Mafb", "MAFK", "Nfe2l2", "MAFG::NFE2L1"]),
    ],
)
def test_peaks_show_their_factor_first_and_in_the_middle(test_data, file, expected):
    adata = mb.read_fasta(test_data / f"chip/{file}.fa.gz", negatives="shuffle", seed=0)
    n = adata.n_obs // 2
    adata = adata[[*range(600), *range(n, n + 600)]].copy()
    motifs = [m for m in database.collection("JASPAR2026_vertebrates") if m.width >= 9]
    chosen = [m for m in motifs if m.name in (*expected, "GATA1", "TP53", "KLF4", "FOXA2", "ELK1")]
    table = mb.enrichment(chosen, adata)
    assert table["motif"][0] in expected
    assert table["odds_ratio"][0] > 20
    assert table["auroc"][0] > 0.85
    assert abs(table["position_center"][0]) < 10
    assert table["position_p_value"][0] < 1e-20


def test_dre_drives_housekeeping_promoters_and_ap1_developmental_ones(test_data):
    adata = mb.read_table(
        test_data / "mpra/fly_deepstarr_3000.tsv.gz",
        sequence="Sequence",
        readouts=["Dev_log2_enrichment", "Hk_log2_enrichment"],
    )
    sites = {"DRE": ["TATCGATA"], "AP-1": ["TGACTCA", "TGAGTCA"]}
    motifs = [mb.Motif.from_sites(name, words) for name, words in sites.items()]
    table = mb.enrichment(motifs, adata).set_index(["motif", "readout"])["effect"]
    assert table["DRE", "Hk_log2_enrichment"] == pytest.approx(3.2, abs=0.2)
    assert table["DRE", "Dev_log2_enrichment"] == pytest.approx(0.5, abs=0.2)
    assert table["AP-1", "Dev_log2_enrichment"] == pytest.approx(1.1, abs=0.2)
    assert table["AP-1", "Hk_log2_enrichment"] == pytest.approx(0.3, abs=0.2)


@pytest.mark.parametrize(("factor", "auroc"), [("Abf1", 0.88), ("Rap1", 0.95)])
def test_yeast_peaks_against_matched_windows(test_data, tmp_path, monkeypatch, factor, auroc):
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path))
    adata = mb.read_bed(
        test_data / f"genome/rossi2021_{factor}.bed",
        genome=test_data / "genome/sacCer3_chrIV.fa.gz",
        length=200,
        negatives="matched",
        rename={"chr4": "chrIV"},
        seed=0,
    )
    table = mb.enrichment(test_data / "motifs/yeast_macisaac_v1.meme.gz", adata)
    assert table["motif"][0] == factor.upper()
    assert table["q_value"][0] < 1e-10
    assert table["auroc"][0] > auroc
    assert abs(table["position_center"][0]) <= 5


def test_gata_sites_grow_over_cycles_of_selection(test_data):
    reads = [
        gzip.decompress((test_data / f"selex/gata3_cycle{cycle}_20k.txt.gz").read_bytes())
        for cycle in (0, 4)
    ]
    reads = [text.decode().split()[:3000] for text in reads]
    adata = book(reads[0] + reads[1], np.repeat([0, 1], 3000), ["cycle 4"])
    table = mb.enrichment(GATA, adata)
    assert table["share_0"][0] == pytest.approx(0.011, abs=0.005)
    assert table["share_1"][0] == pytest.approx(0.381, abs=0.03)
    assert table["hit_p_value"][0] == pytest.approx(2 * 4**-6, rel=0.3)


def test_pumilio_sites_in_rna(test_data):
    rows = pd.read_csv(test_data / "chip/pum2_clip_train.csv.gz").sample(4000, random_state=0)
    sites = ["UGUAAAUA", "UGUAUAUA", "UGUACAUA", "UGUAGAUA"]
    motif = mb.Motif.from_sites("PUM2", sites, alphabet=RNA)
    sequences = rows["seq"].str.replace("T", "U")
    adata = book(sequences, rows["binding_site"].to_numpy(float), alphabet="RNA")
    table = mb.enrichment(motif, adata)
    assert table["share_1"][0] > 20 * table["share_0"][0]
    assert table["p_value"][0] < 1e-30
