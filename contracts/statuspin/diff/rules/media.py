"""Rules for request bodies and the media types of bodies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from statuspin.contract.document import find_response
from statuspin.diff import wording
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, Direction, RuleResult, Subschema
from statuspin.diff.schema.json_values import text_of

_BODY = "request body"
_PART_TYPES = {"object": "application/json", "array": "application/json"}


@dataclass(frozen=True)
class MediaType:
    """The name of a media type in lower case. charset: empty if the document does not name one."""

    range: str
    parameters: tuple[str, ...]
    charset: str

    @classmethod
    def of(cls, text: str) -> "MediaType":
        """Return the media type that `text` names."""
        name, *parameters = (part.strip().lower() for part in text.split(";"))
        charsets = [each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")]
        others = sorted(each for each in parameters if each and not each.startswith("charset="))
        return cls(name, tuple(others), charsets[0] if charsets else "")

    def covers(self, other: "MediaType") -> bool:
        """Return whether `other` is this media type or lies within this range."""
        kind, _, subtype = self.range.partition("/")
        is_within = self.range in {other.range, "*/*"} or (subtype == "*" and other.range.startswith(f"{kind}/"))
        is_any = subtype == "*"
        return is_within and (is_any or self.parameters == other.parameters) and self._has_charset_of(other)

    def _has_charset_of(self, other: "MediaType") -> bool:
        return not self.charset or not other.charset or self.charset == other.charset

    def __str__(self) -> str:
        charset = (f"charset={self.charset}",) if self.charset else ()
        return ";".join((self.range, *self.parameters, *charset))


Content = dict[MediaType, dict[str, Any]]


@OPERATIONS.rule(
    "request-body-added",
    "request-body-newly-optional",
    "request-body-newly-required",
    "request-body-removed",
)
def request_body(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report a body that was added or removed, or that became required or optional."""
    before, after = _need(old), _need(new)
    if before == after:
        return
    if after == "required":
        yield Change("request-body-newly-required", _BODY, before, after)
    elif before == "not there":
        yield Change("request-body-added", _BODY, before, after)
    else:
        rule = "request-body-removed" if new.body is None else "request-body-newly-optional"
        yield Change(rule, _BODY, before, after)


def _need(side: OperationSide) -> str:
    if side.body is None:
        return "not there"
    return "required" if side.body.get("required") is True else "optional"


@OPERATIONS.rule("request-encoding-changed", "request-media-type-added", "request-media-type-removed")
def request_content(old: OperationSide, new: OperationSide) -> RuleResult:
    """Compare the media types of request bodies that both sides have."""
    if old.body is not None and new.body is not None:
        yield from _content_changes(_BODY, old, new, (old.body, new.body), Direction.REQUEST)


@OPERATIONS.rule(
    "response-encoding-changed",
    "response-media-type-added",
    "response-media-type-narrowed",
    "response-media-type-removed",
    "response-media-type-widened",
)
def response_content(old: OperationSide, new: OperationSide) -> RuleResult:
    """Compare the media types of each response. A range may cover its status on the other side."""
    for before, after in shared_statuses(old, new):
        holders = (old.responses[before], new.responses[after])
        yield from _content_changes(f"response {_narrower(before, after)}", old, new, holders, Direction.RESPONSE)


def shared_statuses(old: OperationSide, new: OperationSide) -> list[tuple[str, str]]:
    """Return the statuses of both sides that describe the same responses, as (of old, of new), each pair once."""
    pairs = [(status, after) for status in old.responses if (after := find_response(new.responses, status))]
    pairs += [(before, status) for status in new.responses if (before := find_response(old.responses, status))]
    return list(dict.fromkeys(pairs))


def _narrower(before: str, after: str) -> str:
    return after if before == "default" or (before.endswith("XX") and after != "default") else before


def _content_changes(
    place: str,
    old: OperationSide,
    new: OperationSide,
    holders: tuple[dict[str, Any], dict[str, Any]],
    direction: Direction,
) -> RuleResult:
    """Report removed and added media types, and compare the schemas of the others."""
    before, after = _content(old, holders[0]), _content(new, holders[1])
    used = set()
    for name, media in before.items():
        counterpart = _counterpart(name, after)
        if counterpart is None:
            yield Change(f"{direction}-media-type-removed", place, str(name), "removed")
            continue
        used.add(counterpart)
        if name.range != counterpart.range:
            rule = _name_range_rule(name, counterpart, direction)
            yield Change(rule, place, str(name), str(counterpart))
        at = _named(place, name, len(before))
        yield from _schemas(at, old, new, (media, after[counterpart]), direction)
        yield from _encodings(at, old, new, (media, after[counterpart]), direction)
    for fresh in sorted(map(str, after.keys() - used)):
        yield Change(f"{direction}-media-type-added", place, "not there", fresh)


