"""The fleet of hall boxes: which settings they follow, and how these are rolled out."""
