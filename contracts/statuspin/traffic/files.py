"""Read recorded traffic: HAR files of browsers and proxies, and collections of Postman (format 2)."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from statuspin.errors import CannotRun
from statuspin.loading.files import read_text


@dataclass(frozen=True)
class Recorded:
    """One request and the status of its response. headers: names in lower case. body: None if it has no body."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    status: int


def read_traffic(path: Path) -> list[Recorded]:
    """Return the requests of a HAR file, or those of a Postman collection that have example responses.

    Raises CannotRun if the file cannot be read, or is neither.
    """
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{path}: not JSON: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("log"), dict):
        return list(_read_har(path, data["log"]))
    if isinstance(data, dict) and isinstance(data.get("item"), list):
        return list(_read_postman(path, data["item"], _variables(data)))
    raise CannotRun(f"{path}: neither a HAR file (it has no `log`) nor a Postman collection (it has no `item`)")


def _read_har(path: Path, log: dict[str, Any]) -> Iterator[Recorded]:
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise CannotRun(f"{path}: log.entries is missing or not a list")
    for index, entry in enumerate(entries):
        try:
            request, status = entry["request"], int(entry["response"]["status"])
            headers = {str(each["name"]).lower(): str(each["value"]) for each in request.get("headers", [])}
            if not status:  # The request was blocked or canceled.
                continue
            body = _har_body(request.get("postData"), headers)
            yield Recorded(str(request["method"]).upper(), str(request["url"]), headers, body, status)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise CannotRun(f"{path}: log.entries[{index}] is malformed: {reason}") from None


def _har_body(data: Any, headers: dict[str, str]) -> bytes | None:
    if not data:
        return None
    headers.setdefault("content-type", str(data.get("mimeType", "")))
    if data.get("text"):
        text = str(data["text"])
        return base64.b64decode(text) if data.get("encoding") == "base64" else text.encode()
    pairs = [(str(each["name"]), str(each.get("value", ""))) for each in data.get("params", [])]
    return urlencode(pairs).encode() if pairs else None


def _variables(collection: dict[str, Any]) -> dict[str, str]:
    variables = collection.get("variable")
    pairs = variables if isinstance(variables, list) else []
    return {str(each["key"]): str(each.get("value", "")) for each in pairs if isinstance(each, dict) and "key" in each}


def _read_postman(path: Path, items: list[Any], variables: dict[str, str], place: str = "item") -> Iterator[Recorded]:
    for index, item in enumerate(items):
        location = f"{place}[{index}]"
        try:
            if isinstance(item.get("item"), list):
                yield from _read_postman(path, item["item"], variables, f"{location}.item")
                continue
            for response in item.get("response") or []:
                request = response.get("originalRequest") or item["request"]
                yield _postman_request(request, int(response["code"]), variables)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise CannotRun(f"{path}: {location} is malformed: {reason}") from None


def _postman_request(request: dict[str, Any], status: int, variables: dict[str, str]) -> Recorded:
    url = request["url"]
    raw = str(url["raw"] if isinstance(url, dict) else url)
    for each in url.get("variable", []) if isinstance(url, dict) else []:
        raw = raw.replace(f"/:{each['key']}", f"/{each.get('value', '')}")
    headers = {
        str(each["key"]).lower(): _fill(str(each.get("value", "")), variables)
        for each in request.get("header") or []
        if not each.get("disabled")
    }
    if request.get("auth"):
        headers.setdefault("authorization", str(request["auth"].get("type")))
    body = _postman_body(request.get("body") or {}, headers)
    content = _fill(body, variables).encode() if body is not None else None
    return Recorded(str(request.get("method", "GET")).upper(), _fill(raw, variables), headers, content, status)


def _postman_body(body: dict[str, Any], headers: dict[str, str]) -> str | None:
    mode = body.get("mode")
    if mode == "raw":
        language = (body.get("options") or {}).get("raw", {}).get("language", "text")
        headers.setdefault("content-type", "application/json" if language == "json" else "text/plain")
        return str(body["raw"])
    if mode in ("urlencoded", "formdata"):
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        pairs = [(each["key"], each.get("value", "")) for each in body[mode] if not each.get("disabled")]
        return urlencode(pairs)
    return None


def _fill(text: str, variables: dict[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace("{{" + name + "}}", value)
    return text
