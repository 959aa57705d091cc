"""Whether an answer is one that openapi.yaml has for its operation: status, media type, headers, body."""

import re
from typing import Any

from statuspin.contract.document import Document, Operation, covering
from statuspin.contract.schemas import Schemas
from statuspin.http.exchange import Answer
from statuspin.http.reading import EVENT_STREAM

_NO_BODY = {204, 205, 304}
_FIELD = re.compile(rb"(data|event|id|retry)?:|(data|event|id|retry)$")


class Conformance:
    """The checks of one document."""

    def __init__(self, document: Document) -> None:
        """document: what is promised."""
        self.document = document
        self._schemas = Schemas(document)

    def promised(self, operation: Operation, status: int) -> dict[str, Any] | None:
        """The response object that covers `status`: exact, else its class (`4XX`), else `default`; else None."""
        responses = operation.raw.get("responses") or {}
        key = covering(responses, status)
        return None if key is None else self.document.resolve(responses[key]) or {}

    def faults(self, operation: Operation, answer: Answer, *, bodiless: bool = False) -> list[str]:
        """What of `answer` the document does not allow, in words; empty where all is well. bodiless: it was a HEAD."""
        response = self.promised(operation, answer.status)
        if response is None:
            return [f"status {answer.status} is not documented"]
        found = self._header_faults(response, answer)
        if not bodiless and answer.status not in _NO_BODY:
            found += self._body_faults(response, answer)
        return found

    def _header_faults(self, response: dict[str, Any], answer: Answer) -> list[str]:
        found: list[str] = []
        for name, raw in (response.get("headers") or {}).items():
            header = self.document.resolve(raw)
            value = answer.headers.get(name.lower())
            if value is None:
                found += [f"header {name} is missing"] if header.get("required") else []
            elif "schema" in header:
                faults = self._schemas.faults(header["schema"], self._typed(value, header["schema"]))
                found += [f"header {name}: {fault}" for fault in faults[:1]]
        return found

    def _body_faults(self, response: dict[str, Any], answer: Answer) -> list[str]:
        content = response.get("content") or {}
        if not content:
            return []
        media = _media(content, answer.media_type)
        if media is None:
            said = answer.media_type or "no media type"
            return [f"media type {said} is not documented, {' or '.join(content)} is"]
        if answer.media_type == EVENT_STREAM and not _begins_with_event(answer.body):
            return ["the body does not begin with a Server-Sent Event"]
        if "schema" not in media or not answer.media_type.endswith("json"):
            return []
        if answer.json is None and answer.body.strip() != b"null":
            return ["the body is no JSON"]
        return [f"body: {fault}" for fault in self._schemas.faults(media["schema"], answer.json)[:3]]

    def _typed(self, text: str, schema: Any) -> Any:
        kinds = self.document.resolve(schema).get("type")
        try:
            if kinds == "integer" and re.fullmatch("-?[0-9]+", text):
                return int(text)
            if kinds == "number":
                return float(text)
        except ValueError:
            return text
        return {"true": True, "false": False}.get(text, text) if kinds == "boolean" else text


def _begins_with_event(body: bytes) -> bool:
    """Whether the first lines of a stream, up to an empty one, hold a field or a comment; an empty stream is fine."""
    first = re.split(rb"\r\n\r\n|\n\n|\r\r", body.removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    return not first.strip() or any(_FIELD.match(line) for line in re.split(rb"\r\n|\n|\r", first))


def _media(content: dict[str, Any], media_type: str) -> dict[str, Any] | None:
    names = {name.partition(";")[0].strip().lower(): value for name, value in content.items()}
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in names:
            return names[name] or {}
    return None
