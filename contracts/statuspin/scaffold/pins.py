"""Write a first pins.yaml from an OpenAPI document. Rows that need a decision become comments."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from statuspin.contract.document import Document, Operation
from statuspin.contract.security import requires_credentials
from statuspin.coverage.elements import parameters
from statuspin.http.bodies import choose_media_type
from statuspin.scaffold.own_account import ends_caller
from statuspin.scaffold.samples import malformed_value, missing_value, sample, schema_object, without_read_only

_HEAD = """\
# Which actor gets which answer, in which state, for which input. Comments need a decision.
# `statuspin lint` lists missing rows, and `statuspin verify --url URL --tokens FILE` runs the pins.

# Some rows are missing yet, so `statuspin lint` warns of gaps. Without this line, they are errors.
draft: true

forbidden: [500]
{fuzzer}{fuzz}
actors:
{actors}
# The steps that create each state of a resource. An operation lists its states: `states: [missing, existing]`.
states: {{}}
#  existing:
#    steps:
#      - {{operation: NAME, actor: caller, answer: 201, keep: {{id: data.id}}}}

# The command with which `verify` starts the service if --url is not given.
#service:
#  start: [COMMAND, --port, "{{port}}"]
#  ready: /PATH

pins:
"""
_ACCEPTANCE = "# The check fails if a rule that no schema states rejects a request. Turn it on if you have none.\n"
_CHECKS = "checks: {positive_data_acceptance: false}"
_REFUSALS = ("422", "400")
_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")


def scaffold(document: Document) -> str:
    """Return the text of a valid pins.yaml, with rows for everything that the document states."""
    secured = any(requires_credentials(document, operation) for operation in document.operations.values())
    actors = "  anonymous: {anonymous: true}\n"
    if secured:
        actors += "  caller: {description: Its token comes from the tokens file.}\n"
    fuzz = _fuzz([operation for operation in document.operations.values() if ends_caller(operation)])
    text = _HEAD.format(actors=actors, fuzzer="fuzzer: caller\n" if secured else "", fuzz=fuzz)
    return text + "".join(_operation(document, operation) for operation in document.operations.values())


def _fuzz(skipped: list[Operation]) -> str:
    if not skipped:
        return f"{_ACCEPTANCE}fuzz: {{{_CHECKS}}}\n"
    names = ", ".join(_write_inline(operation.id) for operation in skipped)
    return (
        "# The skipped ones delete the account of the caller or sign it out, so they are not fuzzed.\n"
        f"{_ACCEPTANCE}fuzz: {{skip: [{names}], {_CHECKS}}}\n"
    )


def _operation(document: Document, operation: Operation) -> str:
    request = _request(document, operation)
    lines = [f"  {_write_inline(operation.id)}:"]
    lines += [f"    request: {_write_inline(request)}"] if request else []
    rows = list(_rows(document, operation, request))
    success = _success(operation)
    hidden = "# " if ends_caller(operation) else ""
    lines.append("    rows:" if rows and not hidden else "    rows: []")
    lines += [f"      {hidden}- {_write_inline(row)}" for row in rows]
    if success and not _is_known(document, operation):
        row = {"actor": _actor(document, operation), "answer": int(success)}
        lines.append(f"      # - {_write_inline(row)}  # if `request` names something that exists")
    known = {str(row["answer"]) for row in rows} | {success}
    responses = operation.raw.get("responses") or {}
    lines += [
        f"      # - {{actor: WHO, state: WHICH, input: WHAT, answer: {status}}}  # {_describe_response(document, raw)}"
        for status, raw in responses.items()
        if status not in known and status not in {"500", "default"} and status[:1].isdigit()
    ]
    return "\n".join(lines) + "\n\n"


def _rows(document: Document, operation: Operation, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    responses = operation.raw.get("responses") or {}
    actor = _actor(document, operation)
    if actor == "caller" and "401" in responses:
        yield {"actor": "anonymous", "answer": 401, **_assume(responses, "403")}
    success = _success(operation)
    if success and _is_known(document, operation):
        is_made_up = bool({"query", "headers", "body"} & set(request))
        who = actor if actor == "caller" else "any"
        yield {"actor": who, "answer": int(success), **({"assumed": True} if is_made_up else {})}
    for parameter in parameters(document, operation):
        if parameter.get("in") == "path":
            yield from _path_rows(document, parameter, actor, responses)
    refusal = _refusal(responses)
    if refusal and "body" in request and choose_media_type(operation.media_types).endswith("json"):
        yield {
            "actor": actor,
            "input": "no JSON",
            "with": {"raw": "{"},
            "answer": int(refusal),
            **_assume_either(responses),
        }
    known = _methods_of(document, operation)
    other = next((method for method in _METHODS if method.lower() not in known), None)
    if other is not None and "405" in responses:
        yield {"actor": actor, "input": other, "with": {"method": other}, "answer": 405}


def _actor(document: Document, operation: Operation) -> str:
    return "caller" if requires_credentials(document, operation) else "anonymous"


def _success(operation: Operation) -> str | None:
    """Return the first success status of the operation."""
    statuses = sorted(map(str, operation.raw.get("responses") or {}))
    return next((status for status in statuses if re.fullmatch("2[0-9][0-9]", status)), None)


def _is_known(document: Document, operation: Operation) -> bool:
    """Return whether the path exists on every server: each of its parameters has a closed list of values."""
    schemas = [
        schema_object(document, each.get("schema"))
        for each in parameters(document, operation)
        if each.get("in") == "path"
    ]
    return all("enum" in schema or "const" in schema for schema in schemas)


def _path_rows(
    document: Document, parameter: dict[str, Any], actor: str, responses: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    name, schema = parameter["name"], schema_object(document, parameter.get("schema"))
    bad = malformed_value(schema)
    refusal = _refusal(responses)
    if refusal and bad is not None:
        request, assumed = {"path": {name: bad}}, _assume(responses, "404") or _assume_either(responses)
        yield {"actor": actor, "input": f"malformed {name}", "with": request, "answer": int(refusal), **assumed}
    if "404" in responses:
        request = {"path": {name: missing_value(schema)}}
        yield {"actor": actor, "input": f"unknown {name}", "with": request, "answer": 404, "assumed": True}


def _refusal(responses: dict[str, Any]) -> str | None:
    """Return the status for a request that does not match its schema."""
    return next((status for status in _REFUSALS if status in responses), None)


def _assume(responses: dict[str, Any], other: str) -> dict[str, bool]:
    """Return the mark of an assumed row if another documented status would be as good an answer."""
    return {"assumed": True} if other in responses else {}


def _assume_either(responses: dict[str, Any]) -> dict[str, bool]:
    return {"assumed": True} if set(_REFUSALS) <= set(responses) else {}


def _methods_of(document: Document, operation: Operation) -> set[str]:
    """Return the methods of a path, and of other paths that a request for it may match: `/users/me`, `/users/{id}`."""
    segments = operation.path.split("/")
    return {
        other.method
        for other in document.operations.values()
        if len(parts := other.path.split("/")) == len(segments)
        and all(one == two or "{" in one + two for one, two in zip(parts, segments, strict=True))
    }


def _request(document: Document, operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for parameter in parameters(document, operation):
        if not parameter.get("required") and parameter.get("in") != "path":
            continue
        place = {"path": "path", "query": "query", "header": "headers"}.get(parameter.get("in", ""))
        if place:
            value = parameter.get("example", sample(document, parameter.get("schema")))
            found.setdefault(place, {})[parameter["name"]] = value
    media = _body_media(document, operation)
    if media:
        schema = media.get("schema")
        found["body"] = without_read_only(document, schema, _example(document, media, schema))
    return found


def _body_media(document: Document, operation: Operation) -> dict[str, Any] | None:
    """Return the media type object in which `verify` sends a body: JSON or a form, if the operation takes one."""
    content = (document.resolve(operation.raw.get("requestBody")) or {}).get("content") or {}
    chosen = choose_media_type(operation.media_types)
    for name, media in content.items():
        if name.partition(";")[0].strip().lower() == chosen:
            return media or {}
    return None


def _example(document: Document, media: dict[str, Any], schema: Any) -> Any:
    if "example" in media:
        return media["example"]
    examples = media.get("examples")
    for example in map(document.resolve, examples.values() if isinstance(examples, dict) else ()):
        if isinstance(example, dict) and "value" in example:
            return example["value"]
    return sample(document, schema)


def _write_inline(value: Any) -> str:
    if isinstance(value, str):
        return yaml.safe_dump(value, width=10_000, allow_unicode=True).removesuffix("...\n").strip()
    plain = json.loads(json.dumps(value, default=str))
    return yaml.safe_dump(plain, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True).strip()


def _describe_response(document: Document, response: Any) -> str:
    return " ".join(str((document.resolve(response) or {}).get("description", "")).split())[:80]
