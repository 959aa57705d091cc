"""Accounts of the local issuer: find one at login, record the login, add one, change a password."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from piccolo.apps.user.tables import BaseUser
from uuid_utils.compat import uuid7

from app.database.statement import query, sql
from app.domain.errors import DomainError
from app.domain.permissions import ROLES
from tables.account import Account

FIND = query(
    lambda email: Account.select(
        Account.employee_id,
        Account.organization_id,
        Account.name,
        Account.organization_name,
        Account.role,
        Account.user.id.as_alias("user_id"),
        Account.user.email.as_alias("email"),
        Account.user.password.as_alias("password"),
    ).where(Account.user.email == email, Account.user.active == True)  # noqa: E712 - Piccolo needs ==
)

RECORD_LOGIN = query(lambda user_id, now: BaseUser.update({BaseUser.last_login: now}).where(BaseUser.id == user_id))

SET_PASSWORD = query(
    lambda email, password: (
        BaseUser.update({BaseUser.password: password}).where(BaseUser.email == email).returning(BaseUser.id)
    )
)

# Text, because BaseUser(...) hashes the password again, on the event loop.
ADD_USER = sql("""
    INSERT INTO piccolo_user (username, email, password, active)
    VALUES (:email, :email, :password, true)
    ON CONFLICT DO NOTHING
    RETURNING id
""")

ADD_ACCOUNT = query(
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


LIST = query(
    lambda: Account.select(
        Account.user.email.as_alias("email"),
        Account.role,
        Account.employee_id,
        Account.organization_id,
        Account.name,
        Account.organization_name,
        Account.user.admin.as_alias("may_log_in"),
        Account.reads_answers,
    ).order_by(Account.user.email)
)

REMOVE = query(lambda email: BaseUser.delete().where(BaseUser.email == email).returning(BaseUser.id))


class AccountExists(DomainError):
    """There is already an account with this e-mail address."""


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
    """An account to add. email: at most 100 characters. password: hashed, in BaseUser's format."""


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account without its password. may_log_in, reads_answers: its rights on the admin pages."""

    email: str
    role: str
    employee_id: UUID
    organization_id: UUID
    name: str
    organization_name: str
    may_log_in: bool
    reads_answers: bool


@dataclass(frozen=True, slots=True)
class FoundAccount(_Account):
    """An active account, with the id of its user."""

    user_id: int

    @property
    def permissions(self) -> list[str]:
        """The permissions of the account's role."""
        return [str(permission) for permission in ROLES[self.role]]


async def find_account(email: str) -> FoundAccount | None:
    """Return the active account with this address, or None. The address is not case-sensitive."""
    row = await FIND.first(email=email.lower())
    return FoundAccount(**dict(row)) if row else None


async def record_login(user_id: int) -> None:
    """Store the time of a login. BaseUser keeps it in UTC, without time zone."""
    await RECORD_LOGIN.execute(user_id=user_id, now=datetime.now(UTC).replace(tzinfo=None))


async def add_account(account: NewAccount) -> None:
    """Add an account. Raises AccountExists."""
    user = await ADD_USER.first(email=account.email.lower(), password=account.password)
    if user is None:
        raise AccountExists
    await ADD_ACCOUNT.execute(
        account_id=uuid7(),
        user_id=user["id"],
        employee_id=account.employee_id,
        organization_id=account.organization_id,
        name=account.name,
        organization_name=account.organization_name,
        role=account.role,
    )


async def set_password(email: str, password: str) -> None:
    """Replace an account's password; the new one is hashed already. Raises AccountNotFound."""
    if not await SET_PASSWORD.all(email=email.lower(), password=password):
        raise AccountNotFound


async def list_accounts() -> list[ListedAccount]:
    """Return all accounts, ordered by address."""
    return [ListedAccount(**dict(row)) for row in await LIST.all()]


async def remove_account(email: str) -> None:
    """Remove an account and its sessions of the admin pages. Its interviews remain. Raises AccountNotFound."""
    if not await REMOVE.all(email=email.lower()):
        raise AccountNotFound
