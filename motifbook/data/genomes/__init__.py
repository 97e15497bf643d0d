"""Sequences, signals and negatives from places in a genome."""
