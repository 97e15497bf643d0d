"""Networks: (n, n_letters, length) -> (n, n_readouts); torch and nothing else."""
