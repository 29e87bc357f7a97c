"""Media: pictures and videos in, annotated copies out."""
