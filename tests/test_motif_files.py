"""Motif files: read completely or refused in one sentence; what is written, others can read."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from Bio import motifs as bio
from memelite.io import read_meme
from motif_texts import MEME, TEXTS, read

from motifbook import InputError
from motifbook.alphabet import DNA, PROTEIN, RNA, Alphabet
from motifbook.motif.files import read_motif_file

GATA = np.array([[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0], [0.25] * 4]).T
AP1 = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]).T


def count_motif_lines(raw: bytes) -> int:
    text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    return len(re.findall(rb"^MOTIF", text, re.M))


# reading


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_format_gives_the_same_motifs(tmp_path, text):
    gata, ap1 = read(tmp_path, text)
    assert (gata.name, gata.info["id"]) == ("GATA", "MA1")
    assert (ap1.name, ap1.info["id"]) == ("AP1", "AP1")
    np.testing.assert_allclose(gata.ppm, GATA)
    np.testing.assert_allclose(ap1.ppm, AP1)
    assert gata.n_sites == 20


def test_a_meme_file_also_tells_background_url_and_e_value(tmp_path):
    gata, ap1 = read(tmp_path, MEME)
    assert gata.background == pytest.approx((0.3, 0.2, 0.2, 0.3))
    assert dict(gata.info) == {"id": "MA1", "e_value": 1.5e-3, "url": "http://example.org/MA1"}
    assert dict(ap1.info) == {"id": "AP1"}


def test_a_bare_matrix_is_named_after_its_file(tmp_path):
    (motif,) = read(tmp_path, "1 0 5\n2 0 5\n3 0 5\n4 9 5\n", "srf.2.pfm")
    assert (motif.name, motif.n_sites) == ("srf", 20)
    np.testing.assert_allclose(motif.ppm[:, 0], GATA[:, 0])


def test_rows_are_found_by_their_letter(tmp_path):
    (motif,) = read(tmp_path, ">x\nT | 4 0\nG | 3 0\nC | 2 0\nA | 1 7\n")
    np.testing.assert_allclose(motif.ppm, GATA[:, :2])


def test_probabilities_in_a_jaspar_file_have_no_number_of_sites(tmp_path):
    (motif,) = read(tmp_path, ">x\nA 0.33 1\nC 0.33 0\nG 0.33 0\nT 0 0\n")
    np.testing.assert_allclose(motif.ppm[:, 0], [1 / 3, 1 / 3, 1 / 3, 0])
    assert motif.n_sites is None


@pytest.mark.parametrize(
    ("alphabet", "letters"), [(RNA, "ACGU"), (PROTEIN, PROTEIN.letters), (DNA, "ACGT")]
)
def test_the_alphabet_is_the_one_the_file_states(tmp_path, alphabet, letters):
    row = " ".join(["1"] + ["0"] * (len(letters) - 1))
    text = f"MEME version 5\nALPHABET= {letters}\nMOTIF x\nletter-probability matrix:\n{row}\n"
    assert read(tmp_path, text)[0].alphabet == alphabet


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_motifs_written_with_t_can_be_read_as_rna(tmp_path, text):
    gata = read(tmp_path, text, alphabet="RNA")[0]
    assert gata.alphabet == RNA
    np.testing.assert_allclose(gata.ppm, GATA)


def test_t_and_u_can_be_different_letters(tmp_path):
    with_both = Alphabet("with dU", "ACGTU")
    (motif,) = read(tmp_path, ">x\nU 1 0\nT 0 1\nA 0 0\nC 0 0\nG 0 0\n", alphabet=with_both)
    assert motif.consensus == "UT"


ALPHABET_BLOCK = """ALPHABET "DNA" DNA-LIKE
# letters
A "Adenine" CC0000 ~ T "Thymine" 008000
C "Cytosine" 0000CC ~ G "Gua\\"nine" FFB300
N "Any base" = ACGT
R "Purine" = AG
U = T
END ALPHABET"""


def test_an_alphabet_block_that_spells_dna_is_dna(tmp_path):
    gata = read(tmp_path, MEME.replace("ALPHABET= ACGT", ALPHABET_BLOCK))[0]
    assert gata.alphabet == DNA
    np.testing.assert_allclose(gata.ppm, GATA)


def test_an_alphabet_of_ones_own_has_memes_order_of_columns(tmp_path):
    block = (
        'ALPHABET "modified"\nm "5-mC" 00FF00 ~ 1 "G on 5-mC"\nC ~ G\nA ~ T\nN = ACGTm1\nU = T\n'
    )
    text = (
        f"MEME version 5\n{block}END ALPHABET\nMOTIF x\nletter-probability matrix:\n0 0 0 0 1 0\n"
    )
    (motif,) = read(tmp_path, text)
    own = motif.alphabet
    assert (own.letters, own.complement, own.unknown) == ("ACGTm1", "TGCA1m", "N")
    assert motif.consensus == "m"
    assert motif.reverse_complement().consensus == "1"


MEME_OUTPUT = """********
MEME - Motif discovery tool
********
MEME version 5.0.4 (Release date: today)

