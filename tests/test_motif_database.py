"""The packaged JASPAR collections: complete, faithful, and found by id or name."""

from __future__ import annotations

import numpy as np
import pytest

from motifbook import InputError
from motifbook.motif import database
from motifbook.motif.files import read_motif_file


def test_the_collections_hold_all_of_jaspar_core():
    sizes = {name: len(database.collection(name)) for name in database.names()}
    assert sizes == {
        "JASPAR2026": 2633,
        "JASPAR2026_diatoms": 1,
        "JASPAR2026_fungi": 193,
        "JASPAR2026_insects": 296,
        "JASPAR2026_nematodes": 103,
        "JASPAR2026_plants": 927,
        "JASPAR2026_urochordates": 94,
        "JASPAR2026_vertebrates": 1019,
    }


def test_every_profile_has_its_own_id():
    ids = [motif.info["id"] for motif in database.collection("JASPAR2026")]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)


def test_a_motif_carries_name_sites_and_family():
    arnt = database.motif("MA0004.1")  # 20 sites: CACGTG, with 4 A and 16 C first
    assert (arnt.name, arnt.width, arnt.n_sites) == ("Arnt", 6, 20)
    np.testing.assert_array_equal(arnt.ppm[:, 0], [0.2, 0.8, 0, 0])
    assert dict(arnt.info) == {
        "id": "MA0004.1",
        "collection": "JASPAR2026_vertebrates",
        "family": "PAS domain factors",
        "class": "Basic helix-loop-helix factors (bHLH)",
    }


@pytest.mark.parametrize("taxon", ["fungi", "plants", "vertebrates"])
def test_matrices_agree_with_jaspars_meme_files(test_data, taxon):
    theirs = read_motif_file(test_data / "motifs" / f"JASPAR2026_CORE_{taxon}.meme.gz")
    ours = {motif.info["id"]: motif for motif in database.collection(f"JASPAR2026_{taxon}")}
    assert sorted(ours) == sorted(motif.info["id"] for motif in theirs)
    for motif in theirs:
        mine = ours[motif.info["id"]]
        assert mine.name == motif.name
        assert mine.n_sites == pytest.approx(motif.n_sites, abs=1)  # the file truncates
        np.testing.assert_allclose(mine.ppm, motif.ppm, atol=2.5e-6)  # six decimals, rescaled


def test_a_collection_handed_out_can_be_changed_without_harm():
    database.collection("JASPAR2026_diatoms").clear()
    assert len(database.collection("JASPAR2026_diatoms")) == 1


def test_an_unknown_collection_lists_those_there_are():
    with pytest.raises(InputError, match=r"'JASPAR2026_plants'.*mean 'JASPAR2026_vertebrates'\?"):
        database.collection("JASPAR2024_vertebrates")


def test_an_unknown_motif_names_the_near_ones():
    with pytest.raises(InputError, match=r"`name` is 'MA0139.1'; expected .* mean MA0139.2"):
        database.motif("MA0139.1")


def test_a_shared_name_lists_the_ids():
    with pytest.raises(InputError, match=r"'GATA1', which 2 motifs share: MA0035.5 \(vertebrates"):
        database.motif("GATA1")
