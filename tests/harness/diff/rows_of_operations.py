"""Rows (change, old, new, rules from old to new, rules from new to old) of operations, servers and parameters."""

from tests.harness.diff.specs import INTEGER, STRING, answers, spec, takes

_GET = {"responses": {"200": {"description": ""}}}
_ALONE = spec(paths={"/a": {"get": _GET}})


def _with_server(url, **more):
    return spec(servers=[{"url": url} | more])


OPERATIONS = [
    ("operation", spec(paths={"/a": {"get": _GET, "put": _GET}}), _ALONE, ["operation-removed"], ["operation-added"]),
    ("path", spec(paths={"/a": {"get": _GET}, "/b": {"get": _GET}}), _ALONE, ["path-removed"], ["operation-added"]),
    ("deprecated", spec(), spec({"deprecated": True}), ["operation-deprecated"], ["operation-undeprecated"]),
    ("operationId", spec(), spec({"operationId": "other"}), ["operation-id-changed"], ["operation-id-changed"]),
    (
        "operationId new",
        spec(paths={"/a": {"get": _GET}}),
        spec(paths={"/a": {"get": _GET | {"operationId": "a"}}}),
        ["operation-id-added"],
        ["operation-id-removed"],
    ),
    (
        "operationId twice",
        spec(paths={"/a": {"get": _GET | {"operationId": "a"}, "put": _GET}}),
        spec(paths={"/a": {"get": _GET | {"operationId": "a"}, "put": _GET | {"operationId": "a"}}}),
        ["operation-id-added", "operation-id-duplicated"],
        ["operation-id-removed"],
    ),
    (
        "sunset",
        spec({"deprecated": True, "x-sunset": "2030-01-01"}),
        spec({"deprecated": True}),
        ["sunset-removed"],
        [],
    ),
    (
        "sunset earlier",
        spec({"deprecated": True, "x-sunset": "2030-01-02"}),
        spec({"deprecated": True, "x-sunset": "2030-01-01"}),
        ["sunset-earlier"],
        [],
    ),
    (
        "stability",
        spec({"x-stability-level": "beta"}),
        spec({"x-stability-level": "alpha"}),
        ["stability-lowered"],
        ["stability-raised"],
    ),
    (
        "operation of additionalOperations",
        spec(paths={"/a": {"get": _GET, "additionalOperations": {"LINK": _GET}}}, version="3.2.0"),
        spec(paths={"/a": {"get": _GET}}, version="3.2.0"),
        ["operation-removed"],
        ["operation-added"],
    ),
    (
        "permission",
        spec({"x-permission": "a"}),
        spec({"x-permission": "b"}),
        ["permission-changed"],
        ["permission-changed"],
    ),
    ("permission new", spec(), spec({"x-permission": "b"}), ["permission-changed"], ["permission-removed"]),
    (
        "server",
        spec(servers=[{"url": "/v1/"}]),
        spec(servers=[{"url": "/v1"}, {"url": "/v2"}]),
        ["server-added"],
        ["server-removed"],
    ),
]

SERVERS = [
    (
        "of a path",
        spec(paths={"/a": {"get": _GET, "servers": [{"url": "/v1"}]}}),
        spec(paths={"/a": {"get": _GET, "servers": [{"url": "/v2"}]}}),
        ["server-added", "server-removed"],
        ["server-added", "server-removed"],
    ),
    (
        "of an operation",
        spec({"servers": [{"url": "/v1"}]}),
        spec({"servers": [{"url": "/v2"}]}),
        ["server-added", "server-removed"],
        ["server-added", "server-removed"],
    ),
    (
        "prefix moved",
        spec(paths={"/v1/a": {"get": _GET}}, servers=[{"url": "/"}]),
        spec(paths={"/a": {"get": _GET}}, servers=[{"url": "/v1"}]),
        [],
        [],
    ),
    (
        "default of a variable",
        _with_server("/{v}", variables={"v": {"default": "a"}}),
        _with_server("/{v}", variables={"v": {"default": "b"}}),
        ["server-variable-default-changed"],
        ["server-variable-default-changed"],
    ),
    (
        "values of a variable",
        _with_server("/{v}", variables={"v": {"default": "a", "enum": ["a", "b"]}}),
        _with_server("/{v}", variables={"v": {"default": "a", "enum": ["a"]}}),
        ["server-variable-narrowed"],
        ["server-variable-widened"],
    ),
]

