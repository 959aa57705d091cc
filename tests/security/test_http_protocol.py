"""Limits and rules of HTTP/1.1 below the application (RFC 9110, RFC 9112), on a real server."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.raw_http import RawResponse, connect, read_response, send_raw
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: test\r\n"
CLOSE = b"Connection: close\r\n\r\n"
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
MEBIBYTE = b"a" * 1024 * 1024
MANY = 64


@pytest.fixture(scope="module")
async def database() -> Iterator[str]:
    url = await create_database()
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database: str, key_dir: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    settings = {
        "HEADER_TIMEOUT": "0.5",
        "BODY_TIMEOUT": "0.5",
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOGIN_ATTEMPTS": "3",
        "MAX_CONCURRENT_REQUESTS": "2",
    }
    with Service(folder, DATABASE_URL=database, JWT_KEY_DIR=str(key_dir), **settings) as started:
        yield started


def _assert_rejected(response: RawResponse, status: int, message: str, field: str, error: str) -> None:
    assert response.status == status
    assert response.headers["connection"] == "close"
    assert response.headers["content-type"] == "application/json"
    assert response.envelope == {
        "status": "error",
        "code": status,
        "message": message,
        "data": None,
        "errors": [{"field": field, "error": error}],
        "meta": {"request_id": response.headers["x-request-id"]},
    }


def _resident_memory(service: Service) -> int:
    """Return the resident memory of the service in MiB."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024


@pytest.mark.parametrize(
    ("parts", "status", "message", "field", "error"),
    [
        ([HEALTH + b"X: ", *[MEBIBYTE] * MANY], 431, "Request header fields too large", "headers",
         "The headers are too large or too many"),
        ([HEALTH, *[MEBIBYTE] * MANY], 431, "Request header fields too large", "headers",
         "The headers are too large or too many"),
        ([HEALTH, *[b"X: y\r\n" * 20_000] * MANY], 431, "Request header fields too large", "headers",
         "The headers are too large or too many"),
        ([HEALTH, *[b"X: %b\r\n" % (b"y" * 9000)] * 9000], 431, "Request header fields too large", "headers",
         "The headers are too large or too many"),
        ([b"GET /", *[MEBIBYTE] * MANY], 414, "URI too long", "path", "The request target is too long"),
        ([b"\r\n" * 500_000] * MANY, 400, "Bad request", "request", "The request line is missing"),
        ([MEBIBYTE] * MANY, 400, "Bad request", "request", "The request is not valid HTTP/1.1"),
        ([CHUNKED + b"0\r\nX: ", *[MEBIBYTE] * MANY], 400, "Bad request", "request",
         "Chunk extensions or trailers are too large"),
        ([CHUNKED + b"0\r\n", *[b"X: y\r\n" * 20_000] * MANY], 400, "Bad request", "request",
         "Chunk extensions or trailers are too large"),
        ([CHUNKED + b"1;", *[MEBIBYTE] * MANY], 400, "Bad request", "request",
         "Chunk extensions or trailers are too large"),
        ([CHUNKED, *[b"1;%b\r\n \r\n" % (b"x" * 900)] * 20_000], 400, "Bad request", "request",
         "Chunk extensions or trailers are too large"),
    ],
    ids=["header value", "header name", "many headers", "large headers", "target", "empty lines", "no request line",
         "trailer value", "many trailers", "chunk extension", "many chunk extensions"],
)  # fmt: skip
def test_endless_input_is_rejected_early_and_takes_no_memory(
    service: Service, parts: list[bytes], status: int, message: str, field: str, error: str
) -> None:
    before = _resident_memory(service)

    response = send_raw(service.url, *parts)

    _assert_rejected(response, status, message, field, error)
    assert response.sent < 16 * 1024 * 1024
    assert _resident_memory(service) - before < 8


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HEALTH + b"Authorization: Bearer %b\r\n" % (b"a" * 16_000), 200),
        (HEALTH + b"Authorization: Bearer %b\r\n" % (b"a" * 16_400), 431),
        (HEALTH + b"X: y\r\n" * 98, 200),
        (HEALTH + b"X: y\r\n" * 100, 431),
        (b"GET /api/v1/health?q=%b HTTP/1.1\r\nHost: test\r\n" % (b"a" * 8_175), 200),
        (b"GET /api/v1/health?q=%b HTTP/1.1\r\nHost: test\r\n" % (b"a" * 8_176), 414),
    ],
    ids=["header at the limit", "header beyond it", "100 headers", "102 headers", "target at the limit", "beyond it"],
)
def test_a_request_at_the_limit_is_served_and_one_beyond_it_is_rejected(
    service: Service, head: bytes, status: int
) -> None:
    assert send_raw(service.url, head + CLOSE).status == status


