"""What is no API is said in one line; what stops being one is a broken promise. Neither is a crash."""

import json

import pytest

from tests.harness.second_api.bad_servers import (
    answers_a_lone_surrogate,
    answers_deep_json,
    answers_html,
    bad_server,
    closes,
    hangs,
    nobody,
    speaks_nonsense,
)
from tests.harness.second_api.runs import verify

ONE_OPERATION = ("--allow-writes", "--timeout", "1", "--only", "list_books · anonymous")
BEHAVIOURS = (
    (answers_html, "is answered with a web page", "observed 200"),
    (hangs, "no answer in time", "no answer in time"),
    (
        closes,
        "the connection was closed before the answer was complete",
        "the connection was closed before the answer was complete",
    ),
    (
        speaks_nonsense,
        "the connection was closed before the answer was complete",
        "closed before the answer was complete",
    ),
)
NAMES = [behaviour.__name__ for behaviour, _, _ in BEHAVIOURS]


def is_one_line(run, reason):
    assert run.status == 2, run.output + run.complaints
    assert run.output == ""
    lines = run.complaints.splitlines()
    assert len(lines) == 1, run.complaints
    assert lines[0].startswith("error: ")
    assert reason in lines[0]


@pytest.mark.parametrize(("behaviour", "reason", "_"), BEHAVIOURS, ids=NAMES)
def test_what_is_no_api_is_said_in_one_line(tmp_path, behaviour, reason, _):
    with bad_server(behaviour) as url:
        run = verify(url, tmp_path, "--timeout", "1")
    is_one_line(run, reason)


def test_that_nobody_listens_is_said_in_one_line(tmp_path):
    is_one_line(verify(nobody(), tmp_path), "cannot connect")


@pytest.mark.parametrize(("behaviour", "_", "reason"), BEHAVIOURS, ids=NAMES)
def test_what_stops_being_an_api_breaks_pins(tmp_path, behaviour, _, reason):
    with bad_server(behaviour, sound_first=1) as url:
        run = verify(url, tmp_path, *ONE_OPERATION)
    assert run.status == 1, run.complaints
    assert "Traceback" not in run.complaints
    broken = [finding for finding in run.errors if finding["rule"] == "pin-broken"]
    assert len(broken) == 4, run.output
    assert all(reason in finding["message"] for finding in broken), run.output
    record = json.loads((tmp_path / "run.json").read_text())
    assert {pin["verdict"] for pin in record["pins"]} == {"broken"}


@pytest.mark.parametrize("behaviour", [answers_a_lone_surrogate, answers_deep_json])
def test_a_body_that_is_hard_to_read_breaks_its_pins(tmp_path, behaviour):
    with bad_server(behaviour, sound_first=1) as url:
        run = verify(url, tmp_path, "--only", "list_books · stranger", "--allow-writes", "--timeout", "10")
    assert (run.status, "Traceback" in run.complaints) == (1, False), run.complaints
    assert {finding["rule"] for finding in run.errors} == {"pin-broken"}


def test_races_are_broken_too_where_connections_are_closed(tmp_path):
    with bad_server(closes, sound_first=1) as url:
        run = verify(url, tmp_path, "--allow-writes", "--timeout", "1", "--only", "20 at once")
    assert run.status == 1, run.complaints
    assert [finding["operation"] for finding in run.errors] == ["borrow_book"]


def test_a_fuzzer_that_gets_no_answers_finds_no_promise_kept(tmp_path):
    with bad_server(closes, sound_first=1) as url:
        run = verify(url, tmp_path, "--allow-writes", "--no-pins", "--timeout", "1", "--examples", "1")
    assert "Traceback" not in run.complaints
    assert run.status in (1, 2), run.output + run.complaints
