"""Timelines: schema, rows, tables over a run."""
