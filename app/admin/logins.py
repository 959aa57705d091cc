"""Logins and sessions in the form that piccolo-api's session login takes, run by our use cases.

As they come, its tables hash passwords on the event loop, inside a transaction, and keep tokens as they are handed out.
"""

from contextvars import ContextVar
from datetime import datetime, timedelta

from piccolo.apps.user.tables import BaseUser
from piccolo_api.session_auth.tables import SessionsBase

from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import verify_password
from app.use_cases.administration import close_session, find_administrator, find_session_user, open_session

current_unit_of_work: ContextVar[UnitOfWork] = ContextVar("current_unit_of_work")
"""The transactions of the request that is being served. The gate sets it: piccolo-api has no place to hand it down."""


class Users(BaseUser, tablename="piccolo_user"):
    """Those who may log in to the admin pages can `login`.

    It reads, hashes in a thread and outside any transaction, and writes nothing: the session's start does.
    """

    @classmethod
    async def login(cls, username: str, password: str) -> int | None:
        """The user's id; None where address or password is wrong, or the account may not log in here."""
        found = await current_unit_of_work.get().read(find_administrator, username)
        if not await verify_password(password, found.password if found else None) or found is None:
            return None
        return found.user_id


def sessions_that_last(lifetime: timedelta) -> type[SessionsBase]:
    """Sessions, each of which ends `lifetime` after its login, however much it is used."""

    class Sessions(SessionsBase, tablename="admin_session"):
        """Opened and closed in transactions of their own; looked up in the one that reads the page."""

        @classmethod
        async def create_session(
            cls,
            user_id: int,
            expiry_date: datetime | None = None,  # noqa: ARG003 - piccolo-api's signature
            max_expiry_date: datetime | None = None,  # noqa: ARG003
        ) -> SessionsBase:
            """A new session of a user."""
            token = await current_unit_of_work.get().write(open_session, user_id, lifetime)
            return cls(token=token, user_id=user_id)

        @classmethod
        async def get_user_id(cls, token: str, increase_expiry: timedelta | None = None) -> int | None:  # noqa: ARG003
            """Whose session it is, or None where it is over. Needs a transaction."""
            return await find_session_user(token)

        @classmethod
        async def remove_session(cls, token: str) -> None:
            """End a session."""
            await current_unit_of_work.get().write(close_session, token)

    return Sessions
