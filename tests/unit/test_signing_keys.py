"""The folder of signing keys: made once, rotated while the service runs, refused when others can read them."""

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


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def kids_of(folder):
    return [key.kid for key in load_or_create_keys(Path(folder))]


def test_the_first_key_is_made_for_its_owner_alone_in_a_folder_for_its_owner_alone(tmp_path):
    folder = tmp_path / "state" / "keys"

    (key,) = load_or_create_keys(folder)

    assert [path.name for path in folder.iterdir()] == ["0001.pem"]
    assert (mode(folder), mode(folder / "0001.pem")) == (0o700, 0o600)
    assert (folder / "0001.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert key.private.key_size == 2048


def test_a_key_that_is_there_is_read_and_nothing_is_written(tmp_path):
    write_key(tmp_path / "0001.pem")
    tmp_path.chmod(0o500)
    before = (tmp_path.stat().st_mtime_ns, (tmp_path / "0001.pem").stat().st_mtime_ns)

    assert kids_of(tmp_path) == kids_of(tmp_path)

    assert (tmp_path.stat().st_mtime_ns, (tmp_path / "0001.pem").stat().st_mtime_ns) == before


def test_the_mode_of_a_folder_that_exists_is_left_alone(tmp_path):
    tmp_path.chmod(0o755)

    load_or_create_keys(tmp_path)

    assert mode(tmp_path) == 0o755


def test_several_processes_at_once_get_one_key(tmp_path):
    folder = tmp_path / "keys"
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(kids_of, [str(folder)] * 8))

    assert {tuple(kids) for kids in found} == {tuple(kids_of(folder))}
    assert [path.name for path in folder.iterdir()] == ["0001.pem"]


def test_a_key_that_another_process_made_meanwhile_stays(tmp_path, monkeypatch):
    def overtaken(**kwargs):
        write_key(tmp_path / "0001.pem")
        return rsa.generate_private_key(**kwargs)

    monkeypatch.setattr(signing_keys, "generate_private_key", overtaken)
    made = kids_of(tmp_path)

    assert made == kids_of(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["0001.pem"]


def test_a_key_is_named_by_its_thumbprint(tmp_path):
    (key,) = load_or_create_keys(tmp_path)

    assert key.kid == thumbprint(key.public)


def test_the_highest_number_comes_last_and_other_files_are_no_keys(tmp_path):
    for name in ("0002.pem", "0010.pem", "0009.pem"):
        write_key(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a key")
    (tmp_path / "0011.pem.bak").write_text("not a key")
    last = serialization.load_pem_private_key((tmp_path / "0010.pem").read_bytes(), None)

    keys = load_or_create_keys(tmp_path)

    assert len(keys) == 3
    assert keys[-1].public == last.public_key()


@pytest.mark.parametrize("opened_to", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_that_others_can_use_is_refused_with_its_mend(tmp_path, opened_to):
    write_key(tmp_path / "0001.pem")
    (tmp_path / "0001.pem").chmod(opened_to)

    with pytest.raises(SigningKeyError) as refusal:
        load_or_create_keys(tmp_path)

    assert f"chmod 600 {tmp_path / '0001.pem'}" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert mode(tmp_path / "0001.pem") == opened_to


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="an empty file"),
        pytest.param(lambda path: path.write_bytes(b"\x00\xff rubbish"), id="rubbish"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:900]), id="half a key"),
        pytest.param(lambda path: write_key(path, ec.generate_private_key(ec.SECP256R1())), id="an elliptic curve"),
        pytest.param(lambda path: write_key(path, password=b"secret"), id="an encrypted key"),
        pytest.param(lambda path: write_key(path, rsa.generate_private_key(65537, 1024)), id="a short key"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="a folder"),
        pytest.param(lambda path: (path.unlink(), path.symlink_to("nowhere")), id="a dangling link"),
    ],
)
def test_a_file_that_is_no_rsa_key_is_refused_in_one_line_that_names_it(tmp_path, spoil):
    path = tmp_path / "0001.pem"
    write_key(path)
    spoil(path)
    if path.is_dir():
        path.chmod(0o700)

    with pytest.raises(SigningKeyError) as refusal:
        load_or_create_keys(tmp_path)

    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "keys").write_text("")

    for use in (load_or_create_keys, LocalKeySet):
        with pytest.raises(SigningKeyError, match=r"keys: .*JWT_KEY_DIR"):
            use(tmp_path / "keys")


def test_a_key_does_not_show_its_secret_when_printed(tmp_path):
    (key,) = load_or_create_keys(tmp_path)

    assert repr(key) == f"SigningKey(kid='{key.kid}')"


async def test_a_running_service_notices_the_next_key_and_signs_with_it(tmp_path):
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


async def test_a_key_that_was_removed_verifies_no_longer(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    old = await keys.signing_key()
    write_key(tmp_path / "0002.pem")
    (tmp_path / "0001.pem").unlink()
    clock.now += RELOAD_INTERVAL

    with pytest.raises(InvalidToken):
        await keys.find_key(old.kid)


async def test_many_at_once_find_a_key_that_is_being_read(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    write_key(tmp_path / "0002.pem")
    new = load_or_create_keys(tmp_path)[-1]
    clock.now += RELOAD_INTERVAL

    assert await asyncio.gather(*(keys.find_key(new.kid) for _ in range(20))) == [new.public] * 20
    assert keys.generation == 2


@pytest.mark.parametrize("touched", [True, False])
async def test_the_generation_stays_while_the_keys_do(tmp_path, touched):
    clock = Clock()
    keys = LocalKeySet(tmp_path, clock)
    key = await keys.signing_key()
    for _ in range(3):
        clock.now += RELOAD_INTERVAL
        if touched:
            os.utime(tmp_path / "0001.pem")
        assert await keys.find_key(key.kid) == key.public

    assert keys.generation == 1


async def test_the_known_keys_go_on_serving_when_a_new_one_cannot_be_used_until_it_is_mended(tmp_path):
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


async def test_the_known_keys_go_on_serving_when_the_folder_cannot_be_read(tmp_path):
    clock = Clock()
    keys = LocalKeySet(tmp_path / "keys", clock)
    key = await keys.signing_key()
    (tmp_path / "keys").rename(tmp_path / "elsewhere")
    (tmp_path / "keys").write_text("no folder")
    clock.now += RELOAD_INTERVAL

    assert await keys.find_key(key.kid) == key.public


async def test_the_published_keys_are_public_and_can_be_read_back(tmp_path):
    write_key(tmp_path / "0001.pem")
    write_key(tmp_path / "0002.pem")
    keys = LocalKeySet(tmp_path)

    published = json.loads(json.dumps(await keys.jwks()))

    assert [set(key) for key in published["keys"]] == [{"kty", "use", "alg", "kid", "n", "e"}] * 2
    assert {(key["kty"], key["use"], key["alg"]) for key in published["keys"]} == {("RSA", "sig", "RS256")}
    assert parse_jwks(published) == {key.kid: key.public for key in load_or_create_keys(tmp_path)}