def _name_range_rule(old: MediaType, new: MediaType, direction: Direction) -> str:
    """Return the rule for a media type that was replaced by a range around it or by a media type within it."""
    if direction is Direction.REQUEST:
        return f"request-media-type-{'added' if new.covers(old) else 'removed'}"
    return f"response-media-type-{'narrowed' if old.covers(new) else 'widened'}"


def _counterpart(name: MediaType, others: Content) -> MediaType | None:
    """Return the media type that is the same, else the nearest one that covers `name` or lies within it."""
    same = [each for each in others if each.range == name.range and each.covers(name)]
    covering_ = sorted((each for each in others if each.covers(name)), key=lambda each: each.range.count("*"))
    return next(iter([*same, *covering_, *(each for each in others if name.covers(each))]), None)


def _schemas(
    at: str,
    old: OperationSide,
    new: OperationSide,
    media: tuple[dict[str, Any], dict[str, Any]],
    direction: Direction,
) -> Iterator[Subschema]:
    yield Subschema(at, old.schema(media[0]), new.schema(media[1]), direction)
    if "itemSchema" in media[0] or "itemSchema" in media[1]:
        first, second = (
            side.reader.node(each.get("itemSchema", True)) for side, each in zip((old, new), media, strict=True)
        )
        yield Subschema(f"{at} · item", first, second, direction)


def _encodings(
    at: str,
    old: OperationSide,
    new: OperationSide,
    media: tuple[dict[str, Any], dict[str, Any]],
    direction: Direction,
) -> Iterator[Change]:
    """Report parts of a form or a multipart body with another encoding."""
    keywords = ("encoding", "prefixEncoding", "itemEncoding")
    if not any(keyword in each for keyword in keywords for each in media):
        return
    one, other = (_encoding(side, each) for side, each in zip((old, new), media, strict=True))
    for name in sorted(one.keys() | other.keys()):
        before, after = (_part(side, each, name) for side, each in ((old, media[0]), (new, media[1])))
        if before != after:
            yield Change(f"{direction}-encoding-changed", f"{at} · part {name}", before, after)


def _encoding(side: OperationSide, media: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = side.mapping(media.get("encoding"))
    prefix = media.get("prefixEncoding")
    found |= {f"[{place}]": each for place, each in enumerate(prefix if isinstance(prefix, list) else ())}
    return found | ({"[]": media["itemEncoding"]} if isinstance(media.get("itemEncoding"), dict) else {})


def _part(side: OperationSide, media: dict[str, Any], name: str) -> str:
    """Return the encoding of a part, with defaults for missing values."""
    stated = _encoding(side, media).get(name, {})
    encoding = {
        key: value for key, value in stated.items() if key in {"contentType", "style", "explode", "allowReserved"}
    }
    member = side.schema(media).schema.properties.get(name)
    encoding.setdefault("contentType", _usual_type(member.schema.value_types) if member is not None else "text/plain")
    if encoding.keys() & {"style", "explode", "allowReserved"}:
        encoding.setdefault("style", "form")
        encoding.setdefault("explode", encoding["style"] == "form")
        encoding.setdefault("allowReserved", False)
    headers = side.mapping(stated.get("headers"))
    if headers:
        encoding["headers"] = {key.lower(): side.resolved(header).get("schema") for key, header in headers.items()}
    return wording.short(text_of(encoding))


def _usual_type(types: frozenset[str]) -> str:
    return next((_PART_TYPES[kind] for kind in sorted(types) if kind in _PART_TYPES), "text/plain")


def _named(place: str, media_type: MediaType, count: int) -> str:
    is_plain = count == 1 or media_type.range == "application/json"
    return place if is_plain else f"{place} ({media_type})"


def _content(side: OperationSide, holder: dict[str, Any]) -> Content:
    return {MediaType.of(name): media for name, media in side.mapping(holder.get("content")).items()}
