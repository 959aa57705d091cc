"""The tables that piccolo-api uses for logins and sessions, implemented by our use cases.

The original tables hash passwords on the event loop inside a transaction, and store session tokens in plain text.
"""

from contextvars import ContextVar
from datetime import datetime, timedelta

from piccolo.apps.user.tables import BaseUser
from piccolo_api.session_auth.tables import SessionsBase

from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import verify_password
from app.use_cases.administration import close_session, find_administrator, find_session_user, open_session

current_unit_of_work: ContextVar[UnitOfWork] = ContextVar("current_unit_of_work")
"""The unit of work of the current request, set by AdminMiddleware because piccolo-api cannot pass it on."""


class AuthTable(BaseUser, tablename="piccolo_user"):
    """The accounts that may log in to the admin pages.

    A login reads the account, verifies the password outside any transaction, and writes nothing.
    """

    @classmethod
    async def login(cls, username: str, password: str) -> int | None:
        """Return the id of the user, or None if the credentials are wrong or the account may not log in."""
        account = await current_unit_of_work.get().read(find_administrator, username)
        if not await verify_password(password, account.password if account else None) or account is None:
            return None
        return account.user_id


def create_session_table(lifetime: timedelta) -> type[SessionsBase]:
    """Return a table of sessions that end a fixed time after their login."""

    class SessionTable(SessionsBase, tablename="admin_session"):
        """Opens and closes sessions in transactions of their own, and finds one in the transaction of the request."""

        @classmethod
        async def create_session(
            cls,
            user_id: int,
            expiry_date: datetime | None = None,  # noqa: ARG003 - piccolo-api's signature
            max_expiry_date: datetime | None = None,  # noqa: ARG003
        ) -> SessionsBase:
            """Open a session."""
            token = await current_unit_of_work.get().write(open_session, user_id, lifetime)
            return cls(token=token, user_id=user_id)

        @classmethod
        async def get_user_id(cls, token: str, increase_expiry: timedelta | None = None) -> int | None:  # noqa: ARG003
            """Return the id of the user, or None if the session has ended. Must run in a transaction."""
            return await find_session_user(token)

        @classmethod
        async def remove_session(cls, token: str) -> None:
            """Close a session."""
            await current_unit_of_work.get().write(close_session, token)

    return SessionTable
