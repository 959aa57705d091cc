"""The folder of signing keys: created once, reloaded while the service runs, rejected if others can read it."""

import asyncio
import json
import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.domain.errors import InvalidToken
from app.identity import signing_keys
from app.identity.jwks import parse_jwks, thumbprint
from app.identity.key_sets import RELOAD_INTERVAL, LocalKeySet
from app.identity.signing_keys import SigningKeyError, load_or_create_keys


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def write_key(path, key=None, password=None):
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    path.write_bytes(pem)
    path.chmod(0o600)


def read_mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def load_kids(folder):
    return [key.kid for key in load_or_create_keys(Path(folder))]


def test_the_first_key_and_its_folder_are_readable_only_by_their_owner(tmp_path):
    folder = tmp_path / "state" / "keys"

    (key,) = load_or_create_keys(folder)

    assert [path.name for path in folder.iterdir()] == ["0001.pem"]
    assert (read_mode(folder), read_mode(folder / "0001.pem")) == (0o700, 0o600)
    assert (folder / "0001.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert key.private.key_size == 2048


def test_an_existing_key_is_read_and_nothing_is_written(tmp_path):
    write_key(tmp_path / "0001.pem")
    tmp_path.chmod(0o500)
    before = (tmp_path.stat().st_mtime_ns, (tmp_path / "0001.pem").stat().st_mtime_ns)

    assert load_kids(tmp_path) == load_kids(tmp_path)

    assert (tmp_path.stat().st_mtime_ns, (tmp_path / "0001.pem").stat().st_mtime_ns) == before


def test_the_mode_of_an_existing_folder_is_kept(tmp_path):
    tmp_path.chmod(0o755)

    load_or_create_keys(tmp_path)

    assert read_mode(tmp_path) == 0o755


def test_concurrent_processes_create_one_key(tmp_path):
    folder = tmp_path / "keys"
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(load_kids, [str(folder)] * 8))

    assert {tuple(kids) for kids in found} == {tuple(load_kids(folder))}
    assert [path.name for path in folder.iterdir()] == ["0001.pem"]


def test_a_key_that_another_process_created_first_is_kept(tmp_path, monkeypatch):
    def create_key_first(**kwargs):
        write_key(tmp_path / "0001.pem")
        return rsa.generate_private_key(**kwargs)

    monkeypatch.setattr(signing_keys, "generate_private_key", create_key_first)
    kids = load_kids(tmp_path)

    assert kids == load_kids(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["0001.pem"]


def test_the_kid_of_a_key_is_its_thumbprint(tmp_path):
    (key,) = load_or_create_keys(tmp_path)

    assert key.kid == thumbprint(key.public)


def test_keys_are_sorted_by_number_and_other_files_are_ignored(tmp_path):
    for name in ("0002.pem", "0010.pem", "0009.pem"):
        write_key(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a key")
    (tmp_path / "0011.pem.bak").write_text("not a key")
    last = serialization.load_pem_private_key((tmp_path / "0010.pem").read_bytes(), None)

    keys = load_or_create_keys(tmp_path)

    assert len(keys) == 3
    assert keys[-1].public == last.public_key()


@pytest.mark.parametrize("mode_bits", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_that_others_can_access_is_rejected_with_the_fix(tmp_path, mode_bits):
    write_key(tmp_path / "0001.pem")
    (tmp_path / "0001.pem").chmod(mode_bits)

    with pytest.raises(SigningKeyError) as raised:
        load_or_create_keys(tmp_path)

    assert f"chmod 600 {tmp_path / '0001.pem'}" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert read_mode(tmp_path / "0001.pem") == mode_bits


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="an empty file"),
        pytest.param(lambda path: path.write_bytes(b"\x00\xff random bytes"), id="random bytes"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:900]), id="a truncated key"),
        pytest.param(lambda path: write_key(path, ec.generate_private_key(ec.SECP256R1())), id="an elliptic curve"),
        pytest.param(lambda path: write_key(path, password=b"secret"), id="an encrypted key"),
        pytest.param(lambda path: write_key(path, rsa.generate_private_key(65537, 1024)), id="a short key"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="a folder"),
        pytest.param(lambda path: (path.unlink(), path.symlink_to("nowhere")), id="a dangling link"),
    ],
)
def test_a_file_that_is_not_an_rsa_key_is_rejected_in_one_line_with_its_path(tmp_path, damage):
    path = tmp_path / "0001.pem"
    write_key(path)
    damage(path)
    if path.is_dir():
        path.chmod(0o700)

    with pytest.raises(SigningKeyError) as raised:
        load_or_create_keys(tmp_path)

    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_instead_of_a_folder_is_rejected(tmp_path):
    (tmp_path / "keys").write_text("")

    for use in (load_or_create_keys, LocalKeySet):
        with pytest.raises(SigningKeyError, match=r"keys: .*JWT_KEY_DIR"):
            use(tmp_path / "keys")


