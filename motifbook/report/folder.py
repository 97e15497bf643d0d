"""Everything of an analysis in one folder, and nothing of an older one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from motifbook import _check, train
from motifbook.data import store
from motifbook.motif.files import write_motif_file
from motifbook.report.analysis import Analysis
from motifbook.report.page import page
from motifbook.report.pictures import pictures
from motifbook.report.predictors import Settings
from motifbook.report.tables import named_motifs, tables

MANIFEST = "report-files.csv"
PLACES = (".", "tables", "figures")
TRAININGS = ".training"  # a folder in the folder of a report, until that is written
_OF_A_MOTIF = "logo|aligned|weights|known|positions|response|example"
_NAMES = re.compile(  # of the files that a report may write, but for the list of them
    r"report\.html|motifs\.meme|designs\.fa|model\.motifbook|book\.h5ad|tables/"
    r"(motifs|known_motifs|enrichment|evaluation|sites|positions|instances|syntax|formula|designs"
    r"|effects_(taken_out|alone|pairs)|edits|responses|history|data|check)\.csv|figures/"
    rf"(({_OF_A_MOTIF})_motif_\d+(_\d+)?|use|syntax|formula|formula_map|designs|history"
    r"|(roc|agreement)_\d+)\.svg"
)

Checksums = dict[str, set[str]]


def make_folder(out: str | os.PathLike[str]) -> Path:
    """Make the folder `out`, so that a wrong name is told before the work begins.

    Raises
    ------
    InputError
        If there is a file of that name, the folder cannot be made, or it holds files of yours
        that a report would replace.
    """
    folder = _folder(out)
    try:
        found = (f"{place}/{path.name}" for place in PLACES for path in _inside(folder / place))
        names = [name.removeprefix("./") for name in found]
        _refuse_to_replace(folder, [name for name in names if _NAMES.fullmatch(name)])
    except OSError as error:
        raise _cannot(folder, error) from None
    return folder


def _folder(out: str | os.PathLike[str]) -> Path:
    way_out = "expected the name of a new or existing folder. Name another one."
    return _check.make_folder(out, "out", way_out)


def keeping(settings: Settings, folder: Path) -> Settings:
    """The same settings, and trainings are kept in `folder` until its report is written."""
    return replace(settings, keep=folder / TRAININGS)


def write_folder(analysis: Analysis, out: str | os.PathLike[str]) -> Path:
    """Write the page, motifs, tables, figures, network and data; return the page's path.

    Files: report.html, motifs.meme (if motifs are used), designs.fa (if there are new sequences),
    tables/*.csv, figures/*.svg, model.motifbook, book.h5ad, and report-files.csv, which lists them
    with their checksums. Files of these names are replaced if they are as an earlier report left
    them. What that wrote and this one does not is removed, again unless it was changed; other
    files stay. The page is moved to its place last.

    Raises
    ------
    InputError
        If the folder cannot be written, or holds files of yours under these names. Then the files
        of an earlier report are still whole.
    """
    folder = _folder(out)
    try:
        with _check.part_folder(folder, "report") as part:
            _write(analysis, part)
            _replace(part, folder)
        shutil.rmtree(folder / TRAININGS, ignore_errors=True)
    except OSError as error:
        if isinstance(error, _check.InputError):
            raise
        raise _cannot(folder, error) from None
    return folder / "report.html"


def _cannot(folder: Path, error: OSError) -> _check.InputError:
    way_out = "Name a folder where you may write and that has room."
    return _check.cannot_write(folder, error, way_out)


def _inside(folder: Path) -> Iterable[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else ()


def _refuse_to_replace(folder: Path, names: Iterable[str]) -> None:
    """Refuse unless each file is absent or as an earlier report left it."""
    before = _listed(folder / MANIFEST)
    own = [n for n in names if os.path.lexists(folder / n) and not _is_left(folder, n, before)]
    if own:
        words = [f"{name} (changed since)" if name in before else name for name in own]
        listed = ", ".join(words[:4]) + (f" and {len(own) - 4} more" if len(own) > 4 else "")
        raise _check.InputError(
            f"{folder} holds files that a report would replace and that no report wrote as they "
            f"are: {listed}. Expected a folder without them. Name another one for `out`, or move "
            "them away."
        )


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
    made = [path for place in PLACES for path in _inside(part / place) if path.is_file()]
    now = {path.relative_to(part).as_posix(): {_checksum(path)} for path in made}
    _refuse_to_replace(folder, now)
    before = _listed(folder / MANIFEST)
    for place in sorted({Path(name).parent for name in now}):
        (folder / place).mkdir(exist_ok=True)  # before any file is moved
    names = sorted(now.keys() | before.keys())
    both = {name: now.get(name, set()) | before.get(name, set()) for name in names}
    _list(both, folder)  # if this is stopped half way, the next report still knows them all
    for name in sorted(now, key=lambda name: (name.endswith(".html"), name)):
        (part / name).replace(folder / name)
    for name in sorted(before.keys() - now.keys()):
        if _is_left(folder, name, before):
            (folder / name).unlink()
    _list(now, folder)


def _list(files: Checksums, folder: Path) -> None:
    rows = [(name, checksum) for name in sorted(files) for checksum in sorted(files[name])]
    with _check.new_file(folder / MANIFEST) as part:
        pd.DataFrame(rows, columns=["file", "sha256"]).to_csv(part, index=False)


def _listed(manifest: Path) -> Checksums:
    """Checksums of the files of earlier reports, by name; none where there is no such list."""
    try:
        table = pd.read_csv(manifest, dtype=str, keep_default_na=False)
        return {str(name): set(rows) for name, rows in table.groupby("file")["sha256"]}
    except (OSError, ValueError, KeyError):
        return {}


def _is_left(folder: Path, name: str, before: Checksums) -> bool:
    """Whether a file is as an earlier report left it."""
    path = folder / name
    is_ours = Path(name).parent.as_posix() in PLACES and path.is_file() and not path.is_symlink()
    return is_ours and _checksum(path) in before.get(name, ())


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
