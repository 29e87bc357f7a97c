"""Which parts of a face raise a score."""
