"""Values at places in bodies, and properties of requests and responses."""

import pytest

from statuspin.http.exchange import Answer, Sent, values_at

BODY = {"data": {"messages": [{"role": "a", "n": 1}, {"role": "b"}], "0": "zero"}, "none": None}


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("data.messages.0.role", ["a"]),
        ("data.messages.-1.role", ["b"]),
        ("data.messages.*.role", ["a", "b"]),
        ("data.messages.*.n", [1]),
        ("data.0", ["zero"]),
        ("none", [None]),
        ("*", [BODY["data"], None]),
        ("data.messages.2", []),
        ("data.messages.-3", []),
        ("data.messages.--1", []),
        ("data.messages.²", []),
        ("data.messages.role", []),
        ("none.more", []),
        ("other", []),
        ("", []),
    ],
)
def test_the_values_at_a_place_are_found(place, values):
    assert values_at(BODY, place) == values


@pytest.mark.parametrize("body", [None, 1, "text", [], {}])
def test_no_values_if_the_body_is_not_json(body):
    assert values_at(body, "data.id") == []


@pytest.mark.parametrize(
    ("timing", "statements"),
    [
        ("statements;desc=2", 2),
        ('statements;desc="3"', 3),
        ("app;dur=1.5, statements;dur=2;desc=4", 4),
        ("app;desc=9", None),
        ("statements", None),
        ("statements;desc=many", None),
        ("", None),
    ],
)
def test_a_response_has_a_number_of_statements(timing, statements):
    assert Answer(200, {"server-timing": timing}).statements == statements


def test_no_number_of_statements_without_the_header():
    assert Answer(200, {}).statements is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xff", b"[" * 100_000, b"<html>"])
def test_a_body_that_is_not_json_is_none(body):
    assert Answer(200, {}, body).json is None
    assert Sent("GET", "/", {}, body).json is None


def test_a_request_has_a_path_query_and_media_type():
    sent = Sent("GET", "/a%2Fb?x=1&x=&y=%C3%BC", {"content-type": "Application/JSON; charset=utf-8"}, b"1")
    assert (sent.path, sent.query) == ("/a%2Fb", [("x", "1"), ("x", ""), ("y", "ü")])
    assert (sent.media_type, Sent("GET", "/", sent.headers).media_type) == ("application/json", "")
