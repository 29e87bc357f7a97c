"""``annotate --webcam``: live sources in actors, a page to watch them, results at the end."""
