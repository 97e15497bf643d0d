"""Figures: values in, matplotlib Axes or SVG out. Nothing here saves but `save`."""

from motifbook.plot.logo import gallery_svg, logo, logo_svg

__all__ = ["gallery_svg", "logo", "logo_svg"]
