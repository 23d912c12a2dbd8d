"""Training of the separators: speech, mixtures, the loop, the figures."""
