"""The caller, and which interviews a caller can access (requirement 3)."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from app.domain.errors import AccessDenied, InterviewNotFound, PermissionMissing
from app.domain.permissions import Permission


class Row(Protocol):
    """A row of the database, by column names."""

    def __getitem__(self, column: str, /) -> Any: ...


AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True, slots=True)
class Caller:
    """The employee who makes a request, taken from a verified token.

    name: the claim `name`, else `email`, else the employee id.
    organization_name: the claim `organizationName`, else the organization id.
    claims: every decoded claim of the token.
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
        """Whether the caller can access the interviews of the whole organization."""
        return Permission.READ_ALL in self.permissions

    @property
    def scope(self) -> UUID | None:
        """The employee id to which the caller's access is limited, or None for the whole organization."""
        return None if self.reads_organization else self.employee_id


def ensure_permitted(caller: Caller, permission: Permission) -> None:
    """Raise PermissionMissing unless the caller has the permission."""
    if permission not in caller.permissions:
        raise PermissionMissing(permission, sorted(caller.permissions))


def ensure_can_access(caller: Caller, organization_id: UUID, employee_id: UUID) -> None:
    """Raise AccessDenied unless the caller owns what belongs to this employee, or can access the whole organization.

    Access to another organization is always denied (requirement 3.4).
    """
    if organization_id != caller.organization_id:
        raise AccessDenied
    if employee_id != caller.employee_id and not caller.reads_organization:
        raise AccessDenied


def require_access(interview: AnyRow | None, caller: Caller) -> AnyRow:
    """Return an interview, which has `organization_id` and `employee_id`.

    Raises InterviewNotFound if there is no interview, and AccessDenied if the caller cannot access it.
    """
    if interview is None:
        raise InterviewNotFound
    ensure_can_access(caller, interview["organization_id"], interview["employee_id"])
    return interview
