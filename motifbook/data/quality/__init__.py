"""What a biologist should know about data before training."""
