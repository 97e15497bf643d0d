"""Everything of an analysis in one folder."""

from __future__ import annotations

import os
from pathlib import Path

from motifbook import _check, train
from motifbook.data import store
from motifbook.motif.files import write_motif_file
from motifbook.report.analysis import Analysis
from motifbook.report.page import page
from motifbook.report.pictures import pictures
from motifbook.report.tables import named_motifs, tables


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
    tables/*.csv, figures/*.svg, model.motifbook and book.h5ad. Existing files of these names are
    replaced.
    """
    folder = make_folder(out)
    drawn = pictures(analysis)
    made = {name: table for name, table in tables(analysis).items() if len(table.columns)}
    for name, table in made.items():
        target = folder / "tables" / f"{name}.csv"
        target.parent.mkdir(exist_ok=True)
        table.to_csv(target, index=False)
    for name, svg in drawn.items():
        target = folder / "figures" / f"{name}.svg"
        target.parent.mkdir(exist_ok=True)
        target.write_text(svg, encoding="utf-8")
    if analysis.cards:
        write_motif_file(named_motifs(analysis), folder / "motifs.meme")
    if analysis.designed.designs is not None:
        (folder / "designs.fa").write_text(analysis.designed.fasta(), encoding="utf-8")
    train.save(analysis.model, folder / "model.motifbook")
    store.write(analysis.adata, folder / "book.h5ad")
    return write_page(analysis, drawn, folder / "report.html")


def write_page(analysis: Analysis, drawn: dict[str, str], out: str | os.PathLike[str]) -> Path:
    """Write the page, replacing an older one in one move."""
    with _check.new_file(out) as part:
        part.write_text(page(analysis, drawn), encoding="utf-8")
    return Path(out).expanduser()
