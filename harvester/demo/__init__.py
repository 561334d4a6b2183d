"""A synthetic web on loopback and its ground truth."""
