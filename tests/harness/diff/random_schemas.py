"""Random schemas from a seed, their changes, and equivalent schemas."""

from copy import deepcopy
from random import Random
from typing import Any

Raw = dict[str, Any]

_NAMES = ("p", "q", "r", "s")
_PATTERNS = ("^[a-z]+$", "^[a-z0-9]*$", "[0-9]", "^a", "^.{1,3}$")
_SINCE_3_1 = (
    "if",
    "prefixItems",
    "contains",
    "dependentSchemas",
    "dependentRequired",
    "propertyNames",
    "patternProperties",
)
_ALL_TYPES = ["string", "number", "boolean", "null", "array", "object"]


def make_schema(random: Random, depth: int = 0) -> Raw:
    """Return a random schema of at most three levels."""
    choice = random.random() * (0.5 if depth > 2 else 1)
    if choice < 0.5:
        return _scalar(random, random.choice(("string", "string", "integer", "number", "boolean")))
    if choice < 0.6:
        return _nullable(random)
    if choice < 0.7:
        return _array(random, depth)
    if choice < 0.88:
        return _object(random, depth)
    if choice < 0.96:
        variants = [make_schema(random, depth + 1) for _ in range(random.randint(1, 3))]
        return {random.choice(("anyOf", "oneOf")): variants}
    if choice < 0.97:
        return make_schema(random, depth + 1) | {"not": make_schema(random, depth + 2)}
    if choice < 0.985:
        return _conditional(random, depth)
    return {"allOf": [make_schema(random, depth + 1), {"required": ["p"]}]}


def make_scalar(random: Random) -> Raw:
    """Return a random schema of scalars."""
    made = [_scalar(random, random.choice(("string", "integer", "number", "boolean"))) for _ in range(2)]
    return made[0] if random.random() < 0.8 else {random.choice(("anyOf", "oneOf")): made}


def _conditional(random: Random, depth: int) -> Raw:
    made = make_schema(random, depth + 1) | {"if": make_schema(random, depth + 2)}
    made[random.choice(("then", "else"))] = make_schema(random, depth + 2)
    return made


def _scalar(random: Random, kind: str) -> Raw:
    if kind == "string":
        return _text(random)
    if kind == "boolean":
        return {"type": kind} | random.choice(({}, {}, {"enum": [True]}, {"enum": [True, False]}))
    return _number(random, kind)


def _text(random: Random) -> Raw:
    if random.random() < 0.25:
        return {"type": "string", "enum": random.sample("abcd", random.randint(1, 3))}
    least = random.randint(0, 3)
    optional = {
        "minLength": (0.3, least),
        "maxLength": (0.4, least + random.randint(1, 4)),
        "pattern": (0.2, random.choice(_PATTERNS)),
        "format": (0.15, random.choice(("date", "uuid", "email"))),
    }
    return {"type": "string"} | _choose_keywords(random, optional)


def _number(random: Random, kind: str) -> Raw:
    if random.random() < 0.15:
        return {"type": kind, "enum": random.sample(range(4), random.randint(1, 3))}
    least = random.randint(-3, 3)
    optional = {
        "minimum": (0.4, least),
        "maximum": (0.4, least + random.randint(1, 6)),
        "exclusiveMaximum": (0.1, least + random.randint(2, 6)),
        "exclusiveMinimum": (0.1, least - random.randint(0, 3)),
        "multipleOf": (0.2, random.choice((1, 2, 3, 4, 0.5))),
    }
    if kind == "integer":
        optional["format"] = (0.15, random.choice(("int32", "int64")))
    return {"type": kind} | _choose_keywords(random, optional)


def _choose_keywords(random: Random, optional: dict[str, tuple[float, Any]]) -> Raw:
    return {keyword: value for keyword, (probability, value) in optional.items() if random.random() < probability}


def _nullable(random: Random) -> Raw:
    made = _scalar(random, random.choice(("string", "integer")))
    if "enum" in made and random.random() < 0.7:
        made["enum"] = [*made["enum"], None]
    return made | {"type": [made["type"], "null"]}


def _array(random: Random, depth: int) -> Raw:
    least = random.randint(0, 2)
    optional = {
        "minItems": (0.3, least),
        "maxItems": (0.3, least + random.randint(0, 3)),
        "uniqueItems": (0.15, True),
        "contains": (0.1, make_schema(random, depth + 2)),
        "prefixItems": (0.1, [make_schema(random, depth + 2) for _ in range(random.randint(1, 2))]),
    }
    if random.random() < 0.05:
        optional |= {"contains": (1, make_schema(random, depth + 2))} | {
            random.choice(("minContains", "maxContains")): (1, random.randint(0, 2))
        }
    return {"type": "array", "items": make_schema(random, depth + 1)} | _choose_keywords(random, optional)


