"""Find differences that no rule judges: extensions, unknown keywords, null, unused components."""

from collections.abc import Iterator
from typing import Any

from statuspin.contract.document import METHODS, Document, Operation
from statuspin.diff.exchanges import Exchange
from statuspin.diff.graph import SchemaGraph
from statuspin.diff.matching import Match
from statuspin.diff.operation_side import OperationSide
from statuspin.diff.pairs import SchemaPair
from statuspin.diff.rules.media import shared_statuses
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.keywords import COMPARED, DOCUMENTATION
from statuspin.diff.schema.schema import SchemaNode
from statuspin.findings import NotCompared
from statuspin.loading.pointers import NESTED

_KNOWN = {
    "document": "openapi info servers paths webhooks components security tags externalDocs $self",
    "info": "title summary description termsOfService contact license version",
    "path item": "summary description servers parameters additionalOperations $ref " + " ".join(METHODS),
    "operation": "tags summary description externalDocs operationId parameters requestBody responses callbacks"
    " deprecated security servers x-permission x-sunset x-stability-level",
    "parameter": "name in description required deprecated allowEmptyValue style explode allowReserved schema content"
    " example examples $ref x-sunset x-stability-level",
    "header": "description required deprecated style explode schema content example examples $ref",
    "request body": "description content required $ref",
    "response": "description summary headers content links $ref",
    "media type": "schema itemSchema encoding prefixEncoding itemEncoding example examples",
}
_KNOWN_KEYS = {kind: frozenset(names.split()) for kind, names in _KNOWN.items()}
_SCHEMA = COMPARED | DOCUMENTATION
_Found = Iterator[tuple[str, str]]


def find_not_compared(
    match: Match, exchanges: list[Exchange], graph: SchemaGraph, places: dict[SchemaPair, str]
) -> list[NotCompared]:
    """Return each subject once, with the first place of a difference and the number of places.

    exchanges: those that are not identical. places: the places of the pairs of schemas that operations refer to.
    """
    old, new = match.old, match.new
    found: dict[str, list[str]] = {}
    for subject, place in (
        *_compare_objects("document", old.raw, new.raw, "document"),
        *_compare_objects("info", old.raw.get("info"), new.raw.get("info"), "info"),
        *(each for exchange in exchanges for each in _compare_exchange(exchange)),
        *_compare_schemas(graph, places),
        *_unused_components(match, exchanges),
        *_nulls(old, new),
    ):
        found.setdefault(subject, []).append(place)
    return [NotCompared(subject, places[0], len(places)) for subject, places in sorted(found.items())]


def _compare_objects(kind: str, old: Any, new: Any, place: str, known: frozenset[str] | None = None) -> _Found:
    before, after = (each if isinstance(each, dict) else {} for each in (old, new))
    if before is after:
        return
    for name in sorted(map(str, (before.keys() | after.keys()) - (known or _KNOWN_KEYS[kind]))):
        if name not in before or name not in after or text_of(before[name]) != text_of(after[name]):
            yield f"extension {name}" if name.startswith("x-") else f"keyword {name}", place


def _compare_exchange(exchange: Exchange) -> _Found:
    old, new = exchange.old, exchange.new
    if old is None or new is None:
        return
    start = " · ".join(part for part in (exchange.operation, exchange.prefix) if part)
    yield from _compare_objects("path item", old.operation.item, new.operation.item, start)
    yield from _compare_objects("operation", old.operation.raw, new.operation.raw, start)
    for key in sorted(old.parameters.keys() & new.parameters.keys()):
        place = f"{start} · {key[0]} parameter {new.parameters[key].get('name')}"
        yield from _compare_objects("parameter", old.parameters[key], new.parameters[key], place)
    if old.body is not None and new.body is not None:
        yield from _compare_body("request body", old, new, (old.body, new.body), f"{start} · request body")
    for before, after in shared_statuses(old, new):
        bodies = (old.responses[before], new.responses[after])
        place = f"{start} · response {before}"
        yield from _compare_body("response", old, new, bodies, place)
        headers = [side.mapping(body.get("headers")) for side, body in zip((old, new), bodies, strict=True)]
        for name in sorted(headers[0].keys() & headers[1].keys()):
            yield from _compare_objects("header", headers[0][name], headers[1][name], f"{place} · header {name}")


