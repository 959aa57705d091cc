"""Freeze contracts, and replay frozen contracts against the current build."""
