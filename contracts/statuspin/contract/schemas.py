"""Schemas of a document as validators that need nothing else: references inlined or bundled, 3.0 spelled as 3.1."""

from functools import lru_cache
from typing import Any

import jsonschema_rs

from statuspin.contract.document import Document
from statuspin.errors import CannotRun

Validator = jsonschema_rs.Draft202012Validator


class Schemas:
    """The validators of one document, each built once."""

    def __init__(self, document: Document) -> None:
        """document: whose `#/components` the schemas refer to."""
        components = document.raw.get("components") or {}
        self._document = document
        self._plain = plain(components) if document.is_3_0 else components
        self._is_3_0 = document.is_3_0
        self._built: dict[int, tuple[Any, Validator]] = {}

    def validator(self, schema: Any) -> Validator:
        """The validator of a schema object of the document. Raises CannotRun where it is none."""
        known = self._built.get(id(schema))
        if known is None:
            known = self._built[id(schema)] = (schema, self._build(schema))
        return known[1]

    def _build(self, schema: Any) -> Validator:
        own = plain(schema) if self._is_3_0 else schema
        whole = {"components": self._plain, "allOf": [own]}
        try:
            return Validator(whole, validate_formats=True, retriever=_refused)
        except (ValueError, jsonschema_rs.ReferencingError):  # rarely, it refers to what stands outside of components
            paths = self._document.raw.get("paths") or {}
        try:
            whole["paths"] = plain(paths) if self._is_3_0 else paths
            return Validator(whole, validate_formats=True, retriever=_refused)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            said = " ".join(str(error).split())
            raise CannotRun(f"{self._document.name}: a schema cannot be used: {_short(said)}") from None

    def faults(self, schema: Any, value: Any) -> list[str]:
        """What is wrong with `value`, each as `place: complaint`; the deepest complaint of alternatives."""
        try:
            return [f"{_place(error)}{_short(error.message)}" for error in self.validator(schema).iter_errors(value)]
        except ValueError as error:  # lone surrogates, and what is nested past any sense
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


def _place(error: Any) -> str:
    place = ".".join(str(part) for part in error.instance_path)
    return f"{place}: " if place else ""


@lru_cache(maxsize=512)
def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"
