"""Rows of pins.yaml from requests that somebody else has sent: recorded files, and a reverse proxy that records."""
