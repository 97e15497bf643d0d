"""Written motif files: they come back as they were, here and in other programs."""

from __future__ import annotations

import numpy as np
import pytest
from Bio import motifs as bio
from memelite.io import read_meme

from motifbook import InputError, Motif
from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.motif.files import read_motif_file, write_motif_file


def some_motifs(alphabet: Alphabet = DNA, n: int = 5) -> list[Motif]:
    rng = np.random.default_rng(0)
    ppms = [rng.dirichlet(np.full(alphabet.n_letters, 0.3), size=8 + i).T for i in range(n)]
    return [Motif(f"m{i}", ppm, n_sites=10.0 + i, alphabet=alphabet) for i, ppm in enumerate(ppms)]


@pytest.mark.parametrize(
    "name", ["x.meme", "x.jaspar", "x.pfm", "x.transfac", "x.dat", "x.meme.gz"]
)
@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN], ids=lambda alphabet: alphabet.name)
def test_what_is_written_is_read_again(tmp_path, name, alphabet):
    motifs = some_motifs(alphabet)
    write_motif_file(motifs, tmp_path / name)
    again = read_motif_file(tmp_path / name)
    assert [motif.name for motif in again] == [motif.name for motif in motifs]
    for ours, theirs in zip(motifs, again):
        np.testing.assert_allclose(theirs.ppm, ours.ppm, atol=1e-7)
        assert theirs.n_sites == pytest.approx(ours.n_sites)
        assert theirs.alphabet == alphabet


@pytest.mark.parametrize("name", ["x.meme", "x.jaspar", "x.transfac"])
def test_names_and_unknown_numbers_of_sites_come_back(tmp_path, name):
    ppm = some_motifs()[0].ppm
    motifs = [
        Motif("GATA 1", ppm, info={"id": "MA 1"}),
        Motif("twice", ppm),
        Motif("twice", ppm[:, ::-1]),
    ]
    write_motif_file(motifs, tmp_path / name)
    first, second, third = read_motif_file(tmp_path / name)
    assert (first.name, first.info["id"], first.n_sites) == ("GATA 1", "MA_1", None)
    assert (second.name, third.name) == ("twice", "twice")
    np.testing.assert_allclose(third.ppm, second.ppm[:, ::-1])


def test_an_alphabet_of_ones_own_comes_back(tmp_path):
    own = Alphabet("mine", "TGCAmx", "ACGTxm", unknown="N", ambiguous="R", same_as=("UT",))
    motif = Motif("x", np.eye(6)[:, [0, 4, 2]], alphabet=own)
    write_motif_file([motif], tmp_path / "x.meme")
    (again,) = read_motif_file(tmp_path / "x.meme")
    assert (again.alphabet.letters, again.alphabet.complement) == ("ACGTmx", "TGCAxm")
    assert (again.alphabet.unknown, again.alphabet.ambiguous) == ("N", "R")
    assert again.consensus == motif.consensus == "TmC"
    (back,) = read_motif_file(tmp_path / "x.meme", alphabet=own)
    np.testing.assert_allclose(back.ppm, motif.ppm)


def test_a_meme_file_keeps_background_url_and_e_value(tmp_path):
    motif = Motif(
        "x",
        np.eye(4),
        background=(0.3, 0.2, 0.2, 0.3),
        info={"url": "http://x.org", "e_value": 1e-9},
    )
    write_motif_file([motif], tmp_path / "x.meme")
    (again,) = read_motif_file(tmp_path / "x.meme")
    assert again.background == pytest.approx(motif.background)
    assert dict(again.info) == {"id": "x", "url": "http://x.org", "e_value": 1e-9}


def test_memelite_and_biopython_read_our_meme_files(tmp_path):
    motifs, path = some_motifs(), tmp_path / "x.meme"
    write_motif_file(motifs, path)
    theirs = read_meme(str(path))
    with path.open() as handle:
        biopython = bio.parse(handle, "minimal")
    assert [motif.name for motif in biopython] == list(theirs) == [motif.name for motif in motifs]
    for motif, other in zip(motifs, biopython):
        np.testing.assert_allclose(theirs[motif.name], motif.ppm, atol=1e-7)
        counts = [other.counts[letter] for letter in "ACGT"]
        np.testing.assert_allclose(counts, motif.ppm * motif.n_sites, atol=0.51)  # it rounds


@pytest.mark.parametrize(("name", "format"), [("x.jaspar", "jaspar"), ("x.transfac", "TRANSFAC")])
def test_biopython_reads_our_counts(tmp_path, name, format):
    motifs = some_motifs()
    write_motif_file(motifs, tmp_path / name)
    with (tmp_path / name).open() as handle:
        theirs = bio.parse(handle, format)
    assert len(theirs) == len(motifs)
    for motif, other in zip(motifs, theirs):
        counts = [other.counts[letter] for letter in "ACGT"]
        np.testing.assert_allclose(counts, motif.ppm * motif.n_sites, rtol=1e-8)


@pytest.mark.parametrize("name", ["x.meme.gz", "x.jaspar.gz"])
def test_the_same_motifs_give_the_same_bytes(tmp_path, name):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_motif_file(some_motifs(), tmp_path / folder / name)
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.meme"
    write_motif_file(some_motifs(n=1), path)
    write_motif_file(some_motifs(n=2), path)
    assert len(read_motif_file(path)) == 2
    with pytest.raises(InputError, match="A motif has no name"):
        write_motif_file([*some_motifs(), Motif(" ", np.eye(4))], path)
    assert len(read_motif_file(path)) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["x.meme"]


def test_no_motifs_make_a_file_without_motifs(tmp_path):
    write_motif_file([], tmp_path / "x.meme")
    assert (tmp_path / "x.meme").read_text().startswith("MEME version 4")
    with pytest.raises(InputError, match=r"x\.meme holds no motif"):
        read_motif_file(tmp_path / "x.meme")


def test_different_backgrounds_in_one_meme_file_are_told(tmp_path):
    other = Motif("x", np.eye(4), background=(0.3, 0.2, 0.2, 0.3))
    with pytest.warns(UserWarning, match="2 different backgrounds and a MEME file holds one"):
        write_motif_file([*some_motifs(), other], tmp_path / "x.meme")
    assert read_motif_file(tmp_path / "x.meme")[-1].background == (0.25, 0.25, 0.25, 0.25)


def test_what_cannot_be_written_is_refused(tmp_path):
    (motif,) = some_motifs(n=1)
    with pytest.raises(InputError, match=r"`motifs` is one Motif; expected a list"):
        write_motif_file(motif, tmp_path / "x.meme")
    with pytest.raises(InputError, match=r"`motifs` holds 'GATA'; expected Motif only"):
        write_motif_file(["GATA"], tmp_path / "x.meme")
    with pytest.raises(InputError, match=r"expected a name that ends in .meme, .jaspar"):
        write_motif_file([motif], tmp_path / "x.txt")
    with pytest.raises(InputError, match=r"written in DNA, RNA; a MEME file holds one alphabet"):
        write_motif_file([motif, *some_motifs(RNA)], tmp_path / "x.meme")
    with pytest.raises(FileNotFoundError, match=r"There is no folder"):
        write_motif_file([motif], tmp_path / "missing" / "x.meme")
    with pytest.raises(InputError, match=r"is a folder; expected the name of a file in it"):
        write_motif_file([motif], tmp_path, format="meme")
