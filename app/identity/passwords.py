"""Passwords, hashed as Piccolo's BaseUser does, in threads: a hash takes a third of a second of processor time."""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

from piccolo.apps.user.tables import BaseUser

_HASHERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
"""Threads of their own: a burst of logins queues here, and leaves the event loop's executor to others."""


async def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one whose hash is stored.

    stored: the `password` column of a BaseUser; None where there is no such user, which takes as long to deny, so that
    the time an answer takes does not tell who has an account. A password that none could have is denied at once.
    """
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, _matches, password, stored)


async def hashed(password: str) -> str:
    """What to store for `password`: "pbkdf2_sha256$iterations$salt$hash".

    Raises ValueError: longer than BaseUser takes (128 characters), or text that is no Unicode.
    """
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, BaseUser.hash_password, password)


def _matches(password: str, stored: str | None) -> bool:
    try:
        if stored is None:
            BaseUser.hash_password(password)
            return False
        _, iterations, salt, _ = BaseUser.split_stored_password(stored)
        offered = BaseUser.hash_password(password, salt, int(iterations))
    except ValueError:
        return False
    return hmac.compare_digest(offered.encode(), stored.encode())
