"""Everything of an analysis in one folder, and nothing of an older one."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pandas as pd

from motifbook import _check, train
from motifbook.data import store
from motifbook.motif.files import write_motif_file
from motifbook.report.analysis import Analysis
from motifbook.report.page import page
from motifbook.report.pictures import pictures
from motifbook.report.tables import named_motifs, tables

MANIFEST = "report-files.csv"
PLACES = (".", "tables", "figures")


def make_folder(out: str | os.PathLike[str]) -> Path:
    """Make the folder `out`, so that a wrong name is told before the work begins.

    Raises
    ------
    InputError
        If there is a file of that name, or the folder cannot be made.
    """
    way_out = "expected the name of a new or existing folder. Name another one."
    return _check.make_folder(out, "out", way_out)


def write_folder(analysis: Analysis, out: str | os.PathLike[str]) -> Path:
    """Write the page, motifs, tables, figures, network and data; return the page's path.

    Files: report.html, motifs.meme (if motifs are used), designs.fa (if there are new sequences),
    tables/*.csv, figures/*.svg, model.motifbook, book.h5ad, and report-files.csv, which lists them
    with their checksums. Existing files of these names are replaced. What an earlier report wrote
    and this one does not is removed if it is still as that report left it; other files stay.

    Raises
    ------
    InputError
        If the folder cannot be written. Then the files of an earlier report are still whole.
    """
    folder = make_folder(out)
    try:
        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as part:
            _write(analysis, Path(part))
            _replace(Path(part), folder)
    except OSError as error:
        raise _check.InputError(
            f"{folder} cannot be written ({error.strerror or error}). Name a folder where you may "
            "write and that has room."
        ) from None
    return folder / "report.html"


def _write(analysis: Analysis, folder: Path) -> None:
    """Write all files into an empty folder."""
    drawn = pictures(analysis)
    for place in PLACES:
        (folder / place).mkdir(exist_ok=True)
    for name, table in tables(analysis).items():
        if len(table.columns):
            table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    for name, svg in drawn.items():
        (folder / "figures" / f"{name}.svg").write_text(svg, encoding="utf-8")
    if analysis.cards:
        write_motif_file(named_motifs(analysis), folder / "motifs.meme")
    if analysis.designed.designs is not None:
        (folder / "designs.fa").write_text(analysis.designed.fasta(), encoding="utf-8")
    train.save(analysis.model, folder / "model.motifbook")
    store.write(analysis.adata, folder / "book.h5ad")
    write_page(analysis, drawn, folder / "report.html")


def _replace(part: Path, folder: Path) -> None:
    """Move complete files from `part` into `folder`, and remove what only an older report wrote."""
    made = sorted(path for place in PLACES for path in (part / place).iterdir() if path.is_file())
    listed = pd.DataFrame(
        [(path.relative_to(part).as_posix(), _checksum(path)) for path in made],
        columns=["file", "sha256"],
    )
    before = _listed(folder / MANIFEST)
    for place in sorted({Path(name).parent for name in listed["file"]}):
        (folder / place).mkdir(exist_ok=True)  # before any file is moved
    for name in listed["file"]:
        (part / name).replace(folder / name)
    for name in before.index.difference(list(listed["file"])):
        _remove(folder, name, before[name])
    listed.to_csv(part / MANIFEST, index=False)
    (part / MANIFEST).replace(folder / MANIFEST)


def _listed(manifest: Path) -> pd.Series:
    """Checksums of the files of an earlier report, by name; none where there is no such list."""
    try:
        table = pd.read_csv(manifest, dtype=str, keep_default_na=False)
        return table.drop_duplicates("file").set_index("file")["sha256"]
    except (OSError, ValueError, KeyError):
        return pd.Series(dtype=str)


def _remove(folder: Path, name: str, checksum: str) -> None:
    """Remove a file of an earlier report, unless somebody changed it since."""
    path = folder / name
    is_ours = Path(name).parent.as_posix() in PLACES and path.is_file() and not path.is_symlink()
    if is_ours and _checksum(path) == checksum:
        path.unlink()


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def write_page(analysis: Analysis, drawn: dict[str, str], out: str | os.PathLike[str]) -> Path:
    """Write the page, replacing an older one in one move."""
    with _check.new_file(out) as part:
        part.write_text(page(analysis, drawn), encoding="utf-8")
    return Path(out).expanduser()
