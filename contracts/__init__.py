"""The contract harness: tools that hold an HTTP API to its contract. Imports nothing of any service."""
