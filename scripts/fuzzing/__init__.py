"""Mutated media through the real reader, to find what crashes, hangs or fails without a word."""