def _compare_body(
    kind: str, old: OperationSide, new: OperationSide, bodies: tuple[dict[str, Any], dict[str, Any]], place: str
) -> _Found:
    yield from _compare_objects(kind, *bodies, place)
    one, other = (side.mapping(body.get("content")) for side, body in zip((old, new), bodies, strict=True))
    for name in sorted(one.keys() & other.keys()):
        yield from _compare_objects("media type", one[name], other[name], f"{place} ({name})")


def _compare_schemas(graph: SchemaGraph, places: dict[SchemaPair, str]) -> _Found:
    for pair, place in graph.list_compared(places):
        if pair.old_node.raw is pair.new_node.raw:
            continue
        before, after = ({key: each for part in _parts(node) for key, each in part.items()} for node in _nodes(pair))
        yield from _compare_objects("schema", before, after, place, _SCHEMA)


def _nodes(pair: SchemaPair) -> tuple[SchemaNode, SchemaNode]:
    return pair.old_node, pair.new_node


def _parts(node: SchemaNode, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the schema objects that allOf and $ref merge into one."""
    raw = node.raw
    if not isinstance(raw, dict) or depth > 8:
        return
    yield {key: value for key, value in raw.items() if key not in _SCHEMA}
    all_of = raw["allOf"] if isinstance(raw.get("allOf"), list) else []
    below = [node.reader.node(part) for part in all_of if isinstance(part, dict)]
    target = node.reader.target(raw)
    for part in [*below, *([node.reader.node(target)] if target is not None else [])]:
        yield from _parts(part, depth + 1)


def _nulls(old: Document, new: Document) -> _Found:
    """Return names without a value on one side only. OpenAPI allows no null there, and it is read as missing."""
    for keys in sorted({*old.empty} ^ {*new.empty}, key=str):
        yield "null, which is read as missing", " → ".join(map(str, keys))


def _unused_components(match: Match, exchanges: list[Exchange]) -> _Found:
    """Return components that differ and that no operation leads to; what is written alike leads to no difference."""
    before, after = _components(match.old), _components(match.new)
    different = [
        name
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name] != after[name]
    ]
    olds = [side.operation for each in exchanges if (side := each.old) is not None]
    news = [side.operation for each in exchanges if (side := each.new) is not None]
    unused = {name for name in different if not name.startswith("securitySchemes/")}
    unused -= _find_used(match.old, [*match.removed, *olds], unused)
    unused -= _find_used(match.new, [*match.added, *news], unused)
    for name in sorted(unused):
        yield f"component {name}, which no operation uses", f"components/{name}"


def _components(document: Document) -> dict[str, Any]:
    components = document.raw.get("components")
    kinds = components.items() if isinstance(components, dict) else ()
    return {f"{kind}/{name}": raw for kind, named in kinds if isinstance(named, dict) for name, raw in named.items()}


def _find_used(document: Document, operations: list[Operation], wanted: set[str]) -> set[str]:
    """Return those of the `wanted` components that operations lead to."""
    components = _components(document)
    missing, seen = set(wanted), set()
    paths = document.raw.get("paths", {})
    items = [paths.get(path) for path in {operation.path for operation in operations}]
    waiting: list[Any] = [{"$ref": item["$ref"]} for item in items if isinstance(item, dict) and "$ref" in item]
    waiting += (node for each in reversed(operations) for node in (each.item.get("parameters") or [], each.raw))
    while waiting and missing:
        node = waiting.pop()
        if type(node) is list:
            waiting += [child for child in node if type(child) in NESTED]
            continue
        waiting += [child for child in node.values() if type(child) in NESTED]
        reference = node.get("$ref") or node.get("$dynamicRef")
        name = _component_of(reference) if isinstance(reference, str) else ""
        if name in components and name not in seen:
            seen.add(name)
            missing.discard(name)
            raw = components[name]
            if isinstance(raw, dict) and ("$ref" in raw or not name.startswith("examples/")):
                waiting.append(raw)
    return wanted & seen


def _component_of(reference: str) -> str:
    parts = reference.rpartition("#/components/")[2].split("/")
    return "/".join(parts[:2])
