"""Cameras and streams: the newest frame analysed, shown and kept, again and again."""
