"""Compare responses with the promises of pins: operators, budgets and headers."""

from typing import Any

import pytest

from statuspin.contract.steps import Expectation
from statuspin.http.exchange import Answer, Exchange, Sent
from statuspin.http.redaction import Redaction
from statuspin.verify.expectations import find_mismatch

BODY = (
    b'{"message": "Hello", "n": 3, "s": "abc", "none": null, "list": [1, 2, 3], "empty": [], '
    b'"rows": [{"n": 1}, {"n": 2}]}'
)
HIDE = Redaction(("token", "cookie"))


def reason(expected: dict[str, Any], body: bytes = BODY, **headers: str) -> str:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    exchange = Exchange("a", Sent("GET", "/", {}), Answer(200, told, body))
    return find_mismatch(
        Expectation.model_validate({"answer": 200, **expected}), exchange, "message", {"kept": 3}, HIDE
    )


@pytest.mark.parametrize(
    ("place", "wanted", "held"),
    [
        ("n", 3, True), ("n", 4, False), ("n", "{kept}", True), ("n", "3", False), ("n", True, False),
        ("none", None, True),
        ("absent", None, False),
        ("list", [1, 2, 3], True), ("list", [1, 2], False), ("list.1", 2, True),
        ("rows.*.n", [1, 2], True), ("rows.*.n", [2, 1], False),
        ("rows.*.n", {"counts_from": 1}, True), ("rows.*.n", {"counts_from": 2}, False),
        ("empty.*", {"counts_from": 1}, True),
        ("absent", {"absent": True}, True), ("n", {"absent": True}, False), ("none", {"absent": True}, False),
        ("n", {"absent": False}, True), ("absent", {"absent": False}, False),
        ("n", {"at_least": 3}, True), ("n", {"at_least": 4}, False), ("s", {"at_least": 1}, False),
        ("none", {"at_least": 1}, False), ("absent", {"at_least": 0}, False),
        ("s", {"starts_with": "ab"}, True), ("s", {"starts_with": "b"}, False), ("absent", {"starts_with": ""}, False),
        ("n", {"one_of": [1, 3]}, True), ("n", {"one_of": [1, 2]}, False), ("absent", {"one_of": [None]}, False),
        ("n", {"other_than": 4}, True), ("n", {"other_than": 3}, False), ("absent", {"other_than": 3}, False),
        ("rows.*.n", {"each": 1}, False), ("list.*", {"each": 1}, False), ("empty.*", {"each": 1}, True),
        ("list", {"size": 3}, True), ("list", {"size": 2}, False), ("s", {"size": 3}, True), ("n", {"size": 1}, False),
        ("empty", {"size": 0}, True), ("absent", {"size": 0}, False),
    ],
)  # fmt: skip
def test_a_place_of_the_body_has_the_promised_value(place, wanted, held):
    said = reason({"holds": {place: wanted}})
    assert said == "" if held else said.startswith(f"promised {place}: ")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X-A": "1"}, ""),
        ({"x-a": "*"}, ""),
        ({"X-B": None}, ""),
        ({"X-N": "{kept}"}, ""),
        ({"X-A": "2"}, "promised the header X-A: 2, observed 1"),
        ({"X-B": "*"}, "promised the header X-B: *, observed none"),
        ({"X-A": None}, "promised the header X-A: absent, observed 1"),
        ({"Set-Cookie": None}, "promised the header Set-Cookie: absent, observed one"),
        ({"Set-Cookie": "b"}, "promised the header Set-Cookie: another one, observed one"),
    ],
)
def test_a_header_has_the_promised_value_or_is_absent(headers, said):
    assert reason({"headers": headers}, x_a="1", x_n="3", set_cookie="session=hunter2") == said


@pytest.mark.parametrize(
    ("budget", "told", "said"),
    [
        (2, "2", ""),
        (3, "2", ""),
        (1, "2", "promised at most 1 statements, observed 2"),
        (0, "1", "promised at most 0"),
        (0, "", ""),
    ],
)
def test_a_budget_is_kept_exceeded_or_unknown(budget, told, said):
    timing = {"server_timing": f"statements;desc={told}"} if told else {}
    assert reason({"statements": budget}, **timing).startswith(said)
    assert bool(said) == bool(reason({"statements": budget}, **timing))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"answer": 403}, "promised 403, observed 200"),
        ({"message": "Hello"}, ""),
        ({"message": "Bye"}, "promised the message 'Bye', observed 'Hello'"),
        ({"answer": 403, "message": "Bye"}, "promised 403, observed 200"),
    ],
)
def test_status_and_message_are_compared_first(expected, said):
    assert reason(expected) == said


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"null"])
def test_no_value_if_the_body_is_not_json(body):
    assert reason({"holds": {"n": 3}}, body) == "promised n: 3, observed 'nothing'"
    assert reason({"message": "Hello"}, body) == "promised the message 'Hello', observed None"


def test_a_missing_response_breaks_the_promise():
    exchange = Exchange("a", Sent("GET", "/", {}), None, failure="cannot connect")
    assert (
        find_mismatch(Expectation(answer=200), exchange, "message", {}, HIDE)
        == "promised 200, observed none: cannot connect"
    )


def test_a_secret_is_not_reported():
    assert reason({"holds": {"token": "a"}}, b'{"token": "hunter2"}') == "promised token: another one, observed one"
    assert "hunter2" not in reason({"holds": {"a": {}}}, b'{"a": {"token": "hunter2"}}')


def test_a_long_value_is_cut():
    assert len(reason({"holds": {"s": "x" * 5000}})) < 250