STATUSES = [
    ("success", answers("200 201"), answers("200"), ["success-status-removed"], ["success-status-added"]),
    (
        "200 to default",
        answers("200"),
        answers("default"),
        ["error-status-added", "success-status-no-longer-named"],
        ["default-response-removed"],
    ),
    ("success swapped", answers("200"), answers("201"), ["success-status-exchanged"], ["success-status-exchanged"]),
    ("error", answers("200 404"), answers("200"), ["error-status-removed"], ["error-status-added"]),
    ("406", answers("200"), answers("200 406"), ["not-acceptable-added"], ["error-status-removed"]),
    ("404 to 403", answers("200 404"), answers("200 403"), ["error-status-exchanged"], ["error-status-exchanged"]),
    (
        "422 to 400",
        answers("200 404 422"),
        answers("200 400 404"),
        ["error-status-exchanged"],
        ["error-status-exchanged"],
    ),
    (
        "404 to 500",
        answers("404"),
        answers("500"),
        ["error-status-added", "error-status-removed"],
        ["error-status-added", "error-status-removed"],
    ),
    ("404 to 4XX", answers("200 404"), answers("200 4XX"), ["error-status-added", "error-status-no-longer-named"], []),
    ("404 to 4xx", answers("200 404"), answers("200 4xx"), ["error-status-added", "error-status-no-longer-named"], []),
    (
        "404 to default",
        answers("200 404"),
        answers("200 default"),
        ["error-status-added", "error-status-no-longer-named"],
        ["default-response-removed"],
    ),
    (
        "4XX to default",
        answers("200 4XX"),
        answers("200 default"),
        ["error-status-added", "error-status-no-longer-named"],
        ["default-response-removed"],
    ),
    ("4XX", answers("200 4XX"), answers("200"), ["error-status-removed"], ["error-status-added"]),
    ("5XX beside 503", answers("200 5XX 503"), answers("200 5XX"), ["error-status-no-longer-named"], []),
    ("default", answers("200 default"), answers("200"), ["default-response-removed"], ["error-status-added"]),
    ("404 beside default", answers("200 404 default"), answers("200 default"), ["error-status-no-longer-named"], []),
]

PARAMETERS = [
    ("optional", takes({}), takes(), ["parameter-removed"], ["parameter-added"]),
    ("required", takes({"required": True}), takes(), ["parameter-removed"], ["required-parameter-added"]),
    ("need", takes({}), takes({"required": True}), ["parameter-newly-required"], ["parameter-newly-optional"]),
    ("location", takes({}), takes({"in": "header"}), ["parameter-location-changed"], ["parameter-location-changed"]),
    (
        "style",
        takes({"schema": {"type": "array"}}),
        takes({"schema": {"type": "array"}, "explode": False}),
        ["parameter-style-changed"],
        ["parameter-style-changed"],
    ),
    ("style of one value", takes({}), takes({"explode": False}), [], []),
    (
        "one value to a list",
        takes({}),
        takes({"schema": {"type": "array", "items": INTEGER}}),
        ["request-type-widened"],
        ["request-type-changed"],
    ),
    (
        "one text to a list",
        takes({"schema": STRING}),
        takes({"schema": {"type": "array", "items": STRING}}),
        ["request-type-widened"],
        ["request-type-changed"],
    ),
    (
        "one text to a list in a header",
        takes({"schema": STRING, "in": "header"}),
        takes({"schema": {"type": "array", "items": STRING}, "in": "header"}),
        ["request-type-changed"],
        ["request-type-widened"],
    ),
    (
        "allowReserved",
        takes({"allowReserved": True}),
        takes({}),
        ["parameter-reserved-refused"],
        ["parameter-reserved-accepted"],
    ),
    (
        "sunset",
        takes({"deprecated": True, "x-sunset": "2030-01-01"}),
        takes({"deprecated": True}),
        ["parameter-sunset-removed"],
        [],
    ),
    (
        "sunset earlier",
        takes({"deprecated": True, "x-sunset": "2030-01-02"}),
        takes({"deprecated": True, "x-sunset": "2030-01-01"}),
        ["parameter-sunset-earlier"],
        [],
    ),
    (
        "stability",
        takes({}),
        takes({"x-stability-level": "beta"}),
        ["parameter-stability-lowered"],
        ["parameter-stability-raised"],
    ),
    (
        "allowEmptyValue",
        takes({"allowEmptyValue": True}),
        takes({}),
        ["parameter-empty-value-refused"],
        ["parameter-empty-value-accepted"],
    ),
    (
        "default",
        takes({}),
        takes({"schema": INTEGER | {"default": 1}}),
        ["request-default-added"],
        ["request-default-removed"],
    ),
    ("style said", takes({}), takes({"style": "form", "explode": True, "allowReserved": False}), [], []),
    (
        "content",
        takes({}),
        takes({"content": {"application/json": {"schema": INTEGER}}}),
        ["parameter-style-changed"],
        ["parameter-style-changed"],
    ),
    ("deprecated", takes({}), takes({"deprecated": True}), ["parameter-deprecated"], ["parameter-undeprecated"]),
    ("type", takes({}), takes({"schema": STRING}), ["request-type-widened"], ["request-type-changed"]),
    ("header's case", takes({"name": "X-A", "in": "header"}), takes({"name": "x-a", "in": "header"}), [], []),
    ("header Accept", takes({"name": "Accept", "in": "header"}), takes(), [], []),
    (
        "cookie",
        takes({"in": "cookie"}),
        takes({"in": "cookie", "required": True}),
        ["parameter-newly-required"],
        ["parameter-newly-optional"],
    ),
]

ROWS = {"operations": OPERATIONS, "servers": SERVERS, "statuses": STATUSES, "parameters": PARAMETERS}
