"""Finished timelines: read, summarised by condition, checked, written as CSV and JSON."""