def test_200_for_a_body_of_one_mebibyte_in_one_write(service: Service, owner: Actor) -> None:
    body = b'{"language": "en"}'.ljust(1024 * 1024)
    head = b"POST /api/v1/interviews/start HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    head += b"Authorization: %b\r\nContent-Length: %d\r\n" % (owner.headers()["Authorization"].encode(), len(body))

    assert send_raw(service.url, head + CLOSE + body).status == 200


@pytest.mark.parametrize(
    ("request_", "status", "message", "field", "error"),
    [
        (b"GET /api/v1/health HTTP/1.1\r\n" + CLOSE, 400, "Bad request", "request", "Send exactly one Host header"),
        (HEALTH + b"Host: test\r\n" + CLOSE, 400, "Bad request", "request", "Send exactly one Host header"),
        (b"GET /api/v1/health HTTP/1.1\r\nHost: a b\r\n" + CLOSE, 400, "Bad request", "request",
         "The Host header is not valid"),
        (b"GET /api/v1/health HTTP/1.1\r\nHost: a@b\r\n" + CLOSE, 400, "Bad request", "request",
         "The Host header is not valid"),
        (b"GET /api/v1/health HTTP/2.0\r\nHost: test\r\n" + CLOSE, 505, "HTTP version not supported", "request",
         "The supported versions are HTTP/1.0 and HTTP/1.1"),
        (b"GET /api/v1/health HTTP/3.0\r\nHost: test\r\n" + CLOSE, 505, "HTTP version not supported", "request",
         "The supported versions are HTTP/1.0 and HTTP/1.1"),
        (b"GET /api/v1/health HTTP/0.9\r\n\r\n", 505, "HTTP version not supported", "request",
         "The supported versions are HTTP/1.0 and HTTP/1.1"),
        (b"GET /api/v1/health\r\n\r\n", 505, "HTTP version not supported", "request",
         "The supported versions are HTTP/1.0 and HTTP/1.1"),
        (LOGIN + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 501, "Not implemented",
         "Transfer-Encoding", "The only supported transfer coding is chunked"),
        (LOGIN + b"Transfer-Encoding: gzip\r\n\r\n", 501, "Not implemented", "Transfer-Encoding",
         "The only supported transfer coding is chunked"),
        (LOGIN + b"Transfer-Encoding: identity\r\n\r\n", 501, "Not implemented", "Transfer-Encoding",
         "The only supported transfer coding is chunked"),
        (LOGIN + b"Transfer-Encoding: chunked, chunked\r\n\r\n", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
        (LOGIN + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
        (LOGIN.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n", 400, "Bad request", "request",
         "Transfer-Encoding needs HTTP/1.1"),
        (LOGIN + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
        (LOGIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
        (LOGIN + b"Transfer-Encoding: chunked\r\n\r\nz\r\n", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
        (b"CONNECT test:443 HTTP/1.1\r\nHost: test\r\n\r\n", 400, "Bad request", "request",
         "The request is not valid HTTP/1.1"),
    ],
    ids=["no Host", "two Hosts", "space in Host", "user in Host", "2.0", "3.0", "0.9", "no version", "gzip, chunked",
         "gzip", "identity", "chunked twice", "two codings", "chunked in 1.0", "chunked and length", "two lengths",
         "bad chunk size", "CONNECT"],
)  # fmt: skip
def test_an_invalid_message_is_rejected_with_the_envelope(
    service: Service, request_: bytes, status: int, message: str, field: str, error: str
) -> None:
    _assert_rejected(send_raw(service.url, request_), status, message, field, error)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/v1/health HTTP/1.0\r\n\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost:\r\n" + CLOSE,
        b"GET /api/v1/health HTTP/1.1\r\nHost: [::1]:8000\r\n" + CLOSE,
        b"GET /api/v1/health HTTP/1.1\r\nhOST: a.example:80\r\n" + CLOSE,
        b"\r\n" + HEALTH + CLOSE,
    ],
    ids=["1.0 without Host", "empty Host", "IPv6 Host", "case of Host", "empty line before"],
)
def test_200_for_a_valid_message(service: Service, head: bytes) -> None:
    assert send_raw(service.url, head).status == 200


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"foo"])
def test_200_for_an_upgrade_request_that_is_served_as_an_ordinary_one(service: Service, protocol: bytes) -> None:
    response = send_raw(service.url, HEALTH + b"Connection: Upgrade\r\nUpgrade: %b\r\n\r\n" % protocol)

    assert (response.status, response.envelope["code"], response.headers["connection"]) == (200, 200, "close")


def test_a_trailer_never_becomes_a_header(service: Service, owner: Actor) -> None:
    authorization = b"Authorization: %b\r\n" % owner.headers()["Authorization"].encode()
    head = b"POST /api/v1/interviews/start HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    chunks = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"

    assert send_raw(service.url, head + chunks + authorization + b"\r\n").status == 401
    key = b"Idempotency-Key: in-a-trailer\r\n"
    first = send_raw(service.url, head + authorization + chunks + key + b"\r\n")
    second = send_raw(service.url, head + authorization + chunks + key + b"\r\n")
    assert (first.status, second.status) == (200, 200)
    assert "idempotent-replayed" not in second.headers


def test_429_ignores_the_address_in_a_trailer(service: Service) -> None:
    body = b'{"email": "a@example.com", "password": "wrong-password"}'
    request = LOGIN + b"X-Forwarded-For: 192.0.2.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    request += b"%x\r\n%b\r\n0\r\nX-Forwarded-For: 192.0.2.%%d\r\n\r\n" % (len(body), body)

    statuses = [send_raw(service.url, request % number).status for number in range(2, 6)]

    assert statuses == [401, 401, 401, 429]


def test_408_if_the_headers_do_not_arrive_in_time(service: Service) -> None:
    response = send_raw(service.url, HEALTH)

    _assert_rejected(response, 408, "Request timeout", "request", "The request did not arrive in time")


def test_408_if_the_body_does_not_arrive_in_time(service: Service) -> None:
    size = service.log.stat().st_size
    response = send_raw(service.url, LOGIN + b"Content-Length: 100\r\n\r\n{")

    _assert_rejected(response, 408, "Request timeout", "request", "The request did not arrive in time")
    assert service.log.read_bytes()[size:].count(b"\n") == 1


def test_a_connection_without_a_request_is_closed_without_a_response(service: Service) -> None:
    assert send_raw(service.url).status == 0


def test_a_connection_is_closed_if_the_rest_of_an_unread_body_does_not_arrive(service: Service) -> None:
    head = b"POST /api/v1/interviews/start HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"

    assert send_raw(service.url, head + b"Content-Length: 100\r\n\r\n{").status == 401


def test_413_for_a_login_of_more_than_64_kib(service: Service) -> None:
    def login(size: int) -> RawResponse:
        return send_raw(service.url, LOGIN + b"Content-Length: %d\r\n" % size + CLOSE + b"[" * size)

    response = login(64 * 1024 + 1)

    assert (response.status, response.envelope["errors"]) == (
        413,
        [{"field": "body", "error": "The body may have 64 KiB at the most"}],
    )
    assert login(64 * 1024).status == 422


def test_503_beyond_the_limit_of_concurrent_requests_except_for_health(service: Service) -> None:
    with ExitStack() as stack:
        waiting = [stack.enter_context(connect(service.url)) for _ in range(2)]
        for connection in waiting:
            connection.sendall(LOGIN + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n")
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # The request is running now.

        rejected = httpx2.get(f"{service.url}/api/v1/interviews", timeout=TIMEOUT)
        healthy = [httpx2.get(f"{service.url}/api/v1/health{path}", timeout=TIMEOUT) for path in ("", "/ready")]

        assert [read_response(connection).status for connection in waiting] == [408, 408]

    assert (rejected.status_code, rejected.headers["Retry-After"]) == (503, "1")
    assert rejected.json() == {
        "status": "error",
        "code": 503,
        "message": "Service temporarily unavailable",
        "data": None,
        "errors": [
            {"field": "service", "error": "Too many requests are running; nothing was changed, try again"},
        ],
        "meta": {"request_id": rejected.headers["X-Request-ID"]},
    }
    assert [response.status_code for response in healthy] == [200, 200]
    assert httpx2.get(f"{service.url}/api/v1/interviews", timeout=TIMEOUT).status_code == 401


def test_a_rejected_request_is_logged_once_with_the_reason(service: Service) -> None:
    response = send_raw(service.url, b"GET /api/v1/health?secret=1 HTTP/1.1\r\n" + CLOSE)

    lines = [line for line in service.log.read_text().splitlines() if response.headers["x-request-id"] in line]
    assert len(lines) == 1
    assert '"status":400' in lines[0]
    assert '"path":"/api/v1/health"' in lines[0]
    assert '"reason":"Send exactly one Host header"' in lines[0]
