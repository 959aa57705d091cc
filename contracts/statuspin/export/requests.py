"""Write a request of a pin or a step as a call of httpx2."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    `environment_variables` names. base_url: a Python expression.
    """
    without = {name.lower() for name in request.without}
    arguments = [
        repr((request.method or operation.method).upper()),
        f"{base_url} + {_path(operation, request, without)}",
    ]
    secret_query, secret_headers = _credentials(contract, actor, without)
    query = _members(request.query, without) | secret_query
    arguments += [f"params={_mapping(query)}"] if query else []
    headers = secret_headers | {name.lower(): each for name, each in _members(request.headers, without).items()}
    body, media_type = _body(operation, request, without)
    if media_type:
        headers.setdefault("content-type", repr(media_type))
    arguments += [f"headers={_mapping(headers)}"] if headers else []
    return f"httpx2.request({', '.join([*arguments, *body])})"


def environment_variables(contract: Contract, actor: str) -> dict[str, str]:
    """Return the environment variables with the credentials of an actor, and what each contains.

    Their names are such as `OTHER_READER_CREDENTIALS`, and `OTHER_READER_API_KEY` for a key beside others.
    """
    return {credential.variable: credential.content for credential in _find_credentials(contract, actor)}


@dataclass(frozen=True)
class _Credential:
    """A credential that an exported test sends. parameter: its name in `place`, a header, the query or a cookie."""

    variable: str
    content: str
    place: str
    parameter: str


def _find_credentials(contract: Contract, name: str) -> list[_Credential]:
    """Return what an actor sends. A tampered actor sends the credentials of the other one."""
    actor = contract.pins.actors[name]
    if actor.anonymous:
        return []
    owner = actor.tampered or name
    actor = contract.pins.actors[owner]
    prefix = re.sub(r"[^A-Z0-9]+", "_", owner.upper()).strip("_")
    content = f"…, the Authorization header, key or cookie of the actor {owner}"
    has_others = actor.api_key is None or bool(actor.ways_beside_key)
    found = []
    if has_others and not (actor.token is None and sends_only_api_keys(contract.document)):
        is_session = contract.pins.login and contract.pins.login.token is None and not actor.authorization
        parameter = "cookie" if is_session else "authorization"
        found.append(_Credential(f"{prefix}_CREDENTIALS", content, "header", parameter))
    if actor.api_key is not None or not found:
        scheme = api_key_scheme(contract.document, actor.scheme)
        variable = f"{prefix}_{'API_KEY' if found else 'CREDENTIALS'}"
        content = f"…, the API key of the actor {owner}" if found else content
        found.append(_Credential(variable, content, scheme.place, scheme.parameter))
    return found


def _credentials(contract: Contract, name: str, without: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the query parameters and headers with the credentials of an actor, as Python expressions."""
    is_tampered = contract.pins.actors[name].tampered is not None
    query, headers = dict[str, str](), dict[str, str]()
    for each in _find_credentials(contract, name):
        if each.parameter.lower() in without:
            continue
        value = f"os.environ[{each.variable!r}]"
        value = f"tamper({value})" if is_tampered else value
        if each.place == "query":
            query[each.parameter] = value
        elif each.place == "cookie":
            pair = f"{each.parameter + '='!r} + {value}"
            headers["cookie"] = f"{headers['cookie']} + '; ' + {pair}" if "cookie" in headers else pair
        else:
            headers[each.parameter.lower()] = value
    return query, headers


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
