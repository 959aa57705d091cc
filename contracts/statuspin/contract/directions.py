"""Handle `readOnly` and `writeOnly` properties: only in responses or only in requests (OpenAPI 3.0 and 3.1)."""

from typing import Any

from statuspin.contract.document import Document

READ_ONLY, WRITE_ONLY = "readOnly", "writeOnly"
UNEXPECTED = {"not": {"description": WRITE_ONLY}}
"""The schema that replaces a writeOnly property in responses. No value matches it."""

_DEEPEST = 12
_NOT_AN_ASSERTION = frozenset({"not", "if", "enum", "const", "default", "example", "examples", "discriminator"})


def is_marked(document: Document, schema: Any, keyword: str, depth: int = 0) -> bool:
    """Return whether a property, its reference or a part of its allOf is readOnly or writeOnly."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    if schema.get(keyword) is True:
        return True
    target = document.resolve(schema)
    parts = target.get("allOf") if isinstance(target, dict) else None
    return (target is not schema and is_marked(document, target, keyword, depth + 1)) or any(
        is_marked(document, part, keyword, depth + 1) for part in (parts if isinstance(parts, list) else ())
    )


def answer_schema(document: Document, node: Any, unsent: frozenset[str] = frozenset()) -> Any:
    """Return the schema of a response: without writeOnly properties, in `required` neither.

    unsent: the writeOnly properties of the enclosing schema.
    """
    if isinstance(node, list):
        return [answer_schema(document, each, unsent) for each in node]
    if not isinstance(node, dict):
        return node
    unsent |= _write_only(document, node)
    described = {name: _child(document, name, value, unsent) for name, value in node.items()}
    if unsent and isinstance(required := node.get("required"), list):
        described["required"] = [name for name in required if name not in unsent]
    properties = node.get("properties")
    if unsent and isinstance(properties, dict):
        hidden = {name: UNEXPECTED for name, child in properties.items() if is_marked(document, child, WRITE_ONLY)}
        described["properties"] |= hidden
    return described


def _child(document: Document, name: str, value: Any, unsent: frozenset[str]) -> Any:
    if name in _NOT_AN_ASSERTION:
        return value
    if name in ("allOf", "anyOf", "oneOf"):
        return answer_schema(document, value, unsent)
    if name == "properties" and isinstance(value, dict):
        return {key: answer_schema(document, child) for key, child in value.items()}
    return answer_schema(document, value)


def _write_only(document: Document, schema: Any, depth: int = 0) -> frozenset[str]:
    """Return the names of the writeOnly properties of an object, those of its parts included."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return frozenset()
    properties, parts = schema.get("properties"), schema.get("allOf")
    own = {
        name
        for name, child in (properties.items() if isinstance(properties, dict) else ())
        if is_marked(document, child, WRITE_ONLY)
    }
    return frozenset(own).union(
        *(_write_only(document, part, depth + 1) for part in (parts if isinstance(parts, list) else ()))
    )
