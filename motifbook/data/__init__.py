"""The one door for FASTA, BED, tables and AnnData."""
