"""Read the keywords of one schema object in canonical form, with OpenAPI 3.0 converted to 3.1."""

from collections.abc import Iterable
from typing import Any

from statuspin.diff.schema.json_values import is_number, text_of, type_of
from statuspin.diff.schema.schema import (
    LOWER,
    TYPES,
    UPPER,
    Bound,
    Conditional,
    Contains,
    Reader,
    Schema,
    SchemaNode,
    Union,
)

_DOCUMENTATION = (
    "title description example examples externalDocs $comment $id $schema $anchor $dynamicAnchor $vocabulary $defs"
    " definitions summary"
)
DOCUMENTATION = frozenset(_DOCUMENTATION.split())
_COMPARED = (
    "type nullable enum const pattern format properties required additionalProperties unevaluatedProperties"
    " patternProperties propertyNames dependentRequired dependentSchemas dependencies items unevaluatedItems"
    " prefixItems contains minContains maxContains uniqueItems anyOf oneOf allOf not if then else $ref $dynamicRef"
    " readOnly writeOnly deprecated default exclusiveMinimum exclusiveMaximum multipleOf contentEncoding"
    " contentMediaType contentSchema xml discriminator x-extensible-enum x-sunset x-stability-level"
)
COMPARED = frozenset(_COMPARED.split()).union(LOWER, UPPER)
_CONCERNED = {
    keyword: kind
    for kind, keywords in {
        "string": "minLength maxLength pattern",
        "number": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
        "array": "minItems maxItems uniqueItems items prefixItems contains minContains maxContains unevaluatedItems",
        "object": "properties required minProperties maxProperties additionalProperties patternProperties propertyNames"
        " dependentRequired dependentSchemas unevaluatedProperties",
    }.items()
    for keyword in keywords.split()
}
_TEXT_FORMATS = (
    "date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference"
    " uuid uri-template json-pointer relative-json-pointer regex password"
)
_NUMBER_FORMATS = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double decimal"
TEXT_FORMATS = frozenset(_TEXT_FORMATS.split())
NUMBER_FORMATS = frozenset(_NUMBER_FORMATS.split())
_FROM_ZERO = frozenset({"minLength", "minItems", "minProperties"})
_CONTENT_FORMATS = {"binary": ("contentMediaType", "*"), "byte": ("contentEncoding", "base64")}


def is_compared(keyword: str) -> bool:
    """Return whether a sibling of a $ref has a meaning."""
    return keyword in COMPARED


def read_keywords(raw: dict[str, Any], reader: Reader, *, is_3_0: bool) -> Schema:
    """Read the keywords of `raw`, except $ref and allOf."""
    types = _types(raw, is_3_0=is_3_0)
    enum, types = _enum(raw, types)
    content, formats = _content(raw)
    if content and types == TYPES:
        types = frozenset({"string"})
    return Schema(
        types=types,
        enum=enum,
        bounds=_bounds(raw, types),
        steps=frozenset({raw["multipleOf"]} if is_number(raw.get("multipleOf")) and raw["multipleOf"] > 0 else ()),
        patterns=_texts(raw.get("pattern")),
        formats=formats,
        content=content,
        content_schemas=_nodes(reader, [raw["contentSchema"]] if "contentSchema" in raw else []),
        properties=_members(reader, raw.get("properties")),
        required=_texts_of(raw.get("required")),
        additional=_node(reader, raw, "additionalProperties"),
        unevaluated_properties=_node(reader, raw, "unevaluatedProperties"),
        pattern_properties=_members(reader, raw.get("patternProperties")),
        property_names=_nodes(reader, [raw["propertyNames"]] if "propertyNames" in raw else []),
        dependent_required=_dependent_required(raw),
        dependent_schemas=_dependent_schemas(raw, reader),
        prefix=_nodes(reader, _list(raw.get("prefixItems"))),
        items=_node(reader, raw, "items"),
        unevaluated_items=_node(reader, raw, "unevaluatedItems"),
        unique=raw.get("uniqueItems") is True,
        contains=_contains(raw, reader),
        unions=_unions(raw, reader),
        nots=_nodes(reader, [raw["not"]] if "not" in raw else []),
        conditionals=_conditionals(raw, reader),
        extensible_enum=_extensible_enum(raw),
        read_only=raw.get("readOnly") is True,
        write_only=raw.get("writeOnly") is True,
        deprecated=raw.get("deprecated") is True,
        promises={keyword: raw[keyword] for keyword in ("x-sunset", "x-stability-level") if keyword in raw},
        default=(raw["default"],) if "default" in raw else (),
        misplaced=_misplaced(raw, types),
        xml={name: each for name, each in _mapping(raw.get("xml")).items() if each is not False},
        discriminator=_discriminator(raw),
    )


def _types(raw: dict[str, Any], *, is_3_0: bool) -> frozenset[str]:
    stated = raw.get("type")
    if stated is None:
        return TYPES
    types = {stated} if isinstance(stated, str) else set(_texts_of(stated))
    if is_3_0 and raw.get("nullable") is True:
        types.add("null")
    return frozenset(types - {"integer"} if "number" in types else types)


def _enum(raw: dict[str, Any], types: frozenset[str]) -> tuple[dict[str, Any] | None, frozenset[str]]:
    if "const" in raw:
        values = [raw["const"]]
    elif isinstance(raw.get("enum"), list):
        values = raw["enum"]
    else:
        return None, types
    allowed = {text_of(value): value for value in values if has_type(value, types)}
    if types == {"null", "boolean"} or types == {"boolean"}:
        kept = {type_of(value) for value in allowed.values()} & types
        if len(allowed) == len(kept & {"null"}) + 2 * len(kept & {"boolean"}):
            return None, frozenset(kept)
    implied = {type_of(value) for value in allowed.values()}
    if types != TYPES:
        return allowed, frozenset(types if "null" in implied else types - {"null"})
    return allowed, frozenset(implied - {"integer"} if "number" in implied else implied)


