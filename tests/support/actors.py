"""Callers: new employees in new organizations with their tokens, so that no test sees the rows of another test."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from app.domain.permissions import ROLES
from app.identity.issuing import TokenSubject, issue_token
from app.identity.signing_keys import load_or_create_keys
from app.settings import Settings


@dataclass(frozen=True)
class Actor:
    """An employee and their token. `colleague()` is in the same organization, `stranger()` in another one."""

    key_dir: Path
    role: str = "employee"
    employee_id: UUID = field(default_factory=uuid4)
    organization_id: UUID = field(default_factory=uuid4)
    name: str = "Núria Müller"
    organization_name: str = "Ação & Cía"

    @property
    def permissions(self) -> list[str]:
        return [str(permission) for permission in ROLES[self.role]]

    def token(self, **changes: object) -> str:
        """Return a bearer token. `changes` replace fields of the subject and arguments of `issue_token`."""
        options = {name: changes.pop(name) for name in ("lifetime", "clock") if name in changes}
        subject: dict[str, object] = {
            "employee_id": self.employee_id,
            "organization_id": self.organization_id,
            "roles": [self.role],
            "permissions": self.permissions,
            "name": self.name,
            "organization_name": self.organization_name,
            **changes,
        }
        return issue_token(TokenSubject(**subject), load_or_create_keys(self.key_dir)[-1], Settings(), **options)

    def headers(self, **changes: object) -> dict[str, str]:
        """Return the Authorization header."""
        return {"Authorization": f"Bearer {self.token(**changes)}"}

    def headers_without(self, permission: str) -> dict[str, str]:
        """Return the Authorization header of a token without a permission of the role."""
        return self.headers(permissions=[each for each in self.permissions if each != permission])

    def headers_with(self, permission: str) -> dict[str, str]:
        """Return the Authorization header of a token with an additional permission."""
        return self.headers(permissions=[*self.permissions, permission])

    def colleague(self, role: str = "employee") -> "Actor":
        """Return another employee of the same organization."""
        return Actor(self.key_dir, role, organization_id=self.organization_id)

    def in_another_organization(self) -> "Actor":
        """Return the same employee as a member of another organization."""
        return Actor(self.key_dir, self.role, employee_id=self.employee_id)

    def stranger(self, role: str = "admin") -> "Actor":
        """Return an employee of another organization."""
        return Actor(self.key_dir, role)
