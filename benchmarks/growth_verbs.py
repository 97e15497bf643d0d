"""What `benchmarks/growth.py` measures: each verb of the package as a function of a size.

A verb is a function of a `Size` that makes everything ready and returns the work to be measured.
Half of all sequences hold a planted TGACTCA.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

import motifbook as mb
from motifbook.motif.seeds import find_seeds
from motifbook.onehot import decode, shuffle
from motifbook.significance.shelf import MOST_VALUES

PLANTED = [3, 2, 0, 1, 3, 1, 0]  # TGACTCA
N_STEPS = 10  # of training, where a fixed number is asked for
BLOCK = 20_000  # rows simulated at once


@dataclass(frozen=True)
class Size:
    """How much a verb gets: sequences, letters of each, motifs; and where its files are."""

    n: int
    length: int
    motifs: int
    folder: Path


Work = Callable[[], Any]


@dataclass(frozen=True)
class Verb:
    """A line of the table.

    Parameters
    ----------
    title
        As the table calls it.
    make
        From a size to the work that is measured.
    axes
        What it is a function of: "n", "length", "motifs".
    fixed
        Sequences where length or motifs grow.
    instead
        What to call where it is out of reach.
    why
        The reason, where it grows faster than the number of sequences.
    most
        Sequences that it takes; it refuses more. 0: no limit.
    """

    title: str
    make: Callable[[Size], Work]
    axes: tuple[str, ...] = ("n", "length")
    fixed: int = 2000
    instead: str = ""
    why: str = ""
    most: int = 0


def simulated(n: int, length: int, seed: int = 0) -> ad.AnnData:
    """Random letters and whether TGACTCA was planted, in a book with a split."""
    rng = np.random.default_rng(seed)
    bound = rng.random(n) < 0.5
    letters = np.empty((n, length), dtype=np.uint8)
    for first in range(0, n, BLOCK):
        block = letters[first : first + BLOCK]
        block[:] = rng.integers(0, 4, block.shape, dtype=np.uint8)
        rows = np.flatnonzero(bound[first : first + BLOCK])
        starts = rng.integers(0, length - len(PLANTED) + 1, len(rows))
        block[rows[:, None], starts[:, None] + np.arange(len(PLANTED))] = PLANTED
    parts = rng.choice(["train", "validation", "test"], n, p=[0.8, 0.1, 0.1])
    return ad.AnnData(
        X=bound.astype(np.float32)[:, None],
        obs=pd.DataFrame({"split": parts}, index=[f"s{row}" for row in range(n)]),
        var=pd.DataFrame(index=["bound"]),
        obsm={"letters": letters},
        uns={"alphabet": "DNA"},
    )


def random_motifs(n: int, seed: int = 0) -> list[mb.Motif]:
    """Motifs of 8 to 14 letters, as clear as those of a data base; the first is TGACTCA."""
    rng = np.random.default_rng(seed)
    ppms = [rng.dirichlet([0.25] * 4, rng.integers(8, 15)).T for _ in range(n - 1)]
    others = [mb.Motif(f"m{number}", ppm) for number, ppm in enumerate(ppms)]
    return [mb.Motif.from_sites("AP-1", ["TGACTCA"]), *others]


def train_network(folder: Path, adata: ad.AnnData, n_steps: int = 150) -> None:
    """The network that later verbs read, kept in `folder`."""
    model = mb.MotifSyntaxNet(1)
    options = mb.FitOptions(n_steps=n_steps)
    mb.fit(model, adata, seed=0, progress=False, options=options)
    mb.save(model, folder / "net.motifbook")


def _network(size: Size) -> Any:
    return mb.load(size.folder / "net.motifbook")


def _book(size: Size) -> ad.AnnData:
    return simulated(size.n, size.length)


def _on_book(verb: Callable[..., Any], **settings: Any) -> Callable[[Size], Work]:
    """A verb of `adata` alone."""

    def make(size: Size) -> Work:
        adata = _book(size)
        return lambda: verb(adata, **settings)

    return make


def _on_network(verb: Callable[..., Any], **settings: Any) -> Callable[[Size], Work]:
    """A verb of a network and `adata`."""

    def make(size: Size) -> Work:
        model, adata = _network(size), _book(size)
        return lambda: verb(model, adata, **settings)

    return make


def _with_motifs(verb: Callable[..., Any], **settings: Any) -> Callable[[Size], Work]:
    """A verb of motifs and `adata`."""

    def make(size: Size) -> Work:
        motifs, adata = random_motifs(size.motifs), _book(size)
        return lambda: verb(motifs, adata, **settings)

    return make


def _read_fasta(size: Size) -> Work:
    path = size.folder / f"read_{size.n}_{size.length}.fa"
    with path.open("w") as file:
        for first in range(0, size.n, BLOCK):
            block = simulated(min(BLOCK, size.n - first), size.length, seed=first)
            for row, letters in enumerate(decode(block.obsm["letters"])):
                file.write(f">s{first + row}\n{letters}\n")

    return lambda: mb.read_fasta(path)


def _write(size: Size) -> Work:
    adata, path = _book(size), size.folder / f"write_{size.n}_{size.length}.h5ad"

    return lambda: mb.write(adata, path)


def _read(size: Size) -> Work:
    path = size.folder / f"read_{size.n}_{size.length}.h5ad"
    mb.write(_book(size), path)

    return lambda: mb.read(path, backed=True)


def _shuffle(size: Size) -> Work:
    letters = _book(size).obsm["letters"]
    return lambda: shuffle(letters, seed=0)


def _find_seeds(size: Size) -> Work:
    adata = _book(size)
    return lambda: find_seeds(adata.obsm["letters"], adata.X, seed=0)


def _fit(size: Size) -> Work:
    model, adata = mb.MotifSyntaxNet(1), _book(size)
    options = mb.FitOptions(n_steps=N_STEPS)
    return lambda: mb.fit(model, adata, seed=0, progress=False, options=options)


def _stream_hits(size: Size) -> Work:
    motifs, adata = random_motifs(size.motifs), _book(size)
    out = size.folder / f"hits_{size.n}_{size.length}_{size.motifs}.zarr"
    return lambda: mb.stream_hits(motifs, adata, out, progress=False)


def _stream_attribution(size: Size) -> Work:
    model, adata = _network(size), _book(size)
    out = size.folder / f"attribution_{size.n}_{size.length}.zarr"
    settings: Any = {"method": "gradient", "seed": 0, "progress": False}
    return lambda: mb.stream_attribution(model, adata, out, **settings)


def _scrambler(size: Size) -> mb.ScramblerOptions:
    return mb.ScramblerOptions(n_steps=N_STEPS)


def _fit_scrambler(size: Size) -> Work:
    model, adata = _network(size), _book(size)
    settings: Any = {"bits": 0.2, "seed": 0, "progress": False, "options": _scrambler(size)}
    return lambda: mb.fit_scrambler(model, adata, **settings)


def _read_scrambler(size: Size) -> Work:
    model, adata = _network(size), _book(size)
    settings: Any = {"bits": 0.2, "seed": 0, "progress": False, "options": _scrambler(size)}
    scrambler = mb.fit_scrambler(model, simulated(500, size.length, seed=1), **settings)
    return lambda: scrambler.importance(adata)


def _score_variants(size: Size) -> Work:
    rng = np.random.default_rng(0)
    letters = _book(size).obsm["letters"]
    other = letters.copy()
    other[:, size.length // 2] = (other[:, size.length // 2] + rng.integers(1, 4, size.n)) % 4
    table = pd.DataFrame({"reference": decode(letters), "alternative": decode(other)})
    model, adata = _network(size), simulated(500, size.length, seed=1)
    return lambda: mb.score_variants(model, table, adata=adata)


def _design(size: Size) -> Work:
    model, adata = _network(size), _book(size)
    return lambda: mb.design(model, n=2, start=adata, seed=0)


def _report(size: Size) -> Work:
    model, adata = _network(size), _book(size)
    out = size.folder / f"report_{size.n}_{size.length}.html"
    return lambda: mb.report(adata, model, out=out, baselines=(), designs=0, seed=0, progress=False)


def _identify(size: Size) -> Work:
    motifs, targets = random_motifs(20), random_motifs(size.motifs, seed=1)
    return lambda: mb.identify(motifs, targets)


def _identify_many(size: Size) -> Work:
    motifs, targets = random_motifs(size.motifs), random_motifs(1000, seed=1)
    return lambda: mb.identify(motifs, targets)


def _cluster(size: Size) -> Work:
    motifs = random_motifs(size.motifs)
    return lambda: mb.cluster_motifs(motifs)


def _write_motifs(size: Size) -> Work:
    motifs, path = random_motifs(size.motifs), size.folder / f"write_{size.motifs}.meme"
    return lambda: mb.write_motif_file(motifs, path)


def _read_motif_file(size: Size) -> Work:
    path = size.folder / f"read_{size.motifs}.meme"
    mb.write_motif_file(random_motifs(size.motifs), path)
    return lambda: mb.read_motif_file(path)


def _test_given(size: Size) -> Work:
    motifs, adata = random_motifs(size.motifs), _book(size)
    return lambda: mb.test_motifs(adata, motifs, rows="test", seed=0)


def _fit_formula(size: Size) -> Work:
    adata, options = _book(size), mb.FormulaOptions(baselines=False)
    return lambda: mb.fit_formula(adata, options=options, seed=0, progress=False)


_ALL = ("n", "length", "motifs")
VERBS: dict[str, Verb] = {
    "read_fasta": Verb("read_fasta", _read_fasta, fixed=20_000),
    "write": Verb("write", _write, fixed=20_000),
    "read": Verb("read, letters on disk", _read, fixed=20_000),
    "check": Verb("check", _on_book(mb.check), fixed=5000),
    "leakage": Verb("leakage", _on_book(mb.leakage), fixed=5000),
    "split": Verb("split, at random", _on_book(mb.split, seed=0), fixed=20_000),
    "similarity": Verb(
        "split, by similarity",
        _on_book(mb.split, by="similarity", seed=0),
        why="every stretch is sorted up to 100,000 sequences of 200 letters, then a sample of them",
    ),
    "shuffle": Verb("shuffles", _shuffle),
    "scan": Verb("scan", _with_motifs(mb.scan), _ALL, instead="stream_hits"),
    "stream_hits": Verb("stream_hits", _stream_hits, _ALL),
    "enrichment": Verb("enrichment", _with_motifs(mb.enrichment), _ALL),
    "find_seeds": Verb("find_seeds (warm start)", _find_seeds),
    "fit": Verb(f"fit, {N_STEPS} batches", _fit, fixed=500),
    "predict": Verb("predict", _on_network(mb.predict), fixed=1000),
    "evaluate": Verb("evaluate, the test tenth", _on_network(mb.evaluate), fixed=1000),
    "read_motifs": Verb("read_motifs", _on_network(mb.read_motifs), fixed=500),
    "call_instances": Verb("call_instances", _on_network(mb.call_instances), fixed=500),
    "read_syntax": Verb("read_syntax", _on_network(mb.read_syntax), fixed=500),
    "gradient": Verb(
        "attribute, gradient",
        _on_network(mb.attribute, method="gradient", seed=0),
        fixed=500,
        instead="stream_attribution",
    ),
    "mutagenesis": Verb(
        "attribute, mutagenesis",
        _on_network(mb.attribute, method="mutagenesis", seed=0),
        fixed=10,
        instead="stream_attribution",
    ),
    "stream_attribution": Verb("stream_attribution, gradient", _stream_attribution, fixed=500),
    "fit_scrambler": Verb(f"fit_scrambler, {N_STEPS} batches", _fit_scrambler, fixed=200),
    "scrambler": Verb(
        "scrambler.importance", _read_scrambler, fixed=200, instead="stream_attribution"
    ),
    "fit_formula": Verb("fit_formula, without baselines", _fit_formula, fixed=500),
    "test_motifs": Verb(
        "test_motifs, found and tested",
        _on_book(mb.test_motifs, seed=0),
        instead="`rows=` of fewer, or motifs of a network, tested on its test rows",
        most=MOST_VALUES // 4**6,
    ),
    "test_given": Verb("test_motifs, given motifs", _test_given, _ALL),
    "score_variants": Verb("score_variants", _score_variants, fixed=200),
    "design": Verb("design, 2 from random rows", _design, fixed=100),
    "report": Verb("report, without baselines, designs", _report, ("n",)),
    "identify": Verb("identify, 20 motifs among m", _identify, ("motifs",)),
    "identify_many": Verb("identify, m motifs among 1,000", _identify_many, ("motifs",)),
    "cluster_motifs": Verb("cluster_motifs", _cluster, ("motifs",)),
    "write_motif_file": Verb("write_motif_file", _write_motifs, ("motifs",)),
    "read_motif_file": Verb("read_motif_file", _read_motif_file, ("motifs",)),
}
