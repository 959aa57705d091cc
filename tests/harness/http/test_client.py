"""The client sends the request of a pin, and returns an exchange for any response."""

import socket
import threading
from typing import Any

import pytest

from statuspin.contract.document import Operation
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.building import build_request
from statuspin.http.client import Client
from statuspin.http.connection import Connection
from statuspin.http.credentials import ANONYMOUS, authorization
from statuspin.http.exchange import Exchange, Sent
from tests.harness.http.server import ReceivedRequest, Response, serve

OPERATION = Operation("get_a", "/a/{id}", "get", {}, {})
PLAIN = Operation("post_a", "/a", "post", {}, {})


async def send_to(url: str, sent: Sent, seconds: float = 5) -> Exchange:
    async with Client(url, Connection(timeout=seconds)) as client:
        return await client.send(PLAIN, sent, "a test")


async def send_to_server(operation: Operation, request: dict[str, Any], header: str | None = None) -> ReceivedRequest:
    """Send a request and return it as the server received it."""
    credentials = authorization(header) if header else ANONYMOUS
    with serve(lambda _: Response()) as server:
        await send_to(server.url, build_request(operation, Request.model_validate(request), credentials, {"id": 7}))
        return server.asked[0]


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("{id}", "/a/7"),
        ("b/c?d#e", "/a/b%2Fc%3Fd%23e"),
        ("ü %", "/a/%C3%BC%20%25"),
        ("a\x00b", "/a/a%00b"),
        ("..", "/a/%2E%2E"),
        (".", "/a/%2E"),
        ("a.b", "/a/a.b"),
        (True, "/a/true"),
        ({"$json": '"\\ud800"'}, "/a/%ED%A0%80"),
        ("{$raw}", "/a/%7B%24raw%7D"),
    ],
)
async def test_a_path_parameter_is_encoded_as_one_segment(value, target):
    assert (await send_to_server(OPERATION, {"path": {"id": value}})).target == target


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({"a": 1, "b": "x y"}, "/a?a=1&b=x+y"),
        ({"a": [1, 2, 1]}, "/a?a=1&a=2&a=1"),
        ({"a": True, "b": [False]}, "/a?a=true&b=false"),
        ({"a": "", "b": "&="}, "/a?a=&b=%26%3D"),
        ({"a": {"$json": '"\\ud800"'}}, "/a?a=%ED%A0%80"),
        ({}, "/a"),
    ],
)
async def test_a_query_contains_each_value(query, target):
    assert (await send_to_server(PLAIN, {"query": query})).target == target


@pytest.mark.parametrize(
    ("request_", "body", "media_type"),
    [
        ({}, b"", None),
        ({"body": {"a": "{id}"}}, b'{"a": 7}', "application/json"),
        ({"body": {"a": 1, "b": 2}, "without": "a"}, b'{"b": 2}', "application/json"),
        ({"raw": ""}, b"", "application/json"),
        ({"raw": "{", "media_type": "text/plain"}, b"{", "text/plain"),
        ({"body": 1, "headers": {"Content-Type": "a/b"}}, b"1", "a/b"),
    ],
)
async def test_a_body_is_sent_with_its_media_type(request_, body, media_type):
    received = await send_to_server(PLAIN, request_)
    assert (received.method, received.body, received.headers.get("content-type")) == ("POST", body, media_type)


async def test_headers_and_authorization_are_sent_unless_excluded():
    received = await send_to_server(
        PLAIN, {"headers": {"X-A": "{id}", "X-B": True, "X-C": "c"}, "without": ["X-C"]}, "Bearer t"
    )
    assert (received.headers["x-a"], received.headers["x-b"], received.headers["authorization"]) == (
        "7",
        "true",
        "Bearer t",
    )
    assert "x-c" not in received.headers
    assert "authorization" not in (await send_to_server(PLAIN, {})).headers


async def test_a_chunked_body_has_no_content_length():
    sent = build_request(
        PLAIN, Request.model_validate({"raw": {"$repeat": {"text": "x", "times": 9}}, "chunked": True}), ANONYMOUS, {}
    )
    with serve(lambda _: Response()) as server:
        await send_to(server.url, sent)
    headers = server.asked[0].headers
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers


