"""The eight explorers as one small notebook shows them to a browser, in the order of the app."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = """
import motifbook as mb

adata = mb.simulate(n=300, length=100, rule="single", seed=0)
model = mb.MotifSyntaxNet(n_readouts=1, n_filters=6, width=15)
_ = mb.fit(model, adata, seed=0, progress=False, options=mb.FitOptions(n_steps=60))
motifs = [motif.renamed("SPI1") for motif in mb.read_motifs(model, adata)[:1]]
"""
VIEW = """
from types import SimpleNamespace
import numpy as np

rng = np.random.default_rng(0)
n, n_filters, length, width = 40, 6, 100, 8
activation = np.maximum(rng.normal(-1, 1, (n, n_filters, length - width + 1)), 0)
columns = [rng.dirichlet(np.full(4, 0.2), width).T for _ in range(n_filters)]
view = SimpleNamespace(
    motifs=[mb.Motif(f"filter_{f}", one) for f, one in enumerate(columns)],
    activation=activation.astype(np.float32),
    strand=np.ones(activation.shape, np.int8),
    letters=rng.integers(0, 4, (n, length)).astype(np.uint8),
    names=[f"peak {i}" for i in range(n)],
)
"""
FORMULA = """
readings = mb.simulate(n=900, length=80, rule="additive", seed=0)
known = [mb.database.motif(name) for name in ("MA0080.7", "MA0489.3")]
plain = mb.FormulaOptions(baselines=False, interactions=False)
formula = mb.fit_formula(readings, motifs=known, options=plain, seed=0, progress=False)
"""
DESIGNS = """
greedy = mb.DesignOptions(motifs=motifs, n_steps=8)
designs = mb.design(model, n=2, method="greedy", options=greedy, seed=0)
"""


@dataclass(frozen=True)
class Scene:
    """An explorer of the notebook.

    Parameters
    ----------
    data
        Lines that make what it shows.
    shows
        The expression that is the explorer.
    slider
        Words beside its main slider; "" where it has none.
    key
        That changes the slider.
    said
        Part of the sentence below its picture, once it is open.
    then
        Words of the picture, or below it, once the key was pressed.
    mistake
        A control that takes text, and what is wrong in it; most explorers have none.
    complaint
        What the status line says then; else, that nothing can be saved.
    """

    data: str
    shows: str
    slider: str
    key: str = "ArrowRight"
    said: str = ""
    then: tuple[str, ...] = ()
    mistake: tuple[str, str] = ("", "")
    complaint: str = "The folder results cannot be made (File exists); work in a folder where"

    @property
    def cell(self) -> str:
        """Its cell."""
        return f"{self.data}\n{self.shows}"


SCENES = {
    "filters": Scene(
        VIEW,
        "mb.widgets.FilterExplorer.from_view(view)",
        "filter",
        said="Filter 0:",
        then=("Filter 1:", "filter_1"),
        mistake=("positions, from", "100"),
        complaint="`window` is (100, 100); expected first < end within 0 to 100.",
    ),
    "syntax": Scene(
        "syntax = mb.read_syntax(model, adata, motifs=motifs, n_backgrounds=8)",
        "mb.widgets.SyntaxExplorer(model, syntax)",
        "gap",
        said="letters between: prediction",
    ),
    "positions": Scene(
        "",
        "mb.widgets.PositionExplorer(model, adata, motifs=motifs)",
        "sequence",
        said="Instances in the window:",
        mistake=("change", "nonsense"),
        complaint="'NONSENSE' is no change; expected one such as '12 A>G'",
    ),
    "training": Scene(
        "options = mb.ScramblerOptions(n_steps=60)",
        "mb.widgets.ScramblerTraining(model, adata, bits=0.3, options=options)",
        "look",
        "ArrowLeft",
        said="Run trains for 60 steps.",
    ),
    "formula": Scene(FORMULA, "mb.widgets.FormulaExplorer(formula)", "", said="All terms explain"),
    "tests": Scene(
        'readings = mb.simulate(n=600, length=80, rule="additive", seed=0)\n'
        "tests = mb.test_motifs(readings, seed=0)",
        "mb.widgets.TestExplorer(tests)",
        "step",
        said="for readout0: kept",
        then=("2 of 5",),
    ),
    "designs": Scene(
        DESIGNS, "mb.widgets.DesignExplorer(designs)", "step", "ArrowLeft", said="design_"
    ),
    "editor": Scene(
        "",
        "mb.widgets.SequenceEditor(model, adata[0], motifs=motifs, adata=adata)",
        "",
        said="The start: prediction",
        mistake=("change", "nonsense"),
        complaint="'NONSENSE' is no change; expected one such as '12 A>G'",
    ),
}
CELLS = [NETWORK, *(scene.cell for scene in SCENES.values())]
