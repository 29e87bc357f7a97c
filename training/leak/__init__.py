"""The notebook's mistake, made on purpose."""
