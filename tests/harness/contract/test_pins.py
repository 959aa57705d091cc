"""The syntax of pins.yaml: errors with their place, and merged requests."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspin.contract.pins import PinsFile
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun


def with_row(**row: Any) -> dict[str, Any]:
    return {"pins": {"a": {"rows": [{"actor": "anonymous", **row}]}}}


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"pins": []}, "pins: Input should be a valid dictionary"),
        ({"pins": {"a": {"row": []}}}, "pins → a → row: Extra inputs are not permitted"),
        (with_row(answer=200, awnser=1), "pins → a → rows → 0 → awnser: Extra inputs are not permitted"),
        (with_row(answer=42), "pins → a → rows → 0 → answer: Input should be greater than or equal to 100"),
        (with_row(answer="soon"), "pins → a → rows → 0 → answer: Input should be a valid integer"),
        (with_row(), "pins → a → rows → 0: a row has either `answer` or, with `at_once`, `answers`"),
        (with_row(answer=200, answers={200: 1}, at_once=2), "rows → 0: a row has either `answer` or"),
        (with_row(answers={200: 1}), "rows → 0: `answers` and `at_once` go together"),
        (with_row(answer=200, at_once=5), "rows → 0: `answers` and `at_once` go together"),
        (with_row(answers={"ok": 1}, at_once=2), "rows → 0: `answers` has a count or a range"),
        (with_row(answers={200: "few"}, at_once=2), "rows → 0: `answers` has a count or a range"),
        (with_row(answers={200: "1..x"}, at_once=2), "rows → 0: `answers` has a count or a range"),
        (with_row(answer=200, statements=-1), "rows → 0 → statements: Input should be greater than or equal to 0"),
        (with_row(answer=200, before=[{"actor": "x"}]), "rows → 0 → before → 0 → operation: Field required"),
        (with_row(answer=200, **{"with": {"headerz": {}}}), "rows → 0 → with → headerz: Extra inputs"),
        ({"pins": {"a": {"impossible": [{}]}}}, "pins → a → impossible → 0 → because: Field required"),
        ({"actors": {"a": {"anonymus": True}}}, "actors → a → anonymus: Extra inputs are not permitted"),
        ({"states": {"g": {"steps": [{"operation": "a"}]}}}, "states → g → steps → 0 → actor: Field required"),
        ({"service": {"start": [], "ready": "/"}}, "service → start: Tuple should have at least 1 item"),
        ({"level": 8}, "level: Input should be less than or equal to 7"),
        ({"a": 1, "b": 2, "c": 3}, "Extra inputs are not permitted (and 2 more)"),
    ],
)
def test_an_error_names_its_place(tmp_path: Path, pins, message):
    file = tmp_path / "pins.yaml"
    file.write_text(yaml.safe_dump(pins))
    with pytest.raises(CannotRun) as raised:
        PinsFile.read(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_empty_contract_has_an_anonymous_actor():
    pins = PinsFile.model_validate({})
    assert list(pins.actors) == ["anonymous"]
    assert pins.forbidden == (500,)


@pytest.mark.parametrize(
    ("deprecated", "current", "value"),
    [
        ("never", "forbidden", [503]),
        ("givens", "states", {"new": {}}),
        ("subject", "service", {"start": ["x"], "ready": "/"}),
    ],
)
def test_a_deprecated_name_of_a_part_is_accepted_but_not_beside_its_current_one(deprecated, current, value):
    assert PinsFile.from_data({deprecated: value}, "pins.yaml") == PinsFile.from_data({current: value}, "pins.yaml")
    with pytest.raises(CannotRun, match=f"^pins.yaml: `{deprecated}` is the deprecated name of `{current}`"):
        PinsFile.from_data({deprecated: value, current: value}, "pins.yaml")


def test_a_name_is_a_list_of_one_name():
    row = PinsFile.model_validate(with_row(answer=200, state="s", mode="m")).pins["a"].rows[0]
    assert (row.actor, row.state, row.mode) == (("anonymous",), ("s",), ("m",))


@pytest.mark.parametrize(
    ("under", "over", "merged"),
    [
        ({"body": {"a": 1, "b": 2}}, {"body": {"b": 3}}, {"body": {"a": 1, "b": 3}}),
        ({"body": {"a": 1}}, {"body": [1]}, {"body": [1]}),
        ({"body": [1]}, {"body": {"a": 1}}, {"body": {"a": 1}}),
        ({"body": {"a": 1}}, {}, {"body": {"a": 1}}),
        ({"body": {"a": 1}}, {"body": None}, {"body": None}),
        ({"body": {"a": 1}}, {"body": {"$json": "1"}}, {"body": {"$json": "1"}}),
        ({"query": {"a": 1}}, {"query": {"b": 2}}, {"query": {"a": 1, "b": 2}}),
        ({"path": {"id": 1}}, {"path": {"id": 2}}, {"path": {"id": 2}}),
        ({"headers": {"x": "1"}}, {"headers": {"x": "2"}}, {"headers": {"x": "2"}}),
        ({"method": "put"}, {}, {"method": "put"}),
        ({"method": "put"}, {"method": "head"}, {"method": "head"}),
        ({"raw": "a"}, {"raw": ""}, {"raw": ""}),
        ({"media_type": "a/b"}, {"media_type": "c/d"}, {"media_type": "c/d"}),
        ({"chunked": True}, {}, {"chunked": True}),
        ({"without": "a"}, {"without": ["b", "c"]}, {"without": ["a", "b", "c"]}),
    ],
)
def test_a_request_is_merged_into_another(under, over, merged):
    whole = Request.model_validate(under).merged(Request.model_validate(over))
    assert whole.model_dump() == Request.model_validate(merged).model_dump()
