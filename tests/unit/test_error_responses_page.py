"""The page of error responses lists the pinned errors of each operation in the order of the contract."""

import re

import pytest

from app.openapi import contract, pins
from app.pages.conditions import CALLERS, STATES, describe_conditions
from app.pages.error_responses import PRECEDENCE, list_error_responses, render_error_responses
from tests.support.command_line import CHECKOUT

OPERATIONS = {operation["id"]: operation for operation in list_error_responses()}


def _statuses_by_place(name: str) -> list[tuple[str, ...]]:
    """Return the statuses of each place in the order of errors."""
    found: dict[int, list[str]] = {}
    for response in OPERATIONS[name]["error_responses"]:
        found.setdefault(response["step"], []).append(str(response["status"]))
    return [tuple(dict.fromkeys(found[place])) for place in sorted(found)]


def test_every_operation_of_the_contract_is_listed_with_method_and_path() -> None:
    promised = {
        (operation["operationId"], method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }

    assert {(name, each["method"], each["path"]) for name, each in OPERATIONS.items()} == promised


@pytest.mark.parametrize("name", OPERATIONS)
def test_exactly_the_pinned_error_responses_are_listed(name: str) -> None:
    pinned = {row["answer"] for row in pins()["pins"][name]["rows"] if (row.get("answer") or 0) >= 400}
    named = {row["message"] for row in pins()["pins"][name]["rows"] if row.get("message") and row["answer"] >= 400}

    assert {each["status"] for each in OPERATIONS[name]["error_responses"]} == pinned
    assert {each["message"] for each in OPERATIONS[name]["error_responses"]} == named


def test_the_order_of_a_continue_equals_the_order_in_the_contract() -> None:
    order = re.findall(
        r"^\d+\. (?:the `Idempotency-Key`.* or )?(\d{3})", contract()["info"]["description"], re.MULTILINE
    )
    login = "Login: 404, 405, 413 or 415, 422, 429, 401."

    assert order == ["404", "405", "401", "403", "406", "413", "422", "404", "403", "409", "409", "503"]
    in_order = [each for each in order[1:-1] if each != "406"]
    assert [place[0] for place in _statuses_by_place("continue_interview") if place != ("503",)] == in_order
    assert [place[0] for place in _statuses_by_place("export_interview") if place != ("503",)] == order[1:9]
    assert OPERATIONS["continue_interview"]["error_responses"][-1]["message"] == "Interviewer unavailable"
    assert login in contract()["info"]["description"]
    assert [place for place in _statuses_by_place("login") if place != ("503",)] == [
        ("404",), ("405",), ("413", "415"), ("422",), ("429",), ("401",),
    ]  # fmt: skip


def test_the_policy_of_the_contract_has_the_same_order() -> None:
    policy = (CHECKOUT / "contracts" / "README.md").read_text(encoding="utf-8").partition("## The order of errors")[2]
    rows = re.findall(r"^\| (\d+) \| (?:200, )?(\d{3}[, \d]*) \|", policy, re.MULTILINE)
    order = re.findall(
        r"^(\d+)\. (?:the `Idempotency-Key`.* or )?(\d{3}(?:, \d{3})*)", contract()["info"]["description"], re.MULTILINE
    )

    assert rows == order


def test_only_errors_after_422_need_the_database() -> None:
    asked = {each["message"]: each["queries_database"] for each in OPERATIONS["continue_interview"]["error_responses"]}

    before = [message for place in PRECEDENCE[1:7] for message in place if message != "Not acceptable"]
    assert {message: asked[message] for message in before} == dict.fromkeys(before, False)
    assert asked["Interview not found"] is True
    assert asked["Idempotency key was used before"] is None


def test_a_condition_names_actors_states_and_inputs() -> None:
    (denied,) = (each for each in OPERATIONS["get_interview"]["error_responses"] if each["message"] == "Access denied")
    (condition,) = denied["conditions"]

    assert condition["actors"] == ("moved", "colleague", "foreign admin", "without read_all", "newcomer", "archivist")
    assert condition["states"] == ("in progress", "completed", "cancelled")
    assert (condition["modes"], condition["inputs"]) == ((), [])


def test_the_page_describes_callers_and_states_without_the_names_of_the_pins() -> None:
    page = render_error_responses()

    assert CALLERS.keys() == pins()["actors"].keys()
    assert STATES.keys() == pins()["states"].keys()
    assert not re.search(r"forged|without create|archivist|newcomer|\bmoved\b", page)


def test_conditions_name_kinds_of_callers() -> None:
    conditions = {
        each["message"]: [
            condition["text"] for condition in describe_conditions(each["conditions"], "interviews:create")
        ]
        for each in OPERATIONS["continue_interview"]["error_responses"]
    }

    assert conditions["Invalid token"] == ["an invalid token"]
    assert conditions["Interview not found"] == [
        "every caller with `interviews:create`; no interview has the id",
        "the owner; no interview has the id",
    ]
    assert conditions["Interview is not in progress"][0] == (
        "the owner, a colleague with `interviews:read_all`; interview completed, interview cancelled"
    )
