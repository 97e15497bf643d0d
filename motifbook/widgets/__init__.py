"""Explorers: controls here, drawing in plot."""
