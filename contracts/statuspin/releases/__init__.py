"""Frozen contracts, which are never edited and which the current build still has to keep."""
