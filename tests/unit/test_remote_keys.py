"""The keys of an outer issuer, from a real server that is slow, wrong, hostile or away."""

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
GOOD = json.dumps(encode_jwks([ONE])).encode()
BOTH = json.dumps(encode_jwks([ONE, OTHER])).encode()
MAX_AGE = 600.0


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class KeyServer:
    """Answers each request with what `answer`, a coroutine function, writes; counts requests."""

    def __init__(self):
        self.requests = 0
        self.answer = answering(GOOD)
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
            await self.answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.handlers.discard(asyncio.current_task())
            writer.close()


def answering(body, status="200 OK", headers=""):
    async def answer(writer):
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + body)

    return answer


async def hanging(writer):
    await asyncio.Event().wait()


async def trickling(writer):
    """A byte now and then: each read is satisfied in time, the answer never."""
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(GOOD)}\r\n\r\n".encode())
    for byte in GOOD:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def trickling_head(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Header: x\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def hanging_up(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


async def flooding(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def talking_nonsense(writer):
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
async def hasty_keys(server, clock):
    keys = RemoteKeySet(server.url, timeout=0.3, max_age=MAX_AGE, clock=clock)
    yield keys
    await keys.aclose()


async def until(condition):
    """Let a fetch in the background come to its end."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - the end is seen from outside alone
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("body", [GOOD, b'{"status": "success", "data": %s}' % GOOD], ids=["bare", "in an envelope"])
async def test_a_key_is_fetched_once_and_kept(keys, server, body):
    server.answer = answering(body)

    assert await keys.find_key(ONE_KID) == ONE
    assert await keys.find_key(ONE_KID) == ONE

    assert server.requests == 1
    assert keys.generation == 1


async def test_nothing_is_fetched_before_a_key_is_asked_for(keys, server):
    assert server.requests == 0
    assert keys.generation == 0


async def test_many_at_once_share_one_fetch(keys, server):
    found = await asyncio.gather(*(keys.find_key(ONE_KID) for _ in range(50)))

    assert found == [ONE] * 50
    assert server.requests == 1


async def test_a_waiter_that_is_cancelled_leaves_the_fetch_to_the_others(keys, server):
    gate = asyncio.Event()

    async def waiting(writer):
        await gate.wait()
        await answering(GOOD)(writer)

    server.answer = waiting
    first, second = (asyncio.create_task(keys.find_key(ONE_KID)) for _ in range(2))
    await until(lambda: server.requests)

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


async def test_a_new_key_is_found_when_a_token_names_it(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.answer = answering(BOTH)
    clock.now += UNKNOWN_KEY_INTERVAL

    assert await keys.find_key(OTHER_KID) == OTHER
    assert keys.generation == 2


async def test_keys_past_their_age_serve_while_they_are_fetched_again(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.answer = answering(json.dumps(encode_jwks([OTHER])).encode())
    clock.now += MAX_AGE - 1
    await keys.find_key(ONE_KID)
    assert server.requests == 1

    clock.now += 1
    assert await keys.find_key(ONE_KID) == ONE
    await until(lambda: keys.generation == 2)

    with pytest.raises(InvalidToken):
        await keys.find_key(ONE_KID)
    assert await keys.find_key(OTHER_KID) == OTHER
    assert server.requests == 2


async def test_the_generation_stays_while_the_keys_do(keys, server, clock):
    await keys.find_key(ONE_KID)
    for number in (2, 3):
        clock.now += UNKNOWN_KEY_INTERVAL
        with pytest.raises(InvalidToken):
            await keys.find_key("forged")
        assert server.requests == number

    assert keys.generation == 1


async def test_old_keys_go_on_serving_when_the_server_fails(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.answer = answering(b"", "500 Internal Server Error")
    for number in (2, 3):
        clock.now += MAX_AGE
        with capture_logs() as logs:
            assert await keys.find_key(ONE_KID) == ONE
            await until(lambda: logs)
        assert server.requests == number
        assert logs[0]["cached_keys"] == 1

    assert await keys.find_key(ONE_KID) == ONE
    assert keys.generation == 1


async def test_an_unknown_key_is_no_fault_of_the_token_while_the_server_fails(keys, server, clock):
    await keys.find_key(ONE_KID)
    server.answer = answering(b"", "503 Service Unavailable")
    clock.now += UNKNOWN_KEY_INTERVAL
    for _ in range(3):
        with pytest.raises(KeyServerUnavailable):
            await keys.find_key(OTHER_KID)
    assert server.requests == 2

    server.answer = answering(BOTH)
    clock.now += UNKNOWN_KEY_INTERVAL
    assert await keys.find_key(OTHER_KID) == OTHER


FAILURES = {
    "an error": answering(b"{}", "500 Internal Server Error"),
    "good keys under an error": answering(GOOD, "404 Not Found"),
    "another success": answering(GOOD, "203 Non-Authoritative Information"),
    "no content": answering(b"", "204 No Content"),
    "no JSON": answering(b"<html>"),
    "an empty body": answering(b""),
    "an array": answering(b"[]"),
    "a text": answering(b'"keys"'),
    "no keys": answering(b"{}"),
    "keys null": answering(b'{"keys": null}'),
    "keys empty": answering(b'{"keys": []}'),
    "keys of numbers": answering(b'{"keys": [1, null, "x"]}'),
    "data an array": answering(b'{"data": [1]}'),
    "nested too deeply": answering(b"[" * 200_000),
    "bytes that are no text": answering(b'{"keys": "\xff\xfe"}'),
    "good keys after 256 KiB of blanks": answering(b" " * MAX_RESPONSE_SIZE + GOOD),
    "a compressed answer": answering(gzip.compress(GOOD), headers="Content-Encoding: gzip\r\n"),
    "no HTTP": talking_nonsense,
    "half an answer": hanging_up,
    "an answer without end": flooding,
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_a_server_that_answers_rubbish_is_out_of_reach_until_it_recovers(keys, server, clock, failure):
    server.answer = failure
    with capture_logs() as logs, pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("key_server_unavailable", "warning")]

    server.answer = answering(GOOD)
    clock.now += EMPTY_INTERVAL
    assert await keys.find_key(ONE_KID) == ONE


@pytest.mark.parametrize("failure", [hanging, trickling, trickling_head])
async def test_a_server_that_takes_too_long_is_out_of_reach_when_the_deadline_passes(hasty_keys, server, failure):
    server.answer = failure

    async with asyncio.timeout(TIMEOUT):  # the server never ends its response
        with pytest.raises(KeyServerUnavailable):
            await hasty_keys.find_key(ONE_KID)


async def test_a_server_that_is_away_is_out_of_reach_until_it_comes_back(keys, server, clock):
    await server.stop()
    with pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)

    await server.start(server.port)
    clock.now += EMPTY_INTERVAL
    assert await keys.find_key(ONE_KID) == ONE


async def test_a_server_out_of_reach_is_not_asked_by_every_request(keys, server):
    server.answer = answering(b"", "500 Internal Server Error")
    for _ in range(5):
        with pytest.raises(KeyServerUnavailable):
            await keys.find_key(ONE_KID)

    assert server.requests == 1


async def test_a_redirect_is_not_followed(keys, server):
    other = KeyServer()
    await other.start()
    server.answer = answering(b"", "302 Found", f"Location: {other.url}\r\n")

    with pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)

    assert other.requests == 0
    await other.stop()


@pytest.mark.parametrize("failure", [answering(b"", "401 Unauthorized"), talking_nonsense, hanging_up])
async def test_a_password_in_the_address_never_reaches_the_log(server, failure):
    server.answer = failure
    keys = RemoteKeySet(f"http://us3r:s3cret@{urlsplit(server.url).netloc}/jwks?token=s3cret", timeout=5, max_age=1)

    with capture_logs() as logs, pytest.raises(KeyServerUnavailable):
        await keys.find_key(ONE_KID)
    await keys.aclose()

    assert logs[0]["host"] == "127.0.0.1"
    assert "s3cret" not in repr(logs)
    assert "us3r" not in repr(logs)


async def test_closing_ends_a_fetch_that_runs(server):
    server.answer = hanging
    keys = RemoteKeySet(server.url, timeout=60, max_age=1)
    waiter = asyncio.create_task(keys.find_key(ONE_KID))
    await until(lambda: server.requests)

    await keys.aclose()

    with pytest.raises(KeyServerUnavailable):
        await waiter


async def test_closing_what_was_never_used_is_nothing(server):
    await RemoteKeySet(server.url, timeout=1, max_age=1).aclose()
    assert server.requests == 0


MEMBER = encode_jwks([ONE])["keys"][0]
SHORT = encode_jwks([rsa.generate_private_key(65537, 1024).public_key()])["keys"][0]


def member(**changes):
    return {key: value for key, value in {**MEMBER, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    "taken",
    [member(), member(use=...), member(alg=...), member(use=..., alg=..., x5c=["x"], d="x", key_ops=["verify"])],
)
def test_a_key_for_signatures_is_taken(taken):
    assert parse_jwks({"keys": [taken]}) == {ONE_KID: ONE}


@pytest.mark.parametrize(
    "passed_over",
    [
        member(use="enc"),
        member(use=None),
        member(alg="RS512"),
        member(alg="HS256"),
        member(kty="EC"),
        member(kty="oct", k="c2VjcmV0"),
        member(kty=...),
        member(kid=...),
        member(kid=1),
        member(kid=None),
        member(n=...),
        member(n=""),
        member(n="AQ"),
        member(n=5),
        member(n="ñ"),
        member(e=...),
        member(e=""),
        member(e="AA"),
        member(e="Ag"),
        member(e=65537),
        SHORT,
        "text",
        None,
    ],
)
def test_a_key_for_anything_else_is_passed_over_and_the_rest_taken(passed_over):
    good = encode_jwks([OTHER])["keys"][0]

    assert parse_jwks({"keys": [passed_over, good]}) == {OTHER_KID: OTHER}


def test_of_two_keys_of_one_name_the_first_is_taken():
    again = {**encode_jwks([OTHER])["keys"][0], "kid": ONE_KID}

    assert parse_jwks({"keys": [MEMBER, again]}) == {ONE_KID: ONE}


def test_a_thumbprint_is_the_one_of_the_standards_example():
    """RFC 7638 §3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3ok"
        "njhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu"
        "6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8a"
        "wapJzKnqDKgw"
    )
    key = parse_jwks({"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}]})

    assert thumbprint(key["2011-04-29"]) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
