"""The one door for what a laboratory has, and all that is known of it without a network.

* `text`: FASTA, FASTQ, tables, labels, SELEX cycles; negatives by shuffling
* `genomes`: BED, genomes, bigWig; negatives of the same genome
* `splits`: which sequences train and which judge; copies, relatives, leakage
* `quality`: what a biologist should know before training (`mb.check`)
* `simulation`: sequences with a known truth
* `examples`: packaged and public data
* `schema`, `store`, `pack`, `letters_file`: the AnnData itself, in memory and in a file
* `hits`, `places`, `export`, `tracks`: motifs in sequences, and their places in a genome
* `enrichment`, `association`, `positions`: known motifs against readouts
* `words`, `show`: results in sentences and small tables
"""
