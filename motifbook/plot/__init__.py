"""Figures: values in, matplotlib Axes or SVG out."""
