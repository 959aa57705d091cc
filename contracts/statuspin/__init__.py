"""Statuspin: pin every status code of an HTTP API, and hold the API to it. Imports nothing of any service."""

__version__ = "1.3.0"
