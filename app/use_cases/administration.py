"""Logins and rights for the admin pages: sessions, who may log in, and who may read answers."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from piccolo.apps.user.tables import BaseUser
from uuid_utils.compat import uuid7

from app.database.statement import query, sql
from app.use_cases.accounts import AccountNotFound, record_login, set_password
from tables.admin_session import AdminSession
from tables.admin_views import SHOW_ANSWERS_SETTING, AccountView, InterviewView, MessageView, UserView

# Piccolo Admin runs its own queries on these tables, and only use cases import tables.
__all__ = ["AccountView", "InterviewView", "MessageView", "UserView"]

FIND = query(
    lambda email: BaseUser.select(BaseUser.id, BaseUser.password).where(
        BaseUser.email == email,
        BaseUser.active == True,  # noqa: E712 - Piccolo needs ==
        BaseUser.admin == True,  # noqa: E712
    )
)

OPEN = query(
    lambda session_id, user_id, digest, expires_at: AdminSession.insert(
        AdminSession(id_session=session_id, user=user_id, digest=digest, expires_at=expires_at)
    )
)

FIND_SESSION = query(
    lambda digest, now: AdminSession.select(AdminSession.user).where(
        AdminSession.digest == digest, AdminSession.expires_at > now
    )
)

CLOSE = query(lambda digest: AdminSession.delete().where(AdminSession.digest == digest))

DELETE_EXPIRED = query(lambda now: AdminSession.delete().where(AdminSession.expires_at <= now))

CLOSE_ALL = sql("""
    DELETE FROM admin_session
    USING piccolo_user
    WHERE piccolo_user.id = admin_session."user" AND piccolo_user.email = :email
""")

SHOW = sql(f"""
    SELECT set_config('{SHOW_ANSWERS_SETTING}', 'on', true)
    FROM admin_session JOIN account ON account."user" = admin_session."user"
    WHERE admin_session.digest = :digest AND account.reads_answers
""")  # noqa: S608 - composed only of constants

SET_ADMIN = query(
    lambda email, granted: (
        BaseUser.update({BaseUser.admin: granted}).where(BaseUser.email == email).returning(BaseUser.id)
    )
)

SET_READS_ANSWERS = sql("""
    UPDATE account
    SET reads_answers = :granted
    FROM piccolo_user
    WHERE piccolo_user.id = account."user" AND piccolo_user.email = :email
    RETURNING account.id_account
""")


class AdminRight(StrEnum):
    """What an account may do on the admin pages. A new account has neither right."""

    LOGIN = "login"
    ANSWERS = "answers"


_SETTERS = {AdminRight.LOGIN: SET_ADMIN, AdminRight.ANSWERS: SET_READS_ANSWERS}


@dataclass(frozen=True, slots=True)
class Administrator:
    """An active account that may log in. password: the stored hash."""

    user_id: int
    password: str


async def find_administrator(email: str) -> Administrator | None:
    """Return the account that may log in with this address, or None. The address is not case-sensitive."""
    row = await FIND.first(email=email.lower())
    return Administrator(row["id"], row["password"]) if row else None


async def open_session(user_id: int, lifetime: timedelta) -> str:
    """Log a user in and return the session's token, 256 random bits. Deletes expired sessions."""
    now = datetime.now(UTC)
    await DELETE_EXPIRED.execute(now=now)
    token = secrets.token_urlsafe(32)
    await OPEN.execute(session_id=uuid7(), user_id=user_id, digest=_digest(token), expires_at=now + lifetime)
    await record_login(user_id)
    return token


async def find_session_user(token: str) -> int | None:
    """Return the id of the user whose session this is, or None if the session does not exist or has expired."""
    row = await FIND_SESSION.first(digest=_digest(token), now=datetime.now(UTC))
    return row["user"] if row else None


async def close_session(token: str) -> None:
    """Log out. An unknown token changes nothing."""
    await CLOSE.execute(digest=_digest(token))


async def show_answers(token: str) -> None:
    """Show answers in the rest of this transaction, if the session's account has the right to read them.

    It does not check whether the session has expired: the pages show nothing to a user who is not logged in.
    """
    await SHOW.execute(digest=_digest(token))


async def set_rights(email: str, rights: Iterable[AdminRight], *, granted: bool) -> None:
    """Grant or revoke rights, from the next request on. Raises AccountNotFound."""
    for right in rights:
        if not await _SETTERS[right].all(email=email.lower(), granted=granted):
            raise AccountNotFound


async def replace_password(email: str, password: str) -> None:
    """Replace an account's password by another hash, and close the account's sessions. Raises AccountNotFound."""
    await set_password(email, password)
    await CLOSE_ALL.execute(email=email.lower())


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
