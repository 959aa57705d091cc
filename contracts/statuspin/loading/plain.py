"""Recognize large documents that need no walk: every value has its shape, and every reference is to a component.

jsonschema-rs checks that thirty times as fast as the walk.
"""

import re
from functools import cache
from typing import Any

import jsonschema_rs

from statuspin.loading.files import File
from statuspin.loading.grammar import (
    OBJECTS,
    SECTIONS,
    Either,
    Many,
    Object,
    Scalar,
    Unchecked,
    Value,
    fields,
)

_REFERENCE_IN_JSON = re.compile(r'"\$ref"\s*:\s*"([^"]*)"')
_IDENTIFIER = re.compile(r"\$(self|id|anchor|dynamicAnchor)\b")
_REFERENCE_IN_YAML = re.compile(r"""\$ref["']?\s*:\s*["']?([^"'\s,}\]]+)""")
_MOST_HOPS = 100


def is_plain(file: File) -> bool:
    """Return whether the walk over a document would neither change it nor raise an error."""
    try:
        if not _validator().is_valid(file.data):
            return False
    except ValueError:  # nested deeper than jsonschema-rs supports, or an invalid number
        return False
    text = file.encoded or ""
    if _IDENTIFIER.search(text):  # an identifier changes the targets of references, even outside schemas
        return False
    references = set((_REFERENCE_IN_JSON if file.is_json else _REFERENCE_IN_YAML).findall(text))
    return all(_leads_to_component(file.data, reference) for reference in references)


def _leads_to_component(data: Any, reference: str) -> bool:
    """Return whether a reference leads to a component that is not a reference."""
    for _ in range(_MOST_HOPS):
        _, _, section, name = (*reference.split("/"), "", "", "")[:4]
        node = data.get("components", {}).get(section, {}).get(name)
        if not isinstance(node, dict | bool):
            return False
        if isinstance(node, bool) or "$ref" not in node:
            return True
        reference = node["$ref"]
    return False


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    definitions = {_key(name): _object(name) for name in OBJECTS}
    return jsonschema_rs.Draft202012Validator({"$ref": "#/$defs/document", "$defs": definitions})


def _object(name: str) -> dict[str, Any]:
    """Return the JSON schema of an object of the grammar: its fields, or a reference to a component."""
    known = fields(name)
    schema: dict[str, Any] = {"properties": {key: _value(each) for key, each in known.named.items()}}
    schema["required"] = list(known.required)
    if known.others is not None:
        schema["patternProperties"] = {f"^(?!x-){re.escape(known.prefix)}": _value(known.others)}
        schema |= {"propertyNames": {"pattern": f"^(x-|{re.escape(known.prefix)})"}} if known.prefix else {}
    if name == "discriminator":
        name_or_pointer = {"type": "string", "pattern": "^(#/components/schemas/[A-Za-z0-9._-]+|[A-Za-z0-9_-]+)$"}
        schema["properties"]["mapping"] = {"type": "object", "additionalProperties": name_or_pointer}
    if name == "schema":
        schema["properties"] |= dict.fromkeys(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef"), False)
        return schema | {"type": ["object", "boolean"], "properties": schema["properties"] | _reference_to(name)}
    if name in SECTIONS:
        is_reference = {"properties": _reference_to(name)}
        return {"type": "object", "if": {"required": ["$ref"]}, "then": is_reference, "else": schema}
    return schema | {"type": "object", "properties": schema["properties"] | {"$ref": False}}


def _reference_to(name: str) -> dict[str, Any]:
    return {"$ref": {"type": "string", "pattern": f"^#/components/{SECTIONS[name]}/[A-Za-z0-9._-]+$"}}


def _value(expected: Value) -> dict[str, Any]:
    if isinstance(expected, Many):
        below = _value(expected.of)
        return (
            {"type": "object", "additionalProperties": below}
            if expected.kind is dict
            else {"type": "array", "items": below}
        )
    if isinstance(expected, Either):
        return {"anyOf": [_value(option) for option in expected.options]}
    if isinstance(expected, Unchecked):
        return _value(expected.of)
    if isinstance(expected, Scalar):
        return dict(expected.schema)
    assert isinstance(expected, Object)  # noqa: S101 -- the only kind left
    return {"$ref": f"#/$defs/{_key(expected.name)}"}


def _key(name: str) -> str:
    return name.replace(" ", "_")
