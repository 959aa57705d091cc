"""Check a document against the official schema of its version."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from statuspin.contract.document import Document
from statuspin.loading.pointers import Keys

_FOLDER = Path(__file__).with_name("openapi")
_LONGEST = 300
_WHOLE = "https://spec.openapis.org/oas/schema-with-schemas"
_SCHEMAS = "https://json-schema.org/draft/2020-12/schema"


def invalid_places(document: Document) -> Iterator[tuple[Keys, str]]:
    """Yield the keys of every value that the official schema does not allow, with the fault."""
    try:
        errors = list(_validator(document.version[:3]).iter_errors(document.raw))
    except ValueError as unsupported:  # nested deeper than jsonschema-rs supports
        yield (), f"it cannot be compared with the official schema: {unsupported}"
        return
    for error in errors:
        deepest = _deepest(error)
        message = " ".join(deepest.message.split())
        short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        yield tuple(deepest.instance_path), short


@cache
def _validator(version: str) -> Any:
    official = json.loads((_FOLDER / f"{version}.json").read_text(encoding="utf-8"))
    if version == "3.0":
        return jsonschema_rs.Draft4Validator(official)
    # Since 3.1, schemas in the document are JSON Schema, which the official schema does not check.
    whole = {"$id": _WHOLE, "$ref": official["$id"], "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": _SCHEMAS}}}
    registry = jsonschema_rs.Registry([(official["$id"], official)], draft=jsonschema_rs.Draft202012)
    return jsonschema_rs.Draft202012Validator(whole, registry=registry)


def _deepest(error: Any) -> Any:
    """Return the most specific error: among alternatives, that of the closest match."""
    context = getattr(error.kind, "context", None)
    while context:
        below = [inner for alternative in context for inner in alternative]
        furthest = max(below, key=lambda inner: len(inner.instance_path), default=error)
        if len(furthest.instance_path) <= len(error.instance_path):
            return error
        error, context = furthest, getattr(furthest.kind, "context", None)
    return error
