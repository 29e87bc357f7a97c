"""Odd, broken and hostile media, and what `annotate` is expected to make of each."""
