"""Schemas in canonical form: schemas with the same meaning are equal."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

TYPES = frozenset({"null", "boolean", "number", "string", "array", "object"})
LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")

_MAPPINGS = ("bounds", "properties", "pattern_properties", "dependent_required", "dependent_schemas")
_HASHABLE_FIELDS = (
    "types steps patterns formats content content_schemas required additional unevaluated_properties property_names"
    " prefix items unevaluated_items unique contains unions conditionals"
)
_HASHABLE = tuple(_HASHABLE_FIELDS.split())
_LEADING_ELSEWHERE = frozenset({"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf"})

Bound = tuple[float, bool]


class Reader(Protocol):
    """Reads the schemas of one document."""

    @property
    def true(self) -> "SchemaNode":
        """A schema that accepts everything."""

    @property
    def false(self) -> "SchemaNode":
        """A schema that accepts nothing."""

    @property
    def is_3_0(self) -> bool:
        """Whether the document's schemas are those of OpenAPI 3.0."""

    def node(self, raw: Any) -> "SchemaNode":
        """Return the node of a schema; that of the target if it is a reference and nothing else."""

    def target(self, raw: dict[str, Any]) -> Any:
        """Return the target of the schema's own $ref or $dynamicRef, or None if it has none."""

    def name_of(self, node: "SchemaNode") -> str:
        """Return the name of a node among the document's components, empty if it has none."""

    def read(self, node: "SchemaNode") -> "Schema":
        """Return the canonical form of a node."""

    def merge(self, one: "Schema", other: "Schema") -> "Schema":
        """Return the schema of allOf [one, other]."""

    def both(self, one: "SchemaNode", other: "SchemaNode") -> "SchemaNode":
        """Return the node that holds if `one` and `other` hold."""

    def expand(self, schema: "Schema") -> "tuple[Schema, ...] | None":
        """Return the alternatives of a schema, or None if there are too many."""


class SchemaNode:
    """A schema of a document, independent of the number of references to it.

    reader: reads schemas of the same document. raw: the schema object, with $ref followed.
    parts: the nodes that all have to hold, for a node that is not in the document.
    """

    __slots__ = ("_alternatives", "_schema", "parts", "raw", "reader")

    def __init__(self, reader: "Reader", raw: Any, parts: "tuple[SchemaNode, ...]" = ()) -> None:
        self.reader, self.raw, self.parts = reader, raw, parts
        self._schema: Schema | None = None
        self._alternatives: tuple[tuple[Schema, ...] | None] | None = None

    @property
    def schema(self) -> "Schema":
        """The canonical form."""
        if self._schema is None:
            self._schema = self.reader.read(self)
        return self._schema

    @property
    def is_simple(self) -> bool:
        """Whether the object itself holds every keyword."""
        return isinstance(self.raw, dict) and not self.parts and not self.raw.keys() & _LEADING_ELSEWHERE

    @property
    def is_read_only(self) -> bool:
        """Whether the value is never part of a request."""
        return self.raw.get("readOnly") is True if self.is_simple else self.schema.read_only

    @property
    def is_write_only(self) -> bool:
        """Whether the value is never part of a response."""
        return self.raw.get("writeOnly") is True if self.is_simple else self.schema.write_only

    @property
    def enum(self) -> dict[str, Any] | None:
        """The values of the schema's enum."""
        return None if self.is_simple and not ("enum" in self.raw or "const" in self.raw) else self.schema.enum

    @property
    def alternatives(self) -> "tuple[Schema, ...] | None":
        """The schemas of one type each, without unions, that together accept the same values; None if too many."""
        if self._alternatives is None:
            self._alternatives = ((),)
            self._alternatives = (self.reader.expand(self.schema),)
        return self._alternatives[0]


@dataclass(frozen=True, slots=True)
class Union:
    """anyOf, or oneOf if `is_exclusive`."""

    variants: tuple[SchemaNode, ...]
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class Contains:
    """At least `minimum` and at most `maximum` elements have to match `schema`."""

    schema: SchemaNode
    minimum: float = 1
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """if, then, else."""

    condition: SchemaNode
    then: SchemaNode
    otherwise: SchemaNode


