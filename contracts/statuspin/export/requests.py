"""Write a request of a pin or a step as a call of httpx2."""

import re
from collections.abc import Mapping
from typing import Any

from statuspin.contract.document import Operation
from statuspin.contract.folder import Contract
from statuspin.contract.security import api_key_scheme, sends_only_api_keys
from statuspin.contract.steps import Request
from statuspin.export.expressions import expression, variable
from statuspin.http.bodies import FORM, MULTIPART, choose_media_type, flatten_form

_PARAMETER = re.compile(r"\{([^}]*)\}")


def call(contract: Contract, operation: Operation, request: Request, actor: str, base_url: str) -> str:
    """Return a call such as `httpx2.request("GET", BASE_URL + "/things", …)`.

    The call uses a fresh connection and keeps no cookies. Credentials come from the environment variables that
    `environment_variable` names. base_url: a Python expression.
    """
    without = {name.lower() for name in request.without}
    arguments = [
        repr((request.method or operation.method).upper()),
        f"{base_url} + {_path(operation, request, without)}",
    ]
    credentials = _credentials(contract, actor, without)
    query = _members(request.query, without) | credentials.get("query", {})
    arguments += [f"params={_mapping(query)}"] if query else []
    headers = credentials.get("headers", {}) | {
        name.lower(): each for name, each in _members(request.headers, without).items()
    }
    body, media_type = _body(operation, request, without)
    if media_type:
        headers.setdefault("content-type", repr(media_type))
    arguments += [f"headers={_mapping(headers)}"] if headers else []
    return f"httpx2.request({', '.join([*arguments, *body])})"


def environment_variable(actor: str) -> str:
    """Return the environment variable with the credentials of an actor, such as `OTHER_READER_CREDENTIALS`."""
    return f"{re.sub(r'[^A-Z0-9]+', '_', actor.upper()).strip('_')}_CREDENTIALS"


def needs_credentials(contract: Contract, actor: str) -> bool:
    """Return whether an actor sends credentials, which come from the environment."""
    return not contract.pins.actors[actor].anonymous


def _credentials(contract: Contract, name: str, without: set[str]) -> dict[str, dict[str, str]]:
    if not needs_credentials(contract, name):
        return {}
    actor = contract.pins.actors[name]
    place, parameter = "header", "authorization"
    if actor.api_key is not None or (actor.token is None and sends_only_api_keys(contract.document)):
        scheme = api_key_scheme(contract.document, actor.scheme)
        place, parameter = scheme.place, scheme.parameter
    elif contract.pins.login and contract.pins.login.token is None and not actor.authorization:
        parameter = "cookie"
    if parameter.lower() in without:
        return {}
    value = f"os.environ[{environment_variable(name)!r}]"
    if actor.tampered is not None:
        value = f"tamper(os.environ[{environment_variable(actor.tampered)!r}])"
    if place == "query":
        return {"query": {parameter: value}}
    if place == "cookie":
        return {"headers": {"cookie": f"{parameter + '='!r} + {value}"}}
    return {"headers": {parameter.lower(): value}}


def _path(operation: Operation, request: Request, without: set[str]) -> str:
    values = _members(request.path, without)
    pieces, end = list[str](), 0
    for found in _PARAMETER.finditer(operation.path):
        pieces.append(repr(operation.path[end : found.start()]))
        pieces.append(f'quote(str({values.get(found[1], variable(found[1]))}), safe="")')
        end = found.end()
    pieces.append(repr(operation.path[end:]))
    return " + ".join(piece for piece in pieces if piece != "''")


def _body(operation: Operation, request: Request, without: set[str]) -> tuple[list[str], str]:
    """Return the arguments for a body, and its Content-Type if httpx2 would not set it."""
    media_type = request.media_type or choose_media_type(operation.media_types)
    if request.raw is not None:
        parts = request.raw if isinstance(request.raw, list) else [request.raw]
        text = " + ".join(expression(part) for part in parts)
        content = f'({text}).encode("utf-8", "surrogateescape")'
        return [f"content={f'iter([{content}])' if request.chunked else content}"], media_type
    body = request.body
    if body is None:
        return [], ""
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name.lower() not in without}
    if media_type in (FORM, MULTIPART) and isinstance(body, dict):
        return [_form(body, media_type)], ""
    written = expression(body)
    needs_ascii = "\\ud" in written or "json.loads(" in written  # httpx2 cannot send lone surrogates
    if media_type.endswith("json") and not request.chunked and not needs_ascii:
        return [f"json={written}"], "" if media_type == "application/json" else media_type
    content = f"json.dumps({written}).encode()"
    return [f"content={f'iter([{content}])' if request.chunked else content}"], media_type


def _form(body: Mapping[str, Any], media_type: str) -> str:
    fields = [(name, _field(value)) for name, value in flatten_form(body)]
    if media_type == MULTIPART:
        return f"files=[{', '.join(f'({name!r}, (None, {value}))' for name, value in fields)}]"
    names = dict.fromkeys(name for name, _ in fields)
    grouped = {name: f"[{', '.join(value for other, value in fields if other == name)}]" for name in names}
    return f"data={_mapping(grouped)}"


def _field(value: Any) -> str:
    written = expression(value)
    if not isinstance(value, str):
        return f"json.dumps({written})"
    return written if written.startswith(("'", '"')) else f"str({written})"


def _members(values: Mapping[str, Any], without: set[str]) -> dict[str, str]:
    return {name: expression(_spell_as_json(each)) for name, each in values.items() if name.lower() not in without}


def _spell_as_json(value: Any) -> Any:
    """Return a value of a path, query or header with booleans spelled as in JSON: `true`, not `True`."""
    if isinstance(value, list):
        return [_spell_as_json(each) for each in value]
    if isinstance(value, str | dict):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mapping(members: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value}' for name, value in members.items())}}}"
