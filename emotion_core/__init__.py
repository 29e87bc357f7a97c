"""Faces and their apparent emotions in pictures and videos: media, faces, emotions, timelines."""

__version__ = "0.1.0"
