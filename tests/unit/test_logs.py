"""Chains of errors and control characters in the log."""

import pytest

from app.logs import _escape_unprintable, _format_chain, _render_json, _summarize_request


def test_an_error_that_is_its_own_cause_is_formatted_once():
    error = TimeoutError("too late")
    error.__cause__ = error

    assert _format_chain(error) == "TimeoutError: too late"


def test_a_chain_of_errors_starts_with_the_first_cause():
    error, cause = ValueError("second"), KeyError("first")
    error.__cause__ = cause

    assert _format_chain(error).split("\n\nwhich led to:\n\n") == ["KeyError: 'first'", "ValueError: second"]


def test_control_and_format_characters_are_escaped_in_text():
    event = {"path": "/a\x9b31m\u202eb\ufeff\x07", "name": "José 中", "status": 200}

    assert _escape_unprintable(None, "info", event) == {
        "path": "/a\\x9b31m\\u202eb\\ufeff\\x07",
        "name": "José 中",
        "status": 200,
    }


def test_the_line_of_a_request_begins_with_method_path_status_and_time():
    event = {"event": "request", "method": "GET", "path": "/api/v1/interviews", "status": 401, "ms": 3.6, "error": "X"}

    assert _summarize_request(None, "info", event) == {"event": "GET /api/v1/interviews 401 3.6 ms", "error": "X"}
    assert _summarize_request(None, "info", {"event": "sweep_failed"}) == {"event": "sweep_failed"}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("GET", '{"event":"GET"}'),
        (0.1, '{"event":0.1}'),
        (LookupError("x"), '{"event":"LookupError(\'x\')"}'),
        ("José\u202e\x9b\n", '{"event":"Jos\\u00e9\\u202e\\u009b\\n"}'),
        ("\ud800", '{"event":"\\ud800"}'),
        (b"\xff", '{"event":"b\'\\\\xff\'"}'),
    ],
    ids=repr,
)
def test_a_line_of_json_is_ascii_whatever_the_value(value, line):
    assert _render_json(None, "info", {"event": value}) == line
