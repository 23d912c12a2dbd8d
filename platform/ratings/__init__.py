"""Listening studies: leases, ratings, MOS."""
