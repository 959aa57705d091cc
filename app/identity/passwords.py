"""Hash and verify passwords in the format of Piccolo's BaseUser, in threads.

One hash takes a third of a second of processor time.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

from piccolo.apps.user.tables import BaseUser

_EXECUTOR = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
"""Separate from the default executor of the event loop, so that a burst of logins does not block other work."""


async def verify_password(password: str, stored: str | None) -> bool:
    """Return whether the password matches the stored hash.

    stored: the `password` column of a BaseUser, or None if there is no such user. None takes as long as a wrong
    password, so that the response time does not reveal who has an account. A password that BaseUser does not support
    fails immediately.
    """
    return await asyncio.get_running_loop().run_in_executor(_EXECUTOR, _verify_password, password, stored)


async def hash_password(password: str) -> str:
    """Return the hash to store: "pbkdf2_sha256$iterations$salt$hash".

    Raises ValueError if the password is longer than 128 characters, the limit of BaseUser, or has lone surrogates.
    """
    return await asyncio.get_running_loop().run_in_executor(_EXECUTOR, BaseUser.hash_password, password)


def _verify_password(password: str, stored: str | None) -> bool:
    try:
        if stored is None:
            BaseUser.hash_password(password)
            return False
        _, iterations, salt, _ = BaseUser.split_stored_password(stored)
        computed = BaseUser.hash_password(password, salt, int(iterations))
    except ValueError:
        return False
    return hmac.compare_digest(computed.encode(), stored.encode())
