"""The networks: each takes one grey face and gives the logits of both heads."""
