"""Faces: detection, the aligned crop, tracks."""
