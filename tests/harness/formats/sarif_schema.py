"""A JSON schema of the part of SARIF 2.1.0 that the harness writes, with the standard's members, types and enums."""

_TEXT = {"type": "string"}
_MESSAGE = {"type": "object", "properties": {"text": _TEXT}, "required": ["text"], "additionalProperties": False}


def _object(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items):
    return {"type": "array", "items": items}


_RULE = _object("id", id=_TEXT, shortDescription=_MESSAGE, fullDescription=_MESSAGE)
_ARTIFACT = _object("uri", uri=_TEXT | {"format": "uri-reference", "pattern": "^[\\x21-\\x7e]+$"})
_FROM_1 = {"type": "integer", "minimum": 1}
_REGION = _object("startLine", startLine=_FROM_1, startColumn=_FROM_1)
_LOCATION = _object(
    "physicalLocation",
    physicalLocation=_object("artifactLocation", artifactLocation=_ARTIFACT, region=_REGION),
    logicalLocations=_list(_object(fullyQualifiedName=_TEXT)) | {"minItems": 1},
    id={"type": "integer", "minimum": 0},
    message=_MESSAGE,
)
_NOTIFICATION = _object("message", level={"enum": ["none", "note", "warning", "error"]}, message=_MESSAGE)
_RESULT = _object(
    "ruleId",
    "level",
    "message",
    "locations",
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations=_list(_LOCATION),
    relatedLocations=_list(_LOCATION) | {"uniqueItems": True},
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    properties={"type": "object"},
)
_DRIVER = _object("name", name=_TEXT, rules=_list(_RULE) | {"uniqueItems": True})
_RUN = _object(
    "tool",
    "results",
    tool=_object("driver", driver=_DRIVER),
    invocations=_list(
        _object(
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=_list(_NOTIFICATION),
        )
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=_list(_RESULT),
)

SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | _object(
    "version",
    "runs",
    **{"$schema": _TEXT | {"format": "uri"}, "version": {"const": "2.1.0"}, "runs": _list(_RUN)},
)
