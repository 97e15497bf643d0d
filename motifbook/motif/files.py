"""Motif files: read and write MEME, JASPAR and TRANSFAC."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from pathlib import Path

from motifbook import _check
from motifbook.alphabet import Alphabet, named
from motifbook.motif._jaspar import is_jaspar, read_jaspar, write_jaspar
from motifbook.motif._meme import is_meme, read_meme, write_meme
from motifbook.motif._text import Text, read_text
from motifbook.motif._transfac import is_transfac, read_transfac, write_transfac
from motifbook.motif.matrix import Motif

_READERS = {"meme": read_meme, "jaspar": read_jaspar, "transfac": read_transfac}
_WRITERS = {"meme": write_meme, "jaspar": write_jaspar, "transfac": write_transfac}
_EXTENSIONS = {
    ".meme": "meme",
    ".jaspar": "jaspar",
    ".pfm": "jaspar",
    ".transfac": "transfac",
    ".tf": "transfac",
    ".dat": "transfac",
}


def read_motif_file(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    alphabet: str | Alphabet | None = None,
) -> list[Motif]:
    """Read every motif of a file; nothing is skipped.

    Parameters
    ----------
    path
        A MEME file (minimal, or the text output of the MEME suite), JASPAR file (`>id name` and
        a row per letter, or the bare rows of one .pfm) or TRANSFAC file; gzipped or not.
    format
        "meme", "jaspar" or "transfac"; found from the content, else from the extension.
    alphabet
        "DNA", "RNA", "protein" or your own; by default what the file says, else DNA. Motifs
        written with T can be read as RNA.

    Returns
    -------
    list of Motif
        In the order of the file. `info["id"]` is the first word of the motif's title and `name`
        what follows it, if anything does; `info` also keeps "url" and "e_value" of MEME files.
        `n_sites` is None where the file has probabilities and no number of sites.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not one of these formats, or if a motif in it is
        incomplete or no matrix of counts or probabilities. The message names file and line.
        Probabilities may be off by rounding to two decimals.
    """
    found = _check.existing_file(path)
    wanted = None if alphabet is None else named(alphabet)
    text = read_text(found)
    if format is None:
        format = _format_of_content(text) or _format_of_name(found)
    if format is None:
        raise _check.InputError(
            f"{found} is no motif file that we know: its first line is {_first_line(text)[:60]!r}. "
            "Expected MEME, JASPAR or TRANSFAC text."
        )
    _check.one_of(format, "format", _READERS)
    motifs = _READERS[format](text, wanted)
    if not motifs:
        raise _check.InputError(
            f"{found} holds no motif; expected at least one. Its format was taken to be "
            f"{format.upper()}: pass `format=` if it is another."
        )
    return motifs


def write_motif_file(
    motifs: Iterable[Motif], path: str | os.PathLike[str], *, format: str | None = None
) -> None:
    """Write motifs to a file, in one step: an existing file is replaced only when all is well.

    Parameters
    ----------
    motifs
        In the order in which they are written. Titles are `info["id"]`, if there is one, and
        `name`.
    path
        Ends in .meme, .jaspar, .pfm, .transfac, .tf or .dat; with .gz behind it, it is gzipped.
    format
        "meme", "jaspar" or "transfac", for paths with another ending.

    Raises
    ------
    InputError
        If the format cannot be told from `path`, the folder is missing, something else than
        motifs is given, or motifs of several alphabets go into one MEME file.

    Notes
    -----
    MEME keeps probabilities (eight decimals), whole numbers of sites and one background per file
    (the uniform one, with a warning, where the motifs differ). JASPAR and TRANSFAC keep counts,
    `ppm * n_sites`, or the probabilities where `n_sites` is unknown, and no background. No format
    keeps the rest of `info`; `mb.write` does.
    """
    target = _check.a_path(path)
    if format is None:
        format = _format_of_name(target)
    if format is None:
        raise _check.InputError(
            f"`path` is {str(path)!r}; expected a name that ends in {', '.join(_EXTENSIONS)}, or "
            "`format=`."
        )
    _check.one_of(format, "format", _WRITERS)
    raw = _WRITERS[format](_all_motifs(motifs)).encode()
    if target.suffix == ".gz":
        raw = gzip.compress(raw, mtime=0)
    with _check.new_file(target) as part:
        part.write_bytes(raw)


def _format_of_content(text: Text) -> str | None:
    if any(map(is_meme, text.lines)):
        return "meme"
    if any(map(is_transfac, text.lines)):
        return "transfac"
    return "jaspar" if is_jaspar(_first_line(text)) else None


def _format_of_name(path: Path) -> str | None:
    extensions = [extension.lower() for extension in path.suffixes if extension != ".gz"]
    return _EXTENSIONS.get(extensions[-1]) if extensions else None


def _first_line(text: Text) -> str:
    return next((line for line in text.lines if line.strip() and line[0] != "#"), "")


def _all_motifs(motifs: Iterable[Motif]) -> list[Motif]:
    if isinstance(motifs, Motif):
        raise _check.InputError("`motifs` is one Motif; expected a list. Write `[motif]`.")
    if not isinstance(motifs, Iterable):
        raise _check.InputError(f"`motifs` is {_check.shown(motifs)}; expected a list of Motif.")
    listed = list(motifs)
    for motif in listed:
        if not isinstance(motif, Motif):
            raise _check.InputError(
                f"`motifs` holds {_check.shown(motif)}; expected Motif only. Make one with "
                "`Motif(name, ppm)` or `Motif.from_pfm(name, counts)`."
            )
    return listed
