"""Motifs without networks: the type, files, collections, scanning, comparison, clustering."""
