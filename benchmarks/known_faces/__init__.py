"""Clips with known faces: who is where in each frame, when, and where the camera cuts."""
