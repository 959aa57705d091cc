"""Accounts of the local issuer: find one at login, note the login, add one, change a password."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from piccolo.apps.user.tables import BaseUser
from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.domain.errors import DomainError
from app.domain.permissions import ROLES
from app.use_cases.moments import new_id
from tables.account import Account

FIND = compiled(
    lambda email: Account.select(
        Account.employee_id,
        Account.organization_id,
        Account.name,
        Account.organization_name,
        Account.role,
        Account.user.id.as_alias("user_id"),
        Account.user.email.as_alias("email"),
        Account.user.password.as_alias("password"),
    ).where(Account.user.email == email, Account.user.active == True)  # noqa: E712 - Piccolo's way to say so
)

NOTE_LOGIN = compiled(
    lambda user_id, moment: BaseUser.update({BaseUser.last_login: moment}).where(BaseUser.id == user_id)
)

SET_PASSWORD = compiled(
    lambda email, password: (
        BaseUser.update({BaseUser.password: password}).where(BaseUser.email == email).returning(BaseUser.id)
    )
)

ADD_USER = compiled(
    lambda email, password: QueryString(
        # Not BaseUser(…): it would hash the password once more, here, on the event loop.
        "INSERT INTO piccolo_user (username, email, password, active) VALUES ({}, {}, {}, true) "
        "ON CONFLICT DO NOTHING RETURNING id",
        email,
        email,
        password,
    )
)

ADD_ACCOUNT = compiled(
    lambda account_id, user_id, employee_id, organization_id, name, organization_name, role: Account.insert(
        Account(
            id_account=account_id,
            user=user_id,
            employee_id=employee_id,
            organization_id=organization_id,
            name=name,
            organization_name=organization_name,
            role=role,
        )
    )
)


class AccountExists(DomainError):
    """An account with this e-mail address exists already."""


class AccountNotFound(DomainError):
    """No account has this e-mail address."""


@dataclass(frozen=True, slots=True)
class _Account:
    email: str
    password: str
    role: str
    name: str
    employee_id: UUID
    organization_id: UUID
    organization_name: str


@dataclass(frozen=True, slots=True)
class NewAccount(_Account):
    """An account to add: `email` of 100 characters at the most, `password` hashed already, as BaseUser stores it."""


@dataclass(frozen=True, slots=True)
class FoundAccount(_Account):
    """An active account as login needs it: all that it was added with, and its user's id."""

    user_id: int

    @property
    def permissions(self) -> list[str]:
        """What the account's role may do."""
        return [str(permission) for permission in ROLES[self.role]]


async def find_account(email: str) -> FoundAccount | None:
    """The active account with this address, in any case of letters, or None."""
    row: asyncpg.Record | None = await FIND.row(email=email.lower())
    return FoundAccount(**dict(row)) if row else None


async def note_login(user_id: int) -> None:
    """Keep when the account last logged in (BaseUser keeps it without time zone: UTC here)."""
    await NOTE_LOGIN.rows(user_id=user_id, moment=datetime.now(UTC).replace(tzinfo=None))


async def add_account(account: NewAccount) -> None:
    """Add an account. Raises AccountExists, and then changes nothing."""
    added = await ADD_USER.row(email=account.email.lower(), password=account.password)
    if added is None:
        raise AccountExists
    await ADD_ACCOUNT.rows(
        account_id=new_id(),
        user_id=added["id"],
        employee_id=account.employee_id,
        organization_id=account.organization_id,
        name=account.name,
        organization_name=account.organization_name,
        role=account.role,
    )


async def set_password(email: str, password: str) -> None:
    """Replace an account's password by another, hashed already. Raises AccountNotFound."""
    if not await SET_PASSWORD.rows(email=email.lower(), password=password):
        raise AccountNotFound
