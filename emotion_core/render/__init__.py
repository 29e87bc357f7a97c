"""Annotated copies: drawing on planes, encoding in segments, joining them with the sound."""
