"""The trained scrambler and what it says of sequences."""
