"""Passwords: the hash format of Piccolo's BaseUser, computed outside the event loop."""

import asyncio
import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from piccolo.apps.user.tables import BaseUser

from app.identity import passwords
from tests.support.timeouts import TIMEOUT


@pytest.fixture
def fewer_iterations(monkeypatch):
    monkeypatch.setattr(BaseUser, "_pbkdf2_iteration_count", 1000)


async def test_only_the_password_matches_its_hash(fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert await passwords.verify_password("admin123", stored)
    assert not await passwords.verify_password("admin124", stored)
    assert not await passwords.verify_password("", stored)
    assert not await passwords.verify_password("admin123 ", stored)


async def test_a_hash_of_base_user_matches_with_any_number_of_iterations():
    assert await passwords.verify_password("contraseña", BaseUser.hash_password("contraseña", iterations=1234))


async def test_base_user_accepts_the_hash(fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert BaseUser(username="admin", password=stored).password == stored
    algorithm, iterations, salt, _ = BaseUser.split_stored_password(stored)
    assert (algorithm, iterations) == ("pbkdf2_sha256", "1000")
    assert BaseUser.hash_password("admin123", salt, 1000) == stored


async def test_each_hash_has_a_new_salt(fewer_iterations):
    assert await passwords.hash_password("admin123") != await passwords.hash_password("admin123")


async def test_an_unknown_user_takes_the_same_work_as_a_known_one(monkeypatch):
    stored = await passwords.hash_password("admin123")
    work = []
    derive = hashlib.pbkdf2_hmac
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *args: work.append(args[3]) or derive(*args))

    assert not await passwords.verify_password("wrong", stored)
    assert not await passwords.verify_password("wrong", None)

    assert work == [600_000, 600_000]


@pytest.mark.parametrize("password", ["x" * 129, "\ud800"], ids=["too long", "a lone surrogate"])
async def test_an_invalid_password_matches_no_hash_and_cannot_be_hashed(password, fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert not await passwords.verify_password(password, stored)
    assert not await passwords.verify_password(password, None)
    with pytest.raises(ValueError, match=r"too long|surrogates"):
        await passwords.hash_password(password)


@pytest.mark.parametrize(
    "stored",
    ["", "admin123", "$$$", "pbkdf2_sha256$many$salt$hash", "pbkdf2_sha256$0$salt$hash", "pbkdf2_sha256$1$ñ$ñ"],
)
async def test_an_invalid_hash_matches_no_password(stored):
    assert not await passwords.verify_password("admin123", stored)


async def test_hashing_does_not_block_the_event_loop_or_its_executor(monkeypatch):
    release = threading.Event()

    def slow(password):
        release.wait(10)
        return "hash"

    monkeypatch.setattr(BaseUser, "hash_password", slow)
    burst = [asyncio.create_task(passwords.hash_password("x")) for _ in range(64)]
    await asyncio.sleep(0)

    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), TIMEOUT) == "free"
    assert not any(task.done() for task in burst)

    release.set()
    assert await asyncio.gather(*burst) == ["hash"] * 64


def test_importing_passwords_does_not_import_piccolo_conf():
    code = "import sys, app.identity.passwords; print('piccolo_conf' in sys.modules)"
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
