"""Motifs remember which sequences they were learned from."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import motifbook as mb
from motifbook.data import store
from motifbook.data.splits.copies import sequence_hashes
from motifbook.discover import use
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.learned import JUDGED_ON, LEARNED_FROM, PART, merged, share_seen, sketch
from motifbook.motif.matrix import Motif

RNG = np.random.default_rng(0)
GATA = Motif.from_sites("GATA", ["AGATAA"] * 3)


@pytest.fixture(scope="module", autouse=True)
def validation_judges():
    """The validation rows of these small sets judge alone, as those of large sets do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(use, "FEWEST_JUDGES", 50)
        yield


def hashes(n):
    return RNG.integers(0, 2**64, n, dtype=np.uint64)


def learned(motif, sequences):
    return Motif(motif.name, motif.ppm, info={LEARNED_FROM: sketch(sequences)})


def test_a_sketch_holds_the_smallest_hashes():
    few, many = hashes(10), hashes(5000)
    assert sketch(np.tile(few, 2)).tolist() == sorted(few.tolist())
    assert sketch(many).tolist() == sorted(many.tolist())[:1024]


@pytest.mark.parametrize("n", [900, 20_000])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_share_of_known_sequences_is_estimated(n, share):
    training = hashes(n)
    n_known = round(1000 * share)
    rows = np.concatenate([training[:n_known], hashes(1000 - n_known)])
    assert share_seen(learned(GATA, training), rows) == pytest.approx(share, abs=0.2 * (share > 0))
    assert share_seen(GATA, rows) == 0


def test_merged_motifs_remember_all_sequences():
    first, second = hashes(3000), hashes(3000)
    together = [learned(GATA, first), learned(GATA, second)]
    [motif] = cluster_motifs(together)
    expected = sketch(np.concatenate([first, second]))
    np.testing.assert_array_equal(motif.info[LEARNED_FROM], expected)
    np.testing.assert_array_equal(merged([*together, GATA]), expected)
    halves = [replace(one, info={**one.info, PART: "x:choose"}) for one in together]
    assert [one.info.get(PART) for one in cluster_motifs(halves)] == ["x:choose"]
    [mixed] = cluster_motifs([halves[0], together[1]])
    assert PART not in mixed.info
    [plain] = cluster_motifs([GATA, GATA])
    assert LEARNED_FROM not in plain.info


def test_a_book_keeps_them(tmp_path):
    adata = ad.AnnData(obs=pd.DataFrame({"sequence": ["ACGT"]}, index=["a"]))
    motif = learned(GATA, hashes(2000))
    store.add_motifs(adata, [motif])
    mb.write(adata, tmp_path / "book.h5ad")
    [back] = store.get_motifs(mb.read(tmp_path / "book.h5ad"))
    np.testing.assert_array_equal(back.info[LEARNED_FROM], motif.info[LEARNED_FROM])
    assert back.info[LEARNED_FROM].dtype == np.uint64


def test_motifs_of_a_network_know_the_rows_that_chose_them_and_no_others(trained):
    motifs = mb.read_motifs(*trained)
    adata = trained.adata
    found = sequence_hashes(store.get_letters(adata), store.get_alphabet(adata))
    for motif in motifs:
        assert share_seen(motif, found[store.rows(adata, "train")]) == 1
        assert share_seen(motif, found[store.rows(adata, "validation")]) == 1
        assert motif.info[JUDGED_ON] == "validation"
        assert share_seen(motif, found[store.rows(adata, "test")]) == 0


def test_few_validation_rows_do_not_judge_alone(trained):
    adata = trained.adata
    few = np.flatnonzero(adata.obs["split"] == "validation")[:49]
    part = adata[np.concatenate([few, store.rows(adata, "test")])].copy()
    found = sequence_hashes(store.get_letters(adata), store.get_alphabet(adata))
    for motif in mb.read_motifs(trained.model, part):
        assert motif.info[JUDGED_ON] == "held-out"
        assert share_seen(motif, found[store.rows(adata, "validation")]) == 0


def test_enrichment_refuses_the_rows_a_motif_was_learned_from(trained):
    motifs = mb.read_motifs(*trained)
    with pytest.raises(mb.InputError, match=r"learned from about 80% of these.*split=\"test\""):
        mb.enrichment(motifs, trained.adata)
    table = mb.enrichment(motifs, trained.adata, split="test")
    assert table["n"].tolist() == [len(store.rows(trained.adata, "test"))]
    assert table["p_value"][0] < 1e-6
    own = trained.adata[store.rows(trained.adata, "train")].copy()
    del own.obs["split"]
    with pytest.raises(mb.InputError, match=r"100% of these .*Use rows that were kept out"):
        mb.enrichment(motifs, own)
