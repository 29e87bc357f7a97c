"""Measurements: `benchmarks.run` makes one file of figures, `benchmarks.page` a page of it."""
