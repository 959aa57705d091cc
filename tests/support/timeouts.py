"""The time limit of every wait in a test."""

TIMEOUT = 300.0
"""Seconds. It ends a test that hangs. It is far more than the slowest machine needs, so no test may assert on it."""