def test_the_repr_of_a_key_does_not_contain_its_secret(tmp_path):
    (key,) = load_or_create_keys(tmp_path)

    assert repr(key) == f"SigningKey(kid='{key.kid}')"


async def test_a_running_service_loads_a_new_key_and_signs_with_it(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    old = await keys.signing_key()
    write_key(tmp_path / "0002.pem")
    new = load_or_create_keys(tmp_path)[-1]

    with pytest.raises(InvalidToken):
        await keys.find_key(new.kid)
    clock.now += RELOAD_INTERVAL

    assert await keys.find_key(new.kid) == new.public
    assert await keys.find_key(old.kid) == old.public
    assert (await keys.signing_key()).kid == new.kid
    assert keys.generation == 2
    await keys.aclose()


async def test_a_removed_key_no_longer_verifies(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    old = await keys.signing_key()
    write_key(tmp_path / "0002.pem")
    (tmp_path / "0001.pem").unlink()
    clock.now += RELOAD_INTERVAL

    with pytest.raises(InvalidToken):
        await keys.find_key(old.kid)


async def test_concurrent_lookups_find_a_key_that_is_being_loaded(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    write_key(tmp_path / "0002.pem")
    new = load_or_create_keys(tmp_path)[-1]
    clock.now += RELOAD_INTERVAL

    assert await asyncio.gather(*(keys.find_key(new.kid) for _ in range(20))) == [new.public] * 20
    assert keys.generation == 2


@pytest.mark.parametrize("touched", [True, False])
async def test_the_generation_stays_if_the_keys_stay(tmp_path, touched):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    key = await keys.signing_key()
    for _ in range(3):
        clock.now += RELOAD_INTERVAL
        if touched:
            os.utime(tmp_path / "0001.pem")
        assert await keys.find_key(key.kid) == key.public

    assert keys.generation == 1


async def test_the_known_keys_are_used_until_an_unusable_new_key_is_fixed(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    old = await keys.signing_key()
    write_key(tmp_path / "0002.pem")
    new = load_or_create_keys(tmp_path)[-1]
    (tmp_path / "0002.pem").chmod(0o644)

    clock.now += RELOAD_INTERVAL
    assert (await keys.signing_key()).kid == old.kid

    (tmp_path / "0002.pem").chmod(0o600)
    clock.now += RELOAD_INTERVAL
    assert (await keys.signing_key()).kid == new.kid


async def test_the_known_keys_are_used_if_the_folder_cannot_be_read(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path / "keys", clock)
    key = await keys.signing_key()
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    (tmp_path / "keys").write_text("no folder")
    clock.now += RELOAD_INTERVAL

    assert await keys.find_key(key.kid) == key.public


async def test_the_published_keys_are_public_and_can_be_parsed(tmp_path):
    write_key(tmp_path / "0001.pem")
    write_key(tmp_path / "0002.pem")
    keys = LocalKeySet(tmp_path)

    published = json.loads(json.dumps(await keys.jwks()))

    assert [set(key) for key in published["keys"]] == [{"kty", "use", "alg", "kid", "n", "e"}] * 2
    assert {(key["kty"], key["use"], key["alg"]) for key in published["keys"]} == {("RSA", "sig", "RS256")}
    assert parse_jwks(published) == {key.kid: key.public for key in load_or_create_keys(tmp_path)}
