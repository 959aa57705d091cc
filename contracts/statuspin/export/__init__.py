"""Pins as code that needs no statuspin."""

from statuspin.export.pytest_file import pytest_file

__all__ = ["pytest_file"]
