"""The demo accounts of the embedded default: an organization with an admin and a user, passwords well known."""

from dataclasses import dataclass
from uuid import UUID

ORGANIZATION_ID = UUID("d0000000-0000-4000-8000-000000000001")
ORGANIZATION_NAME = "Example Organization"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One demo account; `password` is meant to be known."""

    email: str
    password: str
    role: str
    name: str
    employee_id: UUID


ADMIN = DemoAccount("admin@example.com", "admin123", "admin", "Ada Admin", UUID("e0000000-0000-4000-8000-000000000001"))
USER = DemoAccount("user@example.com", "user123", "employee", "Uma User", UUID("e0000000-0000-4000-8000-000000000002"))

BY_ROLE = {"employee": USER, "manager": USER, "admin": ADMIN}
"""Whom a token of a role stands for, where nobody else is named."""
