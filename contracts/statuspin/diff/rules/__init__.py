"""The rules, by subject. Importing this package declares them all."""

from statuspin.diff.rules import (
    arrays,
    headers,
    media,
    members,
    operations,
    parameters,
    permissions,
    security,
    statuses,
    unions,
    values,
)

__all__ = [
    "arrays",
    "headers",
    "media",
    "members",
    "operations",
    "parameters",
    "permissions",
    "security",
    "statuses",
    "unions",
    "values",
]
