"""Emotions: the classifier and what is made of its logits."""
