"""Metrics and traces. If both are off, none of it is part of the application."""