@dataclass(eq=False)
class Schema:
    """The canonical form of one schema, with allOf merged. It is never changed; `frozen` would make it slow to create.

    types: JSON types; `integer` stands without `number`. enum: values by their JSON text.
    bounds: (value, exclusive) by keyword. steps: of multipleOf.
    additional: the schema of members that are not named; None if the document does not say.
    items: the schema of elements behind `prefix`. unions: each has to hold. default: empty, or the one value.
    misplaced: types that keywords concern although `type` does not name them. They refuse no value, but the author
    intended something.
    excluded: the other variants of a oneOf, in an alternative of it.
    promises: x-sunset and x-stability-level.
    content: contentEncoding and contentMediaType; `format: binary` and `format: byte` count as such.
    """

    types: frozenset[str] = TYPES
    enum: dict[str, Any] | None = None
    bounds: dict[str, Bound] = field(default_factory=dict)
    steps: frozenset[float] = frozenset()
    patterns: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    content: frozenset[tuple[str, str]] = frozenset()
    content_schemas: tuple[SchemaNode, ...] = ()
    properties: dict[str, SchemaNode] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: SchemaNode | None = None
    unevaluated_properties: SchemaNode | None = None
    pattern_properties: dict[str, SchemaNode] = field(default_factory=dict)
    property_names: tuple[SchemaNode, ...] = ()
    dependent_required: dict[str, frozenset[str]] = field(default_factory=dict)
    dependent_schemas: dict[str, SchemaNode] = field(default_factory=dict)
    prefix: tuple[SchemaNode, ...] = ()
    items: SchemaNode | None = None
    unevaluated_items: SchemaNode | None = None
    unique: bool = False
    contains: tuple[Contains, ...] = ()
    unions: tuple[Union, ...] = ()
    nots: tuple[SchemaNode, ...] = ()
    excluded: tuple[SchemaNode, ...] = ()
    conditionals: tuple[Conditional, ...] = ()
    extensible_enum: dict[str, Any] | None = None
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    promises: dict[str, Any] = field(default_factory=dict)
    default: tuple[Any, ...] = ()
    misplaced: frozenset[str] = frozenset()
    xml: dict[str, Any] = field(default_factory=dict)
    discriminator: tuple[str, dict[str, str]] | None = None

    @cached_property
    def tags(self) -> dict[str, frozenset[str]]:
        """The JSON texts of required members with few values, which distinguish variants."""
        return {
            name: frozenset(enum)
            for name in self.required
            if (node := self.properties.get(name)) is not None and (enum := node.enum) is not None
        }

    @cached_property
    def key(self) -> Hashable:
        """A value that is the same for two schemas of the same keywords with the same nodes."""
        mappings = (getattr(self, name) for name in _MAPPINGS)
        return (
            None if self.enum is None else frozenset(self.enum),
            *(frozenset(mapping.items()) for mapping in mappings),
            *(getattr(self, name) for name in _HASHABLE),
            *(frozenset(nodes) for nodes in (self.nots, self.excluded)),
        )

    @cached_property
    def of_requests(self) -> "Schema":
        """The schema without readOnly members, which requests do not have."""
        return self._without({name for name, node in self.properties.items() if node.is_read_only})

    @cached_property
    def of_responses(self) -> "Schema":
        """The schema without writeOnly members, which responses do not have."""
        return self._without({name for name, node in self.properties.items() if node.is_write_only})

    def _without(self, names: set[str]) -> "Schema":
        if not names:
            return self
        properties = {name: node for name, node in self.properties.items() if name not in names}
        return replace(self, properties=properties, required=self.required - names)

    @property
    def is_nullable(self) -> bool:
        """Whether null is among the types."""
        return "null" in self.types

    @property
    def value_types(self) -> frozenset[str]:
        """The types without null."""
        return self.types - {"null"}

    @property
    def is_bare_union(self) -> bool:
        """Whether the schema consists only of variants."""
        if not self.unions or self.properties or self.required or self.enum is not None:
            return False
        return self.types >= frozenset().union(*(node.schema.types for node in self.unions[0].variants))


ANY = Schema()
NEVER = Schema(types=frozenset())
