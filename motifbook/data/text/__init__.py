"""Sequences and measured values from files of text: FASTA, FASTQ, tables."""