TRAINING SET
ALPHABET= ACGT
Sequence name            Weight Length  Sequence name            Weight Length
123                      1.0000    105  456                      1.0000    105

Letter frequencies in dataset:
A 0.4 C 0.1 G 0.1 T 0.4
Background letter frequencies (from file dataset with add-one prior applied):
A 0.4 C 0.1 G 0.1 T 0.4
Background model order: 0
********
MOTIF WT MEME-1\twidth =   2  sites = 326  llr = 1537  E-value = 3.6e-179
********
\tMotif WT MEME-1 Description
--------
Simplified        A  53
pos.-specific     C  ::
         bits    4.3
--------
BL   MOTIF WT width=2 seqs=326
632521                   (    7) AT  1
//
log-odds matrix: alength= 4 w= 2 n= 3586 bayes= 3.32193 E= 3.6e-179
    20   -176    194    -73
 -1499   -250    -62    109
--------
letter-probability matrix: alength= 4 w= 2 nsites= 326 E= 3.6e-179
 0.500000  0.000000  0.000000  0.500000
 0.000000  0.000000  0.000000  1.000000
--------
[AT]T
--------
Time 14.73 secs.
SUMMARY OF MOTIFS
760889                           2.32e-02  20
"""


def test_the_text_output_of_meme_is_read(tmp_path):
    (motif,) = read(tmp_path, MEME_OUTPUT)
    assert (motif.name, motif.info["id"], motif.n_sites) == ("MEME-1", "WT", 326)
    np.testing.assert_allclose(motif.ppm, np.array([[0.5, 0, 0, 0.5], [0, 0, 0, 1]]).T)


def test_files_strung_together_keep_their_own_alphabet_and_background(tmp_path):
    rna = MEME.replace("ACGT", "ACGU").replace("A 0.3 C 0.2 G 0.2 T 0.3", "")
    motifs = read(tmp_path, MEME + rna.replace("Background letter frequencies", ""))
    assert [motif.alphabet.name for motif in motifs] == ["DNA", "DNA", "RNA", "RNA"]
    assert motifs[2].background == (0.25, 0.25, 0.25, 0.25)


def test_a_motif_without_strength_columns_keeps_its_place(tmp_path):
    text = MEME.replace("nsites= 20", "nsites= 0").replace("E= 1.5e-3", "E= 0")
    gata = read(tmp_path, text)[0]
    assert gata.n_sites is None
    assert "e_value" not in gata.info


# real files, with referees

REAL = [
    "motifs/HOCOMOCOv12_core.meme.gz",
    "motifs/JASPAR2016_vertebrates.meme.gz",
    "motifs/JASPAR2022_vertebrates_nr.meme.gz",
    "motifs/JASPAR2026_CORE_vertebrates.meme.gz",
    "motifs/photoreceptor_8tf.meme",
    "motifs/plant_TF_clusters.meme",
    "motifs/plant_core_elements.meme",
    "motifs/yeast_macisaac_v1.meme.gz",
    "motifs/yeast_uniprobe.meme.gz",
    "genome/tangermeme_tests/test.meme",
    "genome/tangermeme_tests/test2.meme",
    "malformed/minimal_ok.meme",
    "malformed/duplicate_motif_names.meme",
]


@pytest.mark.parametrize("name", REAL)
def test_every_motif_of_a_real_file_is_read(test_data, name):
    path = test_data / name
    assert len(read_motif_file(path)) == count_motif_lines(path.read_bytes()) > 0


@pytest.mark.parametrize("name", REAL[:-2])  # memelite cannot read the last two
def test_matrices_are_those_of_memelite(test_data, tmp_path, name):
    raw = (test_data / name).read_bytes()
    plain = tmp_path / "x.meme"
    plain.write_bytes(gzip.decompress(raw) if name.endswith("gz") else raw)
    ours, theirs = read_motif_file(plain), read_meme(str(plain))
    assert len(ours) == len(theirs)
    for motif, (names, ppm) in zip(ours, theirs.items()):
        assert names.startswith(motif.info["id"])
        np.testing.assert_allclose(motif.ppm, ppm / ppm.sum(axis=0), atol=1e-9)


def test_the_odd_files_of_other_programs_are_read(test_data):
    folder = test_data / "malformed"
    (srf,) = read_motif_file(folder / "jaspar_pfm.pfm")
    assert (srf.name, srf.width, srf.n_sites) == ("jaspar_pfm", 12, 46)
    first, second = read_motif_file(folder / "transfac.dat")
    assert (first.name, first.width, second.name, second.width) == ("motif1", 12, "motif2", 10)
    with (folder / "transfac.dat").open() as handle:
        theirs = bio.parse(handle, "TRANSFAC")[0].counts.normalize()
    np.testing.assert_allclose(first.ppm, [theirs[letter] for letter in "ACGT"])


def test_no_other_odd_file_is_taken_for_motifs(test_data):
    others = [
        path
        for path in (test_data / "malformed").iterdir()
        if path.suffix not in (".meme", ".pfm", ".dat")
    ]
    assert len(others) > 10
    for path in others:
        with pytest.raises(InputError, match=re.escape(str(path))):
            read_motif_file(path)


# harmless oddities: read as if they were not there


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.replace(b"\n", b"\r"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b" ", b"\t"),
        lambda raw: raw.rstrip(b"\n"),
        lambda raw: raw.replace(b"\n", b" \n"),
        lambda raw: raw.replace(b"\n", b"\n\n"),
        lambda raw: b"\n\n" + raw + b"\n\n",
        gzip.compress,
    ],
    ids=["dos", "mac", "bom", "tabs", "cut newline", "blanks", "empty lines", "margins", "gz"],
)
@pytest.mark.parametrize("name", ["x.txt", "x.txt.gz"])
def test_line_ends_blanks_and_compression_do_not_matter(tmp_path, text, change, name):
    gata, ap1 = read(tmp_path, change(text.encode()), name)
    np.testing.assert_allclose(gata.ppm, GATA)
    np.testing.assert_allclose(ap1.ppm, AP1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alength= 4 w= 3 nsites= 20 E= 1.5e-3", ""),
        ("MEME version 4\n", ""),
        ("ALPHABET= ACGT", ""),
        ("strands: + -", ""),
        ("0.25 0.25 0.25 0.25", "0.248 0.248 0.248 0.248"),
        ("0.25 0.25 0.25 0.25", "2.5e-1 +.25 0.250 0.25"),
        ("\n\nMOTIF AP1", "\nsome remark\n\nMOTIF AP1"),
        (" 0 0 0.5 0.5\n", " 0 0 0.5 0.5\nsome remark 12"),
        ("letter-prob", "\n  letter-prob"),
        ("A 0.3 C 0.2 G 0.2 T 0.3", "A 0.3 C 0.2\nG 0.2 T 0.3"),
    ],
)
def test_a_meme_file_may_say_less_or_more(tmp_path, old, new):
    assert old in MEME
    gata, ap1 = read(tmp_path, MEME.replace(old, new))
    np.testing.assert_allclose(gata.ppm, GATA)
    np.testing.assert_allclose(ap1.ppm, AP1)
