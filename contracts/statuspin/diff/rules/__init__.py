"""The rules, by subject. Importing this package declares all of them."""

from statuspin.diff.rules import (
    annotations,
    arrays,
    constraints,
    headers,
    lifecycle,
    links,
    media,
    members,
    operations,
    parameters,
    received,
    security,
    servers,
    statuses,
    unions,
    values,
)

__all__ = [
    "annotations",
    "arrays",
    "constraints",
    "headers",
    "lifecycle",
    "links",
    "media",
    "members",
    "operations",
    "parameters",
    "received",
    "security",
    "servers",
    "statuses",
    "unions",
    "values",
]
