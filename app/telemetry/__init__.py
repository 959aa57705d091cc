"""Metrics and traces. Nothing of it is composed into a service that wants neither."""
