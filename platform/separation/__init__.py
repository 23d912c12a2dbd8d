"""Separators x mixtures = runs; `engine` is the only door to the torch rooms."""
