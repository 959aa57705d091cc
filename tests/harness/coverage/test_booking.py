"""A response counts for the operation whose method was sent."""

import pytest

from statuspin.coverage.booking import Booking
from tests.harness.contract.samples import document, operation
from tests.harness.coverage.exchanges import exchange

DOCUMENT = document(
    {
        "/a": {"get": operation("read", "200", "405"), "post": operation("make", "201")},
        "/b": {"post": operation("send", "201", "4XX")},
    }
)


@pytest.mark.parametrize(
    ("sent_for", "method", "status", "row"),
    [
        ("read", "GET", 200, "read"),
        ("read", "get", 403, "read"),
        ("read", "POST", 201, "make"),
        ("read", "POST", 405, "make"),
        ("read", "OPTIONS", 204, "OPTIONS /a"),
        ("read", "HEAD", 200, "HEAD /a"),
        ("read", "PUT", 405, "read"),
        ("read", "PUT", 404, "PUT /a"),
        ("make", "PUT", 405, "PUT /a"),
        ("send", "PUT", 405, "PUT /b"),
        ("send", "PURGE", 401, "PURGE /b"),
    ],
)
def test_a_response_counts_for_the_method_that_was_sent(sent_for, method, status, row):
    assert Booking(DOCUMENT).book(exchange(sent_for, method=method, status=status)).operation == row


def test_rows_of_unsupported_methods_are_listed_with_method_and_path():
    booking = Booking(DOCUMENT)
    for sent_for, method in (("read", "PUT"), ("make", "PUT"), ("send", "HEAD"), ("read", "GET")):
        booking.book(exchange(sent_for, method=method, status=404))
    assert booking.unsupported == {"PUT /a": ("PUT", "/a"), "HEAD /b": ("HEAD", "/b")}


@pytest.mark.parametrize(
    ("method", "path", "implicit"),
    [
        ("OPTIONS", "/a", True),
        ("HEAD", "/a", True),
        ("HEAD", "/b", False),
        ("OPTIONS", "/b", True),
        ("PUT", "/a", False),
    ],
)
def test_options_and_head_of_a_get_are_implicit(method, path, implicit):
    assert Booking(DOCUMENT).is_implicit(method, path) is implicit
