"""Standings of separators and how far prediction and listeners agree."""
