"""Check the status, media type, headers and body of a response against openapi.yaml."""

import re
from typing import Any

from statuspin.contract.document import Document, Operation, find_response
from statuspin.contract.schemas import Schemas
from statuspin.http.exchange import Answer
from statuspin.http.reading import EVENT_STREAM

_NOT_MODIFIED = 304
_NULS_OF_UTF_32 = 3
_NO_BODY = {204, 205, _NOT_MODIFIED}
_MARKS = (  # the mark of UTF-32-LE begins with that of UTF-16-LE
    (b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe\x00\x00", "UTF-32"), (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"),
)  # fmt: skip
_FIELD = re.compile(rb"(data|event|id|retry)?:|(data|event|id|retry)$")


class Conformance:
    """Checks responses against one document."""

    def __init__(self, document: Document) -> None:
        """document: the OpenAPI document that the responses have to match."""
        self.document = document
        self._schemas = Schemas(document)

    def response_for(self, operation: Operation, status: int) -> dict[str, Any] | None:
        """Return the response object for `status`: exact, else its class (`4XX`), else `default`, else None."""
        responses = operation.raw.get("responses") or {}
        key = find_response(responses, status)
        return None if key is None else self.document.resolve(responses[key]) or {}

    def faults(self, operation: Operation, answer: Answer, *, bodiless: bool = False) -> list[str]:
        """Return one message for each part of `answer` that the document or HTTP does not allow.

        bodiless: whether the response is that of a HEAD request.
        """
        response = self.response_for(operation, answer.status)
        if response is None:
            return [f"status {answer.status} is not documented"]
        found = self._header_faults(response, answer)
        if answer.status in _NO_BODY:
            return found + _unexpected_body(answer)
        return found if bodiless else found + self._body_faults(response, answer)

    def _header_faults(self, response: dict[str, Any], answer: Answer) -> list[str]:
        found: list[str] = []
        for name, raw in (response.get("headers") or {}).items():
            header = self.document.resolve(raw)
            value = answer.headers.get(name.lower())
            if value is None:
                found += [f"header {name} is missing"] if header.get("required") else []
            elif "schema" in header:
                faults = self._schemas.faults(header["schema"], self._parse_header(value, header["schema"]))
                found += [f"header {name}: {fault}" for fault in faults[:1]]
        return found

    def _body_faults(self, response: dict[str, Any], answer: Answer) -> list[str]:
        content = response.get("content") or {}
        if not content:
            return []
        media = _find_media(content, answer.media_type)
        if media is None:
            actual = answer.media_type or "no media type"
            return [f"media type {actual} is not documented, only {' or '.join(content)}"]
        if answer.media_type == EVENT_STREAM and not _begins_with_event(answer.body):
            return ["the body does not begin with a Server-Sent Event"]
        if "schema" not in media or not answer.media_type.endswith("json"):
            return []
        if encoding := wrong_encoding(answer.body):
            return [f"the body is {encoding}; JSON is UTF-8 without a byte order mark (RFC 8259, section 8.1)"]
        if answer.json is None and answer.body.strip() != b"null":
            return ["the body is not JSON"]
        return [f"body: {fault}" for fault in self._schemas.faults(media["schema"], answer.json)[:3]]

    def _parse_header(self, text: str, schema: Any) -> Any:
        kinds = self.document.resolve(schema).get("type")
        try:
            if kinds == "integer" and re.fullmatch("-?[0-9]+", text):
                return int(text)
            if kinds == "number":
                return float(text)
        except ValueError:
            return text
        return {"true": True, "false": False}.get(text, text) if kinds == "boolean" else text


def wrong_encoding(body: bytes) -> str:
    """Return the encoding of a JSON body if it is not plain UTF-8, such as `UTF-16`, else an empty text."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return f"{name} with a byte order mark"
    if 0 in body[:4]:  # JSON begins with an ASCII character and has no NUL
        return "UTF-32" if body[:4].count(0) == _NULS_OF_UTF_32 else "UTF-16"
    return ""


def _unexpected_body(answer: Answer) -> list[str]:
    """Return a message if a response has a body and must not (RFC 9110, sections 8.6, 15.3.5 and 15.4.5)."""
    length = answer.headers.get("content-length", "0").strip()
    if answer.body or answer.stray:
        return [f"a {answer.status} must not have a body, but bytes follow it"]
    if answer.status != _NOT_MODIFIED and (length not in ("", "0") or "transfer-encoding" in answer.headers):
        announced = f"Content-Length: {length}" if length not in ("", "0") else "Transfer-Encoding"
        return [f"a {answer.status} must not have a body, but it announces one with {announced}"]
    return []


def _begins_with_event(body: bytes) -> bool:
    """Return whether the lines before the first empty line have a field or a comment. An empty stream is allowed."""
    first = re.split(rb"\r\n\r\n|\n\n|\r\r", body.removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    return not first.strip() or any(_FIELD.match(line) for line in re.split(rb"\r\n|\n|\r", first))


def _find_media(content: dict[str, Any], media_type: str) -> dict[str, Any] | None:
    names = {name.partition(";")[0].strip().lower(): value for name, value in content.items()}
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in names:
            return names[name] or {}
    return None
