"""Explorers: controls here, drawing in `plot`."""

from motifbook.widgets.design_explorer import DesignExplorer
from motifbook.widgets.filter_explorer import FilterExplorer
from motifbook.widgets.formula_explorer import FormulaExplorer
from motifbook.widgets.position_explorer import PositionExplorer
from motifbook.widgets.scrambler_training import ScramblerTraining
from motifbook.widgets.sequence_editor import SequenceEditor
from motifbook.widgets.syntax_explorer import SyntaxExplorer
from motifbook.widgets.tests_explorer import TestExplorer

__all__ = [
    "DesignExplorer",
    "FilterExplorer",
    "FormulaExplorer",
    "PositionExplorer",
    "ScramblerTraining",
    "SequenceEditor",
    "SyntaxExplorer",
    "TestExplorer",
]
