"""The linear formula: how many sites of which motifs, times what each is worth, make a readout."""
