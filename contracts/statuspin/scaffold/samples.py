"""Create small and reproducible values that match a schema or violate it."""

from typing import Any

from statuspin.contract.directions import READ_ONLY, is_marked
from statuspin.contract.document import Document
from statuspin.coverage.elements import members

_DEEPEST = 6
_TEXTS = {
    "uuid": "00000000-0000-4000-8000-000000000001",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
}


def sample(document: Document, schema: Any, depth: int = 0) -> Any:
    """Return a value for a request, from the schema's example, default or enum if it has one.

    The value may not match a complex schema.
    """
    schema = document.resolve(schema)
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    for keyword in ("example", "default", "const"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("examples", "enum"):
        if isinstance(schema.get(keyword), list) and schema[keyword]:
            return schema[keyword][0]
    for keyword in ("oneOf", "anyOf"):
        if schema.get(keyword):
            return sample(document, schema[keyword][0], depth + 1)
    return _sample_of_type(document, schema, depth)


def without_read_only(document: Document, schema: Any, value: Any) -> Any:
    """Return a value of a request without the properties that only answers have."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict):
        return value
    if isinstance(value, list):
        return [without_read_only(document, schema.get("items"), each) for each in value]
    if not isinstance(value, dict):
        return value
    described = members(document, schema)
    return {
        name: without_read_only(document, described.get(name), child)
        for name, child in value.items()
        if not is_marked(document, described.get(name), READ_ONLY)
    }


def schema_object(document: Document, schema: Any) -> dict[str, Any]:
    """Return the target of a schema's reference, or an empty schema if it is true, false or missing."""
    found = document.resolve(schema)
    return found if isinstance(found, dict) else {}


def malformed_value(schema: dict[str, Any]) -> Any:
    """Return a string that a path parameter of this schema rejects, or None if it accepts any string."""
    if schema.get("format") in ("uuid", "date", "date-time"):
        return f"no-{schema['format']}"
    return "x" if schema.get("type") in ("integer", "number", "boolean") else None


def missing_value(schema: dict[str, Any]) -> Any:
    """Return a valid value that most likely identifies nothing."""
    if schema.get("type") in ("integer", "number"):
        return int(schema.get("maximum", 2**31 - 1))
    return _TEXTS["uuid"].replace("1", "f") if schema.get("format") == "uuid" else "there-is-no-such-thing"


def _sample_of_type(document: Document, schema: dict[str, Any], depth: int) -> Any:
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind == "object" or "properties" in schema or "allOf" in schema:
        return _sample_object(document, schema, depth)
    if kind == "array":
        fewest = max(1 if "items" in schema else 0, int(schema.get("minItems", 0)))
        count = min(fewest, int(schema.get("maxItems", fewest)), 3)
        return [sample(document, schema.get("items"), depth + 1) for _ in range(count)]
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "x" * max(1, min(int(schema.get("minLength", 1)), 64)))
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"boolean": True}.get(str(kind))


def _sample_object(document: Document, schema: dict[str, Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in schema.get("allOf") or []:
        value = sample(document, part, depth + 1)
        found.update(value if isinstance(value, dict) else {})
    properties = schema.get("properties") or {}
    for name in schema.get("required") or []:
        found[name] = sample(document, properties.get(name), depth + 1)
    kept: dict[str, Any] = without_read_only(document, schema, found)
    return kept
