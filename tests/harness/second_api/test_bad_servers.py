"""A server that is no API is an error in one line. A server that stops being one breaks pins."""

import json

import pytest

from tests.harness.second_api.bad_servers import (
    bad_server,
    close_connection,
    find_unreachable_url,
    hang,
    send_deep_json,
    send_html,
    send_lone_surrogate,
    send_nonsense,
)
from tests.harness.second_api.runs import verify

ONE_OPERATION = ("--allow-writes", "--timeout", "1", "--only", "list_books · anonymous")
BEHAVIOURS = (
    (send_html, "returns a web page", "observed 200"),
    (hang, "no response in time", "no response in time"),
    (
        close_connection,
        "the connection was closed before the response was complete",
        "the connection was closed before the response was complete",
    ),
    (
        send_nonsense,
        "the connection was closed before the response was complete",
        "closed before the response was complete",
    ),
)
NAMES = [behaviour.__name__ for behaviour, _, _ in BEHAVIOURS]


def assert_one_line(run, reason):
    assert run.status == 2, run.output + run.complaints
    assert run.output == ""
    lines = run.complaints.splitlines()
    assert len(lines) == 1, run.complaints
    assert lines[0].startswith("error: ")
    assert reason in lines[0]


@pytest.mark.parametrize(("behaviour", "reason", "_"), BEHAVIOURS, ids=NAMES)
def test_one_line_if_the_server_is_no_api(tmp_path, behaviour, reason, _):
    with bad_server(behaviour) as url:
        run = verify(url, tmp_path, "--timeout", "1")
    assert_one_line(run, reason)


def test_one_line_if_no_server_listens(tmp_path):
    assert_one_line(verify(find_unreachable_url(), tmp_path), "cannot connect")


@pytest.mark.parametrize(("behaviour", "_", "reason"), BEHAVIOURS, ids=NAMES)
def test_pins_are_broken_if_the_server_stops_being_an_api(tmp_path, behaviour, _, reason):
    with bad_server(behaviour, sound_requests=1) as url:
        run = verify(url, tmp_path, *ONE_OPERATION)
    assert run.status == 1, run.complaints
    assert "Traceback" not in run.complaints
    assert "pin-broken" in {finding["rule"] for finding in run.errors}, run.output
    pins = json.loads((tmp_path / "run.json").read_text())["pins"]
    assert [pin["verdict"] for pin in pins] == ["broken"] * 4
    assert all(reason in pin["reason"] for pin in pins), pins


@pytest.mark.parametrize("behaviour", [send_lone_surrogate, send_deep_json])
def test_pins_are_broken_if_the_body_cannot_be_parsed(tmp_path, behaviour):
    with bad_server(behaviour, sound_requests=1) as url:
        run = verify(url, tmp_path, "--only", "list_books · stranger", "--allow-writes", "--timeout", "10")
    assert (run.status, "Traceback" in run.complaints) == (1, False), run.complaints
    assert {finding["rule"] for finding in run.errors} == {"pin-broken"}


def test_races_are_broken_if_connections_are_closed(tmp_path):
    with bad_server(close_connection, sound_requests=1) as url:
        run = verify(url, tmp_path, "--allow-writes", "--timeout", "1", "--only", "20 at once")
    assert run.status == 1, run.complaints
    assert [finding["operation"] for finding in run.errors] == ["borrow_book"]


def test_no_promise_is_kept_if_the_fuzzer_gets_no_response(tmp_path):
    with bad_server(close_connection, sound_requests=1) as url:
        run = verify(url, tmp_path, "--allow-writes", "--no-pins", "--timeout", "1", "--examples", "1")
    assert "Traceback" not in run.complaints
    assert run.status in (1, 2), run.output + run.complaints
