"""Every key that motifbook uses in an AnnData: name, shape, type, meaning.

rows (`obs`) are sequences, columns (`var`) are readouts, `X` holds measured values.
"""

from __future__ import annotations

# obs: one value per sequence
SEQUENCE = "sequence"  # str, the letters as given, upper case
SPLIT = "split"  # "train", "validation" or "test"
CHROM, START, END, STRAND = "chrom", "start", "end", "strand"  # 0-based, half-open; + or -

# obsm: one row of numbers per sequence
LETTERS = "letters"  # (n, length) uint8 codes, instead of obs["sequence"] for large sets
ATTRIBUTION = "attribution:{method}:{readout}"  # (n, n_letters, length) float32, readout units

# var: one value per readout
KIND = "kind"  # "binary" or "continuous"

# layers
PREDICTION = "prediction"  # (n, n_readouts), on the scale of the measurement

# uns: tables and plain dictionaries
ALPHABET = "alphabet"  # "DNA", "RNA" or "protein"
DONE = "done"  # list of sentences: what reading did with the user's data
TRUTH = "truth"  # simulated data: "motifs" name -> ppm, "sites" table, "effects" table
MOTIFS = "motifs"  # name -> {"ppm", "background", "n_sites", "info"}
HITS = "hits"  # the hits table
PROVENANCE = "provenance"  # versions, seeds, data hash

HIT_COLUMNS = ("sequence", "start", "end", "strand", "motif", "score", "p_value")
SITE_COLUMNS = ("sequence", "start", "end", "strand")

SPLITS = ("train", "validation", "test")
