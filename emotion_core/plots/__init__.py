"""Figures of finished timelines."""
