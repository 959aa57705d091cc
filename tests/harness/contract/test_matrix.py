"""Expand rows into pins."""

from typing import Any

import pytest

from statuspin.contract.matrix import combinations, expand_matrix, find_impossible
from statuspin.contract.pins import PinsFile


def file(*rows: dict[str, Any], **operation: Any) -> PinsFile:
    return PinsFile.model_validate(
        {
            "actors": {"anna": {}, "ben": {}},
            "states": {"new": {}, "old": {}},
            "service": {"start": ["x"], "ready": "/", "modes": {"slow": {}, "down": {}}},
            "pins": {"a": {"states": ["new", "old"], "rows": rows, **operation}},
        }
    )


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        ({"actor": "anna", "state": "new"}, ["a · anna · new"]),
        ({"actor": ["anna", "ben"], "state": "new"}, ["a · anna · new", "a · ben · new"]),
        ({"actor": "any", "state": "old"}, ["a · anna · old", "a · ben · old"]),
        ({"actor": "ben"}, ["a · ben · new", "a · ben · old"]),
        ({"actor": "ben", "state": "new", "input": "too long"}, ["a · ben · new · too long"]),
        ({"actor": "ben", "state": "new", "mode": ["as it is", "slow"]}, ["a · ben · new", "a · ben · new · slow"]),
        ({"actor": "ben", "state": "new", "mode": "any"}, ["a · ben · new · slow", "a · ben · new · down"]),
    ],
)
def test_lists_and_any_are_expanded(row, ids):
    assert [pin.id for pin in expand_matrix(file({**row, "answer": 200}))] == ids


def test_ids_of_expanded_pins_are_unique():
    row = {"actor": "any", "state": "any", "mode": ["as it is", "slow", "down"], "answer": 200}
    ids = [pin.id for pin in expand_matrix(file(row, {**row, "input": "odd"}))]
    assert len(ids) == len(set(ids)) == 2 * 2 * 3 * 2


def test_an_operation_without_states_has_none_in_its_ids():
    pins = file({"actor": "ben", "answer": 404}, states=["-"])
    assert [pin.id for pin in expand_matrix(pins)] == ["a · ben"]


@pytest.mark.parametrize(
    ("answers", "bounds", "promise"),
    [
        ({200: 1, 409: 19}, ((200, 1, 1), (409, 19, 19)), "200 × 1, 409 × 19"),
        ({200: "1..20"}, ((200, 1, 20),), "200 × 1..20"),
        ({200: "3"}, ((200, 3, 3),), "200 × 3"),
        ({200: "0..5", 503: "15..20"}, ((200, 0, 5), (503, 15, 20)), "200 × 0..5, 503 × 15..20"),
    ],
)
def test_a_race_has_bounds_for_each_status(answers, bounds, promise):
    answers = {str(status): count for status, count in answers.items()}
    pin = expand_matrix(file({"actor": "ben", "state": "new", "at_once": 20, "answers": answers}))[0]
    assert (pin.answers, pin.promise, pin.statuses) == (bounds, promise, tuple(status for status, _, _ in bounds))
    assert pin.id == "a · ben · new · 20 at once"


def test_the_request_of_a_row_is_merged_into_that_of_its_operation():
    row = {"actor": "ben", "state": "new", "answer": 200, "with": {"body": {"b": 2}}}
    pin = expand_matrix(file(row, request={"body": {"a": 1}}))[0]
    assert pin.request.body == {"a": 1, "b": 2}


def test_combinations_contain_all_actors_in_all_states():
    pins = file()
    assert combinations(pins, pins.pins["a"]) == {(who, what) for who in ("anna", "ben") for what in ("new", "old")}


def test_impossible_combinations_are_expanded_with_their_reason():
    pins = file(impossible=[{"actor": "anna", "because": "she left"}, {"state": "old", "because": "nothing is old"}])
    assert find_impossible(pins, pins.pins["a"]) == {
        ("anna", "new"): "she left", ("anna", "old"): "nothing is old", ("ben", "old"): "nothing is old",
    }  # fmt: skip
