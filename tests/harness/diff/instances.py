"""Draw values that a schema may accept, and check them, without any code of the diff.

Values are drawn from the keywords of a schema and from the constants of both sides of a pair. A validator that the diff
does not use decides which of them a schema accepts.
"""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

Raw = dict[str, Any]

_FORMATS = {
    "date": r"\d{4}-[01]\d-[0-3]\d",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "email": r"[^@ ]+@[^@ ]+",
}
_EXAMPLES = ("2020-01-01", "01234567-89ab-cdef-0123-456789abcdef", "a@bc.de")
_RANGES = {"int32": 2**31, "int64": 2**63}
_ALPHABET = "ab0xé"
_NAMES = ("p", "q", "r", "s", "t", "x1", "other")
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_COMBINED = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
_DEEPEST = 5


def _make_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, pattern in _FORMATS.items():
        checker.checks(name)(lambda value, of=pattern: not isinstance(value, str) or bool(re.fullmatch(of, value)))
    for name, end in _RANGES.items():
        checker.checks(name)(lambda value, of=end: not isinstance(value, int | float) or -of <= value < of)
    return checker


_CHECKER = _make_checker()


def _check_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """Reject strings without a match. `$` is the end, as in ECMA-262, and not the place before a last newline."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value} does not match {pattern}")


_Validator = extend(Draft202012Validator, {"pattern": _check_pattern})


def validator(schema: Any) -> Any:
    """Return a validator of `schema` with formats asserted."""
    return _Validator(schema, format_checker=_CHECKER)


class Sampler:
    """Draws values for a pair of schemas. Objects have undescribed members only if their schema asks for some."""

    def __init__(self, random: Random, *schemas: Any) -> None:
        self._random = random
        self._numbers: list[float] = [0, 1, -1, 0.5]
        self._lengths: list[int] = [0, 1, 2]
        self._values: list[Any] = [None, True, False]
        for schema in schemas:
            self._collect(schema)

    def _collect(self, node: Any) -> None:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            self._collect(value)
        if not isinstance(node, dict):
            return
        for keyword, value in node.items():
            if keyword == "enum" and isinstance(value, list):
                self._values += value
            elif keyword == "const":
                self._values.append(value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self._numbers += [value, value - 1, value + 1, value + 0.5, 2 * value]
                self._lengths += [length for length in (int(value) - 1, int(value), int(value) + 1) if 0 <= length < 9]

    def draw(self, schema: Any, depth: int = 0) -> Any:
        """Return a value that `schema` may accept."""
        if not isinstance(schema, dict):
            return self._any(depth)
        flat = self._flatten(schema)
        if "const" in flat:
            return flat["const"]
        if flat.get("enum") and self._random.random() < 0.9:
            return self._random.choice(flat["enum"])
        return self._of_type(self._random.choice(_types(flat)), flat, depth)

    def _flatten(self, schema: Raw) -> Raw:
        """Return one schema of the keywords of `schema` and of one variant of each of its unions."""
        flat = {key: value for key, value in schema.items() if key not in _COMBINED}
        below = list(schema.get("allOf", ()))
        below += [self._random.choice(schema[key]) for key in ("anyOf", "oneOf") if schema.get(key)]
        below += [schema[key] for key in ("if", "then", "else") if key in schema and self._random.random() < 0.5]
        below += [each for each in schema.get("dependentSchemas", {}).values() if self._random.random() < 0.5]
        for each in below:
            if isinstance(each, dict):
                flat = _join(flat, self._flatten(each))
        return flat

    def _of_type(self, kind: str, schema: Raw, depth: int) -> Any:
        if kind == "null":
            return None
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind in {"integer", "number"}:
            return self._number(kind, schema)
        if kind == "string":
            return self._text(schema)
        return self._array(schema, depth) if kind == "array" else self._object(schema, depth)

    def _number(self, kind: str, schema: Raw) -> float:
        value = self._random.choice(self._numbers)
        if step := schema.get("multipleOf"):
            value = step * round(value / step)
        if "format" in schema and self._random.random() < 0.2:
            value = self._random.choice((2**31, 2**31 - 1, 2**63 - 1))
        value = round(value) if kind == "integer" else value
        return int(value) if value == int(value) else value

    def _text(self, schema: Raw) -> str:
        if "format" in schema or self._random.random() < 0.1:
            return self._random.choice(_EXAMPLES)
        texts = [value for value in self._values if isinstance(value, str)]
        if texts and self._random.random() < 0.2:
            return self._random.choice(texts)
        letters = self._random.choice((_ALPHABET, "a", "0", "ab"))
        return "".join(self._random.choice(letters) for _ in range(self._random.choice(self._lengths)))

    def _array(self, schema: Raw, depth: int) -> list[Any]:
        length = 0 if depth > _DEEPEST else min(self._random.choice(self._lengths), 5)
        prefix, made = schema.get("prefixItems", []), []
        for place in range(max(length, min(int(schema.get("minItems", 0)), 4))):
            item = prefix[place] if place < len(prefix) else schema.get("items", True)
            if "contains" in schema and self._random.random() < 0.5:
                item = schema["contains"]
            made.append(made[-1] if made and self._random.random() < 0.1 else self.draw(item, depth + 1))
        return made

    def _object(self, schema: Raw, depth: int) -> Raw:
        """Return an object. Members that are not described are drawn only if the schema asks for them."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        made = {
            name: self.draw(properties.get(name, schema.get("additionalProperties", True)), depth + 1)
            for name in dict.fromkeys([*properties, *required])
            if name in required or (depth <= _DEEPEST and self._random.random() < 0.6)
        }
        is_open = "additionalProperties" in schema or "patternProperties" in schema or not properties
        others = self._random.sample(_NAMES, self._random.choice((0, 0, 1, 2, 3))) if is_open else []
        for name in others if depth <= _DEEPEST else []:
            matching = [
                value for pattern, value in schema.get("patternProperties", {}).items() if re.search(pattern, name)
            ]
            made.setdefault(name, self.draw((matching or [schema.get("additionalProperties", True)])[0], depth + 1))
        return made

    def _any(self, depth: int) -> Any:
        kind = self._random.choice(_TYPES if depth < 3 else _TYPES[:5])
        return self._random.choice(self._values) if self._random.random() < 0.2 else self._of_type(kind, {}, depth + 2)


