"""Operations: the request body, and the media types of bodies."""

from typing import Any

from statuspin.contract.document import covering
from statuspin.diff.changes import Below, Change, Direction, Said
from statuspin.diff.sides import OPERATIONS, Side, schema_of

_BODY = "request body"
Content = dict[str, dict[str, Any]]


@OPERATIONS.rule(
    "request-body-added",
    "request-body-newly-optional",
    "request-body-newly-required",
    "request-body-removed",
)
def request_body(old: Side, new: Side) -> Said:
    """A body is new, gone, newly required or no longer."""
    before, after = _need(old), _need(new)
    if before == after:
        return
    if after == "required":
        yield Change("request-body-newly-required", _BODY, before, after)
    elif before == "not there":
        yield Change("request-body-added", _BODY, before, after)
    else:
        yield Change(
            "request-body-removed" if new.body is None else "request-body-newly-optional", _BODY, before, after
        )


def _need(side: Side) -> str:
    if side.body is None:
        return "not there"
    return "required" if side.body.get("required") is True else "optional"


@OPERATIONS.rule("request-media-type-added", "request-media-type-removed")
def request_content(old: Side, new: Side) -> Said:
    """The media types that a body may have, where it had one and has one."""
    if old.body is not None and new.body is not None:
        yield from content_changes(_BODY, _content(old, old.body), _content(new, new.body), Direction.REQUEST)


@OPERATIONS.rule("request-encoding-changed")
def request_encoding(old: Side, new: Side) -> Said:
    """The parts of a form are encoded another way."""
    before, after = _content(old, old.body or {}), _content(new, new.body or {})
    for name in sorted(before.keys() & after.keys()):
        texts = [str(media[name].get("encoding") or "as by default") for media in (before, after)]
        if texts[0] != texts[1]:
            yield Change("request-encoding-changed", f"{_BODY} ({name})", *texts)


@OPERATIONS.rule("response-media-type-added", "response-media-type-removed")
def response_content(old: Side, new: Side) -> Said:
    """The media types of each response; a status may be covered by a range on the other side."""
    for before, after in answered_by_both(old, new):
        one, other = _content(old, old.responses[before]), _content(new, new.responses[after])
        yield from content_changes(f"response {_narrower(before, after)}", one, other, Direction.RESPONSE)


def answered_by_both(old: Side, new: Side) -> list[tuple[str, str]]:
    """The statuses of both sides that describe the same answers, as (of old, of new), each pair once."""
    pairs = [(status, after) for status in old.responses if (after := covering(new.responses, status))]
    pairs += [(before, status) for status in new.responses if (before := covering(old.responses, status))]
    return list(dict.fromkeys(pairs))


def _narrower(before: str, after: str) -> str:
    return after if before == "default" or (before.endswith("XX") and after != "default") else before


def content_changes(place: str, old: Content, new: Content, direction: Direction) -> Said:
    """Media types that are gone or new; the schemas of the others are to be compared."""
    used = set()
    for name, media in old.items():
        other = next((each for each in (name, f"{name.partition('/')[0]}/*", "*/*") if each in new), None)
        if other is None:
            yield Change(f"{direction}-media-type-removed", place, name, "gone")
            continue
        used.add(other)
        yield Below(_named(place, name, len(old)), schema_of(media), schema_of(new[other]), direction)
    for name in new.keys() - used:
        yield Change(f"{direction}-media-type-added", place, "not there", name)


def _named(place: str, media_type: str, count: int) -> str:
    is_plain = count == 1 or media_type == "application/json"
    return place if is_plain else f"{place} ({media_type})"


def _content(side: Side, holder: dict[str, Any]) -> Content:
    """Media types in small letters and without a charset, which only says what bytes the text has."""
    return {_without_charset(name): media for name, media in side.mapping(holder.get("content")).items()}


def _without_charset(name: str) -> str:
    parts = [part.strip().lower() for part in name.split(";")]
    return ";".join(part for part in parts if not part.startswith("charset="))
