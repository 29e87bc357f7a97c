"""Figures of a bundle."""
