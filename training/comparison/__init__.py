"""Bundles beside each other."""
