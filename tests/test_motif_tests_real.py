"""`test_motifs` on real data: the known motif first, and nothing where readouts were dealt out."""

from __future__ import annotations

import numpy as np
import pytest

import motifbook as mb
from motifbook.motif.compare import similarity

pytestmark = pytest.mark.slow
KNOWN = "JASPAR2026_vertebrates"


@pytest.fixture(scope="module")
def ctcf(test_data):
    path = test_data / "chip" / "ctcf_top500_w200.fa.gz"
    return mb.read_fasta(path, negatives="shuffle", seed=0)


def dealt(adata, seed):
    """Each peak and its shuffle swap their readouts, or not."""
    other = adata.copy()
    rng = np.random.default_rng(seed)
    for rows in adata.obs.groupby("pair").indices.values():
        other.X[rows] = adata.X[rng.permutation(rows)]
    return other


def test_of_all_words_ctcf_is_first(ctcf):
    tests = mb.test_motifs(ctcf, seed=0)
    first = tests.table.iloc[0]
    assert first["kept"]
    assert first["log_p"] < np.log(1e-4)
    assert 0 < first["lower"] < first["effect"] < first["upper"] < 1
    known = mb.identify(tests.motifs[0], KNOWN)
    assert known["target_name"][0] == "CTCF"
    assert known["q_value"][0] < 0.01


def test_of_known_motifs_ctcf_is_first(ctcf):
    first = mb.test_motifs(ctcf, KNOWN, options=mb.TestOptions(n_steps=1), seed=0).table.iloc[0]
    assert first["motif"] == "CTCF"
    assert first["kept"]
    assert first["n_sequences"] > 300


def test_where_pairs_swap_readouts_nothing_is_found(ctcf):
    options = mb.TestOptions(n_steps=1)
    kept = [
        mb.test_motifs(dealt(ctcf, seed), options=options, seed=seed).table["kept"].sum()
        for seed in range(5)
    ]
    assert sum(kept) <= 1
    assert mb.test_motifs(ctcf, options=options, seed=0).qq(60).holds_level


@pytest.mark.parametrize(
    ("readout", "word"), [("Hk_log2_enrichment", "TATCGATA"), ("Dev_log2_enrichment", "TGANTCA")]
)
def test_fly_promoters_have_motifs_of_their_own(test_data, readout, word):
    """DRE drives housekeeping promoters, AP-1 developmental ones (de Almeida et al. 2022)."""
    path = test_data / "mpra" / "fly_deepstarr_3000.tsv.gz"
    adata = mb.read_table(path, sequence="Sequence", readouts=[readout])
    tests = mb.test_motifs(adata, seed=0)
    wanted = mb.Motif(word, [[0.25 if x == "N" else x == y for x in word] for y in "ACGT"])
    [motif] = [motif for motif in tests.motifs if similarity(motif, wanted) > 0.7]
    row = tests.table.set_index("step").loc[motif.info["step"]]
    assert row["p_value"] < 1e-3
    assert row["difference"] > 0.3
