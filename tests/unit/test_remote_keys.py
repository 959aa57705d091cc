"""The keys of an external issuer, from a real server that is slow, faulty, hostile or stopped."""

import asyncio
import gzip
import json
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

from app.domain.errors import InvalidToken, KeyServerUnavailable
from app.identity.jwks import encode_jwks, parse_jwks, thumbprint
from app.identity.remote_keys import EMPTY_INTERVAL, MAX_RESPONSE_SIZE, UNKNOWN_KEY_INTERVAL, RemoteKeySet
from tests.support.timeouts import TIMEOUT

ONE, OTHER = (rsa.generate_private_key(65537, 2048).public_key() for _ in range(2))
ONE_KID, OTHER_KID = thumbprint(ONE), thumbprint(OTHER)
ONE_KEY = json.dumps(encode_jwks([ONE])).encode()
BOTH_KEYS = json.dumps(encode_jwks([ONE, OTHER])).encode()
MAX_AGE = 600.0


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class KeyServer:
    """Counts requests, and lets the coroutine function `respond` write each response."""

    def __init__(self):
        self.requests = 0
        self.respond = respond(ONE_KEY)
        self.handlers = set()

    async def start(self, port=0):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/jwks"

    async def stop(self):
        self.server.close()
        for handler in self.handlers:
            handler.cancel()
        await self.server.wait_closed()

    async def serve(self, reader, writer):
        self.handlers.add(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            await self.respond(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.handlers.discard(asyncio.current_task())
            writer.close()


def respond(body, status="200 OK", headers=""):
    async def send(writer):
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + body)

    return send


async def hang(writer):
    await asyncio.Event().wait()


async def send_body_slowly(writer):
    """Send one byte at a time: each read succeeds in time, the whole response does not."""
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(ONE_KEY)}\r\n\r\n".encode())
    for byte in ONE_KEY:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def send_headers_slowly(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Header: x\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def disconnect(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


async def send_endlessly(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def send_invalid_http(writer):
    writer.write(b"\x00\xffthis is not HTTP\r\n\r\n")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
async def server():
    server = KeyServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def keys(server, clock):
    keys = RemoteKeySet(server.url, timeout=5, max_age=MAX_AGE, clock=clock)
    yield keys
    await keys.aclose()


@pytest.fixture
async def impatient_keys(server, clock):
    keys = RemoteKeySet(server.url, timeout=0.3, max_age=MAX_AGE, clock=clock)
    yield keys
    await keys.aclose()


async def wait_until(condition):
    """Wait for a fetch in the background."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - the end is visible only from outside
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "body", [ONE_KEY, b'{"status": "success", "data": %s}' % ONE_KEY], ids=["bare", "in an envelope"]
)
async def test_a_key_is_fetched_once_and_kept(keys, server, body):
    server.respond = respond(body)

    assert await keys.find_key(ONE_KID) == ONE
    assert await keys.find_key(ONE_KID) == ONE

    assert server.requests == 1
    assert keys.generation == 1


async def test_nothing_is_fetched_before_the_first_lookup(keys, server):
    assert server.requests == 0
    assert keys.generation == 0


async def test_concurrent_lookups_share_one_fetch(keys, server):
    found = await asyncio.gather(*(keys.find_key(ONE_KID) for _ in range(50)))

    assert found == [ONE] * 50
    assert server.requests == 1


async def test_a_cancelled_lookup_does_not_cancel_the_shared_fetch(keys, server):
    gate = asyncio.Event()

    async def respond_later(writer):
        await gate.wait()
        await respond(ONE_KEY)(writer)

    server.respond = respond_later
    first, second = (asyncio.create_task(keys.find_key(ONE_KID)) for _ in range(2))
    await wait_until(lambda: server.requests)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()

    assert await second == ONE
    assert server.requests == 1


async def test_an_unknown_key_is_an_invalid_token_and_fetches_at_most_once_a_minute(keys, server, clock):
    await keys.find_key(ONE_KID)
    for seconds in (0, 1, UNKNOWN_KEY_INTERVAL - 2):
        clock.now += seconds
        with pytest.raises(InvalidToken):
            await keys.find_key("forged")
    assert server.requests == 1

    clock.now += 1
    for kid in ("forged", "another", "forged"):
        with pytest.raises(InvalidToken):
            await keys.find_key(kid)
    assert server.requests == 2


async def test_a_new_key_is_fetched_if_a_token_names_it(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.respond = respond(BOTH_KEYS)
    clock.now += UNKNOWN_KEY_INTERVAL

    assert await keys.find_key(OTHER_KID) == OTHER
    assert keys.generation == 2


async def test_expired_keys_are_used_until_the_next_fetch_has_ended(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.respond = respond(json.dumps(encode_jwks([OTHER])).encode())
    clock.now += MAX_AGE - 1
    await keys.find_key(ONE_KID)
    assert server.requests == 1

    clock.now += 1
    assert await keys.find_key(ONE_KID) == ONE
    await wait_until(lambda: keys.generation == 2)

    with pytest.raises(InvalidToken):
        await keys.find_key(ONE_KID)
    assert await keys.find_key(OTHER_KID) == OTHER
    assert server.requests == 2


async def test_the_generation_stays_if_the_keys_stay(keys, server, clock):
    await keys.find_key(ONE_KID)
    for number in (2, 3):
        clock.now += UNKNOWN_KEY_INTERVAL
        with pytest.raises(InvalidToken):
            await keys.find_key("forged")
        assert server.requests == number

    assert keys.generation == 1


async def test_old_keys_are_used_if_the_server_fails(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.respond = respond(b"", "500 Internal Server Error")
    for number in (2, 3):
        clock.now += MAX_AGE
        with capture_logs() as logs:
            assert await keys.find_key(ONE_KID) == ONE
            await wait_until(lambda: logs)
        assert server.requests == number
        assert logs[0]["cached_keys"] == 1

    assert await keys.find_key(ONE_KID) == ONE
    assert keys.generation == 1


async def test_unavailable_for_an_unknown_key_while_the_server_fails(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.respond = respond(b"", "503 Service Unavailable")
    clock.now += UNKNOWN_KEY_INTERVAL
    for _ in range(3):
        with pytest.raises(KeyServerUnavailable):
            await keys.find_key(OTHER_KID)
    assert server.requests == 2

    server.respond = respond(BOTH_KEYS)
    clock.now += UNKNOWN_KEY_INTERVAL
    assert await keys.find_key(OTHER_KID) == OTHER


FAILURES = {
    "an error": respond(b"{}", "500 Internal Server Error"),
    "valid keys with an error status": respond(ONE_KEY, "404 Not Found"),
    "another success status": respond(ONE_KEY, "203 Non-Authoritative Information"),
    "no content": respond(b"", "204 No Content"),
    "invalid JSON": respond(b"<html>"),
    "an empty body": respond(b""),
    "an array": respond(b"[]"),
    "a string": respond(b'"keys"'),
    "no keys": respond(b"{}"),
    "keys null": respond(b'{"keys": null}'),
    "keys empty": respond(b'{"keys": []}'),
    "keys of numbers": respond(b'{"keys": [1, null, "x"]}'),
    "data an array": respond(b'{"data": [1]}'),
    "nested too deeply": respond(b"[" * 200_000),
    "invalid UTF-8": respond(b'{"keys": "\xff\xfe"}'),
    "valid keys after 256 KiB of spaces": respond(b" " * MAX_RESPONSE_SIZE + ONE_KEY),
    "a compressed response": respond(gzip.compress(ONE_KEY), headers="Content-Encoding: gzip\r\n"),
    "invalid HTTP": send_invalid_http,
    "a truncated response": disconnect,
    "an endless response": send_endlessly,
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_unavailable_for_an_invalid_response_until_the_server_recovers(keys, server, clock, failure):
    server.respond = failure
    with capture_logs() as logs, pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("key_server_unavailable", "warning")]

    server.respond = respond(ONE_KEY)
    clock.now += EMPTY_INTERVAL
    assert await keys.find_key(ONE_KID) == ONE


@pytest.mark.parametrize("failure", [hang, send_body_slowly, send_headers_slowly])
async def test_unavailable_after_the_deadline_if_the_server_is_slow(impatient_keys, server, failure):
    server.respond = failure

    async with asyncio.timeout(TIMEOUT):  # the server never ends its response
        with pytest.raises(KeyServerUnavailable):
            await impatient_keys.find_key(ONE_KID)


async def test_unavailable_until_a_stopped_server_restarts(keys, server, clock):
    await server.stop()
    with pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)

    await server.start(server.port)
    clock.now += EMPTY_INTERVAL
    assert await keys.find_key(ONE_KID) == ONE


async def test_a_failing_server_is_not_requested_for_every_lookup(keys, server):
    server.respond = respond(b"", "500 Internal Server Error")
    for _ in range(5):
        with pytest.raises(KeyServerUnavailable):
            await keys.find_key(ONE_KID)

    assert server.requests == 1


async def test_a_redirect_is_not_followed(keys, server):
    other = KeyServer()
    await other.start()
    server.respond = respond(b"", "302 Found", f"Location: {other.url}\r\n")

    with pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)

    assert other.requests == 0
    await other.stop()


@pytest.mark.parametrize("failure", [respond(b"", "401 Unauthorized"), send_invalid_http, disconnect])
async def test_a_password_in_the_url_is_not_logged(server, failure):
    server.respond = failure
    keys = RemoteKeySet(f"http://us3r:s3cret@{urlsplit(server.url).netloc}/jwks?token=s3cret", timeout=5, max_age=1)

    with capture_logs() as logs, pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)
    await keys.aclose()

    assert logs[0]["host"] == "127.0.0.1"
    assert "s3cret" not in repr(logs)
    assert "us3r" not in repr(logs)


async def test_closing_cancels_a_running_fetch(server):
    server.respond = hang
    keys = RemoteKeySet(server.url, timeout=60, max_age=1)
    waiter = asyncio.create_task(keys.find_key(ONE_KID))
    await wait_until(lambda: server.requests)

    await keys.aclose()

    with pytest.raises(KeyServerUnavailable):
        await waiter


async def test_closing_an_unused_key_set_does_nothing(server):
    await RemoteKeySet(server.url, timeout=1, max_age=1).aclose()
    assert server.requests == 0


JWK = encode_jwks([ONE])["keys"][0]
SHORT = encode_jwks([rsa.generate_private_key(65537, 1024).public_key()])["keys"][0]


def jwk(**changes):
    return {key: value for key, value in {**JWK, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    "accepted",
    [jwk(), jwk(use=...), jwk(alg=...), jwk(use=..., alg=..., x5c=["x"], d="x", key_ops=["verify"])],
)
def test_a_signature_key_is_accepted(accepted):
    assert parse_jwks({"keys": [accepted]}) == {ONE_KID: ONE}


@pytest.mark.parametrize(
    "skipped",
    [
        jwk(use="enc"),
        jwk(use=None),
        jwk(alg="RS512"),
        jwk(alg="HS256"),
        jwk(kty="EC"),
        jwk(kty="oct", k="c2VjcmV0"),
        jwk(kty=...),
        jwk(kid=...),
        jwk(kid=1),
        jwk(kid=None),
        jwk(n=...),
        jwk(n=""),
        jwk(n="AQ"),
        jwk(n=5),
        jwk(n="ñ"),
        jwk(e=...),
        jwk(e=""),
        jwk(e="AA"),
        jwk(e="Ag"),
        jwk(e=65537),
        SHORT,
        "text",
        None,
    ],
)
def test_any_other_key_is_skipped_and_the_rest_accepted(skipped):
    good = encode_jwks([OTHER])["keys"][0]

    assert parse_jwks({"keys": [skipped, good]}) == {OTHER_KID: OTHER}


def test_the_first_of_two_keys_with_one_kid_is_used():
    again = {**encode_jwks([OTHER])["keys"][0], "kid": ONE_KID}

    assert parse_jwks({"keys": [JWK, again]}) == {ONE_KID: ONE}


def test_the_thumbprint_of_the_example_in_rfc_7638():
    """RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu"
        "6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8a"
        "wapJzKnqDKgw"
    )
    key = parse_jwks({"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}]})

    assert thumbprint(key["2011-04-29"]) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