def _object(random: Random, depth: int) -> Raw:
    names = random.sample(_NAMES, random.randint(0, 3))
    made: Raw = {"type": "object"}
    if names:
        made["properties"] = {name: make_schema(random, depth + 1) for name in names}
    if required := [name for name in names if random.random() < 0.5]:
        made["required"] = required
    optional = {
        "additionalProperties": (0.3, random.choice((False, False, make_schema(random, depth + 2)))),
        "minProperties": (0.06, 1),
        "maxProperties": (0.06, max(2, len(required))),
        "patternProperties": (0.05, {"^x": make_schema(random, depth + 2)}),
        "propertyNames": (0.04, {"maxLength": random.randint(1, 3)}),
    }
    if names:
        optional["dependentRequired"] = (0.05, {names[0]: [random.choice(names)]})
        optional["dependentSchemas"] = (0.03, {names[0]: {"required": [random.choice(names)]}})
    return made | _choose_keywords(random, optional)


def change(random: Random, schema: Raw, depth: int = 0) -> Raw:
    """Return `schema` with one random change."""
    for _ in range(20):
        if (changed := _change(random, deepcopy(schema), depth)) != schema:
            return changed
    return schema


def _change(random: Random, schema: Raw, depth: int) -> Raw:
    choice = random.random()
    if choice < 0.1:
        return make_schema(random, depth)
    if choice < 0.17:
        return {random.choice(("anyOf", "oneOf")): [schema, make_schema(random, depth + 1)]}
    if choice < 0.6 and (below := _change_below(random, schema, depth)) is not None:
        return below
    return _change_here(random, schema, depth)


def _change_below(random: Random, schema: Raw, depth: int) -> Raw | None:
    if schema.get("properties"):
        name = random.choice(sorted(schema["properties"]))
        schema["properties"][name] = change(random, schema["properties"][name], depth + 1)
    elif isinstance(schema.get("items"), dict):
        schema["items"] = change(random, schema["items"], depth + 1)
    elif (union := next((key for key in ("anyOf", "oneOf") if key in schema), None)) is not None:
        place = random.randrange(len(schema[union]))
        schema[union][place] = change(random, schema[union][place], depth + 1)
    else:
        return None
    return schema


def _change_here(random: Random, schema: Raw, depth: int) -> Raw:
    if (union := next((key for key in ("anyOf", "oneOf") if key in schema), None)) is not None:
        return _change_union(random, schema, union, depth)
    kinds = schema.get("type", [])
    kind = kinds if isinstance(kinds, str) else next((each for each in kinds if each != "null"), "")
    if kind == "object":
        return _change_object(random, schema, depth)
    if kind == "array":
        return schema | {random.choice(("minItems", "maxItems")): random.randint(0, 4)}
    if "enum" in schema:
        return _change_enum(random, schema)
    if "type" in schema and random.random() < 0.3:
        return _change_type(random, schema, kind)
    return _change_bound(random, schema, kind, depth)


def _change_union(random: Random, schema: Raw, union: str, depth: int) -> Raw:
    choice = random.random()
    if choice < 0.4:
        schema[union].append(make_schema(random, depth + 1))
    elif choice < 0.7 and len(schema[union]) > 1:
        schema[union].pop()
    else:
        variants = schema.pop(union)
        schema["oneOf" if union == "anyOf" else "anyOf"] = variants
    return schema


def _change_object(random: Random, schema: Raw, depth: int) -> Raw:
    members = schema.get("properties", {})
    match random.randrange(5):
        case 0:
            schema["properties"] = members | {random.choice((*_NAMES, "t")): make_schema(random, depth + 1)}
        case 1 if members:
            members.pop(random.choice(sorted(members)))
        case 2:
            required = set(schema.get("required", ())) ^ {random.choice(sorted(members) or ["p"])}
            schema["required"] = sorted(required)
        case 3:
            schema["additionalProperties"] = random.choice((False, True, make_schema(random, depth + 2)))
        case _:
            schema[random.choice(("minProperties", "maxProperties"))] = random.randint(0, 3)
    return schema


def _change_enum(random: Random, schema: Raw) -> Raw:
    values = list(schema["enum"])
    choice = random.random()
    if choice < 0.4 and len(values) > 1:
        return schema | {"enum": values[:-1]}
    if choice < 0.8:
        known: tuple[Any, ...] = ("a", "b", "c", "d") if isinstance(values[0], str) else (0, 1, 2, 3)
        if isinstance(values[0], bool):
            known = (True, False)
        return schema | {"enum": [*values, *[value for value in known if value not in values][:1]]}
    del schema["enum"]
    return schema


