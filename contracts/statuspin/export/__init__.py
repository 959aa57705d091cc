"""Export pins as code that does not need statuspin."""

from statuspin.export.omissions import find_omissions
from statuspin.export.pytest_file import pytest_file

__all__ = ["find_omissions", "pytest_file"]