def _types(schema: Raw) -> list[str]:
    stated = schema.get("type")
    if stated is None:
        return list(_TYPES)
    return [stated] if isinstance(stated, str) else list(stated)


def _join(one: Raw, other: Raw) -> Raw:
    """Return the keywords of two schemas that both apply, roughly: a validator checks each value anyway."""
    made = one | other
    made["properties"] = one.get("properties", {}) | other.get("properties", {})
    made["required"] = [*one.get("required", []), *other.get("required", [])]
    if "type" in one and "type" in other:
        made["type"] = [each for each in _types(one) if each in _types(other)] or one["type"]
    if not made["properties"]:
        del made["properties"]
    return made


def find_counterexamples(random: Random, sub: Any, sup: Any, draws: int) -> Iterator[Any]:
    """Yield values that `sub` accepts and `sup` refuses."""
    accepts, refuses = validator(sub), validator(sup)
    sampler = Sampler(random, sub, sup)
    for _ in range(draws):
        value = sampler.draw(sub)
        if accepts.is_valid(value) and not refuses.is_valid(value):
            yield value


def read_text(value: str | float | bool) -> list[Any]:
    """Return what a reader may take a value for that is written as text."""
    text = value if isinstance(value, str) else json.dumps(value)
    if text in {"true", "false"}:
        return [text, text == "true"]
    return [text, json.loads(text)] if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", text) else [text]
