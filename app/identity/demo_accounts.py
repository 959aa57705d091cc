"""The demo accounts: an admin and a user of one organization, with public passwords."""

from dataclasses import dataclass
from uuid import UUID

ORGANIZATION_ID = UUID("d0000000-0000-4000-8000-000000000001")
ORGANIZATION_NAME = "Example Organization"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demo account. Its password is public."""

    email: str
    password: str
    role: str
    name: str
    employee_id: UUID


ADMIN = DemoAccount("admin@example.com", "admin123", "admin", "Ada Admin", UUID("e0000000-0000-4000-8000-000000000001"))
USER = DemoAccount("user@example.com", "user123", "employee", "Uma User", UUID("e0000000-0000-4000-8000-000000000002"))

BY_ROLE = {"employee": USER, "manager": USER, "admin": ADMIN}
"""The account that `python -m app token` uses by default, by role."""
