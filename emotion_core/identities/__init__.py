"""Which faces of a run belong to the same person."""
