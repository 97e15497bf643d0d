"""One self-contained page on a whole analysis: which motifs, how sure, where they lie."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from motifbook import _check
from motifbook.models import Network
from motifbook.motif.matrix import Motif
from motifbook.report.analysis import Analysis, analyze
from motifbook.report.designed import N_DESIGNS
from motifbook.report.folder import TRAININGS, keeping, make_folder, write_folder, write_page
from motifbook.report.pictures import pictures
from motifbook.report.predictors import BASELINES, Settings
from motifbook.report.prepare import KNOWN

if TYPE_CHECKING:
    from anndata import AnnData

    from motifbook.design.designs import Designs

__all__ = ["Analysis", "Settings", "analyze", "keeping", "make_folder", "report", "write_folder"]


def report(
    adata: AnnData,
    model: Network | None = None,
    *,
    out: str | os.PathLike[str] = "report.html",
    known: str | os.PathLike[str] | Sequence[Motif] | None = KNOWN,
    baselines: Sequence[str] = BASELINES,
    designs: Designs | int = N_DESIGNS,
    seed: int | None = None,
    device: str = "auto",
    batch_size: int = 128,
    progress: bool = True,
) -> Path:
    """Write one web page on the motifs in `adata`: it opens offline and can be sent by mail.

    On the page, in this order:

    * a verdict in plain sentences: what matters most, whether the network is good enough to be
      interpreted, whether it is better than plain networks and than the best single known motif
      (by the 95 % interval of the difference on the same rows), and a caution where it is not;
    * the data check (`mb.check`);
    * a card per motif: logos of its sites, of the filter's weights and of the known motif it is
      like; share of sequences that hold it; p-value on rows that did not find it, or "not tested"
      and why (of near copies one of each family tests); use; effect when it is put in and taken
      out; its coefficient in the formula; where its sites lie; two sequences with what each letter
      adds;
    * motifs that work together (`mb.read_syntax`), the linear formula (`mb.fit_formula`), known
      motifs without a network (`mb.enrichment`), scores of all predictors with intervals;
    * new sequences, each edit in words (`mb.design`);
    * what was done with the data, unused filters, a methods text with numbers, versions and seeds,
      and what to cite;
    * all of it as files inside the page: MEME, FASTA, CSV and SVG.

    The page needs no network connection and runs no script, stays below 5 MB, prints on A4, and
    can be read with a keyboard and a screen reader.

    Parameters
    ----------
    adata
        Sequences with at least one readout; not changed. Without `obs["split"]` one is made.
    model
        A trained network that reads motifs; by default a `MotifSyntaxNet` is trained.
    out
        File to write. While it is made, the networks that are trained are kept in a hidden folder
        beside it if there is a `seed`: after an interruption the same line goes on from there.
    known
        Known motifs that give names: a packaged collection (`mb.database.names()`), a motif file,
        motifs, or None for none.
    baselines
        What the network is compared with: "cnn" (32 filters of 17 letters), "strong" (a larger
        one), "known" (the best single known motif). Each network among them is trained here.
    designs
        New sequences to show, from `mb.design`; or how many to write here (0: none): the first
        readout that the network predicts well is made as high as it gets by changing at most 24
        letters of random sequences, which takes about a second. None are written with a network
        that should not be followed.
    seed
        Of split, training and all draws.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    InputError
        If there are no readouts or too few sequences, or a name is unknown.
    """
    page = _check.file_to_write(out)  # a wrong name is told before the work
    kept = page.with_name(f"{TRAININGS}-{page.name}")
    if kept.is_dir() and seed is not None:
        warnings.warn(
            "An earlier report of this name was stopped: where data, seed and settings are the "
            f"same, it goes on with the trainings that are kept in {kept}.",
            stacklevel=2,
        )
    settings = Settings(seed, device, batch_size, progress, keep=kept)
    analysis = analyze(
        adata, model, known=known, baselines=baselines, designs=designs, settings=settings
    )
    write_page(analysis, pictures(analysis), page)
    shutil.rmtree(kept, ignore_errors=True)
    return page
