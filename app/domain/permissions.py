"""The six permissions, and the roles that combine them."""

from enum import StrEnum


class Permission(StrEnum):
    """A permission in the `permissions` claim of a token."""

    CREATE = "interviews:create"
    READ = "interviews:read"
    READ_ALL = "interviews:read_all"
    UPDATE = "interviews:update"
    DELETE = "interviews:delete"
    EXPORT = "interviews:export"


DESCRIPTIONS: dict[Permission, str] = {
    Permission.CREATE: "Start interviews and continue them",
    Permission.READ: "Read one's own interviews",
    Permission.READ_ALL: "Reach every interview of one's own organization",
    Permission.UPDATE: "Change the status of interviews",
    Permission.DELETE: "Delete interviews",
    Permission.EXPORT: "Export interviews",
}

_EMPLOYEE = (Permission.CREATE, Permission.READ, Permission.UPDATE, Permission.EXPORT)

ROLES: dict[str, tuple[Permission, ...]] = {
    "employee": _EMPLOYEE,
    "manager": (*_EMPLOYEE, Permission.READ_ALL),
    "admin": tuple(Permission),
}