async def test_the_response_to_head_has_no_body():
    sent = build_request(PLAIN, Request(method="head"), ANONYMOUS, {})
    with serve(lambda _: Response(200, {"a": 1})) as server:
        exchange = await send_to(server.url, sent)
    assert (exchange.sent.method, exchange.answer.status, exchange.answer.body) == ("HEAD", 200, b"")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status):
    with serve(lambda _: Response(status, None, {"Location": "/elsewhere"})) as server:
        exchange = await send_to(server.url, Sent("GET", "/a", {}))
    assert (exchange.answer.status, exchange.answer.headers["location"], len(server.asked)) == (
        status,
        "/elsewhere",
        1,
    )


async def test_a_cookie_is_not_stored():
    with serve(lambda _: Response(200, None, {"Set-Cookie": "a=b"})) as server:
        async with Client(server.url) as client:
            for _ in range(2):
                await client.send(PLAIN, Sent("GET", "/a", {}))
    assert all("cookie" not in each.headers for each in server.asked)


def close_connection(handler: Any) -> bool:
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def close_during_the_body(handler: Any) -> bool:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    return True


@pytest.mark.parametrize(
    "before", [close_connection, close_during_the_body], ids=["before the response", "during the body"]
)
async def test_a_closed_connection_is_a_failure(before):
    with serve(lambda _: Response(before=before)) as server:
        exchange = await send_to(server.url, Sent("POST", "/a", {}, b"1"))
    assert (exchange.answer, exchange.failure) == (None, "the connection was closed before the response was complete")


async def test_a_server_that_does_not_answer_is_a_failure_after_the_timeout():
    end = threading.Event()
    with serve(lambda _: Response(before=lambda _: end.wait(10))) as server:
        exchange = await send_to(server.url, Sent("GET", "/a", {}), seconds=0.2)
        end.set()
    assert (exchange.answer, exchange.failure) == (None, "no response in time")
    assert exchange.seconds < 5


async def test_a_slow_response_is_a_failure_after_the_timeout():
    end = threading.Event()

    def send_slowly(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not end.wait(0.05):
            handler.wfile.write(b".")
        return True

    with serve(lambda _: Response(before=send_slowly)) as server:
        exchange = await send_to(server.url, Sent("GET", "/a", {}), seconds=0.4)
        end.set()
    assert (exchange.answer, exchange.failure) == (None, "no response in time")


async def test_no_server_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    exchange = await send_to(f"http://127.0.0.1:{port}", Sent("GET", "/a", {}))
    assert (exchange.answer, exchange.failure, exchange.source) == (None, "cannot connect", "a test")


async def test_a_request_that_cannot_be_sent_is_one_line():
    with pytest.raises(CannotRun, match=r"get_a: a parameter of the path /a/\{id\} has no value; set it in `path`"):
        build_request(OPERATION, Request(), ANONYMOUS, {})
    with pytest.raises(CannotRun, match="post_a: GET http"):
        await send_to("http://127.0.0.1:9", Sent("GET", "/a", {"x-name": "\u0416"}))


@pytest.mark.parametrize("separately", [False, True], ids=["with the head", "later"])
@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_bytes_after_a_response_without_a_body_are_not_the_next_response(status, separately):
    head = b"HTTP/1.1 " + status + b"\r\n\r\n"

    def serve(listener: socket.socket) -> None:
        for body in (b'{"id": 1}', b""):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for part in (head, body) if separately else (head + body,):
                    connection.sendall(part)
                connection.recv(65536)  # until the client closes, or asks again

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        async with Client(f"http://127.0.0.1:{listener.getsockname()[1]}", Connection(timeout=5)) as client:
            answers = [(await client.send(PLAIN, Sent("GET", "/a", {}), "a test")).answer for _ in range(2)]
        thread.join()
    assert [(answer.status, answer.stray) for answer in answers if answer] == [
        (int(status[:3]), True),
        (int(status[:3]), False),
    ]
