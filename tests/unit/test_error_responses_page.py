"""The page of refusals says of every operation what its pins say, in the order that the contract tells."""

import re

import pytest

from app.openapi import contract, pins
from app.pages.error_responses import PRECEDENCE, list_error_responses, render_error_responses
from tests.support.command_line import CHECKOUT

OPERATIONS = {operation["id"]: operation for operation in list_error_responses()}


def _places(name: str) -> list[tuple[str, ...]]:
    """The statuses of each place, first to last."""
    found: dict[int, list[str]] = {}
    for refusal in OPERATIONS[name]["error_responses"]:
        found.setdefault(refusal["step"], []).append(str(refusal["status"]))
    return [tuple(dict.fromkeys(found[place])) for place in sorted(found)]


def test_every_operation_of_the_contract_is_there_with_method_and_path() -> None:
    promised = {
        (operation["operationId"], method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }

    assert {(name, each["method"], each["path"]) for name, each in OPERATIONS.items()} == promised


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_that_a_row_pins_is_there_and_no_other(name: str) -> None:
    pinned = {row["answer"] for row in pins()["pins"][name]["rows"] if (row.get("answer") or 0) >= 400}
    named = {row["message"] for row in pins()["pins"][name]["rows"] if row.get("message") and row["answer"] >= 400}

    assert {each["status"] for each in OPERATIONS[name]["error_responses"]} == pinned
    assert {each["message"] for each in OPERATIONS[name]["error_responses"]} == named


def test_the_order_of_a_continue_is_the_one_that_the_contract_tells() -> None:
    told = re.findall(r"^\d+\. (?:an `Idempotency-Key`.* or )?(\d{3})", contract()["info"]["description"], re.MULTILINE)
    login = "Login: 404, 405, 413 or 415, 422, 429, 401."

    assert told == ["404", "405", "401", "403", "406", "413", "422", "404", "403", "409", "409", "503"]
    in_order = [each for each in told[1:-1] if each != "406"]
    assert [place[0] for place in _places("continue_interview") if place != ("503",)] == in_order
    assert [place[0] for place in _places("export_interview") if place != ("503",)] == told[1:9]
    assert OPERATIONS["continue_interview"]["error_responses"][-1]["message"] == "Interviewer unavailable"
    assert login in contract()["info"]["description"]
    assert [place for place in _places("login") if place != ("503",)] == [
        ("404",), ("405",), ("413", "415"), ("422",), ("429",), ("401",),
    ]  # fmt: skip


def test_the_policy_of_the_contract_tells_the_same_order() -> None:
    policy = (CHECKOUT / "contracts" / "README.md").read_text(encoding="utf-8").partition("## The order of refusals")[2]
    rows = re.findall(r"^\| (\d+) \| (?:200, )?(\d{3}[, \d]*) \|", policy, re.MULTILINE)
    told = re.findall(
        r"^(\d+)\. (?:an `Idempotency-Key`.* or )?(\d{3}(?:, \d{3})*)", contract()["info"]["description"], re.MULTILINE
    )

    assert rows == told


def test_nothing_up_to_422_asks_the_database_and_what_follows_may() -> None:
    asked = {each["message"]: each["queries_database"] for each in OPERATIONS["continue_interview"]["error_responses"]}

    before = [message for place in PRECEDENCE[1:7] for message in place if message != "Not acceptable"]
    assert {message: asked[message] for message in before} == dict.fromkeys(before, False)
    assert asked["Interview not found"] is True
    assert asked["Idempotency key was used before"] is None


def test_a_condition_says_who_when_and_with_what() -> None:
    (denied,) = (each for each in OPERATIONS["get_interview"]["error_responses"] if each["message"] == "Access denied")
    (condition,) = denied["conditions"]

    assert condition["actors"] == ("moved", "colleague", "foreign admin", "without read_all", "newcomer", "archivist")
    assert condition["states"] == ("in progress", "completed", "cancelled")
    assert (condition["modes"], condition["inputs"]) == ((), [])


def test_the_page_explains_every_name_that_it_uses() -> None:
    page = render_error_responses()
    found = [each for operation in OPERATIONS.values() for each in operation["error_responses"]]
    used = {name for each in found for condition in each["conditions"] for name in condition["actors"]}

    assert {name for name in used if f"<dt>{name}</dt>" not in page} == set()
