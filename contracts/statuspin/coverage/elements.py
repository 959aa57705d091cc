"""List the elements that the coverage criteria count: parameters, values, media types and properties."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from statuspin.contract.directions import WRITE_ONLY, is_marked
from statuspin.contract.document import Document, Operation

_DEEPEST = 12
_MOST_PARENTS = 60
_PARAMETER = re.compile(r"\{([^{}]+)\}")


def parameters(document: Document, operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters of an operation and its path. Those of the operation override those of the path."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for holder in (operation.item, operation.raw):
        for raw in holder.get("parameters") or []:
            parameter = document.resolve(raw)
            if isinstance(parameter, dict) and "name" in parameter:
                found[parameter.get("in", ""), parameter["name"]] = parameter
    return list(found.values())


def values(document: Document, schema: Any) -> list[Any]:
    """Return all values of an enum or a boolean, and an empty list for other schemas."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict):
        return []
    if isinstance(schema.get("enum"), list):
        return list(schema["enum"])
    return [True, False] if schema.get("type") == "boolean" else []


def body_schema(document: Document, holder: Any) -> Any:
    """Return the JSON schema of a request body or response, or None if it does not have one."""
    content = (document.resolve(holder) or {}).get("content") or {}
    for name, media in content.items():
        if name.partition(";")[0].strip().endswith("json"):
            return (media or {}).get("schema")
    return None


def members(document: Document, schema: Any) -> dict[str, Any]:
    """Return the schemas of an object's properties by name, including those in allOf, anyOf and oneOf."""
    return {
        name: child for part in _parts(document, schema, 0) for name, child in (part.get("properties") or {}).items()
    }


def properties(document: Document, schema: Any) -> set[str]:
    """Return the paths of all properties of responses that a schema describes, such as `data.messages[].role`."""
    return set(_properties(document, [schema], "", frozenset()))


def places(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all properties in a body, in the notation of `properties`."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield prefix + name
            yield from places(child, f"{prefix}{name}.")
    elif isinstance(value, list):
        for child in value:
            yield from places(child, f"{prefix.removesuffix('.')}[].")


def path_values(operation: Operation, path: str) -> dict[str, str]:
    """Return the values of the path parameters in the path of a request, which may begin with a base path."""
    pattern = "".join(
        f"(?P<_{number // 2}>[^/]*)" if number % 2 else re.escape(part)
        for number, part in enumerate(_PARAMETER.split(operation.path))
    )
    found = re.search(f"{pattern}$", path)
    if not found:
        return {}
    return {name: unquote(found[f"_{number}"]) for number, name in enumerate(_PARAMETER.findall(operation.path))}


def _properties(document: Document, schemas: list[Any], prefix: str, parents: frozenset[int]) -> Iterator[str]:
    """Yield the paths of properties of a value that all `schemas`, or their alternatives, describe."""
    parts = [part for schema in schemas for part in _parts(document, schema, 0)]
    parts = [part for part in parts if id(part) not in parents]
    if not parts or len(parents) > _MOST_PARENTS or any(_is_null(part) for part in parts):
        return
    inside = parents | {id(part) for part in parts}
    children: dict[str, list[Any]] = {}
    for part in parts:
        for name, child in (part.get("properties") or {}).items():
            children.setdefault(name, []).append(child)
    for name, described in children.items():
        if any(is_marked(document, each, WRITE_ONLY) for each in described):
            continue
        yield prefix + name
        yield from _properties(document, described, f"{prefix}{name}.", inside)
    items = [part["items"] for part in parts if "items" in part]
    yield from _properties(document, items, f"{prefix.removesuffix('.')}[].", inside)


def _parts(document: Document, schema: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield a schema and the schemas in its allOf, anyOf and oneOf."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword) or []:
            if not _is_null(part):
                yield from _parts(document, part, depth + 1)


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or ("const" in schema and schema["const"] is None)
    )
