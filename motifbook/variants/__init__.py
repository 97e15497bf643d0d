"""Reference against alternative: what a variant does to readouts and to motif instances."""
