"""The keywords of one schema object, read into a shape; OpenAPI 3.0 spellings become those of 3.1."""

from typing import Any

from statuspin.diff.shape import LOWER, UPPER, Bound, Shape, text_of, type_of

_SAYING_NOTHING = (
    "title description example examples externalDocs xml discriminator $comment $id $schema $anchor $dynamicAnchor"
    " $vocabulary $defs definitions"
)
_SAYING_MUCH = (
    "type nullable enum const pattern format properties required additionalProperties unevaluatedProperties"
    " patternProperties items unevaluatedItems prefixItems anyOf oneOf allOf $ref readOnly writeOnly deprecated default"
    " exclusiveMinimum exclusiveMaximum multipleOf uniqueItems"
)
_FROM_ZERO = frozenset({"minLength", "minItems", "minProperties"})
_SILENT = frozenset(_SAYING_NOTHING.split())
_READ = frozenset(_SAYING_MUCH.split()).union(LOWER, UPPER)


def matters(keyword: str) -> bool:
    """Whether a keyword can change what a schema accepts; titles, descriptions and extensions cannot."""
    return keyword not in _SILENT and not keyword.startswith("x-")


def read(raw: dict[str, Any], *, is_3_0: bool) -> Shape:
    """The shape of what stands in `raw` itself, without $ref and allOf."""
    types, nullable = _types(raw, is_3_0=is_3_0)
    enum, types, nullable = _enum(raw, types, nullable=nullable)
    variants, rest = _variants(raw)
    return Shape(
        types=types,
        nullable=nullable,
        enum=enum,
        bounds=_bounds(raw, types),
        patterns=_texts(raw.get("pattern")),
        formats=_texts(raw.get("format")),
        properties=_mapping(raw.get("properties")),
        required=frozenset(name for name in _list(raw.get("required")) if isinstance(name, str)),
        additional=_first(raw, "additionalProperties", "unevaluatedProperties"),
        pattern_properties=_mapping(raw.get("patternProperties")),
        items=_first(raw, "items", "unevaluatedItems"),
        prefix=tuple(_list(raw.get("prefixItems"))),
        variants=variants,
        rest=rest,
        read_only=raw.get("readOnly") is True,
        write_only=raw.get("writeOnly") is True,
        deprecated=raw.get("deprecated") is True,
        default=text_of(raw["default"]) if "default" in raw else None,
    )


def _types(raw: dict[str, Any], *, is_3_0: bool) -> tuple[frozenset[str] | None, bool]:
    said = raw.get("type")
    if said is None:
        return None, True
    types = {said} if isinstance(said, str) else {name for name in _list(said) if isinstance(name, str)}
    nullable = "null" in types or (is_3_0 and raw.get("nullable") is True)
    return _without_doubles(types - {"null"}), nullable


def _without_doubles(types: set[str]) -> frozenset[str]:
    return frozenset(types - {"integer"} if "number" in types else types)


def _enum(
    raw: dict[str, Any], types: frozenset[str] | None, *, nullable: bool
) -> tuple[dict[str, Any] | None, frozenset[str] | None, bool]:
    if "const" in raw:
        values = [raw["const"]]
    elif isinstance(raw.get("enum"), list):
        values = raw["enum"]
    else:
        return None, types, nullable
    named = {text_of(value): value for value in values if value is not None}
    implied = _without_doubles({type_of(value) for value in named.values()})
    return named or None, implied if types is None or not named else types, nullable and None in values


def _bounds(raw: dict[str, Any], types: frozenset[str] | None) -> dict[str, Bound]:
    bounds = {key: (raw[key], False) for key in (*LOWER, *UPPER, "multipleOf") if _is_number(raw.get(key))}
    bounds = {key: bound for key, bound in bounds.items() if bound[0] or key not in _FROM_ZERO}
    step = 1 if types == frozenset({"integer"}) else 0
    _exclude(bounds, "minimum", raw.get("exclusiveMinimum"), step)
    _exclude(bounds, "maximum", raw.get("exclusiveMaximum"), -step)
    if raw.get("uniqueItems") is True:
        bounds["uniqueItems"] = (1, False)
    return bounds


def _exclude(bounds: dict[str, Bound], keyword: str, exclusive: Any, step: int) -> None:
    if exclusive is True and keyword in bounds:
        exclusive = bounds.pop(keyword)[0]
    if not _is_number(exclusive):
        return
    bound = (exclusive + step, False) if step and exclusive == int(exclusive) else (exclusive, True)
    bounds[keyword] = tighter(keyword, bounds.get(keyword, bound), bound)


def tighter(keyword: str, one: Bound, other: Bound) -> Bound:
    """The bound of the two that refuses more."""
    if keyword in UPPER:
        return min(one, other, key=lambda bound: (bound[0], not bound[1]))
    return max(one, other)


def _variants(raw: dict[str, Any]) -> tuple[tuple[Any, ...] | None, dict[str, tuple[Any, ...]]]:
    rest = {key: (value,) for key, value in raw.items() if key not in _READ and matters(key)}
    unions = [tuple(raw[key]) for key in ("oneOf", "anyOf") if isinstance(raw.get(key), list) and raw[key]]
    for extra in unions[1:]:
        rest["anyOf"] = ({"anyOf": list(extra)},)
    return (unions[0] if unions else None), rest


def _first(raw: dict[str, Any], *keywords: str) -> Any:
    for keyword in keywords:
        if isinstance(raw.get(keyword), dict | bool):
            return raw[keyword]
    return True


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> frozenset[str]:
    return frozenset([value]) if isinstance(value, str) else frozenset()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