def _change_type(random: Random, schema: Raw, kind: str) -> Raw:
    if isinstance(schema["type"], list):
        return schema | {"type": kind}
    others = {"integer": "number", "number": "integer"}
    return schema | {"type": random.choice(([kind, "null"], others.get(kind, kind)))}


def _change_bound(random: Random, schema: Raw, kind: str, depth: int) -> Raw:
    bounds: dict[str, Any] = {
        "minLength": random.randint(0, 3),
        "maxLength": random.randint(3, 7),
        "pattern": random.choice((*_PATTERNS, ".*")),
        "format": random.choice(("date", "uuid", "email")),
    }
    if kind in {"integer", "number"}:
        bounds = {
            "minimum": random.randint(-3, 3),
            "maximum": random.randint(3, 9),
            "multipleOf": random.choice((1, 2, 3, 4, 6, 0.5)),
        }
    elif kind != "string":
        return make_schema(random, depth)
    keyword = random.choice(sorted(bounds))
    if keyword in schema and random.random() < 0.4:
        del schema[keyword]
        return schema
    return schema | {keyword: bounds[keyword]}


def rewrite(random: Random, schema: Raw) -> Raw:
    """Return an equivalent schema, which accepts the same values by construction."""
    made = {keyword: _rewrite_below(random, keyword, value) for keyword, value in schema.items()}
    is_free = not {"oneOf", "anyOf", "not"} & made.keys()
    if "enum" in made and is_free and random.random() < 0.5:
        made[random.choice(("oneOf", "anyOf"))] = [{"const": value} for value in made.pop("enum")]
    elif isinstance(made.get("type"), list) and is_free and random.random() < 0.6:
        made = _without_type_array(made)
    if random.random() < 0.25:
        made = {"allOf": [made]}
    if random.random() < 0.2:
        made = {random.choice(("anyOf", "oneOf")): [made]}
    return {"allOf": [made, {"type": _ALL_TYPES}]} if random.random() < 0.15 else made


def _rewrite_below(random: Random, keyword: str, value: Any) -> Any:
    if keyword in {"items", "not", "contains", "additionalProperties"} and isinstance(value, dict):
        return rewrite(random, value)
    if keyword in {"properties", "patternProperties"}:
        return {name: rewrite(random, schema) for name, schema in reversed(value.items())}
    if keyword in {"anyOf", "oneOf", "allOf"}:
        return random.sample([rewrite(random, schema) for schema in value], len(value))
    return value


def _without_type_array(schema: Raw) -> Raw:
    """Return the schema with `type: [x, null]` written as anyOf with null."""
    kind = next(each for each in schema["type"] if each != "null")
    plain = schema | {"type": kind}
    if "enum" not in schema:
        return {"anyOf": [plain, {"type": "null"}]}
    plain["enum"] = [value for value in schema["enum"] if value is not None]
    return {"anyOf": [plain, {"type": "null"}]} if None in schema["enum"] else plain


def convert_to_3_0(schema: Raw) -> Raw | None:
    """Return `schema` in the form of OpenAPI 3.0, with `nullable`, or None if that version lacks a keyword."""
    return None if any(f"'{keyword}'" in str(schema) for keyword in _SINCE_3_1) else _convert(schema)


def _convert(schema: Raw) -> Raw:
    made = {keyword: _convert_below(keyword, value) for keyword, value in schema.items()}
    if isinstance(made.get("type"), list) and len(made["type"]) == 2:
        made |= {"type": next(each for each in made["type"] if each != "null"), "nullable": True}
    for exclusive, bound, is_tighter in (
        ("exclusiveMaximum", "maximum", lambda one, other: one <= other),
        ("exclusiveMinimum", "minimum", lambda one, other: one >= other),
    ):
        if exclusive in made and is_tighter(made[exclusive], made.get(bound, made[exclusive])):
            made |= {bound: made[exclusive], exclusive: True}
        else:
            made.pop(exclusive, None)
    return made


def _convert_below(keyword: str, value: Any) -> Any:
    if keyword in {"properties", "patternProperties"}:
        return {name: _convert(schema) for name, schema in value.items()}
    if keyword in {"anyOf", "oneOf", "allOf"}:
        return [_convert(schema) for schema in value]
    return _convert(value) if isinstance(value, dict) and keyword != "dependentRequired" else value
