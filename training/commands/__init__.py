"""The commands of ``emotion-training``, a file each: parse, call the library once, print."""
