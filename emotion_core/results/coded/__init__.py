"""Intervals in the formats of programs that code behaviour and show subtitles."""
