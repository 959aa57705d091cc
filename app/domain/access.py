"""Who asks, and which interviews that caller may touch."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.errors import AccessDenied, PermissionMissing
from app.domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as a verified token says.

    name: the claim `name`, else `email`, else the employee's id.
    organization_name: the claim `organizationName`, else the organization's id.
    claims: every claim of the token, decoded.
    """

    employee_id: UUID
    organization_id: UUID
    name: str
    organization_name: str
    roles: tuple[str, ...]
    permissions: frozenset[str]
    claims: dict[str, object]

    @property
    def reads_organization(self) -> bool:
        """Whether the caller reaches colleagues' interviews too."""
        return Permission.READ_ALL in self.permissions

    @property
    def scope(self) -> UUID | None:
        """Whose interviews within the organization the caller reaches: their employee's id, or None for everybody's."""
        return None if self.reads_organization else self.employee_id


class Owned(Protocol):
    """Whatever belongs to an employee of an organization."""

    @property
    def employee_id(self) -> UUID:
        """The owner."""
        ...

    @property
    def organization_id(self) -> UUID:
        """The owner's organization when it was made."""
        ...


def ensure_permitted(caller: Caller, permission: Permission) -> None:
    """Raise PermissionMissing unless the caller's token carries `permission`."""
    if permission not in caller.permissions:
        raise PermissionMissing(permission, sorted(caller.permissions))


def ensure_can_access(owned: Owned, caller: Caller) -> None:
    """Raise AccessDenied unless `owned` is the caller's, or a colleague's and the caller reads the organization.

    What belongs to another organization is denied to everybody (requirement 3.4).
    """
    if owned.organization_id != caller.organization_id:
        raise AccessDenied
    if owned.employee_id != caller.employee_id and not caller.reads_organization:
        raise AccessDenied
