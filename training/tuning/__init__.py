"""A search for settings of the notebook's tuned network."""
