"""The motif instances that a network sees in each sequence."""
