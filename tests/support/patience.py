"""How long a test waits for what must happen."""

PATIENCE = 300.0
"""Seconds. It ends a test that hangs, and is far beyond what the slowest machine needs: no test may assert on it."""
