"""Rows (change, old, new, rules from old to new, rules from new to old) of bodies, headers and security."""

from tests.harness.diff.specs import INTEGER, STRING, answers, json_response, spec


def _body(**more):
    return spec({"requestBody": {"content": {"application/json": {"schema": STRING}}} | more})


def _bodies(*types, **encoding):
    return spec({"requestBody": {"content": {name: {"schema": STRING} | encoding for name in types}}})


def _sends(*types, **more):
    return answers({"200": {"description": "", "content": {name: {"schema": STRING} | more for name in types}}})


def _with_links(links):
    return answers({"200": {"description": "", "links": links}})


def _headers(**headers):
    return answers(
        {"200": {"description": "", "headers": {name: {"schema": STRING} | more for name, more in headers.items()}}}
    )


def _with_security(*ways, **schemes):
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "K"},
    } | schemes
    return spec({"security": list(ways)}, components={"securitySchemes": schemes})


_FLOWS = "password", "clientCredentials"
_TOKEN, _KEY = {"token": []}, {"key": []}

_SWAPPED = (["response-media-type-added", "response-media-type-removed"],) * 2

BODIES = [
    ("body", spec(), _body(), ["request-body-added"], ["request-body-removed"]),
    ("required body", spec(), _body(required=True), ["request-body-newly-required"], ["request-body-removed"]),
    ("need", _body(), _body(required=True), ["request-body-newly-required"], ["request-body-newly-optional"]),
    (
        "request type",
        _bodies("text/csv", "text/html"),
        _bodies("text/csv"),
        ["request-media-type-removed"],
        ["request-media-type-added"],
    ),
    (
        "request range",
        _bodies("text/csv"),
        _bodies("text/*"),
        ["request-media-type-added"],
        ["request-media-type-removed"],
    ),
    ("charset", _bodies("Application/JSON; Charset=utf-8"), _bodies("application/json"), [], []),
    ("charset swapped", _sends("text/csv;charset=utf-8"), _sends("text/csv;charset=latin1"), *_SWAPPED),
    (
        "response range",
        _sends("text/csv"),
        _sends("*/*"),
        ["response-media-type-widened"],
        ["response-media-type-narrowed"],
    ),
    (
        "encoding of a response",
        _sends("multipart/mixed"),
        _sends("multipart/mixed", encoding={"a": {"contentType": "image/png"}}),
        ["response-encoding-changed"],
        ["response-encoding-changed"],
    ),
    (
        "items of a stream",
        answers({"200": {"content": {"application/jsonl": {"itemSchema": STRING}}}}, version="3.2.0"),
        answers({"200": {"content": {"application/jsonl": {"itemSchema": INTEGER}}}}, version="3.2.0"),
        ["response-type-changed"],
        ["response-type-changed"],
    ),
    (
        "encoding",
        _bodies("multipart/form-data"),
        _bodies("multipart/form-data", encoding={"a": {"style": "form"}}),
        ["request-encoding-changed"],
        ["request-encoding-changed"],
    ),
    (
        "response type",
        _sends("text/csv", "text/html"),
        _sends("text/csv"),
        ["response-media-type-removed"],
        ["response-media-type-added"],
    ),
    (
        "response body",
        _sends("text/csv"),
        answers("200"),
        ["response-media-type-removed"],
        ["response-media-type-added"],
    ),
    ("header", _headers(A={}), _headers(), ["response-header-removed"], ["response-header-added"]),
    (
        "header with the prefix of extensions",
        _headers(**{"x-rate": {}}),
        _headers(),
        ["response-header-removed"],
        ["response-header-added"],
    ),
    (
        "header's need",
        _headers(A={"required": True}),
        _headers(a={}),
        ["response-header-optional"],
        ["response-header-required"],
    ),
    (
        "header's type",
        _headers(A={}),
        _headers(A={"schema": INTEGER}),
        ["response-type-narrowed"],
        ["response-type-changed"],
    ),
    (
        "header's deprecation",
        _headers(A={}),
        _headers(A={"deprecated": True}),
        ["response-header-deprecated"],
        ["response-header-undeprecated"],
    ),
    (
        "header's style",
        _headers(A={}),
        _headers(A={"explode": True}),
        ["response-header-style-changed"],
        ["response-header-style-changed"],
    ),
    ("header Content-Type", _headers(**{"Content-Type": {}}), _headers(), [], []),
    (
        "body of 404 under 4XX",
        answers({"404": json_response(STRING)}),
        answers({"4XX": json_response(INTEGER)}),
        ["error-status-added", "error-status-no-longer-named", "response-type-changed"],
        ["response-type-changed"],
    ),
    (
        "body of 404 under default",
        answers({"404": json_response(STRING), "default": json_response(STRING)}),
        answers({"default": json_response(STRING)}),
        ["error-status-no-longer-named"],
        [],
    ),
]

LINKS = [
    ("link", _with_links({}), _with_links({"next": {"operationId": "b"}}), ["link-added"], ["link-removed"]),
    (
        "target",
        _with_links({"next": {"operationId": "a"}}),
        _with_links({"next": {"operationId": "b"}}),
        ["link-changed"],
        ["link-changed"],
    ),
]

SECURITY = [
    ("public", spec(), _with_security(_TOKEN), ["security-added"], ["security-removed"]),
    ("optional", _with_security({}, _TOKEN), _with_security(_TOKEN), ["security-added"], ["security-removed"]),
    (
        "alternative",
        _with_security(_TOKEN, _KEY),
        _with_security(_TOKEN),
        ["security-alternative-removed"],
        ["security-alternative-added"],
    ),
    (
        "both at once",
        _with_security(_TOKEN),
        _with_security(_TOKEN | _KEY),
        ["security-alternative-removed"],
        ["security-alternative-added"],
    ),
    (
        "scope",
        _with_security({"token": ["a"]}),
        _with_security({"token": ["a", "b"]}),
        ["security-scope-added"],
        ["security-scope-removed"],
    ),
    (
        "scopes swapped",
        _with_security({"token": ["a"]}),
        _with_security({"token": ["b"]}),
        ["security-scope-added"],
        ["security-scope-added"],
    ),
    (
        "scheme",
        _with_security(_TOKEN),
        _with_security(_TOKEN, token={"type": "http", "scheme": "basic"}),
        ["security-scheme-changed"],
        ["security-scheme-changed"],
    ),
    (
        "another flow",
        _with_security(_TOKEN, token={"type": "oauth2", "flows": {"password": {"tokenUrl": "/a"}}}),
        _with_security(_TOKEN, token={"type": "oauth2", "flows": {name: {"tokenUrl": "/a"} for name in _FLOWS}}),
        ["security-alternative-added"],
        ["security-scheme-changed"],
    ),
    (
        "scheme's flows",
        _with_security(_TOKEN, token={"type": "oauth2", "flows": {"password": {"tokenUrl": "/a"}}}),
        _with_security(_TOKEN, token={"type": "oauth2", "flows": {"password": {"tokenUrl": "/b"}}}),
        ["security-scheme-changed"],
        ["security-scheme-changed"],
    ),
    (
        "scheme's name",
        _with_security(_TOKEN),
        _with_security({"bearer": []}, bearer={"type": "http", "scheme": "Bearer"}),
        [],
        [],
    ),
    (
        "of the document",
        spec(security=[_TOKEN], components=_with_security().raw["components"]),
        _with_security(_TOKEN),
        [],
        [],
    ),
]

ROWS = {"bodies": BODIES, "links": LINKS, "security": SECURITY}
