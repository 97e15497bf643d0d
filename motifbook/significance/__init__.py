"""Is this motif real? Tests that hold although the same data chose the motif."""
