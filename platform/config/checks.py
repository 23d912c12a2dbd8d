"""System checks: what would go wrong after going live, said before."""
