"""Rows (change, old, new, rules from old to new, rules from new to old) of webhooks and callbacks."""

from tests.harness.diff.specs import INTEGER, STRING, obj, spec

_JSON = "application/json"


def _webhook(**operation):
    return spec(webhooks={"paid": {"post": {"responses": {"200": {"description": ""}}} | operation}})


def _payload(schema, *types, **more):
    return _webhook(requestBody={"content": {name: {"schema": schema} for name in types or (_JSON,)}} | more)


def _answer(**responses):
    return _webhook(responses={name.removeprefix("s"): response for name, response in responses.items()})


def _parameter(**more):
    return _webhook(parameters=[{"name": "X-Id", "in": "header", "schema": STRING} | more])


def _header(**more):
    return _answer(s200={"headers": {"X-Id": {"schema": STRING} | more}})


def _content(*types):
    return _answer(s200={"content": {name: {"schema": STRING} for name in types}})


def _callback(item):
    return spec({"callbacks": {"paid": {"{$request.query.url}": item}}})


_POST = {"post": {"responses": {"200": {"description": ""}}}}
_KEY = {"components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}}}

WEBHOOKS = [
    ("webhook", spec(), _webhook(), ["webhook-added"], ["webhook-removed"]),
    ("payload", _webhook(), _payload(STRING), ["payload-added"], ["payload-removed"]),
    ("need", _payload(STRING), _payload(STRING, required=True), ["payload-newly-required"], ["payload-newly-optional"]),
    ("member", _payload(obj()), _payload(obj(a=True)), ["response-property-added"], ["response-property-removed"]),
    (
        "media type",
        _payload(STRING, _JSON),
        _payload(STRING, _JSON, "text/csv"),
        ["payload-media-type-added"],
        ["payload-media-type-removed"],
    ),
    ("parameter", _webhook(), _parameter(), ["payload-parameter-added"], ["payload-parameter-removed"]),
    (
        "need of a parameter",
        _parameter(),
        _parameter(required=True),
        ["payload-parameter-newly-required"],
        ["payload-parameter-newly-optional"],
    ),
    (
        "empty parameter",
        _parameter(allowEmptyValue=True),
        _parameter(),
        ["payload-parameter-changed"],
        ["payload-parameter-changed"],
    ),
    (
        "security",
        _webhook(),
        spec(webhooks={"paid": {"post": _POST["post"] | {"security": [{"key": []}]}}}, **_KEY),
        ["payload-security-changed"],
        ["payload-security-changed"],
    ),
    ("status", _answer(s200={}), _answer(s200={}, s410={}), ["answer-status-added"], ["answer-status-removed"]),
    ("another status", _answer(s200={}), _answer(s202={}), *(["answer-status-exchanged"],) * 2),
    ("status named", _answer(s404={}, s4XX={}), _answer(s4XX={}), [], []),
    (
        "media type of the answer",
        _content(_JSON),
        _content(_JSON, "text/csv"),
        ["answer-media-type-added"],
        ["answer-media-type-removed"],
    ),
    ("header of the answer", _answer(s200={}), _header(), ["answer-header-added"], ["answer-header-removed"]),
    (
        "required header",
        _answer(s200={}),
        _header(required=True),
        ["answer-required-header-added"],
        ["answer-header-removed"],
    ),
    (
        "need of a header",
        _header(),
        _header(required=True),
        ["answer-header-newly-required"],
        ["answer-header-newly-optional"],
    ),
]

CALLBACKS = [
    ("callback", spec(), _callback(_POST), ["callback-added"], ["callback-removed"]),
    (
        "its payload",
        _callback({"post": {"requestBody": {"content": {_JSON: {"schema": obj("a", a=STRING)}}}}}),
        _callback({"post": {"requestBody": {"content": {_JSON: {"schema": obj("a", a=INTEGER)}}}}}),
        ["response-type-changed"],
        ["response-type-changed"],
    ),
]

ROWS = {"webhooks": WEBHOOKS, "callbacks": CALLBACKS}
