"""Schemas of a document as validators of answers: references bundled, 3.0 written as 3.1, writeOnly left out."""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from statuspin.contract.directions import UNEXPECTED, WRITE_ONLY, of_answers
from statuspin.contract.document import Document
from statuspin.errors import CannotRun

_UNEXPECTED = json.dumps(UNEXPECTED["not"], separators=(",", ":"))

Validator = jsonschema_rs.Draft202012Validator


class Schemas:
    """The validators of one document, each built once."""

    def __init__(self, document: Document) -> None:
        """document: whose `#/components` the schemas refer to."""
        self._document = document
        components = document.raw.get("components") or {}
        self._has_write_only = WRITE_ONLY in str(document.raw)
        self._components = {
            kind: {name: self._prepare(each) for name, each in described.items()} if isinstance(described, dict) else {}
            for kind, described in components.items()
        }
        self._built: dict[int, tuple[Any, Validator]] = {}

    def validator(self, schema: Any) -> Validator:
        """Return the validator of a schema object of the document. Raises CannotRun if it is not a schema."""
        known = self._built.get(id(schema))
        if known is None:
            known = self._built[id(schema)] = (schema, self._build(schema))
        return known[1]

    def _build(self, schema: Any) -> Validator:
        whole = {"components": self._components, "allOf": [self._prepare(schema)]}
        try:
            return Validator(whole, validate_formats=True, retriever=_refused)
        except (ValueError, jsonschema_rs.ReferencingError):  # rarely, it refers to a place outside of components
            paths = self._document.raw.get("paths") or {}
        try:
            whole["paths"] = self._prepare(paths)
            return Validator(whole, validate_formats=True, retriever=_refused)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            said = " ".join(str(error).split())
            raise CannotRun(f"{self._document.name}: a schema cannot be used: {_short(said)}") from None

    def _prepare(self, node: Any) -> Any:
        described = plain(node) if self._document.is_3_0 else node
        return of_answers(self._document, described) if self._has_write_only else described

    def faults(self, schema: Any, value: Any) -> list[str]:
        """Return what is wrong with `value`, each as `place: complaint`; the deepest complaint of alternatives."""
        try:
            return [f"{_place(error)}{_complaint(error)}" for error in self.validator(schema).iter_errors(value)]
        except ValueError as error:  # lone surrogates, and values that are nested too deeply
            return [f"cannot be compared with its schema: {_short(str(error))}"]


def plain(node: Any) -> Any:
    """A schema of OpenAPI 3.0 as 3.1 has it: `nullable` and exclusive bounds in their newer spelling."""
    if isinstance(node, list):
        return [plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {name: plain(value) for name, value in node.items()}
    if isinstance(schema.get("nullable"), bool) and schema.pop("nullable"):  # else it is a property of that name
        schema = _or_null(schema)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)
    return schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _refused(reference: str) -> Any:
    raise ValueError(f"{reference} is outside of the document")


def _complaint(error: Any) -> str:
    if error.message.startswith(_UNEXPECTED):  # the message has the value, which may be a password
        return "it is writeOnly, and the answer has it"
    return _short(error.message)


def _place(error: Any) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    return f"{place}: " if place else ""


@lru_cache(maxsize=512)
def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"
