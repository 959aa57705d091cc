"""Passwords: the very format of Piccolo's BaseUser, hashed without holding up the event loop."""

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


async def test_a_password_matches_its_own_hash_and_no_other_does(fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert await passwords.verify_password("admin123", stored)
    assert not await passwords.verify_password("admin124", stored)
    assert not await passwords.verify_password("", stored)
    assert not await passwords.verify_password("admin123 ", stored)


async def test_what_base_user_hashed_matches_whatever_its_iterations():
    assert await passwords.verify_password("contraseña", BaseUser.hash_password("contraseña", iterations=1234))


async def test_base_user_keeps_our_hash_as_it_is(fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert BaseUser(username="admin", password=stored).password == stored
    algorithm, iterations, salt, _ = BaseUser.split_stored_password(stored)
    assert (algorithm, iterations) == ("pbkdf2_sha256", "1000")
    assert BaseUser.hash_password("admin123", salt, 1000) == stored


async def test_one_password_is_never_hashed_to_the_same_text_twice(fewer_iterations):
    assert await passwords.hash_password("admin123") != await passwords.hash_password("admin123")


async def test_an_unknown_user_costs_as_much_work_as_a_known_one(monkeypatch):
    stored = await passwords.hash_password("admin123")
    work = []
    derive = hashlib.pbkdf2_hmac
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *args: work.append(args[3]) or derive(*args))

    assert not await passwords.verify_password("wrong", stored)
    assert not await passwords.verify_password("wrong", None)

    assert work == [600_000, 600_000]


@pytest.mark.parametrize("password", ["x" * 129, "\ud800"], ids=["too long", "a lone surrogate"])
async def test_a_password_that_nobody_can_have_matches_nothing_and_cannot_be_set(password, fewer_iterations):
    stored = await passwords.hash_password("admin123")

    assert not await passwords.verify_password(password, stored)
    assert not await passwords.verify_password(password, None)
    with pytest.raises(ValueError, match=r"too long|surrogates"):
        await passwords.hash_password(password)


@pytest.mark.parametrize(
    "stored",
    ["", "admin123", "$$$", "pbkdf2_sha256$many$salt$hash", "pbkdf2_sha256$0$salt$hash", "pbkdf2_sha256$1$ñ$ñ"],
)
async def test_a_stored_text_that_is_no_hash_matches_nothing(stored):
    assert not await passwords.verify_password("admin123", stored)


async def test_a_burst_of_hashing_leaves_the_event_loop_and_its_executor_to_others(monkeypatch):
    held = threading.Event()

    def slow(password):
        held.wait(10)
        return "hash"

    monkeypatch.setattr(BaseUser, "hash_password", slow)
    burst = [asyncio.create_task(passwords.hash_password("x")) for _ in range(64)]
    await asyncio.sleep(0)

    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), TIMEOUT) == "free"
    assert not any(task.done() for task in burst)

    held.set()
    assert await asyncio.gather(*burst) == ["hash"] * 64


def test_importing_passwords_reads_no_configuration_of_a_database():
    code = "import sys, app.identity.passwords; print('piccolo_conf' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
