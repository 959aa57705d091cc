"""The admin pages' logins and rights: who may log in, sessions, and whether answers are shown."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import asyncpg
from piccolo.apps.user.tables import BaseUser
from piccolo.querystring import QueryString

from app.database.statement import compiled
from app.use_cases.accounts import AccountNotFound, note_login, set_password
from app.use_cases.moments import new_id, now
from tables.admin_session import AdminSession
from tables.shown import SHOW_ANSWERS

FIND = compiled(
    lambda email: BaseUser.select(BaseUser.id, BaseUser.password).where(
        BaseUser.email == email,
        BaseUser.active == True,  # noqa: E712 - Piccolo's way to say so
        BaseUser.admin == True,  # noqa: E712
    )
)

OPEN = compiled(
    lambda session_id, user_id, digest, expires_at: AdminSession.insert(
        AdminSession(id_session=session_id, user=user_id, digest=digest, expires_at=expires_at)
    )
)

SESSION = compiled(
    lambda digest, moment: AdminSession.select(AdminSession.user).where(
        AdminSession.digest == digest, AdminSession.expires_at > moment
    )
)

CLOSE = compiled(lambda digest: AdminSession.delete().where(AdminSession.digest == digest))

SWEEP = compiled(lambda moment: AdminSession.delete().where(AdminSession.expires_at <= moment))

END_ALL = compiled(
    lambda email: QueryString(
        'DELETE FROM admin_session USING piccolo_user WHERE piccolo_user.id = admin_session."user" AND email = {}',
        email,
    )
)

SHOW = compiled(
    lambda digest: QueryString(
        f"SELECT set_config('{SHOW_ANSWERS}', 'on', true) FROM admin_session "  # noqa: S608 - a constant
        'JOIN account ON account."user" = admin_session."user" WHERE digest = {} AND reads_answers',
        digest,
    )
)

SET_ADMIN = compiled(
    lambda email, granted: (
        BaseUser.update({BaseUser.admin: granted}).where(BaseUser.email == email).returning(BaseUser.id)
    )
)

SET_READS_ANSWERS = compiled(
    lambda email, granted: QueryString(
        "UPDATE account SET reads_answers = {} FROM piccolo_user "
        'WHERE piccolo_user.id = account."user" AND email = {} RETURNING id_account',
        granted,
        email,
    )
)


class AdminRight(StrEnum):
    """What an account may have on the admin pages; it has neither from the start."""

    LOGIN = "login"
    ANSWERS = "answers"


_SETTERS = {AdminRight.LOGIN: SET_ADMIN, AdminRight.ANSWERS: SET_READS_ANSWERS}


@dataclass(frozen=True, slots=True)
class Administrator:
    """An active account that may log in: its user's id, and the stored hash of its password."""

    user_id: int
    password: str


async def find_administrator(email: str) -> Administrator | None:
    """The account with this address, in any case of letters, if it may log in to the admin pages."""
    row: asyncpg.Record | None = await FIND.row(email=email.lower())
    return Administrator(row["id"], row["password"]) if row else None


async def open_session(user_id: int, lifetime: timedelta) -> str:
    """Log a user in: the token to hand out, 256 random bits. Sessions that have ended are forgotten by the way."""
    await SWEEP.rows(moment=now())
    token = secrets.token_urlsafe(32)
    await OPEN.rows(session_id=new_id(), user_id=user_id, digest=_digest(token), expires_at=now() + lifetime)
    await note_login(user_id)
    return token


async def session_user(token: str) -> int | None:
    """The id of the user whom the token stands for, or None where no session is open under it."""
    row = await SESSION.row(digest=_digest(token), moment=now())
    return row["user"] if row else None


async def close_session(token: str) -> None:
    """Log out. A token that is unknown changes nothing."""
    await CLOSE.rows(digest=_digest(token))


async def show_answers(token: str) -> None:
    """Let the rest of this transaction see answers, if the session's account has the right to read them.

    It does not look at the session's end: who is not logged in any more is shown nothing at all.
    """
    await SHOW.rows(digest=_digest(token))


async def set_rights(email: str, rights: Iterable[AdminRight], *, granted: bool) -> None:
    """Give or take rights. It counts from the next request on. Raises AccountNotFound."""
    for right in rights:
        if not await _SETTERS[right].rows(email=email.lower(), granted=granted):
            raise AccountNotFound


async def replace_password(email: str, password: str) -> None:
    """Replace a password by another, hashed already, and end the account's sessions. Raises AccountNotFound."""
    await set_password(email, password)
    await END_ALL.rows(email=email.lower())


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
