"""Compile the schemas of a document to validators of response bodies.

References are bundled, schemas of OpenAPI 3.0 are converted to 3.1, and writeOnly members are left out.
"""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from statuspin.contract.directions import UNEXPECTED, WRITE_ONLY, answer_schema
from statuspin.contract.document import Document
from statuspin.errors import CannotRun

_UNEXPECTED = json.dumps(UNEXPECTED["not"], separators=(",", ":"))

Validator = jsonschema_rs.Draft202012Validator


class Schemas:
    """The validators of one document. Each is built once."""

    def __init__(self, document: Document) -> None:
        """document: the owner of the `#/components` that schemas refer to."""
        self._document = document
        components = document.raw.get("components") or {}
        self._has_write_only = WRITE_ONLY in str(document.raw)
        self._components = {
            kind: {name: self._prepare(each) for name, each in described.items()} if isinstance(described, dict) else {}
            for kind, described in components.items()
        }
        self._built: dict[int, tuple[Any, Validator]] = {}

    def validator(self, schema: Any) -> Validator:
        """Return the validator of a schema object. Raises CannotRun if the schema is invalid."""
        known = self._built.get(id(schema))
        if known is None:
            known = self._built[id(schema)] = (schema, self._build(schema))
        return known[1]

    def _build(self, schema: Any) -> Validator:
        bundled = {"components": self._components, "allOf": [self._prepare(schema)]}
        try:
            return Validator(bundled, validate_formats=True, retriever=_refuse_reference)
        except (ValueError, jsonschema_rs.ReferencingError):  # it refers to a part outside components
            paths = self._document.raw.get("paths") or {}
        try:
            bundled["paths"] = self._prepare(paths)
            return Validator(bundled, validate_formats=True, retriever=_refuse_reference)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            reason = " ".join(str(error).split())
            raise CannotRun(f"{self._document.name}: a schema cannot be used: {_shorten(reason)}") from None

    def _prepare(self, node: Any) -> Any:
        described = convert_from_3_0(node) if self._document.is_3_0 else node
        return answer_schema(self._document, described) if self._has_write_only else described

    def faults(self, schema: Any, value: Any) -> list[str]:
        """Return the faults of `value` as `place: message`, for alternatives only the deepest."""
        try:
            return [f"{_place(error)}{_describe(error)}" for error in self.validator(schema).iter_errors(value)]
        except ValueError as error:  # lone surrogates, and values that are nested too deeply
            return [f"cannot be compared with its schema: {_shorten(str(error))}"]


def convert_from_3_0(node: Any) -> Any:
    """Convert a schema of OpenAPI 3.0 to 3.1: `nullable` and exclusive bounds."""
    if isinstance(node, list):
        return [convert_from_3_0(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {name: convert_from_3_0(value) for name, value in node.items()}
    if isinstance(schema.get("nullable"), bool) and schema.pop("nullable"):  # otherwise a property has that name
        schema = _allow_null(schema)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)
    return schema


def _allow_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _refuse_reference(reference: str) -> Any:
    raise ValueError(f"{reference} is outside the document")


def _describe(error: Any) -> str:
    if error.message.startswith(_UNEXPECTED):  # the message has the value, which may be a password
        return "it is writeOnly, but the response has it"
    return _shorten(error.message)


def _place(error: Any) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    return f"{place}: " if place else ""


@lru_cache(maxsize=512)
def _shorten(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"