def has_type(value: Any, types: Iterable[str]) -> bool:
    """Return whether `value` is of one of `types`."""
    kind = type_of(value)
    return kind in types or (kind == "integer" and "number" in types)


def _bounds(raw: dict[str, Any], types: frozenset[str]) -> dict[str, Bound]:
    bounds = {key: (raw[key], False) for key in (*LOWER, *UPPER) if is_number(raw.get(key))}
    bounds = {key: bound for key, bound in bounds.items() if bound[0] or key not in _FROM_ZERO}
    step = 1 if types - {"null"} == {"integer"} else 0
    _exclude(bounds, "minimum", raw.get("exclusiveMinimum"), step)
    _exclude(bounds, "maximum", raw.get("exclusiveMaximum"), -step)
    return bounds


def _exclude(bounds: dict[str, Bound], keyword: str, exclusive: Any, step: int) -> None:
    if exclusive is True and keyword in bounds:
        exclusive = bounds.pop(keyword)[0]
    if not is_number(exclusive):
        return
    bound = (exclusive + step, False) if step and exclusive == int(exclusive) else (exclusive, True)
    bounds[keyword] = tighter_bound(keyword, bounds.get(keyword, bound), bound)


def tighter_bound(keyword: str, one: Bound, other: Bound) -> Bound:
    """Return the tighter of two bounds."""
    if keyword in UPPER:
        return min(one, other, key=lambda bound: (bound[0], not bound[1]))
    return max(one, other)


def _content(raw: dict[str, Any]) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the content keywords, and the other formats."""
    named = _texts(raw.get("format"))
    content = {_CONTENT_FORMATS[name] for name in named if name in _CONTENT_FORMATS}
    for keyword in ("contentEncoding", "contentMediaType"):
        content.update((keyword, text.lower()) for text in _texts(raw.get(keyword)))
    return frozenset(content), named.difference(_CONTENT_FORMATS)


def _dependent_required(raw: dict[str, Any]) -> dict[str, frozenset[str]]:
    found = _mapping(raw.get("dependencies")) | _mapping(raw.get("dependentRequired"))
    return {name: _texts_of(names) for name, names in found.items() if isinstance(names, list)}


def _dependent_schemas(raw: dict[str, Any], reader: Reader) -> dict[str, SchemaNode]:
    found = _mapping(raw.get("dependencies")) | _mapping(raw.get("dependentSchemas"))
    return _members(reader, {name: schema for name, schema in found.items() if not isinstance(schema, list)})


def _contains(raw: dict[str, Any], reader: Reader) -> tuple[Contains, ...]:
    if "contains" not in raw:
        return ()
    least, most = raw.get("minContains", 1), raw.get("maxContains")
    return (
        Contains(reader.node(raw["contains"]), least if is_number(least) else 1, most if is_number(most) else None),
    )


def _unions(raw: dict[str, Any], reader: Reader) -> tuple[Union, ...]:
    return tuple(
        Union(_nodes(reader, raw[keyword]), keyword == "oneOf")
        for keyword in ("oneOf", "anyOf")
        if isinstance(raw.get(keyword), list) and raw[keyword]
    )


def _conditionals(raw: dict[str, Any], reader: Reader) -> tuple[Conditional, ...]:
    if "if" not in raw or not ("then" in raw or "else" in raw):
        return ()
    return (Conditional(*(reader.node(raw.get(keyword, True)) for keyword in ("if", "then", "else"))),)


def _misplaced(raw: dict[str, Any], types: frozenset[str]) -> frozenset[str]:
    if types == TYPES or "type" not in raw:
        return frozenset()
    found = {kind for keyword, kind in _CONCERNED.items() if keyword in raw and kind not in types}
    if raw.get("format") in TEXT_FORMATS and "string" not in types:
        found.add("string")
    if raw.get("format") in NUMBER_FORMATS and not types & {"number", "integer"}:
        found.add("number")
    return frozenset(found - ({"number"} if "integer" in types else set()))


def _extensible_enum(raw: dict[str, Any]) -> dict[str, Any] | None:
    values = raw.get("x-extensible-enum")
    return {text_of(value): value for value in values} if isinstance(values, list) else None


def _discriminator(raw: dict[str, Any]) -> tuple[str, dict[str, str]] | None:
    stated = _mapping(raw.get("discriminator"))
    if not isinstance(stated.get("propertyName"), str):
        return None
    mapping = _mapping(stated.get("mapping"))
    return stated["propertyName"], {name: str(target).rpartition("/")[2] for name, target in mapping.items()}


def _node(reader: Reader, raw: dict[str, Any], keyword: str) -> SchemaNode | None:
    return reader.node(raw[keyword]) if isinstance(raw.get(keyword), dict | bool) else None


def _nodes(reader: Reader, raws: list[Any]) -> tuple[SchemaNode, ...]:
    return tuple(reader.node(raw) for raw in raws)


def _members(reader: Reader, raw: Any) -> dict[str, SchemaNode]:
    return {name: reader.node(schema) for name, schema in _mapping(raw).items() if isinstance(schema, dict | bool)}


def _texts(value: Any) -> frozenset[str]:
    return frozenset({value}) if isinstance(value, str) else frozenset()


def _texts_of(value: Any) -> frozenset[str]:
    return frozenset(each for each in _list(value) if isinstance(each, str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}
