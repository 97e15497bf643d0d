"""motifbook: which DNA motifs drive your measurements, how sure you can be, and the figure.

Every public name is loaded on first use, so that `import motifbook` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "about": "about",
    "examples": "data.examples:examples",
    "plot": "plot",
    "widgets": "widgets",
    "models": "models",
    # data
    "read": "data.store:read",
    "write": "data.store:write",
    "read_fasta": "data.fasta:read_fasta",
    "read_table": "data.table:read_table",
    "read_bed": "data.bed:read_bed",
    "simulate": "data.simulate:simulate",
    "split": "data.split:split",
    # motifs
    "Motif": "motif.matrix:Motif",
    "read_motif_file": "motif.files:read_motif_file",
    "write_motif_file": "motif.files:write_motif_file",
    "database": "motif.database",
    "cluster_motifs": "motif.cluster:cluster_motifs",
    "InputError": "_check:InputError",
    # networks
    "MotifSyntaxNet": "models:MotifSyntaxNet",
    "CNN": "models:CNN",
    "fit": "train:fit",
    "predict": "train:predict",
    "evaluate": "train:evaluate",
    "save": "train:save",
    "load": "train:load",
    # what the network learned
    "read_motifs": "discover.filters:read_motifs",
    "identify": "discover.identify:identify",
    "scan": "discover.identify:scan",
    "report": "report:report",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"motifbook has no {name!r}; see dir(motifbook) for its public names.")
    module, _, attribute = _HOMES[name].partition(":")
    found: Any = importlib.import_module(f"motifbook.{module}")
    if attribute:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    pass
