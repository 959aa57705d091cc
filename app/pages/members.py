"""Describe the members of a JSON schema of the contract as the rows of a table."""

import json
from dataclasses import dataclass
from typing import Any

from app.openapi import contract

_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON document.

    path: such as `data.messages[].role`. type: such as `string, 1 to 5000 characters`. description: Markdown or "".
    """

    path: str
    type: str
    required: bool
    description: str


def list_members(schema: dict[str, Any]) -> list[Member]:
    """Return the members of an object and of the objects in it, in order. Alternatives contribute all their members."""
    return _list_members(schema, "", 0)


def resolve(node: Any) -> Any:
    """Return the target of the node's $ref within the contract, or the node itself if it has none."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        others = {name: value for name, value in node.items() if name != "$ref"}
        node = {**target, **others}
    return node


def describe_type(schema: dict[str, Any]) -> str:
    """Return the type of a value with its limits, in words."""
    merged = _merge(schema)
    if "const" in merged:
        return json.dumps(merged["const"])
    if "enum" in merged:
        return " or ".join(json.dumps(each) for each in merged["enum"])
    named = merged.get("type", "any")
    types = [named] if isinstance(named, str) else list(named)
    if "array" in types:
        items = describe_type(merged["items"]) if "items" in merged else "any"
        types[types.index("array")] = f"array of {items}"
    if "format" in merged:
        types[0] += f" ({merged['format']})"
    return " or ".join(types) + _describe_limits(merged)


def _describe_limits(schema: dict[str, Any]) -> str:
    for low, high, unit in (
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
    ):
        if low in schema and high in schema:
            return f", {schema[low]} to {schema[high]}{unit}"
        if low in schema:
            return f", at least {_count(schema[low], unit)}"
        if high in schema:
            return f", at most {_count(schema[high], unit)}"
    return ""


def _count(number: float, unit: str) -> str:
    return f"{number}{unit.removesuffix('s') if number == 1 else unit}"


def _merge(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without $ref, allOf, anyOf and oneOf. The types of alternatives are joined."""
    schema = resolve(schema)
    merged = {name: value for name, value in schema.items() if name not in ("allOf", "anyOf", "oneOf")}
    for part in map(_merge, schema.get("allOf", [])):
        merged = _join(merged, part)
    alternatives = [_merge(each) for each in (*schema.get("anyOf", []), *schema.get("oneOf", []))]
    types: list[str] = []
    for part in alternatives:
        named = part.get("type", "object" if "properties" in part else "any")
        types += [each for each in ([named] if isinstance(named, str) else named) if each not in types]
        merged = _join(merged, {name: value for name, value in part.items() if name != "type"})
    if types:
        merged["type"] = types[0] if len(types) == 1 else types
        if "null" in types and "enum" in merged:
            merged["enum"] = [*merged["enum"], None]
    return merged


def _join(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with the keywords of both. Of a member that both have, the other's keywords win."""
    mine = one.get("properties", {})
    properties = dict(mine)
    for name, schema in other.get("properties", {}).items():
        properties[name] = {**resolve(mine[name]), **resolve(schema)} if name in mine else schema
    required = dict.fromkeys([*one.get("required", []), *other.get("required", [])])
    return {**one, **other, "properties": properties, "required": list(required)}


def _list_members(schema: dict[str, Any], prefix: str, depth: int) -> list[Member]:
    merged = _merge(schema)
    if depth > _MAX_DEPTH:
        return []
    if "items" in merged:
        return _list_members(merged["items"], f"{prefix}[]", depth + 1)
    rows = []
    for name, value in merged.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        description = _merge(value).get("description", "")
        rows.append(Member(path, describe_type(value), name in merged.get("required", []), description))
        rows += _list_members(value, path, depth + 1)
    return rows
