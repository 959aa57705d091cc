"""Logins and sessions in the form that piccolo-api's session login takes, run by our use cases.

As they come, its tables hash passwords on the event loop, inside a transaction, and keep tokens as they are handed out.
"""

from datetime import datetime, timedelta

from piccolo.apps.user.tables import BaseUser
from piccolo_api.session_auth.tables import SessionsBase

from app.database.database import Database
from app.database.transactions import Transactions
from app.identity.passwords import matches
from app.use_cases.administration import close_session, find_administrator, open_session, session_user


def users_of(database: Database) -> type[BaseUser]:
    """The users of `database`; those who may log in to the admin pages can `login`."""

    class Users(BaseUser, tablename="piccolo_user"):
        """Reads, hashes in a thread and outside any transaction, and writes nothing: the session's start does."""

        @classmethod
        async def login(cls, username: str, password: str) -> int | None:
            """The user's id; None where address or password is wrong, or the account may not log in here."""
            found = await Transactions(database).reading(find_administrator, username)
            if not await matches(password, found.password if found else None) or found is None:
                return None
            return found.user_id

    return Users


def sessions_of(database: Database, lifetime: timedelta) -> type[SessionsBase]:
    """The sessions in `database`: each ends `lifetime` after its login, however much it is used."""

    class Sessions(SessionsBase, tablename="admin_session"):
        """Opened and closed in transactions of their own; looked up in the request's."""

        @classmethod
        async def create_session(
            cls,
            user_id: int,
            expiry_date: datetime | None = None,  # noqa: ARG003 - piccolo-api's signature
            max_expiry_date: datetime | None = None,  # noqa: ARG003
        ) -> SessionsBase:
            """A new session of a user."""
            token = await Transactions(database).writing(open_session, user_id, lifetime)
            return cls(token=token, user_id=user_id)

        @classmethod
        async def get_user_id(cls, token: str, increase_expiry: timedelta | None = None) -> int | None:  # noqa: ARG003
            """Whose session it is, or None where it is over. Needs a transaction."""
            return await session_user(token)

        @classmethod
        async def remove_session(cls, token: str) -> None:
            """End a session."""
            await Transactions(database).writing(close_session, token)

    return Sessions
