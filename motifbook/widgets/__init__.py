"""Explorers: controls here, drawing in `plot`."""

from motifbook.widgets.filter_explorer import FilterExplorer

__all__ = ["FilterExplorer"]
