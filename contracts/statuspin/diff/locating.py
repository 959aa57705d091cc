"""Find the lines of findings in the files, by following the place of a finding through the document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from statuspin.contract.document import Document, Operation
from statuspin.diff.matching import match_operations
from statuspin.diff.spots import Spot, Tree
from statuspin.findings import Finding, Location
from statuspin.loading.pointers import Keys, pointer_of

_MEDIA_TYPE = re.compile(r"(?P<name>.*?)(?: \((?P<media_type>[^()]+)\))?")
_STEP = re.compile(r"\[(?P<index>\d*)\]|<(?P<variant>[^<>]*)>|\.(?P<name>.+)")
_ENDS = re.compile(r"$|[.<\[]")
_COMBINED = ("allOf", "anyOf", "oneOf")
_DEEPEST = 6


def locate(findings: Iterable[Finding], old: Document, new: Document) -> list[Finding]:
    """Return the findings with their lines in both files, and with their component."""
    match = match_operations(old, new)
    before = {each.id: each for each in old.operations.values()}
    after = {each.id: each for each in match.added} | {one.id: other for one, other in match.both}
    old_tree, new_tree = Tree(old), Tree(new)
    starts: dict[tuple[Tree, str], Spot | None] = {}
    found: dict[tuple[Tree, str, str], Keys | None] = {}

    def keys_of(tree: Tree, operations: dict[str, Operation], finding: Finding) -> Keys | None:
        name = finding.operation
        if (tree, name) not in starts:
            starts[tree, name] = _start(tree, operations, name)
        if (tree, name, finding.place) not in found:
            start = starts[tree, name]
            found[tree, name, finding.place] = None if start is None else _walk(start, finding.place).keys
        return found[tree, name, finding.place]

    @cache
    def location(document: Document, keys: Keys | None) -> Location | None:
        return None if keys is None else document.location(keys)

    def add_lines(finding: Finding) -> Finding:
        in_old, in_new = keys_of(old_tree, before, finding), keys_of(new_tree, after, finding)
        component = _component(max(in_old or (), in_new or (), key=len))
        return replace(finding, component=component, old=location(old, in_old), new=location(new, in_new))

    return [add_lines(each) for each in findings]


def _component(keys: Keys) -> str:
    """Return the name of the component that a place is in, such as `schemas Pet · properties.name`, if any."""
    if keys[:1] != ("components",):
        return ""
    inside = ".".join(map(str, keys[3:]))
    return " · ".join(part for part in (" ".join(map(str, keys[1:3])), inside) if part)


def _start(tree: Tree, operations: dict[str, Operation], name: str) -> Spot | None:
    """Return the place of an operation or a webhook, or the document if none is named."""
    root = Spot(tree, (), tree.raw)
    if not name:
        return root
    if name in operations:
        keys = operations[name].keys
        return root.enter(*keys[:2], "additionalOperations", keys[2]) or root.enter(*keys)
    hook, _, method = name.removeprefix("webhook ").rpartition(" ")
    return root.enter("webhooks", hook, method.lower()) if name.startswith("webhook ") else None


def _walk(spot: Spot, place: str) -> Spot:
    """Follow the parts of a place as far as the document has them."""
    above = spot.keys[:-1] if spot.keys[-2:-1] != ("additionalOperations",) else spot.keys[:-2]
    item = spot.tree.target(pointer_of(above))
    for part in filter(None, place.split(" · ")):
        below = _part(spot, item, part)
        if below is None:
            return spot
        spot = below
    return spot


def _part(spot: Spot, item: Spot, part: str) -> Spot | None:
    written = _MEDIA_TYPE.fullmatch(part)
    name, media_type = (written["name"], written["media_type"]) if written else (part, None)
    kind, _, rest = name.partition(" ")
    if name == "request body":
        return _body(spot.enter("requestBody"), media_type)
    if kind == "response":
        return _body(_find_named(spot, "responses", rest), media_type)
    if kind in {"header", "link"}:
        return _find_named(spot, f"{kind}s", rest)
    if kind == "callback":
        return _callback(spot, part)
    if " parameter " in f" {name}":
        where, _, parameter = name.partition(" parameter ")
        return _parameter(spot, where, parameter) or _parameter(item, where, parameter)
    if name in {"security", "servers"}:
        return spot.enter(name) or item.enter(name)
    return _schema(spot, part)


def _body(holder: Spot | None, media_type: str | None) -> Spot | None:
    if holder is None or media_type is None:
        return holder
    return next((below for name, below in holder.children("content") if str(name).lower() == media_type), holder)


def _find_named(spot: Spot, key: str, name: str) -> Spot | None:
    return next((below for each, below in spot.children(key) if str(each).lower() == name.lower()), None)


def _callback(spot: Spot, part: str) -> Spot | None:
    for name, callback in spot.children("callbacks"):
        for expression in callback.node if isinstance(callback.node, dict) else ():
            item = callback.enter(expression)
            for method in item.node if item and isinstance(item.node, dict) else ():
                label = f"callback {name} {str(method).upper()}"
                if part in {label, f"{label} {expression}"}:
                    return item.enter(method) if item else None
    return None


def _parameter(spot: Spot, where: str, name: str) -> Spot | None:
    for _, below in spot.children("parameters"):
        if isinstance(below.node, dict) and (below.node.get("in"), below.node.get("name")) == (where, name):
            return below
    return None


def _schema(spot: Spot, way: str) -> Spot | None:
    """Follow a path such as `data.items[].name` from a body, parameter, header or schema."""
    start = _schema_of(spot)
    known = start.tree.schemas
    if (start.keys, way) not in known:
        known[start.keys, way] = _follow_path(start, way)
    return known[start.keys, way]


def _follow_path(below: Spot, way: str) -> Spot:
    rest = way if way.startswith(("[", "<", ".")) else f".{way}"
    while rest:
        found = _STEP.match(rest)
        if found is None:
            break
        deeper, rest = _step(below, found, rest)
        if deeper is None:
            break
        below = deeper
    return below


def _step(spot: Spot, found: re.Match[str], way: str) -> tuple[Spot | None, str]:
    """Follow one step of a path, and return the rest of the path."""
    if found["name"] is not None:
        name, below = _property(spot, found["name"])
        return below, way[1 + len(name) :]
    if found["variant"] is not None:
        return _variant(spot, found["variant"]), way[found.end() :]
    return _element(spot, found["index"]), way[found.end() :]


def _schema_of(spot: Spot) -> Spot:
    if (schema := spot.enter("schema") or spot.enter("itemSchema")) is not None:
        return schema
    bodies = list(spot.children("content"))
    json = [below for name, below in bodies if "json" in str(name)]
    return _schema_of((json or [below for _, below in bodies])[0]) if bodies else spot


def _parts(spot: Spot, depth: int = 0) -> Iterator[Spot]:
    """Yield a schema and those that it is combined of."""
    yield spot
    if depth > _DEEPEST or not isinstance(spot.node, dict):
        return
    if isinstance(pointer := spot.node.get("$ref"), str):
        yield from _parts(spot.tree.target(pointer).follow(), depth + 1)
    for keyword in _COMBINED:
        for _, below in spot.children(keyword):
            yield from _parts(below, depth + 1)


def _property(spot: Spot, way: str) -> tuple[str, Spot | None]:
    """Return the longest property name that a path starts with, and the property."""
    if way.startswith("*"):
        extra = (part.enter("additionalProperties") for part in _parts(spot))
        return "*", next((each for each in extra if each is not None), None)
    ends = [found.start() for found in _ENDS.finditer(way, 1)] if way else []
    names = [way[:end] for end in sorted(ends, reverse=True)]
    for part in _parts(spot):
        for keyword in ("properties", "patternProperties"):
            known = part.node.get(keyword) if isinstance(part.node, dict) else None
            name = next((name for name in names if isinstance(known, dict) and name in known), None)
            if name is not None:
                return name, part.enter(keyword, name)
    return "", None


def _element(spot: Spot, index: str) -> Spot | None:
    for part in _parts(spot):
        below = part.enter("prefixItems", int(index)) if index and _has_element(part, int(index)) else None
        if (below := below or part.enter("items")) is not None:
            return below
    return None


def _has_element(part: Spot, index: int) -> bool:
    elements = part.node.get("prefixItems") if isinstance(part.node, dict) else None
    return isinstance(elements, list) and index < len(elements)


def _title(spot: Spot) -> Any:
    return spot.node.get("title") if isinstance(spot.node, dict) else None


def _variant(spot: Spot, name: str) -> Spot | None:
    for part in _parts(spot, _DEEPEST - 1):
        for keyword in _COMBINED[1:]:
            for _, below in part.children(keyword):
                if "".join(map(str, below.keys[-1:])) == name or _title(below) == name:
                    return below
    return None
