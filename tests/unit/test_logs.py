"""Tracebacks in the log tell where, end, and hold nothing of whom."""

from app.logs import _format_chain


def test_an_error_that_is_its_own_cause_is_told_once():
    error = TimeoutError("too late")
    error.__cause__ = error

    assert _format_chain(error) == "TimeoutError: too late"


def test_a_chain_is_told_from_its_beginning():
    error, cause = ValueError("second"), KeyError("first")
    error.__cause__ = cause

    assert _format_chain(error).split("\n\nwhich led to:\n\n") == ["KeyError: 'first'", "ValueError: second"]
