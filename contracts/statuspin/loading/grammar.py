"""The fields of the objects of an OpenAPI document, in versions 3.0 to 3.2.

The check of the shape and the walk to references share this table. A value is the name of an object (`schema`), a map
(`{schema}`), a list (`[schema]`), a scalar, or alternatives (`schema|[schema]`). `?` marks a value that may be empty,
`~` one that is followed but not checked, `!` a required field; `*` and `/*` match every name.

Only fields that a command reads are listed. `statuspin lint` checks documents against the official schema.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import isfinite
from typing import Any

OBJECTS = {
    "document": """
        openapi: scalar   info: info   servers: [server]   paths: paths   webhooks: {path item}   components: components
        security: [{[text]?}]
    """,
    "info": "",
    "server": "url: text   variables: {server variable}",
    "server variable": "enum: [scalar]   default: scalar",
    "components": """
        schemas: {schema}   responses: {response}   parameters: {parameter}   examples: ~{example}
        requestBodies: {request body}   headers: {header}   securitySchemes: {security scheme}   links: {link}
        callbacks: {callback}   pathItems: {path item}   mediaTypes: {media type}
    """,
    "paths": "/*: path item",
    "path item": """
        get: operation   put: operation   post: operation   delete: operation   options: operation   head: operation
        patch: operation   trace: operation   query: operation   additionalOperations: {operation}
        servers: [server]   parameters: [parameter]
    """,
    "operation": """
        operationId: text   parameters: [parameter]   requestBody: request body   responses: responses
        callbacks: {callback}   deprecated: flag   security: [{[text]?}]   servers: [server]
    """,
    "responses": "*: response",
    "callback": "*: path item",
    "parameter": """
        name!: text   in!: text   required: flag   deprecated: flag   allowEmptyValue: flag   style: text
        explode: flag   allowReserved: flag   schema: schema   content: {media type?}   examples: ~{example}
    """,
    "header": """
        required: flag   deprecated: flag   style: text   explode: flag   schema: schema   content: {media type?}
        examples: ~{example}
    """,
    "request body": "content: {media type?}   required: flag",
    "response": "headers: {header}   content: {media type?}   links: {link}",
    "media type": """
        schema: schema   itemSchema: schema   examples: ~{example}   encoding: {encoding}   prefixEncoding: [encoding]
        itemEncoding: encoding
    """,
    "encoding": """
        contentType: text   headers: {header}   style: text   explode: flag   allowReserved: flag
        encoding: {encoding}   prefixEncoding: [encoding]   itemEncoding: encoding
    """,
    "example": "",
    "link": "operationRef: text   operationId: text   parameters: {any}   server: server",
    "security scheme": """
        type: text   name: text   in: text   scheme: text   bearerFormat: text   flows: flows   openIdConnectUrl: text
    """,
    "flows": "*: flow",
    "flow": "authorizationUrl: text   tokenUrl: text   refreshUrl: text   scopes: {any}",
    "discriminator": "propertyName: text   mapping: {text}   defaultMapping: text",
    "schema": """
        type: text|[text]   enum: [any]   nullable: flag   format: text   pattern: text
        multipleOf: positive   minimum: number   maximum: number   exclusiveMinimum: flag|number
        exclusiveMaximum: flag|number   minLength: count   maxLength: count   minItems: count   maxItems: count
        minProperties: count   maxProperties: count   minContains: count   maxContains: count   uniqueItems: flag
        required: [text]|flag   properties: {schema}   patternProperties: {schema}   additionalProperties: schema
        unevaluatedProperties: schema   propertyNames: schema   dependentRequired: {[text]}   dependentSchemas: {schema}
        items: schema|[schema]   prefixItems: [schema]   additionalItems: schema   unevaluatedItems: schema
        contains: schema   allOf: [schema]   anyOf: [schema]   oneOf: [schema]   not: schema   if: schema
        then: schema   else: schema   $defs: {schema}   definitions: {schema}   contentEncoding: text
        contentMediaType: text   contentSchema: schema   discriminator: discriminator   readOnly: flag
        writeOnly: flag   deprecated: flag   $ref: text   $dynamicRef: text   $id: text   $anchor: text
        $dynamicAnchor: text   $schema: text
    """,
}

SECTIONS = {
    "callback": "callbacks",
    "example": "examples",
    "header": "headers",
    "link": "links",
    "parameter": "parameters",
    "request body": "requestBodies",
    "response": "responses",
    "schema": "schemas",
    "security scheme": "securitySchemes",
}
"""Sections of the components, by object."""


@dataclass(frozen=True, slots=True)
class Value:
    """The expected value of one place. says: its name in messages."""

    says: str


@dataclass(frozen=True, slots=True)
class Scalar(Value):
    """A string, number or flag. schema: the equivalent JSON schema."""

    accepts: Callable[[Any], bool]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Object(Value):
    """An object of the table, by name. may_be_empty: whether null is read as an object without fields."""

    name: str
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Many(Value):
    """A map (`kind` is dict) or a list of values."""

    kind: type
    of: Value
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Either(Value):
    """One of several values, which differ in their JSON type."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unchecked(Value):
    """A value whose references are followed, but whose shape is not checked."""

    of: Value


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object: by name, for every name with a prefix, and the required ones."""

    named: Mapping[str, Value]
    others: Value | None = None
    prefix: str = ""
    required: tuple[str, ...] = ()

    def has_other(self, name: str) -> bool:
        """Return whether an unlisted field has a value of `others`. Extensions do not."""
        return name.startswith(self.prefix) and not name.startswith("x-")


def _is_number(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and isfinite(value))


def _number(**bounds: int) -> dict[str, Any]:
    return {"type": "number"} | bounds


_SCALARS = {
    "any": Scalar("a value", lambda _: True, {}),
    "count": Scalar("a number from 0 upwards", lambda value: _is_number(value) and value >= 0, _number(minimum=0)),
    "flag": Scalar("true or false", lambda value: isinstance(value, bool), {"type": "boolean"}),
    "number": Scalar("a number", _is_number, _number()),
    "positive": Scalar("a number above 0", lambda value: _is_number(value) and value > 0, _number(exclusiveMinimum=0)),
    "scalar": Scalar(
        "a string or a number",
        lambda value: isinstance(value, str | int | float),
        {"type": ["string", "number", "boolean"]},
    ),
    "text": Scalar("a string", lambda value: isinstance(value, str), {"type": "string"}),
}


@cache
def value(written: str) -> Value:
    """Parse the notation of this module."""
    options = _split(written)
    if len(options) > 1:
        parsed = tuple(value(option) for option in options)
        return Either(" or ".join(option.says for option in parsed), parsed)
    if written.endswith("?"):
        return replace(value(written[:-1]), may_be_empty=True)  # type: ignore[call-arg]
    if written.startswith("~"):
        return Unchecked("a value", value(written[1:]))
    if written[0] in "{[":
        is_map = written[0] == "{"
        return Many("an object" if is_map else "a list", dict if is_map else list, value(written[1:-1]))
    return _SCALARS.get(written) or Object("an object, true or false" if written == "schema" else "an object", written)


@cache
def fields(name: str) -> Fields:
    """Return the fields of an object of the table."""
    named: dict[str, Value] = {}
    others, prefix, required = None, "", []
    for part in re.split(r"\s{2,}", OBJECTS[name].strip()):
        key, _, written = part.partition(": ")
        if key.endswith("*"):
            others, prefix = value(written), key[:-1]
        elif key:
            named[key.removesuffix("!")] = value(written)
            required += [key[:-1]] if key.endswith("!") else []
    return Fields(named, others, prefix, tuple(required))


def _split(written: str) -> list[str]:
    """Split the alternatives of a value. Those in brackets stay together."""
    depth, options = 0, [""]
    for letter in written:
        depth += (letter in "{[") - (letter in "}]")
        if letter == "|" and not depth:
            options.append("")
        else:
            options[-1] += letter
    return options
