"""Which motifs work together: read from a network by experiment, or guessed before there is one."""
