"""Which sequences train and which judge, and how related they are."""
