"""Small motif files in each format, all with the same two motifs, for the tests of files."""

from __future__ import annotations

from pathlib import Path

from motifbook import Motif
from motifbook.motif.files import read_motif_file

MEME = """MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF MA1 GATA
letter-probability matrix: alength= 4 w= 3 nsites= 20 E= 1.5e-3
 0.1 0.2 0.3 0.4
 1 0 0 0
 0.25 0.25 0.25 0.25
URL http://example.org/MA1

MOTIF AP1
letter-probability matrix: alength= 4 w= 2 nsites= 7
 0.5 0.5 0 0
 0 0 0.5 0.5
"""
JASPAR = """>MA1 GATA
A [ 2 20 5 ]
C [ 4 0 5 ]
G [ 6 0 5 ]
T [ 8 0 5 ]
>AP1
A [ 1 0 ]
C [ 1 0 ]
G [ 0 1 ]
T [ 0 1 ]
"""
TRANSFAC = """VV  made up
XX
//
AC  MA1
XX
ID  GATA
XX
P0      A      C      G      T
01      2      4      6      8      N
02     20      0      0      0      A
03      5      5      5      5      N
XX
//
ID  AP1
PO A C G T
1 1 1 0 0
2 0 0 1 1
XX
//
"""
TEXTS = {"meme": MEME, "jaspar": JASPAR, "transfac": TRANSFAC}


def read(folder: Path, text: str | bytes, name: str = "x.txt", **options) -> list[Motif]:
    """Write `text` to a file and read its motifs."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_motif_file(path, **options)
