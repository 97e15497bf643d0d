"""Broken motif files: each is refused in one sentence that names file and line."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motif_texts import JASPAR, MEME, TEXTS, TRANSFAC, read

from motifbook import InputError, Motif
from motifbook.alphabet import PROTEIN
from motifbook.motif.files import read_motif_file

BROKEN_MEME = {
    "matrix cut short": (" 0 0 0.5 0.5\n", "", r"line 20: .*'AP1' ends after 1 rows; .* w= 2"),
    "row cut short": ("0.25 0.25 0.25 0.25", "0.25 0.25", r"line 14: .*'GATA' has 2 numbers"),
    "number cut short": ("0 0 0.5 0.5", "0 0 0.5 0.", r"line 20: .*sums to 0.5; expected prob"),
    "w too large": ("w= 3", "w= 4", r"line 14: .*ends after 3 rows; expected w= 4"),
    "w too small": ("w= 3", "w= 2", r"line 14: a row of numbers outside a matrix; is `w=` wrong"),
    "w no number": ("w= 3", "w= x", r"line 11: w= 'x'; expected a whole number"),
    "w zero": ("w= 3", "w= 0", r"line 11: w= '0'; expected a whole number of 1 or more"),
    "sums off": ("0.1 0.2 0.3 0.4", "0.1 0.2 0.3 0.3", r"line 12: .*'GATA' sums to 0.9; expec"),
    "counts": (
        "0.1 0.2 0.3 0.4",
        "1 2 3 4",
        r"line 12: .* sums to 10; .*JASPAR file, or .*from_pf",
    ),
    "negative": ("0.1 0.2 0.3 0.4", "-0.1 0.4 0.3 0.4", r"line 12: got -0.1; expected counts or"),
    "text": ("0.1 0.2 0.3 0.4", "0.1 O.2 0.3 0.4", r"line 12: got 'O.2'; expected a number"),
    "nan": ("0.1 0.2 0.3 0.4", "nan 0.2 0.3 0.4", r"line 12: got 'nan'; expected a number"),
    "huge": ("0.1 0.2 0.3 0.4", "1e999 0 0 0", r"line 12: got 1e999; expected counts or prob"),
    "comma": ("0.1 0.2 0.3 0.4", "0,1 0,2 0,3 0,4", r"line 12: got '0,1'.*commas must become po"),
    "alength": ("alength= 4 w= 3", "alength= 5 w= 3", r"line 11: alength= 5; expected 4"),
    "nsites": ("nsites= 20", "nsites= many", r"line 11: got 'many'; expected a number"),
    "no matrix": (
        "letter-probability matrix: alength= 4 w= 2 nsites= 7\n 0.5 0.5 0 0\n 0 0 0.5 0.5\n",
        "",
        r"line 17: motif 'AP1' has no `letter-probability matrix`",
    ),
    "head lost": (
        "letter-probability matrix: alength= 4 w= 2 nsites= 7\n",
        "",
        r"line 17: motif 'AP1' has no `letter-probability matrix`",
    ),
    "first MOTIF lost": ("MOTIF MA1 GATA\n", "", r"line 10: a matrix without a name"),
    "MOTIF lost": ("MOTIF AP1\n", "", r"line 17: a second matrix for motif 'GATA'"),
    "MOTIF unnamed": ("MOTIF AP1", "MOTIF", r"line 17: a MOTIF line without a name"),
    "only log odds": ("letter-probability", "log-odds", r"line 10: .* A log-odds matrix alone is"),
    "no motif": (MEME[MEME.index("MOTIF") :], "", r"x.txt holds no motif; expected at least one"),
    "letters missing": ("ALPHABET= ACGT", "ALPHABET= ACG", r"line 3: ALPHABET= ACG; expected ACGT"),
    "letters permuted": ("ALPHABET= ACGT", "ALPHABET= ATCG", r"line 3: ALPHABET= ATCG; expected"),
    "protein": ("ALPHABET= ACGT", f"ALPHABET= {PROTEIN.letters}", r"line 8: the background is"),
    "open block": (
        "ALPHABET= ACGT",
        'ALPHABET "x"\nA ~ T',
        r"got .strands: \+ -.; expected letters",
    ),
    "case block": (
        "ALPHABET= ACGT",
        'ALPHABET "x"\nA\na\nEND ALPHABET',
        r"line 3: the alphabet's letters are 'Aa'; expected two or more that differ in more than",
    ),
    "letter twice in block": (
        "ALPHABET= ACGT",
        'ALPHABET "x"\nA ~ T\nA ~ C\nEND ALPHABET',
        r"line 5: got 'A ~ C'; expected each letter of an alphabet once",
    ),
    "half a block of partners": (
        "ALPHABET= ACGT",
        'ALPHABET "x"\nA ~ T\nC\nEND ALPHABET',
        r"line 3: expected a partner \(`A ~ T`\) for every letter or for none",
    ),
    "odd block": ("ALPHABET= ACGT", "ALPHABET DNA", r"line 3: expected `ALPHABET= ACGT` or"),
    "background short": ("C 0.2 G 0.2", "C 0.2", r"line 8: the background is 'A 0.3 C 0.2 T 0.3'"),
    "background zero": ("A 0.3 C 0.2", "A 0.5 C 0", r"line 8: .* with a probability above 0"),
    "background text": ("A 0.3 C 0.2", "A 0.3 C x", r"line 8: got 'x'; expected a number"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_MEME.values(), ids=BROKEN_MEME)
def test_a_broken_meme_file_is_refused_by_line(tmp_path, old, new, message):
    assert old in MEME
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, MEME.replace(old, new))
    assert str(tmp_path / "x.txt") in str(caught.value)


BROKEN_JASPAR = {
    "letter missing": (
        "T [ 8 0 5 ]\n",
        "",
        r"line 2: the letters are A, C, G; expected A, C, G, T",
    ),
    "letter twice": ("T [ 8 0 5 ]", "G [ 8 0 5 ]", r"line 2: the letters are A, C, G, G; expected"),
    "no letters": (
        "A [ 2 20 5 ]\nC [ 4 0 5 ]\nG",
        "1 2 3\n4 0 5\nG",
        r"line 4: a row of motif 'GATA' has 3 .*all with a letter or none",
    ),
    "row cut short": ("T [ 8 0 5 ]", "T [ 8 0 ]", r"line 5: .* has 2 numbers, the first one 3"),
    "bracket open": ("T [ 8 0 5 ]", "T [ 8 0 5", r"line 5: a bracket is open.* cut short"),
    "no numbers": ("T [ 8 0 5 ]", "T [ ]", r"line 5: a row without numbers"),
    "text": ("T [ 8 0 5 ]", "T [ 8 O 5 ]", r"line 5: got 'O'; expected a number"),
    "negative": ("T [ 8 0 5 ]", "T [ 8 -1 5 ]", r"line 5: got -1; expected counts"),
    "empty column": ("A [ 2 20 5 ]", "A [ 2 0 5 ]", r"line 2: .*column 1 of `pfm` has no counts"),
    "fractions": (
        "A [ 1 0 ]\nC [ 1 0 ]\nG [ 0 1 ]\nT [ 0 1 ]",
        "A 0.5 0\nC 0.4 0\nG 0 0.5\nT 0 0.5",
        r"line 7: motif 'AP1': position 1 sums to 0.9; expected counts, or probabilities",
    ),
    "one of the fractions": (
        "A [ 2 20 5 ]\nC [ 4 0 5 ]\nG [ 6 0 5 ]\nT [ 8 0 5 ]",
        "A .5 .5 1\nC .5 .5 1\nG 0 0 0\nT 0 0 0",
        r"line 2: motif 'GATA': position 3 sums to 2",
    ),
    "no name": (">AP1", ">", r"line 6: a motif without a name"),
    "no rows": (JASPAR[JASPAR.index("A [ 1 0") :], "", r"line 7: motif 'AP1' has 0 rows"),
    "text before": (">MA1 GATA", "1 2 3\n>MA1 GATA", r"line 1: text before the first motif"),
    "FASTA": ("A [ 2 20 5 ]", "ACGTAC", r"line 2: got 'ACGTAC'; .*FASTA goes through `mb.read_fas"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_JASPAR.values(), ids=BROKEN_JASPAR)
def test_a_broken_jaspar_file_is_refused_by_line(tmp_path, old, new, message):
    assert old in JASPAR
    with pytest.raises(InputError, match=message):
        read(tmp_path, JASPAR.replace(old, new))


BROKEN_TRANSFAC = {
    "row lost": ("02     20      0      0      0      A\n", "", r"line 10: row 3 is the 2. row"),
    "first row lost": ("1 1 1 0 0\n", "", r"line 16: row 2 is the 1. row of its matrix"),
    "row cut short": ("1 1 1 0 0\n", "1 1 1 0\n", r"line 16: a row of 3 values; expected 4"),
    "row too long": ("1 1 1 0 0\n", "1 1 1 0 0 0\n", r"line 16: a row of 5 values; expected 4"),
    "row number": ("02     20", "O2     20", r"line 10: got 'O2'; expected a two-letter line"),
    "text": ("1 1 1 0 0\n", "1 x 1 0 0\n", r"line 16: got 'x'; expected a number"),
    "no head": ("PO A C G T\n", "", r"line 15: got '1'; expected .* rows under `P0 A C G T`"),
    "no letters": (
        "PO A C G T\n",
        "PO\n",
        r"line 16: got '1'; expected .* rows under `P0 A C G T`",
    ),
    "letter missing": (
        "PO A C G T\n1 1 1 0 0\n2 0 0 1 1",
        "PO A C G\n1 1 1 0\n2 0 0 1",
        r"line 15: t",
    ),
    "no name": ("ID  AP1\n", "", r"line 14: a motif without a name"),
    "no matrix": (
        "PO A C G T\n1 1 1 0 0\n2 0 0 1 1\n",
        "",
        r"line 14: motif 'AP1' has no matrix; expected rows",
    ),
    "motifs run together": ("//\nID  AP1", "ID  AP1", r"line 14: a second matrix in one record"),
    "cut short": ("2 0 0 1 1\nXX\n//\n", "", r"line 14: the last record is not closed by `//`"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_TRANSFAC.values(), ids=BROKEN_TRANSFAC)
def test_a_broken_transfac_file_is_refused_by_line(tmp_path, old, new, message):
    assert old in TRANSFAC
    with pytest.raises(InputError, match=message):
        read(tmp_path, TRANSFAC.replace(old, new))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"is empty; expected motifs"),
        (b" \n\n", r"is empty; expected motifs"),
        (b"\x89PNG\r\n\0\0\0", r"is not plain text"),
        (MEME.encode("utf-16"), r"is not plain text. Save the motifs as text, in UTF-8"),
        (gzip.compress(MEME.encode(), mtime=0)[:-20], r"is a damaged gzip file"),
        (gzip.compress(MEME.encode(), mtime=0)[:60] + b"x" * 40, r"is a damaged gzip file"),
        (b"chrom,start,end\nchr1,2,3\n", r"is no motif file that we know: its first line is 'chr"),
        (b"<?xml version='1.0'?>\n<MEME>\n", r"is no motif file that we know"),
        (b"1 2 3\n4 5 6\n7 8 9\n", r"line 1: motif 'x' has 3 rows; expected 4 \(A, C, G, T\)"),
        (b"0.1 0.2 0.3 0.4\n1 0 0 0\n0 1 0 0\n1 0 0 0", r"line 1: the rows of motif 'x' sum alike"),
    ],
)
def test_what_is_no_motif_file_is_refused(tmp_path, raw, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, raw)
    assert str(tmp_path / "x.txt") in str(caught.value)


def test_a_missing_file_and_a_wrong_option_are_refused(tmp_path):
    read(tmp_path, MEME, "motifs.meme")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'motifs.meme'\?"):
        read_motif_file(tmp_path / "motif.meme")
    with pytest.raises(InputError, match=r"`format` is 'homer'; expected one of 'meme', 'jaspar'"):
        read_motif_file(tmp_path / "motifs.meme", format="homer")
    with pytest.raises(InputError, match=r"the letters are A, C, G, T; .* Correct `alphabet`"):
        read_motif_file(tmp_path / "motifs.meme", alphabet="protein")


PIECES = st.sampled_from(
    [*' \n09-.eA[]>=\t\x00é"#²\u2028\x0c', "", "//", "MOTIF", "URL", "ALPHABET", "P0", "XX"]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=4)


def motifs_or_message(path: Path) -> list[Motif] | str:
    try:
        return read_motif_file(path)
    except InputError as error:
        return str(error)


@settings(max_examples=400, deadline=None)
@given(text=st.sampled_from(list(TEXTS.values())), edits=EDITS)
def test_any_damage_gives_motifs_or_one_sentence(tmp_path_factory, text, edits):
    for place, n_deleted, piece in edits:
        i = int(place * len(text))
        text = text[:i] + piece + text[i + n_deleted :]
    path = tmp_path_factory.getbasetemp() / "damaged.txt"
    path.write_text(text, encoding="utf-8", newline="")
    got = motifs_or_message(path)
    if isinstance(got, str):
        assert got.startswith(str(path))
        assert "\n" not in got
    else:
        lines = [line.split() for line in re.split(r"\r\n|\r|\n", text)]
        stated = [words for words in lines if words[:1] == ["MOTIF"]]
        assert len(got) == len(stated) or not stated
        assert all(np.allclose(motif.ppm.sum(axis=0), 1) for motif in got)
