"""Making the voice counter: scenes with known voices, a small network, its training."""
