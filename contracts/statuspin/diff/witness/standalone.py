"""Convert a schema of a document to a JSON Schema that a validator can compile without the document."""

from collections import deque
from typing import Any

import jsonschema_rs

from statuspin.diff.inclusion.numbers import INTEGER_RANGES
from statuspin.diff.inclusion.objects import is_hidden
from statuspin.diff.rule import Direction
from statuspin.diff.schema.keywords import NUMBER_FORMATS
from statuspin.diff.schema.patterns import is_valid
from statuspin.diff.schema.schema import SchemaNode

_ONE = frozenset({"not", "if", "then", "else", "items", "contains", "propertyNames", "additionalProperties"}).union(
    {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_COPIED_KEYWORDS = (
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems"
    " minItems uniqueItems maxContains minContains maxProperties minProperties dependentRequired format"
)
_COPIED = frozenset(_COPIED_KEYWORDS.split())
_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})
_MOST_SCHEMAS = 250


class Standalone:
    """Converts one schema. Each schema that it refers to becomes a definition.

    The nearest come first. If there are too many, the others are replaced by schemas that accept everything.
    direction: readOnly members are left out of requests, and writeOnly ones out of responses.
    """

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._names: dict[SchemaNode, str] = {}
        self._waiting: deque[SchemaNode] = deque()

    def make(self, node: SchemaNode) -> dict[str, Any]:
        """Return the schema of `node`."""
        root = self._reference(node)
        definitions: dict[str, Any] = {}
        while self._waiting:
            each = self._waiting.popleft()
            is_cut = len(definitions) >= _MOST_SCHEMAS
            definitions[self._names[each]] = True if is_cut else self._convert_node(each)
        return root | {"$defs": definitions}

    def _reference(self, node: SchemaNode) -> dict[str, Any]:
        if node not in self._names:
            self._names[node] = f"s{len(self._names)}"
            self._waiting.append(node)
        return {"$ref": f"#/$defs/{self._names[node]}"}

    def _convert_node(self, node: SchemaNode) -> Any:
        if isinstance(node.raw, bool):
            return node.raw
        if node.parts:
            return {"allOf": [self._reference(part) for part in node.parts]}
        return self._convert_raw(node, node.raw, self._hidden(node))

    def _hidden(self, node: SchemaNode) -> frozenset[str]:
        properties = node.schema.properties.items()
        return frozenset(name for name, child in properties if is_hidden(child, self._direction))

    def _convert_raw(self, node: SchemaNode, raw: Any, hidden: frozenset[str]) -> Any:
        """Return one schema object including those for the same value. Others become definitions."""
        if not isinstance(raw, dict):
            return raw is not False
        reader = node.reader
        target = reader.target(raw)
        if target is not None and (reader.is_3_0 or len(raw) == 1):
            return self._convert_reference(reader.node(target), hidden)
        made = {
            key: made for key, value in raw.items() if (made := self._keyword(node, key, value, hidden)) is not None
        }
        if target is not None:
            made["allOf"] = [*made.get("allOf", []), self._convert_reference(reader.node(target), hidden)]
        return _translate(made, raw, is_3_0=reader.is_3_0)

    def _keyword(self, node: SchemaNode, key: str, value: Any, hidden: frozenset[str]) -> Any:
        """Return the value of one keyword, or None if a validator has no use for it."""
        if key in _SEVERAL and isinstance(value, list):
            return [self._convert_nested(node, each, key, hidden) for each in value]
        if key in _ONE and isinstance(value, dict | bool):
            return self._convert_nested(node, value, key, hidden)
        if key in _NAMED and isinstance(value, dict):
            return self._members(node, value, key, hidden)
        if key == "required" and isinstance(value, list):
            return [name for name in value if isinstance(name, str) and name not in hidden]
        return value if key in _COPIED else None

    def _convert_reference(self, node: SchemaNode, hidden: frozenset[str]) -> Any:
        return self._reference(node) if not hidden or node.parts else self._convert_raw(node, node.raw, hidden)

    def _convert_nested(self, node: SchemaNode, raw: Any, key: str, hidden: frozenset[str]) -> Any:
        if key in _SAME_VALUE and hidden:
            return self._convert_raw(node, raw, hidden)
        return self._reference(node.reader.node(raw))

    def _members(self, node: SchemaNode, value: dict[str, Any], key: str, hidden: frozenset[str]) -> dict[str, Any]:
        gone = hidden if key == "properties" else frozenset()
        return {str(name): self._reference(node.reader.node(raw)) for name, raw in value.items() if name not in gone}


def _translate(made: dict[str, Any], raw: dict[str, Any], *, is_3_0: bool) -> dict[str, Any]:
    """Return `made` with spellings of OpenAPI 3.0, and formats of numbers as bounds."""
    if isinstance(made.get("pattern"), str) and not is_valid(made["pattern"]):
        del made["pattern"]
    for bound in ("Minimum", "Maximum"):
        exclusive = f"exclusive{bound}"
        if isinstance(made.get(exclusive), bool):
            plain = bound.lower()
            if made.pop(exclusive) and plain in made:
                made[exclusive] = made.pop(plain)
    if made.get("format") in NUMBER_FORMATS:
        name = made.pop("format")
        if name in INTEGER_RANGES:
            least, most = INTEGER_RANGES[name]
            made["allOf"] = [*made.get("allOf", []), {"minimum": least, "maximum": most}]
    if is_3_0 and raw.get("nullable") is True:
        return _allow_null(made)
    return made


def _allow_null(made: dict[str, Any]) -> dict[str, Any]:
    if "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        return made | {"type": [*types, "null"]}
    if any(key in made for key in ("allOf", "anyOf", "oneOf")):
        return {"anyOf": [made, {"type": "null"}]}
    return made


class Validators:
    """The compiled validators of nodes. Each is built once."""

    def __init__(self) -> None:
        self._known: dict[tuple[SchemaNode, Direction], Any] = {}

    def of(self, node: SchemaNode, direction: Direction) -> Any:
        """Return a validator with formats asserted, or None if the schema cannot be compiled."""
        key = (node, direction)
        if key not in self._known:
            self._known[key] = self._compile(node, direction)
        return self._known[key]

    @staticmethod
    def _compile(node: SchemaNode, direction: Direction) -> Any:
        try:
            schema = Standalone(direction).make(node)
            return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, RecursionError):
            return None
