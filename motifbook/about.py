"""What runs here: versions, device, packaged data. The first line of every notebook."""

from __future__ import annotations

import html
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from motifbook.data.examples.examples import examples
from motifbook.motif import database

LIBRARIES = ("torch", "lightning", "numpy", "pandas", "anndata", "matplotlib", "ipywidgets")


@dataclass(frozen=True, repr=False)
class About:
    """Versions, device and data at hand; shown as a small table.

    Parameters
    ----------
    versions
        Version per library, motifbook and Python first.
    device
        What `device="auto"` means here.
    motifs
        Number of motifs per packaged collection.
    examples
        Per example set, where `mb.examples.load` takes it from: "packaged", "local", "download".
    """

    versions: dict[str, str]
    device: str
    motifs: dict[str, int]
    examples: dict[str, str]

    def rows(self) -> list[tuple[str, str]]:
        """The table: what, and which."""
        own = {name: self.versions[name] for name in ("motifbook", "Python")}
        libraries = [f"{name} {v}" for name, v in self.versions.items() if name not in own]
        motifs = [f"{name} ({n:,})" for name, n in self.motifs.items()]
        examples = [f"{name} ({where})" for name, where in self.examples.items()]
        return [
            *own.items(),
            ("libraries", ", ".join(libraries)),
            ("device", self.device),
            ("known motifs", ", ".join(motifs)),
            ("examples", ", ".join(examples)),
        ]

    def __repr__(self) -> str:
        width = max(len(what) for what, _ in self.rows())
        return "\n".join(f"{what:<{width}}  {which}" for what, which in self.rows())

    def _repr_html_(self) -> str:
        cells = (
            f'<tr><th style="text-align:left">{html.escape(what)}</th>'
            f'<td style="text-align:left">{html.escape(which)}</td></tr>'
            for what, which in self.rows()
        )
        return f"<table>{''.join(cells)}</table>"


def about() -> About:
    """Versions of motifbook and what it stands on, the device it computes on, the data at hand.

    Examples
    --------
    >>> about().motifs["JASPAR2026_vertebrates"]
    1019
    """
    sets = examples()
    return About(
        versions={
            "motifbook": _version("motifbook"),
            "Python": platform.python_version(),
            **{library: _version(library) for library in LIBRARIES},
        },
        device=_device(),
        motifs={name: len(database.collection(name)) for name in database.names()},
        examples=dict(zip(sets["name"], sets["available"])),
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _device() -> str:
    import torch

    from motifbook.train.batches import pick_device, usable_cores

    device = pick_device("auto")
    if device.type == "cuda":
        return f"cuda, {torch.cuda.get_device_name(device)}"
    if device.type == "mps":
        return "mps, the graphics processor of this Mac"
    cores = usable_cores()
    return f"cpu, {cores} {'core' if cores == 1 else 'cores'}"
