"""Who asks: tokens of fresh employees and organizations, so that no test meets another's rows."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from app.domain.permissions import ROLES
from app.identity.signing_keys import load_or_create_keys
from app.identity.tokens import TokenSubject, issue_token
from app.settings import Settings


@dataclass(frozen=True)
class Actor:
    """One caller. `colleague()` is of the same organization, `stranger()` of another."""

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
        """The Authorization header."""
        return {"Authorization": f"Bearer {self.token(**changes)}"}

    def without(self, permission: str) -> dict[str, str]:
        """The Authorization header of a token that lacks one permission."""
        return self.headers(permissions=[each for each in self.permissions if each != permission])

    def also(self, permission: str) -> dict[str, str]:
        """The Authorization header of a token that has one permission more."""
        return self.headers(permissions=[*self.permissions, permission])

    def colleague(self, role: str = "employee") -> "Actor":
        """Another employee of the same organization."""
        return Actor(self.key_dir, role, organization_id=self.organization_id)

    def moved(self) -> "Actor":
        """The same employee, who belongs to another organization now."""
        return Actor(self.key_dir, self.role, employee_id=self.employee_id)

    def stranger(self, role: str = "admin") -> "Actor":
        """An employee of another organization."""
        return Actor(self.key_dir, role)
