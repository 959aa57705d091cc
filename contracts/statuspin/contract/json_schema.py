"""The JSON schema of pins.yaml, for completion and checks in editors."""

from typing import Any

from statuspin.contract.pins import DEPRECATED, PinsFile

SCHEMA_FILE = "pins.schema.json"
"""The name of the schema in a contract folder."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NULL, _NOT_NULL = {"type": "null"}, {"not": {"type": "null"}}
_KINDS_OF_ROW = [
    {"required": ["answer"], "properties": {"answer": _NOT_NULL, "answers": _NULL, "at_once": _NULL}},
    {"required": ["answers", "at_once"], "properties": {"answer": _NULL, "answers": _NOT_NULL, "at_once": _NOT_NULL}},
]
"""A row has an answer or is a race. A null member counts as absent."""


def pins_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12). `statuspin lint` checks more: names, and agreement with the document."""
    schema = PinsFile.model_json_schema(by_alias=True)
    properties = schema["properties"]
    for deprecated, current in DEPRECATED.items():
        if current in properties:
            properties[deprecated] = properties[current] | {"deprecated": True, "description": f"Write `{current}`."}
    schema["$defs"]["Row"]["oneOf"] = _KINDS_OF_ROW
    return {"$schema": DIALECT} | schema | {"title": "pins.yaml of statuspin"}
