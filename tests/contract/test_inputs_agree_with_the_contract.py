"""The request models in app/http/schemas.py accept exactly the values that the schemas of the contract accept."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from app.http import schemas
from app.http.fields import parse_uuid
from app.http.request import _IDEMPOTENCY_KEY
from app.openapi import contract
from tests.support.contract import create_validator, resolve

UUID = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 1.0, 1.5, 2147483647, 2147483648, 10**30, "", "x", "a\0b", "\n", "x\n", "😀" * 5000,
    "x" * 254, "x" * 255, "x" * 128, "x" * 129, "x" * 5000, "x" * 5001, UUID, UUID.upper(), f"{UUID}\n", f" {UUID}",
    UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}", "invalid-uuid", "es", "en", "pt", "fr", "ES", "es\n",
    "completed", "cancelled", "in_progress", "user", "system", [], {}, [None], ["es"], {"role": "user", "content": "x"},
]  # fmt: skip

DATES = [
    "2025-10-01", "2025-10-01T00:00:00Z", "2025-10-01t23:59:59z", "2025-10-01T00:00:00", "2025-10-01T00:00:00+14:00",
    "2025-10-01T00:00:00.1Z", "2025-10-01T00:00:00.123456789-23:59", "2025-10-01T00:00:00.1234567890Z", "2024-02-29",
    "2025-02-29", "1900-02-29", "2000-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-10-00", "0000-01-01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01", "2025-10-01T24:00:00Z",
    "2025-10-01T23:60:00Z", "2025-10-01T23:59:60Z", "2025-10-01T00:00Z", "2025-10-01 00:00:00Z",
    "2025-10-01T00:00:00+24:00",
    "2025-10-01T00:00:00+0200", "2025-10-01T00:00:00 02:00", "2025-W40-3", "20251001", "0", "1696118400", "", "x",
    "2025-10-01\n", " 2025-10-01", "２０２５-10-01", "2025-10-01T00:00:00.Z", "+2025-10-01", "-2025-10-01",
]  # fmt: skip


def _create_body_check(operation_schema: str) -> Callable[[object], bool]:
    validator = create_validator(f"/components/schemas/{operation_schema}")
    return validator.is_valid


def _accepts(model: type[BaseModel], body: object) -> bool:
    try:
        model.model_validate_json(json.dumps(body))
    except ValidationError:
        return False
    return True


def _request_bodies() -> dict[type[BaseModel], dict[str, Any]]:
    """Return the model of each request body, which has the name of its schema, with the shortest example."""
    bodies: dict[type[BaseModel], dict[str, Any]] = {}
    for item in contract()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                media = resolve(operation["requestBody"])["content"]["application/json"]
                examples = [resolve(example)["value"] for example in media["examples"].values()]
                bodies[getattr(schemas, media["schema"]["$ref"].rpartition("/")[2])] = min(examples, key=len)
    return bodies


def _parameters(path: str, method: str) -> dict[str, Draft202012Validator]:
    """Return the validators of the parameters of an operation by name."""
    item = contract()["paths"][path]
    found: dict[str, Draft202012Validator] = {}
    for holder, place in ((item, ""), (item[method], f"/{method}")):
        for index, parameter in enumerate(holder.get("parameters", [])):
            inline = f"/paths/{path.replace('/', '~1')}{place}/parameters/{index}"
            pointer = parameter.get("$ref", "").removeprefix("#") or inline
            found[resolve(parameter)["name"]] = create_validator(f"{pointer}/schema")
    return found


PARAMETERS = _parameters("/api/v1/interviews", "get")
VALID = _request_bodies()
MODELS = {model.__name__: model for model in VALID}


@pytest.mark.parametrize("name", MODELS)
def test_the_model_accepts_the_same_values_as_the_schema(name: str) -> None:
    model, is_valid = MODELS[name], _create_body_check(name)
    valid = VALID[model]
    bodies: list[object] = [valid, *SCALARS]
    for member in model.model_fields:
        bodies.append({key: value for key, value in valid.items() if key != member})
        bodies += [{**valid, member: value} for value in SCALARS]

    disagreements = [body for body in bodies if _accepts(model, body) != is_valid(body)]

    assert disagreements == []
    assert is_valid(valid)


@pytest.mark.parametrize("name", MODELS)
def test_the_model_accepts_the_same_random_bodies_as_the_schema(name: str) -> None:
    model, is_valid = MODELS[name], _create_body_check(name)
    anything = st.sampled_from([value for value in SCALARS if value != "😀" * 5000]) | st.text(max_size=5)
    message = st.fixed_dictionaries({}, optional=dict.fromkeys(("role", "content", "timestamp", "x"), anything))
    members = dict.fromkeys(model.model_fields, anything)
    if "conversation_history" in members:
        members["conversation_history"] = anything | st.lists(message, max_size=3)

    @given(st.fixed_dictionaries({}, optional={**members, "unknown": anything}))
    def agrees(body: dict[str, object]) -> None:
        complete = {**VALID[model], **body}
        for each in (body, complete):
            assert _accepts(model, each) == is_valid(each), each

    agrees()


def test_the_list_accepts_the_same_parameters_as_the_schema() -> None:
    assert set(PARAMETERS) == set(schemas.ListRequest.model_fields)
    texts = [
        *DATES,
        "0",
        "1",
        "20",
        "100",
        "101",
        "2147483647",
        "2147483648",
        "-1",
        "1.5",
        "x",
        "es",
        "fr",
        "completed",
    ]
    for name, schema in PARAMETERS.items():
        for text in texts:
            value: object = int(text) if "page" in name and re.fullmatch(r"-?[0-9]+", text) else text
            accepted = _accepts_query({name: text})
            assert accepted == schema.is_valid(value), (name, text)


@given(
    st.builds(
        "{:04d}-{:02d}-{:02d}{}{}".format,
        st.integers(0, 9999),
        st.integers(0, 13),
        st.integers(0, 32),
        st.sampled_from(["", "T00:00:00", "t12:30:45.5", "T23:59:59", "T24:00:00", "T12:60:00", "T1:00:00"]),
        st.sampled_from(["", "Z", "z", "+00:00", "-12:34", "+24:00", "+1:00"]),
    )
)
def test_the_list_accepts_the_same_random_dates_as_the_schema(text: str) -> None:
    assert _accepts_query({"start_date": text}) == PARAMETERS["start_date"].is_valid(text)


@pytest.mark.parametrize("text", [value for value in SCALARS if isinstance(value, str)])
def test_a_path_accepts_the_same_ids_as_the_schema(text: str) -> None:
    (schema,) = _parameters("/api/v1/interviews/{interview_id}", "get").values()

    assert _is_uuid(text) == schema.is_valid(text)


@pytest.mark.parametrize("text", [value for value in SCALARS if isinstance(value, str) and "\n" not in value])
def test_the_service_accepts_the_same_idempotency_keys_as_the_schema(text: str) -> None:
    (schema,) = _parameters("/api/v1/interviews/start", "post").values()

    assert bool(_IDEMPOTENCY_KEY.fullmatch(text)) == schema.is_valid(text)


def _accepts_query(query: dict[str, str]) -> bool:
    try:
        schemas.ListRequest.model_validate(query)
    except ValidationError:
        return False
    return True


def _is_uuid(text: str) -> bool:
    try:
        parse_uuid(text)
    except PydanticCustomError:
        return False
    return True
